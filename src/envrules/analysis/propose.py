"""Which field a column may be that nobody has named: by spelling, by meaning, and by what its cells hold.

A proposal is never taken: it is shown with its certainty to a person, who writes it into a mapping or does not.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache
from importlib.resources import files

from envrules.records.cells import CellReader
from envrules.records.quantities import parse_unit_text
from envrules.records.recognise import bare_unit, bracket_of, name_of
from envrules.records.types import Field, RecordType
from envrules.records.values import ABSENT, Cell
from envrules.records.words import fold, shown
from envrules.units import Unit, Units

#: From here on a proposal is shown, and from there on it is called likely.
POSSIBLE, LIKELY = 0.45, 0.75
_SAMPLE = 50
_SOME = 0.3  # what a name has to say before its cells can speak for it


@dataclass(frozen=True)
class Proposal:
    """A field that a column may be: how certain that is, from 0 to 1, and what speaks for it."""

    field: Field
    certainty: float
    why: str

    @property
    def word(self) -> str:
        """`likely` or `possible`."""
        return "likely" if self.certainty >= LIKELY else "possible"


def propose(
    header: str, cells: Sequence[object], record_type: RecordType, units: Units, taken: frozenset[str] = frozenset()
) -> tuple[Proposal, ...]:
    """What a column may be, the likeliest first, three at most.

    Args:
        cells: some of what stands in it.
        taken: fields that other columns are already.

    Examples:
        >>> from envrules.pack.load import load_pack
        >>> pack = load_pack("jiuquan-2018")
        >>> found = propose("锅炉吨位数(蒸吨)", [10.0, 4.0], pack.records["boiler"], pack.units)
        >>> found[0].field.name, found[0].word
        ('capacity', 'likely')
    """
    found = []
    for one in record_type.fields.values():
        if one.name in taken:
            continue
        proposal = _proposal(header, cells[:_SAMPLE], one, units)
        if proposal is not None:
            found.append(proposal)
    return tuple(sorted(found, key=lambda p: -p.certainty)[:3])


def _proposal(header: str, cells: Sequence[object], one: Field, units: Units) -> Proposal | None:
    near, spelling = _spelling(header, one)
    meaning = _meaning(header, one)
    certainty, why = spelling, f"near {shown(near)}"
    if meaning > spelling:
        certainty, why = 0.9 * meaning, "by its meaning"
    fits = _fits(cells, one, units)
    unit = _unit(header, one, units)
    if unit is False:
        certainty *= 0.5
    elif unit is True:
        certainty, why = certainty + 0.4 * (1 - certainty), f"{why}, and its unit fits"
    if fits is not None:
        if fits < 0.5:
            certainty *= 0.7 if one.kind == "enum" else 0.4  # words can be translated, numbers cannot
        elif one.kind in ("enum", "date", "month", "bool") and fits >= 0.8 and certainty >= _SOME:
            certainty, why = certainty + 0.5 * (1 - certainty), f"{why}, and {fits:.0%} of its cells fit"
    return Proposal(one, round(min(certainty, 0.99), 2), why) if certainty >= POSSIBLE else None


def _spelling(header: str, one: Field) -> tuple[str, float]:
    """(the nearest word of a field, how near it is by edits)."""
    base = fold(name_of(header))
    best, nearness = "", 0.0
    for word in (one.name, *one.label.both(), *one.aliases):
        matcher = SequenceMatcher(None, base, fold(word))
        if matcher.real_quick_ratio() > nearness and matcher.quick_ratio() > nearness and matcher.ratio() > nearness:
            best, nearness = word, matcher.ratio()
    # Long words share letters by chance, and Latin ones more of them.
    return best, nearness if len(base) > 1 and nearness >= (0.65 if base.isascii() else 0.5) else 0.0


@lru_cache(maxsize=1)
def _synonyms() -> dict[str, frozenset[str]]:
    """Folded word -> the concepts it stands for."""
    found: dict[str, set[str]] = {}
    for line in files("envrules.analysis").joinpath("synonyms.txt").read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            concept, *words = line.split()
            for word in (concept, *words):
                found.setdefault(fold(word), set()).add(concept)
    return {word: frozenset(concepts) for word, concepts in found.items()}


@lru_cache(maxsize=4096)
def _concepts(text: str) -> frozenset[str]:
    """The concepts in a name: Latin words whole, Chinese ones wherever they stand, the longest first."""
    synonyms = _synonyms()
    found: set[str] = set()
    for word in re.findall(r"[A-Za-z][A-Za-z.]*\d*(?:\.\d+)?", text):
        found |= synonyms.get(fold(word), frozenset())
    rest = fold(re.sub(r"[A-Za-z0-9.]", " ", text))
    position = 0
    while position < len(rest):
        size = next((n for n in (6, 5, 4, 3, 2, 1) if rest[position : position + n] in synonyms), 0)
        if size:
            found |= synonyms[rest[position : position + size]]
        position += size or 1
    return frozenset(found)


def _meaning(header: str, one: Field) -> float:
    """How far the concepts of a header are those of a word of the field."""
    own = _concepts(name_of(header))
    if not own:
        return 0.0
    best = 0.0
    for word in (one.name.replace("_", " "), *one.label.both(), *one.aliases):
        other = _concepts(word)
        if other:
            best = max(best, 2 * len(own & other) / (len(own) + len(other)))
    return best


def _fits(cells: Sequence[object], one: Field, units: Units) -> float | None:
    """The share of cells that the field can hold; None where nothing is in them, or anything would fit."""
    if one.kind in ("id", "text") or one.unit_of:
        return None
    reader = CellReader(one, units)
    read = [reader(c) for c in cells]
    filled = [r for r in read if not (isinstance(r, Cell) and r.value is ABSENT)]
    return sum(1 for r in filled if isinstance(r, Cell)) / len(filled) if filled else None


def _unit(header: str, one: Field, units: Units) -> bool | None:
    """Whether the unit in a header is one of the field's; None where it has none."""
    unit = parse_unit_text(units, bare_unit(bracket_of(header))) if bracket_of(header) else None
    if not isinstance(unit, Unit):
        return None
    return one.kind == "quantity" and (bool(one.unit_of) or units.conversion(unit, one.unit, one.context) is not None)
