"""The value of a typed expression: what the language means.

A number, date or period is an `Interval`; a condition True, False or None; a word or text the set of what it may be, or
None where nothing is known.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias, cast

from envrules import interval
from envrules.engines.base import KeyPart
from envrules.engines.reference.linked import LinkedRecords, Member
from envrules.interval import WHOLE, Interval
from envrules.lang import ast
from envrules.lang.types import Type
from envrules.pack.pack import Pack, Related
from envrules.records.types import Assumption, Field
from envrules.records.values import Nothing, Record, Value

Words: TypeAlias = frozenset[str]
#: What an expression may be worth; None is unknown (for numbers the whole line stands for it).
Worth: TypeAlias = "Interval | bool | Words | None"


@dataclass(frozen=True)
class Span:
    """The days of a group whose coverage counts: the date field, the smallest number, how many days there are."""

    of: str
    least: int
    days: int


@dataclass(frozen=True)
class Env:
    """What an expression is evaluated in.

    Args:
        record: the record judged; None for a group.
        bound: the records that names of sets stand for inside an aggregate ("" for the group's).
        matches, worths: related records found and named expressions worked out so far.
        given: aggregates that were worked out elsewhere.
        members: the group's records; `keys`: its keys; `coverage`: the days it needs; `membership`: the expressions
            that decide which records are in it.
    """

    pack: Pack
    linked: LinkedRecords
    as_of: Interval
    record_type: str
    record: Record | None = None
    related: Mapping[str, Related] = field(default_factory=dict)
    keys: Mapping[str, Worth] = field(default_factory=dict)
    members: Sequence[Member] = ()
    coverage: Span | None = None
    language: str = "en"
    membership: tuple[ast.Node, ...] = ()
    bound: Mapping[str, Record] = field(default_factory=dict)
    matches: dict[str, list[Member]] = field(default_factory=dict)
    worths: dict[int, Worth] = field(default_factory=dict)
    given: Mapping[ast.Node, Worth] = field(default_factory=dict)

    def of(self, record: Record) -> Env:
        """The environment of a record's own expressions, nothing of another record's left in it."""
        # Written out, since this is done for every record, and `replace` takes twice as long.
        return Env(
            self.pack,
            self.linked,
            self.as_of,
            self.record_type,
            record,
            self.related,
            language=self.language,
            membership=self.membership,
        )

    def own(self, scope: str) -> Record | None:
        """The one record that a scope stands for here, if it is one."""
        return self.bound.get(scope) or (self.record if scope == "" else None)

    def type_of(self, scope: str) -> str:
        return self.related[scope].record if scope else self.record_type

    def declared(self, scope: str, name: str) -> Field:
        return self.pack.records[self.type_of(scope)].fields[name]

    def is_given(self, name: str) -> bool:
        """Whether records of a related set's type were given at all: a set that was not is not an empty one."""
        return self.related[name].record in self.linked.records

    def related_to(self, name: str) -> list[Member]:
        """The records of a related set, each with whether it surely belongs."""
        if name not in self.matches:
            link = self.related[name]
            fields = tuple(f for f, _ in link.keys)
            values = tuple(_key(evaluate(node, self)) for _, node in link.keys)
            found = self.linked.matching(link.record, fields, values)
            if link.where is not None:
                inner = replace(self, record_type=link.record, related={})
                found = [
                    (record, both(belongs, cast("bool | None", evaluate(link.where, inner.of(record)))))
                    for record, belongs in found
                ]
                found = [(record, belongs) for record, belongs in found if belongs is not False]
            self.matches[name] = found
        return self.matches[name]


def _key(worth: Worth) -> KeyPart:
    if isinstance(worth, Interval):
        return worth.lo if worth.known else None
    if isinstance(worth, frozenset):
        return next(iter(worth)) if len(worth) == 1 else None
    return worth


def both(a: bool | None, b: bool | None) -> bool | None:
    """Kleene's and."""
    if a is False or b is False:
        return False
    return None if a is None or b is None else True


def inverse(a: bool | None) -> bool | None:
    """Kleene's not."""
    return None if a is None else not a


def all_of(items: Iterable[bool | None]) -> bool | None:
    """Kleene's and over many; true for none."""
    found: bool | None = True
    for item in items:
        if item is False:
            return False
        found = None if item is None else found
    return found


def any_of(items: Iterable[bool | None]) -> bool | None:
    """Kleene's or over many; false for none."""
    return inverse(all_of(inverse(item) for item in items))


def unknown(type_: Type) -> Worth:
    """What nothing known of a type is."""
    return WHOLE if type_.kind in ("quantity", "date", "period") else None


def join(worths: Sequence[Worth], type_: Type) -> Worth:
    """What several possible values are together: what all agree on, the range or the choice they span."""
    if not worths or any(w is None for w in worths):
        return unknown(type_)
    if all(isinstance(w, Interval) for w in worths):
        return interval.hull(cast("list[Interval]", worths))
    if all(isinstance(w, frozenset) for w in worths):
        return frozenset().union(*cast("list[Words]", worths))
    return worths[0] if all(w is worths[0] for w in worths) else None


def worth_of(value: Value, declared: Field) -> Worth:
    """A record's value as an expression's; an assumption stands in for an empty cell."""
    if value is Nothing.ABSENT and declared.assume is not None:
        value = assumed_value(declared.assume)
    if isinstance(value, Nothing):
        return WHOLE if declared.kind in _NUMERIC else None
    return frozenset({value}) if isinstance(value, str) else value


_NUMERIC = ("int", "number", "quantity", "date", "month", "year")


def assumed_value(assume: Assumption) -> Value:
    """What is assumed as a record's value."""
    given = assume.value
    return given if isinstance(given, bool | str) else interval.point(given)


def evaluate(node: ast.Node, env: Env) -> Worth:
    """The value of an expression in an environment. Total: it gives a value for whatever the records hold."""
    return RULES[type(node)](node, env)


def condition(node: ast.Node, env: Env) -> bool | None:
    """The truth of a condition."""
    return cast("bool | None", evaluate(node, env))


def number(node: ast.Node, env: Env) -> Interval:
    """The value of a number, date or period."""
    return cast(Interval, evaluate(node, env))


# --- one function a node ---------------------------------------------------------------------------------------------


def _const(node: ast.Const, env: Env) -> Worth:
    return frozenset({node.value}) if isinstance(node.value, str) else node.value


def _field(node: ast.FieldValue, env: Env) -> Worth:
    declared = env.declared(node.scope, node.name)
    record = env.own(node.scope)
    if record is not None:
        return worth_of(record.value(node.name), declared)
    return join([worth_of(r.value(node.name), declared) for r in _matching(node.scope, env)], node.type)


def _matching(scope: str, env: Env) -> list[Record]:
    """The related records that a value may come from; none where it is not sure that there is one.

    One that may match beside one that does counts too: if it disagrees, the value is open.
    """
    found = env.related_to(scope)
    return [r for r, _ in found] if any(belongs for _, belongs in found) else []


def _bounded(node: ast.Bounded, env: Env) -> Worth:
    found = number(node.of, env)
    return node.bounds if found.unknown else found


def _filled(node: ast.Filled, env: Env) -> Worth:
    record = env.own(node.of.scope)
    records = [record] if record is not None else _matching(node.of.scope, env)
    states = [r.value(node.of.name) for r in records]
    if not states:
        return None
    return cast(
        "bool | None", join([None if s is Nothing.UNUSABLE else s is not Nothing.ABSENT for s in states], node.type)
    )


def _convert(node: ast.Convert, env: Env) -> Worth:
    return number(node.of, env).scaled(node.factor, node.shift)


_ARITHMETIC: dict[str, Callable[[Interval, Interval], Interval]] = {
    "+": interval.add,
    "-": interval.subtract,
    "*": interval.multiply,
    "/": interval.divide,
}


def _arithmetic(node: ast.Arithmetic, env: Env) -> Worth:
    return _ARITHMETIC[node.op](number(node.left, env), number(node.right, env))


def _compare(node: ast.Compare, env: Env) -> Worth:
    left, right = evaluate(node.left, env), evaluate(node.right, env)
    if node.left.type.enum is not None:
        left, right = _ranks(left, node.left.type), _ranks(right, node.left.type)
    return interval.compare(node.op, cast(Interval, left), cast(Interval, right))


def _ranks(worth: Worth, type_: Type) -> Interval:
    """An ordered word as its place in the order."""
    if worth is None or type_.enum is None:
        return WHOLE
    places = [float(type_.enum.rank(w)) for w in cast(Words, worth)]
    return Interval(min(places), max(places))


def _equal(node: ast.Equal, env: Env) -> Worth:
    left, right = evaluate(node.left, env), evaluate(node.right, env)
    if left is None or right is None:
        return None
    if isinstance(left, frozenset) and isinstance(right, frozenset):
        if len(left) == len(right) == 1:
            return left == right
        return None if left & right else False
    return left == right


def _member(node: ast.Member, env: Env) -> Worth:
    found = evaluate(node.of, env)
    if found is None:
        return None
    words = frozenset(node.words)
    possible = cast(Words, found)
    return True if possible <= words else None if possible & words else False


def _case(node: ast.Case, env: Env) -> Worth:
    possible: list[Worth] = []
    rivals: list[Worth] = []
    certain = False
    for row in node.rows:
        holds = True if row.when is None else condition(row.when, env)
        if holds is False or (row.when is None and node.unique and certain):
            continue
        possible.append(evaluate(row.then, env))
        if node.unique and row.when is not None:
            rivals.append(possible[-1])
        certain = certain or holds is True
        if holds and not node.unique:
            break
    # Where no row surely holds perhaps none does, and then there is no value; nor where rows contradict one another.
    return join(possible, node.type) if certain and _agree(rivals) else unknown(node.type)


def _agree(worths: Sequence[Worth]) -> bool:
    """Whether values are one and the same, whatever becomes known; of a single one that goes without saying."""
    return len(worths) < 2 or (_is_point(worths[0]) and all(w == worths[0] for w in worths))


def _is_point(worth: Worth) -> bool:
    """Whether a value is known to a point."""
    if isinstance(worth, Interval):
        return worth.known
    return isinstance(worth, bool) or (isinstance(worth, frozenset) and len(worth) == 1)


def _derived(node: ast.Derived, env: Env) -> Worth:
    # Named expressions are what rules and evidence come back to, so each is worked out once for a record.
    if id(node) not in env.worths:
        env.worths[id(node)] = evaluate(node.of, env)
    return env.worths[id(node)]


#: How each kind of node is evaluated; `calls` and `aggregates` add their own, which evaluate in turn.
RULES: dict[type[ast.Node], Callable[..., Worth]] = {
    ast.Const: _const,
    ast.FieldValue: _field,
    ast.Bounded: _bounded,
    ast.Key: lambda node, env: env.keys[node.name],
    ast.AsOf: lambda node, env: env.as_of,
    ast.Derived: _derived,
    ast.Convert: _convert,
    ast.Arithmetic: _arithmetic,
    ast.Compare: _compare,
    ast.Equal: _equal,
    ast.Member: _member,
    ast.Filled: _filled,
    ast.Not: lambda node, env: inverse(condition(node.of, env)),
    ast.And: lambda node, env: all_of(condition(i, env) for i in node.items),
    ast.Or: lambda node, env: any_of(condition(i, env) for i in node.items),
    ast.Case: _case,
}
