"""Which tables of a source are read, and as which record types: named by the caller, by a mapping, or recognised.

Doubt is an error that shows the candidates; a sheet that is left out is never left out in silence.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

from envrules.diagnostics import CellPlace, Diagnostic, InputError, Problems, nearest
from envrules.records.files import open_file, split_sheet
from envrules.records.frames import frame_table, is_frame
from envrules.records.layout import find_tables
from envrules.records.objects import is_record, table_of_objects
from envrules.records.recognise import Doubt, HeaderWords, recognise_type, type_words, types_named
from envrules.records.steps import Pattern, apply_steps
from envrules.records.tables import Grid, RawTable, rows_text
from envrules.records.types import RecordType
from envrules.records.unfold import Unfolding, side_by_side
from envrules.records.words import fold, listed, printable, shown
from envrules.units import Units

if TYPE_CHECKING:
    from envrules.records.mapping import TableMapping

#: What the name of a sheet says where it holds another state of the same inventory: a year, a copy.
_OTHER_STATE = re.compile(
    r"\d{4}|[旧原]|副本|备份|作废|草稿|样表|模板|示例|copy|old|backup|draft|\(\d\)|（\d）", re.IGNORECASE
)


@dataclass
class Chosen:
    """A table that is read, as which record type, by which mapping."""

    table: RawTable
    record_type: RecordType
    mapping: TableMapping | None = None


@dataclass
class _Source:
    """An opened source: its name for people, the name that may tell its record type, and its tables."""

    name: str
    stem: str
    file_name: str
    tables: list[Grid | RawTable]


def choose(
    declared: str | None,
    source: object,
    position: int,
    record_types: Mapping[str, RecordType],
    units: Units,
    mappings: Sequence[TableMapping],
    problems: Problems,
    streamed: bool = False,
) -> list[Chosen]:
    """The tables of one source that are read.

    Args:
        declared: the record type that the caller named.
        position: which of the inputs it is, to name one that has no name.
        streamed: whether its rows are to be had in batches.

    Raises:
        InputError: where the source cannot be opened.
    """
    opened = _open(source, declared or f"input {position}", streamed)
    chooser = _Chooser(opened, declared, record_types, units, problems)
    fitting = [m for m in mappings if m.applies_to(opened.file_name) and declared in (None, m.record)]
    return chooser.by_mapping(fitting) if fitting else chooser.by_name_and_headers()


def _open(source: object, name: str, streamed: bool = False) -> _Source:
    if isinstance(source, (str, Path)):
        path, _ = split_sheet(str(source))
        return _Source(printable(str(source)), path.stem, path.name, open_file(str(source), streamed))
    if isinstance(source, RawTable):
        path = Path(source.source)
        return _Source(source.source, path.stem, path.name, [source])
    if is_frame(source):
        return _Source(name, "", name, [frame_table(source, name)])
    if is_record(source):
        return _Source(name, "", name, [table_of_objects([source], name)])
    if isinstance(source, Iterable):
        return _Source(name, "", name, [table_of_objects(source, name)])
    what = f"a {type(source).__name__} is not a source of records"
    expected = "a file, a frame, or dicts, dataclasses or pydantic models"
    raise InputError([Diagnostic("record-kind", name, what, expected=expected)])


class _Chooser:
    def __init__(
        self,
        source: _Source,
        declared: str | None,
        record_types: Mapping[str, RecordType],
        units: Units,
        problems: Problems,
    ) -> None:
        self.source, self.declared, self.record_types = source, declared, record_types
        self.units, self.problems = units, problems
        self.words = HeaderWords.of(record_types, units)
        single = len(source.tables) == 1
        self.tables = [t for t in source.tables if single or not (isinstance(t, Grid) and t.is_empty())]
        for grid in (t for t in self.tables if isinstance(t, Grid)):
            self._say_hidden(grid)

    def _say_hidden(self, grid: Grid) -> None:
        place = CellPlace(grid.source, grid.sheet)
        if grid.hidden:
            self.problems.warning("hidden-sheet", place, "this sheet is hidden; it is read like any other")
        if grid.hidden_rows:
            many = len(grid.hidden_rows) > 1
            what = f"{len(grid.hidden_rows)} rows are hidden and are" if many else "1 row is hidden and is"
            what += f" read like any other: {rows_text(grid.hidden_rows)}"
            self.problems.warning("hidden-rows", place, what)

    def by_mapping(self, mappings: Sequence[TableMapping]) -> list[Chosen]:
        """The tables that the mappings name or fit."""
        found: list[Chosen] = []
        read: set[int] = set()
        for mapping in mappings:
            record_type = self.record_types.get(mapping.record)
            if record_type is None:
                what = f"there is no record type {mapping.record!r}"
                hint = nearest(mapping.record, self.record_types)
                self.problems.error("unknown-record", mapping.where("record"), what, hint=hint)
                continue
            for table in self._mapped(mapping):
                read.add(id(table))
                raw = self._one_table(table, mapping)
                if raw is not None:
                    found.append(Chosen(raw, record_type, mapping))
        for table in self.tables:
            if id(table) not in read and found:
                self._unread(table, "no mapping names it")
        return found

    def _mapped(self, mapping: TableMapping) -> list[Grid | RawTable]:
        """The sheets that a mapping is about: those it names, the only one, or the only one with its columns."""
        if mapping.sheet is not None:
            named = [t for t in self.source.tables if fold(t.sheet) == fold(mapping.sheet)]
            pattern = mapping.sheet.strip().casefold()
            named = named or [t for t in self.tables if fnmatchcase(t.sheet.strip().casefold(), pattern)]
            if named:
                return named
            sheets = [t.sheet for t in self.source.tables if t.sheet]
            what, hint = f"{self.source.name} has no sheet {mapping.sheet!r}", nearest(mapping.sheet, sheets)
            self.problems.error("sheet-not-found", mapping.where("sheet"), what, expected=", ".join(sheets), hint=hint)
            return []
        if len(self.tables) == 1:
            return self.tables
        fitting = [t for t in self.tables if any(_has_columns(r, mapping) for r in self._raws(t, mapping))]
        if len(fitting) == 1:
            return fitting
        what = f"{len(fitting)} of {len(self.tables)} sheets of {self.source.name} have the columns of this mapping"
        self.problems.error("ambiguous-sheet", mapping.where(), what, hint="name the sheet: `sheet: ...`")
        return []

    def _one_table(self, table: Grid | RawTable, mapping: TableMapping) -> RawTable | None:
        """The table of a sheet that a mapping is about: the only one, or the only one with its columns."""
        raws = self._raws(table, mapping, say=True)
        fitting = [r for r in raws if _has_columns(r, mapping)] if len(raws) > 1 else raws
        if len(fitting) > 1 or len(raws) > len(fitting) == 0:
            rows = ", ".join(str(r.header_row) for r in raws)
            what = f"{len(fitting)} of the {len(raws)} tables of this sheet have the columns of this mapping"
            hint = f"name its header, as in `header_row: {raws[0].header_row}`; they stand in rows {rows}"
            self.problems.error("ambiguous-sheet", mapping.where(), what, hint=hint)
            return None
        for raw in raws:
            if raw is not fitting[0]:
                self._unread(raw, "the mapping is about another table of this sheet")
        return apply_steps(fitting[0], mapping, self.problems) if fitting else None

    def by_name_and_headers(self) -> list[Chosen]:
        """The tables that the caller named, or that are recognised."""
        groups = [self._raws(t, say=True) for t in self.tables or self.source.tables[:1]]
        raws = [r for group in groups for r in group]
        if self.declared is not None and len(raws) == 1 and raws[0].type_hint in ("", self.declared):
            return self._declared(raws, [])
        found: list[Chosen] = []
        doubts: list[tuple[RawTable, Doubt]] = []
        for group, raw in ((g, r) for g in groups for r in g):
            names = names_of_table(raw, len(group) == 1, len(raws) == 1, self.source.stem)
            unfolding = Unfolding(raw, self.units)
            kind = self._type(raw, names, unfolding)
            if isinstance(kind, RecordType):
                found.append(self._chosen(unfolding, kind))
            elif kind is not None:
                doubts.append((raw, kind))
        if self.declared is not None:
            return self._declared(raws, found)
        for raw, doubt in doubts:
            if found and not doubt.candidates:
                self._unread(raw, "no record type has such columns")
            else:
                self._doubtful(raw, doubt)
        return self._single(found)

    def _declared(self, raws: list[RawTable], found: list[Chosen]) -> list[Chosen]:
        """The one table of the record type that the caller named."""
        wanted = self.record_types[self.declared or ""]
        if len(raws) == 1 and raws[0].type_hint in ("", wanted.name):
            return [self._chosen(Unfolding(raws[0], self.units), wanted)]
        fitting = [c for c in found if c.record_type is wanted]
        named = [
            c
            for c in fitting
            if c.table.type_hint == wanted.name or wanted.name in types_named(c.table.sheet, self.record_types)
        ]
        chosen = named if len(named) == 1 else fitting
        if chosen and _belong_together(chosen):
            for raw in raws:
                if not any(raw is c.table or raw is c.table.before for c in chosen):
                    self._unread(raw, f"only {wanted.name} was asked for")
            return chosen
        if raws:
            sheets = ", ".join(shown(r.sheet or r.type_hint) for r in raws)
            what = f"{len(chosen) or 'none'} of its sheets look like {wanted.name}: {sheets}"
            self.problems.error(
                "ambiguous-sheet", self.source.name, what, hint=self._sheet_hint(wanted.name, chosen, raws)
            )
        return []

    def _chosen(self, unfolding: Unfolding, kind: RecordType) -> Chosen:
        """The table as the record type reads it, with a word where its periods stay side by side."""
        table = unfolding.read_as(kind)
        said = side_by_side(table, kind) if unfolding.wide is not None else None
        if said is not None:
            self.problems.add(said)
        return Chosen(table, kind)

    def _single(self, found: list[Chosen]) -> list[Chosen]:
        """The tables found, refusing two of one record type of which one may be last year's, or a copy."""
        by_type: dict[str, list[Chosen]] = {}
        for chosen in found:
            by_type.setdefault(chosen.record_type.name, []).append(chosen)
        for name, same in by_type.items():
            if not _belong_together(same):
                sheets = listed([c.table.sheet for c in same])
                hint = self._sheet_hint(name, same, [])
                self.problems.error(
                    "ambiguous-sheet",
                    self.source.name,
                    f"the sheets {sheets} are {'both' if len(same) == 2 else 'all'} {name}",
                    hint=hint,
                )
        return found

    def _sheet_hint(self, name: str, chosen: list[Chosen], raws: list[RawTable]) -> str:
        sheet = [*(c.table.sheet for c in chosen), *(r.sheet for r in raws)][0]
        return f"name the sheet: {name}={self.source.name}#{sheet}" if sheet else f"give each file one table of {name}"

    def _type(self, raw: RawTable, names: list[str], unfolding: Unfolding) -> RecordType | Doubt | None:
        if raw.type_hint:
            named = type_words(self.record_types).find(raw.type_hint)
            found = self.record_types.get(raw.type_hint) or (self.record_types[named[0]] if len(named) == 1 else None)
            if found is None:
                what, hint = f"there is no record type {raw.type_hint!r}", nearest(raw.type_hint, self.record_types)
                self.problems.error("unknown-record", CellPlace(raw.source), what, hint=hint)
            return found
        read_by = unfolding.headers if unfolding.possible else None
        return recognise_type(raw.headers, names, self.record_types, self.units, read_by)

    def _raws(self, table: Grid | RawTable, mapping: TableMapping | None = None, say: bool = False) -> list[RawTable]:
        """The tables of a sheet; where it has none, `say` reports why."""
        if isinstance(table, RawTable):
            return [table]
        words = self.words if mapping is None else _MappedWords(self.words, mapping)
        found = find_tables(table, words, mapping.header_rows if mapping is not None else ())
        if not isinstance(found, Diagnostic):
            return found
        if say:
            self.problems.add(found)
        return []

    def _unread(self, table: Grid | RawTable, why: str) -> None:
        raw = table if isinstance(table, RawTable) else None
        place = CellPlace(table.source, table.sheet or (raw.type_hint if raw else ""))
        begins = f"the table of row {raw.header_row}" if raw and raw.header_row else "this sheet"
        hint = "name it with FILE#Sheet" if table.sheet else ""
        self.problems.warning("unread-sheet", place, f"{begins} was not read: {why}", hint=hint)

    def _doubtful(self, raw: RawTable, doubt: Doubt) -> None:
        place = CellPlace(raw.source, raw.sheet, raw.header_row)
        if not doubt.candidates:
            example = next(iter(self.record_types), "boiler")
            self.problems.error(
                "unrecognised-table",
                place,
                "no record type has such columns, and the name of the file or sheet is none's",
                found=", ".join(shown(h) for h in raw.headers[:12]),
                hint=f"name it, as in {example}={raw.source}, or map its columns",
            )
            return
        candidates = "; ".join(
            f"{m.record_type.name} ({', '.join(list(dict.fromkeys(c.header for c in m.columns))[:12])})"
            for m in doubt.candidates
        )
        first = doubt.candidates[0].record_type.name
        self.problems.error(
            "ambiguous-record-type",
            place,
            "the table may be of more than one record type, or of none",
            expected=f"one of {candidates}",
            hint=f"name it, as in {first}={raw.source}",
        )


def names_of_table(table: RawTable, alone_in_sheet: bool, alone: bool, stem: str) -> list[str]:
    """What may tell the record type of a table, the more telling first; a sheet's or file's name tells of its only one.

    Args:
        stem: the file's name without its ending.
    """
    return [table.title, *([table.sheet] if alone_in_sheet else []), *([stem] if alone else [])]


class _MappedWords:
    """The words that may stand in a header, and the names that a mapping has for columns."""

    decides = True

    def __init__(self, words: HeaderWords, mapping: TableMapping) -> None:
        self._words = words
        wide = mapping.wide_to_long
        tests = (*mapping.filter, *mapping.skip_rows_where)
        named = (*mapping.columns, *mapping.split, *mapping.id, *(t.column for t in tests))
        self._names = frozenset(map(fold, named))
        self._patterns = [Pattern(p) for p in (wide.columns.values() if wide else ())]
        self.is_unit, self.is_value = words.is_unit, words.is_value

    def fields(self, text: str) -> frozenset[str]:
        """The fields of any record type, or the text itself where the mapping names it."""
        if fold(text) in self._names or any(p.match(text) for p in self._patterns):
            return frozenset([f"column {fold(text)}"])
        return self._words.fields(text)


def _has_columns(table: RawTable, mapping: TableMapping) -> bool:
    wide = mapping.wide_to_long
    made = {n for p in mapping.split.values() for n in Pattern(p).names} | (
        {wide.name, *wide.columns} if wide else set()
    )
    return {fold(c) for c in (*mapping.columns, *mapping.split) if c not in made} <= {fold(h) for h in table.headers}


def _belong_together(same: Sequence[Chosen]) -> bool:
    """Whether tables of one record type are parts of one inventory: none is told apart by a year, or as a copy."""
    if len(same) == 1:
        return True
    return not any(_OTHER_STATE.search(f"{c.table.sheet} {c.table.title}") for c in same)
