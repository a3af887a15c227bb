"""Screening against brute force: on random projects, whatever what is missing turns out to be."""

from __future__ import annotations

import datetime as dt
from itertools import product
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

import envrules as er
from envrules.interval import point
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
        "takes_water": st.just(False),
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
}


LOADED: list[er.Pack] = []


def inside(told: Any, value: Any) -> bool:
    """Whether a capacity is one that a cell allows."""
    if told is None:
        return True
    return value < 10 if told == "<10" else 6 <= value <= 12


@settings(max_examples=25)
@given(PROJECTS, st.lists(BOILERS, max_size=1))
def test_the_answer_is_that_of_every_completion(project: dict[str, Any], boilers: list[dict[str, Any]]) -> None:
    pack = er.load_pack("jiuquan-2018") if not LOADED else LOADED[0]
    LOADED[:] = [pack]
    found = er.screen(pack, project, boilers=boilers, as_of=AS_OF)
    slots = [("project", f) for f, v in project.items() if v is None]
    slots += [
        ("boiler", f) for b in boilers for f, v in b.items() if v is None or (f == "capacity" and v in ("<10", "6~12"))
    ]
    completions = product(*[[v for v in VALUES[f] if f != "capacity" or inside(boilers[0][f], v)] for _, f in slots])
    answers = set()
    for n, values in enumerate(completions):
        if n % (1 + n // 12):
            continue
        whole = dict(project)
        filled = [dict(b) for b in boilers]
        for (where, field), value in zip(slots, values, strict=True):
            (whole if where == "project" else filled[0])[field] = value
        answers.add(er.screen(pack, whole, boilers=filled, as_of=AS_OF).decision)
    assert "ask" not in answers
    if found.decision != "ask":
        assert answers <= {found.decision}
    else:
        assert found.questions


@settings(max_examples=25)
@given(PROJECTS, st.lists(BOILERS, max_size=1), st.randoms(use_true_random=False))
def test_the_questions_are_enough(project: dict[str, Any], boilers: list[dict[str, Any]], random: Any) -> None:
    pack = er.load_pack("jiuquan-2018") if not LOADED else LOADED[0]
    LOADED[:] = [pack]
    found = er.screen(pack, project, boilers=boilers, as_of=AS_OF)
    now = found
    for question in found.questions:
        if question.kind == "quantity":
            told = boilers[0]["capacity"]
            value: Any = point(random.choice([v for v in VALUES["capacity"] if inside(told, v)]))
        else:
            value = random.choice(question.answers)[0]
        now = rescreen(now, {question.at: value})
    assert now.decision != "ask"
