"""Who is measured on the twelve limits: how each holds the lots in memory, and what it is asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Contestant:
    """A way to judge the lots.

    Args:
        module: where its `counts` and `findings`, or its `violations`, stand.
        hold: the lots of a parquet file (all, or the first so many) as it wants them; not measured.
        options: passed on to each call.
    """

    module: str
    hold: Callable[[Path, int | None], Any]
    options: tuple[tuple[str, Any], ...] = ()

    def ask(self, what: str, lots: Any) -> Any:
        """Its counts, findings or violations."""
        return getattr(import_module(f"benchmarks.{self.module}"), what)(lots, **dict(self.options))


def _polars(path: Path, rows: int | None) -> Any:
    import polars as pl

    # A copy in one piece: the frame of a program that made it, not the pieces of a file.
    return pl.read_parquet(path, n_rows=rows).rechunk()


def _pandas(path: Path, rows: int | None) -> Any:
    return _polars(path, rows).to_pandas()


def _numpy(path: Path, rows: int | None) -> Any:
    import polars as pl

    frame = _polars(path, rows)
    lots = {c: frame[c].to_numpy() for c in frame.columns if frame[c].dtype == pl.Float64}
    for name, words in (("zone", ("built_up", "other")), ("activity", ("sale", "use", "production"))):
        codes = {word: n for n, word in enumerate(words)}
        lots[name] = frame[name].replace_strict(codes, default=-1, return_dtype=pl.Int8).to_numpy()
    return lots | {"day": frame["sampled_on"].to_numpy(), "id": frame["id"].to_numpy().astype("S9")}


def _connection() -> Any:
    import duckdb

    # The findings have no order of their own; DuckDB is faster, and needs less memory, where it need not keep one.
    return duckdb.connect(config={"preserve_insertion_order": False})


def _duckdb(path: Path, rows: int | None) -> Any:
    connection = _connection()
    some = "" if rows is None else f"LIMIT {rows}"
    connection.execute(f"CREATE TABLE lots AS SELECT * FROM read_parquet('{path}') {some}")
    return connection, "lots"


def _file(path: Path, rows: int | None) -> Any:
    return str(path) if rows is None else _beginning(path, rows)


def _scan(path: Path, rows: int | None) -> Any:
    import polars as pl

    return pl.scan_parquet(path if rows is None else _beginning(path, rows))


def _duckdb_file(path: Path, rows: int | None) -> Any:
    return _connection(), f"read_parquet('{path if rows is None else _beginning(path, rows)}')"


def _beginning(path: Path, rows: int) -> str:
    """A file of the first lots of a file, beside it."""
    beginning = path.with_name(f"{path.stem}-first-{rows}.parquet")
    if not beginning.exists():
        _polars(path, rows).write_parquet(beginning)
    return str(beginning)


def _dicts(path: Path, rows: int | None) -> Any:
    return _clean(path, rows).to_dicts()


def _clean(path: Path, rows: int | None) -> Any:
    """The lots with values that can be meant, on the bases and in the units of the limits, without the noise of floats.

    What a program makes first that uses an engine of two answers and without units; it is not measured.
    """
    import polars as pl
    from benchmarks.coal.by_polars import prepared

    day = (pl.col("date").to_physical() + date(1970, 1, 1).toordinal()).cast(pl.Int64).alias("day")
    values = pl.col(pl.Float64).exclude("volatile_matter", "calorific_value", "fluorine").round(9)
    return prepared(_polars(path, rows)).select("id", "zone", "activity", values, day).collect()


def _clean_pandas(path: Path, rows: int | None) -> Any:
    return _clean(path, rows).to_pandas()


BY_HAND = ("polars", "duckdb", "pandas", "numpy")
CONTESTANTS: dict[str, Contestant] = {
    "envrules, polars": Contestant("coal.by_envrules", _polars),
    "envrules, pandas": Contestant("coal.by_envrules", _pandas),
    "envrules, parquet": Contestant("coal.by_envrules", _file),
    "envrules, interpreter": Contestant("coal.by_envrules", _polars, (("engine", "reference"),)),
    "polars": Contestant("coal.by_polars", _polars),
    "duckdb": Contestant("coal.by_duckdb", _duckdb),
    "pandas": Contestant("coal.by_pandas", _pandas),
    "numpy": Contestant("coal.by_numpy", _numpy),
    "polars, parquet": Contestant("coal.by_polars", _scan),
    "duckdb, parquet": Contestant("coal.by_duckdb", _duckdb_file),
    "durable-rules": Contestant("coal.by_durable_rules", _dicts),
    "zen-engine": Contestant("coal.by_zen_engine", _dicts),
    "rule-engine": Contestant("coal.by_rule_engine", _dicts),
    "pandera, polars": Contestant("coal.by_pandera", _clean),
    "pandera, pandas": Contestant("coal.by_pandera", _clean_pandas),
    "pointblank": Contestant("coal.by_pointblank", _clean),
}
