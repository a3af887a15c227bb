"""Measures envrules beside rules written by hand and beside other engines: `python -m benchmarks [PART ...] [--quick]`.

Prints a table with each mark, and keeps the figures in build/bench/results.json; docs/performance.md says what is
measured and how. `make bench` runs it in an environment that has the rivals.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable

from benchmarks.coal import sections as coal
from benchmarks.coal.engines import engines
from benchmarks.huge import huge
from benchmarks.many_rules import rules
from benchmarks.reading import reading
from benchmarks.report import Section, keep, machine, marks_table, versions, written
from benchmarks.startup import startup
from benchmarks.whole_pack import whole_pack

Part = Callable[[bool, int], Section]
PARTS: dict[str, Part] = {
    "agreement": lambda quick, rounds: coal.agreement(quick),
    "coal": coal.coal,
    "engines": engines,
    "rules": rules,
    "whole_pack": whole_pack,
    "startup": startup,
    "reading": reading,
    "huge": huge,
}
#: Not run unless it is named.
NAMED_ONLY = ("huge",)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"which of them: {', '.join(PARTS)}; all by default")
    parser.add_argument("--quick", action="store_true", help="small sizes, to see that everything runs")
    parser.add_argument("--rounds", type=int, default=3, help="how often each is measured (3; the median is taken)")
    given = parser.parse_args()
    unknown = [p for p in given.parts if p not in PARTS]
    if unknown:
        parser.error(f"no part is called {', '.join(unknown)}; there are {', '.join(PARTS)}")
    print(machine())
    print(", ".join(f"{name} {release}" for name, release in versions().items()))
    results: dict[str, object] = {}
    for name in given.parts or [p for p in PARTS if p not in NAMED_ONLY]:
        print(f"\n== {name}", file=sys.stderr)
        section = PARTS[name](given.quick, given.rounds)
        results = keep(section, given.quick)
        print(f"\n{written(section)}")
        if section.marks:
            print("\n" + marks_table(results["sections"][name]["marks"]))  # type: ignore[index]
    every = [m for section in results["sections"].values() for m in section["marks"]]  # type: ignore[attr-defined]
    print(f"\nAll marks, the last measurement of each:\n\n{marks_table(every)}")


if __name__ == "__main__":
    main()
