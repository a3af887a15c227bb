"""One raw cell to one value of one field: `read_cell`, and `CellReader`, which remembers what it has read.

Nothing is guessed: a cell gives a value, nothing (`ABSENT`), or a `Fault` that says why not. Knows no table.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Callable
from decimal import Decimal
from enum import Enum

from envrules.interval import Interval, point
from envrules.records.coordinates import parse_angle
from envrules.records.dates import parse_days, parse_month, parse_year
from envrules.records.quantities import read_quantity, within
from envrules.records.types import Enumeration, Field
from envrules.records.values import ABSENT, Cell, Doubtful, Fault, Nothing, date_value
from envrules.records.words import (
    NOT_DONE_WORDS,
    WordTable,
    compact,
    emptiness,
    printable,
    shown,
)
from envrules.units import ONE, Unit, Units

_REMEMBERED = 20_000  # cells remembered for each column, so that repeated values are parsed once
_HINTED = 100  # unknown words of a column that get a nearest right one; finding it is slow
_MOST_BITS = 2000
_NUMERIC = ("quantity", "number", "int")
_TRUE = frozenset("是 是的 有 对 √ ✓ ✔ ☑ 已 已完成 完成 true yes y t 1 1.0".split())
_FALSE = frozenset("否 无 没有 错 不是 × ╳ ✖ ✗ ✘ ✕ 未 未完成 没完成 false no n f 0 0.0".split())
# Blanks of every width, with those that print nothing, which a copy from a page leaves behind.
_BLANK = " \t\r\n\f\v\u00a0\u2000\u2001\u2002\u2003\u2009\u200a\u200b\u200c\u200d\u2028\u2029\u202f\u2060\u3000\ufeff"
# By the end of September is its last day; before September would be another.
_BY = re.compile(r"(?P<period>.*[月年])(?:底|末)(?:之?前|以前)?|(?P<day>.*[日号])(?:之?前|以前)")
_DONE = re.compile(r"(?P<no>未|没有|没|不|尚未|暂未|还未)?(?P<yes>已经|已)?(?P<what>.{2,})")
_NEGATIVE = frozenset("未不无非没否")
_SPREADSHEET_ERRORS = frozenset(
    "#div/0! #ref! #value! #name? #num! #null! #n/a #spill! #calc! #getting_data #####".split()
)

#: What a raw value is once foreign types are gone: a plain Python value, or None for nothing.
Plain = str | int | float | bool | Decimal | dt.date | Interval | None


def read_cell(
    field: Field, raw: object, units: Units, unit: Unit | None = None, *, target: Unit | None = None
) -> Cell | Fault:
    """The value of one raw cell, or why it cannot be used.

    Args:
        unit: what a bare number is in, where the column says so; None for the field's own unit.
        target: what the value is kept in, where the field's unit depends on another field; None for `field.unit`.

    Examples:
        >>> from envrules.units import registry
        >>> units = registry()
        >>> capacity = Field("capacity", "quantity", unit=units.parse("t/h"), context="steam")
        >>> read_cell(capacity, "14 MW", units)
        Cell(value=20, raw='14 MW', unit='MW', uncertainty=None, derivation=None)
        >>> read_cell(capacity, "20吨", units).code
        'unit-mismatch'
    """
    return CellReader(field, units, unit, target)(raw)


class CellReader:
    """Reads the cells of one column, each different one once; see `read_cell`."""

    def __init__(self, field: Field, units: Units, unit: Unit | None = None, target: Unit | None = None) -> None:
        self.field, self.units, self.unit, self.target = field, units, unit, target or field.unit
        self._read = _READERS[field.kind]
        self._texts: dict[str, Cell | Fault] = {}
        self._floats: dict[float, Cell | Fault] = {}
        self._words = enum_words(field.enum) if field.enum is not None else None
        self._meant = {compact(word): meant for word, meant in field.words.items()}
        self.hints = _HINTED
        self._remember = field.kind not in ("id", "text")

    def __call__(self, raw: object) -> Cell | Fault:
        if type(raw) is str:
            found = self._texts.get(raw)
            if found is None:
                found = self._read_new(raw)
                if self._remember and len(self._texts) < _REMEMBERED:
                    self._texts[raw] = found
            return found
        if type(raw) is float:
            found = self._floats.get(raw)
            if found is None:
                found = self._read_new(raw)
                if self._remember and len(self._floats) < _REMEMBERED:
                    self._floats[raw] = found
            return found
        return self._read_new(raw)

    def _read_new(self, raw: object) -> Cell | Fault:
        if isinstance(raw, Doubtful):
            return self(raw.raw) if raw.texts and self.field.kind not in _NUMERIC else raw.fault
        plain = plain_value(raw)
        if plain is None:
            return Cell(ABSENT, raw)
        if isinstance(plain, Fault):
            return plain
        if isinstance(plain, str):
            plain = plain.strip(_BLANK)
            found = self._nothing(plain)
            if found is not None:
                return found if isinstance(found, Fault) else Cell(ABSENT, raw)
            if plain.startswith("#") and plain.lower() in _SPREADSHEET_ERRORS:
                return Fault("spreadsheet-error", f"the cell holds the spreadsheet error {plain}")
            if plain.startswith("=") and self.field.kind not in ("id", "text") and plain[1:2] not in ("<", ">"):
                return Fault(
                    "formula", f"{shown(plain)} is a formula without a stored value; open and save it in a spreadsheet"
                )
            plain = self._meant.get(compact(plain), plain) if self._meant else plain
        result = self._read(self, plain)
        if isinstance(result, Fault):
            return result
        if isinstance(result, Cell):
            return Cell(result.value, raw, result.unit, result.uncertainty)
        return Cell(result, raw)

    def _nothing(self, text: str) -> Fault | Nothing | None:
        """ABSENT where a text stands for nothing, a Fault where it must not, None where it is something."""
        kind = "" if self._meant and compact(text) in self._meant else emptiness(text)
        field = self.field
        if not kind:
            not_done = field.empty_is_answer and field.kind in ("date", "month", "year")
            return ABSENT if not_done and compact(text) in NOT_DONE_WORDS else None
        if self._words is not None and self._words.find(text):
            return None
        if field.kind == "bool" and compact(text) == "无":
            return None
        if kind == "unknown" and field.empty_is_answer:
            return Fault(
                "says-unknown", f"{shown(text)} says that it is not known, but an empty {field.name} means not done"
            )
        return ABSENT

    def word(self, text: str) -> str | Fault:
        """The enumeration value that a text means."""
        assert self._words is not None
        assert self.field.enum is not None
        found = self._words.find(text)
        if len(found) == 1:
            return found[0]
        if found:
            return Fault("unknown-value", f"{shown(text)} may be any of {', '.join(found)} of {self.field.name}")
        near = ""
        if self.hints > 0:
            self.hints -= 1
            near = self._words.near(text)
        names = self.field.enum.names
        listed = ", ".join(names[:8]) + (", ..." if len(names) > 8 else "")
        return Fault(
            "unknown-value",
            f"{shown(text)} is not a value of {self.field.name}"
            + (f"; did you mean {near}?" if near else f" ({listed})"),
        )


class AnswerReader(CellReader):
    """Reads the column of a question: what yes and no stand for in it, and any word of the field itself."""

    def __init__(self, field: Field, units: Units, answers: tuple[str, str]) -> None:
        super().__init__(field, units)
        self._yes_no = CellReader(Field(field.name, "bool"), units)
        self._answers = answers

    def _read_new(self, raw: object) -> Cell | Fault:
        found = super()._read_new(raw)
        if isinstance(found, Cell) and found.value is not ABSENT:
            return found
        said = self._yes_no(raw)
        if isinstance(said, Fault) or said.value is ABSENT:
            return found
        return Cell(self._answers[0] if said.value else self._answers[1], raw)


def enum_words(enum: Enumeration) -> WordTable:
    """The words of an enumeration: names, labels in both languages and aliases."""
    return WordTable((word, v.name) for v in enum.values for word in (v.name, *v.label.both(), *v.aliases))


def plain_value(raw: object) -> Plain | Fault:
    """The raw value as a plain Python one; None for nothing, a Fault for what no field can hold.

    A float of single precision becomes the shortest decimal that stands for it, which is what was written.
    """
    if isinstance(raw, Enum):
        return plain_value(raw.value)
    if isinstance(raw, str):
        if "\0" in raw:
            what = f"{shown(raw)} holds the character NUL, with which many programs end a text"
            return Fault("unusable-cell", what)
        half = not raw.isascii() and raw != printable(raw)
        return (
            raw if not half else Fault("unusable-cell", f"{shown(raw)} holds half a character, which no text can hold")
        )
    if isinstance(raw, int) and raw.bit_length() > _MOST_BITS:
        return Fault("not-finite", f"a whole number of {raw.bit_length()} bits is none that was measured")
    if raw is None or isinstance(raw, (int, Interval)):
        return raw
    if isinstance(raw, float):
        return None if math.isnan(raw) else float(raw)
    if type(raw).__name__ in ("NAType", "NaTType"):
        return None
    if isinstance(raw, Decimal):
        return None if raw.is_nan() else raw
    if isinstance(raw, dt.datetime):
        if raw.tzinfo is not None:
            return Fault(
                "not-a-date", f"{raw.isoformat()} has a time zone, on which its day depends; give the local date"
            )
        return raw
    if isinstance(raw, dt.date):
        return raw
    if type(raw).__module__ == "numpy" and hasattr(raw, "dtype") and getattr(raw, "ndim", 0) == 0:
        return _plain_numpy(raw)
    if isinstance(raw, (list, tuple, dict, set, bytes)):
        return Fault("nested-value", f"a {type(raw).__name__} stands where one value is expected")
    return Fault("nested-value", f"a value of type {type(raw).__name__} cannot be read")


def _plain_numpy(raw: object) -> Plain | Fault:
    kind: str = raw.dtype.kind  # type: ignore[attr-defined]
    if kind == "M":
        return plain_value(raw.astype("datetime64[us]").item())  # type: ignore[attr-defined]
    if kind == "f":
        return plain_value(float(str(raw)))
    item = raw.item()  # type: ignore[attr-defined]
    return (
        plain_value(item) if type(item).__module__ == "builtins" else Fault("nested-value", f"{raw!r} cannot be read")
    )


def _as_text(value: Plain) -> str:
    """The text of a value as a person would type it: 7.0 is `7`, a datetime at midnight its date."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, Decimal):
        return str(value.quantize(Decimal(1)) if value == value.to_integral_value() and abs(value) < 10**15 else value)
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat(" ")
    return value.isoformat() if isinstance(value, dt.date) else str(value)


#: Marks for what stands above. Rows may have been sorted or left out since, so it is for a person to write it out.
_SAME_AS_ABOVE = frozenset("〃 ″ \" '' 同上 同左 ditto".split())


def _read_text(reader: CellReader, value: Plain) -> str | Fault:
    if isinstance(value, Interval):
        return Fault("nested-value", "a range stands where a text is expected")
    text = _as_text(value)
    if text.strip() in _SAME_AS_ABOVE:
        return Fault("unusable-cell", f"{shown(text)} says the same as the row above, which a sorted table has lost")
    return text


def _read_enum(reader: CellReader, value: Plain) -> str | Fault:
    return reader.word(_as_text(value))


def _read_bool(reader: CellReader, value: Plain) -> bool | Fault:
    if isinstance(value, bool):
        return value
    word = compact(_as_text(value)).rstrip("。.;")
    if word in _TRUE:
        return True
    if word in _FALSE:
        return False
    said = _says_done(word, reader.field)
    if said is not None:
        return said
    return Fault("not-yes-or-no", f"{shown(_as_text(value))} is neither yes nor no; write 是 or 否, yes or no")


def _says_done(word: str, field: Field) -> bool | None:
    """Whether a word says in the field's own terms that it is so: 已划定, 未划定 of a field 是否划定.

    Only what the field's labels and aliases say is looked for, and only where they do not deny anything themselves.
    """
    match = _DONE.fullmatch(word)
    if match is None or (match["no"] and match["yes"]):
        return None
    names = [n for n in (field.label.zh, *field.aliases) if not _NEGATIVE.intersection(n.replace("是否", ""))]
    return not match["no"] if any(match["what"] in name for name in names) else None


def _read_date(reader: CellReader, value: Plain) -> Interval | Fault:
    if isinstance(value, dt.datetime):
        return date_value(value.date())
    if isinstance(value, dt.date):
        return date_value(value)
    if isinstance(value, bool):
        return Fault("not-a-date", f"{_as_text(value)} is not a date")
    text = _as_text(value)
    by = _BY.fullmatch(compact(text)) if reader.field.deadline else None
    found = parse_days(text if by is None else by["period"] or by["day"])
    if by is not None and not isinstance(found, Fault):
        return date_value(found[1])
    return found if isinstance(found, Fault) else Interval(date_value(found[0]).lo, date_value(found[1]).lo)


def _read_month(reader: CellReader, value: Plain) -> Interval | Fault:
    found = (value.year, value.month) if isinstance(value, dt.date) else parse_month(_as_text(value))
    return found if isinstance(found, Fault) else month_value(*found)


def _read_year(reader: CellReader, value: Plain) -> Interval | Fault:
    found = value.year if isinstance(value, dt.date) else parse_year(_as_text(value))
    return (
        found if isinstance(found, Fault) else within(point(float(found)), reader.field.bounds, reader.field.name, ONE)
    )


def month_value(year: int, month: int) -> Interval:
    """A month as the interval of its number, 12 * year + month - 1."""
    return point(float(12 * year + month - 1))


def _read_number(reader: CellReader, value: Plain) -> Cell | Fault:
    if reader.field.angle and isinstance(value, str) and (degrees := parse_angle(value)) is not None:
        value = degrees
    return read_quantity(reader.field, value, reader.units, reader.unit, reader.target)


_READERS: dict[str, Callable[[CellReader, Plain], Cell | Interval | bool | str | Fault]] = {
    "id": _read_text,
    "text": _read_text,
    "enum": _read_enum,
    "bool": _read_bool,
    "int": _read_number,
    "number": _read_number,
    "quantity": _read_number,
    "date": _read_date,
    "month": _read_month,
    "year": _read_year,
}
