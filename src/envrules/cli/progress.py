"""A progress bar for long work, on a terminal only."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from envrules.cli.streams import is_terminal


@contextmanager
def progress(wanted: bool = True) -> Iterator[Callable[[int, int], None] | None]:
    """Within it a bar is shown on stderr; gives what to call with (done, in all), or None where nobody looks."""
    if not wanted or not is_terminal(sys.stderr):
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("reading", total=None)

        def advance(done: int, total: int) -> None:
            bar.update(task, description="judging", completed=done, total=total)

        yield advance


@contextmanager
def rows_progress(wanted: bool = True) -> Iterator[Callable[[str, int, int], None] | None]:
    """The same for work counted in rows, with rate and time left; called with (what is done, done, in all)."""
    if not wanted or not is_terminal(sys.stderr):
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn

    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[rows]}"),
        TimeRemainingColumn(elapsed_when_finished=True),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("reading", total=None, rows="")
        begun: dict[str, float] = {}

        def advance(what: str, done: int, total: int) -> None:
            if what not in begun:
                begun.clear()
                begun[what] = time.monotonic()
                bar.reset(task, description=what, total=total or None, rows="")
            seconds = time.monotonic() - begun[what]
            rate = f", {done / seconds:,.0f} a second" if done and seconds > 0 else ""
            rows = f"{done:,} of {total:,} rows{rate}" if total else ""
            bar.update(task, completed=done, total=total or None, rows=rows)

        yield advance
