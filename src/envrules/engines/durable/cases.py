"""Records of a job as small cases: some of a rule's records, with every record that could belong to them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from envrules.engines.durable.session import MOST_FIRINGS
from envrules.engines.reference.evaluate import Env, Worth, evaluate
from envrules.engines.reference.linked import KeyPart
from envrules.interval import Interval
from envrules.pack.pack import Rule
from envrules.records.values import Record

#: Records and possible links of one case: a few records share a session up to the first, none may exceed the second.
FEW, MOST_RECORDS = 40, 400

Key = tuple[KeyPart, ...]


@dataclass
class Case:
    """Some of a rule's records, by their place in its type's list, and the records they may be linked to.

    Args:
        keys: for each record, what its links have to equal; `members`: link -> records, each once.
    """

    places: list[int] = field(default_factory=list)
    keys: list[tuple[Key, ...]] = field(default_factory=list)
    members: list[dict[int, Record]] = field(default_factory=list)
    links: int = 0

    @property
    def size(self) -> int:
        """How much it holds: records and possible links."""
        return len(self.places) + sum(len(m) for m in self.members) + self.links


@dataclass(frozen=True)
class Plan:
    """The cases of a rule in a job, and the records left to the interpreter because theirs would be too large."""

    cases: tuple[Case, ...]
    left: frozenset[int]


def make_cases(rule: Rule, records: Sequence[Record], env: Env, productions: int) -> Plan:
    """The cases of a rule's records, in their order.

    Which records are taken along is by index and errs on the side of more; which are linked the engine finds out.
    """
    cases: list[Case] = []
    left: set[int] = set()
    links = list(rule.related.values())
    if any(link.record not in env.linked.records for link in links):
        # A type that was not given is not an empty set: what it holds is open, and facts cannot say so.
        return Plan((), frozenset(range(len(records))))
    most = min(MOST_RECORDS, MOST_FIRINGS // max(1, productions))
    for place, record in enumerate(records):
        own = env.of(record)
        keys = tuple(tuple(key_part(evaluate(node, own)) for _, node in link.keys) for link in links)
        around = [
            [r for r, _ in env.linked.matching(link.record, tuple(f for f, _ in link.keys), key)]
            for link, key in zip(links, keys, strict=True)
        ]
        count = sum(len(rows) for rows in around)
        if 1 + 2 * count > most:
            left.add(place)
            continue
        if not cases or cases[-1].size + 1 + 2 * count > min(FEW, most):
            cases.append(Case(members=[{} for _ in links]))
        case = cases[-1]
        case.places.append(place)
        case.keys.append(keys)
        case.links += count
        for members, rows in zip(case.members, around, strict=True):
            members.update((id(r), r) for r in rows)
    return Plan(tuple(cases), frozenset(left))


def key_part(worth: Worth) -> KeyPart:
    """What a key's expression gives, as a part of a key; None where it is not one value."""
    if isinstance(worth, Interval):
        return worth.lo if worth.known else None
    if isinstance(worth, frozenset):
        return next(iter(worth)) if len(worth) == 1 else None
    return worth
