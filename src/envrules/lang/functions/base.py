"""What a function of the rule language declares: its name, the types it takes and gives, its words, examples.

One function a file beside this one. A function that can be said in the language itself belongs into a pack, as a
derived value. An engine gives the meaning of each (`engines/base.py` compares its set with this one when it is loaded).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from envrules.lang.types import Type


class SignatureError(ValueError):
    """Arguments a function does not take: the message says what was expected, `position` where (None: their number)."""

    def __init__(self, expected: str, position: int | None = None) -> None:
        super().__init__(expected)
        self.position = position


@dataclass(frozen=True)
class Function:
    """A function of the language.

    Args:
        name: as expressions write it.
        returns: from the argument types to the result's; numbers arrive in one unit (that of the first) when
            `same_unit`. Raises `SignatureError`.
        meaning: one sentence in English and one in Chinese.
        examples: pairs of an expression and its value, run as tests.
        aggregate: it ranges over records;
        optional: an aggregate whose argument may be left out.
    """

    name: str
    returns: Callable[[tuple[Type, ...]], Type]
    meaning: tuple[str, str]
    examples: tuple[tuple[str, str], ...] = ()
    aggregate: bool = False
    optional: bool = False
    same_unit: bool = False


def take(types: tuple[Type, ...], *kinds: str) -> None:
    """Refuse arguments that are not of these kinds, one a position; `|` separates what a position may be."""
    if len(types) != len(kinds):
        raise SignatureError(f"{len(kinds)} argument{'s' if len(kinds) != 1 else ''} ({', '.join(kinds)})")
    for position, (found, wanted) in enumerate(zip(types, kinds, strict=True)):
        if found.kind not in wanted.split("|"):
            raise SignatureError(wanted.replace("|", " or "), position)
