"""The outcomes of one rule for many subjects, by the table of the semantics in its order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import cast

import numpy as np
import polars as pl

from envrules.engines.columnar.evaluate import Evaluator
from envrules.engines.columnar.program import Compiled
from envrules.engines.columnar.ranges import compare
from envrules.engines.columnar.worth import (
    Ranges,
    Truth,
    both,
    either,
    full,
    inverse,
    points_of,
    possibly,
    surely,
    surely_not,
)
from envrules.pack.pack import Rule
from envrules.records.columns.field import places
from envrules.verdict import OUTCOMES, Outcome

CODES: dict[str, int] = {outcome: i for i, outcome in enumerate(OUTCOMES)}


@dataclass(frozen=True)
class Placed:
    """Where subjects stand in time.

    Args:
        dates: day ordinals; null, or None for all, where a subject has no date.
        dated: whether they are of a kind that has dates.
    """

    dates: pl.Series | None
    dated: bool
    _known: dict[tuple[object, ...], Truth] = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def span(self) -> tuple[float, float]:
        """The first and the last date."""
        assert self.dates is not None
        return cast(float, self.dates.min()), cast(float, self.dates.max())

    def from_(self, as_of: float) -> Placed:
        """The same, with the evaluation date for subjects without a date."""
        dates = self.dates
        return self if dates is None or not dates.null_count() else Placed(dates.fill_null(as_of), self.dated)

    def _once(self, key: tuple[object, ...], make: Callable[[], Truth]) -> Truth:
        """What rules ask of the dates alone, which many of them share."""
        if key not in self._known:
            self._known[key] = make()
        return self._known[key]

    def in_force(self, rule: Rule, as_of: float) -> bool | pl.Series:
        """Whether a rule holds in their time."""
        return cast(
            "bool | pl.Series",
            self._once(("in force", rule.effective, rule.expires, as_of), lambda: _in_force(rule, self, as_of)),
        )

    def future(self, as_of: float) -> bool | pl.Series:
        """Whether their period has not ended."""
        return cast("bool | pl.Series", self._once(("future", as_of), lambda: _compare(self, as_of, ">", as_of)))

    def live(self, rule: Rule, as_of: float) -> bool | pl.Series:
        """Whether a rule holds in their time, which has ended."""
        key = ("live", rule.effective, rule.expires, as_of)
        return cast(
            "bool | pl.Series",
            self._once(key, lambda: both(self.in_force(rule, as_of), inverse(self.future(as_of)))),
        )

    def later(self, rule: Rule, as_of: float) -> bool | pl.Series:
        """Whether a rule holds in their time, which has not ended."""
        key = ("later", rule.effective, rule.expires, as_of)
        return cast("bool | pl.Series", self._once(key, lambda: both(self.in_force(rule, as_of), self.future(as_of))))


@dataclass(frozen=True)
class Outcomes:
    """The outcomes of a rule on many subjects.

    Args:
        applies: whether the rule concerns them.
        in_force: whether it holds in their time.
        later: whether it holds in their time, which has not ended.
        waiting: true or open where the duty is not kept, or not surely, and its due day has not come.
        broken: true where the rule is violated, open where that is open, false where it is kept or says nothing.
    """

    length: int
    applies: Truth
    in_force: bool | pl.Series
    later: bool | pl.Series
    waiting: Truth
    broken: Truth

    @cached_property
    def counts(self) -> dict[Outcome, int]:
        """How many subjects have each outcome."""
        n, out = self.length, inverse(self.applies)
        ended, later = inverse(self.in_force), self.later
        found: dict[Outcome, int] = {
            "not_applicable": _true(out, n),
            "not_in_force": _true(ended, n) - _true(both(out, ended), n),
            "not_due": _true(later, n) - _true(both(out, later), n) + _maybe(self.waiting, n),
            "violation": _true(self.broken, n),
            "indeterminate": _open(self.broken, n),
        }
        found["pass"] = n - sum(found.values())
        return {o: found[o] for o in OUTCOMES if found[o]}

    def masks(self) -> dict[Outcome, pl.Series]:
        """Where each outcome is, but for passes."""
        n = self.length
        concerned = full(possibly(self.applies), n)
        force, later = full(self.in_force, n), full(self.later, n)
        return {
            "not_applicable": ~concerned,
            "not_in_force": concerned & ~force,
            "not_due": (concerned & later) | full(possibly(self.waiting), n),
            "violation": full(surely(self.broken), n),
            "indeterminate": full(possibly(self.broken), n) & ~full(surely(self.broken), n),
        }

    def codes(self) -> pl.Series:
        """The outcome of every subject, as its place among `OUTCOMES`."""
        found = np.full(self.length, CODES["pass"], dtype=np.uint8)
        for outcome, mask in self.masks().items():
            found[mask.to_numpy()] = CODES[outcome]
        return pl.Series(found)

    def rows(self, listed: tuple[Outcome, ...]) -> tuple[pl.Series, pl.Series]:
        """The subjects that have one of these outcomes (findings, or all), in their order, and the outcome of each."""
        if len(listed) == len(OUTCOMES):
            return places(self.length), self.codes()
        if self.broken is False and self.waiting is False and self.later is False:
            return pl.Series([], dtype=pl.UInt32), pl.Series([], dtype=pl.UInt8)
        n = self.length
        later = both(possibly(self.applies), self.later)
        due = either(possibly(self.waiting), later)
        wanted = full(either(possibly(self.broken), due), n)
        broken = full(self.broken, n).filter(wanted)
        codes = _CODE["violation"].zip_with(broken, _CODE["indeterminate"])
        if due is not False:
            # Nothing is broken where a duty is not due yet.
            codes = _CODE["not_due"].zip_with(~broken, codes)
        return places(n).filter(wanted), codes


_CODE = {outcome: pl.Series([code], dtype=pl.UInt8) for outcome, code in CODES.items()}


def _true(truth: Truth, length: int) -> int:
    return cast(int, truth.sum()) if isinstance(truth, pl.Series) else length if truth else 0


def _open(truth: Truth, length: int) -> int:
    return truth.null_count() if isinstance(truth, pl.Series) else length if truth is None else 0


def _maybe(truth: Truth, length: int) -> int:
    return _true(truth, length) + _open(truth, length)


def outcomes(one: Compiled, evaluator: Evaluator, placed: Placed, exists: Truth = True) -> Outcomes:
    """The outcomes of a rule.

    Args:
        exists: for groups, whether each surely is one; for records the rule's `when` is asked.
    """
    rule, as_of, n = one.rule, evaluator.as_of, evaluator.length
    applies = exists if one.when is None or rule.group is not None else evaluator.truth(one.when)
    placed = placed.from_(as_of)
    dates: pl.Series | float = as_of if placed.dates is None else placed.dates
    in_force, later, live = placed.in_force(rule, as_of), placed.later(rule, as_of), placed.live(rule, as_of)
    if live is False or applies is False:
        return Outcomes(n, applies, in_force, later, False, False)
    # True where it is surely not kept, open where that is open: Kleene's table is that of the outcomes.
    broken = both(both(applies, inverse(evaluator.truth(one.require))), live)
    waiting: Truth = False
    if one.due is not None and broken is not False:
        due = evaluator.number(one.due)
        # A due day that is a range is not known.
        due = points_of(due, n) if isinstance(due, Ranges) else due
        reached = compare(">=", dates, due, n) if placed.dated else compare("<", due, as_of, n)
        waits = surely_not(reached)
        waiting, broken = both(broken, waits), both(both(broken, inverse(waits)), either(reached, waits))
    return Outcomes(n, applies, in_force, later, waiting, broken)


def _in_force(rule: Rule, placed: Placed, as_of: float) -> Truth:
    found: Truth = True
    if rule.effective is not None:
        found = both(found, _compare(placed, as_of, ">=", float(rule.effective.toordinal())))
    if rule.expires is not None:
        found = both(found, _compare(placed, as_of, "<=", float(rule.expires.toordinal())))
    return found


def _compare(placed: Placed, as_of: float, op: str, day: float) -> Truth:
    """Of whole days, exactly; the same for all subjects where it is."""
    dates = placed.dates
    if dates is None:
        return {">": as_of > day, ">=": as_of >= day, "<=": as_of <= day}[op]
    if not len(dates):
        return True
    low, high = placed.span
    if op == ">":
        return False if high <= day else True if low > day else dates > day
    if op == ">=":
        return True if low >= day else False if high < day else dates >= day
    return True if high <= day else False if low > day else dates <= day
