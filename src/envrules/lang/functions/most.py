"""`most(...)`: the largest value over the records."""

from __future__ import annotations

from envrules.lang.functions.base import Function
from envrules.lang.functions.signatures import one_value

FUNCTION = Function(
    name="most",
    returns=one_value,
    meaning=("the largest value over the records", "最大值"),
    aggregate=True,
)
