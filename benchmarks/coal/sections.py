"""The measurements on the twelve limits on coal, with the marks that were set for them."""

from __future__ import annotations

from pathlib import Path

from benchmarks.coal.agreement import count_differences, differences, digest_differences
from benchmarks.coal.contestants import BY_HAND
from benchmarks.coal.records import data_folder, write_parquet
from benchmarks.measure import Disagreement, Measured, interleaved
from benchmarks.report import Mark, Section, Table, number

RULES = 12
WHAT = ("counts", "findings")
IN_MEMORY = ("envrules, polars", "envrules, pandas", "polars", "duckdb", "pandas", "numpy")
FROM_PARQUET = ("envrules, parquet", "polars, parquet", "duckdb, parquet")
#: Times that of polars by hand, from a frame of polars and from one of pandas.
AT_MOST = {"envrules, polars": 1.3, "envrules, pandas": 1.6}


def lots_file(rows: int) -> Path:
    """The parquet file of so many lots, made when it is not there."""
    path = data_folder() / f"lots-{rows}.parquet"
    if not path.exists():
        write_parquet(path, rows)
    return path


def agreement(quick: bool) -> Section:
    """Every contestant's counts and findings against those of the interpreter, row by row, on a small set."""
    from benchmarks.coal.contestants import CONTESTANTS

    rows = 2_000 if quick else 20_000
    path = lots_file(rows)
    reference = CONTESTANTS["envrules, interpreter"]
    held = reference.hold(path, None)
    counts, findings = reference.ask("counts", held), reference.ask("findings", held)
    for name in (*IN_MEMORY, *FROM_PARQUET):
        contestant = CONTESTANTS[name]
        lots = contestant.hold(path, None)
        wrong = count_differences(counts, contestant.ask("counts", lots))
        wrong += differences(findings, contestant.ask("findings", lots))
        if wrong:
            raise Disagreement(f"{name} differs from the interpreter:\n  " + "\n  ".join(wrong[:10]))
    share = len(findings) / (rows * RULES)
    said = f"On {rows:,} lots all give the interpreter's counts and findings, row by row; {share:.1%} are findings."
    return Section("agreement", notes=[said])


def coal(quick: bool, rounds: int) -> Section:
    """Counts and findings, in memory and from parquet, over the sizes."""
    section = Section("coal")
    sizes = (100_000, 1_000_000) if quick else (100_000, 1_000_000, 10_000_000)
    measured: dict[tuple[str, int, str], Measured] = {}
    for what in WHAT:
        agree = count_differences if what == "counts" else digest_differences
        for rows in sizes:
            jobs = {name: job(name, what, rows) for name in (*IN_MEMORY, *FROM_PARQUET)}
            for name, found in interleaved(jobs, rounds, agree).items():
                measured[what, rows, name] = found
            section.tables.append(_table(what, rows, measured))
    for what in WHAT:
        for rows in sizes[1:] if len(sizes) > 1 else sizes:
            section.marks += _marks(what, rows, measured)
    if not quick:
        section.marks += [_linear(what, name, measured) for what in WHAT for name in AT_MOST]
    return section


def job(contestant: str, what: str, rows: int) -> dict[str, object]:
    """A contestant's job on so many lots."""
    return {"task": "coal.task:judge", "contestant": contestant, "what": what, "path": str(lots_file(rows))}


def _table(what: str, rows: int, measured: dict[tuple[str, int, str], Measured]) -> Table:
    lines = []
    hand = measured[what, rows, "polars"]
    for name in (*IN_MEMORY, *FROM_PARQUET):
        found = measured[what, rows, name]
        if found.failed:
            lines.append((name, found.failed, "-", "-", "-", "-"))
            continue
        against = measured[what, rows, "polars, parquet"] if name.endswith("parquet") else hand
        lines.append(
            (
                name,
                number(found.time),
                number(rows * RULES / found.time / 1e6),
                number(found.time / against.time) if not against.failed else "-",
                number(found.peak),
                number(found.peak - found.before[0]),
            )
        )
    columns = ("", "seconds", "million checks/s", "times polars by hand", "peak MB", "of it above the input")
    return Table(f"{what.capitalize()}, {rows:,} lots x {RULES} rules", columns, lines)


def _marks(what: str, rows: int, measured: dict[tuple[str, int, str], Measured]) -> list[Mark]:
    def ratio(one: str, other: str) -> float | None:
        a, b = measured[what, rows, one], measured[what, rows, other]
        return None if a.failed or b.failed else a.time / b.time

    place = f"{what}, {rows:,} lots"
    found = [Mark(f"{place}: {n} against polars by hand", most, ratio(n, "polars")) for n, most in AT_MOST.items()]
    for other in BY_HAND[1:3]:
        found += [Mark(f"{place}: {n} against {other} by hand", 1, ratio(n, other)) for n in AT_MOST]
    return found


def _linear(what: str, name: str, measured: dict[tuple[str, int, str], Measured]) -> Mark:
    small, large = measured[what, 1_000_000, name], measured[what, 10_000_000, name]
    grown = None if small.failed or large.failed else large.time / (10 * small.time)
    return Mark(f"{what}, {name}: a lot of 10 million against a lot of 1 million", 1.1, grown)
