"""What was loaded with a pack as a key of a cache."""

from __future__ import annotations

from typing import Generic, TypeVar

T = TypeVar("T")


class Same(Generic[T]):
    """Something of a pack, equal only to itself: packs never change, and what they hold is often without a hash.

    Examples:
        >>> rule: dict[str, str] = {}
        >>> Same(rule) == Same(rule), Same(rule) == Same({})
        (True, False)
    """

    def __init__(self, of: T) -> None:
        self.of = of

    def __hash__(self) -> int:
        return id(self.of)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Same) and other.of is self.of
