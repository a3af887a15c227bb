from __future__ import annotations

import pytest

from envrules.records.words import WordTable, emptiness, fold, shown


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "\u3000",
        "-",
        "--",
        "—",
        "——",
        "－",
        "/",
        "\\",
        ".",
        "...",
        "_",
        "NA",
        "N/A",
        "n.a.",
        "NaN",
        "null",
        "None",
        "NaT",
        "<NA>",
        "无",
        "空",
    ],
)
def test_empty(text: str) -> None:
    assert emptiness(text) == "empty"


@pytest.mark.parametrize("text", ["无数据", "缺测", "不详", "unknown", "No data", "not reported", "待核实", "?", "？"])
def test_says_that_it_is_not_known(text: str) -> None:
    assert emptiness(text) == "unknown"


@pytest.mark.parametrize("text", ["0", "0.0", "无烟煤", "none of them", "*", "未检出", "N", "-1", "n", "否"])
def test_something(text: str) -> None:
    assert emptiness(text) == ""


def test_a_word_of_two_meanings_decides_nothing() -> None:
    table = WordTable([("area", "area"), ("面积", "area"), ("面 积", "surface"), ("", "nothing")])
    assert table.find("面积") == ("area",)
    assert table.find("面\n积") == ("area", "surface")
    assert table.find("") == ()


def test_the_nearest_word_is_given_as_it_was_declared() -> None:
    table = WordTable([("built_up", "built_up"), ("城市建成区", "built_up")])
    assert table.near("建成区") == "城市建成区"
    assert table.near("BUILTUPP") == "built_up"
    assert table.near("xyz") == ""


def test_what_is_shown_is_short_and_on_one_line() -> None:
    assert shown("a\nb\x00") == "'a b '"
    assert len(shown("x" * 500)) < 50


def test_folding_leaves_what_tells_words_apart() -> None:
    assert fold("PM２.５\n（日均）") == "pm25(日均)"
    assert fold("Ⅲ类") == fold("III 类") == "iii类"
