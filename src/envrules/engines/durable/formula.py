"""A condition as a formula over codes of truth: which fields of a fact have to hold which codes.

A rule engine of facts knows no third value. So each atom of a condition is a field of a fact whose code says whether it
is false, true or unknown, and a condition becomes two formulas, which never hold both: one where it is surely true, one
where it is surely false.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from math import prod
from typing import TypeAlias

from envrules.lang import ast

#: The codes of a truth value in a fact.
FALSE, TRUE, UNKNOWN = 0, 1, 2
CODES = frozenset({FALSE, TRUE, UNKNOWN})
CODE_OF: dict[bool | None, int] = {False: FALSE, True: TRUE, None: UNKNOWN}
#: How long the branches of a choice may be for them to exclude one another.
SHORT = 12


@dataclass(frozen=True)
class Test:
    """A field of the fact holds one of these codes, which are one or two of the three."""

    field: str
    codes: frozenset[int]


@dataclass(frozen=True)
class All:
    """Holds where every item does; the empty one always."""

    items: tuple[Formula, ...]


@dataclass(frozen=True)
class Any:
    """Holds where one of the items does; the empty one never."""

    items: tuple[Formula, ...]


Formula: TypeAlias = "Test | All | Any"
ALWAYS, NEVER = All(()), Any(())


def test(name: str, *codes: int) -> Formula:
    """The formula that a field holds one of the codes."""
    kept = frozenset(codes)
    return NEVER if not kept else ALWAYS if kept == CODES else Test(name, kept)


def every(items: Iterable[Formula]) -> Formula:
    """The formula that holds where all of them do, without what says nothing; tests of one field become one.

    Examples:
        >>> every([test("a", 0, 2), test("a", 1, 2), ALWAYS])
        Test(field='a', codes=frozenset({2}))
    """
    codes: dict[str, frozenset[int]] = {}
    others: dict[Formula, None] = {}
    for item in items:
        for part in item.items if isinstance(item, All) else (item,):
            if isinstance(part, Test):
                codes[part.field] = codes.get(part.field, CODES) & part.codes
            else:
                others[part] = None
    kept = [*(test(name, *held) for name, held in codes.items()), *others]
    if NEVER in kept:
        return NEVER
    return kept[0] if len(kept) == 1 else All(tuple(kept))


def some(items: Iterable[Formula]) -> Formula:
    """The formula that holds where one of them does, without what says nothing; tests of one field become one."""
    codes: dict[str, frozenset[int]] = {}
    others: dict[Formula, None] = {}
    for item in items:
        for part in item.items if isinstance(item, Any) else (item,):
            if isinstance(part, Test):
                codes[part.field] = codes.get(part.field, frozenset()) | part.codes
            else:
                others[part] = None
    kept = [*(test(name, *held) for name, held in codes.items()), *others]
    if ALWAYS in kept:
        return ALWAYS
    return kept[0] if len(kept) == 1 else Any(tuple(kept))


def opposite(formula: Formula) -> Formula:
    """The formula that holds exactly where this one does not.

    Examples:
        >>> opposite(some([test("a", 1), test("b", 1)]))
        All(items=(Test(field='a', codes=frozenset({0, 2})), Test(field='b', codes=frozenset({0, 2}))))
    """
    if isinstance(formula, Test):
        return test(formula.field, *(CODES - formula.codes))
    turned = (opposite(i) for i in formula.items)
    return some(turned) if isinstance(formula, All) else every(turned)


def branches(formula: Any) -> tuple[Formula, ...]:
    """The items of a choice; where that stays short, each after a plain test only where that test fails.

    durable-rules matches a fact once for each branch that holds, so branches that exclude one another save matches.

    Examples:
        >>> [b for b in branches(some([test("a", 1), test("b", 1)]))][1]
        All(items=(Test(field='a', codes=frozenset({0, 2})), Test(field='b', codes=frozenset({1}))))
    """
    apart = _apart(formula)
    return apart if sum(map(length, apart)) <= SHORT else formula.items


def _apart(formula: Any) -> tuple[Formula, ...]:
    found: list[Formula] = []
    failed: list[Formula] = []
    for item in sorted(formula.items, key=lambda i: not isinstance(i, Test)):
        found.append(every([*failed, item]))
        if isinstance(item, Test):
            failed.append(opposite(item))
    return tuple(b for b in found if b != NEVER)


def length(formula: Formula) -> int:
    """How many places of an expression a formula takes in the library."""
    if isinstance(formula, Test):
        return 1
    return 2 + sum(length(i) for i in (branches(formula) if isinstance(formula, Any) else formula.items))


def width(formula: Formula) -> int:
    """How many conditions of a formula the library may hold at once while it tries a fact."""
    if isinstance(formula, Test):
        return 1
    if isinstance(formula, All):
        return 1 + sum(width(i) - 1 for i in formula.items)
    if all(isinstance(i, Test) for i in formula.items) and branches(formula) != formula.items:
        # Each of the branches goes on from where the one before failed, which the library holds once.
        return 1
    return sum(width(b) for b in branches(formula))


def matches(formula: Formula) -> int:
    """How often one fact may match a formula at most."""
    if isinstance(formula, Test):
        return 1
    if isinstance(formula, All):
        return prod(matches(i) for i in formula.items)
    if branches(formula) == formula.items:
        return sum(matches(i) for i in formula.items)
    plain = any(isinstance(i, Test) for i in formula.items)
    return max(int(plain), sum(matches(i) for i in formula.items if not isinstance(i, Test)))


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


@dataclass
class Atoms:
    """The rails of the conditions at one place, and the atoms they rest on.

    An atom is whatever is no logic: a comparison, a word in a choice, a truth value of a record. The interpreter
    decides it, tolerance, ranges and units included.

    Args:
        letter: what the names of the atoms' fields begin with.
    """

    letter: str
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
        name = f"{self.letter}{self.atoms.index(node)}"
        return Rails(test(name, TRUE), test(name, FALSE))

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
        inner = Atoms("a")
        rails = Rails(ALWAYS, NEVER) if node.argument is None else inner.rails(node.argument)
        asked = Quantified(node.over, function == "all", tuple(inner.atoms), rails)
        if asked not in self.sets:
            self.sets.append(asked)
        name = f"q{self.sets.index(asked)}"
        found = Rails(test(name, TRUE), test(name, FALSE))
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
