"""A list of tasks to events: what a row says that the tracker does not know yet.

A new task is opened with what its row says, and each filled date becomes the event of its step. Of a known task only
what differs is added, so that a list that grows can be read again and again.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from envrules.diagnostics import CellPlace, Diagnostic, InputError, Problems
from envrules.interval import Interval
from envrules.records.dataset import Dataset
from envrules.records.types import RecordType
from envrules.records.values import ABSENT, Record
from envrules.tracking.events import Event, dump_fields, plain


@dataclass(frozen=True)
class NewEvent:
    """An event that is about to be appended."""

    task: str
    kind: str
    on: dt.date | None
    fields: Mapping[str, Any]
    note: str = ""
    corrects: int | None = None


@dataclass(frozen=True)
class ListRow:
    """What a row says of a task: its fields, and the dates of the steps that were done."""

    task: str
    fields: Mapping[str, Any]
    steps: Mapping[str, str]
    place: CellPlace


@dataclass(frozen=True)
class TaskList:
    """A list of tasks that was read: all that was in it, and what each row says of its task."""

    dataset: Dataset
    rows: Sequence[ListRow]


def rows_of(dataset: Dataset, record_type: RecordType, steps: Mapping[str, str]) -> list[ListRow]:
    """The rows of a list that was read; one that says the same of the same task twice counts once.

    Raises:
        InputError: `missing-id` for a row without an id, which no later list could be matched with, and `duplicate-id`
            for two that differ. All of them at once.
    """
    problems = Problems()
    found: dict[str, ListRow] = {}
    for record in dataset.records.get(record_type.name, ()):
        name = record.value("id")
        if not isinstance(name, str) or not name.strip():
            what = "the row has no id" if name is ABSENT else "the id cannot be read"
            hint = "give each task the id under which it is followed"
            problems.error("missing-id", record.place, f"{what}, so nothing could be added to it", hint=hint)
            continue
        row = _row(record, record_type, steps)
        first = found.setdefault(row.task, row)
        if (first.fields, first.steps) != (row.fields, row.steps):
            what = f"the id {row.task} is also that of row {first.place.row}, which says something else"
            problems.error("duplicate-id", record.place, what, hint="give each task its own id, or remove one row")
    problems.raise_errors(InputError)
    return list(found.values())


def _row(record: Record, record_type: RecordType, steps: Mapping[str, str]) -> ListRow:
    fields: dict[str, Any] = {}
    dates: dict[str, str] = {}
    for name, cell in record.cells.items():
        value = None if name == "id" else plain(cell, record_type.fields[name])
        if value is None:
            continue
        # A date that cannot be read happened on no day that is known, so it belongs to the row as a whole.
        if name in steps and isinstance(cell.value, Interval):
            dates[name] = value
        else:
            fields[name] = value
    return ListRow(record.id, fields, dates, record.place)


def content_hash(rows: Iterable[ListRow], on: dt.date | None) -> str:
    """The hash of what a list says, whatever its format, name and order; a list of another day is another list."""
    digest = hashlib.sha256(str(on).encode())
    for text in sorted(dump_fields({"id": row.task, **row.fields, **row.steps}) for row in rows):
        digest.update(text.encode("utf-8", "backslashreplace") + b"\n")
    return digest.hexdigest()


@dataclass(frozen=True)
class Known:
    """What is known of the tasks before a list is read.

    Args:
        numbers: of the tasks that are open, by name.
        columns: field -> task number -> value, as the file keeps it: on the day of the list, or of a step ever.
        events: the events of a task, by name and number.
    """

    numbers: Mapping[str, int]
    columns: Mapping[str, Mapping[int, Any]]
    events: Callable[[str, int], list[Event]]


@dataclass
class Said:
    """What a list says newly: events, doubts, and how many of its tasks are `opened`, `changed` and `unchanged`."""

    events: list[NewEvent] = field(default_factory=list)
    warnings: list[Diagnostic] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)


def said_by(
    rows: Iterable[ListRow],
    dataset: Dataset,
    steps: Mapping[str, str],
    days: tuple[dt.date | None, dt.date],
    known: Known,
) -> Said:
    """What the rows of a list say that is not known yet.

    Args:
        days: the day on which new tasks open (None: they count from the start), and from which changes hold.
    """
    said = Said()
    for row in rows:
        number = known.numbers.get(row.task)
        if number is None:
            said.counts["opened"] += 1
            said.events += _opening(row, steps, days[0])
            continue
        values = {f: column.get(number) for f, column in known.columns.items()}
        events = partial(known.events, row.task, number)
        new = list(_changes(row, steps, days[1], values, events))
        said.counts["changed" if new else "unchanged"] += 1
        said.events += new
        said.warnings += _emptied(row, dataset, steps, values)
    return said


def _opening(row: ListRow, steps: Mapping[str, str], on: dt.date | None) -> Iterator[NewEvent]:
    """The events of a row whose task is new."""
    yield NewEvent(row.task, "opened", on, row.fields, str(row.place))
    for name, day in row.steps.items():
        yield NewEvent(row.task, steps[name], dt.date.fromisoformat(day), {name: day}, str(row.place))


def _changes(
    row: ListRow,
    steps: Mapping[str, str],
    on: dt.date,
    known: Mapping[str, Any],
    events: Callable[[], list[Event]],
) -> Iterator[NewEvent]:
    """The events of a row whose task is known.

    Args:
        on: the day of the list, from which what it says newly of a field holds.
        known: the stored value of each field on that day, or of a step ever; events: those of the task.
    """
    for name, day in row.steps.items():
        if known[name] != day:
            yield from _step(row, name, steps[name], day, events())
    stated = {n: v for n, v in row.fields.items() if not _same(v, known[n])}
    if stated:
        kind = "due_changed" if "due_on" in stated else "reviewed"
        yield NewEvent(row.task, kind, on, stated, str(row.place))


def _step(row: ListRow, name: str, kind: str, day: str, events: list[Event]) -> Iterator[NewEvent]:
    done = [e for e in events if e.counts and e.kind == kind]
    if any(e.fields.get(name) == day for e in done):
        return
    last = done[-1] if done else None
    # A date that was written differently is a correction, unless the step was found wanting since and done anew.
    redone = last is not None and any(e.counts and e.id > last.id and e.kind == "target_missed" for e in events)
    corrects = None if last is None or redone else last.id
    yield NewEvent(row.task, kind, dt.date.fromisoformat(day), {name: day}, str(row.place), corrects)


def _same(said: Any, stored: Any) -> bool:
    if isinstance(said, dict):
        return isinstance(stored, bytes) and stored.decode("utf-8", "replace") == said.get("unusable")
    return type(stored) is not bytes and bool(said == stored)


def _emptied(
    row: ListRow, dataset: Dataset, steps: Mapping[str, str], known: Mapping[str, Any]
) -> Iterator[Diagnostic]:
    """A warning for each cell that is empty where the tracker knows something: an empty cell takes nothing back."""
    there = {f for a in dataset.accounts if a.source == row.place.source for f in a.columns_used.values()}
    for name in sorted(there - row.fields.keys() - row.steps.keys() - {"id"}):
        if known[name] is not None:
            place = CellPlace(row.place.source, row.place.sheet, row.place.row, name)
            what = f"the cell is empty, but {row.task} has {_shown(known[name])}; nothing was taken back"
            kind = steps.get(name)
            hint = f"withdraw the event {kind} if it is wrong" if kind else "record what is so now"
            yield Diagnostic("emptied-cell", place, what, hint=hint, level="warning")


def _shown(value: Any) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
