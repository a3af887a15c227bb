"""The scale of a column of shares that does not say it: 0.8 may be 0.8 % or, as a fraction, 80 %.

What the column holds decides where it can: a number above 1 is no fraction, and a field may declare where its values
typically lie. Where both scales fit, the column is a question and its numbers are unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from statistics import median
from typing import Literal

from envrules.interval import format_number
from envrules.records.cells import CellReader
from envrules.records.plan import Plan, Slot
from envrules.records.quantities import bare_number
from envrules.records.types import Field
from envrules.records.values import Cell, Fault
from envrules.records.words import shown
from envrules.units import ONE

_PERCENT = 0.01
_FEWEST = 3  # numbers of fewer rows show no scale of a column

Scale = Literal["stated", "own", "fraction", "open"]


def settle_scales(plan: Plan, column: Callable[[int], Iterable[object]]) -> None:
    """Take each column of shares without a unit in its evident scale, or make a question of it.

    Args:
        column: the raw cells of a column, or the different ones among them; a cell may come again.

    Only tables that people typed, with a header row, are looked at: records that a program gives are in the unit that
    their field declares.
    """
    if plan.table.header_row is None or plan.table.height < _FEWEST:
        return
    for slot in plan.slots:
        one = slot.field
        unit = one.unit
        if slot.unit is not None or slot.depends or one.kind != "quantity" or unit.dimension or unit.factor != _PERCENT:
            continue
        scale = evident_scale(one, column(slot.index))
        if scale == "fraction":
            slot.unit = ONE
            slot.reader = CellReader(one, plan.units, ONE)
            text = f"{shown(slot.header)} is taken for fractions, 0.8 for 80 %: no other scale is typical of {one.name}"
            plan.decisions.append(text)
        elif scale == "open":
            slot.reader = OpenScaleReader(slot, plan)


def evident_scale(one: Field, cells: Iterable[object]) -> Scale:
    """The scale of the bare numbers of a column: `stated` where there are none, `open` where both fit.

    Examples:
        >>> sulfur = Field("sulfur", "quantity", typical=(0.1, 6))
        >>> [evident_scale(sulfur, cells) for cells in ([0.4, 0.8], [0.004, 0.008], [35.0, 0.8], ["0.8%"], [0.07])]
        ['own', 'fraction', 'own', 'stated', 'open']
    """
    numbers: dict[float, None] = {}  # each once, so that it is one whether rows are read or columns
    for cell in cells:
        number = bare_number(cell)
        if number is None or number == 0:
            continue
        if number > 1:
            return "own"
        numbers[number] = None
    if not numbers:
        return "stated"
    if one.typical is None:
        return "open"
    # Of typical values one coal may be better or worse, but not half of them.
    middle = median(numbers)
    own, fraction = (one.typical[0] <= scale * middle <= one.typical[1] for scale in (1, 100))
    return "open" if own is fraction else "own" if own else "fraction"


class OpenScaleReader(CellReader):
    """Reads a column of which nobody can say whether its numbers are percent or fractions."""

    def __init__(self, slot: Slot, plan: Plan) -> None:
        super().__init__(slot.field, plan.units)
        self._header = slot.header

    def _read_new(self, raw: object) -> Cell | Fault:
        number = bare_number(raw)
        if number is None or number == 0:
            return super()._read_new(raw)
        shares = f"{format_number(number)} % or {format_number(100 * number)} %"
        what = (
            f"{format_number(number)} may be {shares}: no number of the column is above 1, and its header has no unit"
        )
        return Fault("percent-scale", f"{what}; write {self._header}(%), or say the unit in a mapping file")
