"""Every engine gives the interpreter's outcomes: on the packs' cases, and on random records of the plan's types."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import envrules as er
from envrules.analysis.testing import run_rule_cases
from envrules.diagnostics import CallError
from envrules.engines import columnar, durable
from envrules.records.types import Field


@lru_cache
def plan() -> er.Pack:
    return er.load_pack("jiuquan-2018")


COLUMNAR = [r for r in plan().rules.values() if not columnar.ENGINE.unsupported(r)]
TYPES = sorted({r.record for r in COLUMNAR})


@pytest.mark.parametrize("rule", COLUMNAR, ids=lambda r: r.id)
def test_columnar_holds_the_cases(rule: er.Rule) -> None:
    assert [r.detail for r in run_rule_cases(plan(), rule, columnar.ENGINE) if not r.ok] == []


def cells(field: Field) -> st.SearchStrategy[Any]:
    """What may stand in a cell of a field: usable, missing, at the limits of rules, censored, a range, nonsense."""
    nothing = st.sampled_from([None, "", "-", float("nan"), float("inf"), "abc", "无"])
    if field.enum is not None:
        return st.one_of(st.sampled_from(field.enum.names), nothing)
    if field.kind == "bool":
        return st.one_of(st.booleans(), st.sampled_from(["是", "否"]), nothing)
    if field.kind in ("date", "month", "year"):
        days = st.sampled_from(["2018-03-21", "2018-03-22", "2018-12-31", "2019-07-01", "2020-12-31", "2021-01-01"])
        return st.one_of(days.map(lambda d: {"date": d, "month": d[:7], "year": d[:4]}[field.kind]), nothing)
    if field.kind in ("id", "text"):
        return st.one_of(st.sampled_from(["甲", "b"]), nothing)
    limits = [0, 0.7, 0.8, 0.8 + 1e-12, 0.9, 1, 5, 7, 9.999999999999, 10, 10.1, 14, 15, 16, 20, 95, 100, -0.0, 5e-324]
    numbers = st.one_of(st.sampled_from(limits), st.floats(0, 110, allow_nan=False))
    return st.one_of(numbers, st.sampled_from(["<10", "6~9", "≥0.8", ">20", "7 MW", "8 mg/g", "-3"]), nothing)


def records(record_type: str) -> st.SearchStrategy[list[dict[str, Any]]]:
    fields = plan().records[record_type].fields
    one = st.fixed_dictionaries({}, optional={n: cells(f) for n, f in fields.items() if n != "id"})
    return st.lists(one, min_size=1, max_size=12).map(lambda rows: [{**r, "id": str(i)} for i, r in enumerate(rows)])


@pytest.mark.parametrize("record_type", TYPES)
def test_columnar_agrees_on_random_records(record_type: str) -> None:
    rules = [r.id for r in COLUMNAR if r.record == record_type]

    # Some thirty types share what one property gets.
    @settings(max_examples=max(20, settings().max_examples // 5))
    @given(records(record_type), st.sampled_from(["2018-03-21", "2018-12-31", "2020-12-31", "2021-06-30"]))
    def agrees(rows: list[dict[str, Any]], as_of: str) -> None:
        def outcomes(engine: str) -> list[tuple[Any, ...]]:
            result = er.check(plan(), {record_type: rows}, as_of=as_of, engine=engine, outcomes="all", rules=rules)
            return [(v.rule, v.record_id, v.outcome, v.margin, v.missing) for v in result.verdicts]

        assert outcomes("columnar") == outcomes("reference")

    agrees()


@given(st.data(), st.sampled_from(["2018-03-21", "2018-12-31", "2020-12-31"]))
def test_durable_agrees_on_the_plans_rules_together(data: st.DataObject, as_of: str) -> None:
    pytest.importorskip("durable_rules_engine", reason="durable-rules is not installed")
    names = data.draw(st.lists(st.sampled_from(sorted(plan().records)), min_size=1, max_size=4, unique=True))
    inputs = {name: data.draw(records(name)) for name in names}
    able = [r.id for r in plan().rules.values() if r.record in inputs and not durable.ENGINE.unsupported(r)]
    assume(able)
    found = er.check(plan(), inputs, as_of=as_of, engine="durable", rules=able, outcomes="all")
    wanted = er.check(plan(), inputs, as_of=as_of, engine="reference", rules=able, outcomes="all")
    assert found.verdicts == wanted.verdicts
    assert found.engine == "durable"


def test_a_rule_that_an_engine_cannot_judge_is_named_before_anything_is_judged() -> None:
    pytest.importorskip("durable_rules_engine", reason="durable-rules is not installed")
    with pytest.raises(CallError, match=r"study\.quarterly"):
        er.check(plan(), {"meeting": [{"id": "m"}]}, engine="durable")


def test_auto_counts_what_it_does_not_list() -> None:
    rows = [{"id": str(i), "enclosed": 100 if i % 2 else 90, "inspected_on": "2019-01-01"} for i in range(3000)]
    auto = er.check(plan(), {"dust_site": rows}, as_of="2020-12-31", rules="dust.enclosed")
    reference = er.check(plan(), {"dust_site": rows}, as_of="2020-12-31", rules="dust.enclosed", engine="reference")
    assert (auto.engine, reference.engine) == ("columnar", "reference")
    assert (
        dict(auto.counts["dust.enclosed"])
        == dict(reference.counts["dust.enclosed"])
        == {"pass": 1500, "violation": 1500}
    )
    assert auto.verdicts == reference.verdicts


def test_what_has_too_many_pairs_is_judged_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    days = [{"id": str(i), "area": "suzhou" if i % 2 else "", "aqi": i, "day": "2019-01-01"} for i in range(5)]
    wanted = er.check(plan(), {"air_day": days}, as_of="2020-12-31", engine="reference")
    monkeypatch.setattr("envrules.engines.columnar.groups.MOST_PAIRS", 0)
    found = er.check(plan(), {"air_day": days}, as_of="2020-12-31", engine="columnar")
    assert found.verdicts == wanted.verdicts
    assert len(found.findings) == len(wanted.findings) > 0
