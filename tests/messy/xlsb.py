"""Writes a binary workbook (xlsb) of texts, numbers and yes or no.

Source: MS-XLSB, Excel (.xlsb) Binary File Format, 2.3 (records) and 2.4 (their numbers).
"""

from __future__ import annotations

import datetime as dt
import struct
import zipfile
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

from messy.writing import content

_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
#: Days from Excel's zeroth day, which counts a 29 February 1900 that never was.
_EPOCH = dt.date(1899, 12, 30)


def write_xlsb(path: Path, description: Mapping[str, Any]) -> None:
    """The workbook of a description, as `messy.writing` takes it."""
    sheets = description["sheets"]
    types = "".join(
        f'<Override PartName="/xl/worksheets/sheet{n}.bin" ContentType="application/vnd.ms-excel.worksheet"/>'
        for n, _ in enumerate(sheets, 1)
    )
    links = "".join(
        f'<Relationship Id="rId{n}" Type="{_OFFICE}/worksheet" Target="worksheets/sheet{n}.bin"/>'
        for n, _ in enumerate(sheets, 1)
    )
    styles = f'<Relationship Id="rIdS" Type="{_OFFICE}/styles" Target="styles.bin"/>'
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr(
            "[Content_Types].xml",
            f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="bin" '
            'ContentType="application/vnd.ms-excel.sheet.binary.macroEnabled.main"/><Default Extension="rels" '
            f'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>{types}</Types>',
        )
        book.writestr(
            "_rels/.rels",
            _relationships(f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.bin"/>'),
        )
        book.writestr("xl/_rels/workbook.bin.rels", _relationships(links + styles))
        book.writestr("xl/workbook.bin", _workbook(sheets))
        book.writestr("xl/styles.bin", _styles())
        for n, sheet in enumerate(sheets, 1):
            book.writestr(f"xl/worksheets/sheet{n}.bin", _sheet(sheet["rows"], sheet.get("hidden_rows", ())))


def _relationships(inner: str) -> str:
    return f"<Relationships xmlns={quoteattr(_PACKAGE + '/relationships')}>{inner}</Relationships>"


def _record(kind: int, data: bytes = b"") -> bytes:
    """A record: its number and its length in groups of seven bits, then its data."""
    head = bytes([kind]) if kind < 128 else bytes([kind & 0x7F | 0x80, kind >> 7])
    length, size = b"", len(data)
    while True:
        length += bytes([size & 0x7F | (0x80 if size > 127 else 0)])
        size >>= 7
        if not size:
            return head + length + data


def _string(text: str) -> bytes:
    return struct.pack("<I", len(text.encode("utf-16-le")) // 2) + text.encode("utf-16-le")


def _workbook(sheets: list[Mapping[str, Any]]) -> bytes:
    bundle = b"".join(
        _record(156, struct.pack("<II", 1 if s.get("hidden") else 0, n) + _string(f"rId{n}") + _string(s["name"]))
        for n, s in enumerate(sheets, 1)
    )
    properties = _record(153, struct.pack("<II", 0x00010020, 0) + _string(""))
    return _record(131) + properties + _record(143) + bundle + _record(144) + _record(132)


def _styles() -> bytes:
    """Two cell formats: general, and number format 14, a date."""
    formats = b"".join(_record(47, struct.pack("<HHHHHBBHBB", 0, number, 0, 0, 0, 0, 0, 0, 0, 0)) for number in (0, 14))
    return _record(278) + _record(617, struct.pack("<I", 2)) + formats + _record(618) + _record(279)


def _sheet(rows: list[list[Any]], hidden: Collection[int] = ()) -> bytes:
    width = max(map(len, rows))
    area = struct.pack("<IIII", 0, len(rows) - 1, 0, width - 1)
    body = b"".join(_row(r, row, r + 1 in hidden) for r, row in enumerate(rows))
    return _record(129) + _record(148, area) + _record(145) + body + _record(146) + _record(130)


def _row(r: int, row: list[Any], hidden: bool) -> bytes:
    head = struct.pack("<IIHBBBIII", r, 0, 0x0118, 0, 0x10 if hidden else 0, 0, 1, 0, max(0, len(row) - 1))
    return _record(0, head) + b"".join(_cell(c, cell) for c, cell in enumerate(row))


def _cell(c: int, cell: Any) -> bytes:
    value, _, _ = content(cell)
    place = struct.pack("<II", c, 0)
    if value is None:
        return b""
    if isinstance(value, bool):
        return _record(4, place + bytes([value]))
    if isinstance(value, dt.date):
        return _record(5, struct.pack("<II", c, 1) + struct.pack("<d", float((value - _EPOCH).days)))
    if isinstance(value, int | float):
        return _record(5, place + struct.pack("<d", float(value)))
    return _record(6, place + _string(value))
