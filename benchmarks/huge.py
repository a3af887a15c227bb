"""100 million lots from parquet, checked by the command under 1 GiB of memory, the findings written to parquet."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from benchmarks.child import Stopwatch
from benchmarks.measure import OUT, ROOT, in_process
from benchmarks.report import Mark, Section, Table, number

RULES = 12
GIB = 1024.0  # MB


def huge(quick: bool, rounds: int) -> Section:
    """Time and peak memory of the whole command, from start to exit, over two sizes: the peak must not grow."""
    from benchmarks.coal.sections import lots_file
    from benchmarks.reading import csv

    rows = []
    marks = []
    sizes = (
        [("parquet", 1_000_000)] if quick else [("csv", 10_000_000), ("parquet", 10_000_000), ("parquet", 100_000_000)]
    )
    for kind, lots in sizes:
        name = f"{lots:,} lots from {kind}"
        path = lots_file(lots) if kind == "parquet" else csv(lots)
        job = {"task": "huge:command", "path": str(path), "out": str(OUT / "findings.parquet")}
        found = in_process(job, patience=7200)
        if isinstance(found, str):
            rows.append((name, found, "-", "-", "-", "-"))
            marks.append(Mark(f"{name}: peak memory", GIB, None, "MB"))
            continue
        seconds, peak, findings = found["seconds"], found["given"]["peak"], found["given"]["findings"]
        rate = lots * RULES / seconds / 1e6
        rows.append((name, number(seconds), f"{lots / seconds:,.0f}", number(rate), f"{findings:,}", number(peak)))
        marks.append(Mark(f"{name}: peak memory", GIB, peak, "MB"))
    columns = ("", "seconds", "rows/s", "million checks/s", "findings written", "peak MB")
    return Section("huge", [Table("The command, the findings written to parquet", columns, rows)], marks)


def command(watch: Stopwatch, path: str, out: str) -> Any:
    """`envrules check` in a process of its own; its peak is what the kernel says when it ends.

    This process has imported nothing large, since on Linux a child begins with the peak of its parent.
    """
    envrules = Path(sys.executable).parent / "envrules"
    pack = ROOT / "benchmarks" / "coal" / "coal-limits"
    Path(out).unlink(missing_ok=True)
    line = [str(envrules), "check", "--quiet", "--as-of", "2020-12-31", "--pack", str(pack), "--out", out]
    with watch:
        ran = subprocess.Popen([*line, f"coal_lot={path}"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        assert ran.stderr is not None
        said = ran.stderr.read()
        _, status, usage = os.wait4(ran.pid, 0)
    code = os.waitstatus_to_exitcode(status)
    if code not in (0, 1, 3):
        raise RuntimeError(f"exit {code}: {said.decode()[-300:]}")
    import polars as pl

    findings = pl.scan_parquet(out).select(pl.len()).collect().item()
    peak = usage.ru_maxrss / 2**20 if sys.platform == "darwin" else usage.ru_maxrss / 1024
    return {"peak": peak, "findings": findings}
