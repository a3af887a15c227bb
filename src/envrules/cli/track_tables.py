"""How `envrules track` shows its answers on a terminal."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from rich.text import Text

from envrules.cli.streams import color, width
from envrules.cli.track_words import TrackWords
from envrules.report.terminal import Page, grid, shown

if TYPE_CHECKING:
    from rich.table import Table

    from envrules.tracking.answers import Alert, Alerts, BoardRow, Due
    from envrules.tracking.events import Event

#: A person reads so many rows; programs have other formats.
ROWS: Final = 200
_WIDE: Final = 100
#: By how many levels are worse.
_STYLES: Final = {0: "bold red", 1: "red", 2: "yellow"}


class Tables:
    """Makes one page of text of each kind of answer, as wide as the terminal."""

    def __init__(self, words: TrackWords) -> None:
        self._words = words
        self._page = Page(width(), color(sys.stdout))

    def _table(self, columns: Iterable[str], right: Iterable[str] = (), whole: Iterable[str] = ()) -> Table:
        """An empty table; the cells of `whole` columns are never broken."""
        table = grid()
        for name in columns:
            justify: Any = "right" if name in right else "left"
            table.add_column(self._words.word(name), justify=justify, overflow="fold", no_wrap=name in whole)
        return table

    def _print_rows(self, table: Table, rows: Sequence[Any], cells: Any) -> None:
        for row in rows[:ROWS]:
            table.add_row(*cells(row))
        self._page.print(table)
        if len(rows) > ROWS:
            self._page.print(self._words.more(len(rows) - ROWS))

    def alerts(self, day: dt.date, known_on: dt.date | None, alerts: Alerts, listed: bool) -> str:
        """A row for each alert, how many there are at each level, and how many tasks were left open."""
        words = self._words
        sure = [a for a in alerts if a.outcome == "violation"]
        if sure:
            columns = ("level", "task", "unit", "due on", "completed on", "days overdue", "clause")
            self._alerts(sure, columns)
        self._page.print(words.as_of(day, known_on) + words.alerts([a.level for a in sure]))
        if alerts.undecided:
            self._page.print(words.undecided(alerts.undecided, listed))
        if listed and len(sure) < len(alerts):
            self._page.print()
            self._alerts(
                [a for a in alerts if a.outcome != "violation"], ("level", "task", "unit", "clause", "missing")
            )
        return self._page.text()

    def _alerts(self, alerts: Sequence[Alert], columns: Sequence[str]) -> None:
        whole = ("level", "due on", "completed on", "clause")
        table = self._table(columns, ("days overdue",), whole)

        def cells(a: Alert) -> Iterable[Any]:
            yield shown(self._words.level(a.level), _STYLES.get(self._words.ranks.get(a.level.split("..")[-1], -1), ""))
            values = {
                "task": a.task,
                "unit": a.unit,
                "due on": a.due_on,
                "completed on": a.completed_on,
                "days overdue": a.days_overdue,
                "clause": a.clause,
            }
            yield from (_cell(values[name]) for name in columns if name in values)
            if "missing" in columns:
                yield Text("\n").join(shown(self._words.field(name), "dim") for name in a.missing)

        self._print_rows(table, alerts, cells)

    def due(self, day: dt.date, known_on: dt.date | None, within: int, due: Sequence[Due]) -> str:
        """A row for each task that comes due."""
        if due:
            columns = ("due on", "days left", "task", "unit", "clause")
            table = self._table(columns, ("days left",), ("due on", "clause"))
            self._print_rows(table, due, lambda d: map(_cell, (d.due_on, d.days_left, d.task, d.unit, d.clause)))
        self._page.print(self._words.as_of(day, known_on) + self._words.due(len(due), within))
        return self._page.text()

    def timeline(
        self, task: str, events: Sequence[Event], levels: Mapping[str, str], day: dt.date | None = None
    ) -> str:
        """A row for each event; those that do not count any more are dimmed and say why. Below, its level on a day."""
        words = self._words
        if not events:
            self._page.print(shown(words.nothing_known(task)))
            return self._page.text()
        # A narrow terminal has no room for a column of remarks.
        noted = ("note",) if self._page.width >= _WIDE and any(e.note for e in events) else ()
        table = self._table(("on", "event", "id", "says", "recorded on", *noted), ("id",), ("on", "recorded on"))
        for e in events:
            style = "" if e.counts else "dim"
            on = e.on or words.word("from the start")
            cells = [_cell(c, style) for c in (on, words.kind(e.kind), e.id, "", e.recorded_on)]
            says = words.said(e)
            if e.note and not noted:
                says.append(f"{words.word('note')}{'：' if words.zh else ': '}{e.note}")
            cells[3] = Text("\n", style=style).join(shown(line, style) for line in says)
            table.add_row(*cells, *([_cell(e.note, style)] if noted else []))
        self._page.print(table)
        for line in words.levels(task, levels, day):
            self._page.print(shown(line))
        return self._page.text()

    def board(self, day: dt.date, known_on: dt.date | None, rows: Sequence[BoardRow]) -> str:
        """A row for each unit, and one for all; a table for each rule that gives a level."""
        words = self._words
        rules = list(dict.fromkeys(r.rule for r in rows))
        for rule in rules:
            if len(rules) > 1:
                self._page.heading(rule)
            self._counts([r for r in rows if r.rule == rule])
        self._page.print(words.as_of(day, known_on) + words.board(bool(rows)))
        return self._page.text()

    def _counts(self, rows: Sequence[BoardRow]) -> None:
        words = self._words
        names = list(rows[0].levels)
        table = grid()
        table.add_column(words.word("unit"), overflow="fold")
        for name in (*map(words.level, reversed(names)), words.word("undecided"), words.word("tasks")):
            table.add_column(name, justify="right", no_wrap=True)
        for r in rows:
            counts = (*(r.levels[n] for n in reversed(names)), r.undecided, r.tasks)
            table.add_row(shown(r.unit or words.word("no unit")), *map(_count, counts))
        sums = [sum(r.levels[n] for r in rows) for n in reversed(names)]
        sums += [sum(r.undecided for r in rows), sum(r.tasks for r in rows)]
        table.add_row(shown(words.word("all"), "bold"), *(_count(c, "bold") for c in sums))
        self._page.print(table)

    def kinds(self, rows: Sequence[Mapping[str, str]]) -> str:
        """A row for each kind of event."""
        table = grid()
        for name in ("kind", "", "", "says"):
            table.add_column(name, overflow="fold")
        for row in rows:
            table.add_row(*(shown(row[n]) for n in ("kind", "en", "zh", "says")))
        self._page.print(table)
        return self._page.text()


def _cell(value: Any, style: str = "") -> Any:
    return shown("" if value is None else str(value), style)


def _count(count: int, style: str = "") -> Any:
    return shown(f"{count:,}" if count else "·", style)
