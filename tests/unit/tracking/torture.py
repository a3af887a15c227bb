"""Run by `test_file.py` in a process of its own: writers that are killed or run at once, a user without rights."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import os
import random
import signal
import sys
import time
from pathlib import Path

import envrules as er

PACK = er.load_pack("jiuquan-2018")


def kill_writers(file: Path, rounds: int) -> None:
    """Kill a writer in the middle of its work, again and again; print what it had acknowledged."""
    chance = random.Random(6)
    acknowledged: list[str] = []
    for n in range(rounds):
        read, write = os.pipe()
        child = os.fork()
        if not child:
            os.close(read)
            with er.Tracker(file, PACK) as tracker:
                for k in range(10_000):
                    name = f"R{n}-{k}"
                    tracker.open(name, due_on="2018-06-30", note="x" * chance.randrange(3000))
                    os.write(write, f"{name}\n".encode())
            os._exit(0)
        os.close(write)
        with os.fdopen(read) as lines:
            first = lines.readline()
            time.sleep(chance.random() * 0.03)
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            # A line that was cut short was not acknowledged.
            acknowledged += [
                line.strip() for line in (first + lines.read()).splitlines(keepends=True) if line[-1] == "\n"
            ]
    print(json.dumps(acknowledged))


def kill_importers(file: Path, rounds: int) -> None:
    """Kill processes that make the file and read lists of 200 tasks into it; print the lists that were acknowledged."""
    chance = random.Random(7)
    acknowledged: list[str] = []
    for n in range(rounds):
        read, write = os.pipe()
        child = os.fork()
        if not child:
            os.close(read)
            with er.Tracker(file, PACK) as tracker:
                for k in range(10_000):
                    rows = [{"id": f"L{n}-{k}-{i}", "due_on": "2018-06-30"} for i in range(200)]
                    tracker.import_tasks(rows)
                    os.write(write, f"L{n}-{k}\n".encode())
            os._exit(0)
        os.close(write)
        # The first ones are killed while they make the file.
        time.sleep(chance.random() * (0.02 if n < rounds / 3 else 0.2))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        with os.fdopen(read) as lines:
            acknowledged += [line.strip() for line in lines.read().splitlines(keepends=True) if line[-1] == "\n"]
    print(json.dumps(acknowledged))


def fill_the_disk(file: Path) -> None:
    """Record until files may not grow any more, then ask, and go on once they may; print what became of it."""
    import resource

    with er.Tracker(file, PACK) as tracker:
        tracker.open("T1", due_on="2018-06-30")
    # Without this the process would be ended by a signal; SQLite then hears of an error as on a full disk.
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, resource.RLIM_INFINITY))
    rows = [{"id": f"L{n}", "unit": "市水务局" * 50, "due_on": "2018-06-30"} for n in range(2000)]
    codes: list[str] = []
    acknowledged = ["T1"]
    with er.Tracker(file, PACK) as tracker:
        try:
            tracker.import_tasks(rows)
        except er.CallError as error:
            codes += [d.code for d in error.diagnostics]
        try:
            for n in range(1000):
                tracker.open(f"E{n}", due_on="2018-06-30", note="x" * 5000)
                acknowledged.append(f"E{n}")
        except er.CallError as error:
            codes += [d.code for d in error.diagnostics]
        there = [r.id for r in tracker.states()]
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    with er.Tracker(file, PACK) as tracker:
        after = [r.id for r in tracker.states()]
        opened = tracker.import_tasks(rows).opened
    # A disk on which there is no room even for the log.
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, resource.RLIM_INFINITY))
    with er.Tracker(file, PACK) as tracker:
        asked = len(tracker.states())
        try:
            tracker.open("T2")
        except er.CallError as error:
            codes += [d.code for d in error.diagnostics]
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    print(json.dumps([codes, acknowledged, there, after, opened, asked]))


def import_list(file: Path, count: int) -> None:
    """Read one list of so many tasks."""
    with er.Tracker(file, PACK) as tracker:
        done = tracker.import_tasks([{"id": f"L{n}", "due_on": "2018-06-30"} for n in range(count)])
        print(json.dumps([done.opened, done.events, done.read_before is not None]))


def write(file: Path, name: str, count: int) -> None:
    """Record so many tasks."""
    with er.Tracker(file, PACK) as tracker:
        for n in range(count):
            tracker.open(f"{name}{n}", due_on="2018-06-30")


def without_rights(file: Path) -> None:
    """Ask, and try to write, as somebody who may only read."""
    with er.Tracker(file, PACK) as tracker:
        tracker.open("T1", due_on="2018-06-30")
        tracker.alerts("2018-07-01", undecided=True)
        tracker.due(1, dt.date(2018, 7, 1))
        with contextlib.suppress(er.CallError):
            tracker.timeline("T9")
    file.chmod(0o444)
    file.parent.chmod(0o555)
    if os.geteuid() == 0:
        os.setuid(65534)
    with er.Tracker(file, PACK) as tracker:
        alerts = [a.task for a in tracker.alerts("2018-07-01")]
        try:
            tracker.open("T2")
            codes = []
        except er.CallError as error:
            codes = [d.code for d in error.diagnostics]
    print(json.dumps([alerts, codes]))


if __name__ == "__main__":
    what, file = sys.argv[1], Path(sys.argv[2])
    if what == "kill":
        kill_writers(file, int(sys.argv[3]))
    elif what == "kill-import":
        kill_importers(file, int(sys.argv[3]))
    elif what == "full":
        fill_the_disk(file)
    elif what == "import":
        import_list(file, int(sys.argv[3]))
    elif what == "write":
        write(file, sys.argv[3], int(sys.argv[4]))
    else:
        without_rights(file)
