"""Sequences whose items are made when they are asked for, and several sequences as one."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from typing import TypeVar, overload

T = TypeVar("T")


class MadeWhenAsked(Sequence[T]):
    """A sequence that makes its items: those of some places together, all of them one after the other.

    Examples:
        >>> class Squares(MadeWhenAsked[int]):
        ...     def __len__(self):
        ...         return 4
        ...     def made(self, places):
        ...         return (place * place for place in places)
        >>> squares = Squares()
        >>> list(squares), squares[-1], squares[1:3]
        ([0, 1, 4, 9], 9, [1, 4])
    """

    @abstractmethod
    def made(self, places: Sequence[int]) -> Iterator[T]:
        """The items at some places, in their order."""

    @overload
    def __getitem__(self, index: int) -> T: ...

    @overload
    def __getitem__(self, index: slice) -> list[T]: ...

    def __getitem__(self, index: int | slice) -> T | list[T]:
        places = range(len(self))[index]
        if isinstance(places, int):
            return next(self.made([places]))
        return list(self.made(places))

    def __iter__(self) -> Iterator[T]:
        return self.made(range(len(self)))


class Joined(MadeWhenAsked[T]):
    """Several sequences one after the other.

    Examples:
        >>> joined = Joined([[1, 2], [], [3]])
        >>> list(joined), joined[-1], joined[1:]
        ([1, 2, 3], 3, [2, 3])
    """

    def __init__(self, parts: Sequence[Sequence[T]]) -> None:
        self.parts = parts

    def __len__(self) -> int:
        return sum(map(len, self.parts))

    def made(self, places: Sequence[int]) -> Iterator[T]:
        """The items at some places, each from the part that has it."""
        for place in places:
            for part in self.parts:
                if place < len(part):
                    yield part[place]
                    break
                place -= len(part)

    def __iter__(self) -> Iterator[T]:
        for part in self.parts:
            yield from part
