"""Records of a job as small cases: some of a unit's records, with every record that could belong to them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from envrules.engines.base import KeyPart
from envrules.engines.durable.program import Unit
from envrules.engines.durable.session import MOST_FIRINGS
from envrules.engines.reference.evaluate import Env, Worth, evaluate
from envrules.interval import Interval
from envrules.pack.pack import Related
from envrules.records.values import Record

#: Records and possible links of one case: a few records share a session up to the first, none may exceed the second.
FEW, MOST_RECORDS = 40, 400

Key = tuple[KeyPart, ...]


@dataclass
class Case:
    """Some of a unit's records, by their place in its type's list, and the records they may be linked to.

    Args:
        base: the environment of the rules, without a record.
        keys: for each record, what its links have to equal; `members`: link -> records, each once.
    """

    unit: Unit
    base: Env
    places: list[int] = field(default_factory=list)
    records: list[Record] = field(default_factory=list)
    keys: list[tuple[Key, ...]] = field(default_factory=list)
    members: list[dict[int, Record]] = field(default_factory=list)
    links: int = 0
    _envs: dict[int, Env] = field(default_factory=dict)

    def env(self, i: int) -> Env:
        """The environment of the i-th record, made when it is first needed."""
        if i not in self._envs:
            self._envs[i] = self.base.of(self.records[i])
        return self._envs[i]

    @property
    def size(self) -> int:
        """How much it holds: records and possible links."""
        return len(self.places) + sum(len(m) for m in self.members) + self.links


def make_cases(unit: Unit, records: Sequence[Record], env: Env) -> Iterator[Case]:
    """The cases of a unit's records, in their order; records that would make too large a case are in none.

    Which records are taken along is by index and errs on the side of more; which are linked the engine finds out.
    """
    links = [unit.rules[0].related[name] for name in unit.links]
    most = min(MOST_RECORDS, MOST_FIRINGS // max(1, len(unit.productions)))
    case = Case(unit, env, members=[{} for _ in links])
    for place, record in enumerate(records):
        keys, around = _around(links, record, env)
        count = sum(len(rows) for rows in around)
        if 1 + 2 * count > most:
            continue
        if case.places and case.size + 1 + 2 * count > min(FEW, most):
            yield case
            case = Case(unit, env, members=[{} for _ in links])
        case.places.append(place)
        case.records.append(record)
        case.keys.append(keys)
        case.links += count
        for members, rows in zip(case.members, around, strict=True):
            members.update((id(r), r) for r in rows)
    if case.places:
        yield case


def _around(links: Sequence[Related], record: Record, env: Env) -> tuple[tuple[Key, ...], list[list[Record]]]:
    """What a record's links have to equal, and the records that they may lead to."""
    if not links:
        return (), []
    own = env.of(record)
    keys = tuple(tuple(key_part(evaluate(node, own)) for _, node in link.keys) for link in links)
    around = [
        [r for r, _ in env.linked.matching(link.record, tuple(f for f, _ in link.keys), key)]
        for link, key in zip(links, keys, strict=True)
    ]
    return keys, around


def batches(cases: Iterator[Case]) -> Iterator[list[Case]]:
    """Cases of one program that share a session: as many as are few."""
    found: list[Case] = []
    size = 0
    for case in cases:
        if found and size + case.size > FEW:
            yield found
            found, size = [], 0
        found.append(case)
        size += case.size
    if found:
        yield found


def key_part(worth: Worth) -> KeyPart:
    """What a key's expression gives, as a part of a key; None where it is not one value."""
    if isinstance(worth, Interval):
        return worth.lo if worth.known else None
    if isinstance(worth, frozenset):
        return next(iter(worth)) if len(worth) == 1 else None
    return worth
