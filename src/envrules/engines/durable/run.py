"""Cases through a program: facts in, links and outcomes out.

What two values are to one another the interpreter says; which records are linked, what holds of sets of them, how
conditions combine and what follows, durable-rules derives.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from envrules.engines.durable.cases import Case, Key
from envrules.engines.durable.formula import CODE_OF, UNKNOWN
from envrules.engines.durable.program import AHEAD, DUE, OUTSIDE, Program
from envrules.engines.durable.session import EngineError, Fact, Session
from envrules.engines.reference.evaluate import Env, condition, number
from envrules.engines.reference.judge import date_of
from envrules.engines.reference.linked import Member, key_part
from envrules.lang import ast
from envrules.records.values import Record
from envrules.verdict import OUTCOMES, Outcome


def outcomes_of(program: Program, cases: Sequence[Case]) -> dict[tuple[str, int], Outcome]:
    """The outcome of each rule of the cases' units on each of their records, by the rule's id and the record's place.

    Args:
        cases: at most one of a unit.
    """
    found: dict[tuple[str, int], Outcome] = {}
    by_unit = {case.unit.number: case for case in cases}

    def settle(kind: str, fact: Fact) -> None:
        if kind == "z":
            case = by_unit[fact["u"]]
            key = (case.unit.rules[fact["i"]].id, case.places[fact["r"]])
            outcome = OUTCOMES[fact["z"]]
            if found.setdefault(key, outcome) != outcome:
                raise EngineError(f"{key[0]} has two outcomes")

    with program.session as session:
        linked = [case for case in cases if case.unit.links]
        settled = _sets(session, linked) if linked else {}
        for case in cases:
            for i in range(len(case.places)):
                session.add(f"s{case.unit.number}", _sheet(case, i, settled))
        session.run(settle)
    if len(found) != sum(len(case.places) * len(case.unit.rules) for case in cases):
        raise EngineError("a rule has no outcome")
    return found


def _sheet(case: Case, r: int, settled: dict[tuple[int, int, int], int]) -> Fact:
    """The fact of a record: the codes of all that its rules ask of it."""
    unit, record, base = case.unit, case.records[r], case.base
    fact = {"r": r}
    for i, atom in enumerate(unit.atoms):
        fact[f"a{i}"] = atom.code(record, lambda: case.env(r))
    for i in range(len(unit.sets)):
        fact[f"q{i}"] = settled.get((unit.number, i, r), UNKNOWN)
    as_of = base.as_of.lo
    stated = date_of(record, base.pack)
    date = as_of if stated is None else stated
    fact[AHEAD] = int(date > as_of)
    for i, (start, end) in enumerate(unit.dates):
        early = start is not None and date < start.toordinal()
        fact[f"{OUTSIDE}{i}"] = int(early or (end is not None and date > end.toordinal()))
    for i, node in enumerate(unit.dues):
        due = number(node, case.env(r))
        dated = bool(base.pack.records[unit.record].date)
        reached = None if not due.known else date >= due.lo if dated else as_of > due.lo
        fact[f"{DUE}{i}"] = CODE_OF[reached]
    return fact


def _codes(atoms: Sequence[ast.Node], env: Env) -> Fact:
    return {f"a{i}": CODE_OF[condition(atom, env)] for i, atom in enumerate(atoms)}


def _sets(session: Session, cases: Sequence[Case]) -> dict[tuple[int, int, int], int]:
    """What is known of related sets, by the numbers of unit, set and record; each record gets the links it has."""
    by_unit = {case.unit.number: case for case in cases}
    candidates = {
        (case.unit.number, at): list(members.values()) for case in cases for at, members in enumerate(case.members)
    }
    matches: dict[tuple[int, int, int], dict[int, Member]] = {}
    settled: dict[tuple[int, int, int], int] = {}

    def derived(kind: str, fact: Fact) -> None:
        if kind[0] == "l":
            unit, at = map(int, kind[1:].split("_"))
            record = candidates[unit, at][fact["r"]]
            matches.setdefault((unit, at, fact["o"]), {})[fact["r"]] = (record, True if fact["s"] else None)
        elif kind == "q":
            settled[fact["u"], fact["n"], fact["r"]] = fact["c"]

    for case in cases:
        for at in range(len(case.unit.links)):
            _members(session, case, at, candidates[case.unit.number, at])
    session.run(derived)
    for unit, case in by_unit.items():
        for i in range(len(case.places)):
            for at, name in enumerate(case.unit.links):
                found = matches.get((unit, at, i), {})
                case.env(i).matches[name] = [found[r] for r in sorted(found)]
        _pairs(session, case)
    session.run(derived, absences=True)
    return settled


def _members(session: Session, case: Case, at: int, rows: Sequence[Record]) -> None:
    """Assert the records that have a link, those that it may lead to, and which of their keys may be equal."""
    unit = case.unit
    link = unit.rules[0].related[unit.links[at]]
    name = f"{unit.number}_{at}"
    codes = _Codes()
    own_codes = [codes.of(keys[at]) for keys in case.keys]
    their_codes = [codes.of(tuple(key_part(r.value(f)) for f, _ in link.keys)) for r in rows]
    for i, code in enumerate(own_codes):
        session.add(f"o{name}", {"r": i, "k": code})
    inner = replace(case.base, record_type=link.record, related={})
    for i, (record, code) in enumerate(zip(rows, their_codes, strict=True)):
        session.add(f"m{name}", {"r": i, "k": code, **_codes(unit.narrowed[at], inner.of(record))})
    for own in sorted(set(own_codes)):
        for their in sorted(set(their_codes)):
            if codes.perhaps(own, their):
                session.add(f"g{name}", {"a": own, "b": their})


def _pairs(session: Session, case: Case) -> None:
    """Assert what is known of each linked record, by what is asked of the sets that it is in."""
    unit = case.unit
    for n, asked in enumerate(unit.sets):
        name, pair = f"{unit.number}_{n}", 0
        for i in range(len(case.places)):
            env = case.env(i)
            if not env.is_given(asked.over):
                # A type that was not given is not an empty set: nothing is known of what it holds.
                continue
            session.add(f"e{name}", {"r": i})
            for record, belongs in env.related_to(asked.over):
                inner = replace(env, bound={**env.bound, asked.over: record}, worths={})
                session.add(f"p{name}", {"r": pair, "o": i, "s": int(belongs is True), **_codes(asked.atoms, inner)})
                pair += 1


class _Codes:
    """Small numbers for keys. A key with an open part has one of its own each time, so it equals no other."""

    def __init__(self) -> None:
        self._known: dict[Key, int] = {}
        self._keys: list[Key] = []

    def of(self, key: Key) -> int:
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
