"""The rows that old, binary and OpenDocument workbooks do not show, which the reader of workbooks does not tell.

Source: MS-XLS, 2.4.28 (BoundSheet8) and 2.4.221 (Row); MS-XLSB, 2.4.303 (BrtBundleSh) and 2.4.752 (BrtRowHdr);
OpenDocument 1.2, 19.749 (table:visibility).
"""

from __future__ import annotations

import re
import struct
import zipfile
from html import unescape
from pathlib import Path
from xml.etree import ElementTree

from envrules.records.binary_reach import records_of_xls, records_of_xlsb
from envrules.records.compound import workbook_stream

_MOST_BYTES = 1 << 28
_MOST_ROWS = 100_000
_BOUND_SHEET, _ROW = 0x0085, 0x0208
_XLS_HIDDEN, _XLSB_HIDDEN = 0x20, 0x10
_BUNDLE = 156
_TAG = re.compile(rb"<table:(table|table-row)(?:\s([^>]*))?>")
_NAME = re.compile(rb'table:name="([^"]*)"')
_REPEATED = re.compile(rb'table:number-rows-repeated="([0-9]{1,9})"')
_HIDDEN = re.compile(rb'table:visibility="(?:collapse|filter)"')


def hidden_rows(path: Path) -> dict[str, list[int]]:
    """Sheet -> its rows that are not shown, as a person counts them; nothing for xlsx, which `sheet_xml` reads."""
    kind = path.suffix.lower()
    try:
        if kind == ".xls":
            return _of_xls(workbook_stream(path))
        if kind in (".xlsb", ".ods"):
            with zipfile.ZipFile(path) as book:
                return _of_xlsb(book) if kind == ".xlsb" else _of_ods(book)
    except (zipfile.BadZipFile, KeyError, struct.error, IndexError, UnicodeDecodeError, ElementTree.ParseError):
        return {}  # what is wrong with the file the reader of workbooks says
    return {}


def _of_xls(stream: bytes) -> dict[str, list[int]]:
    places: dict[str, int] = {}
    for kind, body, length in records_of_xls(stream, 0):
        if kind == _BOUND_SHEET and length >= 8:
            count, wide = stream[body + 6], stream[body + 7] & 1
            text = stream[body + 8 : body + 8 + count * (1 + wide)]
            name = text.decode("utf-16-le" if wide else "latin-1")
            places[name] = int.from_bytes(stream[body : body + 4], "little")
    found: dict[str, list[int]] = {}
    for name, start in places.items():
        for kind, body, length in records_of_xls(stream, start):
            if kind == _ROW and length >= 14 and stream[body + 12] & _XLS_HIDDEN:
                found.setdefault(name, []).append(1 + int.from_bytes(stream[body : body + 2], "little"))
    return found


def _of_xlsb(book: zipfile.ZipFile) -> dict[str, list[int]]:
    links = ElementTree.fromstring(book.read("xl/_rels/workbook.bin.rels"))
    targets = {link.get("Id"): link.get("Target", "") for link in links}
    index = book.read("xl/workbook.bin")
    found: dict[str, list[int]] = {}
    for kind, body in records_of_xlsb(index):
        if kind != _BUNDLE:
            continue
        link, behind = _text(index, body + 8)
        name, _ = _text(index, behind)
        target = targets.get(link, "")
        part = book.read(target[1:] if target.startswith("/") else f"xl/{target}")
        rows = [
            1 + int.from_bytes(part[at : at + 4], "little")
            for kind, at in records_of_xlsb(part)
            if kind == 0 and at + 12 <= len(part) and part[at + 11] & _XLSB_HIDDEN
        ]
        if rows:
            found[name] = rows
    return found


def _text(data: bytes, at: int) -> tuple[str, int]:
    """(a text that stands with its length before it, where it ends)."""
    (count,) = struct.unpack_from("<I", data, at)
    end = at + 4 + 2 * count
    return data[at + 4 : end].decode("utf-16-le"), end


def _of_ods(book: zipfile.ZipFile) -> dict[str, list[int]]:
    if book.getinfo("content.xml").file_size > _MOST_BYTES:
        return {}
    data = book.read("content.xml")
    if _HIDDEN.search(data) is None:
        return {}
    found: dict[str, list[int]] = {}
    name, row = "", 0
    for match in _TAG.finditer(data):
        attributes = match[2] or b""
        if match[1] == b"table":
            named = _NAME.search(attributes)
            name, row = unescape(named[1].decode("utf-8")) if named else "", 0
            continue
        repeated = _REPEATED.search(attributes)
        count = int(repeated[1]) if repeated else 1
        rows = found.setdefault(name, []) if _HIDDEN.search(attributes) else None
        if rows is not None and len(rows) + count <= _MOST_ROWS:
            rows.extend(range(row + 1, row + count + 1))
        row += count
    return {name: rows for name, rows in found.items() if rows}
