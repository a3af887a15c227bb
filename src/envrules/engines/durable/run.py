"""One case through a program: facts in, links and outcomes out.

What two values are to one another the interpreter says; which records are linked, what holds of sets of them, how
conditions combine and what follows, durable-rules derives.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from envrules.engines.durable.cases import Case
from envrules.engines.durable.program import (
    ASKED,
    LINK,
    OPEN,
    OUTCOME,
    OWN,
    REST,
    SETTLED,
    WHERE,
    Program,
)
from envrules.engines.durable.session import Fact, Session
from envrules.engines.reference.evaluate import Env, condition, number
from envrules.engines.reference.judge import date_of
from envrules.engines.reference.linked import Member, key_part
from envrules.lang import ast
from envrules.pack.pack import Rule
from envrules.records.values import Record
from envrules.verdict import OUTCOMES, Outcome


def outcomes_of(program: Program, case: Case, records: Sequence[Record], env: Env) -> dict[int, Outcome]:
    """The outcome of each record of a case, by its place in its type's list."""
    envs = [env.of(records[place]) for place in case.places]
    found: dict[int, Outcome] = {}

    def settle(kind: str, fact: Fact) -> None:
        if kind.startswith("z"):
            found[case.places[fact["r"]]] = OUTCOMES[int(kind[1:])]

    with program.session as session:
        for i in range(len(envs)):
            session.add("o", r=i)
        if program.links:
            _link(session, program, case, envs)
            _ask(session, program, envs)
        for i, own in enumerate(envs):
            _state(session, "a", i, program.own, own)
            _date(session, program.rule, i, own)
        session.run(OWN)
        session.run(OUTCOME, settle)
        session.run(REST, settle)
    return found


def _state(session: Session, letter: str, code: int, atoms: Sequence[ast.Node], env: Env) -> None:
    """Assert what is known of atoms."""
    for i, atom in enumerate(atoms):
        truth = condition(atom, env)
        if truth is not None:
            session.add(f"{letter}{i}{'t' if truth else 'f'}", r=code)


def _link(session: Session, program: Program, case: Case, envs: Sequence[Env]) -> None:
    """Let the links be found, and give each record's environment the records that it is linked to."""
    links = [list(members.values()) for members in case.members]
    for at, (name, rows) in enumerate(zip(program.links, links, strict=True)):
        link = program.rule.related[name]
        codes = _Codes()
        own_codes = [codes.of(keys[at]) for keys in case.keys]
        their_codes = [codes.of(tuple(key_part(r.value(f)) for f, _ in link.keys)) for r in rows]
        for i, code in enumerate(own_codes):
            session.add(f"k{at}", r=i, k=code)
        for i, code in enumerate(their_codes):
            session.add(f"m{at}", r=i, k=code)
        for own in sorted(set(own_codes)):
            for their in sorted(set(their_codes)):
                if codes.perhaps(own, their):
                    session.add(f"g{at}", a=own, b=their)
        if link.where is not None:
            inner = replace(envs[0], record_type=link.record, related={})
            for i, record in enumerate(rows):
                _state(session, f"w{at}x", i, program.where[at], inner.of(record))
    matches: list[dict[str, list[Member]]] = [{name: [] for name in program.links} for _ in envs]

    def linked(kind: str, fact: Fact) -> None:
        which = int(kind[1:])
        matches[fact["o"]][program.links[which]].append((links[which][fact["r"]], True if fact["s"] else None))

    session.run(WHERE)
    session.run(LINK, linked)
    for env, own_matches in zip(envs, matches, strict=True):
        env.matches.update(own_matches)


class _Codes:
    """Small numbers for keys. A key with an open part has one of its own each time, so it equals no other."""

    def __init__(self) -> None:
        self._known: dict[tuple[object, ...], int] = {}
        self._keys: list[tuple[object, ...]] = []

    def of(self, key: tuple[object, ...]) -> int:
        if None not in key and key in self._known:
            return self._known[key]
        self._keys.append(key)
        if None not in key:
            self._known[key] = len(self._keys) - 1
        return len(self._keys) - 1

    def perhaps(self, one: int, other: int) -> bool:
        """Whether two keys may be equal, and it is not known that they are."""
        a, b = self._keys[one], self._keys[other]
        return (None in a or None in b) and all(x is None or y is None or x == y for x, y in zip(a, b, strict=True))


def _ask(session: Session, program: Program, envs: Sequence[Env]) -> None:
    """Assert what is known of each linked record, and let follow what holds of the sets."""
    for at, asked in enumerate(program.sets):
        pair = 0
        for i, env in enumerate(envs):
            for record, belongs in env.related_to(asked.over):
                session.add(f"p{at}", r=pair, o=i, s=int(belongs is True))
                inner = replace(env, bound={**env.bound, asked.over: record}, worths={})
                _state(session, f"e{at}x", pair, asked.atoms, inner)
                pair += 1
    for stratum in (ASKED, OPEN, SETTLED):
        session.run(stratum)


def _date(session: Session, rule: Rule, code: int, env: Env) -> None:
    """Assert where a record stands in time: against the rule's validity, the evaluation date and the due day."""
    assert env.record is not None
    stated = date_of(env.record, env.pack)
    as_of = env.as_of.lo
    date = as_of if stated is None else stated
    early = rule.effective is not None and date < rule.effective.toordinal()
    if early or (rule.expires is not None and date > rule.expires.toordinal()):
        session.add("out", r=code)
    if date > as_of:
        session.add("future", r=code)
    if rule.due is None:
        session.add("reached", r=code)
        return
    due = number(rule.due, env)
    if due.known:
        dated = bool(env.pack.records[rule.record].date)
        session.add("reached" if (date >= due.lo if dated else as_of > due.lo) else "waits", r=code)
