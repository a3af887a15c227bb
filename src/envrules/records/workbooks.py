"""Workbooks (xlsx, xlsm, xlsb, xls, ods) to rows of cells, by python-calamine."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

from envrules.diagnostics import CellPlace, Diagnostic, InputError
from envrules.records.binary_reach import XLS_COLUMNS, counts_from_1904, widest
from envrules.records.compound import chains_end, workbook_stream
from envrules.records.hidden_rows import hidden_rows
from envrules.records.sheet_xml import UNLOCK, SheetFacts, Workers, read_facts
from envrules.records.tables import Grid, Merge, Row

_MANY = 2000  # rows from which a sheet is looked through in columns
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")


def workbook_grids(path: Path, source: str) -> list[Grid]:
    """The sheets of a workbook, in their order.

    Raises:
        InputError: `file-encrypted`, `file-corrupt`, `file-too-large`, `sheet-too-large`, `table-empty`.
    """
    _refuse_start(path, source)
    with ThreadPoolExecutor(1) as reach, ThreadPoolExecutor(1) as special:
        facts = read_facts(path, source, Workers(reach, special))
        sheets = _sheets(path, source)
        seen = path.suffix.lower() in (".xlsx", ".xlsm")
        rows = hidden_rows(path)
        found = {name: SheetFacts.together(pieces) for name, pieces in facts.items()}
        found |= {name: SheetFacts(hidden_rows=hidden) for name, hidden in rows.items()}
        old = path.suffix.lower() == ".xls" and counts_from_1904(workbook_stream(path))
        if old:
            found = {name: replace(found.get(name, SheetFacts()), since_1904=True) for name, _, _ in sheets}
        return [
            _grid(source, name, hidden, sheet, found.get(name, SheetFacts()), seen) for name, hidden, sheet in sheets
        ]


def _sheets(path: Path, source: str) -> list[tuple[str, bool, Any]]:
    """(name, whether it is hidden, the sheet) of each sheet of cells."""
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

    try:
        book: Any = CalamineWorkbook.from_path(str(path))
        # Rows are taken now: a workbook that breaks off shows it only when its sheets are read.
        sheets = [
            (meta.name, meta.visible != SheetVisibleEnum.Visible, book.get_sheet_by_name(meta.name))
            for meta in book.sheets_metadata
            if meta.typ == SheetTypeEnum.WorkSheet
        ]
    except PasswordError:
        raise _error("file-encrypted", source, "the workbook is protected by a password", UNLOCK) from None
    except CalamineError as error:
        raise _corrupt(source, error) from None
    except BaseException as error:
        # A panic of the Rust reader is no Exception.
        if type(error).__name__ == "PanicException":
            raise _corrupt(source, error) from None
        raise
    if not sheets:
        raise _error("table-empty", source, "the workbook has no sheet of cells")
    return sheets


def _grid(source: str, name: str, hidden: bool, sheet: Any, facts: SheetFacts, percent_seen: bool) -> Grid:
    kept: list[list[object]] = []

    def rows() -> Iterator[Row]:
        # Turned into Python once: a sheet is looked through for its tables before they are read.
        if sheet.start is not None and not kept:
            kept.extend(sheet.to_python(skip_empty_area=False))
            for number, special in facts.special.items():
                if number <= len(kept):
                    facts.apply(kept[number - 1], special)
        return enumerate(kept, 1)

    def below(row: int, width: int) -> Any:
        if len(kept) - row < _MANY or any(m.bottom > max(m.top, row) for m in merged):
            return None
        from envrules.records.columns.sheet import sheet_rows

        return sheet_rows(kept, row, width)

    merged = [
        Merge(top + 1, left, bottom + 1, right) for (top, left), (bottom, right) in sheet.merged_cell_ranges or ()
    ]
    return Grid(
        source,
        rows,
        sheet=name,
        hidden=hidden,
        merged=merged,
        hidden_rows=facts.hidden_rows,
        since_1904=facts.since_1904,
        below=below,
        percent_seen=percent_seen,
    )


def _refuse_start(path: Path, source: str) -> None:
    """What the first bytes of a file already show: a password, or another format under a workbook's name."""
    with path.open("rb") as file:
        start = file.read(512)
        if start.startswith(_OLE) and path.suffix.lower() != ".xls":
            # The directory of an encrypted package names its one stream in UTF-16.
            if _ENCRYPTED in start + file.read(1 << 22):
                raise _error("file-encrypted", source, "the workbook is protected by a password", UNLOCK)
            raise _error("file-corrupt", source, "this is not such a workbook but an old Excel file", "name it .xls")
    if start.startswith(_OLE):
        if not chains_end(path):
            raise _error("file-corrupt", source, "the workbook cannot be read: its parts run in a circle")
        if widest(workbook_stream(path)) > XLS_COLUMNS:
            what = f"the workbook cannot be read: it names a cell beyond column {XLS_COLUMNS}, which no such sheet has"
            raise _error("file-corrupt", source, what)
    head = start.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if head.startswith((b"<html", b"<!doctype", b"<table", b"<?xml", b"<meta", b"<head")):
        what = "this is a web page or XML text under the name of a workbook"
        raise _error("file-corrupt", source, what, "open it in a spreadsheet program and save it as xlsx")
    if not start.startswith((b"PK", _OLE)) and b"\0" not in start:
        raise _error(
            "file-corrupt", source, "this is a text under the name of a workbook", "if it is CSV, name it .csv"
        )


def _corrupt(source: str, error: BaseException) -> InputError:
    return _error("file-corrupt", source, f"the workbook cannot be read: {error}", "open it and save it again")


def _error(code: str, source: str, what: str, hint: str = "") -> InputError:
    return InputError([Diagnostic(code, CellPlace(source), what, hint=hint)])
