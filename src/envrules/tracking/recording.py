"""What is recorded: whether an event may be appended as it is given, and what it then says."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from envrules.diagnostics import CallError, Diagnostic, Problems, nearest
from envrules.records.cells import plain_value, read_cell
from envrules.records.types import RecordType
from envrules.records.values import Fault
from envrules.tracking.events import Event, plain
from envrules.tracking.kinds import CORRECTION, OPENED, WITHDRAWN, Kind, find_kind, kinds_of, steps_of
from envrules.tracking.lists import NewEvent
from envrules.units import Units


class Recording:
    """The events that tasks of a record type may have."""

    def __init__(self, record_type: RecordType, units: Units) -> None:
        self._type, self._units = record_type, units
        self.kinds = kinds_of(record_type)
        self.steps = steps_of(self.kinds)

    def kind(self, given: str) -> Kind:
        """The kind of a name or label.

        Raises:
            CallError: `unknown-event`.
        """
        found = find_kind(self.kinds, given)
        if found is None:
            what = f"{given!r} is no kind of event"
            hint = nearest(given, self.kinds)
            raise CallError([Diagnostic("unknown-event", "kind", what, ", ".join(self.kinds), hint=hint)])
        return found

    def read_fields(self, kind: Kind, fields: Mapping[str, Any]) -> dict[str, Any]:
        """What the file keeps of the fields that are given with an event.

        Raises:
            CallError: `event-fields`, and the codes of cells that cannot be read.
        """
        problems = Problems()
        own: dict[str, Any] = {}
        for name, raw in fields.items():
            declared = self._type.fields.get(name)
            if declared is None or name == "id":
                hint = nearest(name, self._type.fields)
                problems.error("event-fields", name, f"{name} is not a field that an event may state", hint=hint)
            elif name in self.steps:
                hint = f"record the event {self.steps[name]} on that day"
                problems.error("event-fields", name, f"{name} is the day of an event of its own", hint=hint)
            else:
                cell = read_cell(declared, raw, self._units)
                if isinstance(cell, Fault):
                    problems.error(cell.code, name, cell.reason)
                else:
                    own[name] = plain(cell, declared)
        for name in kind.needs:
            if name not in fields:
                problems.error("event-fields", name, f"{kind.name} does not say {name}", hint=f"give {name}")
        problems.raise_errors(CallError)
        return own

    def read_texts(self, task: str, note: str) -> tuple[str, str]:
        """The id of a task and a remark, as the file keeps them.

        Raises:
            CallError: `missing-id`, and `unusable-cell` for a text that no file can hold.
        """
        problems = Problems()
        for place, text in (("task", task), ("note", note)):
            if isinstance(fault := plain_value(text), Fault):
                problems.error(fault.code, place, fault.reason)
        if not task.strip():
            problems.error("missing-id", "task", "the task has no id under which it is followed")
        problems.raise_errors(CallError)
        return task.strip(), note

    def check(
        self,
        events: Sequence[Event],
        task: str,
        kind: Kind,
        day: dt.date | None,
        said: dict[str, Any],
        note: str,
        corrects: int | None,
    ) -> Event | NewEvent:
        """The event to append after those of the task; the one that is there already, where nothing would be new.

        Raises:
            CallError: `unknown-task` with no hint, `task-exists`, `event-corrected`, `date-value`.
        """
        is_open = any(e.counts and e.kind == OPENED for e in events)
        target = self._corrected(events, task, corrects, kind)
        new = self._new_event(task, kind, day, said, note, target)
        if target is None and not kind.repeats and (same := _same_event(events, new)) is not None:
            return replace(same, repeated=True)
        opens = new.kind == OPENED and (target is None or target.kind != OPENED)
        if opens and is_open:
            hint = "record what changed as another event"
            raise CallError([Diagnostic("task-exists", task, f"{task} was opened before", hint=hint)])
        return new

    def _corrected(self, events: Sequence[Event], task: str, corrects: int | None, kind: Kind) -> Event | None:
        if corrects is None:
            if kind.name in (CORRECTION, WITHDRAWN):
                what = f"{kind.name} does not say which event it concerns"
                raise CallError(
                    [Diagnostic("event-corrected", task, what, hint="give the event's id; see the timeline")]
                )
            return None
        found = next((e for e in events if e.id == corrects), None)
        if found is None:
            ids = ", ".join(str(e.id) for e in events if e.counts)
            raise CallError([Diagnostic("event-corrected", task, f"{task} has no event {corrects}", ids)])
        if found.corrected_by is not None:
            what = f"event {corrects} is corrected already"
            raise CallError([Diagnostic("event-corrected", task, what, hint=f"correct event {found.corrected_by}")])
        if found.kind == WITHDRAWN:
            what = f"event {corrects} only takes another back"
            raise CallError([Diagnostic("event-corrected", task, what, hint="record what happened as a new event")])
        return found

    def _new_event(
        self, task: str, kind: Kind, day: dt.date | None, said: dict[str, Any], note: str, target: Event | None
    ) -> NewEvent:
        fields = {**kind.states, **said}
        if kind.name == WITHDRAWN and target is not None:
            return NewEvent(task, WITHDRAWN, target.on, {}, note, target.id)
        if kind.name == CORRECTION and target is not None:
            kind = self.kinds.get(target.kind, Kind(target.kind))
            day = target.on if day is None else day
            fields = {**target.fields, **said}
        if day is None and kind.name != OPENED:
            raise CallError(
                [Diagnostic("date-value", "on", f"{kind.name} happened on a day", "a date such as 2020-12-31")]
            )
        if kind.step and day is not None:
            fields[kind.step] = day.isoformat()
        return NewEvent(task, kind.name, day, fields, note, None if target is None else target.id)


def _same_event(events: Sequence[Event], new: NewEvent) -> Event | None:
    """The event that says what the new one says, unless another of that day has said otherwise since."""
    wanted = (new.kind, new.on, dict(new.fields), new.note)
    of_day = [e for e in events if e.counts and e.on == new.on]
    for event in reversed(of_day):
        if (event.kind, event.on, dict(event.fields), event.note) == wanted:
            return event
        if event.fields.keys() & new.fields.keys():
            break
    return None
