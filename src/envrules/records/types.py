"""Record types as a pack declares them: fields with their kind, unit, bounds and words in both languages.

Built by `pack.load` from YAML; used by the readers of tables, the checker of rules and every engine. Knows no rule.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

from envrules.interval import Interval
from envrules.records.values import Cell
from envrules.units import ONE, Unit

FieldKind = Literal["id", "text", "enum", "bool", "int", "number", "quantity", "date", "month", "year"]


@dataclass(frozen=True)
class Words:
    """A label or note in both languages; either may be empty."""

    en: str = ""
    zh: str = ""

    def either(self, language: str = "en") -> str:
        """The text in a language, or in the other where that one is empty."""
        return (self.zh or self.en) if language == "zh" else (self.en or self.zh)

    def both(self) -> tuple[str, ...]:
        return tuple(w for w in (self.en, self.zh) if w)


@dataclass(frozen=True)
class EnumValue:
    name: str
    label: Words = Words()
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True)
class Enumeration:
    """The words a field may hold. Of an ordered one the first value is the lowest."""

    name: str
    values: tuple[EnumValue, ...]
    ordered: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(v.name for v in self.values)

    def rank(self, name: str) -> int:
        return self.names.index(name)


@dataclass(frozen=True)
class Assumption:
    """What an empty cell stands for, and the note that findings resting on it carry."""

    value: bool | float | str
    note: Words


@dataclass(frozen=True)
class PlaceWords:
    """What lying in a polygon says of a field: `inside`, or what the attributes `by` of it hold; and lying in none."""

    inside: str = ""
    by: tuple[str, ...] = ()
    outside: str = ""


@dataclass(frozen=True)
class Field:
    """One field of a record type.

    Args:
        unit: of a quantity; `ONE` for plain numbers. Values are kept in it.
        context: an equivalence of units (`steam`) under which other dimensions convert.
        bounds: what a usable value lies in, in the field's unit.
        units: for a quantity whose unit depends on another field: value of that field -> unit.
        unit_of, unit_field: that field, and the field in which a record may state its own unit.
        empty_is_answer: emptiness means "not done" instead of "not known".
        detection_limit: what "not detected" stands below, in the field's unit.
        typical: from where to where values usually lie, in the field's unit; outside a column may be in another one.
        states: alias -> field -> the word of it that a column of this name states too (`St,d`: the dry basis).
        beside: an enumeration field whose words may stand in brackets behind the name of a column.
        answers: alias -> (what yes stands for in a column of this name, what no does).
        words: words a cell may hold besides, and what they stand for.
        deadline: a date by which something is due, so that "by the end of September" is its last day.
        place: what the place of a record says of the field.
        angle: a number of degrees, which may be written in degrees, minutes and seconds.
    """

    name: str
    kind: FieldKind
    unit: Unit = ONE
    context: str = ""
    enum: Enumeration | None = None
    bounds: Interval = Interval(-math.inf, math.inf)
    label: Words = Words()
    meaning: Words = Words()
    aliases: tuple[str, ...] = ()
    empty_is_answer: bool = False
    assume: Assumption | None = None
    unit_of: str = ""
    units: dict[str, Unit] = field(default_factory=dict)
    unit_field: str = ""
    detection_limit: float | None = None
    typical: tuple[float, float] | None = None
    states: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    beside: str = ""
    answers: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    words: Mapping[str, bool | float | str] = field(default_factory=dict)
    deadline: bool = False
    place: PlaceWords | None = None
    angle: bool = False


@dataclass(frozen=True)
class Derived:
    """What a standard says of a field, from the record's other fields: the value, and the words that agree with it too.

    Args:
        agreement: how far, relative to it, a number of the record itself may lie and still say the same.
        checked: whether a value of the record itself that says something else is a contradiction.
    """

    field: str
    cell: Cell
    agrees: frozenset[str] = frozenset()
    agreement: float = 0.0
    checked: bool = False


@dataclass(frozen=True)
class Objection:
    """Why what a record states of a field cannot be so, or cannot be used: the code that fits, and the reason."""

    field: str
    code: str
    reason: str


class Completion(Protocol):
    """A standard that gives fields of a record from others, where no cell states them.

    `reads` are the fields it needs one of; `gives` those it may give.
    """

    @property
    def reads(self) -> frozenset[str]: ...

    @property
    def gives(self) -> frozenset[str]: ...

    @property
    def source(self) -> Words:
        """The standard, as people cite it."""
        ...

    def derive(self, cells: Mapping[str, Cell]) -> Iterable[Derived | Objection]:
        """What it says of the fields that it gives, as far as the cells allow."""
        ...


@dataclass(frozen=True)
class RecordType:
    """A kind of record: its fields by name (the first is `id`), the field that dates it, where its id comes from, the
    standards that complete it, and the fields of its longitude and latitude."""

    name: str
    fields: dict[str, Field]
    label: Words = Words()
    aliases: tuple[str, ...] = ()
    date: str = ""
    id_from: tuple[str, ...] = ()
    completions: tuple[Completion, ...] = ()
    coordinates: tuple[str, str] | None = None
    told_by: tuple[str, ...] = ()  # the fields without which no table is recognised as this type by its headers
    made_of: object = None  # a `standards.hours.MadeOf`, of which records this type is made where it is not given
