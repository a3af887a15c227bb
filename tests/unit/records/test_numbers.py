"""Texts of numbers: every spelling that is certain is read, every other one is refused."""

from __future__ import annotations

import pytest

from envrules.records.numbers import NumberText, parse_number, plain_text
from envrules.records.values import Fault

READ = [
    ("10", NumberText("=", 10)),
    (" 10.50 ", NumberText("=", 10.5)),
    ("10.", NumberText("=", 10)),
    (".5", NumberText("=", 0.5)),
    ("+5", NumberText("=", 5)),
    ("-5", NumberText("=", -5)),
    ("－5", NumberText("=", -5)),
    ("１０．５", NumberText("=", 10.5)),
    ("1,234.5", NumberText("=", 1234.5)),
    ("1，234，567", NumberText("=", 1234567)),
    ("1.5e4", NumberText("=", 15000)),
    ("2.3E+05", NumberText("=", 230000)),
    ("1.5×10^4", NumberText("=", 15000)),
    ("1.5×10⁴ t", NumberText("=", 15000, "t")),
    ("3*10^-2", NumberText("=", 0.03)),
    ("14 MW", NumberText("=", 14, "MW")),
    ("20蒸吨", NumberText("=", 20, "蒸吨")),
    ("0.8%", NumberText("=", 0.8, "%")),
    ("0.8％", NumberText("=", 0.8, "%")),
    ("5 μg/m³", NumberText("=", 5, "μg/m^3")),
    ("5 mg·L⁻¹", NumberText("=", 5, "mg·L^-1")),
    ("<10", NumberText("<", 10)),
    ("＜ 10", NumberText("<", 10)),
    ("≤10 t/h", NumberText("<=", 10, "t/h")),
    ("<=10", NumberText("<=", 10)),
    ("≦10", NumberText("<=", 10)),
    (">10", NumberText(">", 10)),
    ("≥ 10", NumberText(">=", 10)),
    ("10以下", NumberText("<=", 10)),
    ("10 t/h 及以下", NumberText("<=", 10, "t/h")),
    ("10蒸吨以上", NumberText(">=", 10, "蒸吨")),
    ("不超过10", NumberText("<=", 10)),
    ("超过10", NumberText(">", 10)),
    ("低于10%", NumberText("<", 10, "%")),
    ("不低于10", NumberText(">=", 10)),
    ("at most 10 t/h", NumberText("<=", 10, "t/h")),
    ("6~9", NumberText("~", 6, "", 9)),
    ("6～9", NumberText("~", 6, "", 9)),
    ("6〜9", NumberText("~", 6, "", 9)),
    ("6-9", NumberText("~", 6, "", 9)),
    ("6 – 9 t/h", NumberText("~", 6, "", 9, "t/h")),
    ("6%~9%", NumberText("~", 6, "%", 9, "%")),
    ("6 t/h-9 t/h", NumberText("~", 6, "t/h", 9, "t/h")),
    ("6至9", NumberText("~", 6, "", 9)),
    ("6 to 9", NumberText("~", 6, "", 9)),
    ("-3--1", NumberText("~", -3, "", -1)),
    ("1e-5-1e-4", NumberText("~", 1e-5, "", 1e-4)),
    ("10±0.5", NumberText("±", 10, "", 0.5)),
    ("(10 ± 0.5) mg/L", NumberText("±", 10, "mg/L", 0.5)),
    ("10 +/- 0.5%", NumberText("±", 10, "%", 0.5)),
]
REFUSED = [
    "1,23",
    "1,2345",
    "12,34,567",
    "12 34",
    "1 2345",
    "1.234.567",
    "2018-03-22",
    "6~9~12",
    "<6~9",
    "10<",
    "<<10",
    "<",
    "约10",
    "~10",
    "≈10",
    "10左右",
    "一",
    "十余",
    "十十",
    "一百二",
    "三五",
    "abc",
    "0x10",
    "1_000",
    "nan",
    "inf",
    "--5",
    "10±",
    "10±-1",
    '4"',
    "٣",
    "5" * 300,
]


@pytest.mark.parametrize(("text", "meant"), READ, ids=[t for t, _ in READ])
def test_reads(text: str, meant: NumberText) -> None:
    assert parse_number(text) == meant


@pytest.mark.parametrize("text", REFUSED)
def test_refuses(text: str) -> None:
    found = parse_number(text)
    assert isinstance(found, Fault)
    assert found.code == "not-a-number"


@pytest.mark.parametrize("text", ["10/20", "2×10", "10、20", "10+20", "10;20", "10(7)", "十/二十"])
def test_names_both_numbers_of_a_cell(text: str) -> None:
    found = parse_number(text)
    assert isinstance(found, Fault)
    assert found.code == "several-values"
    assert "10" in found.reason
    assert any(other in found.reason for other in ("20", "2 and", "and 7"))


def test_a_decimal_comma_is_pointed_at() -> None:
    found = parse_number("1,23")
    assert isinstance(found, Fault)
    assert "thousands" in found.reason


def test_a_power_is_not_folded_into_the_number() -> None:
    assert plain_text("10⁴") == "10^4"
