"""A sheet to its tables: where each header stands, which rows below are records, and which are not and why.

One pass over the rows decides; the rows themselves are read later, with cells merged over several rows filled down.
Nothing is decided by what a record would be worth: a row that may be a record stays one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from envrules.diagnostics import CellPlace, Diagnostic
from envrules.records.header_rows import LOOK, Header, Vocabulary, count_names, find_header
from envrules.records.left_out import filled, numbers_columns, reason, total_behind, worth_a_look
from envrules.records.steps import with_points
from envrules.records.tables import Grid, Merge, RawTable, Row, header_text, is_blank, rows_text
from envrules.records.values import Doubtful, Fault
from envrules.records.words import fold, shown


def find_tables(grid: Grid, words: Vocabulary, header_rows: Sequence[int] = ()) -> list[RawTable] | Diagnostic:
    """The tables of a grid from the top down, or why it has none.

    Args:
        header_rows: the rows of the header, where a mapping says so; the grid then has that one table.

    Raises:
        InputError: where the grid cannot be read to its end.
    """
    rows = grid.open_rows()
    tables: list[_Table] = []
    pending = _head(rows, header_rows)
    while pending:
        header = find_header(pending, words, grid.merged, header_rows)
        if header is None:
            break
        table = _Table(header, grid.merged, words, alone=bool(header_rows))
        if not tables and grid.below is not None and table.read_below(grid):
            return [table.raw(grid)]
        tables.append(table)
        begun = [row for row in pending if row[0] > header.rows[-1]]
        if not header_rows and _on_its_side(header, begun, words):
            what = "the names of the fields stand below one another, not in a row: the table lies on its side"
            hint = "turn it: copy it, and paste it transposed"
            return Diagnostic("table-on-its-side", CellPlace(grid.source, grid.sheet, header.rows[0]), what, hint=hint)
        pending = table.read(_chain(begun, rows))
        if pending:
            pending += [*begun, *islice(rows, LOOK)]
    if tables:
        return [table.raw(grid) for table in tables]
    if header_rows:
        place = CellPlace(grid.source, grid.sheet, header_rows[0])
        return Diagnostic("header-row", place, f"there is no row {rows_text(header_rows)} to be the header")
    return Diagnostic("table-empty", CellPlace(grid.source, grid.sheet), "there is nothing in it, not even a header")


def _on_its_side(header: Header, rows: Sequence[Row], words: Vocabulary) -> bool:
    """Whether a row that names one field alone has below it, in the column of the name, the names of others."""
    if count_names(header.texts, words) != 1:
        return False
    base = next(i for i, t in enumerate(header.texts) if t)
    first = [cells[base] for _, cells in rows if base < len(cells) and not is_blank((cells[base],))]
    names = [c for c in first if isinstance(c, str) and not words.is_value(c)]
    return count_names(names, words) >= 2 and 2 * count_names(names, words) >= len(first)


def _head(rows: Iterator[Row], header_rows: Sequence[int]) -> list[Row]:
    """The first rows, from the first in which something stands, or up to the header that is known."""
    if header_rows:
        return list(islice(rows, max(header_rows)))
    for row in rows:
        if not is_blank(row[1]):
            return [row, *islice(rows, LOOK)]
    return []


def _chain(begun: list[Row], rows: Iterator[Row]) -> Iterator[Row]:
    # Not itertools.chain: what is left of the first rows has to be handed on when a table ends among them.
    while begun:
        yield begun.pop(0)
    yield from rows


@dataclass
class _Table:
    """A table while its rows are looked through."""

    header: Header
    merged: Sequence[Merge]
    words: Vocabulary
    alone: bool = False  # whether the grid has no other table, since somebody says where this one is
    left_out: dict[int, str] = field(default_factory=dict)
    named: dict[int, tuple[str, str]] = field(default_factory=dict)
    last: int | None = None
    below: Any = None
    _settled: bool = False

    def __post_init__(self) -> None:
        self._names = [fold(t) for t in self.header.texts]
        self._parts = [frozenset(map(fold, parts)) for parts in self.header.parts]
        self._own = frozenset(part for parts in self.header.parts for part in parts)
        self._base = next((i for i, t in enumerate(self.header.texts) if t), 0)
        self._wide = {m.top: m.right - m.left + 1 for m in self.merged if m.top == m.bottom and m.right - m.left >= 2}
        self._noted = False
        self._repeated = -1  # the last row that repeats the header

    def read_below(self, grid: Grid) -> bool:
        """Look through the rows as columns; false where they cannot be had so, or where another table begins."""
        assert grid.below is not None
        below = grid.below(self.header.rows[-1], len(self.header.texts))
        if below is None:
            return False
        if self.read(self._worth_a_look(below)):
            self.left_out.clear()
            self.named.clear()
            self.last, self._noted = None, False
            return False
        self.below = below
        return True

    def _worth_a_look(self, below: Any) -> Iterator[Row]:
        """The rows that are not certainly like the others, and after each of them as many as `read` wants to see."""
        doubtful = iter(below.doubtful(self._base, self.header.texts, self._first_names()))
        upcoming, place = next(doubtful, len(below)), 0
        self._settled = False
        while place < len(below):
            yield below.first + place, below.row(place)
            place += 1
            while upcoming < place:
                upcoming = next(doubtful, len(below))
            if self._settled:
                place = upcoming

    def _first_names(self) -> frozenset[str]:
        """What a repeated header would have in the first two columns of the table."""
        parts = self.header.parts[self._base : self._base + 2]
        return frozenset(part for own in parts for part in own)

    def read(self, rows: Iterator[Row]) -> list[Row]:
        """Look through the rows below the header; gives the rows with which another table begins."""
        base, begun, broken = self._base, True, False
        held: list[Row] = []
        for number, cells in rows:
            if not broken and not begun and _ordinary(cells, base, self._own):
                self._settled = True
                continue
            self._settled = False
            found = filled(cells)
            if begun:
                begun = not found
                if found and numbers_columns(cells):
                    self.left_out[number] = "column numbers"
                    continue
            if not found:
                broken = True
                if held:
                    held.append((number, cells))
                continue
            why = self._why(number, cells, found)
            if why:
                self.left_out[number] = why
                if why == "heading":  # it may be the title of a table that begins here
                    held.append((number, cells))
                else:
                    self._asides(held)
                    held = []
                broken = True
                continue
            if broken and not self.alone:
                if len(found) == 1 and isinstance(found[0][1], str):
                    held.append((number, cells))
                    continue
                if self._begins_another(found):
                    self.last = (held[0][0] if held else number) - 1
                    rest = [*held, (number, cells)]
                    self._forget(rest)
                    return rest
            self._asides(held)
            broken, held, self._noted = False, [], False
        self._asides(held)
        return []

    def _why(self, number: int, cells: Sequence[object], found: list[tuple[int, object]]) -> str:
        """Why a row is no record, or an empty text."""
        if self._repeats(cells, found) or self._goes_on(number, found):
            self._repeated = number
            return "repeated header"
        if len(found) == 1:
            text = header_text(found[0][1])
            if self.header.title and fold(text) == fold(self.header.title):
                return "repeated title"
        why, behind = reason(found), total_behind(cells, self._base)
        if why in ("total", "summary") or (behind and not why):
            # A record may be called so, as that of an indicator is; the record type will tell.
            word = header_text(found[0][1]) if why else behind
            if self.words.is_value(word):
                self.named[number] = (word, why or "total")
                return ""
            return why or "total"
        if why == "note":
            self._noted = True
        if not why and len(found) == 1 and isinstance(found[0][1], str):
            # Lines that go on with a note, and a name merged over the columns above the rows it is a heading of.
            if self._noted:
                return "note"
            if self._wide.get(number, 0) * 2 >= len([t for t in self._names if t]) or self._is_group(found[0]):
                return "heading"
        return why

    def _header_of(self, column: int) -> str:
        return self.header.texts[column] if column < len(self.header.texts) else ""

    def _is_group(self, lone: tuple[int, object]) -> bool:
        """Whether all that stands in a row is a word such as 肃州区 in a column that holds no such words."""
        text, header = header_text(lone[1]), self._header_of(lone[0])
        return bool(header) and self.words.is_value(text) and not self.words.is_value(text, header)

    def _goes_on(self, number: int, found: list[tuple[int, object]]) -> bool:
        """Whether a row is the next of a header of several rows that is repeated."""
        if len(self.header.rows) < 2 or self._repeated != number - 1:
            return False
        return all(i < len(self._parts) and fold(header_text(c)) in self._parts[i] for i, c in found)

    def _repeats(self, cells: Sequence[object], found: list[tuple[int, object]]) -> bool:
        texts = [fold(header_text(c)) for c in cells]
        if texts == self._names[: len(texts)] and any(texts):
            return True
        # One row of a header of several: each of its texts stands in the header of its column.
        wordy = [(i, t) for i, t in enumerate(texts) if t]
        return len(self.header.rows) > 1 and len(wordy) == len(found) > 1 and all(
            i < len(self._parts) and t in self._parts[i] for i, t in wordy
        )  # fmt: skip

    def _begins_another(self, found: list[tuple[int, object]]) -> bool:
        names = count_names((c for _, c in found), self.words)
        return names >= 2 and 2 * names >= len(found)

    def _asides(self, held: list[Row]) -> None:
        """Lone texts after a break, once no table began with them: lines under a note, or rows like any other."""
        if self._noted:
            self.left_out.update((number, "note") for number, cells in held if not is_blank(cells))

    def _forget(self, rows: Iterable[Row]) -> None:
        for number, _ in rows:
            self.left_out.pop(number, None)
            self.named.pop(number, None)

    def raw(self, grid: Grid) -> RawTable:
        """The table with its rows still unread."""
        header = self.header
        rows = _Rows(grid, header.rows[-1] + 1, self.last, self.left_out)
        decisions = [*_decisions(header), *_hidden(grid, header.rows[-1] + 1, self.last), *rows.decisions()]
        table = RawTable(
            grid.source,
            list(header.texts),
            rows,
            sheet=grid.sheet,
            header_row=header.rows[0],
            encoding=grid.encoding,
            percent_seen=grid.percent_seen,
            warnings=list(grid.warnings),
            header_rows=header.rows,
            title=header.title,
            unit=header.unit,
            left_out=self.left_out,
            left_out_unless=self.named,
            since_1904=grid.since_1904,
            decisions=decisions,
            columns=None if self.below is None else lambda: self.below.columns(len(header.texts)),
            height=0 if self.below is None else len(self.below),
            stream=self.below if grid.streamed else None,
        )
        return with_points(table) if grid.delimiter not in ("", ",") else table


def _ordinary(cells: Sequence[object], base: int, names: frozenset[str]) -> bool:
    """Whether a row is certainly a row like the others; most are, so this is all that is asked of them.

    Args:
        names: the texts of the header, with which a repeated one begins.
    """
    for cell in cells[base : base + 2]:
        if type(cell) is str:
            if not cell or cell.isspace() or cell.strip() in names or worth_a_look(cell):
                return False
        elif cell is None or cell != cell:
            return False
    return len(cells) > base + 1 and not total_behind(cells, base)


def _decisions(header: Header) -> list[str]:
    found = []
    if len(header.rows) > 1:
        found.append(f"rows {rows_text(header.rows)} are the header")
    if header.title:
        found.append(f"{shown(header.title)} above the header is its title")
    return found


def _hidden(grid: Grid, first: int, last: int | None) -> list[str]:
    rows = [n for n in grid.hidden_rows if n >= first and (last is None or n <= last)]
    what = "1 hidden row was" if len(rows) == 1 else f"{len(rows)} hidden rows were"
    found = [f"{what} read: {rows_text(rows)}"] if rows else []
    return [*(["the sheet is hidden; it was read"] if grid.hidden else []), *found]


class _Rows:
    """The rows of a table, with what is merged over several of them filled down; may be read again and again."""

    def __init__(self, grid: Grid, first: int, last: int | None, left_out: Mapping[int, str]) -> None:
        self._grid, self._first, self._last = grid, first, last
        self._merges: dict[int, list[Merge]] = {}
        self._count = 0
        for merge in grid.merged:
            if merge.bottom > merge.top >= first and (last is None or merge.top <= last):
                self._count += 1
                for row in range(merge.top, merge.bottom + 1):
                    if row not in left_out:
                        self._merges.setdefault(row, []).append(merge)

    def decisions(self) -> list[str]:
        """What is filled down, in words."""
        if not self._count:
            return []
        what = "1 cell merged over several rows holds"
        if self._count > 1:
            what = f"{self._count} cells merged over several rows hold"
        return [f"{what} for each of them: rows {rows_text(self._merges)}"]

    def __iter__(self) -> Iterator[Row]:
        values: dict[Merge, object] = {}
        for number, cells in self._grid.open_rows():
            if number < self._first:
                continue
            if self._last is not None and number > self._last:
                return
            merges = self._merges.get(number)
            if not merges or is_blank(cells):
                if merges:
                    _remember(values, merges, number, cells)
                yield number, cells
                continue
            _remember(values, merges, number, cells)
            row = list(cells)
            for merge in merges:
                if merge.left >= len(row):
                    row.extend([""] * (merge.left + 1 - len(row)))
                row[merge.left] = values.get(merge, "")
            yield number, row


def _remember(values: dict[Merge, object], merges: Sequence[Merge], number: int, cells: Sequence[object]) -> None:
    for merge in merges:
        if merge.top == number and merge.left < len(cells):
            raw = cells[merge.left]
            what = f"{header_text(raw)} is merged over rows {merge.top}-{merge.bottom}: each one's, or the sum of them?"
            values[merge] = Doubtful(raw, Fault("merged-cells", what)) if not is_blank((raw,)) else raw
