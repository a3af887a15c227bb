"""Calendar periods and working days.

A period is a whole number: years count from 0, the other kinds count how many such periods have passed since then, so
that the next period is the next number. Knows nothing of rules or records.

Examples:
    >>> format_period("quarter", period_of("quarter", dt.date(2018, 5, 4)))
    '2018-Q2'
    >>> last_day("quarter", parse_period("quarter", "2018-Q2"))
    datetime.date(2018, 6, 30)
"""

from __future__ import annotations

import datetime as dt
import re
from functools import lru_cache
from importlib.metadata import entry_points
from typing import Literal, Protocol, cast

PeriodKind = Literal["year", "half_year", "quarter", "two_months", "month"]
PER_YEAR: dict[PeriodKind, int] = {"year": 1, "half_year": 2, "quarter": 4, "two_months": 6, "month": 12}
_TEXT: dict[PeriodKind, str] = {
    "year": r"(?P<year>\d{4})",
    "half_year": r"(?P<year>\d{4})-H(?P<part>[12])",
    "quarter": r"(?P<year>\d{4})-Q(?P<part>[1-4])",
    "two_months": r"(?P<year>\d{4})-(?P<first>\d{2})/(?P<second>\d{2})",
    "month": r"(?P<year>\d{4})-(?P<part>\d{1,2})",
}


def period_of(kind: PeriodKind, day: dt.date) -> int:
    """The period of a kind that a day lies in."""
    count = PER_YEAR[kind]
    return day.year * count + (day.month - 1) * count // 12


def first_day(kind: PeriodKind, period: int) -> dt.date:
    """The first day of a period."""
    count = PER_YEAR[kind]
    year, part = divmod(period, count)
    return dt.date(year, part * (12 // count) + 1, 1)


def last_day(kind: PeriodKind, period: int) -> dt.date:
    """The last day of a period, which is where a record of that period is placed in time."""
    count = PER_YEAR[kind]
    year, part = divmod(period + 1, count)
    month = part * (12 // count) + 1
    return dt.date(year, month, 1) - dt.timedelta(days=1) if year <= 9999 else dt.date(9999, 12, 31)


def days_in(kind: PeriodKind, period: int) -> int:
    """How many days a period has."""
    return (last_day(kind, period) - first_day(kind, period)).days + 1


def format_period(kind: PeriodKind, period: int) -> str:
    """A period as findings write it: 2018, 2018-H1, 2018-Q2, 2018-03/04, 2018-03."""
    year, part = divmod(period, PER_YEAR[kind])
    if kind == "year":
        return f"{year:04d}"
    if kind == "half_year":
        return f"{year:04d}-H{part + 1}"
    if kind == "quarter":
        return f"{year:04d}-Q{part + 1}"
    if kind == "two_months":
        return f"{year:04d}-{part * 2 + 1:02d}/{part * 2 + 2:02d}"
    return f"{year:04d}-{part + 1:02d}"


def parse_period(kind: PeriodKind, text: str) -> int:
    """The period that a text names, in the form `format_period` gives.

    Raises:
        ValueError: where it is not such a period.
    """
    match = re.fullmatch(_TEXT[kind], text.strip())
    if match is None:
        raise ValueError(
            f"{text!r} is not a {kind} such as {format_period(kind, period_of(kind, dt.date(2018, 3, 1)))}"
        )
    count = PER_YEAR[kind]
    if kind == "year":
        part = 0
    elif kind == "two_months":
        first, second = int(match["first"]), int(match["second"])
        if first % 2 == 0 or second != first + 1 or first > 11:
            raise ValueError(f"{text!r} is not two months from an odd one on, such as 2018-03/04")
        part = first // 2
    else:
        part = int(match["part"]) - 1
    if not 0 <= part < count or int(match["year"]) < 1:
        raise ValueError(f"{text!r} is not a {kind}")
    return int(match["year"]) * count + part


class Calendar(Protocol):
    """Which days are worked. A package adds one under the entry point group `envrules.calendars`."""

    def is_working_day(self, day: dt.date) -> bool:
        """Whether the day is worked.

        Raises:
            LookupError: for a year whose holidays are not known.
        """
        ...


class China:
    """Working days with the public holidays and make-up days of China, as the State Council sets them each year."""

    def is_working_day(self, day: dt.date) -> bool:
        import chinese_calendar

        try:
            return bool(chinese_calendar.is_workday(day))
        except NotImplementedError:
            raise LookupError(f"the public holidays of {day.year} are not known") from None


class Weekdays:
    """Monday to Friday, without any holiday."""

    def is_working_day(self, day: dt.date) -> bool:
        return day.weekday() < 5


_BUILT_IN: dict[str, type[Calendar]] = {"china": China, "weekdays": Weekdays}


def calendar_names() -> list[str]:
    """The names a pack may give under `calendar:`."""
    return sorted({*_BUILT_IN, *(e.name for e in entry_points(group="envrules.calendars"))})


@lru_cache(maxsize=16)
def calendar_named(name: str) -> Calendar:
    """The calendar of a name.

    Raises:
        KeyError: where no package declares it.
    """
    if name in _BUILT_IN:
        return _BUILT_IN[name]()
    for entry in entry_points(group="envrules.calendars"):
        if entry.name == name:
            return cast(Calendar, entry.load()())
    raise KeyError(name)


def working_days_after(calendar: Calendar, start: dt.date, count: int) -> dt.date:
    """The day on which `count` working days have passed, counted from the working day after the start.

    Source: semantics, "Numbers, units, words": a period in working days starts on the working day after.

    Examples:
        >>> working_days_after(Weekdays(), dt.date(2018, 3, 22), 7)
        datetime.date(2018, 4, 2)
    """
    day, left = start, count
    while left > 0:
        day += dt.timedelta(days=1)
        if calendar.is_working_day(day):
            left -= 1
    return day
