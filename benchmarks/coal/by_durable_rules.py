"""The twelve limits in durable-rules: a rule for each, and each lot asserted as a fact and retracted again.

A field that is missing makes a condition false. The library cannot work out 100 * v / (100 - a), so the lots bring it.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import date
from functools import cache
from typing import Any

from durable.engine import MessageNotHandledException
from durable.lang import assert_fact, m, retract_fact, ruleset, when_all

START, AS_OF = date(2018, 4, 1).toordinal(), date(2020, 12, 31).toordinal()
_found: list[tuple[str, str]] = []


def violations(lots: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """(rule, lot) for each violation."""
    _rules()
    _found.clear()
    for lot in lots:
        fact = {name: value for name, value in lot.items() if value is not None}
        with suppress(MessageNotHandledException):  # a lot that no condition of any rule fits is not taken at all
            assert_fact("coal", fact)
            retract_fact("coal", fact)
    return list(_found)


@cache
def _rules() -> None:
    built_up, other = m.zone == "built_up", m.zone == "other"
    sold, used = m.activity == "sale", m.activity == "use"
    either = sold | used
    now = (m.day >= START) & (m.day <= AS_OF)
    due, from_2019 = m.day >= date(2019, 6, 30).toordinal(), m.day >= date(2019, 1, 1).toordinal()
    conditions = {
        "coal.sulfur.built-up": built_up & either & now & (m.total_sulfur > 0.8),
        "coal.sulfur.elsewhere": other & either & now & (m.total_sulfur > 1.5),
        "coal.ash.built-up": built_up & either & now & (m.ash > 15.0),
        "coal.ash.elsewhere": other & used & now & due & (m.ash > 30.0),
        "coal.moisture": sold & now & (m.moisture_ar > 16.0),
        "coal.volatile": built_up & used & now & (m.volatile_daf > 37.0),
        "coal.calorific-value": either & now & (m.calorific_kcal < 4300.0),
        "coal.mercury": either & now & (m.mercury > 0.6),
        "coal.chlorine": built_up & now & from_2019 & (m.chlorine > 0.15),
        "coal.arsenic": now & (m.day <= date(2020, 6, 30).toordinal()) & (m.arsenic > 40.0),
        "coal.phosphorus": now & (m.phosphorus > 0.1),
        "coal.fluorine": used & now & (m.fluorine_dry > 200.0),
    }
    with ruleset("coal"):
        for rule, condition in conditions.items():
            when_all(condition)(_noting(rule))


def _noting(rule: str) -> Any:
    def note(c: Any) -> None:
        _found.append((rule, c.m.id))

    return note
