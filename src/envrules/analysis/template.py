"""Empty tables to fill in, made from a pack's record types: their columns, the words of their lists, a CSV.

What is filled in reads back without a mapping: every header and every word of a list is asked of the readers first.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from envrules.analysis.fields import YES_NO, unit_of
from envrules.diagnostics import CallError, Problems, nearest
from envrules.pack.pack import Pack
from envrules.records.cells import CellReader
from envrules.records.recognise import match_headers, type_words
from envrules.records.types import Field, RecordType
from envrules.records.values import Cell

Language = Literal["en", "zh"]


@dataclass(frozen=True)
class Column:
    """A column of a template: its field, and a header that is read as that field."""

    field: Field
    header: str


def find_types(pack: Pack, names: Iterable[str]) -> list[RecordType]:
    """The record types that names, labels or `all` mean, each once.

    Raises:
        CallError: `unknown-record` for each that names none.

    Examples:
        >>> from envrules.pack.load import load_pack
        >>> [t.name for t in find_types(load_pack("jiuquan-2018"), ["锅炉", "coal_lot", "boiler"])]
        ['boiler', 'coal_lot']
    """
    found: dict[str, RecordType] = {}
    problems = Problems()
    words = type_words(pack.records)
    for name in names:
        meant = tuple(pack.records) if name == "all" else (name,) if name in pack.records else words.find(name)
        if name != "all" and len(meant) != 1:
            what = f"{name!r} is not a record type of {pack.name}"
            problems.error("unknown-record", "template", what, expected=", ".join([*pack.records, "all"]),
                           hint=nearest(name, pack.records))  # fmt: skip
            continue
        found.update((m, pack.records[m]) for m in meant)
    problems.raise_errors(CallError)
    return list(found.values())


def columns(pack: Pack, record_type: RecordType, language: Language = "zh") -> list[Column]:
    """The columns of a template: each field under its label, with its unit in brackets.

    Examples:
        >>> from envrules.pack.load import load_pack
        >>> pack = load_pack("jiuquan-2018")
        >>> [c.header for c in columns(pack, pack.records["coal_lot"])][5:7]
        ['全硫(%)', '灰分(%)']
    """
    return [Column(f, _header(pack, record_type, f, language)) for f in record_type.fields.values()]


def _header(pack: Pack, record_type: RecordType, field: Field, language: Language) -> str:
    unit = unit_of(field).either(language)
    names = [field.label.either(language), field.name]
    for name in names:
        for header in (f"{name}({unit})", f"{name}({field.unit.text})") if unit else (name,):
            match = match_headers([header], record_type, pack.units)
            found = [] if match.faults else [c for c in match.columns if c.field.name == field.name]
            if found and (not unit or found[0].unit == field.unit):
                return header
    return field.name


def csv_template(pack: Pack, record_type: RecordType, language: Language = "zh") -> str:
    """The header of a record type as a CSV file that spreadsheets open with its Chinese characters whole."""
    out = io.StringIO()
    csv.writer(out).writerow([c.header for c in columns(pack, record_type, language)])
    return "\ufeff" + out.getvalue()


def value_words(pack: Pack, field: Field, language: Language = "zh") -> list[str]:
    """What a drop-down list offers for a field: labels, or names where a label would not be read back."""
    if field.kind == "bool":
        return [w.either(language) for w in YES_NO]
    assert field.enum is not None
    reader = CellReader(field, pack.units)
    found = []
    for value in field.enum.values:
        label = value.label.either(language)
        read = reader(label) if label else None
        found.append(label if isinstance(read, Cell) and read.value == value.name else value.name)
    return found
