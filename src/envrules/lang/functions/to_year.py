"""`year(date)`: the calendar period a date lies in."""

from __future__ import annotations

from envrules.lang.functions.base import Function
from envrules.lang.functions.signatures import period_of_date

FUNCTION = Function(
    name="year",
    returns=lambda types: period_of_date(types, "year"),
    meaning=("the year in which a date lies", "日期所在的年"),
    examples=(("year(2018-05-04)", "2018"),),
)
