"""The order of conditions: whether one is never truer than another, by an argument that holds for every record.

Each step is sound for the three-valued logic and for values that are ranges; where no step fits, nothing is claimed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from envrules.interval import FLIPPED, TOLERANCE, CompareOp, Interval
from envrules.lang import ast
from envrules.lang.types import BOOL, EnumType, Type
from envrules.pack.pack import Pack

_NEGATED: Mapping[CompareOp, CompareOp] = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "=="}
TRUE = ast.Const(value=True, type=BOOL)


@dataclass(frozen=True)
class Terms:
    """The words that an enumeration has in both of two packs, by its name: what both can read."""

    shared: Mapping[str, frozenset[str]]
    changed: frozenset[str]

    @classmethod
    def of(cls, a: Pack, b: Pack) -> Terms:
        both = {n: (a.enums[n].names, b.enums[n].names) for n in a.enums.keys() & b.enums.keys()}
        return cls(
            {n: frozenset(x) & frozenset(y) for n, (x, y) in both.items()},
            frozenset(n for n, (x, y) in both.items() if x != y),
        )

    def words(self, enum: EnumType) -> frozenset[str]:
        own = frozenset(enum.values)
        return own & self.shared.get(enum.name, own)

    def differs(self, name: str) -> bool:
        return name in self.changed


def same(a: ast.Node | None, b: ast.Node | None, terms: Terms) -> bool:
    """Whether two expressions mean the same by their form."""
    if a is None or b is None:
        return a is b
    return simplify(a, terms) == simplify(b, terms)


def simplify(node: ast.Node, terms: Terms) -> ast.Node:
    """An expression in one form: derived values written out, negation at the leaves, choices of words as one set.

    What only serves display goes, so that equal meanings are equal nodes.
    """
    return _simple(node, terms, False)


def _simple(node: ast.Node, terms: Terms, negated: bool) -> ast.Node:
    if isinstance(node, ast.Derived):
        return _simple(node.of, terms, negated)
    if isinstance(node, ast.Not):
        return _simple(node.of, terms, not negated)
    if isinstance(node, ast.And | ast.Or):
        kind = ast.And if isinstance(node, ast.And) is not negated else ast.Or
        return _joined(kind, tuple(_simple(i, terms, negated) for i in node.items))
    if isinstance(node, ast.Const) and isinstance(node.value, bool):
        return replace(TRUE, value=node.value is not negated)
    choice = _choice(node, terms, negated)
    if choice is not None:
        return choice
    if isinstance(node, ast.Compare):
        op = _NEGATED[node.op] if negated else node.op
        return ast.Compare(op=op, left=_simple(node.left, terms, False), right=_simple(node.right, terms, False))
    if isinstance(node, ast.Aggregate) and node.function == "none":
        return _simple(replace(node, function="any"), terms, not negated)
    whole = _rebuilt(node, terms)
    return ast.Not(of=whole) if negated else whole


def _joined(kind: type[ast.And] | type[ast.Or], items: tuple[ast.Node, ...]) -> ast.Node:
    flat: list[ast.Node] = []
    for item in items:
        flat += item.items if isinstance(item, kind) else (item,)
    unique = tuple(dict.fromkeys(flat))
    return unique[0] if len(unique) == 1 else kind(items=unique)


def _choice(node: ast.Node, terms: Terms, negated: bool) -> ast.Node | None:
    """A condition on a word as membership in a set; None for any other."""
    found: tuple[ast.Node, frozenset[str]] | None = None
    if isinstance(node, ast.Member):
        found = node.of, frozenset(node.words)
    elif isinstance(node, ast.Equal) and isinstance(node.right, ast.Const) and isinstance(node.right.value, str):
        found = node.left, frozenset({node.right.value})
    elif isinstance(node, ast.Compare) and isinstance(node.right, ast.Const) and isinstance(node.right.value, str):
        found = node.left, _above_or_below(node.op, node.left.type.enum, node.right.value)
    if found is None:
        return None
    of, words = found
    if of.type.enum is not None:
        known = terms.words(of.type.enum)
        words = known - words if negated else known & words
        negated = False
    whole = ast.Member(of=_simple(of, terms, False), words=tuple(sorted(words)))
    return ast.Not(of=whole) if negated else whole


def _above_or_below(op: CompareOp, enum: EnumType | None, limit: str) -> frozenset[str]:
    assert enum is not None
    at = enum.rank(limit)
    chosen = {"<": range(at), "<=": range(at + 1), ">": range(at + 1, len(enum.values)),
              ">=": range(at, len(enum.values)), "==": range(at, at + 1)}  # fmt: skip
    words = frozenset(enum.values[i] for i in chosen.get(op, ()))
    return frozenset(enum.values) - {limit} if op == "!=" else words


def _rebuilt(node: ast.Node, terms: Terms) -> ast.Node:
    """The node with its parts simplified and its type reduced to what two packs can share."""
    changes: dict[str, Any] = {"type": Type(node.type.kind, unit=node.type.unit, period=node.type.period)}
    for item in fields(node):
        value = getattr(node, item.name)
        if isinstance(value, ast.Node):
            changes[item.name] = _simple(value, terms, False)
        elif isinstance(value, tuple) and value and isinstance(value[0], ast.Node):
            changes[item.name] = tuple(_simple(part, terms, False) for part in value)
        elif isinstance(value, tuple) and value and isinstance(value[0], ast.Row):
            changes[item.name] = tuple(
                ast.Row(
                    when=None if row.when is None else _simple(row.when, terms, False),
                    then=_simple(row.then, terms, False),
                )
                for row in value
            )
    return replace(node, **changes)


def at_most(p: ast.Node, q: ast.Node, covered: bool = False) -> bool:
    """Whether p is never truer than q, both simplified. False where that cannot be shown.

    Args:
        covered: whether aggregates count the days of a period, of which those without a value are left out.
    """
    if p == q or _is(p, False) or _is(q, True):
        return True
    if isinstance(p, ast.Or):
        return all(at_most(i, q, covered) for i in p.items)
    if isinstance(q, ast.And):
        return all(at_most(p, j, covered) for j in q.items)
    if isinstance(p, ast.And) and any(at_most(i, q, covered) for i in p.items):
        return True
    if isinstance(q, ast.Or):
        return any(at_most(p, j, covered) for j in q.items)
    if isinstance(p, ast.Not) and isinstance(q, ast.Not):
        return at_most(q.of, p.of, covered)
    if isinstance(p, ast.Member) and isinstance(q, ast.Member):
        return p.of == q.of and set(p.words) <= set(q.words)
    if isinstance(p, ast.Compare) and isinstance(q, ast.Compare):
        return _limits(p, q, covered)
    if isinstance(p, ast.Aggregate) and isinstance(q, ast.Aggregate):
        return p.function == q.function and p.function in ("any", "all") and _arguments(p, q, covered)
    if isinstance(p, ast.Case) and isinstance(q, ast.Case):
        return (
            p.unique == q.unique
            and [r.when for r in p.rows] == [r.when for r in q.rows]
            and all(at_most(a.then, b.then, covered) for a, b in zip(p.rows, q.rows, strict=True))
        )
    return False


def _is(node: ast.Node, value: bool) -> bool:
    return isinstance(node, ast.Const) and node.value is value


def _arguments(p: ast.Aggregate, q: ast.Aggregate, covered: bool) -> bool:
    """Whether two aggregates range over the same, and what they ask of each in p is at most what they ask in q."""
    a, b = p.argument or TRUE, q.argument or TRUE
    return p.over == q.over and (not covered or _reads(a) == _reads(b)) and at_most(a, b, covered)


def _reads(node: ast.Node) -> set[str]:
    return set(ast.field_paths(node))


def _limits(p: ast.Compare, q: ast.Compare, covered: bool) -> bool:
    """Of two comparisons with literal limits."""
    limits = literal(p.right), literal(q.right)
    if limits[0] is None or limits[1] is None:
        return p.op == q.op and p.right == q.right and _sides(p, q, covered)
    if p.left == q.left:
        return _implied(p.op, limits[0], q.op, limits[1])
    return p.op == q.op and _implied(p.op, limits[0], q.op, limits[1]) and _sides(p, q, covered)


def _sides(p: ast.Compare, q: ast.Compare, covered: bool) -> bool:
    """Whether the left sides are the same, or counts of which the one surely lies on the right side of the other."""
    a, b = p.left, q.left
    if a == b:
        return True
    if not (isinstance(a, ast.Aggregate) and isinstance(b, ast.Aggregate) and a.function == b.function):
        return False
    if a.function not in ("count", "share"):
        return False
    if p.op in (">", ">="):
        return _arguments(a, b, covered)
    return p.op in ("<", "<=") and _arguments(b, a, covered)


def literal(node: ast.Node) -> float | None:
    """The number or day that a node writes out; None for any other."""
    if isinstance(node, ast.Const) and isinstance(node.value, Interval) and node.value.known:
        return node.value.lo
    return None


def _implied(op: CompareOp, limit: float, then: CompareOp, other: float) -> bool:
    """Whether `x op limit` is never truer than `x then other`, the tolerance of comparisons included."""
    if then in (">", ">="):
        # The same, seen from the other side.
        return _implied_below(FLIPPED[op], -limit, FLIPPED[then], -other)
    if then in ("<", "<="):
        return _implied_below(op, limit, then, other)
    if then == "!=":
        if op == "==":
            return _apart(limit, other)
        return (op == "<" and limit <= other) or (op == ">" and limit >= other) or (
            _apart(limit, other) and ((op == "<=" and limit < other) or (op == ">=" and limit > other))
        )  # fmt: skip
    return op == then and _no_more(limit, other) and _no_more(other, limit)


def _implied_below(op: CompareOp, limit: float, then: CompareOp, other: float) -> bool:
    """The same for a `then` that is an upper limit."""
    if op not in ("<", "<=", "=="):
        return False
    if then == "<" and op != "<":
        return limit < other and _apart(limit, other)
    return _no_more(limit, other)


def _no_more(a: float, b: float) -> bool:
    """Whether a limit is not above another, but for the noise of a change of unit."""
    return a <= b or abs(a - b) <= 1e-12 * max(abs(a), abs(b))


def _apart(a: float, b: float) -> bool:
    """Whether two limits differ by more than what counts as equal."""
    return abs(a - b) > 4 * TOLERANCE * max(abs(a), abs(b))
