"""Runs measurements in fresh processes, one contestant after the other and round again, and takes medians."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / "build" / "bench"
#: A measurement that takes longer is given up, and said to be.
PATIENCE = 900.0


@dataclass
class Measured:
    """What a contestant took, in each round."""

    seconds: list[float] = field(default_factory=list)
    peaks: list[float] = field(default_factory=list)
    before: list[float] = field(default_factory=list)
    given: Any = None
    failed: str = ""

    @property
    def time(self) -> float:
        """The median, in seconds."""
        return statistics.median(self.seconds)

    @property
    def peak(self) -> float:
        """The median of the peaks, in MB."""
        return statistics.median(self.peaks)


class Disagreement(Exception):  # noqa: N818 - what contestants are in
    """Contestants that were asked the same gave something else."""


def interleaved(
    jobs: Mapping[str, dict[str, Any]],
    rounds: int,
    agree: Callable[[Any, Any], list[str]] | None = None,
    say: Callable[[str], None] = lambda text: print(text, file=sys.stderr),
) -> dict[str, Measured]:
    """Each job's times over so many rounds: A B C, A B C, A B C.

    Args:
        jobs: name -> a job of `benchmarks.child`.
        agree: what differs between what the first job gave and another did; any difference ends the benchmark.
    """
    found = {name: Measured() for name in jobs}
    first = next(iter(jobs))
    for _ in range(rounds):
        for name, job in jobs.items():
            measured = found[name]
            if measured.failed:
                continue
            result = in_process(job)
            if isinstance(result, str):
                measured.failed = result
                say(f"  {name}: {result}")
                continue
            measured.seconds.append(result["seconds"])
            measured.peaks.append(result["peak"])
            measured.before.append(result["before"])
            measured.given = result["given"]
            if agree is not None and not found[first].failed:
                wrong = agree(found[first].given, measured.given)
                if wrong:
                    raise Disagreement(f"{name} does not give what {first} gives:\n  " + "\n  ".join(wrong[:10]))
        say("  " + ", ".join(f"{n} {m.seconds[-1]:.3g} s" for n, m in found.items() if m.seconds and not m.failed))
    return found


def in_process(job: dict[str, Any], patience: float = PATIENCE) -> dict[str, Any] | str:
    """The result of a job in a process of its own, or why there is none."""
    command = [sys.executable, "-m", "benchmarks.child", json.dumps(job)]
    try:
        ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=patience)
    except subprocess.TimeoutExpired:
        return f"given up after {patience:.0f} s"
    if ran.returncode:
        lines = ran.stderr.strip().splitlines() or [f"it ended with {ran.returncode}"]
        return lines[-1][:300]
    found: dict[str, Any] = json.loads(ran.stdout.splitlines()[-1])
    return found


def commands(named: Mapping[str, list[str]], rounds: int) -> dict[str, Measured]:
    """The wall time of whole commands, from start to exit, over so many rounds. Exit codes 0, 1 and 3 are answers."""
    found = {name: Measured() for name in named}
    for _ in range(rounds):
        for name, command in named.items():
            begun = time.perf_counter()
            ran = subprocess.run(command, cwd=ROOT, capture_output=True)
            found[name].seconds.append(time.perf_counter() - begun)
            if ran.returncode not in (0, 1, 3):
                raise RuntimeError(f"{name}: {ran.stderr.decode()[-300:]}")
    return found
