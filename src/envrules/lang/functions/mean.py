"""`mean(...)`: the mean of a number over the records."""

from __future__ import annotations

from envrules.lang.functions.base import Function
from envrules.lang.functions.signatures import one_number

FUNCTION = Function(
    name="mean",
    returns=one_number,
    meaning=("the mean of a number over the records", "平均值"),
    aggregate=True,
)
