"""What a pack's rules make of the tasks of a tracker on a day: alerts, what comes due, counts by unit."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import chain
from math import inf
from operator import itemgetter
from typing import Any, Final

from envrules.diagnostics import CallError, Diagnostic
from envrules.pack.pack import Pack, Rule
from envrules.tracking.alike import Case, Columns
from envrules.tracking.answers import Alert, Alerts, BoardRow, Due
from envrules.tracking.events import day_number
from envrules.tracking.judging import Judge, Judged, levelled_rules, levels
from envrules.tracking.store import Store

RECORD_TYPE: Final = "task"
_UNIT, _DUE, _COMPLETED = "unit", "due_on", "completed_on"


class Outlook:
    """The tasks of a file as they were on a day, by what was known on another, before the rules of a pack.

    Args:
        known_on: as the file keeps days.
    """

    def __init__(self, pack: Pack, store: Store, as_of: dt.date, known_on: int) -> None:
        self._pack, self._store, self._day = pack, store, as_of
        self._valid, self._known = day_number(as_of), known_on

    def _rules(self) -> list[Rule]:
        found = levelled_rules(self._pack, RECORD_TYPE)
        if not found:
            what = f"no rule of {self._pack.name} gives a task a level"
            raise CallError([Diagnostic("unknown-rule", RECORD_TYPE, what, hint="a rule with an output is needed")])
        return found

    def _read(self, fields: Iterable[str]) -> tuple[list[int], dict[str, list[Any]]]:
        """The numbers of the open tasks, and a column of values for each field, as the file keeps them."""
        tasks = list(self._store.latest("", self._valid, self._known))
        found = {f: self._store.latest(f, self._valid, self._known) for f in dict.fromkeys(fields)}
        return tasks, {f: list(map(values.get, tasks)) for f, values in found.items()}

    def alerts(self, undecided: bool, open_only: bool) -> Alerts:
        """The tasks to which a rule of the pack gives an alert, the worst first.

        Args:
            undecided: also those of which it cannot be said, with the fields that would decide.
            open_only: leave out those whose days overdue do not run any more; by a rule that counts none, those that
                have a day of completion.
        """
        judges = [Judge(self._pack, rule, self._day) for rule in self._rules()]
        # Any other day tells whether days run on; the calendar ends with one.
        other = self._day + dt.timedelta(1 if self._day < dt.date.max else -1)
        with self._store.reading():
            tasks, columns = self._read(chain(*(j.fields for j in judges), (_UNIT, _DUE, _COMPLETED)))
            names = self._store.names()
        found: list[tuple[tuple[Any, ...], Alert]] = []
        left: set[int] = set()
        for judge in judges:
            worst = _Worst(levels(judge.rule))
            own = [columns[f] for f in judge.fields]
            shown = columns[_UNIT], columns[_DUE], columns[_COMPLETED]
            later = Judge(self._pack, judge.rule, other) if open_only else None
            for n, one in enumerate(judge.judge_all(columns, len(tasks))):
                if one.outcome not in ("violation", "indeterminate"):
                    continue
                case = tuple([column[n] for column in own])
                if later is not None and not _is_open(judge, later, case, columns[_COMPLETED][n]):
                    continue
                if one.outcome == "indeterminate":
                    left.add(n)
                if one.outcome == "violation" or undecided:
                    alert = _alert(judge, names[tasks[n]], case, one, [column[n] for column in shown])
                    found.append((worst.key(alert), alert))
        found.sort(key=itemgetter(0))
        return Alerts((alert for _, alert in found), len(left))

    def due(self, within: int) -> list[Due]:
        """The tasks that are not overdue by the pack's rule, and will be after so many days if nothing happens.

        A rule that derives `days_overdue` counts the days itself; by another, a task comes due that has no alert now,
        and one then.

        Raises:
            CallError: `call-value` for a number of days below 0, or one that leads beyond the calendar.
        """
        try:
            later = self._day + dt.timedelta(days=within + 1)
            if within < 0:
                raise OverflowError
        except OverflowError:
            what = f"{within} is no number of days to look ahead"
            raise CallError([Diagnostic("call-value", "within", what, "a whole number such as 30")]) from None
        pairs = [(Judge(self._pack, r, self._day), Judge(self._pack, r, later)) for r in self._rules()]
        with self._store.reading():
            tasks, columns = self._read(chain(*(j.fields for j, _ in pairs), (_UNIT, _DUE)))
            names = self._store.names()
        found: list[Due] = []
        for now, then in pairs:
            for n in _coming(now, then, columns, len(tasks)):
                due = _date(columns[_DUE][n])
                left = None if due is None else (due - self._day).days
                unit = _text(columns[_UNIT][n])
                found.append(Due(names[tasks[n]], unit, due, left, now.rule.id, now.rule.clause))
        return sorted(found, key=lambda d: (d.due_on or dt.date.max, d.task))

    def board(self) -> list[BoardRow]:
        """The number of tasks at each level, by rule and unit; a task without one stands under an empty name."""
        judges = [Judge(self._pack, rule, self._day) for rule in self._rules()]
        with self._store.reading():
            tasks, columns = self._read(chain(*(j.fields for j in judges), (_UNIT,)))
        found: list[BoardRow] = []
        for judge in judges:
            rule, names = judge.rule, levels(judge.rule)
            counts: dict[str, Counter[str]] = {}
            judged = judge.judge_all(columns, len(tasks))
            for (unit, value), count in Counter(
                zip(columns[_UNIT], (one.value for one in judged), strict=True)
            ).items():
                counts.setdefault(_text(unit), Counter())[value if value in names else ""] += count
            found += [
                BoardRow(unit, sum(c.values()), {name: c[name] for name in names}, c[""], rule.id, rule.clause)
                for unit, c in sorted(counts.items())
            ]
        return found

    def levels(self, task: int) -> dict[str, str]:
        """The level of one task by each rule that gives it one; none where it was not open, or no rule does."""
        judges = [Judge(self._pack, rule, self._day) for rule in levelled_rules(self._pack, RECORD_TYPE)]
        with self._store.reading():
            if task not in self._store.latest("", self._valid, self._known, task):
                return {}
            fields = dict.fromkeys(chain(*(j.fields for j in judges)))
            values = {f: self._store.latest(f, self._valid, self._known, task).get(task) for f in fields}
        said = {j.rule.id: j.verdict(tuple(values[f] for f in j.fields)).value for j in judges}
        return {rule: str(value) for rule, value in said.items() if value}


def _alert(judge: Judge, name: str, case: Case, judged: Judged, values: Sequence[Any]) -> Alert:
    unit, due_on, completed_on = values
    return Alert(
        name,
        _text(unit),
        str(judged.value),
        judge.days(case),
        _date(due_on),
        _date(completed_on),
        judged.outcome,
        judge.rule.id,
        judge.rule.clause,
        judge.missing(case) if judged.outcome == "indeterminate" else (),
    )


def _is_open(now: Judge, later: Judge, case: Case, completed_on: Any) -> bool:
    return now.runs(case, later) if now.counts_days else _date(completed_on) is None


def _coming(now: Judge, then: Judge, columns: Columns, count: int) -> list[int]:
    """The numbers of the cases that are not overdue on one day, and may be on a later one."""
    if now.counts_days:
        pairs = zip(now.overdue(columns, count), then.overdue(columns, count), strict=True)
        return [n for n, (before, after) in enumerate(pairs) if before is False and after is not False]
    judged = zip(now.judge_all(columns, count), then.judge_all(columns, count), strict=True)
    return [n for n, (a, b) in enumerate(judged) if a.outcome != "violation" and b.outcome == "violation"]


class _Worst:
    """Puts the worst alert of a rule first: by outcome, level, days overdue, and the id of the task."""

    def __init__(self, names: Sequence[str]) -> None:
        self._names = names
        self._ranks: dict[str, tuple[int, int]] = {}

    def key(self, alert: Alert) -> tuple[Any, ...]:
        ranks = self._ranks.get(alert.level)
        if ranks is None:
            parts = [self._names.index(part) for part in alert.level.split("..") if part in self._names]
            ranks = self._ranks[alert.level] = (-max(parts, default=-1), -min(parts, default=-1))
        days = -inf if alert.days_overdue is None else alert.days_overdue
        return (alert.outcome != "violation", *ranks, -days, alert.task)


def _text(value: Any) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else "" if value is None else str(value)


def _date(value: Any) -> dt.date | None:
    try:
        return dt.date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
