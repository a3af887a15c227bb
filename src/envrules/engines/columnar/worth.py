"""What an expression is worth for many subjects at once: the columns that stand for the interpreter's values.

A truth is a Boolean series in which null is unknown, so that its `&`, `|` and `~` are Kleene's. A number is a series of
points, or four arrays of ends where some of the values are ranges. A word is a series of texts, or an array of bits,
one for each word that it may be. What is the same for all subjects is a plain Python value.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, cast

import numpy as np
import numpy.typing as npt
import polars as pl

from envrules.interval import Interval
from envrules.records.columns.field import where

Floats: TypeAlias = "npt.NDArray[np.float64]"
Flags: TypeAlias = "npt.NDArray[np.bool_]"

#: True, False or None (unknown) for all subjects, or a Boolean series.
Truth: TypeAlias = "bool | pl.Series | None"
#: Points: one number for all, or a Float64 series; None and null are unknown.
Point: TypeAlias = "float | pl.Series | None"


@dataclass(frozen=True)
class Ranges:
    """Numbers some of which are ranges: an array for each end. Where nothing is known both ends are NaN."""

    low: Floats
    high: Floats
    low_open: Flags
    high_open: Flags

    def __len__(self) -> int:
        return len(self.low)

    @property
    def known(self) -> Flags:
        """Where it is one number."""
        return cast(Flags, self.low == self.high)

    @property
    def unknown(self) -> Flags:
        return np.isnan(self.low)

    def take(self, rows: Any) -> Ranges:
        return Ranges(self.low[rows], self.high[rows], self.low_open[rows], self.high_open[rows])


@dataclass(frozen=True)
class Bits:
    """Words some of which are open: a bit for each word that it may be, none where nothing is known."""

    bits: npt.NDArray[Any]
    words: tuple[str, ...]

    def take(self, rows: Any) -> Bits:
        return Bits(self.bits[rows], self.words)


Number: TypeAlias = "Point | Ranges"
Word: TypeAlias = "str | pl.Series | Bits | None"
Worth: TypeAlias = "Truth | Number | Word"

_NULL, _TRUE, _FALSE = (pl.Series([x], dtype=pl.Boolean) for x in (None, True, False))


# --- truths -----------------------------------------------------------------------------------------------------------


def both(a: Truth, b: Truth) -> Truth:
    """Kleene's and."""
    if a is False or b is False:
        return False
    if a is True:
        return b
    if b is True:
        return a
    if a is None and b is None:
        return None
    return (_NULL if a is None else a) & (_NULL if b is None else b)


def either(a: Truth, b: Truth) -> Truth:
    """Kleene's or."""
    return inverse(both(inverse(a), inverse(b))) if _plain(a) or _plain(b) else cast(pl.Series, a | b)  # type: ignore[operator]


def _plain(a: Truth) -> bool:
    return a is None or isinstance(a, bool)


def inverse(a: Truth) -> Truth:
    """Kleene's not."""
    if a is None:
        return None
    return not a if isinstance(a, bool) else ~a


def surely(a: Truth) -> bool | pl.Series:
    """Where it is true, with no null left."""
    if a is None or isinstance(a, bool):
        return a is True
    return _TRUE.zip_with(a, _FALSE) if a.null_count() else a


def surely_not(a: Truth) -> bool | pl.Series:
    """Where it is false, with no null left."""
    if a is None or isinstance(a, bool):
        return a is False
    return _TRUE.zip_with(~a, _FALSE) if a.null_count() else ~a


def possibly(a: Truth) -> bool | pl.Series:
    """Where it is true or unknown, with no null left."""
    if a is None or isinstance(a, bool):
        return a is not False
    return _FALSE.zip_with(~a, _TRUE) if a.null_count() else a


def is_open(a: Truth) -> bool:
    """Whether it is unknown for any subject."""
    return a is None or (isinstance(a, pl.Series) and a.null_count() > 0)


def flags(a: bool | pl.Series, length: int) -> Flags:
    """A truth without nulls as an array."""
    if isinstance(a, pl.Series):
        return cast(Flags, a.to_numpy())
    return np.full(length, a, dtype=np.bool_)


def decided(true: Flags, false: Flags) -> pl.Series:
    """True and False where they are so; null elsewhere."""
    known = pl.Series(true | false)
    return where(known, pl.Series(true))


def full(a: Truth, length: int) -> pl.Series:
    """A truth as a series."""
    return a if isinstance(a, pl.Series) else pl.Series([a], dtype=pl.Boolean).new_from_index(0, length)


# --- numbers ----------------------------------------------------------------------------------------------------------


def ranges_of(x: Number | Interval, length: int) -> Ranges:
    """Any numbers as ranges."""
    if isinstance(x, Ranges):
        return x
    shut = np.zeros(length, dtype=np.bool_)
    if isinstance(x, Interval):
        if x.unknown:
            return ranges_of(None, length)
        low, high = np.full(length, x.lo), np.full(length, x.hi)
        return Ranges(low, high, np.full(length, x.lo_open), np.full(length, x.hi_open))
    if isinstance(x, pl.Series):
        points = x.to_numpy()
    else:
        points = np.full(length, np.nan if x is None else x)
    return Ranges(points, points, shut, shut)


def simplest(x: Ranges) -> Number:
    """The numbers as points where none of them is a range."""
    if bool(np.all(x.known | x.unknown)):
        points = pl.Series(x.low)
        return points.fill_nan(None) if bool(np.isnan(x.low).any()) else points
    return x


def points_of(x: Number, length: int) -> pl.Series:
    """The numbers that are points; null for ranges and what is not known."""
    if isinstance(x, Ranges):
        return pl.Series(np.where(x.known, x.low, np.nan)).fill_nan(None)
    return x if isinstance(x, pl.Series) else pl.Series([x], dtype=pl.Float64).new_from_index(0, length)


# --- words ------------------------------------------------------------------------------------------------------------


def bits_of(x: Word, words: tuple[str, ...], length: int) -> Bits:
    """Any words as bits over a list of words that holds them all."""
    if isinstance(x, Bits):
        if x.words == words:
            return x
        found = _no_bits(words, length)
        for i, word in enumerate(x.words):
            found[(x.bits >> _bit_type(x.words)(i)) & 1 == 1] |= _one(words, words.index(word))
        return Bits(found, words)
    found = _no_bits(words, length)
    if isinstance(x, pl.Series):
        present = set(x.unique().to_list())
        for i, word in enumerate(words):
            if word in present:
                found[flags(surely(x == word), length)] = _one(words, i)
    elif x is not None:
        found[:] = _one(words, words.index(x))
    return Bits(found, words)


def _bit_type(words: Sequence[str]) -> Any:
    return np.uint64 if len(words) < 64 else int


def _one(words: Sequence[str], place: int) -> Any:
    return _bit_type(words)(1 << place)


def _no_bits(words: Sequence[str], length: int) -> npt.NDArray[Any]:
    # Python's own integers have as many bits as are asked for.
    return np.zeros(length, dtype=np.uint64 if len(words) < 64 else object)


def mask_of(words: tuple[str, ...], wanted: Sequence[str]) -> Any:
    """The bits of some of the words."""
    return _bit_type(words)(sum(1 << i for i, word in enumerate(words) if word in wanted))


def single(bits: npt.NDArray[Any]) -> Flags:
    """Where there is exactly one bit."""
    return cast(Flags, (bits != 0) & ((bits & (bits - bits.dtype.type(1) if bits.dtype != object else bits - 1)) == 0))


def simplest_words(x: Bits) -> Word:
    """The words as texts where each is one word or not known."""
    if not x.words:
        return None
    alone = single(x.bits)
    if not bool(np.all(alone | (x.bits == 0))):
        return x
    places = np.zeros(len(x.bits), dtype=np.uint32)
    for i in range(len(x.words)):
        places[x.bits == _one(x.words, i)] = i
    texts = pl.Series(x.words, dtype=pl.String).gather(pl.Series(places))
    return where(pl.Series(alone), texts)


def distinct_words(x: Word) -> list[str]:
    """The words that it is, or may be, for any subject."""
    if isinstance(x, Bits):
        return list(x.words)
    if isinstance(x, pl.Series):
        return sorted(w for w in x.unique().to_list() if w is not None)
    return [] if x is None else [x]


# --- any --------------------------------------------------------------------------------------------------------------


def part(x: Worth, rows: slice | pl.Series) -> Worth:
    """The worth for some of the subjects."""
    if isinstance(x, Ranges | Bits):
        return x.take(rows if isinstance(rows, slice) else rows.to_numpy())
    if not isinstance(x, pl.Series):
        return x
    if isinstance(rows, slice):
        return x.slice(rows.start, rows.stop - rows.start)
    return x[rows]
