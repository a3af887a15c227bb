"""`none(...)`: whether a condition holds for no record."""

from __future__ import annotations

from envrules.lang.functions.base import Function
from envrules.lang.functions.signatures import condition

FUNCTION = Function(
    name="none",
    returns=condition,
    meaning=("whether a condition holds for no record", "没有记录满足条件"),
    aggregate=True,
    optional=True,
)
