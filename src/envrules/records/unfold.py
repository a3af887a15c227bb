"""Periods that stand in headers: months or years side by side as records of their own, a date in three columns as one.

Done without a mapping only where nothing is open: the columns are fields of the record type, the year is stated, and
every record gets its date. Whatever is done is said; anything less is left as it stands, for a mapping to say.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from envrules.diagnostics import CellPlace, Diagnostic
from envrules.records.dates import parse_year
from envrules.records.recognise import field_words, match_headers
from envrules.records.steps import changed, column_sample, peek
from envrules.records.tables import RawTable, Row, header_text, is_blank
from envrules.records.types import Field, RecordType
from envrules.records.values import Doubtful, Fault
from envrules.records.words import emptiness, fold, shown
from envrules.units import Units

_ABBREVIATED: Sequence[str] = "jan feb mar apr may jun jul aug sep oct nov dec".split()
_MONTHS = [
    *"january february march april may june july august september october november december".split(),
    *_ABBREVIATED,
    "sept",
]
_PART = re.compile(
    r"(?<![\d.])(?:(?P<month>1[0-2]|0?[1-9])(?=\s*月)|(?P<year>(?:19|20)\d\d)(?=\s*年|$|\D))"
    rf"|\b(?P<name>{'|'.join(_MONTHS)})\b",
    re.IGNORECASE,
)
_FEWEST = 3  # periods side by side; two columns may be this year and last
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_SAMPLE = 200  # rows that have to hold a date in its three columns
#: How the columns of a year, a month and a day end; `采样年`, `采样月`, `采样日` are one sampling date.
_ENDINGS = (("年份", "年度", "年", "year"), ("月份", "月", "month"), ("日", "号", "day"))


@dataclass(frozen=True)
class Wide:
    """Columns that stand side by side for months or years: the pattern of each, and its columns by their part."""

    columns: Mapping[str, Mapping[str, int]]
    kind: str

    @property
    def parts(self) -> tuple[str, ...]:
        return tuple(next(iter(self.columns.values())))


def find_wide(headers: Sequence[str]) -> Wide | None:
    """The columns that stand for months or years side by side, three at least; None where there are none."""
    by_pattern: dict[str, dict[str, int]] = {}
    kinds: dict[str, str] = {}
    for index, header in enumerate(headers):
        match = _PART.search(header)
        if match is None:
            continue
        pattern = " ".join(f"{header[: match.start()]}{{}}{header[match.end() :]}".split())
        by_pattern.setdefault(pattern, {}).setdefault(match[0], index)
        kinds[pattern] = "year" if match["year"] else "month"
    wide = {p: parts for p, parts in by_pattern.items() if len(parts) >= _FEWEST}
    if not wide:
        return None
    first = next(iter(wide))
    same = {p: parts for p, parts in wide.items() if list(parts) == list(wide[first]) and kinds[p] == kinds[first]}
    return Wide(same, kinds[first])


def month_number(part: str) -> int:
    """The month that a part of a header names.

    Examples:
        >>> month_number("March"), month_number("11"), month_number("Sept")
        (3, 11, 9)
    """
    return int(part) if part.isdecimal() else _ABBREVIATED.index(part[:3].lower()) + 1


def name_of_pattern(pattern: str) -> str:
    """What is left of a pattern without the period: the name of what stands in its columns.

    Examples:
        >>> name_of_pattern("Sulfur Content {}"), name_of_pattern("用煤量(万吨)/{}月"), name_of_pattern("{}月用煤量")
        ('Sulfur Content', '用煤量(万吨)', '用煤量')
    """
    before, _, after = pattern.partition("{}")
    after = after.lstrip(" 份月年度")
    plain = f"{before.rstrip()} {after}".strip(" /_-:：")
    return re.sub(r"[(（]\s*[)）]", "", plain).strip(" /_-:：")


class Unfolding:
    """A table as each record type would read it: unfolded where that is certain, else as it stands."""

    def __init__(self, table: RawTable, units: Units) -> None:
        self.table, self.units = table, units
        self.wide = find_wide(table.headers)
        self._parts = _date_columns(table.headers)
        self._found: dict[str, RawTable] = {}

    @property
    def possible(self) -> bool:
        """Whether there is anything to unfold."""
        return self.wide is not None or self._parts is not None

    def headers(self, record_type: RecordType) -> Sequence[str]:
        """The headers that a record type has to do with."""
        return self.read_as(record_type).headers

    def read_as(self, record_type: RecordType) -> RawTable:
        """The table as the record type reads it."""
        if not self.possible:
            return self.table
        if record_type.name not in self._found:
            self._found[record_type.name] = self._unfold(record_type)
        return self._found[record_type.name]

    def _unfold(self, record_type: RecordType) -> RawTable:
        table = self.table
        if self._parts is not None:
            table = _with_date(table, self._parts, record_type)
        wide = self.wide if table is self.table else find_wide(table.headers)
        return table if wide is None else _long(table, wide, record_type, self.units)


def side_by_side(table: RawTable, record_type: RecordType) -> Diagnostic | None:
    """What to say of a table whose periods stay side by side, since something of them is open."""
    wide = find_wide(table.headers)
    if wide is None or table.before is not None:
        return None
    count = sum(map(len, wide.columns.values()))
    span = f"{wide.parts[0]} to {wide.parts[-1]}"
    what = f"{count} columns stand side by side for {len(wide.parts)} {wide.kind}s, {span}, and are not read"
    place = CellPlace(table.source, table.sheet, table.header_row)
    hint = f"envrules map FILE --type {record_type.name} proposes a mapping that makes a record of each"
    return Diagnostic("side-by-side", place, what, hint=hint, level="warning")


# --- a date in three columns ------------------------------------------------------------------------------------------


def _date_columns(headers: Sequence[str]) -> tuple[int, int, int] | None:
    """The columns of a year, a month and a day that share the rest of their name; None for none, or for several."""
    by_stem: dict[str, list[list[int]]] = {}
    for index, header in enumerate(headers):
        plain = fold(header)
        for kind, endings in enumerate(_ENDINGS):
            ending = next((e for e in endings if plain.endswith(e)), None)
            if ending is not None:
                by_stem.setdefault(plain.removesuffix(ending), [[], [], []])[kind].append(index)
                break
    whole = [found for found in by_stem.values() if all(len(columns) == 1 for columns in found)]
    return (whole[0][0][0], whole[0][1][0], whole[0][2][0]) if len(whole) == 1 else None


def _with_date(table: RawTable, places: tuple[int, int, int], record_type: RecordType) -> RawTable:
    """The table with one column for the three, under a name that a date of the record type has."""
    day = table.headers[places[2]]
    stem = next(day[: -len(e)].strip(" _") for e in _ENDINGS[2] if fold(day).endswith(e))
    words = field_words(record_type)
    names = (day, f"{stem}日期", f"{stem} date", f"{stem}时间")
    called = next((n for n in names if _is_date(words.find(n), record_type)), "")
    others = [h for i, h in enumerate(table.headers) if i not in places]
    if not called or any(words.find(h) == words.find(called) for h in others):
        return table
    sample = peek(table, _SAMPLE)
    read = [_date_of(cells, places) for _, cells in sample]
    if not any(isinstance(d, dt.date) for d in read) or any(isinstance(d, Doubtful) for d in read):
        return table
    gone = set(places[1:])
    kept = [i for i in range(len(table.headers)) if i not in gone]
    width = len(table.headers)

    def change(row: Row) -> Iterator[Row]:
        number, cells = row
        padded = [*cells, *[""] * (width - len(cells))]
        if not is_blank(cells):
            padded[places[0]] = _date_of(padded, places)
        yield number, [*(padded[i] for i in kept), *padded[width:]]

    listed = ", ".join(shown(table.headers[i]) for i in places)
    said = f"{listed} are read as one date: {shown(called)}"
    headers = [called if i == places[0] else table.headers[i] for i in kept]
    return changed(
        table,
        change,
        headers=headers,
        before=table,
        warnings=[*table.warnings, _said(table, said)],
        decisions=[*table.decisions, said],
    )


def _is_date(names: Sequence[str], record_type: RecordType) -> bool:
    return len(names) == 1 and record_type.fields[names[0]].kind == "date"


def _date_of(cells: Sequence[object], places: Sequence[int]) -> object:
    """The date of a row, nothing where its columns are empty, or what is wrong with them."""
    texts = [header_text(cells[i]) if i < len(cells) else "" for i in places]
    if all(emptiness(t) for t in texts):
        return ""
    try:
        return dt.date(*(int(t.removesuffix(".0")) for t in texts))
    except ValueError:
        raw = "-".join(texts)
        return Doubtful(raw, Fault("not-a-date", f"{shown(raw)} is not a day of the calendar"), texts=False)


# --- months or years side by side -------------------------------------------------------------------------------------


def _long(table: RawTable, wide: Wide, record_type: RecordType, units: Units) -> RawTable:
    """The table with a record for each period, where the type has a date and what stands in the columns is known."""
    dated = record_type.fields.get(record_type.date)
    if dated is None or dated.kind not in _SAYS or (wide.kind == "year" and dated.kind == "month"):
        return table
    named = {name_of_pattern(p): by_part for p, by_part in wide.columns.items()}
    stated = _stated_year(named)
    if stated:
        named = {_YEAR.sub("", n).strip(" 年度份"): by_part for n, by_part in named.items()}
    if len(named) < len(wide.columns) or not all(named):
        return table
    year = _Year.find(table, wide, stated)
    gone = {i for by_part in wide.columns.values() for i in by_part.values()}
    kept = [i for i in range(len(table.headers)) if i not in gone]
    before = [i for i in kept if i < min(gone)]
    headers = [
        *(table.headers[i] for i in before),
        *named,
        dated.name,
        *(table.headers[i] for i in kept[len(before) :]),
    ]
    match = match_headers(headers, record_type, units)
    made = {c.index: c.field for c in match.columns if len(before) <= c.index < len(before) + len(named)}
    dates = [c for c in match.columns if c.field is dated]
    if year is None or not made or len(dates) != 1 or any(f.code == "duplicate-column" for f in match.faults):
        return table
    above_zero = [cannot_be_zero(made.get(len(before) + n)) for n in range(len(named))]
    parts, width = wide.parts, len(table.headers)
    empty = [""] * len(headers)

    def change(row: Row) -> Iterator[Row]:
        number, cells = row
        padded = [*cells, *[""] * (width - len(cells))]
        blank = is_blank(cells)
        for part in parts:
            own = [padded[by_part[part]] for by_part in named.values()]
            if blank or _nothing(own, above_zero):
                yield number, empty
                continue
            day = _SAYS[dated.kind](year.of(padded), part, wide.kind)
            yield (
                number,
                [*(padded[i] for i in before), *own, day, *(padded[i] for i in kept[len(before) :]), *padded[width:]],
            )

    listed = ", ".join(f"{shown(headers[i])} as {f.name}" for i, f in made.items())
    said = (
        f"{len(parts)} {wide.kind}s stand side by side, {parts[0]} to {parts[-1]}: each row is read as {len(parts)} "
        f"records dated at the end of each{year.said}; {listed}"
    )
    if any(above_zero):
        said += f"; a {wide.kind} in which all of it is 0 or empty has no record"
    return changed(
        table,
        change,
        headers=headers,
        before=table,
        parts=table.parts * len(parts),
        part_column=len(before) + len(named),
        warnings=[*table.warnings, _said(table, said)],
        decisions=[*table.decisions, said],
    )


def _stated_year(named: Mapping[str, object]) -> str:
    """The one year that all of the names state, as `2018年用煤量` of `2018年{}月用煤量`."""
    years = [set(_YEAR.findall(name)) for name in named]
    first = years[0] if years else set()
    return next(iter(first)) if len(first) == 1 and all(y == first for y in years) else ""


@dataclass(frozen=True)
class _Year:
    """The year that months are of: a column of the table, or one for all of it."""

    column: int | None
    year: int
    said: str

    @staticmethod
    def find(table: RawTable, wide: Wide, stated: str) -> _Year | None:
        """Where the year is stated: in the headers, in a column, or above the table; None where it is open."""
        if wide.kind == "year":
            return _Year(None, 0, "")
        if stated:
            return _Year(None, int(stated), "")
        columns = [i for i, h in enumerate(table.headers) if fold(h) in _ENDINGS[0]]
        if len(columns) == 1:
            cells = column_sample(peek(table, _SAMPLE), columns[0])
            known = [parse_year(header_text(c)) for c in cells]
            if known and all(isinstance(y, int) for y in known):
                return _Year(columns[0], 0, f" of the year in {shown(table.headers[columns[0]])}")
        if columns:
            return None
        for text in (f"{table.title} {table.sheet}", PurePath(table.source).stem):
            found = set(_YEAR.findall(text))
            if len(found) == 1:
                (year,) = found
                return _Year(None, int(year), f" of {year}, the year in {shown(text.strip())}")
            if found:
                return None
        return None

    def of(self, cells: Sequence[object]) -> int | Doubtful:
        """The year of a row."""
        if self.column is None:
            return self.year
        found = parse_year(header_text(cells[self.column]))
        return Doubtful(cells[self.column], found, texts=False) if isinstance(found, Fault) else found


def _day_of(year: int | Doubtful, part: str, kind: str) -> object:
    """The last day of a period, at which the records of a period are placed."""
    if isinstance(year, Doubtful):
        return year
    if kind == "year":
        return dt.date(int(part), 12, 31)
    month = month_number(part)
    return dt.date(year, month, calendar.monthrange(year, month)[1])


def _month_of(year: int | Doubtful, part: str, kind: str) -> object:
    return year if isinstance(year, Doubtful) else dt.date(year, month_number(part), 1)


_SAYS: Mapping[str, Callable[[int | Doubtful, str, str], object]] = {"date": _day_of, "month": _month_of}


def cannot_be_zero(one: Field | None) -> bool:
    """Whether a field cannot be 0, so that a 0 of it says that there is nothing."""
    return one is not None and one.bounds.lo == 0 and one.bounds.lo_open


def _nothing(cells: Sequence[object], above_zero: Sequence[bool]) -> bool:
    """Whether a period has no record: all of its cells are empty, or all are 0 and one of them cannot be."""
    texts = [header_text(c) for c in cells]
    zeros = [_is_zero(t) for t in texts]
    if not all(zero or emptiness(text) == "empty" for zero, text in zip(zeros, texts, strict=True)):
        return False
    return not any(zeros) or any(zero and above for zero, above in zip(zeros, above_zero, strict=True))


def _is_zero(text: str) -> bool:
    try:
        return float(text) == 0
    except ValueError:
        return False


def _said(table: RawTable, what: str) -> Diagnostic:
    place = CellPlace(table.source, table.sheet, table.header_row)
    hint = "where this is not meant, a mapping file says how the table is read"
    return Diagnostic("reshaped", place, what, hint=hint, level="warning")
