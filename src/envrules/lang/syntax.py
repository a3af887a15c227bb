"""What the grammar gives: the tree of an expression as written, with the place of each part, not yet typed."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

Span = tuple[int, int]


@dataclass(frozen=True)
class Syntax:
    """A part of an expression; `span` is where it stands in the expression's text (start, end)."""

    span: Span


@dataclass(frozen=True)
class Number(Syntax):
    value: float
    text: str


@dataclass(frozen=True)
class Quantity(Syntax):
    value: float
    unit: str
    text: str
    unit_span: Span


@dataclass(frozen=True)
class Date(Syntax):
    value: dt.date


@dataclass(frozen=True)
class Text(Syntax):
    value: str


@dataclass(frozen=True)
class Truth(Syntax):
    value: bool


@dataclass(frozen=True)
class Name(Syntax):
    """`field` or `related.field`."""

    name: str
    member: str = ""


@dataclass(frozen=True)
class Call(Syntax):
    function: str
    arguments: tuple[Syntax, ...]


@dataclass(frozen=True)
class Negative(Syntax):
    of: Syntax


@dataclass(frozen=True)
class Arithmetic(Syntax):
    op: str
    left: Syntax
    right: Syntax


@dataclass(frozen=True)
class Comparison(Syntax):
    """`a <= b <= c`: every neighbouring pair holds."""

    operands: tuple[Syntax, ...]
    ops: tuple[str, ...]


@dataclass(frozen=True)
class In(Syntax):
    of: Syntax
    members: tuple[Syntax, ...]
    negated: bool


@dataclass(frozen=True)
class IsFilled(Syntax):
    of: Syntax
    negated: bool


@dataclass(frozen=True)
class Not(Syntax):
    of: Syntax


@dataclass(frozen=True)
class And(Syntax):
    items: tuple[Syntax, ...]


@dataclass(frozen=True)
class Or(Syntax):
    items: tuple[Syntax, ...]


@dataclass(frozen=True)
class Conditional(Syntax):
    condition: Syntax
    then: Syntax
    otherwise: Syntax
