"""Frames to raw tables: pandas, polars (lazy too), pyarrow, duckdb and all else that narwhals takes; and Parquet files.

The only room of records that imports a frame library, and only when a frame is given.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from envrules.diagnostics import CellPlace, Diagnostic, InputError
from envrules.records.tables import RawTable, Row, header_text

if TYPE_CHECKING:
    from envrules.records.columns.stream import ParquetStream

_AT_A_TIME = 10_000  # rows of a stream read together
_LIBRARIES = frozenset(
    "pandas polars pyarrow duckdb _duckdb narwhals modin cudf dask pyspark ibis sqlframe daft".split()
)


def is_frame(source: object) -> bool:
    """Whether an object comes from a frame library; none is imported to find out."""
    return any(c.__module__.partition(".")[0] in _LIBRARIES for c in type(source).__mro__)


def on_cluster(source: object) -> bool:
    """Whether an object is a frame of Spark, whose rows are not here; Spark is not imported to find out.

    Examples:
        >>> on_cluster([1, 2])
        False
    """
    return any(c.__name__ == "DataFrame" and c.__module__.startswith("pyspark.sql") for c in type(source).__mro__)


def frame_table(source: Any, name: str, numbers: Sequence[int] | None = None) -> RawTable:
    """The table of a frame; a named index of pandas becomes columns.

    Args:
        numbers: of the rows, for a frame that is a part of another; they are counted from 1 otherwise.

    Raises:
        InputError: `frame-columns` where the columns cannot be told apart, `frame-kind` for what is no frame.
    """
    import narwhals as nw

    named = [n for n in getattr(getattr(source, "index", None), "names", ()) if n is not None]
    if named and hasattr(source, "reset_index"):
        try:
            source = source.reset_index(level=named)
        except ValueError as error:
            raise _error("frame-columns", name, f"the index cannot become columns: {error}") from None
    try:
        frame: Any = nw.from_native(source)
        if isinstance(frame, nw.LazyFrame):
            frame = frame.collect()
        headers = [header_text(c) for c in frame.columns]
    except TypeError as error:
        raise _error(
            "frame-kind", name, f"a {type(source).__name__} is not a frame that can be read: {error}"
        ) from None
    except Exception as error:
        # Each library has its own exceptions for columns of one name or a query that fails when it is collected.
        raise _error("frame-columns", name, f"the frame cannot be read: {type(error).__name__}: {error}") from None

    def rows() -> Iterator[Row]:
        columns = [_values(frame, position) for position in range(len(headers))]
        yield from zip(numbers or range(1, len(frame) + 1), zip(*columns, strict=True), strict=True)

    def columns() -> Any:
        from envrules.records.columns.raw import RawColumns

        counted = numbers or range(1, len(frame) + 1)
        ready = [i for i, dtype in enumerate(frame.schema.values()) if dtype.is_numeric()]
        parts = None if frame.implementation.is_polars() else _Parts(frame)
        return RawColumns(lambda i: _series(frame, i), counted, len(headers), fetch_some=parts, ready=ready)

    return RawTable(name, headers, rows(), columns=columns, height=len(frame))


def _series(frame: Any, position: int) -> Any:
    """A column as a polars series, without a copy where the library allows it; as a list where its cells are mixed."""
    import polars as pl

    from envrules.records.columns.raw import as_series

    native = frame[:, position].to_native()
    if isinstance(native, pl.Series):
        return native
    dtype = getattr(native, "dtype", None)
    # The texts of pandas say that they are objects too, but a column of theirs is taken as it is.
    objects = getattr(dtype, "kind", "") == "O" and type(dtype).__module__.startswith("numpy")
    try:
        array = _plain_array(native)
        if array is not None:
            return _of_array(array)
        return as_series(_values(frame, position)) if objects else pl.Series(pl.from_pandas(native))
    except Exception:  # a column of mixed cells, or no pyarrow to carry it: its cells one by one
        return _values(frame, position)


class _Parts:
    """Some rows of a column of pandas or pyarrow, made a series apart from the others: threads share the work."""

    def __init__(self, frame: Any) -> None:
        self._frame = frame
        self._arrays: dict[int, Any] = {}

    def __call__(self, position: int, rows: Any) -> Any:
        """A column in some of the rows; None where only all of its cells show what it is made of."""
        if position not in self._arrays:
            self._arrays[position] = _plain_array(self._frame[:, position].to_native())
        array = self._arrays[position]
        if array is None:
            return None
        return _of_array(array[rows] if isinstance(rows, slice) else array.take(rows.to_numpy()))


#: The times of NumPy that polars takes.
_POLARS_TIMES = ("M8[ms]", "M8[us]", "M8[ns]")
_NO_TIME = -(1 << 63)  # what stands for a missing one of them


def _plain_array(native: Any) -> Any:
    """A column of pandas or pyarrow as NumPy or Arrow holds it, where its type alone says what its cells are."""
    dtype = getattr(native, "dtype", None)
    if type(native).__module__.startswith("pyarrow"):
        return native
    if dtype is not None and type(dtype).__module__.startswith("numpy"):
        return native.to_numpy() if dtype.kind in "biuf" or dtype.str[1:] in _POLARS_TIMES else None
    if getattr(dtype, "storage", "") == "pyarrow":
        import pyarrow

        return pyarrow.array(native)
    return None


def _of_array(array: Any) -> Any:
    """Such an array as a polars series."""
    import polars as pl

    from envrules.records.columns.field import where

    if type(array).__module__.startswith("numpy"):
        if array.dtype.kind != "M":
            return pl.Series(array)
        ticks = pl.Series(array.view("int64"))
        there = ticks != _NO_TIME
        unit = array.dtype.str[4:6]
        return (ticks if there.all() else where(there, ticks)).cast(pl.Datetime(unit))
    import pyarrow as pa

    if array.type in (pa.string(), pa.large_string()):
        # As Arrow's views, which polars takes as they are, in less time than polars takes to make them. Where there is
        # more text than views reach it has to.
        with suppress(pa.ArrowException):
            array = array.cast(pa.string_view())
    return pl.Series(pl.from_arrow(array))


def _values(frame: Any, position: int) -> list[object]:
    import narwhals as nw

    column = frame[:, position]
    values: list[object] = column.to_list()
    if column.dtype == nw.Float32:
        return [_shortest(v) if isinstance(v, float) else v for v in values]
    return values


def _shortest(value: float) -> float:
    """The shortest decimal that stands for a number of single precision: 0.8, not 0.800000011920929."""
    if value != value or value in (float("inf"), float("-inf")):
        return value
    for digits in (6, 7, 8):
        short = float(f"{value:.{digits}g}")
        if struct.pack("f", short) == struct.pack("f", value):
            return short
    return float(f"{value:.9g}")


def parquet_table(path: Path, source: str) -> RawTable:
    """The table of a Parquet file.

    Raises:
        InputError: `file-corrupt`.
    """
    import polars as pl

    try:
        frame = pl.read_parquet(path)
    except Exception as error:  # polars has many kinds for a file that is not Parquet, or breaks off
        raise _error("file-corrupt", source, f"this is not a Parquet file that can be read: {error}") from None
    return frame_table(frame, source)


def parquet_stream(path: Path, source: str) -> RawTable:
    """The table of a Parquet file that is not to be held whole.

    Raises:
        InputError: `file-corrupt`.
    """
    from envrules.records.columns.stream import ParquetStream

    stream = ParquetStream(path, source)
    width = len(stream.names)
    return RawTable(
        source,
        [header_text(n) for n in stream.names],
        _StreamedRows(stream, source),
        columns=lambda: stream.batch(0, stream.height, range(width)),
        height=stream.height,
        stream=stream,
    )


class _StreamedRows:
    """The rows of a stream, read anew each time."""

    def __init__(self, stream: ParquetStream, source: str) -> None:
        self._stream, self._source = stream, source

    def __iter__(self) -> Iterator[Row]:
        for start in range(0, self._stream.height, _AT_A_TIME):
            part = frame_table(self._stream.frame(start, _AT_A_TIME), self._source)
            yield from ((start + number, cells) for number, cells in part.rows)


def _error(code: str, name: str, what: str) -> InputError:
    return InputError([Diagnostic(code, CellPlace(name), what)])
