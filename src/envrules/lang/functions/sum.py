"""`sum(...)`: the sum of a number over the records."""

from __future__ import annotations

from envrules.lang.functions.base import Function
from envrules.lang.functions.signatures import one_number

FUNCTION = Function(
    name="sum",
    returns=one_number,
    meaning=("the sum of a number over the records", "合计"),
    aggregate=True,
)
