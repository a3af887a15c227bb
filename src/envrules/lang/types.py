"""The types of expressions: kinds, units with their dimensions, enumerations, calendar periods.

Knows neither YAML nor records: a pack's field declarations become a `Schema` of these.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from envrules.calendars import PeriodKind
from envrules.interval import Interval
from envrules.units import ONE, Unit, describe_dimension

Kind = Literal["quantity", "bool", "text", "enum", "date", "period"]


@dataclass(frozen=True)
class EnumType:
    """An enumeration's words. Of an ordered one the first is the lowest."""

    name: str
    values: tuple[str, ...]
    ordered: bool = False

    def rank(self, word: str) -> int:
        return self.values.index(word)


@dataclass(frozen=True)
class Type:
    """What an expression is.

    Args:
        unit: of a quantity: values of this type are numbers in it.
        context: the equivalence under which a quantity's unit converts across dimensions.
        enum, period: of an enumeration, of a calendar period.
        bare: a literal number written without a unit; it takes the place of any plain number, never of a share.
        difference: what lies between two temperatures, so that 7 K is never taken for -266.15 degC.
    """

    kind: Kind
    unit: Unit = ONE
    context: str = ""
    enum: EnumType | None = None
    period: PeriodKind | None = None
    bare: bool = False
    difference: bool = False

    def describe(self) -> str:
        """The type in words, as messages use it."""
        if self.kind == "quantity":
            if self.unit.factor == 1.0 and self.unit.dimensionless:
                return "a plain number"
            between = " difference" if self.difference else ""
            return f"{describe_dimension(self.unit.dimension)}{between} in {self.unit}"
        if self.kind == "enum":
            return f"a word of {self.enum.name}" if self.enum else "a word"
        if self.kind == "period":
            return f"a calendar period ({self.period})"
        return {"bool": "true or false", "text": "a text", "date": "a date"}[self.kind]


BOOL = Type("bool")
TEXT = Type("text")
DATE = Type("date")
NUMBER = Type("quantity")


@dataclass(frozen=True)
class FieldType:
    """A field as expressions see it."""

    type: Type
    empty_is_answer: bool = False
    bounds: Interval = Interval(-math.inf, math.inf)
    unit_of: str = ""
    units: Mapping[str, Unit] = field(default_factory=dict, hash=False, compare=False)


Schema = Mapping[str, FieldType]
