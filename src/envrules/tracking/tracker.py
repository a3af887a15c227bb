"""Remediation tasks followed over time: what was known of them on any day, and what the pack's rules make of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from os import PathLike
from pathlib import Path
from types import TracebackType
from typing import Any, Final

from envrules import api
from envrules.diagnostics import CallError, Diagnostic, nearest
from envrules.pack.pack import Pack
from envrules.records.read import read_inputs
from envrules.records.types import RecordType
from envrules.records.values import Record
from envrules.result import Result
from envrules.tracking.answers import Alerts, BoardRow, Due, Imported
from envrules.tracking.events import Event, day_number, day_of, dump_fields, event_of, restored
from envrules.tracking.judging import levelled_rules, levels
from envrules.tracking.kinds import OPENED, Kind, kinds_of, steps_of
from envrules.tracking.lists import Known, NewEvent, TaskList, content_hash, rows_of, said_by
from envrules.tracking.outlook import RECORD_TYPE, Outlook
from envrules.tracking.recording import Recording
from envrules.tracking.store import Store

#: Later than every day that may be recorded.
_END: Final = 99991231

Day = dt.date | str


def local_time() -> dt.datetime:
    """What time it is, by the clock of the machine and the place."""
    return dt.datetime.now().astimezone()


def task_type(pack: Pack) -> RecordType:
    """The record type of a pack that its tasks have.

    Raises:
        CallError: `unknown-record` where it has none.
    """
    found = pack.records.get(RECORD_TYPE)
    if found is None:
        what = f"{pack.name} has no record type {RECORD_TYPE}, so it says nothing of tasks"
        raise CallError([Diagnostic("unknown-record", RECORD_TYPE, what)])
    return found


class Tracker:
    """The tasks of one file, judged by a pack.

    Events are appended and never changed. What a task is on a day follows from the events that had happened by then
    (`as_of`), as far as they were recorded by another day (`known_on`; everything known, where it is not given).

    Args:
        path: the file; it is made where there is none, unless `create` is false.
        pack: a loaded pack, or what `load_pack` takes; its record type `task` says what can be recorded.
        read_only: never write, also where it could be done.
        clock: what time it is, for what is recorded; the clock of the machine otherwise.
        timeout: how many seconds to wait while another process writes.

    Raises:
        InputError: `file-not-found`, `tracker-file`, `tracker-version`.
        CallError: `tracker-not-writable`, `tracker-busy`, `unknown-record`.

    Examples:
        >>> import tempfile
        >>> from pathlib import Path
        >>> with tempfile.TemporaryDirectory() as folder, Tracker(Path(folder) / "tasks.sqlite") as tracker:
        ...     opened = tracker.open("T1", on="2018-04-01", unit="市水务局", due_on="2018-06-30")
        ...     no = {"complaints_concentrated": "否", "outstanding_problems": "否"}
        ...     said = tracker.record("T1", "reviewed", "2018-06-30", **no)
        ...     [(a.task, a.level, a.days_overdue, a.clause) for a in tracker.alerts("2018-07-12")]
        [('T1', 'orange', 12, '五(三)')]
    """

    def __init__(
        self,
        path: str | PathLike[str],
        pack: Pack | str | Path = "jiuquan-2018",
        *,
        create: bool = True,
        read_only: bool = False,
        clock: Callable[[], dt.datetime] | None = None,
        timeout: float = 30.0,
    ) -> None:
        self.pack = api.load_pack(pack) if isinstance(pack, str | Path) else pack
        self._type = task_type(self.pack)
        self._recording = Recording(self._type, self.pack.units)
        self._steps = self._recording.steps
        self._clock = clock or local_time
        self._day: dt.date | None = None
        self._store = Store(path, create=create, read_only=read_only, timeout=timeout)

    @property
    def path(self) -> str:
        """The file."""
        return self._store.path

    @property
    def made(self) -> bool:
        """Whether there was no such file before."""
        return self._store.made

    @property
    def level_names(self) -> tuple[str, ...]:
        """The words of the levels that the pack's rules give tasks, lowest first."""
        return tuple(dict.fromkeys(name for r in levelled_rules(self.pack, RECORD_TYPE) for name in levels(r)))

    @property
    def kinds(self) -> Mapping[str, Kind]:
        """The kinds of events that can be recorded, by name."""
        return self._recording.kinds

    def close(self) -> None:
        """Close the file. Leaving a `with` block does it too."""
        self._store.close()

    def __enter__(self) -> Tracker:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Tracker({self.path!r}, {self.pack.name})"

    # --- recording ----------------------------------------------------------------------------------------------------

    def open(self, task: str, *, on: Day | None = None, note: str = "", **fields: Any) -> Event:
        """Open a task; without a day it counts from the start.

        Raises:
            CallError: `task-exists`, and what `record` raises.
        """
        return self.record(task, OPENED, on, note=note, **fields)

    def record(
        self,
        task: str,
        kind: str,
        on: Day | None = None,
        *,
        note: str = "",
        corrects: int | None = None,
        **fields: Any,
    ) -> Event:
        """Record that something happened to a task. When this returns, it is on the disk for good.

        The same event recorded twice is one event, remarks and complaints aside.

        Args:
            kind: one of `kinds`, or its label; `correction` puts another day or other fields in the place of those of
                the event that it corrects, `withdrawn` puts nothing there.
            on: the day on which it happened.
            corrects: the id of the event in whose place this one stands from now on.
            fields: what it says of the task beside what its kind says, as a cell would hold it.

        Raises:
            CallError: `unknown-task`, `task-exists`, `unknown-event`, `event-fields`, `event-corrected`, `date-value`,
                and the codes of cells that cannot be read. Nothing is recorded then.
        """
        return self.record_fields(task, kind, on, fields, note=note, corrects=corrects)

    def record_fields(
        self,
        task: str,
        kind: str,
        on: Day | None,
        fields: Mapping[str, Any],
        *,
        note: str = "",
        corrects: int | None = None,
    ) -> Event:
        """As `record`, with the fields in a mapping."""
        found = self._recording.kind(kind)
        day = None if on is None else day_named(on, "on")
        task, note = self._recording.read_texts(task, note)
        said = self._recording.read_fields(found, fields)
        with self._store.writing():
            number = self._store.task_number(task)
            events = [] if number is None else self._events(task, number)
            if found.name != OPENED and corrects is None and not any(e.counts and e.kind == OPENED for e in events):
                raise self._no_task(task)
            new = self._recording.check(events, task, found, day, said, note, corrects)
            if isinstance(new, Event):
                return new
            self._append([new])
            return self._events(task, self._store.add_task(task))[-1]

    def _append(self, events: Iterable[NewEvent]) -> None:
        now = self._clock()
        recorded = day_number(now.date())
        moment = now.astimezone(dt.timezone.utc).isoformat(timespec="microseconds")
        self._store.add_events(
            (
                self._store.add_task(e.task),
                e.kind,
                day_number(e.on),
                recorded,
                moment,
                dump_fields(e.fields),
                e.note,
                e.corrects,
            )
            for e in events
        )

    @staticmethod
    def read_list(pack: Pack, source: Any, mapping: Any = None) -> TaskList:
        """A list of tasks as `import_tasks` takes it, read without a tracker: one that is unusable then makes no file.

        Raises:
            InputError: with everything that makes the list unusable.
        """
        record = task_type(pack)
        dataset = read_inputs({RECORD_TYPE: source}, pack.records, pack.units, mapping)
        return TaskList(dataset, rows_of(dataset, record, steps_of(kinds_of(record))))

    def import_tasks(self, source: Any, *, on: Day | None = None, mapping: Any = None) -> Imported:
        """Read a list of tasks: new tasks are opened, known ones get events for what the list says newly.

        A list of the same content (and day) is read once only. All of it is recorded, or nothing.

        Args:
            source: what `check` takes for the record type `task`, or what `read_list` gave.
            on: the day that the list is of. Without one, new tasks count from the start, and what differs for known
                ones from today on.
            mapping: as in `check`.

        Raises:
            InputError: with everything that makes the list unusable.
        """
        day = None if on is None else day_named(on, "on")
        found = source if isinstance(source, TaskList) else self.read_list(self.pack, source, mapping)
        dataset, rows = found.dataset, found.rows
        sha256 = content_hash(rows, day)
        # Ids that occur twice were looked at above.
        problems = [p for p in dataset.problems if p.code != "duplicate-id"]
        warnings = list(dataset.warnings)
        now = self._clock()
        with self._store.writing():
            before = self._store.list_known(sha256)
            if before is not None:
                return Imported(unchanged=len(rows), read_before=day_of(before), problems=problems, warnings=warnings)
            today = day or now.date()
            latest = {
                f: self._store.latest(f, _END if f in self._steps else day_number(today), _END)
                for f in self._type.fields
            }
            is_open = self._store.latest("", _END, _END)
            numbers = {name: number for number, name in self._store.names().items() if number in is_open}
            said = said_by(rows, dataset, self._steps, (day, today), Known(numbers, latest, self._events))
            self._append(said.events)
            name = next((a.source for a in dataset.accounts), "")
            self._store.add_list(sha256, name, day_number(now.date()), now.astimezone(dt.timezone.utc).isoformat())
        counts = said.counts
        return Imported(
            counts["opened"],
            counts["changed"],
            counts["unchanged"],
            len(said.events),
            None,
            problems,
            [*warnings, *said.warnings],
        )

    # --- what is known ------------------------------------------------------------------------------------------------

    def _events(self, task: str, number: int, known_on: int = _END) -> list[Event]:
        try:
            return [event_of(task, row, known_on) for row in self._store.events(number) if row[3] <= known_on]
        except (ValueError, TypeError) as error:
            raise self._store.damaged(f"an event of {task} cannot be read: {error}") from None

    def _number(self, task: str) -> int:
        number = self._store.task_number(task.strip())
        if number is None:
            raise self._no_task(task)
        return number

    def _no_task(self, task: str) -> CallError:
        hint = nearest(task, list(self._store.names().values())[:100_000]) or "open it first"
        return CallError([Diagnostic("unknown-task", task or "task", f"no task {task!r} is open here", hint=hint)])

    def today(self) -> dt.date:
        """The day by the tracker's clock."""
        return self._clock().date()

    def day(self, as_of: Day | None = None) -> dt.date:
        """The evaluation date that was meant: where none was given, the one that was advanced to, or today."""
        return self._day or self.today() if as_of is None else day_named(as_of, "as_of")

    def advance(self, to: Day) -> Alerts:
        """The alerts that are new, or of another level, since the day that was asked of before.

        From here on `to` is the day that is asked of where none is given; what is recorded keeps the day of the clock.
        It may lie before.
        """
        before = {(a.task, a.rule): a.level for a in self.alerts()}
        self._day = day_named(to, "to")
        now = self.alerts()
        return Alerts((a for a in now if before.get((a.task, a.rule)) != a.level), now.undecided)

    def known_on(self, known_on: Day | None = None) -> dt.date | None:
        """The day by whose knowledge is asked; None where all that is known counts."""
        return None if known_on is None else day_named(known_on, "known_on")

    def _days(self, as_of: Day | None, known_on: Day | None) -> tuple[dt.date, int, int]:
        day = self.day(as_of)
        return day, day_number(day), day_number(self.known_on(known_on)) or _END

    def timeline(self, task: str, as_of: Day | None = None, known_on: Day | None = None) -> list[Event]:
        """The events of a task in the order of their days, with those that were corrected since.

        Args:
            as_of: only those that had happened by then; all of them otherwise.

        Raises:
            CallError: `unknown-task`.
        """
        _, valid, known = self._days(as_of, known_on)
        with self._store.reading():
            events = self._events(task.strip(), self._number(task), known)
        if as_of is not None:
            events = [e for e in events if day_number(e.on) <= valid]
        return sorted(events, key=lambda e: (day_number(e.on), e.id))

    def state(self, task: str, as_of: Day | None = None, known_on: Day | None = None) -> Record:
        """What a task was on a day, as far as it was known on another: a record of the pack's type `task`.

        Raises:
            CallError: `unknown-task`, also where it was not open yet, or that was not known.
        """
        _, valid, known = self._days(as_of, known_on)
        with self._store.reading():
            number = self._number(task)
            found = self._records(valid, known, number)
        if not found:
            raise self._no_task(task)
        return found[0]

    def states(self, as_of: Day | None = None, known_on: Day | None = None) -> list[Record]:
        """What every open task was on a day: records of the pack's type `task`."""
        _, valid, known = self._days(as_of, known_on)
        with self._store.reading():
            return self._records(valid, known)

    def _records(self, as_of: int, known_on: int, only: int | None = None) -> list[Record]:
        names = self._store.names()
        found: dict[int, dict[str, Any]] = {n: {} for n in sorted(self._store.latest("", as_of, known_on, only))}
        for name, declared in self._type.fields.items():
            for number, value in self._store.latest(name, as_of, known_on, only).items():
                if number in found and value is not None:
                    found[number][name] = restored(value, declared, self.pack.units)
        identity = self._type.fields["id"]
        return [
            Record(RECORD_TYPE, names[n], {"id": restored(names[n], identity, self.pack.units), **cells})
            for n, cells in found.items()
        ]

    def check(self, as_of: Day | None = None, known_on: Day | None = None, **options: Any) -> Result:
        """The outcomes of all the pack's rules on the tasks, as `envrules.check` gives them and with its options."""
        day = self._days(as_of, known_on)[0]
        rows = [{n: c.raw for n, c in r.cells.items()} for r in self.states(day, known_on)]
        return api.check(self.pack, {RECORD_TYPE: rows or [dict.fromkeys(self._type.fields)]}, as_of=day, **options)

    # --- what the pack makes of it ------------------------------------------------------------------------------------

    def _outlook(self, as_of: Day | None, known_on: Day | None) -> Outlook:
        day, _, known = self._days(as_of, known_on)
        return Outlook(self.pack, self._store, day, known)

    def alerts(
        self, as_of: Day | None = None, known_on: Day | None = None, *, undecided: bool = False, open_only: bool = False
    ) -> Alerts:
        """The tasks to which a rule of the pack gives an alert, the worst first.

        Args:
            undecided: also those of which it cannot be said, with the fields that would decide.
            open_only: leave out those that are completed: the days overdue by the rule do not run any more.
        """
        return self._outlook(as_of, known_on).alerts(undecided, open_only)

    def due(self, within: int = 30, as_of: Day | None = None, known_on: Day | None = None) -> list[Due]:
        """The tasks that are not overdue by the pack's rule, and will be after so many days if nothing happens.

        Raises:
            CallError: `call-value` for a number of days below 0, or one that leads beyond the calendar.
        """
        return self._outlook(as_of, known_on).due(within)

    def board(self, as_of: Day | None = None, known_on: Day | None = None) -> list[BoardRow]:
        """The number of tasks at each level, by rule and unit; a task without one stands under an empty name."""
        return self._outlook(as_of, known_on).board()

    def levels(self, task: str, as_of: Day | None = None, known_on: Day | None = None) -> dict[str, str]:
        """The level that each rule of the pack gives a task, by rule; empty where the task was not open.

        Raises:
            CallError: `unknown-task`.
        """
        return self._outlook(as_of, known_on).levels(self._number(task))


def day_named(given: Day, place: str) -> dt.date:
    """The day that was meant.

    Raises:
        CallError: `date-value`, with the name of the argument that it was given as.
    """
    try:
        return api.evaluation_date(given)
    except CallError as error:
        raise CallError([replace(d, where=place) for d in error.diagnostics]) from None
