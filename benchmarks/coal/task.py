"""The measurement of one contestant, inside the process that is its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from benchmarks.child import Stopwatch
from benchmarks.coal.agreement import digest, violations_digest
from benchmarks.coal.contestants import CONTESTANTS

#: So many that `auto` takes the engine that it takes for all of them.
WARM = 5000


def judge(watch: Stopwatch, contestant: str, what: str, path: str, rows: int | None = None) -> Any:
    """Ask a contestant once about all lots of a file.

    It has been asked about the first of them before, so that what it imports when it is first used is not measured;
    the section on starting up measures that.
    """
    asked = CONTESTANTS[contestant]
    asked.ask(what, asked.hold(Path(path), WARM))
    lots = asked.hold(Path(path), rows)
    with watch:
        found = asked.ask(what, lots)
    return {"findings": digest, "violations": violations_digest}.get(what, lambda counts: counts)(found)
