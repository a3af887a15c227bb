"""`least(...)`: the smallest value over the records."""

from __future__ import annotations

from envrules.lang.functions.base import Function
from envrules.lang.functions.signatures import one_value

FUNCTION = Function(
    name="least",
    returns=one_value,
    meaning=("the smallest value over the records", "最小值"),
    aggregate=True,
)
