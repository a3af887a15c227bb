"""Large files as batches of raw columns, read as often as it takes and never held whole: Parquet, and plain text.

A batch holds the cells that the file read at once would hold, with the same row numbers.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Protocol

import polars as pl

from envrules.diagnostics import CellPlace, Diagnostic, InputError
from envrules.records.columns.raw import RawColumns
from envrules.records.columns.text import LONGEST, doubtful_rows

#: Bytes of text read at a time.
_CHUNK = 24 << 20
_RETURN, _FEED = b"\r", b"\n"


class Stream(Protocol):
    """The rows of a table as batches of columns; `height` is how many there are."""

    height: int

    def batches(self, size: int, needed: Sequence[int]) -> Iterator[RawColumns]:
        """The rows from the first on, at most so many at a time.

        Args:
            needed: the places of the columns that are read together; others are fetched when they are asked for.
        """
        ...


class ParquetStream:
    """A Parquet file.

    Args:
        source: what messages call it.

    Raises:
        InputError: `file-corrupt`, here and wherever rows are read.
    """

    def __init__(self, path: Path, source: str) -> None:
        self._source = source
        with self._reading():
            self._open(path)

    def _open(self, path: Path) -> None:
        self._scan = pl.scan_parquet(path, glob=False, hive_partitioning=False)
        self.names = self._scan.collect_schema().names()
        self.height: int = self._scan.select(pl.len()).collect().item()

    def frame(self, start: int, size: int, names: Sequence[str] | None = None) -> pl.DataFrame:
        """Some of the rows."""
        scan = self._scan if names is None else self._scan.select(names)
        with self._reading():
            return scan.slice(start, size).collect()

    @contextmanager
    def _reading(self) -> Iterator[None]:
        try:
            yield
        except Exception as error:  # polars has many kinds for a file that is not Parquet, or breaks off
            what = f"this is not a Parquet file that can be read: {error}"
            raise InputError([Diagnostic("file-corrupt", CellPlace(self._source), what)]) from None

    def batches(self, size: int, needed: Sequence[int]) -> Iterator[RawColumns]:
        """The rows from the first on, at most so many at a time."""
        for start in range(0, self.height, size):
            yield self.batch(start, min(size, self.height - start), needed)

    def batch(self, start: int, size: int, needed: Sequence[int]) -> RawColumns:
        """So many rows from one on."""
        together = self.frame(start, size, [self.names[i] for i in needed])

        def fetch(index: int) -> pl.Series:
            name = self.names[index]
            return (together if name in together.columns else self.frame(start, size, [name]))[name]

        return RawColumns(fetch, range(start + 1, start + size + 1), len(self.names))


class TextStream:
    """A plain file of delimited text: one in which polars and the reader of rows cannot differ.

    Args:
        header: the row of the header; rows below it are read.
    """

    def __init__(self, path: Path, delimiter: str, header: int, width: int, chunk: int = _CHUNK) -> None:
        self._path, self._delimiter, self._header, self._width = path, delimiter, header, width
        self._chunk = chunk
        self.first = header + 1
        self.height = 0
        self._lines: Iterator[bytes] = iter(())
        self._next: int | None = None  # the place of the line that comes next

    def __len__(self) -> int:
        return self.height

    def is_plain(self) -> bool:
        """Whether it is: UTF-8, no quotation marks, one kind of line end, no row with more cells than the header.

        Counts the rows too.
        """
        if len(self._delimiter.encode()) != 1:
            return False
        self.height = 0
        last = b""
        with self._path.open("rb") as file:
            while data := file.read(1 << 20):
                if b'"' in data or _has_lone_return(last + data):
                    return False
                last = data[-1:] if data.endswith(_RETURN) else b""
        if last:
            return False
        try:
            for frame in self.frames():
                longest = frame.select(pl.all().str.len_bytes().max()).row(0) if len(frame) else ()
                if any(n is not None and n > LONGEST for n in longest):
                    return False
                self.height += len(frame)
        except (pl.exceptions.PolarsError, OSError):
            return False
        return True

    def frames(self) -> Iterator[pl.DataFrame]:
        """All rows as frames of texts, a chunk of the file each."""
        with self._path.open("rb") as file:
            for _ in range(self._header):
                file.readline()
            rest = b""
            while data := file.read(self._chunk):
                end = data.rfind(_FEED) + 1
                if end:
                    yield self._parsed(rest + data[:end])
                    rest = data[end:]
                else:
                    rest += data
            if rest:
                yield self._parsed(rest)

    def _parsed(self, lines: bytes) -> pl.DataFrame:
        # polars takes the width of a file from its first line, and a first row may be short.
        above = self._delimiter.encode() * (self._width - 1) + _FEED if self._width > 1 else b"-\n"
        return pl.read_csv(
            io.BytesIO(above + lines),
            has_header=False,
            schema={f"c{i}": pl.String for i in range(self._width)},
            separator=self._delimiter,
            quote_char=None,
        ).slice(1)

    def doubtful(self, base: int, headers: Sequence[str], names: frozenset[str]) -> Iterator[int]:
        """The places of rows that may be no records, in their order."""
        start = 0
        for frame in self.frames():
            yield from (start + place for place in doubtful_rows(frame, base, headers, names))
            start += len(frame)

    def row(self, place: int) -> Sequence[object]:
        """The cells of one row, as many as its line has. Rows are asked for from the top down."""
        if self._next is None or place < self._next:
            self._lines, self._next = self._read_lines(), 0
        line = next(islice(self._lines, place - self._next, None), b"").rstrip(b"\r\n")
        self._next = place + 1
        return list(line.decode("utf-8").split(self._delimiter)) if line else []

    def _read_lines(self) -> Iterator[bytes]:
        with self._path.open("rb") as file:
            yield from islice(file, self._header, None)

    def columns(self, width: int) -> RawColumns:
        """All of them, for a file that turns out to be small."""
        return _of_frame(pl.concat([self._parsed(b""), *self.frames()]), self.first)

    def batches(self, size: int, needed: Sequence[int]) -> Iterator[RawColumns]:
        """The rows from the first on, at most so many at a time."""
        start = self.first
        for frame in self.frames():
            for part in frame.iter_slices(size):
                yield _of_frame(part, start)
                start += len(part)


def _of_frame(frame: pl.DataFrame, first: int) -> RawColumns:
    columns = frame.get_columns()
    return RawColumns(lambda i: columns[i], range(first, first + len(frame)), len(columns))


def _has_lone_return(data: bytes) -> bool:
    """Whether a carriage return stands before anything but a line feed; one at the end is left for what follows."""
    return data.count(_RETURN) - data.endswith(_RETURN) != data.count(b"\r\n") if _RETURN in data else False


def text_stream(path: Path, delimiter: str, header: int, width: int) -> TextStream | None:
    """The rows of a file below row `header`, each of at most `width` cells; None where the file is not plain."""
    found = TextStream(path, delimiter, header, width)
    return found if found.is_plain() else None
