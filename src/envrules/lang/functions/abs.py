"""`abs(x)`: a number without its sign."""

from __future__ import annotations

from envrules.lang.functions.base import Function
from envrules.lang.functions.signatures import one_number

FUNCTION = Function(
    name="abs",
    returns=one_number,
    meaning=("a number without its sign", "绝对值"),
    examples=(("abs(-3)", "3"),),
)
