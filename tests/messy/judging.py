"""Holds what was read from a file against what a careful person reads: right, wrong or asked about.

Right: the value that is expected, nothing where nothing is, a problem listed where a person could not use the cell.
Asked: a person is told of the column or the cell and no value was taken from it. Wrong is everything else: another
value, a value where there is none, a value lost without a word.
"""

from __future__ import annotations

import datetime as dt
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import envrules as er
from envrules.interval import Interval
from envrules.pack.pack import Pack
from envrules.records.dataset import Dataset
from envrules.records.read import read_inputs
from envrules.records.values import Nothing, Record, Value
from messy.writing import column_number

Outcome = Literal["right", "wrong", "asked"]

_TOLD = 30
#: In an expected reading: a cell that has to be listed as unusable, or, beside a value, one that stands but is listed.
PROBLEM = "!"


@dataclass
class Judgement:
    """How the columns and cells of a file were read, and each difference from the expected reading in words."""

    columns: Counter[str] = field(default_factory=Counter)
    cells: Counter[str] = field(default_factory=Counter)
    differences: list[tuple[Outcome, str]] = field(default_factory=list)

    def column(self, outcome: Outcome, what: str = "") -> None:
        self.columns[outcome] += 1
        if what:
            self.differences.append((outcome, what))

    def cell(self, outcome: Outcome, what: str = "") -> None:
        self.cells[outcome] += 1
        if what:
            self.differences.append((outcome, what))


@dataclass
class Reading:
    """What reading a file came to: a dataset, or the error that refused it."""

    dataset: Dataset
    refusal: er.EnvrulesError | None = None

    @property
    def words(self) -> str:
        """Everything that a person is told, without blanks."""
        diagnostics = [*self.dataset.warnings, *(self.refusal.diagnostics if self.refusal else ())]
        told = [d.line() for d in diagnostics] + [f"{p.column} {p.reason}" for p in self.dataset.problems]
        return _squeezed(" ".join(told))

    @property
    def codes(self) -> set[str]:
        diagnostics = [*self.dataset.warnings, *(self.refusal.diagnostics if self.refusal else ())]
        return {d.code for d in diagnostics} | {p.code for p in self.dataset.problems}


def read(pack: Pack, path: Path, record_type: str | None = None, mapping: Any = None) -> Reading:
    """What reading the file without being told of what kind it is, or as a record type, comes to."""
    try:
        return Reading(read_inputs([(record_type, str(path))], pack.records, pack.units, mapping))
    except er.EnvrulesError as error:
        return Reading(Dataset(), error)


def judge(pack: Pack, reading: Reading, expected: Iterable[Mapping[str, Any]], headers: Headers) -> Judgement:
    """The judgement of a whole file: of every table that is expected, and of every record that is not."""
    found = Judgement()
    if reading.refusal is not None:
        found.differences += [
            ("asked", f"refused: {d.line()}") for d in reading.refusal.diagnostics if d.level == "error"
        ]
    # Records may be made anew each time they are asked for; these are the same from here on.
    records = {name: list(given) for name, given in reading.dataset.records.items()}
    left = {id(r): r for given in records.values() for r in given}
    for table in expected:
        _Table(pack, reading, table, headers, found, records, left).judge()
    for record in left.values():
        for name, cell in record.cells.items():
            if not isinstance(cell.value, Nothing):
                found.cell("wrong", f"{record.place}: {record.type}.{name} = {cell.raw!r}, where there is no record")
    return found


class Headers:
    """The header texts of a file by sheet, row and column, as far as its description says them."""

    def __init__(self, description: Mapping[str, Any]) -> None:
        self._sheets = {s["name"]: s["rows"] for s in description.get("sheets", ())}

    def text(self, sheet: str, rows: Iterable[int], column: int) -> list[str]:
        lines = self._sheets.get(sheet, [])
        cells = [lines[r - 1][column] for r in rows if r <= len(lines) and column < len(lines[r - 1])]
        return [_squeezed(str(c)) for c in cells if c is not None]


class _Table:
    """One expected table against the records that were read of it."""

    def __init__(
        self,
        pack: Pack,
        reading: Reading,
        table: Mapping[str, Any],
        headers: Headers,
        found: Judgement,
        records: Mapping[str, list[Record]],
        left: dict[int, Record],
    ) -> None:
        self.reading, self.table, self.headers, self.found = reading, table, headers, found
        self.records, self.left = records, left
        self.type: str = table["type"]
        self.fields = pack.records[self.type].fields
        self.sheet: str = table.get("sheet", "")
        self.columns: list[str | None] = table["columns"]
        own = [str(c) for c in self.columns if c is not None]
        self.names = [c.lstrip("+?") for c in own if not c.startswith("*")]
        self.parts = {c[1:] for c in own if c.startswith("*")}
        self.told = {(p.row, p.field) for p in reading.dataset.problems if self._here(p.sheet)}
        self.told_rows = {row for row, _ in self.told}

    def _here(self, sheet: str) -> bool:
        return not self.sheet or sheet == self.sheet

    def judge(self) -> None:
        asked = self._judge_columns()
        records = [r for r in self.records.get(self.type, ()) if self._here(r.place.sheet)]
        by_row: dict[int | None, list[Record]] = defaultdict(list)
        for record in records:
            by_row[record.place.row].append(record)
        rows = self.table["rows"]
        if isinstance(rows, list):
            pairs = [
                (None, values, record) for values, record in zip(rows, [*records, *[None] * len(rows)], strict=False)
            ]
        else:
            pairs = []
            for row, values in rows.items():
                several = values["several"] if isinstance(values, dict) else [values]
                given = by_row.get(row, [])
                pairs += [(row, v, given[n] if n < len(given) else None) for n, v in enumerate(several)]
        for row, values, record in pairs:
            self._judge_record(row, dict(zip(self.names, values, strict=True)), record, asked)

    def _judge_columns(self) -> set[str]:
        """The fields whose columns a person is asked about."""
        accounts = [a for a in self.reading.dataset.accounts if a.record_type == self.type and self._here(a.sheet)]
        used = {f for a in accounts for f in a.columns_used.values()}
        asked = set()
        for n, column in enumerate(self.columns):
            if column is None or (column.startswith("*") and column[1:] in used):
                self.found.column("right")
            elif not column.startswith("+"):
                asked |= self._judge_column(n, column, used)
        for name in used - {*self.names, *self.parts} - {"id"}:
            self.found.column("wrong", f"a column was taken for {name}")
        return asked

    def _judge_column(self, n: int, column: str, used: set[str]) -> set[str]:
        name = column.lstrip("?*")
        mentioned = self.reading.refusal is not None or self._mentioned(n)
        if column.startswith("?"):
            if name in used and not mentioned:
                self.found.column("wrong", f"{name} was taken without a word")
            elif mentioned:
                self.found.column("asked")
            else:
                self.found.column("wrong", f"the column of {name} was left out without a word")
            return {name}
        if name in used:
            self.found.column("right")
            return set()
        if mentioned:
            self.found.column("asked", "" if self.reading.refusal else f"the column of {name} was asked about")
            return {name}
        self.found.column("wrong", f"the column of {name} was left out without a word")
        return set()

    def _mentioned(self, n: int) -> bool:
        rows = self.table.get("header", [])
        place = n + column_number(self.table.get("first", "A"))
        texts = self.headers.text(self.sheet, [rows] if isinstance(rows, int) else rows, place)
        texts += [_squeezed(t) for t in self.table.get("headers", [])[n : n + 1]]
        # A column that has no header is told by its number, a long header by how it begins.
        if f"column{place + 1}hasnoheader" in self.reading.words:
            return True
        return any(t and t[:_TOLD] in self.reading.words for t in texts)

    def _judge_record(self, row: int | None, expected: dict[str, Any], record: Record | None, asked: set[str]) -> None:
        if record is None:
            told = self.reading.refusal is not None or row in self.told_rows
            outcome: Outcome = "asked" if told else "wrong"
            self.found.cells[outcome] += len(expected)
            if self.reading.refusal is None:
                self.found.differences.append((outcome, f"row {row}: no record"))
            return
        self.left.pop(id(record), None)
        row = record.place.row
        # A contradiction of two cells may be listed at either of them.
        either = any(isinstance(v, list) for v in expected.values())
        for name, value in expected.items():
            told = (row, name) in self.told
            if either and value != PROBLEM:
                told = isinstance(value, list) and row in self.told_rows
            self._judge_cell(row, name, value, record.value(name), told, name in asked)
        for name in record.cells.keys() - expected.keys() - {"id"}:
            if not isinstance(record.value(name), Nothing):
                self.found.cell("wrong", f"row {row}: {name} = {record.cells[name].raw!r} was made up")

    def _judge_cell(self, row: int | None, name: str, expected: Any, value: Value, told: bool, asked: bool) -> None:
        kind = self.fields[name].kind if name in self.fields else "text"
        got = shown(value, kind)
        place = f"row {row}: {name}: expected {expected!r}, got {got!r}{' with a problem' if told else ''}"
        if isinstance(expected, list):
            wanted, must_tell = expected[0], True
        else:
            wanted, must_tell = expected, expected == PROBLEM
        if wanted == PROBLEM:
            right = isinstance(value, Nothing)
        else:
            right = _equal(wanted, got, kind)
        if asked and isinstance(value, Nothing):
            self.found.cell("asked", "" if wanted in (None, PROBLEM) else place)
        elif isinstance(value, Nothing) and not right:
            self.found.cell("asked" if told else "wrong", place)
        elif not right or (must_tell and not told):
            self.found.cell("wrong", place)
        elif told and not must_tell:
            self.found.cell("asked", place)
        else:
            self.found.cell("right")


def shown(value: Value, kind: str) -> Any:
    """A value as an expected reading writes it: numbers, words, dates, or a range in brackets."""
    if isinstance(value, Nothing):
        return None
    if not isinstance(value, Interval):
        return value
    if kind in ("date", "month") and value.lo >= 0 and value.hi < 4e6:
        days = [_day(x, kind) for x in (value.lo, value.hi)]
        return days[0] if value.known else f"[{days[0]}, {days[1]}]"
    return value.lo if value.known else repr(value)


def _day(number: float, kind: str) -> str:
    n = int(number)
    return dt.date.fromordinal(n).isoformat() if kind == "date" else f"{n // 12:04}-{n % 12 + 1:02}"


def _equal(expected: Any, got: Any, kind: str) -> bool:
    if kind == "text" and isinstance(expected, str) and isinstance(got, str):
        return _squeezed(expected) == _squeezed(got)
    if isinstance(expected, bool) or isinstance(got, bool):
        return expected is got
    if isinstance(expected, int | float) and isinstance(got, int | float):
        return math.isclose(expected, got, rel_tol=1e-9, abs_tol=1e-15)
    if isinstance(expected, dt.date):
        return bool(got == expected.isoformat())
    return bool(expected == got)


def _squeezed(text: str) -> str:
    return "".join(text.split())


__all__ = ["Headers", "Judgement", "Reading", "judge", "read", "shown"]
