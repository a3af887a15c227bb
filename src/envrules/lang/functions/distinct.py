"""`distinct(...)`: how many different values a field has."""

from __future__ import annotations

from envrules.lang.functions.base import Function
from envrules.lang.functions.signatures import any_value

FUNCTION = Function(
    name="distinct",
    returns=any_value,
    meaning=("how many different values a field has", "不同取值的个数"),
    aggregate=True,
)
