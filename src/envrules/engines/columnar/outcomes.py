"""The outcomes of one rule for many subjects, by the table of the semantics in its order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import polars as pl

from envrules.engines.columnar.evaluate import Evaluator
from envrules.engines.columnar.program import Compiled
from envrules.engines.columnar.ranges import compare
from envrules.engines.columnar.worth import Ranges, Truth, both, either, inverse, points_of, surely, surely_not
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


@dataclass(frozen=True)
class Outcomes:
    """The outcomes of a rule: where each holds; plain values hold for all subjects."""

    masks: dict[Outcome, bool | pl.Series]
    length: int

    def counts(self) -> dict[Outcome, int]:
        """How many subjects have each outcome."""
        found: dict[Outcome, int] = {o: self._count(m) for o, m in self.masks.items()}
        found["not_in_force"] = self.length - sum(found.values())
        return {o: found[o] for o in OUTCOMES if found.get(o)}

    def _count(self, mask: bool | pl.Series) -> int:
        return cast(int, mask.sum()) if isinstance(mask, pl.Series) else self.length if mask else 0

    def codes(self) -> pl.Series:
        """The outcome of every subject, as its place among `OUTCOMES`."""
        found = pl.Series([CODES["not_in_force"]], dtype=pl.UInt8).new_from_index(0, self.length)
        for outcome, mask in self.masks.items():
            if isinstance(mask, pl.Series):
                found = found.set(mask, CODES[outcome])
            elif mask:
                return found.set(pl.Series([True]).new_from_index(0, self.length), CODES[outcome])
        return found

    def rows(self, listed: tuple[Outcome, ...]) -> tuple[pl.Series, pl.Series]:
        """The subjects that have one of these outcomes (findings, or all), in their order, and the outcome of each."""
        if len(listed) == len(OUTCOMES):
            codes = self.codes()
            return pl.Series(range(self.length), dtype=pl.UInt32), codes
        held: list[tuple[Outcome, bool | pl.Series]] = [(o, self.masks.get(o, False)) for o in listed]
        there = [(o, m) for o, m in held if m is not False]
        whole = next((o for o, m in there if m is True), None)
        if whole is not None:
            every = pl.Series(range(self.length), dtype=pl.UInt32)
            return every, pl.Series([CODES[whole]], dtype=pl.UInt8).new_from_index(0, self.length)
        parts = [(cast(pl.Series, m).arg_true(), CODES[o]) for o, m in there]
        if not parts:
            return pl.Series([], dtype=pl.UInt32), pl.Series([], dtype=pl.UInt8)
        rows = pl.concat([r for r, _ in parts])
        codes = pl.concat([pl.Series([code], dtype=pl.UInt8).new_from_index(0, len(r)) for r, code in parts])
        order = rows.arg_sort()
        return rows.gather(order), codes.gather(order)


def outcomes(one: Compiled, evaluator: Evaluator, placed: Placed, exists: Truth = True) -> Outcomes:
    """The outcomes of a rule.

    Args:
        exists: for groups, whether each surely is one; for records the rule's `when` is asked.
    """
    rule, as_of, n = one.rule, evaluator.as_of, evaluator.length
    applies = exists if one.when is None or rule.group is not None else evaluator.truth(one.when)
    masks: dict[Outcome, bool | pl.Series] = {"not_applicable": surely_not(applies)}
    concerned = inverse(masks["not_applicable"])
    dates: pl.Series | float = as_of if placed.dates is None else _filled(placed.dates, as_of)
    live = both(concerned, _in_force(one, dates))
    future = _compare(dates, ">", as_of)
    if future is not False:
        masks["not_due"] = cast("bool | pl.Series", both(live, future))
        live = both(live, inverse(future))
    if live is False:
        return Outcomes(masks, n)
    required = evaluator.truth(one.require)
    masks["pass"] = surely(both(live, surely(required)))
    open_ = both(live, inverse(surely(required)))
    reached: Truth = True
    if one.due is not None:
        due = evaluator.number(one.due)
        # A due day that is a range is not known.
        due = points_of(due, n) if isinstance(due, Ranges) else due
        reached = compare(">=", dates, due, n) if placed.dated else compare("<", due, as_of, n)
        waits = surely(both(open_, surely_not(reached)))
        masks["not_due"] = cast("bool | pl.Series", either(masks.get("not_due", False), waits))
        open_ = both(open_, inverse(waits))
    violated = both(both(applies, inverse(required)), reached)
    masks["violation"] = surely(both(open_, surely(violated)))
    masks["indeterminate"] = surely(both(open_, inverse(masks["violation"])))
    return Outcomes(masks, n)


def _in_force(one: Compiled, dates: pl.Series | float) -> Truth:
    found: Truth = True
    if one.rule.effective is not None:
        found = both(found, _compare(dates, ">=", float(one.rule.effective.toordinal())))
    if one.rule.expires is not None:
        found = both(found, _compare(dates, "<=", float(one.rule.expires.toordinal())))
    return found


def _compare(dates: pl.Series | float, op: str, day: float) -> Truth:
    """Of whole days, exactly; the same for all subjects where it is."""
    if not isinstance(dates, pl.Series):
        return {">": dates > day, ">=": dates >= day, "<=": dates <= day}[op]
    if not len(dates):
        return True
    low, high = cast(float, dates.min()), cast(float, dates.max())
    if op == ">":
        return False if high <= day else True if low > day else dates > day
    if op == ">=":
        return True if low >= day else False if high < day else dates >= day
    return True if high <= day else False if low > day else dates <= day


def _filled(dates: pl.Series, as_of: float) -> pl.Series:
    return dates.fill_null(as_of) if dates.null_count() else dates
