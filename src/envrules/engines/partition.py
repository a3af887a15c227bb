"""By what the records that a rule looks at together are brought together, so that parts of a job can be judged apart.

What a cluster shuffles by, and what a table larger than memory is parted by. Knows no frame.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from envrules.engines.base import KeyPart
from envrules.engines.reference.groups import could_be, specific_first
from envrules.lang import ast
from envrules.pack.pack import Related, Rule
from envrules.records.types import RecordType


@dataclass(frozen=True)
class Partitioning:
    """How the records of a rule are parted.

    Each record of the rule's type goes to the part that `owner` says for the values of `by` on it, each record of a
    type in `related` to that for the values of its fields. Every part is given all records of the types in `whole`.

    A record with an open value among these goes to every part, as what may belong anywhere. If it is itself a subject
    (the rule has no group), it has to be judged where all records of the types in `related` are.

    Of the groups that a part finds, those are its own whose key `owner` gives to it; a group that is demanded by a
    calendar or a list is some part's own even where no record is in it.

    Args:
        by: expressions over a record of the rule's type; of a group rule the keys of the same places as in `keys`.
            Nothing where every record may be judged anywhere.
        keys: the places in the rule's group of the keys that `by` stands for; all of them, unless a related record
            type that is parted too shares some of them only.
        related: name in the rule's `related` -> the fields of that type, in the order of `by`.
        whole: the record types that every part needs whole.
        why_not: why the rule needs all of its records at once; empty where it can be parted.
    """

    by: tuple[ast.Node, ...] = ()
    keys: tuple[int, ...] = ()
    related: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    whole: tuple[str, ...] = ()
    why_not: str = ""

    @property
    def anywhere(self) -> bool:
        """Whether each record can be judged apart from all others of its type."""
        return not self.by and not self.why_not


def partitioning(rule: Rule, whole: Collection[str] = ()) -> Partitioning:
    """By what the records of a rule are brought together.

    Args:
        whole: record types that every part is given whole, being small; the others that the rule looks up are parted.

    Examples:
        >>> from envrules.pack.load import load_pack
        >>> rules = load_pack("jiuquan-2018").rules
        >>> partitioning(rules["coal.sulfur.built-up"]).anywhere
        True
        >>> [k.name for k in rules["air.pm10"].group], len(partitioning(rules["air.pm10"]).by)
        (['area', 'year'], 2)
        >>> partitioning(rules["resource.productivity"]).related
        {'base': ('code', 'area')}
        >>> partitioning(rules["complaint.complete"]).why_not
        'it judges all records together'
    """
    given = tuple(dict.fromkeys(link.record for link in rule.related.values() if link.record in whole))
    parted = {name: link for name, link in rule.related.items() if link.record not in whole}
    if rule.group is None:
        if not parted:
            return Partitioning(whole=given)
        return _by_common_keys(rule, _of_record(rule, parted), parted, given)
    if not rule.group:
        return Partitioning(whole=given, why_not="it judges all records together")
    if not parted:
        keys = tuple(range(len(rule.group)))
        return Partitioning(tuple(k.node for k in rule.group), keys, whole=given)
    membership = [n for n in (rule.when, *(k.node for k in rule.group)) if n is not None]
    looked_up = sorted(_scopes(membership) & parted.keys())
    if looked_up:
        what = ", ".join(dict.fromkeys(parted[name].record for name in looked_up))
        return Partitioning(whole=given, why_not=f"which group a record belongs to is looked up in {what}")
    return _by_common_keys(rule, _of_group(rule, parted), parted, given)


#: For each related record type the fields that have to equal something of the subject, by what that is.
_Fields = Mapping[str, Mapping[ast.Node, str]]


def _of_record(rule: Rule, parted: Mapping[str, Related]) -> _Fields:
    found: dict[str, dict[ast.Node, str]] = {}
    for name, link in parted.items():
        own = found[name] = {}
        for field_, node in link.keys:
            if not node.reads or _scopes([node]):
                continue  # the same for all subjects, or itself looked up
            # A record that is both subject and looked up has one place only where both say the same of it.
            if link.record == rule.record and not (isinstance(node, ast.FieldValue) and node.name == field_):
                continue
            own.setdefault(node, field_)
    return found


def _of_group(rule: Rule, parted: Mapping[str, Related]) -> _Fields:
    keys = {key.name: key.node for key in rule.group or ()}
    found: dict[str, dict[ast.Node, str]] = {}
    for name, link in parted.items():
        own = found[name] = {}
        for field_, node in link.keys:
            if not isinstance(node, ast.Key):
                continue
            of_record = keys[node.name]
            if link.record == rule.record and not (
                isinstance(of_record, ast.FieldValue) and of_record.name == field_ and not of_record.scope
            ):
                continue
            own.setdefault(of_record, field_)
    return found


def _by_common_keys(rule: Rule, fields: _Fields, parted: Mapping[str, Related], whole: tuple[str, ...]) -> Partitioning:
    """Parted by what all related record types share with the subject."""
    shared = [node for node in next(iter(fields.values())) if all(node in own for own in fields.values())]
    if not shared:
        what = ", ".join(dict.fromkeys(link.record for link in parted.values()))
        return Partitioning(
            whole=whole, why_not=f"its records and those of {what} share no field by which to part both"
        )
    nodes = [key.node for key in rule.group or ()]
    places = tuple(nodes.index(node) for node in shared) if nodes else ()
    related = {name: tuple(own[node] for node in shared) for name, own in fields.items()}
    return Partitioning(tuple(shared), places, related, whole)


def _scopes(nodes: Sequence[ast.Node]) -> set[str]:
    """The related records that expressions read."""
    found = set()
    for node in nodes:
        for part in ast.walk(node):
            if isinstance(part, ast.FieldValue | ast.Derived):
                found.add(part.scope)
            elif isinstance(part, ast.Aggregate):
                found.add(part.over)
    return found - {""}


def fields_read(rule: Rule, record_type: RecordType) -> frozenset[str]:
    """The fields of a record type that a rule reads, of its own records and of those it looks up.

    Examples:
        >>> from envrules.pack.load import load_pack
        >>> pack = load_pack("jiuquan-2018")
        >>> sorted(fields_read(pack.rules["report.bulletin"], pack.records["report"]))
        ['id', 'kind', 'month', 'submitted_on']
    """
    found = {"id"}
    if rule.record == record_type.name:
        found.update([record_type.date] if record_type.date else [])
        found.update([rule.coverage.of] if rule.coverage is not None else [])
    scopes = {name for name, link in rule.related.items() if link.record == record_type.name}
    for name, link in rule.related.items():
        if name in scopes:
            found.update(field_ for field_, _ in link.keys)
            found.update(n.name for n in _nodes([link.where]) if isinstance(n, ast.FieldValue))
    tables = [n for t in rule.derive.values() for n in (t.node, t.requirement)]
    keys = [k.node for k in rule.group or ()] + [n for link in rule.related.values() for _, n in link.keys]
    told = [when for when, _ in rule.notes] + [node for _, node in rule.severities]
    for node in _nodes([rule.when, rule.require, rule.due, *told, *tables, *keys]):
        if isinstance(node, ast.FieldValue):
            own = rule.record == record_type.name if not node.scope else node.scope in scopes
            found.update([node.name] if own else [])
    return frozenset(found)


def _nodes(roots: Iterable[ast.Node | None]) -> Iterator[ast.Node]:
    for root in roots:
        if root is not None:
            yield from ast.walk(root)


def key_text(parts: Sequence[KeyPart]) -> str:
    """A key as a text that equal keys share, and no others of the same kinds of values.

    Examples:
        >>> key_text(["suzhou", 2018.0]) == key_text(["suzhou", 2018])
        True
        >>> key_text(["a", None]) == key_text(["a", ""])
        False
    """
    return "\x1f".join(map(_part_text, parts))


def _part_text(part: KeyPart) -> str:
    if part is None:
        return "\x00"
    if isinstance(part, bool):
        return "1.0" if part else "0.0"
    # Negative zero is zero.
    return part if isinstance(part, str) else repr(float(part) + 0.0)


def owner(parts: Sequence[KeyPart], count: int) -> int:
    """Which of so many parts a key belongs to; the same in every process and release.

    Examples:
        >>> owner(["suzhou", 2018.0], 8) == owner(["suzhou", 2018.0], 8) < 8
        True
    """
    return zlib.crc32(key_text(parts).encode("utf-8", "surrogatepass")) % count


@dataclass
class GroupSurvey:
    """What some records state of the groups of a rule; that of all records is the sum of these.

    Args:
        values: for each key of the rule the values that records state.
        open_keys: the keys that records have of which a part is open.
    """

    values: list[set[KeyPart]]
    open_keys: set[tuple[KeyPart, ...]] = field(default_factory=set)

    def add(self, other: GroupSurvey) -> None:
        """Take what other records state too."""
        for own, more in zip(self.values, other.values, strict=True):
            own |= more
        self.open_keys |= other.open_keys


def open_groups(survey: GroupSurvey, in_a_group: Callable[[tuple[KeyPart, ...]], bool]) -> list[tuple[KeyPart, ...]]:
    """The groups that records with an open key make, where no record of the whole job states one they could be in.

    Args:
        in_a_group: whether some record states a whole key that an open one could be.
    """
    found: list[tuple[KeyPart, ...]] = []
    for key in specific_first(survey.open_keys):
        if not any(could_be(key, known) for known in found) and not in_a_group(key):
            found.append(key)
    return found


@dataclass(frozen=True)
class Part:
    """One part of a job whose records were parted by key: the `engines.base.Share` of its rules.

    Args:
        number: which of the `count` parts it is; `count` itself for the rest, which has the groups that belong to none.
        partitionings: rule id -> how the rule's records were parted.
        surveys, open_groups_of: rule id -> what all records state of its groups, and which open ones they make.
    """

    number: int
    count: int
    partitionings: Mapping[str, Partitioning]
    surveys: Mapping[str, GroupSurvey]
    open_groups_of: Mapping[str, Sequence[tuple[KeyPart, ...]]]

    def owns(self, rule: Rule, key: tuple[KeyPart, ...]) -> bool:
        """Whether a group is judged in this part."""
        by = [key[i] for i in self.partitionings[rule.id].keys]
        return (self.count if None in by else owner(by, self.count)) == self.number

    def stated(self, rule: Rule, place: int) -> Iterable[KeyPart]:
        """The values that all records state for one key of a rule."""
        return self.surveys[rule.id].values[place]

    def open_groups(self, rule: Rule) -> Sequence[tuple[KeyPart, ...]]:
        """The groups with an open key, in their order."""
        return self.open_groups_of.get(rule.id, ())
