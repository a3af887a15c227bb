"""`day_of(period, n)`: the n-th day of a calendar period."""

from __future__ import annotations

from envrules.lang.functions.base import Function
from envrules.lang.functions.signatures import nth_day

FUNCTION = Function(
    name="day_of",
    returns=nth_day,
    meaning=("the n-th day of a calendar period", "时段的第n天"),
    examples=(("day_of(month(2018-05-04), 21)", "2018-05-21"),),
)
