"""`last_day(period)`: the last day of a calendar period."""

from __future__ import annotations

from envrules.lang.functions.base import Function
from envrules.lang.functions.signatures import date_of_period

FUNCTION = Function(
    name="last_day",
    returns=date_of_period,
    meaning=("the last day of a calendar period", "时段的最后一天"),
    examples=(("last_day(month(2020-02-03))", "2020-02-29"),),
)
