"""Puts the figures of build/bench/results.json into docs/performance.md: `python -m benchmarks.document`.

What stands between the two comments about figures is made anew; the words around it are written by hand.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from benchmarks.measure import ROOT
from benchmarks.report import RESULTS, aligned, marks_table

PAGE = ROOT / "docs" / "performance.md"
BEGIN, END = "<!-- figures, made by `make bench-docs` -->\n", "<!-- end of the figures -->"
TITLES = {
    "coal": "Twelve limits on coal, beside the same by hand",
    "engines": "Beside other rule engines and validators",
    "rules": "More rules",
    "whole_pack": "All rules of the plan",
    "startup": "Start-up",
    "reading": "Reading",
    "huge": "100 million records",
}


def main() -> None:
    """Write the page anew, or say why not."""
    if not RESULTS.exists():
        sys.exit("there are no figures: run `make bench` first")
    results = json.loads(RESULTS.read_text(encoding="utf-8"))
    sections = results["sections"]
    page = PAGE.read_text(encoding="utf-8")
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    PAGE.write_text(before + BEGIN + _figures(results["versions"], sections) + END + after, encoding="utf-8")


def _figures(versions: dict[str, str], sections: dict[str, Any]) -> str:
    measured = [name for name in TITLES if name in sections]
    marks = [m for name in measured for m in sections[name]["marks"]]
    days = sorted({sections[name]["measured_on"] for name in measured})
    machines = sorted({sections[name]["machine"] for name in measured})
    said = [
        f"Measured on {' and '.join(days)}: {'; '.join(machines)}; "
        + ", ".join(f"{name} {release}" for name, release in versions.items())
        + ".",
        f"{sum(m['met'] for m in marks)} of {len(marks)} marks are met.",
        marks_table(marks),
        *_missed(marks),
    ]
    for name in measured:
        said.append(f"### {TITLES[name]}")
        for table in sections[name]["tables"]:
            said += [f"{table['title']}:", aligned(table["columns"], table["rows"])]
        said += sections[name]["notes"]
    return "\n" + "\n\n".join(said) + "\n\n"


def _missed(marks: list[dict[str, Any]]) -> list[str]:
    """By how much each mark is missed; why is written by hand below the figures."""
    lines = []
    for mark in marks:
        if mark["met"]:
            continue
        if mark["measured"] is None:
            lines.append(f"- {mark['name']}: could not be measured")
            continue
        short, long = sorted((mark["bound"], mark["measured"]))
        lines.append(f"- {mark['name']}: by a factor of {long / short:.3g}")
    return ["Missed:\n\n" + "\n".join(lines)] if lines else []


if __name__ == "__main__":
    main()
