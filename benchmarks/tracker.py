"""How long a tracker takes to list the alerts of 100,000 tasks with a million events, from Python and from the shell.

Run with `python benchmarks/tracker.py [TASKS]`. The tasks are due on any day of three years, most are completed within
some weeks of it, and each has about ten events, a few of them corrected, so that many thousand cases differ. Times are
of the processor, which on a machine with other work differ less than those of the clock; those stand beside them.
"""

from __future__ import annotations

import datetime as dt
import random
import resource
import subprocess
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
    for n in range(chance.randrange(3, 7)):
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


def timed(what: str, do: Callable[[], Any], times: int = 3) -> Any:
    """The result of a call, its time printed: the shortest of three."""
    spent = []
    for _ in range(times):
        clock, processor = time.perf_counter(), used()
        found = do()
        spent.append((used() - processor, time.perf_counter() - clock))
    processor, clock = min(spent)
    print(f"{what:<52}{processor:8.2f} s of the processor{clock:8.2f} s by the clock")
    return found


def used() -> float:
    """The seconds that this process and the ones it started have had of the processor."""
    own, others = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + others.ru_utime + others.ru_stime


def shell(file: Path, *arguments: str) -> int:
    """The number of lines that the command prints."""
    command = [sys.executable, "-c", "from envrules.cli import main; main()", "track", *arguments, "--db", str(file)]
    done = subprocess.run(command, capture_output=True, check=False)
    if done.returncode not in (0, 1, 3) or not done.stdout:
        raise SystemExit(done.stderr.decode())
    return done.stdout.count(b"\n")


def main() -> None:
    """Fill a tracker, and ask it."""
    tasks = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    pack = er.load_pack("jiuquan-2018")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "tasks.sqlite"
        with er.Tracker(file, pack) as tracker:
            count = timed("filled", lambda: fill(tracker, tasks), 1)
        print(f"{tasks:,} tasks, {count:,} events, {file.stat().st_size / 1e6:.0f} MB")
        with er.Tracker(file, pack) as tracker:
            alerts = timed(f"alerts as of {AS_OF}", lambda: tracker.alerts(AS_OF))
            print("  ", dict(Counter(a.level for a in alerts)))
            timed("alerts as of 2019-12-31, known then", lambda: tracker.alerts("2019-12-31", "2019-12-31"))
            timed("due within 30 days of 2020-06-30", lambda: tracker.due(30, "2020-06-30"))
            timed("board", lambda: tracker.board(AS_OF))
        day = AS_OF.isoformat()
        timed("from the shell: one task, which is the start-up", lambda: shell(file, "timeline", "T000001"))
        timed("from the shell: alerts, the table", lambda: shell(file, "alerts", "--as-of", day))
        timed("from the shell: alerts --format json", lambda: shell(file, "alerts", "--as-of", day, "-f", "json"))
        timed("from the shell: board", lambda: shell(file, "board", "--as-of", day))
        print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main()
