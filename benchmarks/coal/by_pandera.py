"""The twelve limits in pandera: a column for each that tells which lots break it, checked to be false, all failures.

Where something is missing the column says that nothing is broken, since pandera has no third answer. A check of the
whole frame instead repeats each failure for every column, which takes eight times as long.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from benchmarks.coal.outcomes import AS_OF


def violations(lots: Any) -> list[tuple[str, str]]:
    """(rule, lot) for each violation, of a frame of polars or pandas that holds values that can be meant."""
    return _by_polars(lots) if type(lots).__module__.startswith("polars") else _by_pandas(lots)


def _by_polars(lots: Any) -> list[tuple[str, str]]:
    import pandera.polars as pa
    import polars as pl

    broken = broken_limits({c: pl.col(c) for c in lots.columns})
    frame = lots.select("id", **broken).with_columns(pl.col(pl.Boolean).fill_null(False))
    schema = pa.DataFrameSchema({rule: pa.Column(bool, pa.Check.eq(False)) for rule in broken})
    try:
        schema.validate(frame, lazy=True)
    except pa.errors.SchemaErrors as errors:
        cases = errors.failure_cases
        ids = frame["id"].gather(cases["index"].cast(pl.UInt32))
        return list(zip(cases["column"].to_list(), ids.to_list(), strict=True))
    return []


def _by_pandas(lots: Any) -> list[tuple[str, str]]:
    import pandas as pd
    import pandera.pandas as pa

    frame = pd.DataFrame({"id": lots["id"], **broken_limits({c: lots[c] for c in lots.columns})})
    schema = pa.DataFrameSchema({rule: pa.Column(bool, pa.Check.eq(False)) for rule in frame.columns[1:]})
    try:
        schema.validate(frame, lazy=True)
    except pa.errors.SchemaErrors as errors:
        cases = errors.failure_cases
        return list(zip(cases["column"], frame["id"].iloc[cases["index"].to_numpy(int)], strict=True))
    return []


def broken_limits(lot: dict[str, Any]) -> dict[str, Any]:
    """rule -> where it is broken, in terms that polars and pandas share."""
    day = lot["day"]
    built_up, other = lot["zone"] == "built_up", lot["zone"] == "other"
    sold, used = lot["activity"] == "sale", lot["activity"] == "use"
    now = (day >= dt.date(2018, 4, 1).toordinal()) & (day <= AS_OF.toordinal())
    either = (sold | used) & now
    return {
        "coal.sulfur.built-up": built_up & either & (lot["total_sulfur"] > 0.8),
        "coal.sulfur.elsewhere": other & either & (lot["total_sulfur"] > 1.5),
        "coal.ash.built-up": built_up & either & (lot["ash"] > 15),
        "coal.ash.elsewhere": other & used & now & (day >= dt.date(2019, 6, 30).toordinal()) & (lot["ash"] > 30),
        "coal.moisture": sold & now & (lot["moisture_ar"] > 16),
        "coal.volatile": built_up & used & now & (lot["volatile_daf"] > 37),
        "coal.calorific-value": either & (lot["calorific_kcal"] < 4300),
        "coal.mercury": either & (lot["mercury"] > 0.6),
        "coal.chlorine": built_up & now & (day >= dt.date(2019, 1, 1).toordinal()) & (lot["chlorine"] > 0.15),
        "coal.arsenic": now & (day <= dt.date(2020, 6, 30).toordinal()) & (lot["arsenic"] > 40),
        "coal.phosphorus": now & (lot["phosphorus"] > 0.1),
        "coal.fluorine": used & now & (lot["fluorine_dry"] > 200),
    }
