"""Remediation tasks followed over time: what was known of them on any day, and what the pack's rules make of it."""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain
from os import PathLike
from pathlib import Path
from types import TracebackType
from typing import Any, Final

from envrules import api
from envrules.diagnostics import CallError, Diagnostic, Problems, nearest
from envrules.pack.pack import Pack, Rule
from envrules.records.cells import read_cell
from envrules.records.read import read_inputs
from envrules.records.types import RecordType
from envrules.records.values import Fault, Record
from envrules.result import Result
from envrules.tracking.answers import Alert, BoardRow, Due, Imported
from envrules.tracking.events import Event, day_number, day_of, dump_fields, plain, restored
from envrules.tracking.judging import Case, Judge, Judged, levelled_rules, levels
from envrules.tracking.kinds import CORRECTION, OPENED, WITHDRAWN, Kind, find_kind, kinds_of, steps_of
from envrules.tracking.lists import NewEvent, changes, content_hash, emptied, opening, rows_of
from envrules.tracking.store import Store

RECORD_TYPE: Final = "task"
#: Later than every day that may be recorded.
_END: Final = 99991231
_UNIT, _DUE, _COMPLETED = "unit", "due_on", "completed_on"

Day = dt.date | str


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
        if RECORD_TYPE not in self.pack.records:
            what = f"{self.pack.name} has no record type {RECORD_TYPE}, so it says nothing of tasks"
            raise CallError([Diagnostic("unknown-record", RECORD_TYPE, what)])
        self.kinds = kinds_of(self._type)
        self._steps = steps_of(self.kinds)
        self._clock = clock or (lambda: dt.datetime.now().astimezone())
        self._store = Store(path, create=create, read_only=read_only, timeout=timeout)

    @property
    def path(self) -> str:
        """The file."""
        return self._store.path

    @property
    def _type(self) -> RecordType:
        return self.pack.records[RECORD_TYPE]

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
        found = self._kind(kind)
        day = None if on is None else api.evaluation_date(on)
        task = task.strip()
        said = self._read_fields(found, fields)
        with self._store.writing():
            number = self._store.task_number(task)
            events = [] if number is None else self._events(task, number)
            is_open = any(e.counts and e.kind == OPENED for e in events)
            target = self._corrected(events, task, corrects, found)
            new = self._new_event(task, found, day, said, note, target)
            if target is None:
                if found.name != OPENED and not is_open:
                    self._refuse_task(task)
                if not found.remark and (same := _same_event(events, new)) is not None:
                    return same
                if found.name == OPENED and is_open:
                    what = f"{task} was opened before"
                    raise CallError(
                        [Diagnostic("task-exists", task, what, hint="record what changed as another event")]
                    )
            elif new.kind == OPENED and target.kind != OPENED and is_open:
                raise CallError([Diagnostic("task-exists", task, f"{task} was opened before")])
            self._append([new])
            last = self._store.last_event()
            known = self._store.task_number(task)
            assert known is not None
            return next(e for e in self._events(task, known) if e.id == last)

    def _kind(self, given: str) -> Kind:
        found = find_kind(self.kinds, given)
        if found is None:
            what = f"{given!r} is no kind of event"
            hint = nearest(given, self.kinds)
            raise CallError([Diagnostic("unknown-event", "kind", what, ", ".join(self.kinds), hint=hint)])
        return found

    def _read_fields(self, kind: Kind, fields: Mapping[str, Any]) -> dict[str, Any]:
        problems = Problems()
        own: dict[str, Any] = {}
        for name, raw in fields.items():
            declared = self._type.fields.get(name)
            if declared is None or name == "id":
                hint = nearest(name, self._type.fields)
                problems.error("event-fields", name, f"{name} is not a field that an event may state", hint=hint)
            elif name in self._steps:
                hint = f"record the event {self._steps[name]} on that day"
                problems.error("event-fields", name, f"{name} is the day of an event of its own", hint=hint)
            else:
                cell = read_cell(declared, raw, self.pack.units)
                if isinstance(cell, Fault):
                    problems.error(cell.code, name, cell.reason)
                else:
                    own[name] = plain(cell, declared)
        for name in kind.needs:
            if name not in fields:
                problems.error("event-fields", name, f"{kind.name} does not say {name}", hint=f"give {name}")
        problems.raise_errors(CallError)
        return own

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

    def import_tasks(self, source: Any, *, on: Day | None = None, mapping: Any = None) -> Imported:
        """Read a list of tasks: new tasks are opened, known ones get events for what the list says newly.

        A list of the same content (and day) is read once only. All of it is recorded, or nothing.

        Args:
            source: what `check` takes for the record type `task`.
            on: the day that the list is of. Without one, new tasks count from the start, and what differs for known
                ones from today on.
            mapping: as in `check`.

        Raises:
            InputError: with everything that makes the list unusable.
        """
        day = None if on is None else api.evaluation_date(on)
        dataset = read_inputs({RECORD_TYPE: source}, self.pack.records, self.pack.units, mapping)
        rows = rows_of(dataset, self._type, self._steps)
        sha256 = content_hash(rows, day)
        # Ids that occur twice were looked at above.
        problems = [p for p in dataset.problems if p.code != "duplicate-id"]
        warnings = list(dataset.warnings)
        events: list[NewEvent] = []
        seen: Counter[str] = Counter()
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
            numbers = {name: number for number, name in self._store.names().items()}
            is_open = self._store.latest("", _END, _END)
            for row in rows:
                number = numbers.get(row.task)
                if number is None or number not in is_open:
                    seen["opened"] += 1
                    events += opening(row, self._steps, day)
                    continue
                known = _Known(latest, number)
                added = list(changes(row, self._steps, today, known, lambda t=row.task, n=number: self._events(t, n)))  # type: ignore[misc]
                warnings += emptied(row, dataset, self._steps, known)
                seen["changed" if added else "unchanged"] += 1
                events += added
            self._append(events)
            name = next((a.source for a in dataset.accounts), "")
            self._store.add_list(sha256, name, day_number(now.date()), now.astimezone(dt.timezone.utc).isoformat())
        return Imported(seen["opened"], seen["changed"], seen["unchanged"], len(events), None, problems, warnings)

    # --- what is known ------------------------------------------------------------------------------------------------

    def _events(self, task: str, number: int, known_on: int = _END) -> list[Event]:
        found = []
        for id_, kind, valid, recorded, moment, fields, note, corrects, by, by_recorded in self._store.events(number):
            day = day_of(recorded)
            if recorded > known_on or day is None:
                continue
            by = by if by is not None and by_recorded <= known_on else None
            found.append(Event(id_, task, kind, day_of(valid), day, moment, json.loads(fields), note, corrects, by))
        return found

    def _number(self, task: str) -> int:
        number = self._store.task_number(task.strip())
        if number is None:
            self._refuse_task(task)
        assert number is not None
        return number

    def _refuse_task(self, task: str) -> None:
        names = list(self._store.names().values())[:100_000]
        hint = nearest(task, names) or "open it first"
        raise CallError([Diagnostic("unknown-task", task or "task", f"no task {task!r} is open here", hint=hint)])

    def _days(self, as_of: Day | None, known_on: Day | None) -> tuple[dt.date, int, int]:
        day = self._clock().date() if as_of is None else api.evaluation_date(as_of)
        return day, day_number(day), _END if known_on is None else day_number(api.evaluation_date(known_on))

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
            self._refuse_task(task)
        return found[0]

    def states(self, as_of: Day | None = None, known_on: Day | None = None) -> list[Record]:
        """What every open task was on a day: records of the pack's type `task`."""
        _, valid, known = self._days(as_of, known_on)
        with self._store.reading():
            return self._records(valid, known)

    def _records(self, as_of: int, known_on: int, only: int | None = None) -> list[Record]:
        names = self._store.names()
        found: dict[int, dict[str, Any]] = {n: {} for n in self._store.latest("", as_of, known_on, only)}
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

    def _rules(self) -> list[Rule]:
        found = levelled_rules(self.pack, RECORD_TYPE)
        if not found:
            what = f"no rule of {self.pack.name} gives a task a level"
            raise CallError([Diagnostic("unknown-rule", RECORD_TYPE, what, hint="a rule with an output is needed")])
        return found

    def _columns(self, fields: Iterable[str], as_of: int, known_on: int) -> tuple[list[int], dict[str, dict[int, Any]]]:
        tasks = list(self._store.latest("", as_of, known_on))
        return tasks, {f: self._store.latest(f, as_of, known_on) for f in dict.fromkeys(fields)}

    def alerts(
        self, as_of: Day | None = None, known_on: Day | None = None, *, undecided: bool = False, open_only: bool = False
    ) -> list[Alert]:
        """The tasks to which a rule of the pack gives an alert, the worst first.

        Args:
            undecided: also those of which it cannot be said, with the fields that would decide.
            open_only: leave out those that have a day of completion.
        """
        day, valid, known = self._days(as_of, known_on)
        judges = [Judge(self.pack, rule, day) for rule in self._rules()]
        wanted = ("violation", "indeterminate") if undecided else ("violation",)
        fields = list(chain(*(j.fields for j in judges), (_UNIT, _DUE, _COMPLETED)))
        with self._store.reading():
            tasks, columns = self._columns(fields, valid, known)
            names = self._store.names()
        done = columns[_COMPLETED]
        tasks = [t for t in tasks if done.get(t) is None] if open_only else tasks
        found: list[tuple[tuple[Any, ...], Alert]] = []
        for judge in judges:
            cases = _cases(judge, tasks, columns)
            judged = judge.judge_all(cases)
            told: dict[Case, tuple[float | int | None, tuple[str, ...]]] = {}
            for task, case in zip(tasks, cases, strict=True):
                one = judged[case]
                if one.outcome not in wanted:
                    continue
                if case not in told:
                    missing = judge.verdict(case).missing if one.outcome == "indeterminate" else ()
                    told[case] = judge.days(case), missing
                alert = self._alert(judge, names[task], columns, task, one, *told[case])
                found.append((_worst_first(judge.rule, alert), alert))
        return [alert for _, alert in sorted(found, key=lambda pair: pair[0])]

    def _alert(
        self,
        judge: Judge,
        name: str,
        columns: Mapping[str, Mapping[int, Any]],
        task: int,
        judged: Judged,
        days: float | int | None,
        missing: tuple[str, ...],
    ) -> Alert:
        return Alert(
            name,
            _text(columns[_UNIT].get(task)),
            str(judged.value),
            days,
            _date(columns[_DUE].get(task)),
            _date(columns[_COMPLETED].get(task)),
            judged.outcome,
            judge.rule.id,
            judge.rule.clause,
            missing,
        )

    def due(self, within: int = 30, as_of: Day | None = None, known_on: Day | None = None) -> list[Due]:
        """The tasks that are not overdue by the pack's rule, and will be after so many days if nothing happens.

        Raises:
            CallError: `call-value` for a number of days below 0, or one that leads beyond the calendar.
        """
        day, valid, known = self._days(as_of, known_on)
        try:
            later = day + dt.timedelta(days=within + 1)
            if within < 0:
                raise OverflowError
        except OverflowError:
            what = f"{within} is no number of days to look ahead"
            raise CallError([Diagnostic("call-value", "within", what, "a whole number such as 30")]) from None
        found: list[Due] = []
        rules = self._rules()
        pairs = [(Judge(self.pack, rule, day), Judge(self.pack, rule, later)) for rule in rules]
        with self._store.reading():
            tasks, columns = self._columns(chain(*(j.fields for j, _ in pairs), (_UNIT, _DUE)), valid, known)
            names = self._store.names()
        for now, then in pairs:
            told: dict[Case, bool] = {}
            for task, case in zip(tasks, cases := _cases(now, tasks, columns), strict=True):
                if case not in told:
                    ends = now.most_days(case), then.most_days(case)
                    told[case] = ends[0] is not None and ends[1] is not None and ends[0] <= 0 < ends[1]
                if told[case]:
                    due = _date(columns[_DUE].get(task))
                    left = None if due is None else (due - day).days
                    unit = _text(columns[_UNIT].get(task))
                    found.append(Due(names[task], unit, due, left, now.rule.id, now.rule.clause))
            del cases
        return sorted(found, key=lambda d: (d.due_on or dt.date.max, d.task))

    def board(self, as_of: Day | None = None, known_on: Day | None = None) -> list[BoardRow]:
        """The number of tasks at each level, by unit; a task without one stands under an empty name."""
        day, valid, known = self._days(as_of, known_on)
        rule = self._rules()[0]
        judge = Judge(self.pack, rule, day)
        with self._store.reading():
            tasks, columns = self._columns((*judge.fields, _UNIT), valid, known)
        cases = _cases(judge, tasks, columns)
        judged = judge.judge_all(cases)
        counts: dict[str, Counter[str]] = {}
        for task, case in zip(tasks, cases, strict=True):
            value = judged[case].value
            unit = _text(columns[_UNIT].get(task))
            counts.setdefault(unit, Counter())[value if value in levels(rule) else ""] += 1
        return [
            BoardRow(unit, sum(found.values()), {name: found[name] for name in levels(rule)}, found[""])
            for unit, found in sorted(counts.items())
        ]


class _Known:
    """The values of one task, asked field by field."""

    def __init__(self, columns: Mapping[str, Mapping[int, Any]], task: int) -> None:
        self._columns, self._task = columns, task

    def __call__(self, field: str) -> Any:
        return self._columns[field].get(self._task)


def _cases(judge: Judge, tasks: Sequence[int], columns: Mapping[str, Mapping[int, Any]]) -> list[Case]:
    return (
        list(zip(*(map(columns[f].get, tasks) for f in judge.fields), strict=True))
        if judge.fields
        else [()] * len(tasks)
    )


def _same_event(events: Sequence[Event], new: NewEvent) -> Event | None:
    wanted = (new.kind, new.on, dict(new.fields), new.note)
    return next((e for e in events if e.counts and (e.kind, e.on, dict(e.fields), e.note) == wanted), None)


def _worst_first(rule: Rule, alert: Alert) -> tuple[Any, ...]:
    names = levels(rule)
    ranks = [names.index(part) for part in alert.level.split("..") if part in names]
    days = -float("inf") if alert.days_overdue is None else alert.days_overdue
    return (alert.outcome != "violation", -max(ranks, default=-1), -min(ranks, default=-1), -days, alert.task)


def _text(value: Any) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else "" if value is None else str(value)


def _date(value: Any) -> dt.date | None:
    try:
        return dt.date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
