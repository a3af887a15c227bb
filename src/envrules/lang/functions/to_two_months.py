"""`two_months(date)`: the calendar period a date lies in."""

from __future__ import annotations

from envrules.lang.functions.base import Function
from envrules.lang.functions.signatures import period_of_date

FUNCTION = Function(
    name="two_months",
    returns=lambda types: period_of_date(types, "two_months"),
    meaning=("the two-month period (January and February, and so on) in which a date lies", "日期所在的双月"),
    examples=(("two_months(2018-05-04)", "2018-05/06"),),
)
