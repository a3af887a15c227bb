"""`count(...)`: how many records there are, or for how many a condition holds."""

from __future__ import annotations

from envrules.lang.functions.base import Function
from envrules.lang.functions.signatures import counted

FUNCTION = Function(
    name="count",
    returns=counted,
    meaning=("how many records there are, or for how many a condition holds", "记录数（或满足条件的记录数）"),
    aggregate=True,
    optional=True,
)
