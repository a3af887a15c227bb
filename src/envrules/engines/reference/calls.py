"""The meaning of the functions of plain values, each declared in `lang/functions`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from envrules import calendars, interval
from envrules.engines.reference.evaluate import RULES, Env, Worth, number
from envrules.interval import WHOLE, Interval
from envrules.lang import ast
from envrules.lang.functions import functions


def _date(worth: Interval) -> dt.date | None:
    if not worth.known or not 1 <= worth.lo <= dt.date.max.toordinal():
        return None
    return dt.date.fromordinal(int(worth.lo))


def _ends_of(node: ast.Node, worth: Interval) -> tuple[dt.date, dt.date] | None:
    """First and last day of a date or period, where it is known."""
    if not worth.known:
        return None
    kind = node.type.period
    if kind is not None:
        try:
            return calendars.first_day(kind, int(worth.lo)), calendars.last_day(kind, int(worth.lo))
        except (ValueError, OverflowError):
            return None
    day = _date(worth)
    return (day, day) if day else None


def call(node: ast.Call, env: Env) -> Worth:
    """The value of a function of plain values."""
    return FUNCTIONS[node.function](node, [number(a, env) for a in node.arguments], env)


def _to_period(node: ast.Call, given: list[Interval], env: Env) -> Interval:
    ends = _ends_of(node.arguments[0], given[0])
    if ends is None or node.type.period is None:
        return WHOLE
    period = calendars.period_of(node.type.period, ends[0])
    return interval.point(period) if period == calendars.period_of(node.type.period, ends[1]) else WHOLE


def _end_day(last: bool) -> Callable[[ast.Call, list[Interval], Env], Interval]:
    def end_day(node: ast.Call, given: list[Interval], env: Env) -> Interval:
        ends = _ends_of(node.arguments[0], given[0])
        return WHOLE if ends is None else interval.point(float(ends[last].toordinal()))

    return end_day


def _whole_number(x: Interval) -> int | None:
    return int(x.lo) if x.known and x.lo.is_integer() and 0 <= x.lo <= 4000 else None


def _day_of(node: ast.Call, given: list[Interval], env: Env) -> Interval:
    ends, count = _ends_of(node.arguments[0], given[0]), _whole_number(given[1])
    if ends is None or count is None:
        return WHOLE
    # A month without a 31st ends on its last day, and a period has no day before its first.
    day = max(ends[0].toordinal(), min(ends[0].toordinal() + count - 1, ends[1].toordinal()))
    return interval.point(float(day))


def _working_days_after(node: ast.Call, given: list[Interval], env: Env) -> Interval:
    ends, count = _ends_of(node.arguments[0], given[0]), _whole_number(given[1])
    if ends is None or count is None:
        return WHOLE
    try:
        calendar = calendars.calendar_named(env.pack.calendar)
        return interval.point(float(calendars.working_days_after(calendar, ends[0], count).toordinal()))
    except (LookupError, OverflowError):
        return WHOLE


#: The meaning of each declared function that is no aggregate.
FUNCTIONS: dict[str, Callable[[ast.Call, list[Interval], Env], Interval]] = {
    "abs": lambda node, given, env: interval.magnitude(given[0]),
    "lowest": lambda node, given, env: interval.lowest(given),
    "highest": lambda node, given, env: interval.highest(given),
    **dict.fromkeys(calendars.PER_YEAR, _to_period),
    "first_day": _end_day(last=False),
    "last_day": _end_day(last=True),
    "day_of": _day_of,
    "working_days_after": _working_days_after,
}
_without_meaning = {f.name for f in functions().values() if not f.aggregate} ^ FUNCTIONS.keys()
if _without_meaning:
    raise TypeError(f"declared without a meaning, or the other way round: {', '.join(sorted(_without_meaning))}")

RULES[ast.Call] = call
