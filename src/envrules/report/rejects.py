"""Rows of which something could not be used, as they stand in their source, with the reasons in columns behind them.

Whoever mends them there can give the file to the check again. The source is opened once more; nothing of it is changed.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any

from envrules.diagnostics import CallError, Diagnostic
from envrules.records.dataset import Dataset, SourceAccount
from envrules.records.files import open_file
from envrules.records.tables import Grid, RawTable, header_text
from envrules.records.values import CellProblem
from envrules.report.excel import excel_writer
from envrules.report.inert import encodable, is_formula

#: The columns behind those of the source: the row in it, and what is wrong.
ADDED = ("row 行号", "problem 问题")


@dataclass
class Rejects:
    """The rows of one table that have problems.

    Args:
        header: the rows of the header as they stand.
        rows: (number, cells, problems) of each row.
        headers: the text of each column, to find the cell of a problem by.
    """

    source: str
    sheet: str
    headers: Sequence[str]
    header: list[Sequence[object]] = field(default_factory=list)
    rows: list[tuple[int, Sequence[object], list[CellProblem]]] = field(default_factory=list)

    @property
    def width(self) -> int:
        return max(map(len, [*self.header, *(cells for _, cells, _ in self.rows)]), default=0)


def rejected(dataset: Dataset) -> list[Rejects]:
    """The rows with problems, table by table.

    Raises:
        CallError: `rejects-source` for a source that is no file, so that its rows cannot be seen again.
        InputError: where a file cannot be opened any more.
    """
    found = []
    for account in dataset.accounts:
        problems = [p for p in dataset.problems if p.row is not None and _of(p, account)]
        if problems:
            found.append(_rejects(account, problems))
    return found


def _of(problem: CellProblem, account: SourceAccount) -> bool:
    place = (problem.source, problem.sheet, problem.record_type)
    if place != (account.source, account.sheet, account.record_type) or account.rows is None:
        return False
    return problem.row is not None and account.rows[0] <= problem.row <= account.rows[1]


def _rejects(account: SourceAccount, problems: Sequence[CellProblem]) -> Rejects:
    by_row: dict[int, list[CellProblem]] = {}
    for problem in problems:
        assert problem.row is not None
        if problem.reason not in [p.reason for p in by_row.setdefault(problem.row, [])]:
            by_row[problem.row].append(problem)
    table = _table(account)
    if isinstance(table, RawTable):
        rejects = Rejects(account.source, account.sheet, table.headers, [table.headers])
        rejects.rows = [(n, cells, by_row[n]) for n, cells in table.rows if n in by_row]
        return rejects
    rejects = Rejects(account.source, account.sheet, account.headers)
    for number, cells in table.open_rows():
        if number in account.header_rows:
            rejects.header.append(cells)
        elif number in by_row:
            rejects.rows.append((number, cells, by_row[number]))
    return rejects


def _table(account: SourceAccount) -> Grid | RawTable:
    """The source of an account, opened again."""
    try:
        opened = open_file(account.source)
    except OSError:
        opened = []
    for one in opened:
        if isinstance(one, Grid):
            if one.sheet == account.sheet:
                return one
        elif len(opened) == 1 or tuple(one.headers) == account.headers:
            return one
    what = "its rows cannot be seen again, since it is no file"
    raise CallError([Diagnostic("rejects-source", account.source, what, hint="give the records as a file")])


def render(tables: Sequence[Rejects], name: str) -> str | bytes:
    """The rejects as a file of the kind that its name says: `.xlsx` with a sheet a table, or `.csv` for one table.

    Raises:
        CallError: `unknown-format` for another ending, `call-value` for several tables in a csv.
    """
    suffix = PurePath(name).suffix.lower()
    if suffix == ".csv":
        if len(tables) > 1:
            what = f"a csv holds one table, and {len(tables)} have rows that could not be used"
            raise CallError([Diagnostic("call-value", "--rejects", what, hint="name an .xlsx")])
        return _csv(tables[0]) if tables else ""
    if suffix == ".xlsx":
        return _xlsx(tables)
    what = f"rejects are not written as {suffix or 'a file without an ending'}"
    raise CallError([Diagnostic("unknown-format", "--rejects", what, ".xlsx, .csv")])


def _lines(one: Rejects) -> Iterable[list[object]]:
    width = one.width
    for position, cells in enumerate(one.header):
        added: tuple[object, ...] = ADDED if position == 0 else ("", "")
        yield [*cells, *[""] * (width - len(cells)), *added]
    for number, cells, problems in one.rows:
        yield [*cells, *[""] * (width - len(cells)), number, reasons(problems)]


def reasons(problems: Iterable[CellProblem]) -> str:
    """What is wrong with a row, in one text."""
    return "; ".join(f"{p.column}: {p.reason}" if p.column else p.reason for p in problems)


def _csv(one: Rejects) -> str:
    out = io.StringIO()
    writer = csv.writer(out)
    for line in _lines(one):
        writer.writerow([c if isinstance(c, (int, float)) else _text(c) for c in line])
    return "\ufeff" + encodable(out.getvalue())


def _text(cell: object) -> str:
    return cell if isinstance(cell, str) else header_text(cell)


def _xlsx(tables: Sequence[Rejects]) -> bytes:
    out = io.BytesIO()
    with excel_writer("--rejects", ", or name a .csv").Workbook(out, {"in_memory": True}) as book:
        book.set_properties({"created": dt.datetime(2000, 1, 1)})  # the same rejects give the same bytes
        looks = {name: book.add_format(more) for name, more in _LOOKS.items()}
        names: list[str] = []
        for one in tables:
            names.append(_sheet_name(one, names))
            _write(book.add_worksheet(names[-1]), one, looks)
        if not tables:
            book.add_worksheet("none 无")
    return out.getvalue()


_LOOKS: dict[str, dict[str, Any]] = {
    "header": {"bold": True, "bg_color": "#E7E9EC"},
    "date": {"num_format": "yyyy-mm-dd"},
    "plain": {},
    "quoted": {"quote_prefix": True},
    "wrong": {"bg_color": "#FBD5D5"},
    "wrong date": {"bg_color": "#FBD5D5", "num_format": "yyyy-mm-dd"},
}


def _sheet_name(one: Rejects, taken: Sequence[str]) -> str:
    plain = (
        "".join(" " if c in "[]:*?/\\'" else c for c in one.sheet or PurePath(one.source).stem)[:25].strip() or "table"
    )
    name, number = plain, 2
    while name.casefold() in [t.casefold() for t in taken]:
        name, number = f"{plain} {number}", number + 1
    return name


def _write(sheet: Any, one: Rejects, looks: dict[str, Any]) -> None:
    width = one.width
    for line, cells in enumerate(_lines(one)):
        head = line < len(one.header)
        wrong = {p.column for p in one.rows[line - len(one.header)][2]} if not head else set()
        for column, cell in enumerate(cells):
            header = one.headers[column] if column < len(one.headers) else ""
            marked = not head and column < width and header in wrong and bool(header)
            _cell(sheet, line, column, cell, "header" if head else "wrong" if marked else "", looks)
    sheet.set_column(width, width, 8)
    sheet.set_column(width + 1, width + 1, 70)
    sheet.freeze_panes(len(one.header), 0)


def _cell(sheet: Any, line: int, column: int, cell: object, look: str, looks: dict[str, Any]) -> None:
    if isinstance(cell, bool):
        sheet.write_boolean(line, column, cell, looks[look or "plain"])
    elif isinstance(cell, (int, float)) and abs(cell) < 1e15:
        sheet.write_number(line, column, cell, looks[look or "plain"])
    elif isinstance(cell, (dt.date, dt.datetime)):
        sheet.write_datetime(line, column, cell, looks["wrong date" if look == "wrong" else "date"])
    elif (text := encodable(_text(cell))[:32_000]) or look:
        sheet.write_string(line, column, text, looks[look or ("quoted" if is_formula(text) else "plain")])
