"""`highest(x, y, ...)`: the largest of several values."""

from __future__ import annotations

from envrules.lang.functions.base import Function
from envrules.lang.functions.signatures import several_alike

FUNCTION = Function(
    name="highest",
    returns=several_alike,
    meaning=("the largest of several values", "若干值中的最大值"),
    examples=(("highest(3, 2)", "3"),),
    same_unit=True,
)
