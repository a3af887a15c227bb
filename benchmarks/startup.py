"""How long one small file takes from the shell, beside the import of polars alone."""

from __future__ import annotations

import compileall
import sys
from pathlib import Path

from benchmarks.coal.records import data_folder, lots
from benchmarks.measure import ROOT, commands
from benchmarks.report import Mark, Section, Table, number

LOTS = 1000


def startup(quick: bool, rounds: int) -> Section:
    """`envrules check` of a csv of 1,000 lots, with the shipped pack and with the twelve limits."""
    file = _small_file()
    # As `pip install` does, and did for polars: an environment may forbid Python to keep what it compiled.
    compileall.compile_dir(str(ROOT / "src"), quiet=2)
    envrules = str(Path(sys.executable).parent / "envrules")
    twelve = str(Path(__file__).parent / "coal" / "coal-limits")
    check = [envrules, "check", "--quiet", "--as-of", "2020-12-31", "--format", "csv"]
    named = {
        'python -c "import polars"': [sys.executable, "-c", "import polars"],
        "envrules check, the shipped pack": [*check, f"coal_lot={file}"],
        "envrules check, twelve limits": [*check, "--pack", twelve, f"coal_lot={file}"],
        "envrules --help": [envrules, "--help"],
        "python -c pass": [sys.executable, "-c", "pass"],
    }
    found = commands(named, rounds if quick else max(rounds, 7))
    polars = found['python -c "import polars"'].time
    rows = [(name, number(m.time), number(min(m.seconds)), number(m.time / polars)) for name, m in found.items()]
    section = Section("startup")
    columns = ("", "seconds", "shortest", "times import polars")
    section.tables.append(Table(f"From the shell, a csv of {LOTS:,} lots", columns, rows))
    bound = max(1.0, 3 * polars)
    for name in list(named)[1:3]:
        section.marks.append(Mark(f"{name}, from the shell", bound, found[name].time, "s"))
    return section


def _small_file() -> Path:
    path = data_folder() / "small.csv"
    if not path.exists():
        # The columns that both packs know.
        lots(LOTS).select("id", "zone", "activity", "total_sulfur", "ash", "moisture_ar", "sampled_on").write_csv(path)
    return path
