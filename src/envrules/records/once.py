"""What is made of the same objects again and again, such as the words of record types for each table, made once."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class MadeOnce(Generic[T]):
    """What was made of some objects, as long as it was asked for not too long ago.

    Objects are told apart by identity, since record types have no hash and are never changed once they are made. They
    are held, so that no other object can take the identity of one of them.

    Examples:
        >>> words, seen = MadeOnce(), []
        >>> one, other = ["boiler"], ["boiler"]
        >>> for made_of in (one, one, other):
        ...     _ = words((made_of,), lambda: seen.append("made"))
        >>> seen
        ['made', 'made']
    """

    def __init__(self, most: int = 4) -> None:
        self._kept: deque[tuple[tuple[object, ...], T]] = deque(maxlen=most)

    def __call__(self, made_of: tuple[object, ...], make: Callable[[], T]) -> T:
        """What was made of these objects."""
        # Readers work in threads; at worst two of them make the same.
        for objects, made in tuple(self._kept):
            if len(objects) == len(made_of) and all(a is b for a, b in zip(objects, made_of, strict=True)):
                return made
        made = make()
        self._kept.append((made_of, made))
        return made
