"""Which records belong to which subject: by keys, some of which may not be known, all subjects at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import cast

import numpy as np
import polars as pl

from envrules.engines.columnar.worth import Bits, Ranges, Worth, points_of, simplest_words, single

MOST_PAIRS = 50_000_000  # pairs of a subject and a record that only may belong to it, before it is left undone


class TooManyPairs(Exception):  # noqa: N818 - it is an answer, not an error
    """So many records may belong to so many subjects that their pairs cannot be held."""


@dataclass(frozen=True)
class Pairs:
    """Subjects with their records, a row for each pair, sorted by subject and then by record.

    Args:
        left, right: the places of the subject and of the record.
        certain: whether the record surely belongs.
        subjects: how many subjects there are.
    """

    left: pl.Series
    right: pl.Series
    certain: pl.Series
    subjects: int

    @cached_property
    def one_each(self) -> bool:
        """Whether every subject has exactly one record, which surely belongs."""
        return len(self.left) == self.subjects and bool(self.certain.all()) and self.left.n_unique() == self.subjects


def key_column(worth: Worth, length: int) -> pl.Series:
    """A part of a key: points, words or truths; null where it is not known."""
    if isinstance(worth, Ranges):
        return points_of(worth, length)
    if isinstance(worth, Bits):
        alone = Bits(np.where(single(worth.bits), worth.bits, 0).astype(worth.bits.dtype), worth.words)
        return cast(pl.Series, simplest_words(alone))
    if isinstance(worth, pl.Series):
        return worth
    return pl.Series([worth]).new_from_index(0, length)


def match(left: Sequence[pl.Series], right: Sequence[pl.Series], sure: pl.Series, subjects: int) -> Pairs:
    """The records whose keys equal those of a subject; a key that is not known leaves it open whether they do.

    Args:
        left, right: the parts of the keys of the subjects and of the records.
        sure: of each record whether it belongs wherever its keys are equal.

    Raises:
        TooManyPairs: where too many records may belong.
    """
    names = [f"k{i}" for i in range(len(left))]
    # A key column that holds nothing at all has no type to be joined by.
    left_frame = pl.DataFrame(dict(zip(names, left, strict=True)), height=subjects).with_row_index("left")
    right_frame = pl.DataFrame({**dict(zip(names, right, strict=True)), "sure": sure}, height=len(sure))
    right_frame = right_frame.with_row_index("right")
    found = []
    patterns = list(product((True, False), repeat=len(names)))
    for known_left, known_right in product(patterns, patterns):
        a = left_frame.filter(_known(names, known_left))
        b = right_frame.filter(_known(names, known_right))
        if not len(a) or not len(b):
            continue
        shared = [n for n, p, q in zip(names, known_left, known_right, strict=True) if p and q]
        whole = len(shared) == len(names)
        if not shared and len(a) * len(b) > MOST_PAIRS:
            raise TooManyPairs
        pairs = a.join(b, on=shared, how="inner") if shared else a.join(b, how="cross")
        if not whole and len(pairs) > MOST_PAIRS:
            raise TooManyPairs
        certain = pl.col("sure") if whole else pl.lit(False)
        found.append(pairs.select("left", "right", certain=certain))
    if not found:
        nothing = pl.Series([], dtype=pl.UInt32)
        return Pairs(nothing, nothing, pl.Series([], dtype=pl.Boolean), subjects)
    every = pl.concat(found).sort("left", "right")
    return Pairs(every["left"], every["right"], every["certain"], subjects)


def _known(names: Sequence[str], known: Sequence[bool]) -> pl.Expr:
    tests = [pl.col(n).is_not_null() if k else pl.col(n).is_null() for n, k in zip(names, known, strict=True)]
    return pl.all_horizontal(tests) if tests else pl.lit(True)
