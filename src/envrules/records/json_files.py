"""JSON and JSON lines to raw tables: a list of records, or {record type: [records]}."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from envrules.diagnostics import Diagnostic, InputError, TextPlace
from envrules.records.encodings import find_encoding
from envrules.records.objects import table_of_dicts
from envrules.records.tables import RawTable

_MOST_BYTES = 1 << 30
_MOST_FAULTS = 20


class _RepeatedKeyError(ValueError):
    """A key that stands twice in one object."""


def json_tables(path: Path, source: str) -> Iterator[RawTable]:
    """The tables of a JSON file.

    Raises:
        InputError: `json-syntax` with line and column, `json-shape` where it holds no records, `file-too-large`.
    """
    if path.stat().st_size > _MOST_BYTES:
        raise _error(
            "file-too-large", source, "a JSON file above 1 GB is not read as one piece", "use JSON lines or Parquet"
        )
    text = path.read_text(find_encoding(path, source)).removeprefix("\ufeff")
    if path.suffix.lower() != ".json":
        yield _lines(text, source)
        return
    whole = _parse(text, source)
    if isinstance(whole, InputError):
        raise whole
    if isinstance(whole, list):
        yield _table(whole, source, "")
    elif isinstance(whole, dict) and whole and all(isinstance(v, list) for v in whole.values()):
        for name, records in whole.items():
            yield _table(records, source, name)
    else:
        raise _error(
            "json-shape", source, "expected a list of records, or an object of record types with lists of records"
        )


def _table(records: list[object], source: str, type_hint: str) -> RawTable:
    wrong = [n for n, record in enumerate(records, 1) if not isinstance(record, dict)]
    if wrong:
        under = f" of {type_hint}" if type_hint else ""
        raise _error("json-shape", source, f"record {wrong[0]}{under} is not an object ({len(wrong)} such)")
    table = table_of_dicts([r for r in records if isinstance(r, dict)], source)
    table.type_hint = type_hint
    return table


def _lines(text: str, source: str) -> RawTable:
    records: list[dict[str, object]] = []
    numbers: list[int] = []
    faults: list[Diagnostic] = []
    # Not splitlines(): JSON texts may hold its other line separators as they stand.
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        found = _parse(line, source, number)
        if isinstance(found, InputError):
            faults.extend(found.diagnostics)
        elif isinstance(found, dict):
            records.append(found)
            numbers.append(number)
        else:
            faults.append(Diagnostic("json-shape", TextPlace(source, number, 1), "this line is not an object"))
        if len(faults) >= _MOST_FAULTS:
            break
    if faults:
        raise InputError(faults)
    return table_of_dicts(records, source, numbers)


def _parse(text: str, source: str, line: int = 1) -> object:
    """The value of a JSON text, or the InputError that says where it breaks off."""
    try:
        return json.loads(text, object_pairs_hook=_object)
    except json.JSONDecodeError as error:
        spot = TextPlace(source, line + error.lineno - 1, error.colno)
        return InputError([Diagnostic("json-syntax", spot, f"this is not JSON: {error.msg}")])
    except _RepeatedKeyError as error:
        place = TextPlace(source, line, 1) if line > 1 else source
        return InputError([Diagnostic("json-syntax", place, str(error), hint="keep one of them")])
    except RecursionError:
        return _error("json-syntax", source, "the JSON is nested too deeply to be a table")
    except ValueError as error:  # an integer of thousands of digits
        return _error("json-syntax", source, f"the JSON holds a number that cannot be read: {error}")


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        seen: set[str] = set()
        twice = next(k for k, _ in pairs if k in seen or seen.add(k))  # type: ignore[func-returns-value]
        raise _RepeatedKeyError(f"the key {twice!r} stands twice in one record, so one of its values would be lost")
    return found


def _error(code: str, source: str, what: str, hint: str = "") -> InputError:
    return InputError([Diagnostic(code, source, what, hint=hint)])
