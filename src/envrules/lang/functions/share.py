"""`share(...)`: the part of the records for which a condition holds."""

from __future__ import annotations

from envrules.lang.functions.base import Function
from envrules.lang.functions.signatures import share_of

FUNCTION = Function(
    name="share",
    returns=share_of,
    meaning=("the part of the records for which a condition holds", "满足条件的记录所占比例"),
    aggregate=True,
)
