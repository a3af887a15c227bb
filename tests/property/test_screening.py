"""Laws of screening, against brute force: whatever what is missing turns out to be, on random projects with boilers."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import product
from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st

import envrules as er
from envrules.interval import Interval, point
from envrules.records.values import Value
from envrules.screening.case import Input
from envrules.screening.decision import Decision
from envrules.screening.screen import rescreen

AS_OF = dt.date(2020, 12, 31)
ZONES = ("built_up", "other")
BOILERS = st.fixed_dictionaries(
    {
        "zone": st.sampled_from([None, *ZONES]),
        "fuel": st.sampled_from([None, "coal", "gas"]),
        "kind": st.sampled_from([None, "new", "expansion"]),
        "capacity": st.sampled_from([None, "8", "10", "<10", "15", "6~12", "20", "14 MW", "25"]),
    }
)
PROJECTS = st.fixed_dictionaries(
    {
        "kind": st.sampled_from([None, "new", "expansion"]),
        "capacity_status": st.sampled_from([None, "normal", "backward", "severe_overcapacity"]),
        "adds_capacity": st.sampled_from([None, True, False]),
        "heavy_metal": st.just(False),
        "reserve_zone": st.sampled_from([None, "none", "core", "experimental"]),
        "may_pollute": st.sampled_from([None, True, False]),
        "in_water_source_protection": st.just(False),
        "takes_water": st.sampled_from([False, True]),
        "water_permit": st.just(True),
        "water_use": st.sampled_from([None, 5, "<10"]),
        "water_quota": st.sampled_from([None, 5, "<10"]),
        "livestock": st.just(False),
    }
)
VALUES: dict[str, tuple[Any, ...]] = {
    "zone": ZONES,
    "fuel": ("coal", "oil"),
    "kind": ("new", "expansion"),
    "capacity": (1, 7, 10, 11, 20, 21),
    "capacity_status": ("normal", "backward", "severe_overcapacity"),
    "adds_capacity": (True, False),
    "reserve_zone": ("none", "core", "experimental"),
    "may_pollute": (True, False),
    "water_use": (0, 5, 9, 20),
    "water_quota": (0, 5, 9, 20),
}
RANGES = {"<10": (0.0, 10.0), "6~12": (6.0, 12.0)}
FEW = settings(max_examples=max(25, settings().max_examples // 10))
Project = dict[str, Any]


@lru_cache
def plan() -> er.Pack:
    return er.load_pack("jiuquan-2018")


def screened(project: Project, boilers: Sequence[Project]) -> Decision:
    named = [{"id": f"B{n}", **b} for n, b in enumerate(boilers)]
    return er.screen(plan(), {"id": "P", **project}, boilers=named, as_of=AS_OF)


def open_cells(project: Project, boilers: Sequence[Project]) -> list[tuple[Project, str]]:
    """The cells that may still turn out to be something."""
    return [(row, f) for row in (project, *boilers) for f, v in row.items() if v is None or v in RANGES]


def allowed(told: Any, field: str) -> list[Any]:
    """The values that a cell may turn out to have."""
    low, high = RANGES.get(told, (-math.inf, math.inf))
    return [v for v in VALUES[field] if told is None or low <= v < high or (v == high and told == "6~12")]


def completed(project: Project, boilers: Sequence[Project], most: int) -> Iterator[tuple[Project, list[Project]]]:
    """The project with everything known, in some of the ways that it may turn out."""
    cells = open_cells(project, boilers)
    ways = product(*(allowed(row[f], f) for row, f in cells))
    total = math.prod(len(allowed(row[f], f)) for row, f in cells)
    for n, values in enumerate(ways):
        if n % (1 + total // most):
            continue
        whole, filled = dict(project), [dict(b) for b in boilers]
        rows = {id(project): whole, **{id(b): f for b, f in zip(boilers, filled, strict=True)}}
        for (row, field), value in zip(cells, values, strict=True):
            rows[id(row)][field] = value
        yield whole, filled


@FEW
@given(PROJECTS, st.lists(BOILERS, max_size=2))
def test_the_answer_is_that_of_every_completion(project: Project, boilers: list[Project]) -> None:
    found = screened(project, boilers)
    answers = {screened(*whole).decision for whole in completed(project, boilers, 12)}
    assert "ask" not in answers
    if found.decision != "ask":
        assert answers <= {found.decision}
    else:
        assert found.questions


@FEW
@given(PROJECTS, st.lists(BOILERS, max_size=2), st.data())
def test_a_decided_answer_stays_decided(project: Project, boilers: list[Project], data: st.DataObject) -> None:
    cells = open_cells(project, boilers)
    assume(cells)
    before = screened(project, boilers)
    row, field = data.draw(st.sampled_from(cells))
    row[field] = data.draw(st.sampled_from(allowed(row[field], field)))
    after = screened(project, boilers)
    if before.decision != "ask":
        assert after.decision == before.decision
    else:
        assert len(after.questions) <= len(before.questions)


def values_of(found: Decision, at: Input) -> list[Value]:
    """Values that an input of a case may be told to have."""
    told = found.case.value(at)
    if at.field in ("capacity", "water_use", "water_quota"):
        within = told if isinstance(told, Interval) else Interval(0, math.inf)
        return [
            point(v) for v in VALUES[at.field] if within.lo <= v < within.hi or (v == within.hi and not within.hi_open)
        ]
    return list(VALUES[at.field])


@FEW
@given(PROJECTS, st.lists(BOILERS, max_size=2), st.data())
def test_the_questions_are_enough_and_none_is_too_many(
    project: Project, boilers: list[Project], data: st.DataObject
) -> None:
    found = screened(project, boilers)
    asked = [q.at for q in found.questions]
    choices = {at: values_of(found, at) for at in asked}
    told = {at: data.draw(st.sampled_from(choices[at])) for at in asked}
    assert rescreen(found, told).decision != "ask"
    if asked and math.prod(map(len, choices.values())) <= 200:
        left_out = data.draw(st.sampled_from(asked))
        others = [at for at in asked if at != left_out]
        ways = product(*(choices[at] for at in others))
        assert any(rescreen(found, dict(zip(others, way, strict=True))).decision == "ask" for way in ways)


def one_of(value: Value) -> Value:
    """A value out of a range that a change allows."""
    if not isinstance(value, Interval) or value.known:
        return value
    if math.isinf(value.lo):
        return point(value.hi if not value.hi_open and math.isfinite(value.hi) else min(value.hi, 1.0) - 0.5)
    if not value.lo_open:
        return point(value.lo)
    return point(value.lo + 1 if math.isinf(value.hi) else (value.lo + value.hi) / 2)


def broken(decision: Decision) -> set[tuple[str, str | None]]:
    return {(v.rule, v.record_id) for _, v in decision.judgement.verdicts if v.outcome == "violation"}


@FEW
@given(PROJECTS, st.lists(BOILERS, max_size=3))
def test_a_change_clears_what_it_is_said_to_clear_and_breaks_what_it_is_said_to_break(
    project: Project, boilers: list[Project]
) -> None:
    found = screened(project, boilers)
    before = broken(found)
    for reason in found.reasons:
        for cure in reason.cures:
            rows = found.case.records[cure.record_type]
            index = next(i for i, record in enumerate(rows) if record.id == cure.record_id)
            for value in cure.values:
                after = rescreen(found, {Input(cure.record_type, index, cure.field): one_of(value)})
                new = broken(after) - before
                assert not {(rule, reason.record_id) for rule in reason.rules} & broken(after)
                assert {rule for rule, _ in new} == set(cure.breaks)


@FEW
@given(PROJECTS, st.lists(BOILERS, min_size=2, max_size=4), st.randoms(use_true_random=False))
def test_the_order_of_boilers_does_not_matter(project: Project, boilers: list[Project], random: Any) -> None:
    named = [{"id": f"B{n}", **b} for n, b in enumerate(boilers)]
    mixed = random.sample(named, len(named))
    one, other = (er.screen(plan(), {"id": "P", **project}, boilers=rows, as_of=AS_OF) for rows in (named, mixed))

    def said(decision: Decision) -> Any:
        reasons = {(r.rules, r.record_id, r.words, tuple(map(str, r.cures))) for r in decision.reasons}
        return decision.decision, reasons, {q.words for q in decision.questions}

    assert said(one) == said(other)


@FEW
@given(PROJECTS, st.lists(BOILERS, max_size=4))
def test_both_engines_give_the_same_decision(project: Project, boilers: list[Project]) -> None:
    one, other = (
        er.screen(plan(), {"id": "P", **project}, boilers=boilers, as_of=AS_OF, engine=engine).as_dict()
        for engine in ("durable", "reference")
    )
    assert {**one, "engine": ""} == {**other, "engine": ""}
