"""`first_day(period)`: the first day of a calendar period."""

from __future__ import annotations

from envrules.lang.functions.base import Function
from envrules.lang.functions.signatures import date_of_period

FUNCTION = Function(
    name="first_day",
    returns=date_of_period,
    meaning=("the first day of a calendar period", "时段的第一天"),
    examples=(("first_day(quarter(2018-05-04))", "2018-04-01"),),
)
