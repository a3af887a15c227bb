"""A mistake of one step in any rule of the plan is noticed by one of the rule's own cases."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from envrules.analysis.mutation import try_mutants
from envrules.analysis.testing import run_rule_cases
from envrules.pack.load import load_pack
from envrules.pack.pack import Pack

HERE = Path(__file__).parent
NAME = "jiuquan-2018"
LISTED = YAML(typ="safe").load((HERE / "equivalents.yaml").read_text("utf-8"))


@lru_cache
def pack() -> Pack:
    return load_pack(NAME)


def equivalents(rule: str) -> set[str]:
    return {mutant for entry in LISTED if rule in entry["rules"] for mutant in entry["mutants"]}


@pytest.mark.parametrize("rule", list(pack().rules))
def test_only_equivalent_mutants_survive(rule: str) -> None:
    assert [r.case for r in run_rule_cases(pack(), pack().rules[rule]) if not r.ok] == []
    results = list(try_mutants(pack().rules[rule], pack()))
    assert results
    # Equality, so that an entry whose mutant is killed, or is no longer made, fails too.
    assert {r.mutant for r in results if not r.killed_by} == equivalents(rule)


def test_equivalents_name_rules_and_give_a_reason() -> None:
    for entry in LISTED:
        assert set(entry["rules"]) <= pack().rules.keys()
        assert entry["reason"]
