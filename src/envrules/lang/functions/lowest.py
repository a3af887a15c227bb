"""`lowest(x, y, ...)`: the smallest of several values."""

from __future__ import annotations

from envrules.lang.functions.base import Function
from envrules.lang.functions.signatures import several_alike

FUNCTION = Function(
    name="lowest",
    returns=several_alike,
    meaning=("the smallest of several values", "若干值中的最小值"),
    examples=(("lowest(3, 2)", "2"),),
    same_unit=True,
)
