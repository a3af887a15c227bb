"""Which rules look at several records together, and which records one shuffle brings together for them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from envrules.engines.partition import GroupSurvey, Partitioning, partitioning
from envrules.pack.pack import Rule


@dataclass(frozen=True)
class Round:
    """Rules whose records one shuffle brings together.

    Args:
        record: the record type of the rules; `groups`: whether they judge groups of them, or one record each.
        partitionings: rule id -> how its records are parted; they are parted by the same expressions.
        roles: record type -> the lists of fields by which its records are looked up.
        why_whole: why everything has to be in one part; empty where it is parted.
    """

    record: str
    groups: bool
    partitionings: Mapping[str, Partitioning]
    roles: Mapping[str, frozenset[tuple[str, ...]]] = field(default_factory=dict)
    why_whole: str = ""

    @property
    def types(self) -> tuple[str, ...]:
        """The record types that are shuffled, that of the rules first."""
        return tuple(dict.fromkeys([self.record, *sorted(self.roles)]))

    @property
    def rules(self) -> tuple[str, ...]:
        """The ids of the rules."""
        return tuple(self.partitionings)


def rounds(rules: Sequence[Rule], on_cluster: Collection[str], held: Collection[str]) -> list[Round]:
    """The shuffles that rules need; a rule that looks at one record at a time needs none.

    Args:
        rules: on record types of the cluster.
        held: all record types that are not on the cluster; every worker has their records, if there are any.

    Examples:
        >>> from envrules.pack.load import load_pack
        >>> pack = load_pack("jiuquan-2018").rules
        >>> names = ("air.pm10", "air.pm2-5", "resource.productivity", "complaint.complete", "coal.sulfur.other")
        >>> for one in rounds([pack[n] for n in names], ["air_day", "indicator", "complaint", "coal_lot"], []):
        ...     print(one.types, one.rules, one.why_whole)
        ('air_day',) ('air.pm10', 'air.pm2-5')
        ('indicator',) ('resource.productivity',)
        ('complaint',) ('complaint.complete',) it judges all records together
    """
    found: dict[object, list[tuple[Rule, Partitioning]]] = {}
    for rule in rules:
        parted = partitioning(rule, held)
        if parted.anywhere:
            continue
        others = frozenset(link.record for link in rule.related.values() if link.record in on_cluster)
        by: object = (parted.by, frozenset(_roles(rule, parted).items())) if parted.by else (parted.why_not, others)
        found.setdefault((rule.record, rule.group is None, by), []).append((rule, parted))
    return [_round(own, on_cluster) for own in found.values()]


def _round(own: Sequence[tuple[Rule, Partitioning]], on_cluster: Collection[str]) -> Round:
    rule, parted = own[0]
    roles = _roles(rule, parted)
    if not parted.by:
        roles = {link.record: frozenset() for link in rule.related.values() if link.record in on_cluster}
    partitionings = {r.id: p for r, p in own}
    return Round(rule.record, rule.group is not None, partitionings, roles, parted.why_not)


def _roles(rule: Rule, parted: Partitioning) -> dict[str, frozenset[tuple[str, ...]]]:
    found: dict[str, set[tuple[str, ...]]] = {}
    for name, fields in parted.related.items():
        found.setdefault(rule.related[name].record, set()).add(tuple(fields))
    return {type_: frozenset(fields) for type_, fields in found.items()}


@dataclass(frozen=True)
class Plan:
    """One shuffle as it is carried out.

    Args:
        count: of parts; one more, the rest, has what belongs to none of them.
        rest: whether anything has to be judged there, which takes all records that are looked up.
        surveys, open_groups_of: rule id -> what all records state of its groups, and which open ones they make.
    """

    round: Round
    count: int
    rest: bool = False
    surveys: Mapping[str, GroupSurvey] = field(default_factory=dict)
    open_groups_of: Mapping[str, Sequence[tuple[str | float | bool | None, ...]]] = field(default_factory=dict)

    @property
    def parts(self) -> int:
        """How many parts are judged, with the rest."""
        return 1 if self.round.why_whole else self.count + 1
