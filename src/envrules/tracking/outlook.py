"""What a pack's rules make of the tasks of a tracker on a day: alerts, what comes due, counts by unit."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Any, Final

from envrules.diagnostics import CallError, Diagnostic
from envrules.pack.pack import Pack, Rule
from envrules.tracking.answers import Alert, BoardRow, Due
from envrules.tracking.events import day_number
from envrules.tracking.judging import Case, Judge, Judged, levelled_rules, levels
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

    def _columns(self, fields: Iterable[str]) -> tuple[list[int], dict[str, dict[int, Any]]]:
        tasks = list(self._store.latest("", self._valid, self._known))
        return tasks, {f: self._store.latest(f, self._valid, self._known) for f in dict.fromkeys(fields)}

    def alerts(self, undecided: bool, open_only: bool) -> list[Alert]:
        """The tasks to which a rule of the pack gives an alert, the worst first.

        Args:
            undecided: also those of which it cannot be said, with the fields that would decide.
            open_only: leave out those that have a day of completion.
        """
        judges = [Judge(self._pack, rule, self._day) for rule in self._rules()]
        wanted = ("violation", "indeterminate") if undecided else ("violation",)
        fields = list(chain(*(j.fields for j in judges), (_UNIT, _DUE, _COMPLETED)))
        with self._store.reading():
            tasks, columns = self._columns(fields)
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

    def due(self, within: int) -> list[Due]:
        """The tasks that are not overdue by the pack's rule, and will be after so many days if nothing happens.

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
        found: list[Due] = []
        rules = self._rules()
        pairs = [(Judge(self._pack, rule, self._day), Judge(self._pack, rule, later)) for rule in rules]
        with self._store.reading():
            tasks, columns = self._columns(chain(*(j.fields for j, _ in pairs), (_UNIT, _DUE)))
            names = self._store.names()
        for now, then in pairs:
            told: dict[Case, bool] = {}
            for task, case in zip(tasks, cases := _cases(now, tasks, columns), strict=True):
                if case not in told:
                    ends = now.most_days(case), then.most_days(case)
                    told[case] = ends[0] is not None and ends[1] is not None and ends[0] <= 0 < ends[1]
                if told[case]:
                    due = _date(columns[_DUE].get(task))
                    left = None if due is None else (due - self._day).days
                    unit = _text(columns[_UNIT].get(task))
                    found.append(Due(names[task], unit, due, left, now.rule.id, now.rule.clause))
            del cases
        return sorted(found, key=lambda d: (d.due_on or dt.date.max, d.task))

    def board(self) -> list[BoardRow]:
        """The number of tasks at each level, by unit; a task without one stands under an empty name."""
        rule = self._rules()[0]
        judge = Judge(self._pack, rule, self._day)
        with self._store.reading():
            tasks, columns = self._columns((*judge.fields, _UNIT))
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

    def level(self, task: int) -> str:
        """The level of one task; empty where it was not open, or nothing is said of it."""
        judge = Judge(self._pack, self._rules()[0], self._day)
        with self._store.reading():
            if task not in self._store.latest("", self._valid, self._known, task):
                return ""
            case = tuple(self._store.latest(f, self._valid, self._known, task).get(task) for f in judge.fields)
        return str(judge.verdict(case).value or "")


def _cases(judge: Judge, tasks: Sequence[int], columns: Mapping[str, Mapping[int, Any]]) -> list[Case]:
    return (
        list(zip(*(map(columns[f].get, tasks) for f in judge.fields), strict=True))
        if judge.fields
        else [()] * len(tasks)
    )


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
