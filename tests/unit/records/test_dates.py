from __future__ import annotations

import datetime as dt

import pytest

from envrules.records.dates import parse_date, parse_month, parse_year
from envrules.records.values import Fault

DAY = dt.date(2018, 3, 22)


@pytest.mark.parametrize(
    "text",
    [
        "2018-03-22",
        "2018-3-22",
        "2018/3/22",
        "2018.3.22",
        "2018．03．22",
        "20180322",
        "2018年3月22日",
        "2018 年 3 月 22 号",
        "2018年3月22",
        "２０１８年３月２２日",
        "2018-03-22 00:00:00",
        "2018-03-22T14:30",
        "2018/3/22 14:30:05.123",
        "2018—03—22",
    ],
)
def test_reads_a_date(text: str) -> None:
    assert parse_date(text) == DAY


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("2018-02-30", "calendar"),
        ("2018-13-01", "calendar"),
        ("20180230", "calendar"),
        ("0000-01-01", "calendar"),
        ("2018-03-22 25:00", "calendar"),
        ("2018-03-22T20:00:00Z", "time zone"),
        ("2018-03-22T20:00:00+08:00", "time zone"),
        ("03/04/2018", "leaves open"),
        ("18-3-22", "leaves open"),
        ("18年3月22日", "leaves open"),
        ("2018-03", "is not a date"),
        ("22-Mar-18", "is not a date"),
        ("20183", "day number"),
        ("2018-03/22", "not a date"),
        ("tomorrow", "not a date"),
    ],
)
def test_refuses_a_date(text: str, said: str) -> None:
    found = parse_date(text)
    assert isinstance(found, Fault)
    assert said in found.reason


@pytest.mark.parametrize(
    "text", ["2018-03", "2018-3", "2018/03", "2018.03", "2018.3", "201803", "2018年3月", "2018年3月份", "2018-03-22"]
)
def test_reads_a_month(text: str) -> None:
    assert parse_month(text) == (2018, 3)


@pytest.mark.parametrize("text", ["2018-13", "2018-00", "2018", "3月", "2018.1", "2018-02-30", "2018Q1"])
def test_refuses_a_month(text: str) -> None:
    found = parse_month(text)
    assert isinstance(found, Fault)
    assert found.code == "not-a-month"


@pytest.mark.parametrize("text", ["2018", "2018年", "2018年度", "2018.0", "２０１８", " 2018 "])
def test_reads_a_year(text: str) -> None:
    assert parse_year(text) == 2018


@pytest.mark.parametrize("text", ["18", "0", "0999", "20180", "2018-2019", "2018.5", "2018-03", "MMXVIII"])
def test_refuses_a_year(text: str) -> None:
    found = parse_year(text)
    assert isinstance(found, Fault)
    assert found.code == "not-a-year"
