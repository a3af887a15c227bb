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
    elif what == "write":
        write(file, sys.argv[3], int(sys.argv[4]))
    else:
        without_rights(file)
