"""The same table as each library's frame and as each kind of file."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa

from drawn.records import Column, Table

_POLARS: dict[str, Any] = {
    "text": pl.String,
    "float64": pl.Float64,
    "float32": pl.Float32,
    "int8": pl.Int8,
    "uint8": pl.UInt8,
    "int64": pl.Int64,
    "decimal": pl.Decimal(20, 6),
    "bool": pl.Boolean,
    "category": pl.Categorical,
    "date": pl.Date,
    "datetime": pl.Datetime("us"),
}
_ARROW: dict[str, Any] = {
    "text": pa.string(),
    "float64": pa.float64(),
    "float32": pa.float32(),
    "int8": pa.int8(),
    "uint8": pa.uint8(),
    "int64": pa.int64(),
    "decimal": pa.decimal128(20, 6),
    "bool": pa.bool_(),
    "category": pa.dictionary(pa.int32(), pa.string()),
    "date": pa.date32(),
    "datetime": pa.timestamp("us"),
}


def dicts(table: Table, folder: Path) -> Any:
    return table.rows()


def pandas_objects(table: Table, folder: Path) -> pd.DataFrame:
    """A frame whose columns hold anything."""
    return pd.DataFrame({n: pd.Series(c.cells, dtype=object) for n, c in table.columns.items()})


def polars_frame(table: Table, folder: Path) -> pl.DataFrame:
    return pl.DataFrame([_series(n, c) for n, c in table.columns.items()])


def _series(name: str, column: Column) -> pl.Series:
    if column.store == "float32":
        return pl.Series(name, [None if v is None else float(v) for v in column.cells], dtype=pl.Float32)
    return pl.Series(name, column.cells, dtype=_POLARS[column.store])


def polars_lazy(table: Table, folder: Path) -> pl.LazyFrame:
    return polars_frame(table, folder).lazy()


def arrow_table(table: Table, folder: Path) -> pa.Table:
    # Two chunks of a column are one column.
    whole = pa.table({n: pa.array(c.cells, type=_ARROW[c.store]) for n, c in table.columns.items()})
    half = table.size // 2
    return pa.concat_tables([whole.slice(0, half), whole.slice(half)]) if half else whole


def pandas_frame(table: Table, folder: Path) -> pd.DataFrame:
    frame = pd.DataFrame({n: _pandas(c) for n, c in table.columns.items()})
    # An index that is not 0, 1, 2 says nothing about the rows.
    frame.index = pd.Index([3 * i + 1 for i in range(table.size)][::-1])
    return frame


def _pandas(column: Column) -> Any:
    cells, empty = column.cells, any(v is None for v in column.cells)
    if column.store in ("float64", "float32"):
        return np.array([np.nan if v is None else v for v in cells], dtype=column.store)
    if column.store in ("int8", "uint8", "int64"):
        nullable = {"int8": "Int8", "uint8": "UInt8", "int64": "Int64"}[column.store]
        return pd.array(cells, dtype=nullable) if empty else np.array(cells, dtype=column.store)
    if column.store == "bool":
        return np.array(cells, dtype=object) if empty else np.array(cells, dtype=bool)
    if column.store == "category":
        return pd.Categorical(cells)
    if column.store == "datetime":
        return pd.array(cells, dtype="datetime64[us]")
    return pd.Series(cells, dtype=object).to_numpy()


def pandas_arrow(table: Table, folder: Path) -> pd.DataFrame:
    return arrow_table(table, folder).to_pandas(types_mapper=pd.ArrowDtype)


def duckdb_relation(table: Table, folder: Path) -> Any:
    connection = duckdb.connect()
    return connection.from_arrow(arrow_table(table, folder))


def csv_file(table: Table, folder: Path) -> str:
    path = _new(folder, "csv")
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(table.columns)
        writer.writerows([_text(v) for v in row.values()] for row in table.rows())
    return str(path)


def _text(value: Any) -> str:
    if value is None or value != value:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float | np.floating) and abs(value) < 1e15 and float(value).is_integer():
        # A text field reads the number 2020 of a frame as 2020, the text 2020.0 of a file as what it is.
        return str(int(value))
    return value.isoformat(" ") if isinstance(value, dt.datetime) else str(value)


def parquet_file(table: Table, folder: Path) -> str:
    path = _new(folder, "parquet")
    polars_frame(table, folder).write_parquet(path)
    return str(path)


def _new(folder: Path, suffix: str) -> Path:
    return folder / f"table{len(list(folder.iterdir()))}.{suffix}"


Make = Callable[[Table, Path], Any]
#: What takes tables whose columns are of one kind each.
SOURCES: dict[str, Make] = {
    "dicts": dicts,
    "polars": polars_frame,
    "pandas": pandas_frame,
    "polars lazy": polars_lazy,
    "pyarrow": arrow_table,
    "pandas on arrow": pandas_arrow,
    "duckdb": duckdb_relation,
    "csv": csv_file,
    "parquet": parquet_file,
}
