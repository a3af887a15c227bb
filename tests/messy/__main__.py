"""Prints how the messy files are read: what share of columns and cells is right, wrong and asked about.

`python -m messy` shows every file that is not read as expected, `python -m messy NAME ...` these with all that is said,
`python -m messy --mended` takes the mark `not_yet` from the files that are read right by now.
"""

from __future__ import annotations

import sys

from messy.corpus import FILES, Messy, messy_files, shares, total
from messy.judging import Judgement
from real import readings


def unmark(file: Messy) -> None:
    """Take the mark `not_yet` from a file of the corpus."""
    path = FILES / f"{file.name}.yaml"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(line for line in lines if not line.startswith("not_yet:")), encoding="utf-8")
    print(f"{file.name} is read right now")


def main(names: list[str]) -> None:
    if names == ["--mended"]:
        for file in messy_files():
            if file.not_yet and file.as_expected:
                unmark(file)
        return
    files = [f for f in messy_files() if not names or f.name in names]
    for file in files:
        reading, found = file.outcome
        if names or not file.as_expected:
            print(f"{file.name}: columns {shares(found.columns)}; cells {shares(found.cells)}")
            for outcome, what in file.differences:
                print(f"    {outcome}: {what}")
            for code in sorted(file.unsaid):
                print(f"    not said: {code}")
        if names:
            for diagnostic in reading.dataset.warnings:
                print(f"    told: {diagnostic.line()}")
    unmapped: list[Judgement] = [f.outcome[1] for f in files if f.without_mapping]
    public = (*readings.AS_THEY_ARE, *readings.TABLES) if readings.DATA.is_dir() and not names else ()
    for table in public:
        found = readings.judgement(table)
        print(f"{table.name}: columns {shares(found.columns)}; cells {shares(found.cells)}")
        unmapped += [found] if not table.mapping else []
    for title, chosen in (("without a mapping", True), ("told what it is", False)):
        whole = total(f.outcome[1] for f in files if f.without_mapping is chosen)
        count = sum(f.without_mapping is chosen for f in files)
        print(f"{count} files {title}: columns {shares(whole.columns)}; cells {shares(whole.cells)}")
    if public:
        whole = total(iter(unmapped))
        print(
            f"{len(unmapped)} files and tables without a mapping: columns {shares(whole.columns)}; "
            f"cells {shares(whole.cells)}"
        )


if __name__ == "__main__":
    main(sys.argv[1:])
