"""The twelve limits in rule-engine: an expression each; a null raises in a comparison, so it is asked for first."""

from __future__ import annotations

from functools import cache
from typing import Any

import rule_engine
from benchmarks.coal.natural import BROKEN


def violations(lots: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """(rule, lot) for each violation."""
    return [(name, lot["id"]) for name, rule in _rules() for lot in lots if rule.matches(lot)]


@cache
def _rules() -> list[tuple[str, Any]]:
    found = []
    for name, (scope, fields, broken) in BROKEN.items():
        there = " and ".join(f"{field} != null" for field in fields)
        found.append((name, rule_engine.Rule(f"{scope} and {there} and {broken}")))
    return found
