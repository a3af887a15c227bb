"""Very many tasks judged together have the outcomes that each has alone."""

from __future__ import annotations

import datetime as dt
import random
from typing import Any

import pytest

import envrules as er
from envrules.tracking.judging import Judge, levelled_rules


@pytest.mark.parametrize("seed", range(4))
def test_alike_cases_are_judged_as_one(pack: er.Pack, seed: int) -> None:
    chance = random.Random(seed)
    (rule,) = levelled_rules(pack, "task")
    judge = Judge(pack, rule, dt.date(2021, 6, 30))
    cases = set()
    for _ in range(300):
        due = dt.date(2021, 1, 1) + dt.timedelta(chance.randrange(250))
        values: dict[str, Any] = {
            "due_on": due.isoformat(),
            "complaints_concentrated": chance.choice([0, 0, 0, 1, None]),
            "outstanding_problems": chance.choice([0, 0, 0, 1, None]),
        }
        if chance.random() < 0.7:
            values["completed_on"] = (due + dt.timedelta(chance.randrange(-40, 30))).isoformat()
            values["target_met"] = chance.choice([1, 1, 1, 0, None])
        if chance.random() < 0.1:
            values["completed_on"] = b"2021-02-30"
        if chance.random() < 0.1:
            values["due_on"] = None
        cases.add(tuple(values.get(f) for f in judge.fields))
    listed = sorted(cases, key=repr)
    columns = {f: [case[n] for case in listed] for n, f in enumerate(judge.fields)}
    together = judge.judge_all(columns, len(listed))
    for case, one in zip(listed, together, strict=True):
        alone = judge.verdict(case)
        assert (one.outcome, one.value) == (alone.outcome, alone.value), case
    for case, overdue in zip(listed, judge.overdue(columns, len(listed)), strict=True):
        days = judge.days(case)
        assert days is None or overdue is (days > 0)
