"""The twelve limits as someone who knows pandas writes them.

A comparison with NaN or an empty word is False there, so where a condition is true and where it is false are two masks.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
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

AS_OF, START = pd.Timestamp("2020-12-31"), pd.Timestamp("2018-04-01")
_SHARES = ["total_sulfur", "ash", "volatile_matter", "chlorine", "phosphorus"]
_PARTS = ["mercury", "arsenic", "fluorine"]


def _codes(lots: pd.DataFrame) -> Iterator[tuple[str, np.ndarray, pd.Series, float, bool]]:
    """Of each limit: name, outcomes as places in OUTCOMES, what was held against it, the limit, whether a least."""
    usable = {c: lots[c].where(lots[c].between(0, 100)) for c in _SHARES}
    usable |= {c: lots[c].where(lots[c].between(0, 1e6)) for c in _PARTS}
    moisture = lots["moisture_ar"].where(lots["moisture_ar"].between(0, 100, inclusive="left"))
    calorific = lots["calorific_value"].where(lots["calorific_value"].between(0, np.inf, inclusive="left"))
    ash = usable["ash"]
    volatile_daf = usable["volatile_matter"] * 100 / (100 - ash.where(ash < 100))
    fluorine_dry = usable["fluorine"] * 100 / (100 - moisture)
    day = lots["sampled_on"].fillna(AS_OF)
    early, future = (day < START).to_numpy(), (day > AS_OF).to_numpy()
    built_up, other = (lots["zone"] == "built_up").to_numpy(), (lots["zone"] == "other").to_numpy()
    sold, used = (lots["activity"] == "sale").to_numpy(), (lots["activity"] == "use").to_numpy()
    produced = (lots["activity"] == "production").to_numpy()
    either = sold | used
    before_2019 = (day < pd.Timestamp("2019-01-01")).to_numpy()
    not_mid_2020 = early | (day > pd.Timestamp("2020-06-30")).to_numpy()
    waits = (day < pd.Timestamp("2019-06-30")).to_numpy()
    yes, no = np.ones(len(lots), bool), np.zeros(len(lots), bool)
    limits: list[tuple[str, np.ndarray, np.ndarray, pd.Series, float, np.ndarray, np.ndarray]] = [
        ("coal.sulfur.built-up", built_up & either, other | produced, usable["total_sulfur"], 0.8, early, no),
        ("coal.sulfur.elsewhere", other & either, built_up | produced, usable["total_sulfur"], 1.5, early, no),
        ("coal.ash.built-up", built_up & either, other | produced, ash, 15, early, no),
        ("coal.ash.elsewhere", other & used, built_up | sold | produced, ash, 30, early, waits),
        ("coal.moisture", sold, used | produced, moisture, 16, early, no),
        ("coal.volatile", built_up & used, other | sold | produced, volatile_daf, 37, early, no),
        ("coal.calorific-value", either, produced, calorific / 4.1868e-3, 4300, early, no),
        ("coal.mercury", either, produced, usable["mercury"], 0.6, early, no),
        ("coal.chlorine", built_up, other, usable["chlorine"] * 1e4, 1500, before_2019, no),
        ("coal.arsenic", yes, no, usable["arsenic"], 40, not_mid_2020, no),
        ("coal.phosphorus", yes, no, usable["phosphorus"], 0.1, early, no),
        ("coal.fluorine", used, sold | produced, fluorine_dry, 200, early, no),
    ]
    for rule, applies, excluded, observed, limit, out, not_yet in limits:
        least = rule == "coal.calorific-value"
        if least:
            bound = limit * (1 - 1e-9)
            holds, broken = (observed >= bound).to_numpy(), (observed < bound).to_numpy()
        else:
            bound = limit * (1 + 1e-9)
            holds, broken = (observed <= bound).to_numpy(), (observed > bound).to_numpy()
        tests = [excluded, out, future, holds, not_yet, applies & broken]
        outcomes = [NOT_APPLICABLE, NOT_IN_FORCE, NOT_DUE, PASS, NOT_DUE, VIOLATION]
        if not_yet is no:
            del tests[4], outcomes[4]
        codes = np.full(len(lots), INDETERMINATE, np.int8)
        for test, outcome in zip(reversed(tests), reversed(outcomes), strict=True):
            codes[test] = outcome
        yield rule, codes, observed, limit, least


def counts(lots: pd.DataFrame) -> Counts:
    """How many outcomes of each kind each limit has."""
    return {
        rule: dict(zip(OUTCOMES, np.bincount(codes, minlength=len(OUTCOMES)).tolist(), strict=True))
        for rule, codes, *_ in _codes(lots)
    }


def findings(lots: pd.DataFrame) -> pd.DataFrame:
    """The findings table."""
    parts = []
    for rule, codes, observed, limit, least in _codes(lots):
        at = np.flatnonzero((codes >= VIOLATION) & (codes <= NOT_DUE))
        found = observed.iloc[at]
        parts.append(
            pd.DataFrame(
                {
                    "record_id": lots["id"].iloc[at],
                    "rule": rule,
                    "outcome": np.array(OUTCOMES, object)[codes[at]],
                    "observed": found,
                    "limit": float(limit),
                    "margin": found - limit if least else limit - found,
                }
            )
        )
    return pd.concat(parts, ignore_index=True)
