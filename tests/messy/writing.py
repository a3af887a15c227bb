"""Writes a file from its description: a workbook of rows, a text in an encoding, a table of columns.

A description is data (see `files/`): `name`, then `sheets` for a workbook, `text` with an `encoding` for a file of
text, `columns` for parquet. A cell is a value, or `{value, format, formula}`; dates are dates.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

Description = Mapping[str, Any]


def write(description: Description, folder: Path) -> Path:
    """The path of the file, written into the folder."""
    path = folder / description["name"]
    if "sheets" in description:
        _WORKBOOKS[path.suffix](path, description)
    elif "columns" in description:
        _parquet(path, description)
    else:
        _text(path, description)
    return path


def content(cell: Any) -> tuple[Any, str, str]:
    """A cell as (value, number format, formula)."""
    if isinstance(cell, Mapping):
        return cell.get("value"), cell.get("format", ""), cell.get("formula", "")
    return cell, "", ""


def _text(path: Path, description: Description) -> None:
    text = description["text"].replace("\n", description.get("newline", "\n"))
    path.write_bytes(text.encode(description.get("encoding", "utf-8")))


def _parquet(path: Path, description: Description) -> None:
    import polars as pl

    pl.DataFrame(dict(description["columns"]), strict=False).write_parquet(path)


def _xlsx(path: Path, description: Description) -> None:
    import xlsxwriter

    options = {"date_1904": description.get("epoch") == 1904}
    with xlsxwriter.Workbook(path, options) as book:
        formats = _Formats(book)
        for sheet in description["sheets"]:
            page = book.add_worksheet(sheet["name"])
            for r, row in enumerate(sheet["rows"]):
                for c, cell in enumerate(row):
                    _xlsx_cell(page, r, c, cell, formats)
            for area in sheet.get("merge", ()):
                _xlsx_merge(page, area, sheet["rows"], formats)
            for row in sheet.get("hidden_rows", ()):
                page.set_row(row - 1, None, None, {"hidden": True})
            for column in sheet.get("hidden_columns", ()):
                page.set_column(f"{column}:{column}", None, None, {"hidden": True})
            if sheet.get("hidden"):
                (page.very_hidden if sheet["hidden"] == "very" else page.hide)()


class _Formats:
    """Number formats of a workbook, made once each."""

    def __init__(self, book: Any) -> None:
        self._book, self._made = book, dict[str, Any]()

    def __getitem__(self, text: str) -> Any:
        if not text:
            return None
        if text not in self._made:
            self._made[text] = self._book.add_format({"num_format": text})
        return self._made[text]


def _xlsx_cell(page: Any, r: int, c: int, cell: Any, formats: _Formats) -> None:
    value, form, formula = content(cell)
    if formula:
        page.write_formula(r, c, formula, formats[form], "" if value is None else value)
    elif isinstance(value, dt.datetime):
        page.write_datetime(r, c, value, formats[form or "yyyy-mm-dd hh:mm"])
    elif isinstance(value, dt.date):
        page.write_datetime(r, c, value, formats[form or "yyyy-mm-dd"])
    elif isinstance(value, bool):
        page.write_boolean(r, c, value)
    elif isinstance(value, int | float):
        page.write_number(r, c, value, formats[form])
    elif value is not None:
        page.write_string(r, c, value)


def _xlsx_merge(page: Any, area: str, rows: list[list[Any]], formats: _Formats) -> None:
    first, last = (_place(p) for p in area.split(":"))
    row = rows[first[0]]
    cell = row[first[1]] if first[1] < len(row) else None
    page.merge_range(first[0], first[1], last[0], last[1], "")
    _xlsx_cell(page, first[0], first[1], cell, formats)


def _place(text: str) -> tuple[int, int]:
    found = re.fullmatch(r"([A-Z]+)(\d+)", text)
    assert found, text
    return int(found[2]) - 1, column_number(found[1])


def column_number(letters: str) -> int:
    """The number of a column from 0, by its letters."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1


def _xls(path: Path, description: Description) -> None:
    import xlwt

    book = xlwt.Workbook()
    book.dates_1904 = description.get("epoch") == 1904
    for sheet in description["sheets"]:
        page = book.add_sheet(sheet["name"])
        page.visibility = 1 if sheet.get("hidden") else 0
        for r, row in enumerate(sheet["rows"]):
            for c, cell in enumerate(row):
                value, form, _ = content(cell)
                if value is None:
                    continue
                if isinstance(value, dt.date):
                    form = form or "yyyy-mm-dd"
                page.write(r, c, value, xlwt.easyxf(num_format_str=form or "General"))
        for row in sheet.get("hidden_rows", ()):
            page.row(row - 1).hidden = True
    book.save(str(path))


def _ods(path: Path, description: Description) -> None:
    from messy.ods import write_ods

    write_ods(path, description)


def _xlsb(path: Path, description: Description) -> None:
    from messy.xlsb import write_xlsb

    write_xlsb(path, description)


_WORKBOOKS = {".xlsx": _xlsx, ".xls": _xls, ".ods": _ods, ".xlsb": _xlsb}
