"""The groups of a rule: those the records make, and those a calendar or a list of subjects demands."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import chain, product

from envrules import calendars, interval
from envrules.engines.base import Job, KeyPart
from envrules.engines.reference.evaluate import Env, Worth, condition, evaluate, unknown
from envrules.engines.reference.judge import date_of
from envrules.engines.reference.linked import Member
from envrules.interval import Interval
from envrules.pack.pack import GroupKey, Rule
from envrules.records.values import Record

Keys = tuple[KeyPart, ...]


@dataclass
class Group:
    """One group: its keys (None for one that no record states), its records, and whether it surely exists."""

    keys: Keys
    members: list[Member] = field(default_factory=list)
    exists: bool | None = True


def make_groups(rule: Rule, records: Sequence[Record], job: Job, env: Env) -> list[Group]:
    """The groups of a rule over the records given, in the order of their keys.

    A record whose date lies after the evaluation date does not count. One whose key or condition is open belongs to
    every group that it could belong to, as a perhaps.
    """
    keys = rule.group or ()
    placed = [(r, *_place(rule, r, env.of(r), keys)) for r in records if not _in_future(r, job)]
    placed = [p for p in placed if p[1] is not False]
    generated = is_generated(rule)
    groups: dict[Keys, Group] = {}
    if generated:
        for combination in generated_groups(rule, [at for _, _, at in placed], job):
            groups[combination] = Group(combination)
    else:
        for _, belongs, at in placed:
            if None not in at and (job.share is None or job.share.owns(rule, at)):
                group = groups.setdefault(at, Group(at, exists=None))
                group.exists = group.exists or belongs
        for at in open_groups(rule, groups, [at for _, _, at in placed if None in at], job):
            groups[at] = Group(at, exists=None)
    for record, belongs, at in placed:
        if None not in at:
            # A generated domain may leave a record's group out: a period that has not ended, one before the first.
            if at in groups:
                groups[at].members.append((record, belongs))
        else:
            for group in groups.values():
                if could_be(at, group.keys):
                    group.members.append((record, None))
    return [groups[k] for k in (groups if generated else sorted(groups, key=sort_key))]


def is_generated(rule: Rule) -> bool:
    """Whether a calendar or a list demands the groups of a rule, whatever the records state."""
    keys = rule.group or ()
    return any(k.start is not None or k.values is not None for k in keys) or not keys


def generated_groups(rule: Rule, stated: Sequence[Keys], job: Job) -> list[Keys]:
    """The keys of the groups that are demanded, in their order.

    Args:
        stated: the keys that the records of the job state.
    """
    domains = []
    for i, key in enumerate(rule.group or ()):
        at = job.share.stated(rule, i) if job.share is not None else (one[i] for one in stated)
        domains.append(domain(key, at, rule, job))
    every = product(*domains)
    return list(every) if job.share is None else [key for key in every if job.share.owns(rule, key)]


def open_groups(rule: Rule, stated: Collection[Keys], open_keys: Iterable[Keys], job: Job) -> list[Keys]:
    """The groups that records with an open key make: one that could be in no group so far makes one of what it says.

    Args:
        stated: the whole keys of groups; open_keys: those of records of which a part is open.
    """
    if job.share is not None:
        return [key for key in job.share.open_groups(rule) if job.share.owns(rule, key)]
    found: dict[Keys, None] = {}
    for at in specific_first(open_keys):
        if not any(could_be(at, known) for known in chain(stated, found)):
            found[at] = None
    return list(found)


def specific_first(open_keys: Iterable[Keys]) -> list[Keys]:
    """Different open keys, those that say more first: what groups they make does not hang on the order of records."""
    return sorted(set(open_keys), key=lambda keys: (keys.count(None), sort_key(keys)))


def could_be(at: Keys, keys: Keys) -> bool:
    """Whether a record whose key is partly open may belong to a group."""
    return all(a is None or k is None or a == k for a, k in zip(at, keys, strict=True))


def _in_future(record: Record, job: Job) -> bool:
    day = date_of(record, job.pack)
    return day is not None and day > job.as_of.toordinal()


def _place(rule: Rule, record: Record, env: Env, keys: tuple[GroupKey, ...]) -> tuple[bool | None, Keys]:
    belongs = True if rule.when is None else condition(rule.when, env)
    return belongs, tuple(_part(evaluate(k.node, env)) for k in keys)


def _part(worth: Worth) -> KeyPart:
    if isinstance(worth, Interval):
        return worth.lo if worth.known else None
    if isinstance(worth, frozenset):
        return next(iter(worth)) if len(worth) == 1 else None
    return worth


def domain(key: GroupKey, stated: Iterable[KeyPart], rule: Rule, job: Job) -> list[KeyPart]:
    """The values a generated key takes, besides those that records state."""
    if key.period is not None and key.start is not None:
        last = calendars.period_of(key.period, job.as_of)
        if calendars.last_day(key.period, last) > job.as_of:
            last -= 1
        return [float(p) for p in range(key.start, last + 1)]
    if key.values is not None:
        return list(key.values)
    named = set(stated) - {None}
    subject = f"{rule.record}.{key.name}"
    given = [*job.pack.subjects.get(subject, ()), *job.subjects.get(subject, ())]
    return [*sorted(named, key=str), *(g for g in dict.fromkeys(given) if g not in named)]


def sort_key(keys: Keys) -> tuple[tuple[bool, str, float], ...]:
    """Groups stand in the order of their keys, those with an open part last."""
    return tuple((k is None, k if isinstance(k, str) else "", k if isinstance(k, int | float) else 0.0) for k in keys)


def key_worths(group: Group, keys: Sequence[GroupKey]) -> dict[str, Worth]:
    """The keys of a group as values of expressions."""
    found: dict[str, Worth] = {}
    for key, part in zip(keys, group.keys, strict=True):
        if part is None:
            found[key.name] = unknown(key.node.type)
        elif isinstance(part, str):
            found[key.name] = frozenset({part})
        else:
            found[key.name] = interval.point(float(part))
    return found


def subject_of(group: Group, keys: Sequence[GroupKey]) -> str:
    """`key=value` pairs in the rule's order, as findings name a group."""
    parts = []
    for key, part in zip(keys, group.keys, strict=True):
        if part is None:
            text = "?"
        elif key.period is not None and isinstance(part, float):
            text = calendars.format_period(key.period, int(part))
        else:
            text = str(part)
        parts.append(f"{key.name}={text}")
    return "; ".join(parts)
