"""`quarter(date)`: the calendar period a date lies in."""

from __future__ import annotations

from envrules.lang.functions.base import Function
from envrules.lang.functions.signatures import period_of_date

FUNCTION = Function(
    name="quarter",
    returns=lambda types: period_of_date(types, "quarter"),
    meaning=("the quarter in which a date lies", "日期所在的季度"),
    examples=(("quarter(2018-05-04)", "2018-Q2"),),
)
