"""What a tracker answers: alerts, tasks that come due, counts by unit, and what became of a list that was read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from envrules.diagnostics import Diagnostic
from envrules.records.values import CellProblem
from envrules.verdict import Outcome


@dataclass(frozen=True)
class Alert:
    """A task that a rule of the pack has something to say of.

    Args:
        level: as the rule gives it; bounds such as `yellow..red` where it is open.
        days_overdue: as the rule derives it; negative before the due date, None where it is not known.
        missing: the fields that would have decided, where it could not be judged.
    """

    task: str
    unit: str
    level: str
    days_overdue: float | int | None
    due_on: dt.date | None
    completed_on: dt.date | None
    outcome: Outcome
    rule: str
    clause: str
    missing: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """The alert as the command's JSON output gives it."""
        return {
            "task": self.task,
            "unit": self.unit,
            "level": self.level,
            "days_overdue": self.days_overdue,
            "due_on": _iso(self.due_on),
            "completed_on": _iso(self.completed_on),
            "outcome": self.outcome,
            "rule": self.rule,
            "clause": self.clause,
            "missing": list(self.missing),
        }


class Alerts(list[Alert]):
    """The alerts that were asked for, the worst first.

    Args:
        undecided: the number of tasks of which it cannot be said whether they should have one, listed or not.
    """

    def __init__(self, alerts: Iterable[Alert], undecided: int) -> None:
        super().__init__(alerts)
        self.undecided = undecided


@dataclass(frozen=True)
class Due:
    """A task that will be overdue by the pack's rule within so many days, if nothing happens."""

    task: str
    unit: str
    due_on: dt.date | None
    days_left: int | None
    rule: str
    clause: str

    def as_dict(self) -> dict[str, Any]:
        """The task as the command's JSON output gives it."""
        return {
            "task": self.task,
            "unit": self.unit,
            "due_on": _iso(self.due_on),
            "days_left": self.days_left,
            "rule": self.rule,
            "clause": self.clause,
        }


@dataclass(frozen=True)
class BoardRow:
    """The tasks of one unit: how many there are at each level of a rule, and of how many the level cannot be said."""

    unit: str
    tasks: int
    levels: Mapping[str, int]
    undecided: int
    rule: str
    clause: str

    def as_dict(self) -> dict[str, Any]:
        """The row as the command's JSON output gives it."""
        return {
            "unit": self.unit,
            "tasks": self.tasks,
            "levels": dict(self.levels),
            "undecided": self.undecided,
            "rule": self.rule,
            "clause": self.clause,
        }


@dataclass(frozen=True)
class Imported:
    """What became of a list of tasks.

    Args:
        opened, changed, unchanged: how many of its tasks were new, got events, or said nothing new.
        events: how many events were added.
        read_before: the day on which a list of the same content was read; nothing is added then.
        problems: cells that could not be read (kept as they stand, unknown to the rules); warnings: the rest.
    """

    opened: int = 0
    changed: int = 0
    unchanged: int = 0
    events: int = 0
    read_before: dt.date | None = None
    problems: Sequence[CellProblem] = field(default_factory=list)
    warnings: Sequence[Diagnostic] = field(default_factory=list)


def _iso(day: dt.date | None) -> str | None:
    return None if day is None else day.isoformat()
