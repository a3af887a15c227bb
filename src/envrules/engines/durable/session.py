"""The adapter: the only place that touches durable-rules, and only in the ways that are known to hold.

No host and so no threads; one live session for a ruleset; facts asserted one at a time; what is not there is asked
only in a later stratum, whose `go` fact comes last and stands first in the rule; no events, timers, retraction or
numbers of the records: every value is a small code. What follows from a match is done here, so no error is lost.
"""

from __future__ import annotations

import json
import threading
import weakref
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import durable_rules_engine as core

from envrules.engines.durable.formula import ALWAYS, All, Formula, Test, branches

#: Beyond these the library hangs, crashes or answers wrongly, each with a margin: rules of a set, rules that share a
#: pattern, fields of a fact, places of an expression (it has 32), conditions held at once while one fact is tried (it
#: has 64), matches of one fact by one rule, and firings of a session.
MOST_RULES, MOST_SHARED, MOST_FIELDS, MOST_LENGTH, MOST_WIDTH = 200, 60, 120, 24, 60
MOST_MATCHES, MOST_FIRINGS = 16, 20_000

Fact = dict[str, int]
#: Where a value comes from: itself, or the field of the fact that matched the pattern at a place.
Source = int | tuple[int, str]


class EngineError(Exception):
    """The library refused what the adapter takes for safe: a defect of the adapter, not of the data."""


@dataclass(frozen=True)
class Pattern:
    """A fact of a kind that has to be there, or must not be.

    Args:
        where: what its own fields have to hold; only in a production of one pattern.
        equal: a field -> the field of an earlier pattern whose value it equals.
        absent: no such fact may be there.
    """

    kind: str
    where: Formula = ALWAYS
    equal: tuple[tuple[str, tuple[int, str]], ...] = ()
    absent: bool = False


@dataclass(frozen=True)
class Production:
    """What follows when all patterns match.

    Args:
        derive: the kind of fact that follows, and for each of its fields where the value comes from.
        fact: whether other productions ask for it; what none asks for is only told.
    """

    patterns: tuple[Pattern, ...]
    derive: str
    fields: tuple[tuple[str, Source], ...]
    fact: bool = False

    @property
    def waits(self) -> bool:
        """Whether it asks for what is not there, and so has to come after everything that could be."""
        return any(p.absent for p in self.patterns)


class Session:
    """A compiled set of productions, and the one session that runs on it at a time.

    Args:
        copies: the kinds under which a fact of a kind is asserted, where that is more than its own.
    """

    def __init__(self, productions: Sequence[Production], copies: Mapping[str, Sequence[str]] | None = None) -> None:
        self._copies = copies or {}
        self._lock = threading.Lock()
        self._serial = self._firings = 0
        self._last: int | None = None
        self._seen: set[tuple[Any, ...]] = set()
        self._texts: dict[tuple[str, ...], str] = {}
        self._productions = {f"r{i}": p for i, p in enumerate(productions)}
        spec: dict[str, Any] = {name: {"all": _patterns(p)} for name, p in self._productions.items()}
        # Each fact matches something, so that none is refused as unobserved.
        spec["sink"] = {"all": [{"x": {"$ex": {"_k": 1}}}, {"y": {"_k": "nothing"}}]}
        # A session on which no action ever began cannot be deleted safely.
        spec["end"] = {"all": [{"m": {"_k": "end"}}]}
        self._handle = core.create_ruleset("r", json.dumps(spec))
        weakref.finalize(self, core.delete_ruleset, self._handle).atexit = False

    def __enter__(self) -> Session:
        self._lock.acquire()
        self._serial, self._firings, self._last = 0, 0, None
        self._seen.clear()
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self._assert("end", {})
            core.start_action_for_state(self._handle, self._last)
            core.delete_state(self._handle, "s")
        finally:
            self._lock.release()

    def add(self, kind: str, values: Fact) -> None:
        """Assert a fact."""
        for name in self._copies.get(kind, (kind,)):
            self._assert(name, values)

    def run(self, derived: Callable[[str, Fact], None], *, absences: bool = False) -> None:
        """Let everything follow from the facts there are; `derived` is told each thing that follows, once or more.

        Args:
            absences: also what follows from what is not there; nothing may be added afterwards that would be.
        """
        self._fire(derived)
        if absences:
            self._assert("go", {})
            self._fire(derived)

    def _assert(self, kind: str, values: Fact) -> None:
        # Facts of a kind differ in their numbers alone, so that their text is made once.
        name = (kind, *values)
        text = self._texts.get(name)
        if text is None:
            fields = "".join(f'"{f}": %d, ' for f in values)
            text = self._texts[name] = f'{{"_k": "{kind}", {fields}"_1": 1, "id": "x%d", "sid": "s"}}'
        self._serial += 1
        message = text % (*values.values(), self._serial)
        code, self._last = core.assert_fact(self._handle, message)
        if code:
            raise EngineError(f"durable-rules refused {message}: {code}")

    def _fire(self, derived: Callable[[str, Fact], None]) -> None:
        """Take each action that waits, until none does.

        The library's own loop would also write the session's state back as a fact, turn errors into text and watch the
        clock, none of which is wanted here.
        """
        if self._last is None:
            return
        started = core.start_action_for_state(self._handle, self._last)
        waiting = started[1] if started else None
        try:
            while waiting:
                for name, found in json.loads(waiting).items():
                    if name in self._productions:
                        self._follow(self._productions[name], found, derived)
                waiting = core.complete_and_start_action(self._handle, self._last)
        except BaseException:
            core.abandon_action(self._handle, self._last)
            raise

    def _follow(self, production: Production, found: Mapping[str, Fact], derived: Callable[[str, Fact], None]) -> None:
        self._firings += 1
        if self._firings > MOST_FIRINGS:
            raise EngineError("more firings than a session may have")
        values = {f: v if isinstance(v, int) else found[f"p{v[0]}"][v[1]] for f, v in production.fields}
        if production.fact:
            key = (production.derive, *values.values())
            if key in self._seen:
                return
            self._seen.add(key)
            self.add(production.derive, values)
        derived(production.derive, values)


def _patterns(production: Production) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = [{"go": {"_k": "go"}}] if production.waits else []
    joined = {place for p in production.patterns for _, place in p.equal}
    for i, pattern in enumerate(production.patterns):
        asked = {f for f, _ in pattern.equal} | {f for place, f in joined if place == i}
        body: list[dict[str, Any]] = [{"_k": pattern.kind}, *({"$ex": {f: 1}} for f in sorted(asked))]
        if pattern.where != ALWAYS:
            body += [
                _condition(i) for i in (pattern.where.items if isinstance(pattern.where, All) else [pattern.where])
            ]
        joins: list[dict[str, Any]] = [{f: {f"p{at}": of}} for f, (at, of) in pattern.equal]
        # A pattern whose last join test fails is read past its end, so the last one is always true.
        body += [*joins, {"_1": {"p0": "_1"}}] if joins else []
        found.append({f"p{i}$not" if pattern.absent else f"p{i}": {"$and": body}})
    return found


def _condition(formula: Formula) -> dict[str, Any]:
    if isinstance(formula, Test):
        one, *more = sorted(formula.codes)
        # Two of the three codes are all but the third.
        return {formula.field: one} if not more else {"$neq": {formula.field: 3 - one - more[0]}}
    if isinstance(formula, All):
        return {"$and": [_condition(i) for i in formula.items]}
    return {"$or": [_condition(b) for b in branches(formula)]}
