"""Daily records from hourly ones, by what a standard asks of a valid day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from envrules.interval import Interval, hull, point
from envrules.records.types import RecordType, Words
from envrules.records.values import Cell, Derivation, Record

Key = tuple[str, float]
Hours = dict[int, Interval]


@dataclass(frozen=True)
class Daily:
    """How one field of a day comes from a field of its hours.

    Args:
        take: the mean of the day, its highest hour, or the highest of the means over `window` hours.
        least: how many hours (or means) a valid day has at least; with fewer the value is not known,
            unless it lies above `valid_above` all the same.
        window_least: how many hours each mean has at least.
        digits: decimals to which the value is rounded, half to even.
    """

    of: str
    take: Literal["mean", "highest", "highest_mean"] = "mean"
    least: int = 20
    window: int = 8
    window_least: int = 6
    valid_above: float | None = None
    digits: int = 0


@dataclass(frozen=True)
class MadeOf:
    """Of which hourly records a daily one is made.

    Args:
        record: their type; `place`, `day` and `hour`: its fields, the first two of both types.
        station: the field of the station, whose days are made first; the place's is the mean of its stations.
        stations_least: the share of its stations that a valid day of the place has.
    """

    record: str
    place: str
    day: str
    hour: str
    station: str
    fields: Mapping[str, Daily]
    source: Words = Words()
    stations_least: float = 0.75


@dataclass
class Made:
    """The daily records that were made, and what was lacking on the way."""

    records: list[Record] = field(default_factory=list)
    unplaced: int = 0
    invalid: dict[str, int] = field(default_factory=dict)


def daily_records(made_of: MadeOf, target: RecordType, hours: Iterable[Record], given: Sequence[Record]) -> Made:
    """A record for each place and day that has hours and is not given.

    An hour is named by its end, so hour 0 is the last of the day before (HJ 633: a day ends at midnight). An hour that
    is given twice with different values is not known.
    """
    found = Made()
    taken = {key for r in given if (key := _key(r, made_of)) is not None}
    days: dict[Key, dict[str, dict[str, dict[int, Interval | None]]]] = {}
    first: dict[Key, Record] = {}
    stations: dict[str, set[str]] = {}
    for record in hours:
        key, hour = _key(record, made_of), record.value(made_of.hour)
        if key is None or not isinstance(hour, Interval) or not hour.known:
            found.unplaced += 1
            continue
        number = int(hour.lo)
        if number == 0:
            key, number = (key[0], key[1] - 1), 24
        station = str(record.value(made_of.station)) if made_of.station else ""
        stations.setdefault(key[0], set()).add(station)
        if key in taken:
            continue
        first.setdefault(key, record)
        values = days.setdefault(key, {}).setdefault(station, {})
        for daily in made_of.fields.values():
            value = record.value(daily.of)
            own = values.setdefault(daily.of, {})
            if isinstance(value, Interval):
                own[number] = value if own.get(number, value) == value else None
    for key in sorted(days):
        found.records.append(_day(made_of, target, key, days[key], len(stations[key[0]]), first[key], found))
    return found


def _key(record: Record, made_of: MadeOf) -> Key | None:
    place, day = record.value(made_of.place), record.value(made_of.day)
    return (place, day.lo) if isinstance(place, str) and isinstance(day, Interval) and day.known else None


def _day(
    made_of: MadeOf,
    target: RecordType,
    key: Key,
    by_station: Mapping[str, Mapping[str, Mapping[int, Interval | None]]],
    stations: int,
    first: Record,
    found: Made,
) -> Record:
    day = dt.date.fromordinal(int(key[1])).isoformat()
    name = f"{key[0]}:{day}"
    cells = {"id": Cell(name), made_of.place: Cell(key[0]), made_of.day: Cell(point(key[1]), day)}
    for field_name, daily in made_of.fields.items():
        own = [
            value
            for hours in by_station.values()
            if (value := daily_value(daily, {h: v for h, v in hours.get(daily.of, {}).items() if v is not None}))
            is not None
        ]
        if not own:
            if any(hours.get(daily.of) for hours in by_station.values()):
                found.invalid[field_name] = found.invalid.get(field_name, 0) + 1
            continue
        if len(own) < made_of.stations_least * stations:
            found.invalid[field_name] = found.invalid.get(field_name, 0) + 1
            continue
        value = _rounded(_mean(own), daily.digits)
        zh = target.fields[field_name].label.zh or field_name
        note = Derivation(
            f"{field_name} is worked out from the hours of {len(own)} stations by {made_of.source.either()}",
            f"{zh}按{made_of.source.either('zh')}由{len(own)}个点位的小时值统计",
        )
        cells[field_name] = Cell(value, f"{len(own)} stations", None, None, note)
    return Record(target.name, name, cells, first.place)


def daily_value(daily: Daily, hours: Mapping[int, Interval]) -> Interval | None:
    """The day's value of one station; None where the day is not valid.

    Source: GB 3095-2012, table 4 (20 hours for a mean of 24 hours; 6 of 8 hours for a mean of 8 hours); HJ 663-2013,
    table 2 (14 means from 8 to 24 o'clock for the highest 8-hour mean of ozone, or a value above the limit).

    Examples:
        >>> day = {h: point(10.0 * h) for h in range(1, 25)}
        >>> daily_value(Daily("pm10"), day), daily_value(Daily("o3", "highest_mean", least=14), day)
        (125, 205)
        >>> print(daily_value(Daily("pm10"), {h: v for h, v in day.items() if h > 5}))
        None
    """
    if daily.take != "highest_mean":
        if len(hours) < daily.least:
            return None
        return _mean(hours.values()) if daily.take == "mean" else _highest(hours.values())
    means = []
    for end in range(daily.window, 25):
        inside = [v for h, v in hours.items() if end - daily.window < h <= end]
        if len(inside) >= daily.window_least:
            means.append(_mean(inside))
    if not means:
        return None
    highest = _highest(means)
    above = daily.valid_above is not None and highest.lo > daily.valid_above
    return highest if len(means) >= daily.least or above else None


def _mean(values: Iterable[Interval]) -> Interval:
    given = list(values)
    if all(v.known for v in given):
        return point(sum(v.lo for v in given) / len(given))
    return Interval(sum(v.lo for v in given) / len(given), sum(v.hi for v in given) / len(given))


def _highest(values: Iterable[Interval]) -> Interval:
    given = list(values)
    return hull([point(max(v.lo for v in given)), point(max(v.hi for v in given))])


def _rounded(value: Interval, digits: int) -> Interval:
    return Interval(round(value.lo, digits), round(value.hi, digits)) if abs(value.hi) < 1e15 else value
