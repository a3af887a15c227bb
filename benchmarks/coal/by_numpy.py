"""The twelve limits in NumPy: blocks that stay in the cache, words as small numbers, NaN as what is not known.

`lots` is a dict of arrays: `id` as text or bytes, `zone` (0 built-up, 1 other, -1 not known) and `activity` (0 sale,
1 use, 2 production) as int8, `day` as datetime64[D] with NaT, the rest as float64. Making the codes is not measured.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from benchmarks.coal.outcomes import (
    INDETERMINATE,
    NOT_APPLICABLE,
    NOT_DUE,
    NOT_IN_FORCE,
    OUTCOMES,
    PASS,
    VIOLATION,
    Counts,
)

BLOCK = 32_768
AS_OF = np.datetime64("2020-12-31")
START = np.datetime64("2018-04-01")
_SHARES = ("total_sulfur", "ash", "volatile_matter", "chlorine", "phosphorus")
_PARTS = ("mercury", "arsenic", "fluorine")


@dataclass(frozen=True)
class Limit:
    """A limit: the names of a block's values for whom it applies to and does not, and what is held against it."""

    rule: str
    applies: str
    observed: str
    limit: float
    least: bool = False
    effective: np.datetime64 = START
    expires: np.datetime64 | None = None
    due: np.datetime64 | None = None


LIMITS = (
    Limit("coal.sulfur.built-up", "built_up sold_or_used", "total_sulfur", 0.8),
    Limit("coal.sulfur.elsewhere", "other sold_or_used", "total_sulfur", 1.5),
    Limit("coal.ash.built-up", "built_up sold_or_used", "ash", 15),
    Limit("coal.ash.elsewhere", "other used", "ash", 30, due=np.datetime64("2019-06-30")),
    Limit("coal.moisture", "sold", "moisture_ar", 16),
    Limit("coal.volatile", "built_up used", "volatile_daf", 37),
    Limit("coal.calorific-value", "sold_or_used", "calorific_kcal", 4300, least=True),
    Limit("coal.mercury", "sold_or_used", "mercury", 0.6),
    Limit("coal.chlorine", "built_up", "chlorine_ppm", 1500, effective=np.datetime64("2019-01-01")),
    Limit("coal.arsenic", "", "arsenic", 40, expires=np.datetime64("2020-06-30")),
    Limit("coal.phosphorus", "", "phosphorus", 0.1),
    Limit("coal.fluorine", "used", "fluorine_dry", 200),
)


class Block:
    """A block of lots: its values, NaN for what cannot be meant, and where each condition is true and where false."""

    def __init__(self, lots: dict[str, np.ndarray], rows: slice) -> None:
        self.day = lots["day"][rows]
        self.day = np.where(np.isnat(self.day), AS_OF, self.day)
        self.values = {name: _usable(lots[name][rows], 100) for name in _SHARES}
        self.values |= {name: _usable(lots[name][rows], 1e6) for name in _PARTS}
        calorific, moisture = lots["calorific_value"][rows], lots["moisture_ar"][rows]
        self.values["calorific_kcal"] = _usable(calorific, np.finfo(float).max) / 4.1868e-3
        moisture = _usable(moisture, np.nextafter(100, 0))
        self.values["moisture_ar"] = moisture
        ash = self.values["ash"]
        with np.errstate(divide="ignore", invalid="ignore"):
            daf = self.values["volatile_matter"] * 100 / (100 - ash)
        self.values["volatile_daf"] = np.where(ash < 100, daf, np.nan)
        self.values["fluorine_dry"] = self.values["fluorine"] * 100 / (100 - moisture)
        self.values["chlorine_ppm"] = self.values["chlorine"] * 1e4
        zone, activity = lots["zone"][rows], lots["activity"][rows]
        sold, used = activity == 0, activity == 1
        self.true = {"built_up": zone == 0, "other": zone == 1, "sold": sold, "used": used, "sold_or_used": sold | used}
        self.false = {
            "built_up": self.true["other"],
            "other": self.true["built_up"],
            "sold": activity > 0,
            "used": (activity == 0) | (activity == 2),
            "sold_or_used": activity == 2,
        }
        for name in LIMITS:
            first, _, second = name.applies.partition(" ")
            if second and name.applies not in self.true:
                self.true[name.applies] = self.true[first] & self.true[second]
                self.false[name.applies] = self.false[first] | self.false[second]
        self.future = self.day > AS_OF
        self.early = self.day < START

    def codes(self, limit: Limit) -> np.ndarray:
        """The outcome of each lot, the last that is written being the one that comes first in the order of tests."""
        observed = self.values[limit.observed]
        if limit.least:
            bound = limit.limit * (1 - 1e-9)
            holds, broken = observed >= bound, observed < bound
        else:
            bound = limit.limit * (1 + 1e-9)
            holds, broken = observed <= bound, observed > bound
        codes = np.full(len(observed), INDETERMINATE, np.int8)
        codes[broken & self.true[limit.applies] if limit.applies else broken] = VIOLATION
        if limit.due is not None:
            codes[self.day < limit.due] = NOT_DUE
        codes[holds] = PASS
        codes[self.future] = NOT_DUE
        codes[self.early if limit.effective == START else self.day < limit.effective] = NOT_IN_FORCE
        if limit.expires is not None:
            codes[self.day > limit.expires] = NOT_IN_FORCE
        if limit.applies:
            codes[self.false[limit.applies]] = NOT_APPLICABLE
        return codes


def _usable(values: np.ndarray, most: float) -> np.ndarray:
    return np.where((values >= 0) & (values <= most), values, np.nan)


def _blocks(lots: dict[str, np.ndarray]) -> Any:
    for start in range(0, len(lots["zone"]), BLOCK):
        rows = slice(start, start + BLOCK)
        yield start, Block(lots, rows)


def counts(lots: dict[str, np.ndarray]) -> Counts:
    """How many outcomes of each kind each limit has."""
    totals = np.zeros((len(LIMITS), len(OUTCOMES)), np.int64)
    for _, block in _blocks(lots):
        for n, limit in enumerate(LIMITS):
            totals[n] += np.bincount(block.codes(limit), minlength=len(OUTCOMES))
    return {m.rule: dict(zip(OUTCOMES, totals[n].tolist(), strict=True)) for n, m in enumerate(LIMITS)}


def findings(lots: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The findings table, as a dict of arrays."""
    words = np.array(OUTCOMES)
    parts: list[tuple[np.ndarray, ...]] = []
    numbers = []
    for start, block in _blocks(lots):
        for n, limit in enumerate(LIMITS):
            codes = block.codes(limit)
            at = np.flatnonzero((codes >= VIOLATION) & (codes <= NOT_DUE))
            parts.append((at + start, codes[at], block.values[limit.observed][at]))
            numbers.append((n, len(at)))
    at, codes, observed = (np.concatenate(column) for column in zip(*parts, strict=True))
    which = np.repeat([n for n, _ in numbers], [size for _, size in numbers])
    limits = np.array([float(m.limit) for m in LIMITS])[which]
    sign = np.array([-1.0 if m.least else 1.0 for m in LIMITS])[which]
    return {
        "record_id": lots["id"][at],
        "rule": np.array([m.rule for m in LIMITS])[which],
        "outcome": words[codes],
        "observed": observed,
        "limit": limits,
        "margin": (limits - observed) * sign,
    }
