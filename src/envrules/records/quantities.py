"""A number or quantity of one field: its unit converted, its bounds kept, what is known of it as an interval."""

from __future__ import annotations

import datetime as dt
import math
import re
from decimal import Decimal
from functools import lru_cache

from envrules.interval import Interval, format_number, intersect, make, order, point
from envrules.records.numbers import NumberText, parse_number, plain_text, several
from envrules.records.types import Field
from envrules.records.values import Cell, Fault
from envrules.records.words import NOT_DETECTED_WORDS, compact, shown
from envrules.units import ONE, Unit, UnitError, Units, describe_dimension

_MULTIPLIERS = {"百": 1e2, "千": 1e3, "万": 1e4, "百万": 1e6, "千万": 1e7, "亿": 1e8, "万亿": 1e12}
#: Laboratories write the detection limit with this flag for a value below it, as in `0.004L`.
_BELOW_FLAG = "L"
_NOT_DETECTED = "|".join(sorted(map(re.escape, ("未检出", "nd", "n.d.", "n.d", "not detected")), key=len, reverse=True))
_DETECTION_STATED = re.compile(
    rf"(?:{_NOT_DETECTED})\s*\(\s*<?\s*(?P<after>[0-9][^()]*)\)|(?P<before>[0-9.]+)\s*\(?(?:{_NOT_DETECTED})\)?",
    re.IGNORECASE,
)
#: The flag beside a number, with what may follow it: `0.004L`, `0.004(L)`, `0.05L mg/L`.
_FLAGGED = re.compile(r"\(?[Ll]\)?(?:\s+(?P<unit>\S+))?")
# Up to the first digit nothing is one, so that a long text is not tried from every digit on.
_TWICE = re.compile(r"([^()0-9]*[0-9][^()]*)\(([^()0-9]*[0-9][^()]*)\)")
_PLAIN_NUMBER = re.compile(r"-?[0-9]{1,300}(?:\.[0-9]+)?")
_VOLUME = (("length", 3.0),)
_MASS = (("mass", 1.0),)


def read_quantity(
    field: Field,
    value: str | int | float | bool | Decimal | dt.date | Interval | None,
    units: Units,
    unit: Unit | None,
    target: Unit,
) -> Cell | Fault:
    """The interval of a number in `target`, cut to the field's bounds, or why there is none.

    Args:
        unit: what a bare number is in; None for `target`.
    """
    given = unit or target
    if isinstance(value, str):
        if _PLAIN_NUMBER.fullmatch(value):
            found = _from_number(field, float(value), given, target, units)
        else:
            found = _from_text(field, value, units, given, target)
    elif isinstance(value, (bool, dt.date)):
        found = Fault("not-a-number", f"{value} is not a number")
    elif isinstance(value, Interval):
        found = Cell(value, unit=None)
    elif value is None:
        found = Fault("not-a-number", "nothing is not a number")
    else:
        found = _from_number(field, value, given, target, units)
    if isinstance(found, Fault):
        return found
    interval = found.value
    assert isinstance(interval, Interval)
    if field.kind == "int" and not all(math.isinf(x) or float(x).is_integer() for x in (interval.lo, interval.hi)):
        return Fault("not-a-whole-number", f"{format_number(interval.lo)} is not a whole number")
    inside = within(interval, bounds_in(field, target), field.name, target)
    return inside if isinstance(inside, Fault) else Cell(inside, None, found.unit, found.uncertainty)


def bounds_in(field: Field, target: Unit) -> Interval:
    """What a usable value lies in, in `target`; a share is at most 100 % also where another field decides the unit."""
    bounds = field.bounds
    if field.unit_of and bounds.hi == math.inf and not target.dimension and target.factor < 1:
        return make(bounds.lo, 1 / target.factor, bounds.lo_open, False)
    return bounds


def within(value: Interval, bounds: Interval, name: str, unit: Unit) -> Interval | Fault:
    """The value cut to the bounds, or a Fault where it lies outside; what differs by rounding counts as the bound."""
    if value.known:
        x = value.lo
        if math.isfinite(bounds.lo) and not bounds.lo_open and x < bounds.lo and order(x, bounds.lo) == 0:
            return point(bounds.lo)
        if math.isfinite(bounds.hi) and not bounds.hi_open and x > bounds.hi and order(x, bounds.hi) == 0:
            return point(bounds.hi)
    cut = intersect(value, bounds)
    if cut is None:
        return Fault(
            "out-of-bounds", f"{value} {unit.text}".rstrip() + f" cannot be: {name} is {_describe(bounds, unit)}"
        )
    return cut


def _describe(bounds: Interval, unit: Unit) -> str:
    ends = []
    if bounds.lo != -math.inf:
        ends.append(f"{'above' if bounds.lo_open else 'at least'} {format_number(bounds.lo)}")
    if bounds.hi != math.inf:
        ends.append(f"{'below' if bounds.hi_open else 'at most'} {format_number(bounds.hi)}")
    return f"{' and '.join(ends)} {unit.text}".rstrip()


def _from_number(field: Field, value: int | float | Decimal, given: Unit, target: Unit, units: Units) -> Cell | Fault:
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        return Fault("not-finite", f"{shown(str(value))} is not a finite number")
    pair = _pair(given, target, field, units)
    if isinstance(pair, Fault):
        return pair
    return Cell(point(number).scaled(*pair), None, _text_of(given, target))


def _from_text(field: Field, text: str, units: Units, given: Unit, target: Unit) -> Cell | Fault:
    if compact(text) in NOT_DETECTED_WORDS:
        if field.detection_limit is None:
            return Fault("not-detected", f"{shown(text)}: the field {field.name} declares no detection limit")
        return Cell(Interval(-math.inf, field.detection_limit, hi_open=True))
    stated = _DETECTION_STATED.fullmatch(plain_text(text))
    if stated is not None:
        # The limit that the laboratory states beside its word goes before the one that the field declares.
        text = f"<{stated['before'] or stated['after']}"
    parsed = parse_number(text)
    if isinstance(parsed, Fault):
        return _said_twice(field, text, units, given, target) or parsed
    if not (math.isfinite(parsed.first) and math.isfinite(parsed.second)):
        return Fault("not-finite", f"{shown(text)} is not a finite number")
    parsed = _below_detection(parsed, text, target)
    source = _unit_of(parsed.second_unit or parsed.unit, text, units, given)
    source_first = _unit_of(parsed.unit, text, units, given) if parsed.unit and parsed.second_unit else source
    for one in (source, source_first):
        if isinstance(one, Fault):
            return _said_twice(field, text, units, given, target) or several(parsed, text) or one
    assert not isinstance(source, Fault)
    assert not isinstance(source_first, Fault)
    pair, pair_first = (_pair(u[1], target, field, units) for u in (source, source_first))
    if isinstance(pair, Fault):
        return pair
    if isinstance(pair_first, Fault):
        return pair_first
    first = parsed.first * source_first[0] * pair_first[0] + pair_first[1]
    second = parsed.second * source[0] * pair[0]
    unit_text = _text_of(source[1], target)
    if parsed.relation == "±":
        return Cell(point(first), None, unit_text, second)
    interval = _interval(parsed, first, second + pair[1])
    if interval is None:
        return Fault("not-a-number", f"{shown(text)} runs from the higher to the lower number")
    return Cell(interval, None, unit_text)


def _said_twice(field: Field, text: str, units: Units, given: Unit, target: Unit) -> Cell | None:
    """The value of a cell that says it in two units, as `10 t/h (7 MW)` does; None where the two are not one value."""
    match = _TWICE.fullmatch(plain_text(text))
    if match is None:
        return None
    found = [_from_text(field, part.strip(), units, given, target) for part in match.groups()]
    values = [f.value for f in found if isinstance(f, Cell) and isinstance(f.value, Interval) and f.value.known]
    if len(values) < 2 or order(values[0].lo, values[1].lo) != 0:
        return None
    return found[0] if isinstance(found[0], Cell) else None


def _interval(parsed: NumberText, first: float, second: float) -> Interval | None:
    if parsed.relation in ("<", "<="):
        return Interval(-math.inf, first, hi_open=parsed.relation == "<")
    if parsed.relation in (">", ">="):
        return Interval(first, math.inf, lo_open=parsed.relation == ">")
    if parsed.relation == "~":
        return Interval(first, second) if first <= second else None
    return point(first)


def _below_detection(parsed: NumberText, text: str, target: Unit) -> NumberText:
    """`0.004L` as `<0.004`, unless L may be the litre of a volume."""
    flag = _FLAGGED.fullmatch(parsed.unit)
    if flag is None or parsed.relation not in ("=", "<") or target.dimension == _VOLUME:
        return parsed
    close = parsed.unit == _BELOW_FLAG and re.search(r"[0-9.]L$", text.strip()) is not None
    # Beside a concentration no number is litres, however the flag is written.
    concentration = any(name == "length" and power < 0 for name, power in target.dimension)
    return NumberText("<", parsed.first, flag["unit"] or "") if close or concentration else parsed


def _unit_of(unit_text: str, text: str, units: Units, given: Unit) -> tuple[float, Unit] | Fault:
    """(multiplier, unit) of the text after a number; the column's unit where there is none."""
    if not unit_text:
        return 1.0, given
    if unit_text in _MULTIPLIERS:
        if given.text[:1].isdigit() or given.text[:1] in "百千万亿":
            return Fault(
                "unknown-unit",
                f"{shown(text)} in a column of {given.text} may count {unit_text} twice; write the whole unit",
            )
        return _MULTIPLIERS[unit_text], given
    found = parse_unit_text(units, unit_text)
    return found if isinstance(found, Fault) else (1.0, found)


def bare_number(cell: object) -> float | None:
    """The number of a cell that states no unit of its own; None for anything else."""
    if isinstance(cell, bool) or cell is None:
        return None
    if isinstance(cell, int | float | Decimal):
        return float(cell) if cell == cell else None
    if isinstance(cell, str):
        text = cell.strip()
        try:
            return float(text) if text and text[-1] in "0123456789." else None
        except ValueError:
            return None
    return None


@lru_cache(maxsize=4096)
def parse_unit_text(units: Units, text: str) -> Unit | Fault:
    """The unit a text means, or why it is none; refusals are remembered too, since finding the nearest name is slow."""
    try:
        return units.parse(text)
    except UnitError as error:
        return Fault("unknown-unit", f"{error}" + (f"; {error.hint}" if error.hint else ""))


def _pair(source: Unit, target: Unit, field: Field, units: Units) -> tuple[float, float] | Fault:
    pair = units.conversion(source, target, field.context)
    if pair is None:
        return Fault("unit-mismatch", mismatch(source, target, field))
    return pair


def mismatch(source: Unit, target: Unit, field: Field) -> str:
    """Why a unit does not fit a field, and what to write instead."""
    wanted = target if target != ONE or target.text else None
    reason = (
        f"{source.text} is {describe_dimension(source.dimension)}, but {field.name} is "
        f"{describe_dimension(target.dimension)}" + (f" (in {wanted.text})" if wanted else "")
    )
    if field.context == "steam" and source.dimension == _MASS:
        reason += "; write 蒸吨/小时 or t/h for the output of steam"
    return reason


def _text_of(source: Unit, target: Unit) -> str | None:
    return None if source == target else source.text
