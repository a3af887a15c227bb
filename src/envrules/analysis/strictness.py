"""Which of two rules is stricter, shown on the rules themselves; never guessed.

A condition P is *at most* Q when on every record P's truth is not above Q's, in the order false, unknown, true. A rule
is at least as strict as another when its `when` is at least the other's, its `require` at most the other's, and its
dates leave no more room: then every violation of the other is one of its own, whatever a record holds or lacks.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from envrules.analysis.order import Terms, at_most, literal, same, simplify
from envrules.lang import ast
from envrules.lang.types import BOOL
from envrules.pack.pack import Pack, Rule
from envrules.records.types import Field

#: Of the second of two rules or packs. `mixed`: one part is stricter, another laxer.
Strictness = Literal["same", "stricter", "laxer", "mixed", "undecided"]


@dataclass(frozen=True)
class Judgement:
    """How strict the second of two rules is beside the first.

    Args:
        parts: the parts that differ, each with what it does: a wider `when`, a tighter `require`, an earlier `due` are
            stricter.
        why: why nothing can be said, where it cannot.
    """

    strictness: Strictness
    parts: Mapping[str, Strictness] = field(default_factory=dict)
    why: str = ""


def together(parts: Iterable[Strictness]) -> Strictness:
    """What several parts come to.

    Examples:
        >>> together(["same", "stricter"]), together(["stricter", "laxer"]), together(["stricter", "undecided"])
        ('stricter', 'mixed', 'undecided')
    """
    found = set(parts) - {"same"}
    if not found:
        return "same"
    if "undecided" in found:
        return "undecided"
    return found.pop() if len(found) == 1 else "mixed"


def judge_pair(pack_a: Pack, a: Rule, pack_b: Pack, b: Rule) -> Judgement:
    """How strict rule b of the second pack is beside rule a of the first."""
    terms = Terms.of(pack_a, pack_b)
    why = different_ground(pack_a, a, pack_b, b)
    if why:
        return Judgement("undecided", why=why)
    when_a, when_b = (simplify(_condition(r.when), terms) for r in (a, b))
    require_a, require_b = (simplify(r.require, terms) for r in (a, b))
    covered = a.coverage is not None
    parts: dict[str, Strictness] = {
        "when": _of_order(at_most(when_a, when_b, covered), at_most(when_b, when_a, covered)),
        "require": _of_order(at_most(require_b, require_a, covered), at_most(require_a, require_b, covered)),
        "effective": _of_dates(a.effective, b.effective, dt.date.min, earlier="stricter"),
        "expires": _of_dates(a.expires, b.expires, dt.date.max, earlier="laxer"),
        "due": _of_due(a.due, b.due, terms),
    }
    if a.group is not None and parts["when"] != "same":
        return Judgement("undecided", why="the groups have other records, so their aggregates are others")
    changed: dict[str, Strictness] = {name: found for name, found in parts.items() if found != "same"}
    open_ = [name for name, found in changed.items() if found == "undecided"]
    return Judgement(
        together(parts.values()),
        changed,
        f"neither {' nor '.join(open_)} can be shown to allow less than the other's" if open_ else "",
    )


def different_ground(pack_a: Pack, a: Rule, pack_b: Pack, b: Rule) -> str:
    """Why two rules cannot be set beside each other; an empty text where they can."""
    terms = Terms.of(pack_a, pack_b)
    if a.record != b.record:
        return f"one judges records of type {a.record}, the other of type {b.record}"
    if pack_a.records[a.record].date != pack_b.records[b.record].date:
        return f"records of type {a.record} are placed in time by different fields"
    if not same_groups(a, b, terms):
        return "they judge different groups"
    if a.coverage != b.coverage:
        return "they ask for different coverages"
    if not same_links(a, b, terms):
        return "their related records are others"
    nodes = [n for rule in (a, b) for n in expressions(rule)]
    if pack_a.calendar != pack_b.calendar and any(
        isinstance(p, ast.Call) and p.function == "working_days_after" for n in nodes for p in ast.walk(n)
    ):
        return f"working days are those of {pack_a.calendar} in one, of {pack_b.calendar} in the other"
    for name in different_fields(pack_a, a, pack_b, b):
        return f"the field {name} is declared differently"
    for part in (p for n in nodes for p in ast.walk(n)):
        if isinstance(part, ast.Aggregate) and part.function == "distinct" and part.argument is not None:
            enum = part.argument.type.enum
            if enum is not None and terms.differs(enum.name):
                return f"the enumeration {enum.name} has other words"
    return ""


def same_groups(a: Rule, b: Rule, terms: Terms) -> bool:
    """Whether two rules judge the same groups."""
    if a.group is None or b.group is None:
        return a.group is b.group
    return [(k.name, simplify(k.node, terms), k.values, k.start) for k in a.group] == [
        (k.name, simplify(k.node, terms), k.values, k.start) for k in b.group
    ]


def same_links(a: Rule, b: Rule, terms: Terms) -> bool:
    """Whether two rules relate records in the same way."""
    if list(a.related) != list(b.related):
        return False
    return all(
        x.record == y.record
        and [(k, simplify(n, terms)) for k, n in x.keys] == [(k, simplify(n, terms)) for k, n in y.keys]
        and same(x.where, y.where, terms)
        for x, y in zip(a.related.values(), b.related.values(), strict=True)
    )


def different_fields(pack_a: Pack, a: Rule, pack_b: Pack, b: Rule) -> list[str]:
    """The fields that the rules read and whose cells the two packs take differently; new words make no difference."""
    found = []
    for record, name in dict.fromkeys([*_fields(a), *_fields(b)]):
        types = pack_a.records.get(record), pack_b.records.get(record)
        one, other = (t.fields.get(name) if t else None for t in types)
        if one is not None and other is not None and _reading(one) != _reading(other):
            found.append(name if record == a.record else f"{record}.{name}")
    return found


def expressions(rule: Rule) -> Iterator[ast.Node]:
    """Every expression that a rule's outcome rests on."""
    yield from (n for n in (rule.when, rule.require, rule.due) if n is not None)
    yield from (key.node for key in rule.group or ())
    for link in rule.related.values():
        yield from (node for _, node in link.keys)
        if link.where is not None:
            yield link.where


def _fields(rule: Rule) -> Iterator[tuple[str, str]]:
    """(record type, field) of everything a rule reads."""
    keys = [node for link in rule.related.values() for _, node in link.keys]
    for node in (n for n in (rule.when, rule.require, rule.due, *keys) if n is not None):
        for part in ast.walk(node):
            if isinstance(part, ast.FieldValue):
                yield rule.related[part.scope].record if part.scope in rule.related else rule.record, part.name
    if rule.coverage is not None:
        yield rule.record, rule.coverage.of
    for key in rule.group or ():
        yield from ((rule.record, p.name) for p in ast.walk(key.node) if isinstance(p, ast.FieldValue))
    for link in rule.related.values():
        yield from ((link.record, name) for name, _ in link.keys)
        for part in ast.walk(link.where) if link.where is not None else ():
            if isinstance(part, ast.FieldValue):
                yield link.record, part.name


def _reading(declared: Field) -> tuple[object, ...]:
    """All of a field's declaration that decides what a cell comes to."""
    return (
        declared.kind,
        declared.unit,
        declared.context,
        declared.enum.name if declared.enum else "",
        declared.bounds,
        declared.empty_is_answer,
        declared.assume.value if declared.assume else None,
        declared.unit_of,
        sorted((k, u.factor, u.shift, u.dimension) for k, u in declared.units.items()),
        declared.unit_field,
        declared.detection_limit,
    )


def _condition(node: ast.Node | None) -> ast.Node:
    return ast.Const(value=True, type=BOOL) if node is None else node


def _of_order(stricter: bool, laxer: bool) -> Strictness:
    if stricter and laxer:
        return "same"
    return "stricter" if stricter else "laxer" if laxer else "undecided"


def _of_dates(
    a: dt.date | None, b: dt.date | None, without: dt.date, earlier: Literal["stricter", "laxer"]
) -> Strictness:
    first, second = a or without, b or without
    if first == second:
        return "same"
    later: Strictness = "laxer" if earlier == "stricter" else "stricter"
    return earlier if second < first else later


def _of_due(a: ast.Node | None, b: ast.Node | None, terms: Terms) -> Strictness:
    """Of two due dates; a rule without one is due at once."""
    if a is None or b is None:
        return "same" if a is b else "stricter" if b is None else "laxer"
    first, second = simplify(a, terms), simplify(b, terms)
    if first == second:
        return "same"
    (base_a, days_a), (base_b, days_b) = _offset(first), _offset(second)
    if base_a != base_b:
        return "undecided"
    return "same" if days_a == days_b else "stricter" if days_b < days_a else "laxer"


def _offset(node: ast.Node) -> tuple[object, float]:
    """A date as so many days after something; more of them are never earlier."""
    if (day := literal(node)) is not None:
        return None, day
    if isinstance(node, ast.Arithmetic) and node.op in "+-" and (more := literal(node.right)) is not None:
        base, days = _offset(node.left)
        return base, days + (more if node.op == "+" else -more)
    if isinstance(node, ast.Call) and node.function in ("working_days_after", "day_of"):
        start, count = node.arguments
        # Another count gives no date at all.
        if literal(count) in range(4001):
            return (node.function, start), literal(count) or 0.0
    return node, 0.0
