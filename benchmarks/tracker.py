"""How long a tracker takes to list the alerts of 100,000 tasks with a million events.

Run with `python benchmarks/tracker.py [TASKS]`. The tasks are due on any day of three years, most are completed within
some weeks of it, and each has about ten events, a few of them corrected, so that many thousand cases differ.
"""

from __future__ import annotations

import datetime as dt
import random
import resource
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import envrules as er
from envrules.tracking.events import day_number, dump_fields

START = dt.date(2018, 4, 1)
AS_OF = dt.date(2021, 6, 30)


def events(task: int, chance: random.Random, first: int) -> Iterator[tuple[Any, ...]]:
    """About ten events of a task, the first of them with the id `first`."""
    opened = START + dt.timedelta(chance.randrange(100))
    due = opened + dt.timedelta(chance.randrange(60, 1200))
    number = first

    def event(kind: str, on: dt.date, fields: dict[str, Any], corrects: int | None = None) -> tuple[Any, ...]:
        nonlocal number
        number += 1
        day = day_number(on)
        return task, kind, day, day, f"{on}T08:00:00+00:00", dump_fields(fields), "", corrects

    flags = {"complaints_concentrated": chance.random() < 0.02, "outstanding_problems": chance.random() < 0.01}
    start = {"unit": f"单位{chance.randrange(40)}", "due_on": due.isoformat(), "central_inspection": False}
    yield event("opened", opened, {**start, **flags} if chance.random() < 0.8 else start)
    for n in range(chance.randrange(2, 6)):
        yield event("reported", opened + dt.timedelta(30 * n + 20), {})
    if chance.random() < 0.1:
        yield event("due_changed", due - dt.timedelta(5), {"due_on": (due + dt.timedelta(30)).isoformat()})
    if chance.random() < 0.9:
        done = due + dt.timedelta(round(chance.gauss(-25, 20)))
        yield event("completed", done, {"completed_on": done.isoformat(), "target_met": True})
        if chance.random() < 0.02:
            done += dt.timedelta(3)
            yield event("completed", done, {"completed_on": done.isoformat(), "target_met": True}, number - 1)
        for kind, days in (("self_checked", 3), ("acceptance_applied", 10), ("accepted", 30), ("published", 40)):
            yield event(kind, done + dt.timedelta(days), {f"{kind}_on": (done + dt.timedelta(days)).isoformat()})


def fill(tracker: er.Tracker, tasks: int) -> int:
    """Append the events of so many tasks, in one transaction."""
    chance = random.Random(6)
    count = 0
    store = tracker._store
    with store.writing():
        for n in range(tasks):
            rows = list(events(store.add_task(f"T{n:06d}"), chance, count + 1))
            store.add_events(rows)
            count += len(rows)
    return count


def timed(what: str, do: Callable[[], Any]) -> Any:
    """The result of a call, its time printed."""
    begun = time.perf_counter()
    found = do()
    print(f"{what:<44}{time.perf_counter() - begun:8.2f} s")
    return found


def main() -> None:
    """Fill a tracker, and ask it."""
    tasks = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    pack = er.load_pack("jiuquan-2018")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "tasks.sqlite"
        with er.Tracker(file, pack) as tracker:
            count = timed("filled", lambda: fill(tracker, tasks))
        print(f"{tasks:,} tasks, {count:,} events, {file.stat().st_size / 1e6:.0f} MB")
        with er.Tracker(file, pack) as tracker:
            alerts = timed(f"alerts as of {AS_OF}", lambda: tracker.alerts(AS_OF))
            print("  ", dict(Counter(a.level for a in alerts)))
            timed(f"alerts as of {AS_OF}, again", lambda: tracker.alerts(AS_OF))
            timed("alerts as of 2019-12-31, known then", lambda: tracker.alerts("2019-12-31", "2019-12-31"))
            timed("due within 30 days of 2020-06-30", lambda: tracker.due(30, "2020-06-30"))
            timed("board", lambda: tracker.board(AS_OF))
        print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main()
