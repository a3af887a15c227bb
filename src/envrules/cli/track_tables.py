"""How `envrules track` shows its answers on a terminal."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from envrules.cli.streams import color, width
from envrules.report.phrases import number
from envrules.report.terminal import Page, grid, shown

if TYPE_CHECKING:
    from rich.table import Table

    from envrules.tracking.answers import Alert, BoardRow, Due
    from envrules.tracking.events import Event

_STYLES: Final = {"red": "bold red", "orange": "red", "yellow": "yellow", "none": "green"}


class Tables:
    """Makes one page of text of each kind of answer, as wide as the terminal."""

    def __init__(self) -> None:
        self._page = Page(width(), color(sys.stdout))

    def _table(self, columns: Iterable[str], right: Iterable[str] = ()) -> Table:
        table = grid()
        for name in columns:
            table.add_column(name, justify="right" if name in right else "left", overflow="fold")
        return table

    def alerts(self, day: dt.date, alerts: Sequence[Alert], left: int, listed: bool) -> str:
        """A row for each alert, and how many tasks were left open."""
        if alerts:
            missing = ("missing",) if listed else ()
            columns = ("level", "task", "unit", "due on", "completed on", "days overdue", "clause", *missing)
            table = self._table(columns, ("days overdue",))
            for a in alerts:
                cells = [a.level, a.task, a.unit, a.due_on, a.completed_on, a.days_overdue, a.clause]
                row = [
                    shown(_text(c), _STYLES.get(a.level.split("..")[-1], "") if n == 0 else "")
                    for n, c in enumerate(cells)
                ]
                table.add_row(*row, *([shown(", ".join(a.missing), "dim")] if listed else []))
            self._page.print(table)
        raised = sum(a.outcome == "violation" for a in alerts)
        self._page.print(f"As of {day}: {number(raised, 'alert')}.")
        if left:
            hint = "" if listed else " (--undecided lists them)"
            self._page.print(f"Whether {number(left, 'more task')} should have one is left open{hint}.")
        return self._page.text()

    def due(self, day: dt.date, within: int, due: Sequence[Due]) -> str:
        """A row for each task that comes due."""
        if due:
            table = self._table(("due on", "days left", "task", "unit", "clause"), ("days left",))
            for d in due:
                table.add_row(*(shown(_text(c)) for c in (d.due_on, d.days_left, d.task, d.unit, d.clause)))
            self._page.print(table)
        self._page.print(f"As of {day}: {number(len(due), 'task')} due within {number(within, 'day')}.")
        return self._page.text()

    def timeline(self, task: str, events: Sequence[Event], level: str) -> str:
        """A row for each event; those that do not count any more are dimmed and say why."""
        table = self._table(("on", "event", "id", "says", "recorded on", "note"), ("id",))
        for e in events:
            style = "" if e.counts else "dim"
            says = ", ".join(f"{n} = {_said(v)}" for n, v in e.fields.items())
            if e.corrects is not None:
                says = f"instead of {e.corrects}" + (f": {says}" if says else "")
            if e.corrected_by is not None:
                says += f" (corrected by {e.corrected_by})"
            cells = (e.on or "from the start", e.kind, e.id, says.strip(), e.recorded_on, e.note)
            table.add_row(*(shown(_text(c), style) for c in cells))
        self._page.print(table)
        if level:
            self._page.print(shown(f"{task}: {level}"))
        return self._page.text()

    def board(self, day: dt.date, rows: Sequence[BoardRow]) -> str:
        """A row for each unit, and one for all."""
        if not rows:
            self._page.print(f"As of {day}: no task is open.")
            return self._page.text()
        names = list(rows[0].levels)
        table = self._table(("unit", *reversed(names), "open", "tasks"), (*names, "open", "tasks"))
        for r in rows:
            counts = (*(r.levels[n] for n in reversed(names)), r.open, r.tasks)
            table.add_row(shown(r.unit or "(no unit)"), *(shown(str(c) if c else "·") for c in counts))
        sums = (
            *(sum(r.levels[n] for r in rows) for n in reversed(names)),
            *(sum(x) for x in zip(*((r.open, r.tasks) for r in rows), strict=True)),
        )
        table.add_row(shown("all", "bold"), *(shown(str(c) if c else "·", "bold") for c in sums))
        self._page.print(table)
        self._page.print(f"As of {day}. Open: the level hangs on something that is not known.")
        return self._page.text()

    def kinds(self, rows: Sequence[Mapping[str, str]]) -> str:
        """A row for each kind of event."""
        table = self._table(("kind", "", "", "says"))
        for row in rows:
            table.add_row(*(shown(row[n]) for n in ("kind", "en", "zh", "says")))
        self._page.print(table)
        return self._page.text()


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def _said(value: Any) -> str:
    if isinstance(value, Mapping):
        return f"{value.get('unusable')} (cannot be read)"
    return {True: "yes", False: "no", None: "not known"}.get(value, str(value)) if not isinstance(value, str) else value
