"""A condition on two rails of positive formulas: one that holds where it is surely true, one where surely false.

A rule engine of facts knows what was derived and nothing else, so false is a fact of its own, and unknown is neither.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TypeAlias

from envrules.lang import ast


@dataclass(frozen=True)
class Literal:
    """An atom known to be true, or known to be false."""

    atom: int
    truth: bool


@dataclass(frozen=True)
class Exists:
    """What is derived of a set: whether the statement of that number is known to be true, or known to be false."""

    number: int
    truth: bool


@dataclass(frozen=True)
class All:
    """Holds where every item does; the empty one always."""

    items: tuple[Formula, ...]


@dataclass(frozen=True)
class Any:
    """Holds where one of the items does; the empty one never."""

    items: tuple[Formula, ...]


Formula: TypeAlias = "Literal | Exists | All | Any"
ALWAYS, NEVER = All(()), Any(())


@dataclass(frozen=True)
class Rails:
    """A condition as two formulas, which never hold both."""

    true: Formula
    false: Formula

    def turned(self) -> Rails:
        """The rails of its negation."""
        return Rails(self.false, self.true)


@dataclass(frozen=True)
class Quantified:
    """`any` or `all` over the related records of a set, with the rails of what is asked of each."""

    over: str
    every: bool
    atoms: tuple[ast.Node, ...]
    rails: Rails


def every(items: Iterable[Formula]) -> Formula:
    """The formula that holds where all of them do, without what says nothing."""
    kept = tuple(dict.fromkeys(i for i in items if i != ALWAYS))
    if NEVER in kept:
        return NEVER
    return kept[0] if len(kept) == 1 else All(kept)


def some(items: Iterable[Formula]) -> Formula:
    """The formula that holds where one of them does, without what says nothing."""
    kept = tuple(dict.fromkeys(i for i in items if i != NEVER))
    if ALWAYS in kept:
        return ALWAYS
    return kept[0] if len(kept) == 1 else Any(kept)


@dataclass
class Atoms:
    """The rails of the conditions at one place, and the atoms they rest on.

    An atom is whatever is no logic: a comparison, a word in a choice, a truth value of a record. The interpreter
    decides it, tolerance, ranges and units included.
    """

    atoms: list[ast.Node] = field(default_factory=list)
    sets: list[Quantified] = field(default_factory=list)

    def rails(self, node: ast.Node) -> Rails:
        """The rails of a condition."""
        match node:
            case ast.Const(value=bool() as value):
                return Rails(ALWAYS, NEVER) if value else Rails(NEVER, ALWAYS)
            case ast.Not():
                return self.rails(node.of).turned()
            case ast.And():
                parts = [self.rails(i) for i in node.items]
                return Rails(every(p.true for p in parts), some(p.false for p in parts))
            case ast.Or():
                parts = [self.rails(i) for i in node.items]
                return Rails(some(p.true for p in parts), every(p.false for p in parts))
            case ast.Derived():
                return self.rails(node.of)
            case ast.Case(unique=False):
                return self._table([(row.when, self.rails(row.then)) for row in node.rows])
            case ast.Member() | ast.Equal() if (spread := _spread(node)) is not None:
                return self._table([(when, self.rails(asked)) for when, asked in spread])
            case ast.Aggregate(function="any" | "all" | "none"):
                return self._quantified(node, node.function)
            case ast.Compare() if (asked := _counted(node)) is not None:
                return self._quantified(*asked)
        if node not in self.atoms:
            self.atoms.append(node)
        atom = self.atoms.index(node)
        return Rails(Literal(atom, True), Literal(atom, False))

    def _table(self, rows: list[tuple[ast.Node | None, Rails]]) -> Rails:
        """A table gives what its first sure row gives, where every row before it that may hold gives the same."""
        true: list[Formula] = []
        false: list[Formula] = []
        before_true: list[Formula] = []
        before_false: list[Formula] = []
        for when, then in rows:
            holds = Rails(ALWAYS, NEVER) if when is None else self.rails(when)
            true.append(every([holds.true, then.true, *before_true]))
            false.append(every([holds.true, then.false, *before_false]))
            before_true.append(some([holds.false, then.true]))
            before_false.append(some([holds.false, then.false]))
        return Rails(some(true), some(false))

    def _quantified(self, node: ast.Aggregate, function: str) -> Rails:
        inner = Atoms()
        rails = Rails(ALWAYS, NEVER) if node.argument is None else inner.rails(node.argument)
        asked = Quantified(node.over, function == "all", tuple(inner.atoms), rails)
        if asked not in self.sets:
            self.sets.append(asked)
        number = self.sets.index(asked)
        found = Rails(Exists(number, True), Exists(number, False))
        return found.turned() if function == "none" else found


def _spread(node: ast.Member | ast.Equal) -> list[tuple[ast.Node | None, ast.Node]] | None:
    """A question about the word of a table as a table of questions about its rows' words."""
    table: ast.Node = node.of if isinstance(node, ast.Member) else node.left
    while isinstance(table, ast.Derived):
        table = table.of
    if not isinstance(table, ast.Case) or table.unique or table.type.kind == "bool":
        return None
    if isinstance(node, ast.Member):
        return [(row.when, ast.Member(of=row.then, words=node.words)) for row in table.rows]
    if not isinstance(node.right, ast.Const):
        return None
    return [(row.when, ast.Equal(left=row.then, right=node.right)) for row in table.rows]


def _counted(node: ast.Compare) -> tuple[ast.Aggregate, str] | None:
    """`count(...) >= 1` and its like as what they ask: whether there is any, or none."""
    counted, limit = node.left, node.right
    if not isinstance(counted, ast.Aggregate) or counted.function != "count" or not isinstance(limit, ast.Const):
        return None
    asked = {">=1": "any", ">0": "any", "!=0": "any", "<1": "none", "<=0": "none", "==0": "none"}
    function = asked.get(f"{node.op}{limit.value!r}")
    return (counted, function) if function else None
