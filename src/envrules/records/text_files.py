"""CSV and TSV to rows of texts: encodings, delimiters, and what is wrong with a file, found while it is read."""

from __future__ import annotations

import codecs
import csv
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from envrules.diagnostics import CellPlace, Diagnostic, InputError
from envrules.records.tables import Grid, Row

_LONGEST_LINE = 1_000_000
_CHUNK = 1 << 20
_SAMPLE_LINES = 30
_DELIMITERS = (",", "\t", ";", "|")
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_SIGNATURES = (
    (b"PK\x03\x04", "a zip file or workbook; if it is one, name it .xlsx"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook; name it .xls"),
    (b"%PDF", "a PDF"),
    (b"PAR1", "a Parquet file; name it .parquet"),
    (b"\x1f\x8b", "a gzip file; unpack it first"),
)


def text_grid(path: Path, source: str, delimiter: str = "") -> Grid:
    """The rows of a delimited text file.

    Args:
        delimiter: what parts the cells; empty to find out.

    Raises:
        InputError: `file-not-text`, `file-encoding`, `table-syntax`.
    """
    encoding = find_encoding(path, source)
    mark = delimiter or _find_delimiter(path, source, encoding)
    return Grid(source, lambda: _rows(path, source, encoding, mark), encoding=encoding)


def find_encoding(path: Path, source: str) -> str:
    """The encoding of a text: by its mark, else UTF-8 where the whole of it is, else GB 18030.

    Raises:
        InputError: `file-not-text` for NUL bytes or the first bytes of another format, `file-encoding`.
    """
    with path.open("rb") as file:
        start = file.read(8)
        for signature, what in _SIGNATURES:
            if start.startswith(signature):
                raise _error("file-not-text", source, f"this is no text: it looks like {what}")
        marked = next((name for mark, name in _MARKS if start.startswith(mark)), "")
        file.seek(0)
        if marked:
            return marked if _decodes(file, marked, source) else _no_encoding(source)
        for name in ("utf-8", "gb18030"):
            file.seek(0)
            if _decodes(file, name, source):
                return name
    return _no_encoding(source)


def _no_encoding(source: str) -> str:
    raise _error(
        "file-encoding",
        source,
        "the text is neither UTF-8 nor GB 18030, nor UTF-16 with its mark",
        hint="save it as UTF-8",
    )


def _decodes(file: IO[bytes], name: str, source: str) -> bool:
    decoder = codecs.getincrementaldecoder(name)("strict")
    try:
        while chunk := file.read(_CHUNK):
            # In UTF-16 every other byte of plain text is NUL, so there the decoded text is looked at.
            if (name != "utf-16" and b"\0" in chunk) or "\0" in decoder.decode(chunk):
                raise _error("file-not-text", source, "this is no text: it holds NUL characters")
        decoder.decode(b"", True)
    except UnicodeDecodeError:
        return False
    return True


def _lines(file: IO[str], source: str) -> Iterator[str]:
    number = 0
    while line := file.readline(_LONGEST_LINE + 1):
        number += 1
        if len(line) > _LONGEST_LINE:
            raise _error(
                "table-syntax", source, f"line {number} is longer than {_LONGEST_LINE:,} characters: no table has such"
            )
        yield line


def _find_delimiter(path: Path, source: str, encoding: str) -> str:
    """The character that parts the first lines into the same number of cells, more than one."""
    with path.open(encoding=encoding, newline="") as file:
        lines = [line for line, _ in zip(_lines(file, source), range(_SAMPLE_LINES), strict=False) if line.strip()]
    best, delimiter = (0.0, 0), ","
    for mark in _DELIMITERS:
        try:
            widths = Counter(len(row) for row in csv.reader(lines, delimiter=mark) if row)
        except csv.Error:
            continue
        wide = [(count / sum(widths.values()), width) for width, count in widths.items() if width > 1]
        if wide and max(wide) > best:
            best, delimiter = max(wide), mark
    return delimiter


def _rows(path: Path, source: str, encoding: str, delimiter: str) -> Iterator[Row]:
    """Rows numbered as a spreadsheet shows them: a cell with line breaks is one row."""
    number = 0
    with path.open(encoding=encoding, newline="") as file:
        # strict: a quotation mark that is never closed would else swallow the rest of the file without a word.
        reader = csv.reader(_lines(file, source), delimiter=delimiter, strict=True)
        while True:
            line = reader.line_num + 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                hint = "look for a quotation mark that is not closed or not doubled"
                place = CellPlace(source, row=number + 1)
                raise InputError(
                    [
                        Diagnostic(
                            "table-syntax",
                            place,
                            f"the row that begins in line {line} cannot be read: {error}",
                            hint=hint,
                        )
                    ]
                ) from None
            number += 1
            yield number, cells


def _error(code: str, source: str, what: str, hint: str = "") -> InputError:
    return InputError([Diagnostic(code, source, what, hint=hint)])
