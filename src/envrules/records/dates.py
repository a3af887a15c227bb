"""A text that holds a date, a month or a year, in the spellings of Chinese and international tables.

A text whose order is open (03/04/2018, 18-3-22) is refused: it is never guessed. A month or year alone is the range of
its days.
"""

from __future__ import annotations

import datetime as dt
import re

from envrules.records.numbers import plain_text
from envrules.records.numerals import with_digits
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
        r"\s*、\s*(?P<month>[0-9]{1,2})\s*、\s*(?P<day>[0-9]{1,2})",
        r"\s+(?P<month>[0-9]{1,2})\s+(?P<day>[0-9]{1,2})",
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
_MONTH_NAMES = "january february march april may june july august september october november december".split()
_NAMED_MONTH = rf"(?P<name>{'|'.join(n[:3] for n in _MONTH_NAMES)})[a-z]*\.?"
_NAMED_DATES = tuple(
    re.compile(pattern)
    for pattern in (
        rf"{_NAMED_MONTH}\s*(?P<day>[0-9]{{1,2}})(?:st|nd|rd|th)?\s*,?\s+(?P<year>[0-9]{{4}})",
        rf"(?P<day>[0-9]{{1,2}})(?:st|nd|rd|th)?[\s-]*{_NAMED_MONTH}[\s,-]*(?P<year>[0-9]{{4}})",
    )
)
_NAMED_PERIOD = re.compile(rf"{_NAMED_MONTH}[\s,-]*(?P<year>[0-9]{{4}})")
_YEAR = re.compile(r"(?P<year>[0-9]{4})(?:\.0+)?\s*(?:年度?|年份)?")
_OTHER_ORDER = re.compile(r"[0-9]{1,2}[-/.][0-9]{1,2}[-/.](?:[0-9]{4}|[0-9]{2})|[0-9]{2}年.*")
_SERIAL = re.compile(r"[1-9][0-9]{4}(?:\.[0-9]+)?")
_PART_OF_DAY = re.compile(
    r"(?<=[日号])\s*(?:上午|下午|凌晨|中午|晚上?|\(?(?:星期|周)[一二三四五六日天]\)?)\s*(?:[0-9]{1,2}[:时点].*)?$"
)
#: Day 1 of the 1900 date system is 1900-01-01; from March 1900 on, its day numbers count from here.
_SERIAL_ZERO = dt.date(1899, 12, 30).toordinal()
_SERIALS = range(25569, 73051)  # 1970 to 2099; 20183 is a month that lost a digit
_HINT = "write it as 2018-03-22"


def _plain(text: str) -> str:
    """The text in one spelling, with Chinese numerals in digits and without the part of the day."""
    plain = plain_text(text)
    return plain if plain.isascii() else _PART_OF_DAY.sub("", with_digits(plain))


def parse_date(text: str) -> dt.date | Fault:
    """The date a text means; a time of day after it is left out.

    A number of five digits is a day number of a spreadsheet, in the 1900 date system.

    Examples:
        >>> parse_date("2018年3月22日"), parse_date("20180322"), parse_date("43181")
        (datetime.date(2018, 3, 22), datetime.date(2018, 3, 22), datetime.date(2018, 3, 22))
        >>> parse_date("二〇一八年三月二十二日"), parse_date("22 March 2018")
        (datetime.date(2018, 3, 22), datetime.date(2018, 3, 22))
        >>> parse_date("2018-02-30").reason
        "'2018-02-30' is not a day of the calendar"
    """
    plain = _plain(text)
    for pattern in _DATES:
        match = pattern.fullmatch(plain)
        if match is None:
            continue
        if match["zone"]:
            return Fault("not-a-date", f"{shown(text)} has a time zone, on which its day depends; {_HINT}")
        # Building the time too refuses 25:00.
        time = (int(match["hour"] or 0), int(match["minute"] or 0), int(match["second"] or 0))
        return _day(text, int(match["year"]), int(match["month"]), int(match["day"]), time)
    for pattern in _NAMED_DATES:
        match = pattern.fullmatch(plain.lower())
        if match is not None:
            return _day(text, int(match["year"]), _named(match["name"]), int(match["day"]))
    if _OTHER_ORDER.fullmatch(plain):
        return Fault("not-a-date", f"{shown(text)} leaves open which number is the year, month or day; {_HINT}")
    if _SERIAL.fullmatch(plain):
        if int(float(plain)) in _SERIALS:
            return dt.date.fromordinal(_SERIAL_ZERO + int(float(plain)))
        return Fault(
            "not-a-date", f"{shown(text)} is no day number of a spreadsheet that is a date of our time; {_HINT}"
        )
    return Fault("not-a-date", f"{shown(text)} is not a date; {_HINT}")


def parse_days(text: str) -> tuple[dt.date, dt.date] | Fault:
    """The first and last day that a text may mean: of one date, of a month or of a year.

    Examples:
        >>> parse_days("2018年3月")
        (datetime.date(2018, 3, 1), datetime.date(2018, 3, 31))
    """
    day = parse_date(text)
    if isinstance(day, dt.date):
        return day, day
    month = parse_month(text)
    if isinstance(month, tuple):
        first = dt.date(*month, 1)
        return first, (first.replace(day=28) + dt.timedelta(days=4)).replace(day=1) - dt.timedelta(days=1)
    year = parse_year(text)
    if isinstance(year, int):
        return dt.date(year, 1, 1), dt.date(year, 12, 31)
    return day


def _day(text: str, year: int, month: int, day: int, time: tuple[int, int, int] = (0, 0, 0)) -> dt.date | Fault:
    try:
        dt.time(*time)
        return dt.date(year, month, day)
    except ValueError:
        return Fault("not-a-date", f"{shown(text)} is not a day of the calendar")


def _named(name: str) -> int:
    return next(n for n, full in enumerate(_MONTH_NAMES, 1) if full.startswith(name))


def parse_month(text: str) -> tuple[int, int] | Fault:
    """(year, month) of a text: a month, or a date in it.

    Examples:
        >>> parse_month("2018年3月"), parse_month("201803"), parse_month("2018-03-22"), parse_month("Mar 2018")
        ((2018, 3), (2018, 3), (2018, 3), (2018, 3))
    """
    plain = _plain(text)
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
    named = _NAMED_PERIOD.fullmatch(plain.lower())
    if named is not None:
        return int(named["year"]), _named(named["name"])
    day = parse_date(text)
    if isinstance(day, dt.date):
        return day.year, day.month
    if any(pattern.fullmatch(plain) for pattern in _DATES):
        return Fault("not-a-month", day.reason)
    return Fault("not-a-month", f"{shown(text)} is not a month; write it as 2018-03")


def parse_year(text: str) -> int | Fault:
    """The year of a text, in four digits.

    Examples:
        >>> parse_year("2018年度"), parse_year("2018.0")
        (2018, 2018)
        >>> parse_year("18").code
        'not-a-year'
    """
    plain = _plain(text)
    match = _YEAR.fullmatch(plain)
    if match is not None and int(match["year"]) >= 1000:
        return int(match["year"])
    day = Fault("", "") if _SERIAL.fullmatch(plain) else parse_date(text)
    if isinstance(day, dt.date):
        return day.year
    return Fault("not-a-year", f"{shown(text)} is not a year; write it in four digits, as in 2018")
