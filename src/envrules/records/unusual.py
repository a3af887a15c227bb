"""Values that a person should look at: a column whose unit seems a factor of 1000 off, a cell far from all others.

Nothing is judged by this and nothing corrected; the usual range is the `typical` of a field, which is data of a pack.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from statistics import median
from typing import TYPE_CHECKING

from envrules.diagnostics import CellPlace, Diagnostic
from envrules.interval import Interval, format_number
from envrules.records.tables import rows_text
from envrules.records.types import Field
from envrules.records.values import Record

if TYPE_CHECKING:
    from envrules.records.columns.table import ColumnRecords
    from envrules.records.plan import Plan, Slot

# What units are mistaken by: mg for µg, kg for t, m³ for 10^4 m³, a share for a percentage.
_FACTORS = (1e3, 1e2, 1e4, 1e6, 1e8)
_FAR = 500.0
_ENOUGH = 8
_LOOKED_AT = 1000  # records by which the unit of a column seems right or not


class UnitWatch:
    """Looks at the first records of a table, however many are read together, and says whose unit seems another."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        table = plan.table
        slots = [s for s in plan.slots if s.field.typical is not None] if table.header_row is not None else []
        self._found: list[tuple[Slot, list[float]]] = [(slot, []) for slot in slots]
        self._seen = 0

    def see(self, records: Sequence[Record] | ColumnRecords) -> None:
        """Take the next records of the table; those behind the first thousand are not looked at."""
        part = slice(0, min(len(records), _LOOKED_AT - self._seen))
        if part.stop <= 0:
            return
        self._seen += part.stop
        rows = records[part] if isinstance(records, list) else None
        for slot, found in self._found:
            name = slot.field.name
            values: Iterable[object]
            if rows is not None:
                values = (r.value(name) for r in rows)
            else:
                values = records.field_part(name, part).values.to_list()  # type: ignore[union-attr]
            found += [v for v in map(_number, values) if v is not None]

    def warnings(self) -> Iterator[Diagnostic]:
        """A warning for each column that seems to be in another unit."""
        table = self._plan.table
        for slot, values in self._found:
            what = unit_seems_off(slot.field, values)
            if what:
                place = CellPlace(table.source, table.sheet, table.header_row, slot.header)
                unit = (slot.unit or slot.field.unit).text
                hint = f"is it in {unit}? write the unit in the header, or say it in a mapping file"
                yield replace(Diagnostic("unit-unusual", place, what, hint=hint), level="warning")


def _number(value: object) -> float | None:
    known = value.lo if isinstance(value, Interval) and value.known else value
    return known if isinstance(known, float) else None


def unit_seems_off(one: Field, values: Sequence[float]) -> str:
    """Why the unit of a column seems another than it is taken for, or an empty text where it does not.

    Args:
        values: some of the column, in the field's unit.

    Examples:
        >>> from envrules.units import registry
        >>> sulfur = Field("sulfur", "quantity", unit=registry().parse("%"), typical=(0.1, 6))
        >>> unit_seems_off(sulfur, [0.5, 0.7] * 4), unit_seems_off(sulfur, [50.0, 70.0] * 4)
        ('', 'usual are 0.1 to 6 %, half of these are at least 60: the unit seems a factor of 100 off')
    """
    positive = [x for x in values if x > 0]
    if one.kind not in ("quantity", "number", "int") or one.unit_of or len(positive) < _ENOUGH:
        return ""
    text, factor = _off_scale(one, median(positive))
    return text if factor else ""


def _off_scale(one: Field, middle: float) -> tuple[str, float | None]:
    """(what is unusual about the middle of a column, the factor that would mend it)."""
    if one.typical is None or one.typical[0] <= middle <= one.typical[1]:
        return "", None
    low, high = one.typical
    ends = f"usual are {format_number(low)} to {format_number(high)} {one.unit.text}".rstrip()
    side = f"half of these are at {'most' if middle < low else 'least'} {format_number(float(f'{middle:.4g}'))}"
    share = not one.unit.dimension and one.unit.factor < 1
    factors = sorted(_FACTORS, key=lambda f: f != 1e2) if share else _FACTORS
    factor = next((f for f in factors if low <= (middle * f if middle < low else middle / f) <= high), None)
    tail = f": the unit seems a factor of {factor:,.0f} off" if factor else ""
    return f"{ends}, {side}{tail}", factor


def unusual(one: Field, values: Sequence[tuple[int | None, float]]) -> Iterator[str]:
    """What is unusual about the known values of a column, in the field's unit, given with their rows.

    Examples:
        >>> from envrules.units import registry
        >>> dust = Field("pm10", "quantity", unit=registry().parse("ug/m**3"), typical=(4, 2000))
        >>> list(unusual(dust, [(2, 0.08), (3, 0.12), (4, 0.09)]))
        ['usual are 4 to 2000 ug/m**3, half of these are at most 0.09: the unit seems a factor of 1,000 off']
    """
    if one.kind not in ("quantity", "number", "int") or one.unit_of:
        return
    positive = [(row, x) for row, x in values if x > 0]
    if len(positive) < 3:
        return
    middle = median([x for _, x in positive])
    text, _ = _off_scale(one, middle)
    if text:
        yield text
    if len(positive) >= _ENOUGH:
        far = [(row, x) for row, x in positive if x >= _FAR * middle or x <= middle / _FAR]
        if far and 4 * len(far) <= len(positive):
            rows = rows_text([row for row, _ in far if row is not None], most=5)
            least = format_number(float(f"{min(x for _, x in far):.4g}"))
            most = format_number(float(f"{max(x for _, x in far):.4g}"))
            span = least if least == most else f"{least} to {most}"
            yield f"{span} in rows {rows}, and half of the column below {format_number(float(f'{middle:.4g}'))}"
