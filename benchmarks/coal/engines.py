"""envrules beside engines that take a record at a time, and beside validators of frames, on the same twelve limits.

They have two answers, so what is compared is the violations. The lots are given to them cleaned (values that can be
meant, on the bases and in the units of the limits), which is not measured; envrules gets them as they are.
"""

from __future__ import annotations

from benchmarks.coal.agreement import violation_differences
from benchmarks.coal.sections import RULES, job
from benchmarks.measure import interleaved
from benchmarks.report import Mark, Section, Table, number

BY_RECORD = ("durable-rules", "zen-engine", "rule-engine")
VALIDATORS = ("pandera, polars", "pandera, pandas", "pointblank")


def engines(quick: bool, rounds: int) -> Section:
    """Violations a second of each engine at a size that it can take in a short time."""
    small, large = (10_000, 100_000) if quick else (100_000, 1_000_000)
    rates: dict[str, float] = {}
    rows = []
    for lots, names in ((small, BY_RECORD), (large, VALIDATORS)):
        jobs = {n: job(n, "violations", lots) for n in ("envrules, polars", *names)}
        for name, found in interleaved(jobs, rounds, violation_differences).items():
            if found.failed:
                rows.append((name, f"{lots:,}", found.failed, "-", "-"))
                continue
            rate = lots * RULES / found.time
            rates[name] = rate  # of envrules the one at the larger size stays
            rows.append((name, f"{lots:,}", number(found.time), number(rate / 1e6), number(found.peak)))
    section = Section("engines")
    section.tables.append(Table("Violations", ("", "lots", "seconds", "million checks/s", "peak MB"), rows))
    for name in BY_RECORD:
        ratio = rates["envrules, polars"] / rates[name] if name in rates and "envrules, polars" in rates else None
        section.marks.append(Mark(f"violations: checks a second against {name}", 100, ratio, least=True))
    return section
