"""The typed tree of an expression: what the engines run.

Every node knows its type and where it stands in the expression's text (not part of equality, so that equal expressions
are one thing). Units are gone: both sides of a comparison or sum are numbers in one unit, and a change of unit is a
`Convert`. Nodes are immutable and hashable.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from typing import Any, Literal, TypeVar

from envrules.interval import CompareOp, Interval
from envrules.lang.types import BOOL, DATE, Type
from envrules.units import Unit

Span = tuple[int, int]
N = TypeVar("N", bound="Node")


@dataclass(frozen=True, kw_only=True)
class Node:
    """A part of a typed expression."""

    type: Type
    span: Span = field(default=(0, 0), compare=False)

    @cached_property
    def parts(self) -> tuple[Node, ...]:
        """The parts directly below it; nodes never change, so they are found once."""
        return tuple(_parts(self))

    @cached_property
    def reads(self) -> tuple[FieldValue, ...]:
        """Every field value in it, in the order they stand."""
        return tuple(part for part in walk(self) if isinstance(part, FieldValue))


@dataclass(frozen=True, kw_only=True)
class Const(Node):
    """A literal: an `Interval` for numbers, dates and periods, a bool, or a word."""

    value: Interval | bool | str


@dataclass(frozen=True, kw_only=True)
class FieldValue(Node):
    """A field of the record (scope empty), or of the related record or set that `scope` names."""

    name: str
    scope: str = ""

    @property
    def path(self) -> str:
        return f"{self.scope}.{self.name}" if self.scope else self.name


@dataclass(frozen=True, kw_only=True)
class Bounded(Node):
    """A field's value; where it is missing, all that its declared bounds allow, instead of the whole line."""

    of: FieldValue
    bounds: Interval


@dataclass(frozen=True, kw_only=True)
class Key(Node):
    """A key of the group that is judged."""

    name: str


@dataclass(frozen=True, kw_only=True)
class AsOf(Node):
    """The evaluation date."""

    type: Type = DATE


@dataclass(frozen=True, kw_only=True)
class Derived(Node):
    """A named expression: a derived field of a record type, or a derived value of a rule."""

    name: str
    of: Node
    scope: str = ""


@dataclass(frozen=True, kw_only=True)
class Convert(Node):
    """`factor * x + shift`: a number in another unit."""

    of: Node
    factor: float
    shift: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Arithmetic(Node):
    op: Literal["+", "-", "*", "/"]
    left: Node
    right: Node


@dataclass(frozen=True, kw_only=True)
class Compare(Node):
    """Of two numbers, dates or periods, or two words of an ordered enumeration; the limit is on the right.

    `unit` and `display` say how evidence shows both sides: a value v of the sides is `v * display` in `unit`.
    """

    op: CompareOp
    left: Node
    right: Node
    unit: Unit | None = None
    display: tuple[float, float] = (1.0, 0.0)
    type: Type = BOOL


@dataclass(frozen=True, kw_only=True)
class Equal(Node):
    """Of two texts, words or truth values."""

    left: Node
    right: Node
    type: Type = BOOL


@dataclass(frozen=True, kw_only=True)
class Member(Node):
    """Whether a text or word is one of those given, in the order written."""

    of: Node
    words: tuple[str, ...]
    type: Type = BOOL


@dataclass(frozen=True, kw_only=True)
class Filled(Node):
    """Whether anything stands in a field whose emptiness is an answer."""

    of: FieldValue
    type: Type = BOOL


@dataclass(frozen=True, kw_only=True)
class Not(Node):
    of: Node
    type: Type = BOOL


@dataclass(frozen=True, kw_only=True)
class And(Node):
    items: tuple[Node, ...]
    type: Type = BOOL


@dataclass(frozen=True, kw_only=True)
class Or(Node):
    items: tuple[Node, ...]
    type: Type = BOOL


@dataclass(frozen=True, kw_only=True)
class Row:
    """A row of a table: its condition (None in the last row of all: otherwise) and its value."""

    when: Node | None
    then: Node


@dataclass(frozen=True, kw_only=True)
class Case(Node):
    """The value of the first row that holds (`unique`: of the only one).

    Without a last row that has no condition, no row may hold, and the value is then unknown.
    """

    rows: tuple[Row, ...]
    unique: bool = False


@dataclass(frozen=True, kw_only=True)
class Call(Node):
    """A declared function of plain values."""

    function: str
    arguments: tuple[Node, ...]


@dataclass(frozen=True, kw_only=True)
class Aggregate(Node):
    """An aggregate over the records of the group (`over` empty) or over a set of related records."""

    function: str
    over: str = ""
    argument: Node | None = None


def children(node: Node) -> tuple[Node, ...]:
    """The parts directly below a node."""
    return node.parts


def _parts(node: Node) -> Iterator[Node]:
    for item in fields(node):
        value = getattr(node, item.name)
        if isinstance(value, Node):
            yield value
        elif isinstance(value, tuple):
            for part in value:
                if isinstance(part, Node):
                    yield part
                elif isinstance(part, Row):
                    if part.when is not None:
                        yield part.when
                    yield part.then


def walk(node: Node) -> Iterator[Node]:
    """The node and everything below it, each before its parts."""
    yield node
    for child in children(node):
        yield from walk(child)


def rebase(node: N, scope: str) -> N:
    """The same expression read from a related record: its own fields become that record's."""
    changes: dict[str, Any] = {}
    for item in fields(node):
        value = getattr(node, item.name)
        if isinstance(value, Node):
            changes[item.name] = rebase(value, scope)
        elif isinstance(value, tuple) and value and isinstance(value[0], Node | Row):
            changes[item.name] = tuple(
                rebase(part, scope)
                if isinstance(part, Node)
                else Row(when=None if part.when is None else rebase(part.when, scope), then=rebase(part.then, scope))
                for part in value
            )
    if isinstance(node, FieldValue | Derived) and not node.scope:
        changes["scope"] = scope
    return replace(node, **changes)


def field_paths(node: Node) -> tuple[str, ...]:
    """The fields an expression reads, each once, in the order they stand.

    A field of a related record is `name.field`.
    """
    return tuple(dict.fromkeys(part.path for part in node.reads))
