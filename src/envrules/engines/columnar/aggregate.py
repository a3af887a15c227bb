"""Aggregates and looked-up values for all subjects at once: what `engines.reference.aggregates` says of one.

An element is a subject's record with what an expression is worth for it, and whether it surely belongs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import polars as pl

from envrules import interval
from envrules.engines.columnar import ranges
from envrules.engines.columnar.worth import (
    Bits,
    Flags,
    Floats,
    Number,
    Ranges,
    Truth,
    Word,
    Worth,
    bits_of,
    decided,
    distinct_words,
    flags,
    points_of,
    ranges_of,
    simplest_words,
    surely,
    surely_not,
)
from envrules.engines.reference.aggregates import exact_mean, exact_sum, mean_of
from envrules.interval import Interval
from envrules.lang.types import Type


@dataclass(frozen=True)
class Elements:
    """What an aggregate ranges over, sorted by subject.

    Args:
        subject: the place of the subject of each element; `certain`: whether it surely belongs.
        worth: the value of the aggregate's argument for it.
        type: the type of that value.
    """

    subject: pl.Series
    certain: Flags
    worth: Worth
    type: Type
    subjects: int

    def __len__(self) -> int:
        return len(self.subject)

    def count(self, where: Flags) -> Floats:
        """How many elements of each subject a condition holds for."""
        at = self.subject.to_numpy()[where]
        return np.bincount(at, minlength=self.subjects).astype(np.float64)


def aggregate(function: str, elements: Elements) -> Worth:
    """The value of an aggregate for every subject."""
    return cast(Worth, _FUNCTIONS[function](elements))


def joined(elements: Elements) -> Worth:
    """What the values of each subject are together, if it surely has one: what all agree on, or what they span.

    A record that may belong beside one that does counts too: if it disagrees, the value is open.
    """
    has_one = elements.count(elements.certain) > 0
    kind = elements.type.kind
    if kind == "bool":
        true, false = _truths(elements)
        there = elements.count(np.ones(len(elements), dtype=np.bool_))
        return decided(
            cast(Flags, has_one & (elements.count(true) == there)),
            cast(Flags, has_one & (elements.count(false) == there)),
        )
    if kind in ("quantity", "date", "period"):
        x = ranges_of(cast(Number, elements.worth), len(elements))
        low = _ends(elements, x.low, x.low_open, lowest=True, closed=True)
        high = _ends(elements, x.high, x.high_open, lowest=False, closed=True)
        nothing = ~has_one | (elements.count(x.unknown) > 0)
        return ranges.hull(np.where(nothing, np.nan, low[0]), np.where(nothing, np.nan, high[0]), low[1], high[1])
    words = tuple(distinct_words(cast(Word, elements.worth)))
    bits = bits_of(cast(Word, elements.worth), words, len(elements)).bits
    found = bits_of(None, words, elements.subjects).bits
    at = elements.subject.to_numpy()
    for i in range(len(words)):
        one = bits.dtype.type(1 << i) if bits.dtype != object else 1 << i
        found[np.unique(at[bits & one != 0])] |= one
    nothing = ~has_one | (elements.count(cast(Flags, bits == 0)) > 0)
    found[nothing] = 0
    return simplest_words(Bits(found, words))


def _truths(e: Elements) -> tuple[Flags, Flags]:
    worth = cast(Truth, e.worth)
    return flags(surely(worth), len(e)), flags(surely_not(worth), len(e))


def _all(e: Elements) -> Truth:
    true, false = _truths(e)
    refuted = e.count(e.certain & false) > 0
    open_ = e.count(np.where(e.certain, ~true & ~false, ~true)) > 0
    return decided(~refuted & ~open_, refuted)


def _any(e: Elements) -> Truth:
    true, false = _truths(e)
    shown = e.count(e.certain & true) > 0
    open_ = e.count(np.where(e.certain, ~true & ~false, ~false)) > 0
    return decided(shown, ~shown & ~open_)


def _none(e: Elements) -> Truth:
    return ~cast(pl.Series, _any(e))


def _count(e: Elements) -> Number:
    true, false = _truths(e)
    return _between(e.count(e.certain & true), e.count(~false))


def _between(low: Floats, high: Floats) -> Number:
    shut = np.zeros(len(low), dtype=np.bool_)
    return ranges.hull(low, high, shut, shut)


def _identities(e: Elements) -> pl.Series:
    """Known values as things that equal themselves; null where one is not known."""
    kind = e.type.kind
    if kind in ("quantity", "date", "period"):
        return points_of(cast(Number, e.worth), len(e)) + 0.0
    if kind == "bool":
        worth = e.worth
        return worth if isinstance(worth, pl.Series) else pl.Series([worth], dtype=pl.Boolean).new_from_index(0, len(e))
    if isinstance(e.worth, pl.Series):
        return e.worth
    words = tuple(distinct_words(cast(Word, e.worth)))
    bits = bits_of(cast(Word, e.worth), words, len(e)).bits
    places = np.full(len(e), -1)
    for i in range(len(words)):
        places[bits == (bits.dtype.type(1 << i) if bits.dtype != object else 1 << i)] = i
    found = pl.Series(places)
    return found.set(found < 0, None)


def _distinct(e: Elements) -> Number:
    frame = pl.DataFrame({"at": e.subject, "sure": pl.Series(e.certain), "is": _identities(e)})
    known = frame.filter(pl.col("is").is_not_null())
    certain = _per_subject(known.filter("sure").group_by("at").agg(pl.col("is").n_unique().alias("n")), e.subjects)
    possible = _per_subject(known.group_by("at").agg(pl.col("is").n_unique().alias("n")), e.subjects)
    open_ = e.count(frame["is"].is_null().to_numpy())
    some = (e.count(e.certain) > 0).astype(np.float64)
    low, high = np.where(certain > 0, certain, some), possible + open_
    if e.type.enum is not None:
        high = np.minimum(high, float(len(e.type.enum.values)))
    return _between(low, high)


def _per_subject(counts: pl.DataFrame, subjects: int) -> Floats:
    found = np.zeros(subjects)
    found[counts["at"].to_numpy()] = counts["n"].to_numpy()
    return found


def _share(e: Elements) -> Number:
    true, false = _truths(e)
    maybe = ~e.certain
    sure = e.count(e.certain)
    gained = e.count(maybe & ~false)
    with np.errstate(all="ignore"):
        low = e.count(e.certain & true) / (sure + e.count(maybe & ~true))
        high = (e.count(e.certain & ~false) + gained) / (sure + gained)
    nothing = sure == 0
    return _between(np.where(nothing, np.nan, low), np.where(nothing, np.nan, high))


def _sum(e: Elements) -> Number:
    x = ranges_of(cast(Number, e.worth), len(e))
    maybe = ~e.certain
    low = np.where(maybe & (x.low >= 0), 0.0, x.low)
    high = np.where(maybe & (x.high <= 0), 0.0, x.high)
    low_open = x.low_open & ~(maybe & (x.low >= 0))
    high_open = x.high_open & ~(maybe & (x.high <= 0))
    nothing = e.count(x.unknown) > 0
    low_sum, high_sum = (np.where(nothing, np.nan, _per_group(e, end, exact_sum)) for end in (low, high))
    return ranges.hull(low_sum, high_sum, e.count(low_open) > 0, e.count(high_open) > 0)


def _per_group(e: Elements, values: Floats, make: Callable[[list[float]], float]) -> Floats:
    """A number made of the values of each subject, which stand together; 0 for a subject without any."""
    found = np.zeros(e.subjects)
    at = e.subject.to_numpy()
    if not len(at):
        return found
    starts = np.flatnonzero(np.diff(at.astype(np.int64), prepend=-1))
    for start, stop in zip(starts, [*starts[1:], len(at)], strict=True):
        found[at[start]] = make(values[start:stop].tolist())
    return found


def _mean(e: Elements) -> Number:
    x = ranges_of(cast(Number, e.worth), len(e))
    sure = e.count(e.certain)
    nothing = (sure == 0) | (e.count(e.certain & x.unknown) > 0)
    at = e.subject.to_numpy()
    kept = e.certain & ~x.unknown
    of_kept = Elements(pl.Series(at[kept]), e.certain[kept], None, e.type, e.subjects)
    ends = [np.where(nothing, np.nan, _per_group(of_kept, end[kept], _mean_of_ends)) for end in (x.low, x.high)]
    low, high = ends
    low_open, high_open = (e.count(kept & o) > 0 for o in (x.low_open, x.high_open))
    # Where some records only may belong, the mean is that of those that lower or raise it.
    mixed = np.flatnonzero((e.count(~e.certain) > 0) & ~nothing)
    starts = np.searchsorted(at, mixed)
    ends_at = np.searchsorted(at, mixed, side="right")
    for subject, start, stop in zip(mixed, starts, ends_at, strict=True):
        found = mean_of([(bool(e.certain[i]), _interval(x, i)) for i in range(start, stop)])
        low[subject], high[subject] = (found.lo, found.hi) if not found.unknown else (np.nan, np.nan)
        low_open[subject], high_open[subject] = found.lo_open, found.hi_open
    return ranges.hull(low, high, low_open, high_open)


def _mean_of_ends(values: list[float]) -> float:
    infinite = [v for v in values if np.isinf(v)]
    return sum(infinite) if infinite else exact_mean(values)


def _interval(x: Ranges, i: int) -> Interval:
    if np.isnan(x.low[i]):
        return interval.WHOLE
    return Interval(float(x.low[i]), float(x.high[i]), bool(x.low_open[i]), bool(x.high_open[i]))


def _least(e: Elements) -> Number:
    x = ranges_of(cast(Number, e.worth), len(e))
    low, low_open = _ends(e, np.where(x.unknown, -np.inf, x.low), x.low_open, lowest=True, closed=True)
    high_ends = np.where(e.certain, np.where(x.unknown, np.inf, x.high), np.inf)
    high, high_open = _ends(e, high_ends, x.high_open & e.certain, lowest=True, closed=False)
    nothing = e.count(e.certain) == 0
    return ranges.hull(np.where(nothing, np.nan, low), np.where(nothing, np.nan, high), low_open, high_open)


def _most(e: Elements) -> Number:
    turned = ranges.negate(cast(Number, e.worth), len(e))
    found = _least(Elements(e.subject, e.certain, turned, e.type, e.subjects))
    return ranges.negate(found, e.subjects)


def _ends(e: Elements, values: Floats, is_open: Flags, *, lowest: bool, closed: bool) -> tuple[Floats, Flags]:
    """The extreme end of each subject's values; of equal ends a closed one is taken, or an open one."""
    frame = pl.DataFrame({"at": e.subject, "v": pl.Series(values).fill_nan(None), "o": pl.Series(is_open)})
    extreme = pl.col("v").min() if lowest else pl.col("v").max()
    at_extreme = pl.col("o").filter(pl.col("v") == extreme)
    found = frame.group_by("at").agg(extreme.alias("v"), (at_extreme.all() if closed else at_extreme.any()).alias("o"))
    end, flag = np.full(e.subjects, np.nan), np.zeros(e.subjects, dtype=np.bool_)
    at = found["at"].to_numpy()
    end[at] = found["v"].cast(pl.Float64).fill_null(float("nan")).to_numpy()
    flag[at] = found["o"].fill_null(False).to_numpy()
    return end, flag


_FUNCTIONS: dict[str, Callable[[Elements], Any]] = {
    "any": _any,
    "all": _all,
    "none": _none,
    "count": _count,
    "distinct": _distinct,
    "share": _share,
    "sum": _sum,
    "mean": _mean,
    "least": _least,
    "most": _most,
}
