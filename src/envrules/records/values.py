"""What a record holds: values that are known, ranges of what is known, and the two ways of knowing nothing."""

from __future__ import annotations

import dataclasses
import datetime as dt
import enum
from collections.abc import Mapping
from dataclasses import dataclass, field

from envrules.diagnostics import CellPlace
from envrules.interval import Interval


class Nothing(enum.Enum):
    """A field without a usable value.

    `ABSENT`: nothing was given. `UNUSABLE`: something stands there that cannot be read; it is listed as a problem.
    Both are unknown to the logic; only `is filled` and `assume` tell them apart.
    """

    ABSENT = "absent"
    UNUSABLE = "unusable"


ABSENT = Nothing.ABSENT
UNUSABLE = Nothing.UNUSABLE

#: Numbers, quantities, dates (day ordinals), months (12 * year + month - 1) and years are intervals; ids, texts and
#: enumeration values are str. A set of words is an enumeration value of which only that much is known.
Value = Interval | bool | str | frozenset[str] | Nothing


@dataclass(frozen=True, slots=True)
class Derivation:
    """How a value that no cell states was come by: a sentence in both languages, which findings carry."""

    en: str
    zh: str

    def either(self, language: str = "en") -> str:
        """The sentence in a language."""
        return self.zh if language == "zh" else self.en


@dataclass(frozen=True, slots=True)
class Cell:
    """A value with the cell it came from: as read, and the unit it was read in (None: the field's own).

    `uncertainty` is the expanded uncertainty stated beside a value (`10±0.5`), in the field's unit. `derivation` says
    how the value was come by where no cell of the field states it; `raw` is then what it was derived from.
    """

    value: Value
    raw: object = None
    unit: str | None = None
    uncertainty: float | None = None
    derivation: Derivation | None = None


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a cell cannot be used as it stands: the code that fits, and the reason in words."""

    code: str
    reason: str


@dataclass(frozen=True, slots=True)
class Doubtful:
    """A raw cell that a reader of tables hands on with a doubt: a text holds as it stands, a number is not usable.

    A cell merged over several rows says the same name for all of them, but a number may be the sum of them. Where
    `texts` is false nothing of it is usable.
    """

    raw: object
    fault: Fault
    texts: bool = True


@dataclass(frozen=True, slots=True)
class CellProblem:
    """A cell that could not be used as it stands, or a record that needs a look.

    `record_id` says whose cell it is, for tables whose rows have no place of their own.
    """

    source: str
    sheet: str
    row: int | None
    column: str
    value: object
    reason: str
    code: str = "unusable-cell"
    record_type: str = ""
    field: str = ""
    record_id: str = dataclasses.field(default="", compare=False)

    def as_dict(self) -> dict[str, object]:
        value = self.value if isinstance(self.value, str | int | float | bool | None) else str(self.value)
        return {
            "source": self.source,
            "sheet": self.sheet,
            "row": self.row,
            "column": self.column,
            "value": value,
            "reason": self.reason,
            "code": self.code,
            "record_type": self.record_type,
            "field": self.field,
        }


@dataclass(frozen=True, slots=True)
class Record:
    """One record: its id, its cells by field name (a field with an empty cell may be left out), and its place."""

    type: str
    id: str
    cells: Mapping[str, Cell]
    place: CellPlace = field(default_factory=lambda: CellPlace(""))

    def value(self, name: str) -> Value:
        """The value of a field; `ABSENT` where the record has none."""
        cell = self.cells.get(name)
        return ABSENT if cell is None else cell.value


def date_value(day: dt.date) -> Interval:
    """A date as the interval of its day ordinal."""
    n = float(day.toordinal())
    return Interval(n, n)
