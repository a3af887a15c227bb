"""Indices by breakpoints: the air quality index, the highest of its pollutants' sub-indices."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from envrules.interval import Interval, format_number, point
from envrules.records.standards.remembered import Remembered
from envrules.records.types import Derived, Field, Words
from envrules.records.values import Cell, Derivation

_ROUNDING = 1e-9


@dataclass(frozen=True)
class IndexTable:
    """A table of breakpoints.

    Args:
        scale: the sub-indices at the breakpoints.
        parameters: field -> concentrations at them, in the field's own unit; fewer where the upper ones are not rated.
        needed: the parameters without which the index is only known from below.
    """

    title: Words
    source: Words
    scale: tuple[float, ...]
    parameters: Mapping[str, tuple[float, ...]]
    needed: tuple[str, ...] = ()


def sub_index(value: float, breakpoints: tuple[float, ...], scale: tuple[float, ...]) -> float:
    """The sub-index of a concentration, linear between breakpoints, rounded up; the top of the scale beyond all.

    Source: HJ 633-2012, 4.2 and 4.3 (formula 1; results are rounded up to whole numbers).

    Examples:
        >>> pm2_5, scale = (0, 35, 75, 115, 150, 250, 350, 500), (0, 50, 100, 150, 200, 300, 400, 500)
        >>> [sub_index(c, pm2_5, scale) for c in (35, 75, 80, 600)]
        [50, 100, 107, 500]
    """
    if value > breakpoints[-1]:
        return scale[-1]
    for i in range(1, len(breakpoints)):
        if value <= breakpoints[i]:
            low, high = breakpoints[i - 1], breakpoints[i]
            exact = scale[i - 1] + (scale[i] - scale[i - 1]) * (value - low) / (high - low)
            return math.ceil(exact - _ROUNDING)
    return scale[0]


class IndexReader:
    """Completes records of one type with the index of their concentrations."""

    def __init__(self, table: IndexTable, gives: Field, fields: Mapping[str, Field]) -> None:
        self.table, self.field, self.fields = table, gives, fields
        self.source = table.source
        self.reads = frozenset(table.parameters)
        self.gives = frozenset([gives.name])
        self._remembered = Remembered(list(table.parameters), self._derive)

    def derive(self, cells: Mapping[str, Cell]) -> Iterable[Derived]:
        """The index of the concentrations given; only its least value is known where some are missing."""
        return self._remembered(cells)

    def _derive(self, cells: Mapping[str, Cell]) -> Iterable[Derived]:
        found = {
            name: self._range(value, points)
            for name, points in self.table.parameters.items()
            if name in cells and isinstance(value := cells[name].value, Interval)
        }
        if not found:
            return ()
        low, high = max(r.lo for r in found.values()), max(r.hi for r in found.values())
        missing = [n for n in self.table.needed if n not in found]
        if missing:
            high = self.table.scale[-1]
        raw = ", ".join(f"{n} {cells[n].value}" for n in found)
        cell = Cell(Interval(low, high), raw, None, None, self._note(low, high, found, missing))
        return (Derived(self.field.name, cell),)

    def _range(self, value: Interval, points: tuple[float, ...]) -> Interval:
        scale = self.table.scale
        low = sub_index(max(value.lo, points[0]), points, scale) if value.lo <= points[-1] else scale[len(points) - 1]
        if value.known and (value.lo <= points[-1] or len(points) == len(scale)):
            return point(sub_index(value.lo, points, scale))
        return Interval(low, sub_index(value.hi, points, scale))

    def _note(self, low: float, high: float, found: Mapping[str, Interval], missing: list[str]) -> Derivation:
        worth = format_number(low) if low == high else f"{format_number(low)}..{format_number(high)}"
        name_zh = self.field.label.zh or self.field.name
        en = f"{self.field.name} is not given; {worth} from the concentrations by {self.source.either()}"
        zh = f"未填{name_zh}，按{self.source.either('zh')}由污染物浓度计算为{worth.replace('..', '至')}"
        if missing:
            en += f"; without {', '.join(missing)} it is only known from below"
            zh += f"；缺{'、'.join(self.fields[n].label.zh or n for n in missing)}，只能确定下限"
        elif low > self.table.scale[1]:
            first = [n for n, r in found.items() if r.hi == high]
            en += f", decided by {', '.join(first)}"
            zh += f"，首要污染物：{'、'.join(self.fields[n].label.zh or n for n in first)}"
        return Derivation(en, zh)
