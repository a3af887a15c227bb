"""Projects out of YAML, JSON, tables, workbooks and objects: which records there are, and which belong together."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from envrules.diagnostics import CellPlace, Diagnostic, InputError, Problems, TextPlace, nearest
from envrules.pack.document import read_document
from envrules.pack.pack import Pack, Screening
from envrules.records.files import SUFFIXES
from envrules.records.frames import frame_table, is_frame
from envrules.records.read import read_inputs
from envrules.records.types import RecordType
from envrules.records.values import ABSENT, Cell, CellProblem, Record
from envrules.records.words import fold

_CELLS = (str, int, float, bool)
DOCUMENT_SUFFIXES = (".yaml", ".yml", ".json")


@dataclass
class Group:
    """Records that were given together: of a document those of its own, of all tables together one group.

    `owners` says to which project a record belongs that was written under it, by the identity of the record.
    """

    records: dict[str, list[Record]] = field(default_factory=dict)
    owners: dict[int, Record] = field(default_factory=dict)


@dataclass
class Sources:
    """What was read: groups of records (the first is that of the tables), and all that was wrong with it."""

    groups: list[Group] = field(default_factory=lambda: [Group()])
    problems: list[CellProblem] = field(default_factory=list)
    warnings: list[Diagnostic] = field(default_factory=list)


@dataclass
class _Rows:
    """The records of a document before they are read: each with the position of the project it was written under."""

    rows: dict[str, list[tuple[Mapping[str, Any], int | None]]] = field(default_factory=dict)

    def add(self, record_type: str, record: Mapping[str, Any], owner: int | None = None) -> int:
        known = self.rows.setdefault(record_type, [])
        known.append((record, owner))
        return len(known) - 1


class Reader:
    """Reads sources for one pack's screening; what is wrong is collected, and raised together at the end."""

    def __init__(self, pack: Pack, screening: Screening, types: Mapping[str, RecordType] | None = None) -> None:
        self.pack, self.screening = pack, screening
        self._types = pack.records if types is None else types
        self.found = Sources()
        self.faults = Problems()
        self._names: dict[str, str] = {}
        for name, record in pack.records.items():
            for word in (name, *record.label.both(), *record.aliases):
                self._names.setdefault(fold(word), name)
        self._names.update({fold(name): link.record for name, link in screening.linked.items()})
        self._names.update({fold(name): name for name in pack.records})

    def finish(self) -> Sources:
        """What was read.

        Raises:
            InputError: with everything that makes a source unusable.
        """
        self.faults.raise_errors(InputError)
        self.found.warnings += self.faults.found
        return self.found

    def read(self, path: str | Path) -> None:
        """Read a file, or every file of a folder."""
        file = Path(path)
        if not file.is_dir():
            self._file(file)
            return
        for one in sorted(p for p in file.iterdir() if p.is_file() and not p.name.startswith((".", "~$"))):
            if one.suffix.lower() in (*DOCUMENT_SUFFIXES, *SUFFIXES):
                self._file(one)
            else:
                self.faults.warning("file-type", str(one), f"files of type {one.suffix or '(none)'} are not read")

    def _file(self, path: Path) -> None:
        try:
            if path.suffix.lower() not in DOCUMENT_SUFFIXES:
                self._table(path)
                return
            data = self._document(path)
        except OSError as error:
            code = "file-not-found" if isinstance(error, FileNotFoundError) else "file-not-readable"
            self.faults.error(code, str(path), f"the file cannot be read: {error.strerror or error}")
            return
        if data is not None:
            self.add_document(data, str(path), path.stem)

    def _table(self, path: Path, record_type: str | None = None) -> None:
        try:
            dataset = read_inputs([(record_type, str(path))], self._types, self.pack.units)
        except InputError as error:
            self.faults.found.extend(error.diagnostics)
            return
        for name, records in dataset.records.items():
            self.found.groups[0].records.setdefault(name, []).extend(records)
        self.found.problems += dataset.problems
        self.found.warnings += dataset.warnings

    def _document(self, path: Path) -> Any:
        content = path.read_bytes()
        if not content.strip():
            self.faults.error("file-empty", str(path), "the file is empty")
            return None
        if path.suffix.lower() != ".json":
            document = read_document(str(path), content, self.faults)
            return document.data if document is not None else None
        try:
            return json.loads(content.decode("utf-8-sig"))
        except UnicodeDecodeError:
            self.faults.error("file-encoding", str(path), "the file is not UTF-8", hint="save it as UTF-8")
        except json.JSONDecodeError as error:
            place = TextPlace(str(path), error.lineno, error.colno)
            self.faults.error("json-syntax", place, f"this is not JSON: {error.msg}")
        except (RecursionError, ValueError) as error:
            self.faults.error("json-syntax", str(path), f"this is not JSON that can be read: {error}")
        return None

    def add_document(self, data: Any, source: str, stem: str, linked: Mapping[str, Any] | None = None) -> None:
        """Add what a document or a call gives.

        Args:
            stem: the id of a project that has none.
            linked: further records by the name of their link or type; of a single project they are its own.
        """
        rows = _Rows()
        for item in data if isinstance(data, list) else [data]:
            self._part(item, rows, source)
        roots = len(rows.rows.get(self.screening.record, ()))
        for name, records in (linked or {}).items():
            self._named(name, records, rows, source, 0 if roots == 1 else None)
        self._read(rows, source, stem)

    def _part(self, data: Any, rows: _Rows, source: str) -> None:
        plain = as_mapping(data)
        if plain is None:
            what = f"a project is written as fields with values, not as {_kind(data)}"
            self.faults.error("record-kind", source, what, expected="field: value")
            return
        root = self.screening.record
        nested = {k: v for k, v in plain.items() if _nested(v)}
        top = [k for k in nested if self._names.get(fold(str(k))) == root]
        if top:
            owners = [n for k in top for n in self._named(k, nested[k], rows, source, None)]
            for key, value in plain.items():
                if key not in top:
                    self._named(str(key), value, rows, source, owners[0] if len(owners) == 1 else None)
            return
        if nested and len(nested) == len(plain) and all(self._names.get(fold(str(k))) for k in nested):
            for key, value in nested.items():
                self._named(str(key), value, rows, source, None)
            return
        self._project(plain, rows, source)

    def _project(self, plain: Mapping[str, Any], rows: _Rows, source: str) -> int:
        """A project with the records written under it."""
        own = {k: v for k, v in plain.items() if not _nested(v)}
        owner = rows.add(self.screening.record, own)
        for key, value in plain.items():
            if key not in own:
                self._named(str(key), value, rows, source, owner)
        return owner

    def _named(self, name: str, value: Any, rows: _Rows, source: str, owner: int | None) -> list[int]:
        """The records under a name; the positions of those that are projects."""
        record_type = self._names.get(fold(name))
        if record_type is None:
            known = [*self.screening.linked, *self.pack.records]
            what = f"{name} is neither a field with one value, nor records that {self.pack.name} knows"
            self.faults.error("unknown-record", source, what, hint=nearest(name, known))
            return []
        if isinstance(value, Path) or (isinstance(value, str) and Path(value).suffix.lower() in SUFFIXES):
            self._table(Path(value), record_type)
            return []
        items: Sequence[Any]
        if value is None:
            items = []
        elif is_frame(value):
            table = frame_table(value, name)
            items = [dict(zip(table.headers, row, strict=False)) for _, row in table.rows]
        elif isinstance(value, Mapping) or as_mapping(value) is not None or not isinstance(value, Iterable):
            items = [value]
        else:
            items = list(value)
        rows.rows.setdefault(record_type, [])
        found = []
        for item in items:
            plain = as_mapping(item)
            if plain is None:
                what = f"a record of {record_type} is written as fields with values, not as {_kind(item)}"
                self.faults.error("record-kind", source, what, expected="field: value")
            elif record_type == self.screening.record:
                found.append(self._project(plain, rows, source))
            else:
                rows.add(record_type, plain, owner)
        return found

    def _read(self, rows: _Rows, source: str, stem: str) -> None:
        given = [(name, [record for record, _ in items]) for name, items in rows.rows.items()]
        try:
            dataset = read_inputs([(n, r) for n, r in given if any(r)], self._types, self.pack.units)
        except InputError as error:
            self.faults.found.extend(_placed(d, source) for d in error.diagnostics)
            return
        group = Group()
        roots: list[Record] = []
        order = sorted(rows.rows, key=lambda name: name != self.screening.record)
        for name in order:
            items = rows.rows[name]
            by_row = {r.place.row: r for r in dataset.records.get(name, ())}
            kept = group.records.setdefault(name, [])
            for n, (_, owner) in enumerate(items, 1):
                record = by_row.get(n, Record(name, f"{name}:{n}", {}))
                record = self._own(record, CellPlace(source, name, n), stem if len(items) == 1 else f"{stem}-{n}")
                if name == self.screening.record:
                    roots.append(record)
                elif owner is not None and owner < len(roots):
                    record = self._under(record, roots[owner])
                    group.owners[id(record)] = roots[owner]
                kept.append(record)
        self.found.groups.append(group)
        self.found.problems += [replace(p, source=source, sheet=p.record_type) for p in dataset.problems
                                if p.code != "missing-id"]  # fmt: skip
        # Records of a document are named here, so that it is no fault of theirs that they have no id.
        self.found.warnings += [_placed(d, source) for d in dataset.warnings if d.code != "missing-id"]

    def _own(self, record: Record, place: CellPlace, name: str) -> Record:
        """The record with its place; one without an id is named by its source."""
        own = record.value("id")
        if isinstance(own, str):
            return replace(record, place=place)
        if record.type != self.screening.record:
            name = str(place.row)
        return Record(record.type, name, {**record.cells, "id": Cell(name)}, place)

    def _under(self, record: Record, root: Record) -> Record:
        """The record with the key of the project it was written under, where it states none."""
        for link in self.screening.linked.values():
            if link.record == record.type and record.value(link.key) is ABSENT:
                return replace(record, cells={**record.cells, link.key: Cell(root.id)})
        return record


def as_mapping(value: Any) -> Mapping[str, Any] | None:
    """A dict, dataclass or model as fields with values; None for anything else."""
    if isinstance(value, dict | Mapping):
        return value
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: getattr(value, f.name) for f in dataclasses.fields(value)}
    fields = getattr(type(value), "model_fields", None)
    return {name: getattr(value, name) for name in fields} if isinstance(fields, Mapping) else None


def _nested(value: Any) -> bool:
    """Whether a value of a document is records, not a cell."""
    if value is None or type(value) in _CELLS:
        return False
    return isinstance(value, list | tuple | Mapping) or as_mapping(value) is not None


def _kind(value: Any) -> str:
    return "nothing" if value is None else f"a {type(value).__name__}"


def _placed(diagnostic: Diagnostic, source: str) -> Diagnostic:
    """A diagnostic about a table made here, at the file it was made of."""
    where = diagnostic.where
    if isinstance(where, CellPlace):
        return replace(diagnostic, where=CellPlace(source, where.source, where.row, where.column))
    return replace(diagnostic, where=f"{source}[{where}]") if isinstance(where, str) else diagnostic
