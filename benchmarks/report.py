"""What was measured, as tables and marks: printed, and kept in build/bench/results.json."""

from __future__ import annotations

import datetime as dt
import json
import os
import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from benchmarks.measure import OUT

RESULTS = OUT / "results.json"
QUICK = OUT / "results-quick.json"
PACKAGES = (
    "envrules polars pandas numpy duckdb pyarrow narwhals python-calamine durable-rules zen-engine rule-engine pandera "
    "pointblank"
).split()


@dataclass(frozen=True)
class Mark:
    """A bound that was set beforehand, and what was measured. `bound` is the most, or with `least` the least."""

    name: str
    bound: float
    measured: float | None
    unit: str = "times"
    least: bool = False
    note: str = ""

    @property
    def met(self) -> bool:
        """Whether it is kept; what could not be measured is not."""
        if self.measured is None:
            return False
        return self.measured >= self.bound if self.least else self.measured <= self.bound


@dataclass(frozen=True)
class Table:
    """A table of figures."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass
class Section:
    """What one part of the benchmarks found."""

    name: str
    tables: list[Table] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def number(value: float | None, digits: int = 3) -> str:
    """A number at so many significant digits, without an exponent."""
    if value is None:
        return "-"
    text = f"{value:.{digits}g}"
    return f"{value:,.0f}" if "e" in text or abs(value) >= 1000 else text


def aligned(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table, its columns aligned so that it reads well in a terminal too."""
    widths = [max(len(str(r[i])) for r in [columns, *rows]) for i in range(len(columns))]
    lines = ["| " + " | ".join(_placed(r, widths)) + " |" for r in [columns, *rows]]
    rule = "| " + " | ".join("-" * w if i == 0 else "-" * max(w - 1, 1) + ":" for i, w in enumerate(widths)) + " |"
    return "\n".join([lines[0], rule, *lines[1:]])


def _placed(row: Sequence[str], widths: Sequence[int]) -> list[str]:
    """The first cell to the left, the others to the right, as numbers stand."""
    return [str(c).ljust(w) if i == 0 else str(c).rjust(w) for i, (c, w) in enumerate(zip(row, widths, strict=True))]


def marks_table(marks: Sequence[dict[str, Any]]) -> str:
    """The marks of all sections with what was measured."""
    rows = []
    for m in marks:
        bound = f"{'at least' if m['least'] else 'at most'} {number(m['bound'])} {m['unit']}"
        rows.append((m["name"], bound, number(m["measured"]), "met" if m["met"] else "missed"))
    return aligned(("mark", "bound", "measured", ""), rows)


def written(section: Section) -> str:
    """A section as text."""
    parts = [f"{t.title}\n\n{aligned(t.columns, t.rows)}" for t in section.tables]
    return "\n\n".join([*parts, *section.notes])


def keep(section: Section, quick: bool) -> dict[str, Any]:
    """Put a section's figures into results.json, in place of its former ones; those of a quick run beside it."""
    OUT.mkdir(parents=True, exist_ok=True)
    file = QUICK if quick else RESULTS
    kept: dict[str, Any] = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    sections = kept.get("sections", {})
    sections[section.name] = {
        "measured_on": dt.datetime.now(dt.timezone.utc).date().isoformat(),
        "machine": machine(),
        "tables": [asdict(t) for t in section.tables],
        "marks": [asdict(m) | {"met": m.met} for m in section.marks],
        "notes": section.notes,
    }
    kept = {"versions": versions(), "sections": sections}
    file.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return kept


def machine() -> str:
    """The machine in a few words: processor, processors that may be used, memory, system."""
    cpu = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        names = [x.partition(":")[2].strip() for x in info.read_text().splitlines() if x.startswith("model name")]
        cpu = names[0] if names else cpu
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{cpu}, {usable} processors, {memory:.0f} GiB, {platform.system()}, Python {platform.python_version()}"


def versions() -> dict[str, str]:
    """The releases that were measured."""
    found = {}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return found
