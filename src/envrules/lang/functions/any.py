"""`any(...)`: whether a condition holds for at least one record."""

from __future__ import annotations

from envrules.lang.functions.base import Function
from envrules.lang.functions.signatures import condition

FUNCTION = Function(
    name="any",
    returns=condition,
    meaning=("whether a condition holds for at least one record", "至少一条记录满足条件"),
    aggregate=True,
    optional=True,
)
