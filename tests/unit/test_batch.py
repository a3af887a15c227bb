"""Batches give what one check of all records gives, and refuse what a batch cannot show."""

from __future__ import annotations

import pickle
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import envrules as er
from envrules.pack.source import shipped_folder
from envrules.report.arrow import outcomes_as_arrow
from envrules.verdict import FINDINGS

PACK, DAY = "jiuquan-2018", "2020-12-31"
KEY = ("rule", "record_id", "outcome", "observed", "observed_text", "limit", "limit_text", "margin", "missing")


def lots(size: int, first: int = 0) -> pa.Table:
    """Coal lots of which some violate, some lack a value and some hold a cell that is no number."""
    rows = range(first, first + size)
    return pa.table(
        {
            "id": [f"L{i}" for i in rows],
            "zone": [("built_up", "elsewhere", None)[i % 3] for i in rows],
            "activity": [("use", "sale")[i % 2] for i in rows],
            "total_sulfur": [("0.9 %", "0.3", "<1", "n/a", "低", None)[i % 6] for i in rows],
            "sampled_on": [("2020-01-05", None)[i % 5 == 0] for i in rows],
        }
    )


def all_at_once(table: Any, rules: list[str]) -> tuple[Any, Any]:
    result = er.check(PACK, {"coal_lot": table}, as_of=DAY, engine="columnar", rules=rules)
    parts = [result.outcome_part(result.pack.rules[r]) for r in rules]
    return outcomes_as_arrow(parts, FINDINGS), result.counts


def rows_of(*tables: Any) -> list[Any]:
    return sorted(repr([row[k] for k in KEY]) for t in tables for row in t.to_pylist())


@settings(max_examples=12, deadline=None)
@given(st.lists(st.integers(0, 40), min_size=1, max_size=5))
def test_batches_give_what_all_records_give_at_once(sizes: list[int]) -> None:
    checker = er.BatchChecker(PACK, "coal_lot", as_of=DAY)
    table = lots(sum(sizes))
    found, counts, start = [], Counter[tuple[str, str]](), 0
    for size in sizes:
        batch = checker.judge(table.slice(start, size))
        found.append(batch.findings)
        counts.update({(r, o): n for r, own in batch.counts.items() for o, n in own.items()})
        start += size
    whole, at_once = all_at_once(table, [r.id for r in checker.rules])
    assert rows_of(*found) == rows_of(whole)
    assert counts == {(r, o): n for r, own in at_once.items() for o, n in own.items()}


def test_the_interpreter_gives_the_same() -> None:
    checker = er.BatchChecker(PACK, "coal_lot", as_of=DAY)
    table = lots(60)
    ids = [r.id for r in checker.rules]
    verdicts = er.check(PACK, {"coal_lot": table}, as_of=DAY, engine="reference", rules=ids).verdicts
    found = checker.judge(table).findings.to_pylist()
    assert len(found) > 20
    same = [(f["rule"], f["record_id"], f["outcome"], f["margin"], tuple(f["missing"])) for f in found]
    assert same == [(v.rule, v.record_id, v.outcome, v.margin, v.missing) for v in verdicts]


def test_batches_beyond_the_size_kept_as_columns() -> None:
    checker = er.BatchChecker(PACK, "coal_lot", as_of=DAY)
    table = lots(9000)
    parts = [checker.judge(table.slice(i, 4500)).findings for i in (0, 4500)]
    assert rows_of(*parts) == rows_of(all_at_once(table, [r.id for r in checker.rules])[0])


@pytest.mark.parametrize("size", [0, 1, 3000])
def test_the_schema_is_the_same_with_and_without_findings(size: int) -> None:
    checker = er.BatchChecker(PACK, "coal_lot", as_of=DAY)
    assert checker.judge(lots(size)).findings.schema == checker.schema


def test_a_record_batch_and_frames_of_other_libraries() -> None:
    checker = er.BatchChecker(PACK, "coal_lot", as_of=DAY)
    table = lots(30)
    wanted = rows_of(checker.judge(table).findings)
    assert rows_of(checker.judge(table.to_batches()[0]).findings) == wanted
    assert rows_of(checker.judge(table.to_pandas()).findings) == wanted


def test_every_outcome_where_it_is_asked_for() -> None:
    batch = er.BatchChecker(PACK, "coal_lot", as_of=DAY, outcomes="all").judge(lots(12))
    assert batch.findings.num_rows == sum(n for own in batch.counts.values() for n in own.values())


def test_cells_that_cannot_be_used_are_told() -> None:
    problems = er.BatchChecker(PACK, "coal_lot", as_of=DAY).judge(lots(6)).problems
    assert [(p.row, p.value) for p in problems] == [(5, "低")]


#: What a worker does: it unpickles the checker and judges, in a process that never saw how it was made.
_WORKER = """
import pickle, sys
checker, table = pickle.load(sys.stdin.buffer)
sys.stdout.buffer.write(pickle.dumps(checker.judge(table).counts))
"""


def test_a_checker_goes_to_other_processes() -> None:
    checker = er.BatchChecker(PACK, "coal_lot", as_of=DAY, rules="coal.sulfur.*")
    sent = pickle.dumps((checker, lots(12)))
    done = subprocess.run([sys.executable, "-c", _WORKER], input=sent, capture_output=True, check=True, timeout=60)
    assert pickle.loads(done.stdout) == checker.judge(lots(12)).counts  # noqa: S301 - made a line above


def test_a_loaded_pack_goes_along_with_its_texts(tmp_path: Path) -> None:
    folder = shutil.copytree(shipped_folder() / PACK, tmp_path / "pack")
    table = lots(12)
    checker = er.BatchChecker(er.load_pack(folder), "coal_lot", as_of=DAY)
    sent = pickle.dumps((checker, table))
    shutil.rmtree(folder)
    done = subprocess.run([sys.executable, "-c", _WORKER], input=sent, capture_output=True, check=True, timeout=60)
    assert pickle.loads(done.stdout) == checker.judge(table).counts  # noqa: S301 - made two lines above


def test_rules_that_need_other_records_are_left_out_by_name_or_refused() -> None:
    pack = er.load_pack(PACK)
    together = [r for r in pack.rules.values() if r.group is not None or r.related]
    assert together
    for rule in together:
        checker = er.BatchChecker(pack, rule.record, as_of=DAY)
        assert rule in checker.left_out
        assert rule not in checker.rules
        with pytest.raises(er.CallError) as caught:
            er.BatchChecker(pack, rule.record, as_of=DAY, rules=rule.id)
        assert [(d.code, d.where) for d in caught.value.diagnostics] == [("engine-unsupported", rule.id)]


def test_what_is_wrong_with_the_call_is_said() -> None:
    for arguments, code in [
        ({"record_type": "coal_lots"}, "unknown-record"),
        ({"record_type": "coal_lot", "as_of": "someday"}, "date-value"),
        ({"record_type": "coal_lot", "rules": "boiler.*"}, "engine-unsupported"),
        ({"record_type": "coal_lot", "rules": "no.such"}, "unknown-rule"),
        ({"record_type": "coal_lot", "outcomes": "some"}, "call-value"),
        ({"record_type": "coal_lot", "language": "fr"}, "call-value"),
    ]:
        with pytest.raises(er.CallError) as caught:
            er.BatchChecker(PACK, **{"as_of": DAY, **arguments})  # type: ignore[arg-type]
        assert {d.code for d in caught.value.diagnostics} == {code}


def test_errors_of_workers_come_home_whole() -> None:
    error = er.CallError([er.Diagnostic("call-value", "pack", "it is wrong", hint="mend it")])
    found = pickle.loads(pickle.dumps(error))  # noqa: S301 - made in this line
    assert (type(found), found.diagnostics, str(found)) == (er.CallError, error.diagnostics, str(error))
