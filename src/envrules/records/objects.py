"""Records given as Python objects to raw tables: dicts, dataclasses and pydantic models, in any iterable."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping, Sequence

from envrules.diagnostics import Diagnostic, InputError
from envrules.records.tables import RawTable, Row, header_text


def is_record(source: object) -> bool:
    """Whether an object is one record: a mapping, a dataclass instance or a pydantic model."""
    return isinstance(source, Mapping) or _names(source) is not None


def table_of_objects(source: Iterable[object], name: str) -> RawTable:
    """The table of a series of records; columns in the order of their first appearance.

    Raises:
        InputError: `record-kind` for an object that is no record.
    """
    records: list[Mapping[str, object]] = []
    hints: set[str] = set()
    for number, one in enumerate(source, 1):
        if isinstance(one, Mapping):
            records.append(one)
            continue
        names = _names(one)
        if names is None:
            raise InputError(
                [
                    Diagnostic(
                        "record-kind",
                        f"{name}:{number}",
                        f"a {type(one).__name__} is not a record",
                        expected="dicts, dataclasses, pydantic models, or a frame",
                    )
                ]
            )
        records.append({n: getattr(one, n) for n in names})
        hints.add(getattr(type(one), "envrules_record", ""))
    table = table_of_dicts(records, name)
    table.type_hint = hints.pop() if len(hints) == 1 else ""
    return table


def table_of_dicts(records: Sequence[Mapping[str, object]], source: str, numbers: Sequence[int] = ()) -> RawTable:
    """The table of dicts, with a column for every key that one of them has.

    Args:
        numbers: the row number of each; their order from 1 where none are given.
    """
    keys: dict[object, None] = {}
    for record in records:
        keys.update(dict.fromkeys(record))
    headers = [header_text(k) for k in keys]

    def rows() -> Iterator[Row]:
        for position, record in enumerate(records):
            yield (numbers[position] if numbers else position + 1), [record.get(k) for k in keys]  # type: ignore[call-overload]

    return RawTable(source, headers, rows())


def _names(one: object) -> list[str] | None:
    """The names of an object's fields; None for what is no record."""
    if dataclasses.is_dataclass(one) and not isinstance(one, type):
        return [f.name for f in dataclasses.fields(one)]
    fields = getattr(type(one), "model_fields", None)
    if isinstance(fields, Mapping):
        extra = getattr(one, "model_extra", None)
        return [*fields, *(extra or {})]
    return None
