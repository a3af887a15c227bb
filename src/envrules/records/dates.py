"""A text that holds a date, a month or a year, in the spellings of Chinese and international tables.

A text whose day or month is open (03/04/2018, 18-3-22) is refused: it is never guessed.
"""

from __future__ import annotations

import datetime as dt
import re

from envrules.records.numbers import plain_text
from envrules.records.values import Fault
from envrules.records.words import shown

_TIME = (
    r"(?:[T\s]\s*(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2})(?:\.[0-9]+)?)?"
    r"\s*(?P<zone>Z|[+-][0-9]{2}:?[0-9]{2})?)?"
)
_DATES = tuple(
    re.compile(rf"(?P<year>[0-9]{{4}}){pattern}{_TIME}")
    for pattern in (
        r"\s*(?P<sep>[-/.])\s*(?P<month>[0-9]{1,2})\s*(?P=sep)\s*(?P<day>[0-9]{1,2})",
        r"\s*年\s*(?P<month>[0-9]{1,2})\s*月\s*(?P<day>[0-9]{1,2})\s*[日号]?",
        r"(?P<month>[0-9]{2})(?P<day>[0-9]{2})",
    )
)
_MONTHS = tuple(
    re.compile(rf"(?P<year>[0-9]{{4}}){pattern}")
    for pattern in (
        r"\s*[-/]\s*(?P<month>[0-9]{1,2})",
        r"\.(?P<month>[0-9]{2})",
        r"\.(?P<month>[2-9])",
        r"\s*年\s*(?P<month>[0-9]{1,2})\s*月份?",
        r"(?P<month>[0-9]{2})",
    )
)
_YEAR = re.compile(r"(?P<year>[0-9]{4})(?:\.0+)?\s*(?:年度?|年份)?")
_OTHER_ORDER = re.compile(r"[0-9]{1,2}[-/.][0-9]{1,2}[-/.](?:[0-9]{4}|[0-9]{2})|[0-9]{2}年.*")
_SERIAL = re.compile(r"[1-9][0-9]{4}(?:\.[0-9]+)?")
_HINT = "write it as 2018-03-22"


def parse_date(text: str) -> dt.date | Fault:
    """The date a text means; a time of day after it is left out.

    Examples:
        >>> parse_date("2018年3月22日"), parse_date("20180322")
        (datetime.date(2018, 3, 22), datetime.date(2018, 3, 22))
        >>> parse_date("2018-02-30").reason
        "'2018-02-30' is not a day of the calendar"
    """
    plain = plain_text(text)
    for pattern in _DATES:
        match = pattern.fullmatch(plain)
        if match is None:
            continue
        if match["zone"]:
            return Fault("not-a-date", f"{shown(text)} has a time zone, on which its day depends; {_HINT}")
        try:
            # Building the time too refuses 25:00.
            dt.time(int(match["hour"] or 0), int(match["minute"] or 0), int(match["second"] or 0))
            return dt.date(int(match["year"]), int(match["month"]), int(match["day"]))
        except ValueError:
            return Fault("not-a-date", f"{shown(text)} is not a day of the calendar")
    if isinstance(parse_month(text), tuple) or _YEAR.fullmatch(plain):
        return Fault("not-a-date", f"{shown(text)} does not say the day; {_HINT}")
    if _OTHER_ORDER.fullmatch(plain):
        return Fault("not-a-date", f"{shown(text)} leaves open which number is the year, month or day; {_HINT}")
    if _SERIAL.fullmatch(plain):
        return Fault(
            "not-a-date", f"{shown(text)} looks like a day number of a spreadsheet; format the column as dates"
        )
    return Fault("not-a-date", f"{shown(text)} is not a date; {_HINT}")


def parse_month(text: str) -> tuple[int, int] | Fault:
    """(year, month) of a text: a month, or a date in it.

    Examples:
        >>> parse_month("2018年3月"), parse_month("201803"), parse_month("2018-03-22")
        ((2018, 3), (2018, 3), (2018, 3))
    """
    plain = plain_text(text)
    for pattern in _MONTHS:
        match = pattern.fullmatch(plain)
        if match is not None:
            year, month = int(match["year"]), int(match["month"])
            if 1 <= month <= 12 and year >= 1:
                return year, month
            return Fault("not-a-month", f"{shown(text)} is not a month of the calendar; write it as 2018-03")
    if re.fullmatch(r"[0-9]{4}\.1", plain):
        return Fault(
            "not-a-month", f"{shown(text)} may be January or, cut by a spreadsheet, October; write it as 2018-01"
        )
    if any(pattern.fullmatch(plain) for pattern in _DATES):
        day = parse_date(text)
        return (day.year, day.month) if isinstance(day, dt.date) else Fault("not-a-month", day.reason)
    return Fault("not-a-month", f"{shown(text)} is not a month; write it as 2018-03")


def parse_year(text: str) -> int | Fault:
    """The year of a text, in four digits.

    Examples:
        >>> parse_year("2018年度"), parse_year("2018.0")
        (2018, 2018)
        >>> parse_year("18").code
        'not-a-year'
    """
    match = _YEAR.fullmatch(plain_text(text))
    if match is not None and int(match["year"]) >= 1000:
        return int(match["year"])
    return Fault("not-a-year", f"{shown(text)} is not a year; write it in four digits, as in 2018")
