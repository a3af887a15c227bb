"""Made-up coal lots: 1 % of the cells are empty, and about 3 % of (record, rule) pairs are findings.

Made in pieces, each with its own seed, so that a smaller set is the beginning of a larger one, and 100 million records
are written to parquet in the memory of one piece.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl
from benchmarks.measure import OUT

SEED = 18
PIECE = 500_000
AS_OF = dt.date(2020, 12, 31)
FIRST = dt.date(2018, 1, 1)
DAYS = 1101  # to 2021-01-05: the last ones lie after the evaluation date

#: Of each measured quantity: the median, the spread of its logarithm, the decimals a laboratory reports.
MEASURED: dict[str, tuple[float, float, int]] = {
    "total_sulfur": (0.5, 0.29, 2),
    "ash": (9.6, 0.275, 2),
    "moisture_ar": (9.5, 0.33, 1),
    "volatile_matter": (25.5, 0.16, 2),
    "calorific_value": (22.5, 0.133, 2),
    "mercury": (0.15, 0.8, 3),
    "arsenic": (8.0, 0.95, 1),
    "chlorine": (0.05, 0.65, 3),
    "phosphorus": (0.025, 0.8, 3),
    "fluorine": (95.0, 0.36, 0),
}
#: Values elsewhere are so many times those of built-up areas.
ELSEWHERE = {"total_sulfur": 1.85, "ash": 1.95}
COLUMNS = ("id", "zone", "activity", *MEASURED, "sampled_on")


def data_folder() -> Path:
    """Where files of lots are kept: a folder for each version of this module, so that none is out of date."""
    version = hashlib.sha256(Path(__file__).read_bytes()).hexdigest()[:8]
    folder = OUT / "data" / version
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def lots(rows: int) -> pl.DataFrame:
    """The first `rows` lots: ids, words, float64 columns in the units of the record type, dates."""
    return pl.concat(pieces(rows), rechunk=True)


def pieces(rows: int) -> Iterator[pl.DataFrame]:
    """The first `rows` lots, a piece at a time."""
    for number in range(-(-rows // PIECE)):
        piece = _piece(number)
        yield piece.head(rows - number * PIECE)


def write_parquet(path: Path, rows: int) -> None:
    """The first `rows` lots as one parquet file, a row group for each piece."""
    import pyarrow.parquet as pq

    part = path.with_suffix(".part")
    schema = _piece(0).head(1).to_arrow().schema
    with pq.ParquetWriter(part, schema, compression="zstd") as writer:
        for piece in pieces(rows):
            writer.write_table(piece.to_arrow().cast(schema))
    part.rename(path)


def _piece(number: int) -> pl.DataFrame:
    chance = np.random.default_rng((SEED, number))
    built_up = chance.random(PIECE) < 0.55
    activity = chance.choice(3, PIECE, p=(0.35, 0.45, 0.20))
    days = (np.datetime64(FIRST) + chance.integers(0, DAYS, PIECE)).astype("datetime64[D]")
    columns: dict[str, pl.Series] = {
        "id": pl.int_range(number * PIECE, (number + 1) * PIECE, eager=True).cast(pl.String).str.zfill(9),
        "zone": _words(built_up.astype(np.uint32), ("other", "built_up"), chance.random(PIECE) < 0.01),
        "activity": _words(activity.astype(np.uint32), ("sale", "use", "production"), None),
    }
    for name, (median, spread, decimals) in MEASURED.items():
        values = median * np.exp(spread * chance.standard_normal(PIECE))
        if name in ELSEWHERE:
            values = np.where(built_up, values, values * ELSEWHERE[name])
        values = values.round(decimals)
        if name == "total_sulfur":
            # What sums of floats leave behind: 0.8 in all but the last bits counts as 0.8.
            values[chance.random(PIECE) < 0.001] = 0.8 * (1 + 3e-12)
        columns[name] = _spoiled(name, values, chance.random(PIECE))
    columns["sampled_on"] = _without(pl.Series(days), chance.random(PIECE) < 0.005)
    return pl.DataFrame({name: columns[name] for name in COLUMNS})


def _words(codes: np.ndarray, words: tuple[str, ...], empty: np.ndarray | None) -> pl.Series:
    found = pl.Series(words, dtype=pl.String).gather(pl.Series(codes))
    return found if empty is None else _without(found, empty)


def _spoiled(name: str, values: np.ndarray, lot: np.ndarray) -> pl.Series:
    """The values with what tables hold besides: 1 % empty, and a few that cannot be meant."""
    values[lot < 0.0002] = np.nan
    values[(lot >= 0.0002) & (lot < 0.0004)] *= -1
    values[(lot >= 0.0004) & (lot < 0.00041)] = np.inf
    if MEASURED[name][0] < 60 and name not in ("calorific_value", "mercury", "arsenic"):
        values[(lot >= 0.0005) & (lot < 0.0006)] += 100  # no share is above 100 %
    return _without(pl.Series(values), (lot >= 0.001) & (lot < 0.011))


def _without(series: pl.Series, empty: np.ndarray) -> pl.Series:
    return pl.select(pl.when(~pl.Series(empty)).then(series)).to_series()
