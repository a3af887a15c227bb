"""The adapter: the only place that touches durable-rules, and only in the ways that are known to hold.

No host and so no threads; one live session for a ruleset; facts asserted one at a time; what is not there is asked
only in a later stratum, whose `go` fact comes last and stands first in the rule; no events, timers, retraction or
numbers of the records: every value is a small code. An error in an action is raised again.
"""

from __future__ import annotations

import json
import threading
import weakref
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from durable import engine as library

#: Its C module, which it brings along.
core = library.durable_rules_engine

#: Beyond these the library hangs, crashes or answers wrongly, each with a wide margin.
MOST_RULES, MOST_KINDS, MOST_PATTERNS, MOST_FIRINGS = 200, 200, 10, 20_000

Fact = dict[str, int]


class EngineError(Exception):
    """The library refused what the adapter takes for safe: a defect of the adapter, not of the data."""


@dataclass(frozen=True)
class Pattern:
    """A fact of a kind that has to be there, or must not be.

    Args:
        equal: a field -> the value it has, or (place of an earlier pattern, its field) whose value it equals.
        absent: no such fact may be there.
    """

    kind: str
    equal: tuple[tuple[str, int | tuple[int, str]], ...] = ()
    absent: bool = False


@dataclass(frozen=True)
class Production:
    """What is done when all patterns match, in a stratum that comes after what it may find absent.

    Args:
        derive: the kind of fact it adds, and for each of its fields where the value comes from.
    """

    stratum: int
    patterns: tuple[Pattern, ...]
    derive: str
    fields: tuple[tuple[str, int | tuple[int, str]], ...]


def kinds_of(productions: Sequence[Production]) -> set[str]:
    """The kinds of fact that productions ask for."""
    return {p.kind for production in productions for p in production.patterns}


class Session:
    """A compiled set of productions, and the one session that runs on it at a time."""

    def __init__(self, productions: Sequence[Production]) -> None:
        self.strata = sorted({p.stratum for p in productions})
        self._lock = threading.Lock()
        self._serial = 0
        self._error: BaseException | None = None
        self._firings = 0
        self._seen: set[tuple[Any, ...]] = set()
        self._derived: Callable[[str, Fact], None] = lambda kind, fact: None
        # An action must not keep the session alive, or the ruleset would never be given back.
        me: weakref.ref[Session] = weakref.ref(self)
        spec: dict[str, Any] = {
            f"r{i}": {"all": _patterns(p), "run": _action(me, p)} for i, p in enumerate(productions)
        }
        # Each fact matches something, so that none is refused as unobserved.
        spec["sink"] = {"all": [{"x": {"$ex": {"_k": 1}}}, {"y": {"_k": "nothing"}}], "run": lambda c: None}
        # A session on which no action ever ran cannot be deleted safely.
        spec["end"] = {"all": [{"m": {"_k": "end"}}], "run": lambda c: None}
        self._ruleset = library.Ruleset("r", None, spec)
        self._handle = self._ruleset._handle
        weakref.finalize(self, core.delete_ruleset, self._handle).atexit = False

    def __enter__(self) -> Session:
        self._lock.acquire()
        self._serial, self._firings, self._error = 0, 0, None
        self._seen.clear()
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self._error = None
            try:
                self._fire({"_k": "end", "_n": 0})
            finally:
                core.delete_state(self._handle, "s")
        finally:
            self._derived = lambda kind, fact: None
            self._lock.release()

    def add(self, kind: str, **values: int) -> None:
        """Assert a fact; the same one again is no other."""
        key = (kind, *sorted(values.items()))
        if key not in self._seen:
            self._seen.add(key)
            self._assert({"_k": kind, **values})

    def run(self, stratum: int, derived: Callable[[str, Fact], None] | None = None) -> None:
        """Let the productions of a stratum fire; `derived` is told each fact that they add."""
        if stratum not in self.strata:
            return
        self._derived = derived or (lambda kind, fact: None)
        self._fire({"_k": "go", "_n": stratum})

    def _assert(self, fact: dict[str, Any]) -> Any:
        self._serial += 1
        message = json.dumps({**fact, "_1": 1, "id": f"x{self._serial}", "sid": "s"})
        code, offset = core.assert_fact(self._handle, message)
        if code:
            raise EngineError(f"durable-rules refused {message}: {code}")
        return offset

    def _fire(self, fact: dict[str, Any]) -> None:
        errors: list[Any] = []
        self._ruleset.do_actions(self._assert(fact), lambda error, state: errors.append(error))
        if self._error is not None:
            raise self._error
        if errors and errors[0]:
            raise EngineError(str(errors[0]))

    def _act(self, production: Production, found: dict[str, Any]) -> None:
        if self._error is not None:
            return
        try:
            self._firings += 1
            if self._firings > MOST_FIRINGS:
                raise EngineError("more firings than a session may have")
            values = {f: v if isinstance(v, int) else int(found[f"p{v[0]}"][v[1]]) for f, v in production.fields}
            self.add(production.derive, **values)
            self._derived(production.derive, values)
        except BaseException as error:
            # The library turns it into text and goes on; it is raised again when the stratum is done.
            self._error = error


def _action(me: weakref.ref[Session], production: Production) -> Callable[[Any], None]:
    def act(c: Any) -> None:
        session = me()
        if session is not None:
            session._act(production, c._m)

    return act


def _patterns(production: Production) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = [{"go": {"$and": [{"_k": "go"}, {"_n": production.stratum}]}}]
    joined = {(v[0], v[1]) for p in production.patterns for _, v in p.equal if not isinstance(v, int)}
    for i, pattern in enumerate(production.patterns):
        asked = {f for f, _ in pattern.equal} | {f for place, f in joined if place == i}
        body: list[dict[str, Any]] = [{"_k": pattern.kind}, *({"$ex": {f: 1}} for f in sorted(asked))]
        body += [{f: v} for f, v in pattern.equal if isinstance(v, int)]
        joins = [{f: {f"p{v[0]}": v[1]}} for f, v in pattern.equal if not isinstance(v, int)]
        # A pattern whose last join test fails is read past its end, so the last one is always true.
        body += [*joins, {"_1": {"go": "_1"}}] if joins else []
        found.append({f"p{i}$not" if pattern.absent else f"p{i}": {"$and": body}})
    return found
