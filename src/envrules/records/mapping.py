"""Mapping files: which column of somebody's table is which field, where its header stands and which rows count.

A mapping is YAML that is only data. What it renames and translates is read afterwards like any other cell.

    record: boiler
    header_row: 6
    columns:
      Boiler ID: id
      Max Steam Flow: {field: capacity, unit: 1e3 lb/h}
      Status: {field: status, values: {OP: operating, RE: retired, N/A: null}}
      Remarks: null                      # seen, and not needed
    constants: {zone: other}
    filter: {State: [CO, WY]}
    id: [Plant Code, Boiler ID]

Several tables stand in a list under `tables:`. `split` and `wide_to_long` change the raw table before its columns are
matched (`steps`), so what they make is named like any other column. The whole is described in docs/mapping.md.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from fnmatch import fnmatch
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PrivateAttr, ValidationError, model_validator

from envrules.diagnostics import Diagnostic, InputError, Problems, TextPlace, nearest

_MOST_BYTES = 1_000_000
_MOST_NODES = 100_000
_MOST_DEPTH = 20

Scalar = str | int | float | bool | dt.date | None


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, populate_by_name=True)


class ColumnRule(_Part):
    """What one column is: a field, the unit of its numbers or the column of their units, and the meaning of its words.

    A word that is `null` in `values` stands for nothing.
    """

    field: str
    unit: str | None = None
    unit_column: str | None = None
    values: dict[Scalar, Scalar] = {}


class Condition(_Part):
    """A test of one column's text; null is an empty cell."""

    column: str
    equals: Scalar = None
    any_of: list[Scalar] | None = Field(None, alias="in")
    none_of: list[Scalar] | None = Field(None, alias="not_in")

    @model_validator(mode="after")
    def _one_test(self) -> Condition:
        given = self.model_fields_set & {"equals", "any_of", "none_of"}
        if len(given) != 1:
            raise ValueError("give exactly one of equals, in, not_in")
        return self

    def test(self) -> tuple[bool, tuple[Scalar, ...]]:
        """(whether to be one of them is wanted, the values)."""
        if self.none_of is not None:
            return False, tuple(self.none_of)
        return True, tuple(self.any_of) if self.any_of is not None else (self.equals,)


class WideToLong(_Part):
    """What stands in columns side by side, such as twelve months, as rows of its own.

    Args:
        name: the new column that says which part a row is.
        columns: new column -> the headers of the columns it is made of, with `{}` for the part.
        values: part, as it stands in the headers -> what the new column holds; the parts as they stand where left out.
    """

    name: str
    columns: dict[str, str] = Field(min_length=1)
    values: dict[Scalar, Scalar] = {}


def _rule(value: object) -> object:
    return {"field": value} if isinstance(value, str) else value


def _conditions(value: object) -> object:
    """`{column: [values]}` as the list of conditions it stands for."""
    if isinstance(value, dict):
        return [{"column": c, "in": v if isinstance(v, list) else [v]} for c, v in value.items()]
    return value


def _rows(value: object) -> object:
    return [value] if isinstance(value, (int, str)) else value


Rule = Annotated[ColumnRule | None, BeforeValidator(_rule)]
Conditions = Annotated[list[Condition], BeforeValidator(_conditions)]


class TableMapping(_Part):
    """How one table is read as one record type.

    Args:
        file: a pattern of file names, such as `boilers-*.csv`; every file where it is left out.
        header_row: the row of the header, or a list of its rows; it is looked for where it is left out.
        skip_rows: rows as a person counts them, `7` or `7-9`.
        skip_rows_where: rows to leave out, where one of the conditions holds; `filter`: where one of them fails.
        other_columns: whether columns not named here are recognised by their headers, or left unread.
        split: column -> a pattern such as `{model}/{capacity}`, whose holes become columns.
        merged: whether a number in a cell merged over rows is each row's own; otherwise it is a problem.
        keep: kinds of rows that are left out otherwise and are records here, such as `total`.
        from_sheet: the field that the name of the sheet fills; `sheet` may then be a pattern, such as `*`.
        id: the columns whose texts, joined by `:`, are the record's id.
    """

    record: str
    file: str | None = None
    sheet: str | None = None
    header_row: Annotated[list[Annotated[int, Field(ge=1)]], BeforeValidator(_rows)] = Field([], max_length=10)
    columns: dict[str, Rule] = {}
    constants: dict[str, Scalar] = {}
    filter: Conditions = []
    skip_rows: Annotated[list[int | str], BeforeValidator(_rows)] = []
    skip_rows_where: Conditions = []
    split: dict[str, str] = {}
    wide_to_long: WideToLong | None = None
    merged: Literal["problem", "each"] = "problem"
    keep: list[Literal["total", "summary", "note", "heading", "example", "page mark", "repeated title"]] = []
    from_sheet: str | None = None
    id: list[str] = []
    other_columns: Literal["recognise", "ignore"] = "recognise"
    _places: dict[tuple[object, ...], TextPlace] = PrivateAttr(default_factory=dict)
    _path: tuple[object, ...] = PrivateAttr(default=())

    @model_validator(mode="after")
    def _rows_make_sense(self) -> TableMapping:
        self.skipped_rows()
        return self

    def where(self, *keys: object) -> TextPlace | str:
        """Where a part of this mapping stands, for messages."""
        return (
            _nearest_place((*self._path, *keys), self._places) or f"mapping: {'.'.join(map(str, keys)) or self.record}"
        )

    @property
    def header_rows(self) -> tuple[int, ...]:
        """The rows of the header, from the top; none where it is to be found."""
        return tuple(sorted(self.header_row))

    def applies_to(self, file_name: str) -> bool:
        """Whether this is how the file of that name is read."""
        return self.file is None or fnmatch(file_name, self.file)

    def skipped_rows(self) -> frozenset[int]:
        """The rows of `skip_rows`.

        Raises:
            ValueError: for a text that is no row and no range of rows.
        """
        found: set[int] = set()
        for item in self.skip_rows:
            first, _, last = str(item).partition("-")
            if not first.strip().isdecimal() or not (last.strip() or first).strip().isdecimal():
                raise ValueError(f"skip_rows: {item!r} is not a row such as 7 or a range such as 7-9")
            start, stop = int(first), int(last or first)
            if stop - start > 1_000_000:
                raise ValueError(f"skip_rows: {item!r} is too long a range")
            found.update(range(start, stop + 1))
        return frozenset(found)


class _Tables(_Part):
    tables: list[TableMapping] = Field(min_length=1)


def load_mapping(source: str | Path | Mapping[str, Any]) -> tuple[TableMapping, ...]:
    """The tables of a mapping file, or of the same as a dict.

    Raises:
        InputError: every problem of the file: `mapping-syntax`, `mapping-limit`, `mapping-field`, `file-not-found`.
    """
    if isinstance(source, Mapping):
        return _validate(dict(source), "mapping", {})
    name = str(source)
    try:
        with Path(source).open("rb") as file:
            data = file.read(_MOST_BYTES + 1)
    except FileNotFoundError:
        raise _error("file-not-found", name, "there is no such mapping file") from None
    except (OSError, ValueError) as error:
        raise _error(
            "file-not-readable", name, f"the mapping file cannot be read: {getattr(error, 'strerror', None) or error}"
        ) from None
    if len(data) > _MOST_BYTES:
        raise _error("mapping-limit", name, "a mapping file is at most 1 MB")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _error("mapping-syntax", name, "a mapping file is UTF-8 text") from None
    content, places = _parse(text, name)
    if not isinstance(content, dict):
        raise _error("mapping-field", name, "a mapping begins with `record:`, or with `tables:` and a list")
    return _validate(content, name, places)


def _parse(text: str, name: str) -> tuple[object, dict[tuple[object, ...], TextPlace]]:
    """The content of a YAML text, and where each part of it stands."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    lines = text.splitlines()
    try:
        yaml = YAML(typ="safe", pure=True)
        root = yaml.compose(text)
        if root is None:
            raise _error("mapping-field", name, "the mapping file is empty")
        places = dict(_places(root, name, lines))
        return YAML(typ="safe", pure=True).load(text), places
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place: TextPlace | str = name
        if mark is not None:
            place = TextPlace(
                name, mark.line + 1, mark.column + 1, text=lines[mark.line] if mark.line < len(lines) else ""
            )
        raise _error(
            "mapping-syntax", place, f"this is not YAML: {error.problem or error.context or 'malformed'}"
        ) from None
    except RecursionError:
        raise _error("mapping-limit", name, "the mapping file is nested too deeply") from None
    except (YAMLError, ValueError) as error:
        raise _error("mapping-syntax", name, f"this is not YAML: {error}") from None


def _places(root: Any, name: str, lines: list[str]) -> Iterator[tuple[tuple[object, ...], TextPlace]]:
    """(path, place) of every part of a YAML document, refusing one that is too large or uses aliases."""
    seen: set[int] = set()
    stack: list[tuple[tuple[object, ...], Any]] = [((), root)]
    while stack:
        path, node = stack.pop()
        line, column = node.start_mark.line, node.start_mark.column
        place = TextPlace(name, line + 1, column + 1, text=lines[line] if line < len(lines) else "")
        if id(node) in seen or len(seen) > _MOST_NODES or len(path) > _MOST_DEPTH:
            raise _error(
                "mapping-limit", place, "a mapping is written out: no aliases, at most 20 levels and 100,000 parts"
            )
        seen.add(id(node))
        yield path, place
        if isinstance(node.value, list):
            for position, child in enumerate(node.value):
                if isinstance(child, tuple):
                    stack.append(((*path, child[0].value), child[1]))
                else:
                    stack.append(((*path, position), child))


def _validate(
    content: dict[Any, Any], name: str, places: dict[tuple[object, ...], TextPlace]
) -> tuple[TableMapping, ...]:
    listed = "tables" in content
    problems = Problems()
    try:
        tables = _Tables.model_validate(content).tables if listed else [TableMapping.model_validate(content)]
    except ValidationError as error:
        for one in error.errors(include_url=False):
            _report(problems, one, name, places)
        problems.raise_errors(InputError)
        raise AssertionError from error
    for position, table in enumerate(tables):
        table._places = places
        table._path = ("tables", position) if listed else ()
    return tuple(tables)


def _report(problems: Problems, one: Any, name: str, places: dict[tuple[object, ...], TextPlace]) -> None:
    """One problem that pydantic found, where the part it is about stands."""
    path = tuple(key for key in one["loc"] if key not in ("function-before[_rule()", "[key]"))
    place = _nearest_place(path, places) or name
    shown = ".".join(str(key) for key in path) or "the mapping"
    if one["type"] == "extra_forbidden":
        known = (
            TableMapping.model_fields
            if len(path) <= 1 or (path[0] == "tables" and len(path) == 3)
            else ColumnRule.model_fields
        )
        problems.error(
            "mapping-field", place, f"{shown} is not a part of a mapping", hint=nearest(shown.rpartition(".")[2], known)
        )
    elif one["type"] == "missing":
        problems.error("mapping-field", place, f"{shown} is missing")
    else:
        problems.error("mapping-field", place, f"{shown}: {one['msg']}", found=str(one.get("input", ""))[:60])


def _nearest_place(path: tuple[object, ...], places: dict[tuple[object, ...], TextPlace]) -> TextPlace | None:
    while path and path not in places and tuple(map(str, path)) not in places:
        path = path[:-1]
    return places.get(path) or places.get(tuple(map(str, path)))


def _error(code: str, where: TextPlace | str, what: str) -> InputError:
    return InputError([Diagnostic(code, where, what)])
