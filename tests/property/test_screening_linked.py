"""Laws of screening over linked records: the example pack on random counties, quotas and boilers."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import envrules as er
from envrules.interval import Interval, point
from envrules.records.values import Value
from envrules.screening.case import Input
from envrules.screening.decision import Decision
from envrules.screening.screen import rescreen

FOLDER = Path(__file__).parents[2] / "examples" / "heat-plan"
AS_OF = dt.date(2024, 1, 1)
FEW = settings(max_examples=max(25, settings().max_examples // 10))
Rows = list[dict[str, Any]]

SIZES: dict[str, tuple[Any, ...]] = {"boilers": (10, 20, 21, 60), "quota": (30, 81)}
WORDS: dict[str, tuple[Any, ...]] = {"fuel": ("coal", "gas"), "backup_source": (True, False)}


def row(**fields: tuple[Any, ...]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({n: st.sampled_from([*v, None]) for n, v in fields.items()})


def by_county(key: str, **fields: tuple[Any, ...]) -> st.SearchStrategy[Rows]:
    """At most one record of each county: two that contradict one another cannot be settled by what is missing."""
    counties = st.lists(st.sampled_from(["east", "west"]), max_size=2, unique=True)
    return counties.flatmap(
        lambda c: st.tuples(*(row(**fields).map(lambda r, n=n: {"id": n, key: n, **r}) for n in c))
    ).map(list)


CASES = st.fixed_dictionaries(
    {"boilers": st.lists(row(fuel=WORDS["fuel"], capacity=(*SIZES["boilers"], "<20")), max_size=2)},
    optional={
        "county_state": by_county("id", backup_source=WORDS["backup_source"]),
        "quota": by_county("county", capacity=SIZES["quota"]),
    },
)


@pytest.fixture(scope="module")
def pack() -> er.Pack:
    return er.load_pack(FOLDER)


def screened(pack: er.Pack, case: dict[str, Rows], engine: str = "auto") -> Decision:
    named = {**case, "boilers": [{"id": f"B{n}", **b} for n, b in enumerate(case["boilers"])]}
    project = {"id": "P", "county": "east", "zone": "z", "assessment": "form"}
    return er.screen(pack, project, as_of=AS_OF, engine=engine, place=[{"id": "z", "protection": "none"}], **named)


def choices(name: str, field: str, told: Any) -> tuple[Any, ...]:
    if field in WORDS:
        return WORDS[field]
    return (10, 19) if told == "<20" else SIZES[name]


def completions(case: dict[str, Rows]) -> Iterator[dict[str, Rows]]:
    cells = [
        (n, i, f) for n, found in case.items() for i, r in enumerate(found) for f, v in r.items() if v in (None, "<20")
    ]
    for values in product(*(choices(n, f, case[n][i][f]) for n, i, f in cells)):
        whole = {n: [dict(r) for r in found] for n, found in case.items()}
        for (n, i, f), value in zip(cells, values, strict=True):
            whole[n][i][f] = value
        yield whole


@FEW
@given(CASES)
def test_the_answer_is_that_of_every_completion(pack: er.Pack, case: dict[str, Rows]) -> None:
    found = screened(pack, case)
    answers = {screened(pack, whole).decision for n, whole in enumerate(completions(case)) if n < 40}
    if found.decision != "ask":
        assert answers == {found.decision}
    else:
        assert found.questions
        if all(q.at.index is not None for q in found.questions):
            assert "ask" not in answers


@FEW
@given(CASES, st.data())
def test_the_questions_are_enough(pack: er.Pack, case: dict[str, Rows], data: st.DataObject) -> None:
    found = screened(pack, case)
    now = found
    for question in found.questions:
        at = question.at
        if at.index is None:
            # Records that were not given are not made up here.
            return
        name = "boilers" if at.record_type == "heat_boiler" else "quota"
        values = choices(name, at.field, "<20" if isinstance(found.case.value(at), Interval) else None)
        value = data.draw(st.sampled_from(values))
        now = rescreen(now, {at: value if isinstance(value, str | bool) else point(value)})
    assert now.decision != "ask"


def one_of(value: Value) -> Value:
    if not isinstance(value, Interval) or value.known:
        return value
    if not value.hi_open and math.isfinite(value.hi):
        return point(value.hi)
    return point(value.lo + 1 if math.isinf(value.hi) else (value.lo + value.hi) / 2)


@FEW
@given(CASES)
def test_a_change_clears_what_it_is_said_to_clear(pack: er.Pack, case: dict[str, Rows]) -> None:
    found = screened(pack, case)
    for reason in found.reasons:
        for cure in reason.cures:
            records = found.case.records[cure.record_type]
            index = next(i for i, r in enumerate(records) if r.id == cure.record_id)
            for value in cure.values:
                after = rescreen(found, {Input(cure.record_type, index, cure.field): one_of(value)})
                outcomes = {v.rule: v.outcome for _, v in after.judgement.verdicts}
                assert all(outcomes[rule] in ("pass", "not_applicable") for rule in reason.rules)
                assert all(outcomes[rule] == "violation" for rule in cure.breaks)


@FEW
@given(CASES)
def test_both_engines_give_the_same_decision(pack: er.Pack, case: dict[str, Rows]) -> None:
    one, other = (screened(pack, case, engine).as_dict() for engine in ("durable", "reference"))
    assert {**one, "engine": ""} == {**other, "engine": ""}
