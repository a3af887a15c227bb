"""`all(...)`: whether a condition holds for every record."""

from __future__ import annotations

from envrules.lang.functions.base import Function
from envrules.lang.functions.signatures import condition

FUNCTION = Function(
    name="all",
    returns=condition,
    meaning=("whether a condition holds for every record", "所有记录均满足条件"),
    aggregate=True,
)
