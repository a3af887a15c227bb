"""Every shipped pack: its cases hold, it lints clean, and the plan's register is complete."""

from __future__ import annotations

from functools import lru_cache

import pytest

from envrules.analysis.lint import lint
from envrules.analysis.testing import run_rule_cases
from envrules.pack.load import load_pack
from envrules.pack.pack import Pack
from envrules.pack.source import shipped_packs


@lru_cache
def pack(name: str) -> Pack:
    return load_pack(name)


RULES = [(name, rule) for name in shipped_packs() for rule in pack(name).rules]


@pytest.mark.parametrize(("name", "rule"), RULES, ids=[f"{n}:{r}" for n, r in RULES])
def test_cases_hold(name: str, rule: str) -> None:
    results = list(run_rule_cases(pack(name), pack(name).rules[rule]))
    assert results
    assert [f"{r.case}: {r.detail}" for r in results if not r.ok] == []


@pytest.mark.parametrize("name", shipped_packs())
def test_lint_finds_nothing(name: str) -> None:
    assert [d.line() for d in lint(pack(name))] == []


def test_the_plan_is_complete() -> None:
    """The ids of the register are a contract with everyone who keeps findings."""
    plan = pack("jiuquan-2018")
    assert len(plan.rules) == 134
    assert len(plan.records) == 33 + len({"air_hour"})  # the hours that air_day may be made of; no rule is on them
    assert {r.clause for r in plan.rules.values()} <= set(plan.clause_titles)
    for rule in plan.rules.values():
        assert rule.readings == tuple(w for w in rule.readings if w.en and w.zh), rule.id
