"""`half_year(date)`: the calendar period a date lies in."""

from __future__ import annotations

from envrules.lang.functions.base import Function
from envrules.lang.functions.signatures import period_of_date

FUNCTION = Function(
    name="half_year",
    returns=lambda types: period_of_date(types, "half_year"),
    meaning=("the half-year in which a date lies", "日期所在的半年"),
    examples=(("half_year(2018-05-04)", "2018-H1"),),
)
