"""A check in batches and parts gives what a check of all records at once gives: the same rows, counts and problems."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from drawn.law import same
from drawn.packs import documents, loaded
from drawn.records import AS_OF, tables
from drawn.sources import SOURCES
from envrules import api
from envrules.diagnostics import CallError, PackError
from envrules.result import Result
from envrules.streaming.check import Limits, check_stream
from envrules.streaming.result import StreamResult
from envrules.verdict import FINDINGS, Verdict

LIMITS = st.builds(
    Limits,
    batch=st.integers(1, 5),
    whole=st.sampled_from([0, 0, 3]),
    part=st.integers(1, 6),
    problems=st.sampled_from([10**6, 2]),
)
FORMS = st.sampled_from(["csv", "parquet", "polars", "dicts"])


def differences(wanted: Result, found: StreamResult) -> list[str]:
    """Where a check in batches differs from one at once, whatever the order of its outcomes."""
    ours, theirs = (sorted(map(_in_order, r.verdicts), key=_key) for r in (wanted, found))
    if len(ours) != len(theirs):
        return [f"{len(ours)} and {len(theirs)} outcomes"]
    told = [
        f"{a.rule} {a.record_id or a.subject}: {f.name} {getattr(a, f.name)!r} and {getattr(b, f.name)!r}"
        for a, b in zip(ours, theirs, strict=True)
        for f in fields(Verdict)
        # The evidence of what is no finding may be left out.
        if not same(getattr(a, f.name), getattr(b, f.name)) and (a.outcome in FINDINGS or f.name == "outcome")
    ]
    counts = [{r: {o: n for o, n in c.items() if n} for r, c in x.counts.items()} for x in (wanted, found)]
    told += [f"counts {counts}"] if counts[0] != counts[1] else []
    told += [f"exit {wanted.exit_code()} {found.exit_code()}"] if wanted.exit_code() != found.exit_code() else []
    problems = [[p.as_dict() for p in r.problem_list] for r in (wanted, found)]
    if len(problems[0]) != found.problem_count:
        told.append(f"{len(problems[0])} problems and {found.problem_count}")
    told += [f"problem {a} and {b}" for a, b in zip(*problems, strict=False) if not same(a, b)]
    told += _of_tables(wanted, found)
    return told


def _key(v: Verdict) -> Any:
    return (v.rule, v.record_id or "", v.subject, v.outcome, v.missing, repr(v.observed))


def _in_order(verdict: Verdict) -> Verdict:
    """With what follows the order of the records of a group in another one, and without the sentence that lists it."""
    missing, fields_ = tuple(sorted(verdict.missing)), tuple(sorted(verdict.fields))
    message = verdict.message if len(missing) < 2 else ""
    return replace(verdict, missing=missing, fields=fields_, notes=tuple(sorted(verdict.notes)), message=message)


def _of_tables(wanted: Result, found: StreamResult) -> list[str]:
    accounts = [sorted(map(repr, r.dataset.accounts)) for r in (wanted, found)]
    warnings = [sorted(map(str, r.dataset.warnings)) for r in (wanted, found)]
    return [f"{a}\n{b}" for a, b in (accounts, warnings) if a != b]


@settings(max_examples=max(60, settings().max_examples), deadline=None)
@given(data=st.data())
def test_batches_and_parts_give_what_the_whole_gives(data: st.DataObject) -> None:
    made = data.draw(documents())
    try:
        pack = loaded(made)
    except PackError:
        assume(False)
        raise
    drawn = data.draw(tables(pack, made, False, beside=False))
    asked: dict[str, Any] = {
        "as_of": data.draw(st.sampled_from(AS_OF)),
        "outcomes": data.draw(st.sampled_from(["all", "findings"])),
        "language": data.draw(st.sampled_from(["en", "zh"])),
    }
    limits = data.draw(LIMITS)
    with TemporaryDirectory() as name:
        inputs = {t: SOURCES[data.draw(FORMS)](table, Path(name)) for t, table in drawn.items()}
        wanted = api.check(pack, inputs, engine="reference", **asked)
        found = check_stream(pack, inputs, out_format="jsonl", engine="columnar", limits=limits, **asked)
        assert differences(wanted, found) == []


@pytest.mark.parametrize("batch", [3, 1000])
@pytest.mark.parametrize("rows", [9, 2500])
def test_a_unit_that_seems_another_is_said_once_as_of_a_table_read_at_once(
    tmp_path: Path, rows: int, batch: int
) -> None:
    file = tmp_path / "boilers.csv"
    # The first thousand records tell, and those behind them do not.
    cells = ((10_000 if i < 1000 else 10) + i % 7 for i in range(rows))
    file.write_text("id,capacity(t/h)\n" + "".join(f"B{i},{cell}\n" for i, cell in enumerate(cells)))
    wanted = api.check("jiuquan-2018", {"boiler": file}, as_of="2020-12-31", stream=False)
    limits = Limits(batch=batch, whole=0)
    found = check_stream("jiuquan-2018", {"boiler": file}, as_of="2020-12-31", out_format="jsonl", limits=limits)
    said = [w for w in found.dataset.warnings if w.code == "unit-unusual"]
    assert len(said) == 1
    assert said == [w for w in wanted.dataset.warnings if w.code == "unit-unusual"]
    assert differences(wanted, found) == []


def test_a_rule_that_needs_all_records_is_judged_where_they_fit(tmp_path: Path) -> None:
    file = tmp_path / "complaints.csv"
    file.write_text("id,received_on,handled_on\n" + "".join(f"C{i},2019-01-01,\n" for i in range(20)))
    wanted = api.check("jiuquan-2018", {"complaint": file}, as_of="2020-12-31", engine="reference")
    limits = Limits(batch=3, whole=0, part=2)
    found = check_stream("jiuquan-2018", {"complaint": file}, as_of="2020-12-31", out_format="jsonl", limits=limits)
    assert differences(wanted, found) == []


def test_a_rule_that_needs_more_records_than_fit_is_named_first(tmp_path: Path, monkeypatch: Any) -> None:
    file = tmp_path / "complaints.csv"
    file.write_text("id,received_on,handled_on\n" + "".join(f"C{i},2019-01-01,\n" for i in range(20)))
    monkeypatch.setattr("envrules.streaming.check.available_memory", lambda: 100)
    told: list[str] = []

    def tell(what: str, done: int, total: int) -> None:
        told.append(what)

    with pytest.raises(CallError) as caught:
        check_stream("jiuquan-2018", {"complaint": file}, limits=Limits(whole=0), progress=tell)
    assert [(d.code, str(d.where)) for d in caught.value.diagnostics] == [("stream-unsupported", "complaint.complete")]
    assert set(told) == {"reading"}


def test_a_part_that_does_not_fit_is_named_and_nothing_is_written(tmp_path: Path, monkeypatch: Any) -> None:
    file, out = tmp_path / "training.csv", tmp_path / "out.csv"
    file.write_text("id,held_on\n" + "".join(f"T{i},2019-01-01\n" for i in range(20)))
    monkeypatch.setattr("envrules.streaming.check.available_memory", lambda: 100)
    limits = Limits(batch=3, whole=0, part=2)
    with pytest.raises(CallError) as caught:
        check_stream("jiuquan-2018", {"training": file}, as_of="2020-12-31", limits=limits, out=out)
    assert [(d.code, str(d.where)) for d in caught.value.diagnostics] == [("stream-unsupported", "training.yearly")]
    assert list(tmp_path.iterdir()) == [file]
