"""The messy files of `files/`, each with what a careful person reads in it, and how the program read them.

A file of `files/` holds: `about`; `file`, its description (see `writing`); `read`, the tables that are in it; `says`,
codes of which a person has to be told; `refused`, those of an error, where a question comes before any reading;
`mapping` or `record`, what the reading is told beforehand (without one where it is not); `not_yet`, why the reading is
not right yet.

A table: `type`, `sheet`, `header` (its rows, or `headers`, the texts), `first` (its first column where that is not A);
`columns`, one a column of the file: a field, null for one that is none, `?field` for one of which only a question is
right, `*field` for one of several that make a field, `+field` for a value that has no column of its own; `rows`, the
row's number -> the values of the fields in that order (without those of `*field`): null is nothing, `!` a cell that is
listed as unusable, `[value, '!']` one that stands but is listed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from ruamel.yaml import YAML

import envrules as er
from envrules.pack.pack import Pack
from messy.judging import Headers, Judgement, Reading, judge, read
from messy.writing import write

FILES = Path(__file__).parent / "files"
PACK = "jiuquan-2018"


@lru_cache(maxsize=1)
def shipped_pack() -> Pack:
    return er.load_pack(PACK)


@dataclass(frozen=True)
class Messy:
    """One messy file with its expected reading."""

    name: str
    content: Mapping[str, Any]

    @property
    def not_yet(self) -> str:
        return str(self.content.get("not_yet", ""))

    @property
    def without_mapping(self) -> bool:
        return not self.content.keys() & {"mapping", "record"}

    @property
    def as_expected(self) -> bool:
        return not self.differences and not self.unsaid

    @property
    def differences(self) -> list[tuple[str, str]]:
        """Where the reading differs from what is expected; nothing where the whole file is rightly refused."""
        reading, found = self.outcome
        refused = {d.code for d in reading.refusal.diagnostics if d.level == "error"} if reading.refusal else set()
        wanted = self.content.get("refused", ())
        right = refused and refused == set(wanted)
        return [] if right else [(str(outcome), what) for outcome, what in found.differences]

    @property
    def unsaid(self) -> set[str]:
        """The codes of which a person should have been told, and was not."""
        return set(self.content.get("says", ())) - self.outcome[0].codes

    def write(self, folder: Path) -> Path:
        return write(self.content["file"], folder)

    @cached_property
    def outcome(self) -> tuple[Reading, Judgement]:
        """What reading it came to, and how that compares."""
        pack = shipped_pack()
        with TemporaryDirectory() as folder:
            path = self.write(Path(folder))
            found = read(pack, path, self.content.get("record"), self.content.get("mapping"))
        return found, judge(pack, found, self.content["read"], Headers(self.content["file"]))


def messy_files() -> Iterator[Messy]:
    """Every file of the corpus, by name."""
    yaml = YAML(typ="safe")
    for path in sorted(FILES.glob("*.yaml")):
        yield Messy(path.stem, yaml.load(path.read_text(encoding="utf-8")))


def total(judgements: Iterator[Judgement]) -> Judgement:
    """The counts of several files together."""
    whole = Judgement()
    for one in judgements:
        whole.columns.update(one.columns)
        whole.cells.update(one.cells)
    return whole


def shares(counts: Counter[str]) -> str:
    """`right 97.0 %, wrong 0.0 %, asked 3.0 % of 120`."""
    whole = sum(counts.values()) or 1
    return ", ".join(f"{k} {counts[k]} ({100 * counts[k] / whole:.1f} %)" for k in ("right", "wrong", "asked"))
