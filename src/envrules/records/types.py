"""Record types as a pack declares them: fields with their kind, unit, bounds and words in both languages.

Built by `pack.load` from YAML; used by the readers of tables, the checker of rules and every engine. Knows no rule.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Literal

from envrules.interval import Interval
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

    value: object
    note: Words


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


@dataclass(frozen=True)
class RecordType:
    """A kind of record: its fields by name (the first is `id`), the field that dates it, where its id comes from."""

    name: str
    fields: dict[str, Field]
    label: Words = Words()
    aliases: tuple[str, ...] = ()
    date: str = ""
    id_from: tuple[str, ...] = ()
