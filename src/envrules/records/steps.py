"""Steps from one raw table to another before its columns are matched: a wide table long, a column in two, units put to
their numbers. What a mapping or the headers ask for; the rows keep their numbers, and what is left out stays so.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

from envrules.diagnostics import Problems, TextPlace, nearest
from envrules.records.tables import RawTable, Row, header_text, is_blank
from envrules.records.values import Doubtful, Fault
from envrules.records.words import fold, listed, shown

if TYPE_CHECKING:
    from envrules.records.mapping import TableMapping, WideToLong

_NUMBER = re.compile(r"[<>≤≥＜＞~～]?\s*[-+]?[\d.,]+(?:[eE][-+]?\d+)?")
_COMMA = re.compile(r"[<>≤≥＜＞]?\s*[-+]?(?P<whole>\d+),(?P<part>\d+)\s*[^\d,.;]*")
_POINT = re.compile(r"[<>≤≥＜＞]?\s*[-+]?\d+\.\d+\s*[^\d,.;]*")
_SAMPLE = 1000  # rows that are looked at for how numbers are written
_HOLE = re.compile(r"\{([^{}]*)\}")


class Rows:
    """Rows with a change made to each; may be read as often as those they are made of."""

    def __init__(self, rows: Iterable[Row], change: Callable[[Row], Iterable[Row]]) -> None:
        self.made_of, self._change = rows, change

    def __iter__(self) -> Iterator[Row]:
        for row in self.made_of:
            yield from self._change(row)


def is_read_once(rows: Iterable[Row]) -> bool:
    """Whether rows are gone once they have been read."""
    while isinstance(rows, Rows):
        rows = rows.made_of
    return iter(rows) is rows


def changed(table: RawTable, change: Callable[[Row], Iterable[Row]], **more: Any) -> RawTable:
    """The table with a change made to each of its rows."""
    return replace(table, rows=Rows(table.rows, change), columns=None, height=0, stream=None, **more)


def peek(table: RawTable, count: int) -> list[Row]:
    """The first rows that may be records; they are still there to be read."""
    rows = iter(table.rows)
    first = list(islice(rows, count))
    if rows is table.rows:
        table.rows = chain(first, rows)
    return [row for row in first if row[0] not in table.left_out and not is_blank(row[1])]


def apply_steps(table: RawTable, mapping: TableMapping, problems: Problems) -> RawTable | None:
    """The table as a mapping reshapes it, or None where it cannot; what is wrong is added to the problems."""
    before = len(problems.errors)
    if mapping.keep:
        kept = frozenset[str](mapping.keep)
        left_out = {n: why for n, why in table.left_out.items() if why not in kept}
        unless = {n: said for n, said in table.left_out_unless.items() if said[1] not in kept}
        table = replace(table, left_out=left_out, left_out_unless=unless)
    if mapping.merged == "each":
        table = changed(table, _certain)
    for header, pattern in mapping.split.items():
        table = _split(table, header, pattern, mapping.where("split", header), problems)
    if mapping.wide_to_long is not None and len(problems.errors) == before:
        table = _long(table, mapping.wide_to_long, mapping.where("wide_to_long"), problems)
    return table if len(problems.errors) == before else None


def _certain(row: Row) -> Iterator[Row]:
    """What is merged over rows taken as each one's own."""
    number, cells = row
    if any(isinstance(c, Doubtful) for c in cells):
        cells = [c.raw if isinstance(c, Doubtful) else c for c in cells]
    yield number, cells


class Pattern:
    """A text with named holes, such as `{型号}（{容量}）`; each hole takes as little as it can.

    Examples:
        >>> Pattern("{model}({capacity})").match("SZL20-1.25-AII（20t/h）")
        {'model': 'SZL20-1.25-AII', 'capacity': '20t/h'}
        >>> Pattern("{a}/{b}").match("x") is None
        True
    """

    def __init__(self, text: str) -> None:
        self.names = _HOLE.findall(text)
        self._literals = [_plain(t) for t in _HOLE.split(text)[::2]]

    def fault(self) -> str:
        """Why this is no pattern, or an empty text."""
        if not self.names:
            return "there is no {hole} in it"
        if any(not text for text in self._literals[1:-1]):
            return "two holes stand side by side, so nothing says where one ends"
        if len(set(self.names)) < len(self.names):
            return "two holes have the same name"
        return ""

    def match(self, text: str) -> dict[str, str] | None:
        """What stands in each hole, or None where the text is another."""
        plain = _plain(text)
        if not plain.startswith(self._literals[0]):
            return None
        at, found = len(self._literals[0]), []
        for position, literal in enumerate(self._literals[1:], 1):
            last = position == len(self._literals) - 1
            end = len(plain) - len(literal) if last else plain.find(literal, at)
            if end < at or not plain.startswith(literal, end):
                return None
            found.append(plain[at:end].strip())
            at = end + len(literal)
        return dict(zip(self.names, found, strict=True))


def _plain(text: str) -> str:
    """The text in plain width, each run of blanks and line breaks as one blank."""
    folded = unicodedata.normalize("NFKC", text)
    lead, trail = " " * folded[:1].isspace(), " " * folded[-1:].isspace()
    return lead + " ".join(folded.split()) + trail if folded.strip() else folded[:1]


def _split(table: RawTable, header: str, text: str, where: TextPlace | str, problems: Problems) -> RawTable:
    pattern = Pattern(text)
    index = find_column(table, header, where, problems)
    taken = [n for n in pattern.names if n in table.headers or not n.strip()]
    if index is None:
        return table
    if pattern.fault() or taken:
        what = pattern.fault() or f"{listed(taken)} cannot be the name of a new column"
        problems.error("mapping-pattern", where, f"{shown(text)}: {what}", expected="for example '{model}/{capacity}'")
        return table
    width, count = len(table.headers), len(pattern.names)

    def change(row: Row) -> Iterator[Row]:
        number, cells = row
        padded = [*cells[:width], *[""] * (width - len(cells))]
        raw = padded[index]
        if is_blank((raw,)):
            yield number, [*padded, *[""] * count, *cells[width:]]
            return
        found = pattern.match(header_text(raw).strip())
        new: list[object] = list(found.values()) if found else []
        if found is None:
            fault = Fault("mapping-pattern", f"{shown(header_text(raw))} is not of the form {shown(text)}")
            new = [Doubtful(raw, fault, texts=False)] * count
        yield number, [*padded, *new, *cells[width:]]

    return changed(table, change, headers=[*table.headers, *pattern.names])


def find_column(table: RawTable, header: str, where: TextPlace | str, problems: Problems) -> int | None:
    """The place of a column that a mapping names."""
    same: list[int] = []
    for spelling in (str.strip, _plain, fold):
        wanted = spelling(header)
        same = same or [i for i, h in enumerate(table.headers) if h and spelling(h) == wanted]
    if len(same) == 1:
        return same[0]
    if same:
        problems.error("ambiguous-column", where, f"{len(same)} columns of {table.source} are called {shown(header)}")
    else:
        what = f"{table.source} has no column {shown(header)}"
        problems.error("unknown-column", where, what, hint=nearest(header, table.headers))
    return None


def _long(table: RawTable, wide: WideToLong, where: TextPlace | str, problems: Problems) -> RawTable:
    """The table with a row for each part, such as a month, that stands in columns of its own."""
    columns: dict[str, dict[str, int]] = {}
    for name, text in wide.columns.items():
        pattern = Pattern(text)
        if pattern.fault() or len(pattern.names) != 1:
            what = pattern.fault() or "there has to be one hole, which stands for what parts the columns"
            problems.error("mapping-pattern", where, f"{shown(text)}: {what}", expected="for example 'Sulfur {}'")
            return table
        columns[name] = {}
        for index, header in enumerate(table.headers):
            found = pattern.match(header)
            if found is not None:
                columns[name][next(iter(found.values()))] = index
    values: Mapping[str, object] = {str(k): v for k, v in wide.values.items()}
    parts = list(values) or list(next(iter(columns.values())))
    for name, by_part in columns.items():
        missing = [p for p in parts if p not in by_part]
        if missing or not parts:
            what = f"no column of {table.source} is {shown(wide.columns[name])}" + (
                f" with {listed(missing)} in it" if missing else ""
            )
            problems.error("unknown-column", where, what, found=listed([h for h in table.headers if h], 12))
            return table
    gone = {i for by_part in columns.values() for i in by_part.values()}
    kept = [i for i in range(len(table.headers)) if i not in gone]
    taken = [n for n in (wide.name, *columns) if n in {table.headers[i] for i in kept}]
    if taken:
        problems.error("mapping-pattern", where, f"{listed(taken)} is the name of a column already")
        return table
    width = len(table.headers)

    def change(row: Row) -> Iterator[Row]:
        number, cells = row
        padded = [*cells, *[""] * (width - len(cells))]
        base = [padded[i] for i in kept]
        blank = is_blank(cells)
        for part in parts:
            own = [padded[by_part[part]] for by_part in columns.values()]
            said = "" if blank else values.get(part, part)
            yield number, [*base, said, *own, *padded[width:]]

    return changed(
        table,
        change,
        headers=[*(table.headers[i] for i in kept), wide.name, *columns],
        parts=table.parts * len(parts),
        part_column=len(kept),
        decisions=[*table.decisions, f"each row is read as {len(parts)} records, one for each {wide.name}"],
    )


def with_points(table: RawTable) -> RawTable:
    """The table with points in its numbers where its first rows show commas for them: `85,5`, and never `85.5`.

    Only a file whose cells are not parted by commas can show that.
    """
    texts = [c for _, cells in peek(table, _SAMPLE) for c in cells if isinstance(c, str)]
    certain = [t for t in texts if (m := _COMMA.fullmatch(t.strip())) and (len(m["part"]) != 3 or len(m["whole"]) > 3)]
    if not certain or any(_POINT.fullmatch(t.strip()) for t in texts):
        return table

    def change(row: Row) -> Iterator[Row]:
        number, cells = row
        yield number, [_pointed(c) if isinstance(c, str) and "," in c else c for c in cells]

    said = f"the numbers have commas for points, as in {certain[0].strip()}"
    return changed(table, change, decisions=[*table.decisions, said])


def _pointed(cell: str) -> str:
    return cell.replace(",", ".") if _COMMA.fullmatch(cell.strip()) else cell


def with_units(table: RawTable, index: int, beside: int, needed: bool = False) -> RawTable:
    """The table with the unit that stands in a column beside put to each bare number of a column.

    Args:
        needed: whether a number without one is doubtful, since the units of others differ from the field's own.
    """
    fault = Fault("unit-beside", f"no unit stands beside it in {shown(table.headers[beside])}, as in other rows")

    def change(row: Row) -> Iterator[Row]:
        number, cells = row
        if index < len(cells) and not is_blank((cells[index],)):
            raw, unit = cells[index], header_text(cells[beside]) if beside < len(cells) else ""
            if not isinstance(raw, bool) and _NUMBER.fullmatch(header_text(raw)) and (unit or needed):
                put = f"{_digits(raw)} {unit}" if unit else Doubtful(raw, fault, texts=False)
                cells = [*cells[:index], put, *cells[index + 1 :]]
        yield number, cells

    return changed(table, change)


def _digits(raw: object) -> str:
    return f"{raw:.15g}" if isinstance(raw, float) else header_text(raw)


def column_sample(rows: Sequence[Row], index: int) -> list[object]:
    """What stands in a column of some rows, without the empty cells."""
    return [cells[index] for _, cells in rows if index < len(cells) and not is_blank((cells[index],))]
