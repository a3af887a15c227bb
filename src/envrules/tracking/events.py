"""One event as people see it, and how values go into the file and come out of it again."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from envrules.interval import Interval
from envrules.records.cells import read_cell
from envrules.records.rows import text_of
from envrules.records.types import Field
from envrules.records.values import ABSENT, UNUSABLE, Cell, Fault, Nothing, date_value
from envrules.units import Units

#: The key under which the text of a cell stands that could not be read.
_UNUSABLE = "unusable"


@dataclass(frozen=True)
class Event:
    """Something that happened to a task.

    Args:
        on: the day on which it happened; None for a task whose opening day was not given, which counts from the start.
        recorded_on, recorded_at: the day (by the clock of the place) and the moment (UTC) at which it became known.
        fields: what it says, by field: an ISO date, True or False, a text; a text that cannot be read stands in
            `{"unusable": text}`.
        corrects: the event in whose place it stands; corrected_by: the one that stands in its place.
        repeated: it was there already when it was recorded again, and nothing was added.
    """

    id: int
    task: str
    kind: str
    on: dt.date | None
    recorded_on: dt.date
    recorded_at: str
    fields: Mapping[str, Any] = field(default_factory=dict)
    note: str = ""
    corrects: int | None = None
    corrected_by: int | None = None
    repeated: bool = False

    @property
    def counts(self) -> bool:
        """Whether nothing stands in its place."""
        return self.corrected_by is None and self.kind != "withdrawn"

    def as_dict(self) -> dict[str, Any]:
        """The event as the command's JSON output gives it."""
        return {
            "id": self.id,
            "task": self.task,
            "kind": self.kind,
            "on": None if self.on is None else self.on.isoformat(),
            "recorded_on": self.recorded_on.isoformat(),
            "recorded_at": self.recorded_at,
            "fields": dict(self.fields),
            "note": self.note,
            "corrects": self.corrects,
            "corrected_by": self.corrected_by,
        }


def day_number(day: dt.date | None) -> int:
    """A day as the file keeps it.

    Examples:
        >>> day_number(dt.date(2018, 3, 22)), day_number(None)
        (20180322, 0)
    """
    return 0 if day is None else day.year * 10000 + day.month * 100 + day.day


def day_of(number: int) -> dt.date | None:
    """The day of a number that the file keeps."""
    return dt.date(number // 10000, number // 100 % 100, number % 100) if number else None


def event_of(task: str, row: Sequence[Any], known_on: int) -> Event:
    """The event of a row of `Store.events`, by what was known on a day as the file keeps days.

    Raises:
        ValueError, TypeError: for a row that no tracker wrote.
    """
    id_, kind, valid, recorded, moment, fields, note, corrects, by, by_recorded = row
    day, said = day_of(recorded), json.loads(fields)
    if day is None or not isinstance(said, dict):
        raise TypeError(f"event {id_} is not as it was written")
    by = by if by is not None and by_recorded <= known_on else None
    return Event(id_, task, kind, day_of(valid), day, moment, said, note, corrects, by)


def dump_fields(fields: Mapping[str, Any]) -> str:
    """What an event says as JSON, the same text for the same content."""
    return json.dumps(dict(fields), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def storable(text: str) -> str:
    r"""The text with what no file can hold as text written as its escape.

    Examples:
        >>> print(storable("B\0-1"))
        B\x00-1
    """
    return text.encode("utf-8", "backslashreplace").decode("utf-8").replace("\0", r"\x00")


def plain(cell: Cell, declared: Field) -> Any:
    """What the file keeps of a cell."""
    value = cell.value
    if isinstance(value, Nothing):
        return None if value is ABSENT else {_UNUSABLE: storable(str(cell.raw))}
    if isinstance(value, Interval) and declared.kind in ("date", "month", "year") and value.known:
        return text_of(value, declared)
    if isinstance(value, Interval):
        return str(cell.raw)
    return value


def restored(value: Any, declared: Field, units: Units) -> Cell:
    """The cell that `plain` and the file made a value of: True is 1 there, a text that cannot be read is bytes."""
    if value is None:
        return Cell(ABSENT)
    if isinstance(value, bytes):
        return Cell(UNUSABLE, value.decode("utf-8", "replace"))
    if declared.kind == "bool":
        return Cell(bool(value), bool(value)) if isinstance(value, int) else Cell(UNUSABLE, value)
    if declared.kind == "date":
        try:
            return Cell(date_value(dt.date.fromisoformat(value)), value)
        except (TypeError, ValueError):
            return Cell(UNUSABLE, value)
    if declared.kind in ("id", "text"):
        return Cell(str(value), value)
    found = read_cell(declared, value, units)
    return Cell(UNUSABLE, value) if isinstance(found, Fault) else found
