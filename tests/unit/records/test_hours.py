"""Days made of hours: the validity rules of GB 3095-2012 and HJ 663-2013, at their edges."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

import envrules as er
from envrules.interval import Interval
from envrules.records.values import ABSENT

PACK = er.load_pack("jiuquan-2018")
GASES = {"so2": 6, "no2": 20, "co": 0.4, "pm10": 50, "pm2_5": 20, "o3": 80}


def hours(
    count: int, station: str = "A", day: str = "2020-03-02", first: int = 1, **values: Any
) -> list[dict[str, Any]]:
    return [
        {"area": "suzhou", "station": station, "day": day, "hour": h, **GASES, **values}
        for h in range(first, first + count)
    ]


def days(rows: list[dict[str, Any]], given: list[dict[str, Any]] | None = None) -> Any:
    inputs: dict[str, Any] = {"air_hour": rows} | ({"air_day": given} if given else {})
    return er.check(PACK, inputs, as_of="2020-12-31", rules="air.good-days")


def value(result: Any, field: str, day: int = 0) -> Any:
    found = result.dataset.records["air_day"][day].value(field)
    return found.lo if isinstance(found, Interval) and found.known else found


@pytest.mark.parametrize(("count", "expected"), [(24, 20), (20, 20), (19, ABSENT)])
def test_a_daily_mean_needs_twenty_hours(count: int, expected: Any) -> None:
    result = days(hours(count))
    assert value(result, "pm2_5") == expected
    assert value(result, "o3_1h") == (80 if expected is not ABSENT else ABSENT)
    assert [w.code for w in result.dataset.warnings if w.code == "made-records"] == ["made-records"]


def test_hour_zero_ends_the_day_before() -> None:
    result = days([*hours(19), *hours(1, day="2020-03-03", first=0)])
    assert [r.id for r in result.dataset.records["air_day"]] == ["suzhou:2020-03-02"]
    assert value(result, "pm2_5") == 20


def test_the_mean_is_rounded_as_reported() -> None:
    rows = [*hours(12, pm2_5=20, co=0.44), *hours(12, first=13, pm2_5=21, co=0.47)]
    assert value(days(rows), "pm2_5") == 20  # half to even
    assert value(days(rows), "co") == pytest.approx(0.5)


def test_the_highest_mean_of_eight_hours_of_ozone() -> None:
    rows = [*hours(12, o3=80), *hours(8, first=13, o3=160), *hours(4, first=21, o3=80)]
    assert value(days(rows), "o3_8h") == 160
    assert value(days(rows), "o3_1h") == 160


@pytest.mark.parametrize(
    ("first", "count", "ozone", "expected"),
    [
        (1, 24, 90, 90),
        (1, 19, 90, 90),  # means that end at 8 to 21 o'clock have six hours: 14
        (1, 18, 90, ABSENT),
        (1, 18, 161, 161),  # too few, but above the limit all the same
        (1, 5, 161, ABSENT),  # no mean has six hours
    ],
)
def test_ozone_needs_fourteen_means_or_lies_above(first: int, count: int, ozone: float, expected: Any) -> None:
    assert value(days(hours(count, first=first, o3=ozone)), "o3_8h") == expected


def test_a_city_is_the_mean_of_three_quarters_of_its_stations() -> None:
    three = [*hours(24, "A", pm10=50), *hours(24, "B", pm10=70), *hours(24, "C", pm10=60)]
    assert value(days([*three, *hours(3, "D", pm10=400)]), "pm10") == 60
    assert value(days([*three[:48], *hours(3, "C"), *hours(3, "D")]), "pm10") is ABSENT


def test_an_hour_given_twice() -> None:
    rows = hours(20)
    assert value(days([*rows, rows[0]]), "pm10") == 50
    assert value(days([*rows, {**rows[0], "pm10": 90}]), "pm10") is ABSENT
    assert value(days([*rows, *hours(1, first=21), {**rows[0], "pm10": 90}]), "pm10") == 50


def test_the_index_follows_from_the_hours() -> None:
    result = days(hours(24, pm2_5=120))
    assert value(result, "aqi") == 158
    assert result.dataset.records["air_day"][0].cells["pm2_5"].derivation is not None


def test_days_that_are_given_stand() -> None:
    given = [{"id": "x", "area": "suzhou", "day": "2020-03-02", "aqi": 40}]
    result = days([*hours(24), *hours(24, day="2020-03-03")], given)
    assert [r.id for r in result.dataset.records["air_day"]] == ["x", "suzhou:2020-03-03"]


def test_hours_without_a_place_are_told() -> None:
    rows = [{k: v for k, v in row.items() if k != "area"} for row in hours(24)]
    result = days(rows)
    assert [w.what for w in result.dataset.warnings if w.code == "made-records"] == [
        "0 air_day were made of air_hour by GB 3095-2012 and HJ 663-2013; 24 air_hour have no area, day or hour"
    ]


def test_a_year_of_hours_is_judged(tmp_path: Path) -> None:
    first = dt.date(2020, 1, 1)
    path = tmp_path / "小时值.csv"
    with path.open("w", encoding="utf-8") as file:
        file.write("地区,点位,日期,小时,SO2,NO2,CO,PM10,PM2.5,O3_1h\n")
        for d in range(330):
            day = first + dt.timedelta(days=d)
            pm = 200 if d < 33 else 40
            for h in range(1, 23):
                file.write(f"肃州区,A,{day},{h},6,20,0.4,{pm},20,80\n")
    result = er.check(PACK, [("air_hour", path)], as_of="2020-12-31", rules="air.good-days", outcomes="all")
    assert [(v.subject, v.outcome, v.observed) for v in result.verdicts] == [("area=suzhou; year=2020", "pass", 90)]
