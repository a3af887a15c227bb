"""Headers to fields and tables to record types; doubt is given back, never resolved."""

from __future__ import annotations

from dataclasses import replace

import pytest

from envrules.records.recognise import (
    Doubt,
    HeaderMatch,
    HeaderWords,
    field_words,
    match_headers,
    near_field,
    recognise_type,
    type_words,
    types_named,
)
from envrules.records.types import Field, RecordType, Words
from envrules.units import Units

Types = dict[str, RecordType]


def match(headers: list[str], name: str, types: Types, units: Units) -> HeaderMatch:
    return match_headers(headers, types[name], units)


@pytest.mark.parametrize(
    ("header", "field", "unit"),
    [
        ("capacity", "capacity", None),
        ("Capacity", "capacity", None),
        ("额定蒸发量", "capacity", None),
        ("额定\n蒸发量", "capacity", None),
        (" 额 定 蒸 发 量 ", "capacity", None),
        ("容量", "capacity", None),
        ("额定蒸发量（t/h）", "capacity", "t/h"),
        ("额定蒸发量(吨/小时)", "capacity", "吨/小时"),
        ("capacity [MW]", "capacity", "MW"),
        ("capacity【蒸吨】", "capacity", "蒸吨"),
        ("ＣＡＰＡＣＩＴＹ（ＭＷ）", "capacity", "ＭＷ"),
        ("额定蒸发量（必填）（t/h）", "capacity", "t/h"),
        ("capacity (额定蒸发量) (MW)", "capacity", "MW"),
        ("capacity_MW", "capacity", "MW"),
        ("capacity, t/h", "capacity", "t/h"),
        ("额定蒸发量 t/h", "capacity", "t/h"),
        ("commissioned on (date)", "commissioned_on", None),
        ("投运日期（年）", "commissioned_on", None),
        ("COMMISSIONED-ON", "commissioned_on", None),
        ("锅炉参数/容量(t/h)", "capacity", "t/h"),
        ("基本情况/参数/投运日期", "commissioned_on", None),
        ("额定蒸发量/t·h-1", "capacity", "t·h^-1"),
        ("容量，单位：兆瓦", "capacity", "兆瓦"),
        ("额定蒸发量t/h", "capacity", "t/h"),
        ("3.容量", "capacity", None),
        ("额定蒸發量", "capacity", None),
    ],
)
def test_finds_the_field(header: str, field: str, unit: str | None, types: Types, units: Units) -> None:
    (found,) = match([header], "boiler", types, units).columns
    assert found.field.name == field
    assert (found.unit and found.unit.text) == unit


@pytest.mark.parametrize("header", ["硫分%", "硫分(%)", "全硫（％）", "total_sulfur (mg/g)", "total sulfur ppm"])
def test_finds_shares(header: str, types: Types, units: Units) -> None:
    (found,) = match([header], "coal_lot", types, units).columns
    assert found.field.name == "total_sulfur"
    assert found.unit is not None


def test_a_name_under_a_group_may_end_in_brackets(units: Units) -> None:
    fields = {"county": Field("county", "text", label=Words(zh="县（市、区）"))}
    found = match_headers(["基本情况/县（市、区）"], RecordType("boiler", fields), units)
    assert [c.field.name for c in found.columns] == ["county"]


@pytest.mark.parametrize("header", ["上年/容量", "设计/容量(t/h)", "2015年/容量", "容量/最大"])
def test_a_group_may_make_another_quantity_of_a_name(header: str, types: Types, units: Units) -> None:
    assert match([header], "boiler", types, units).columns == ()


def test_a_whole_name_goes_before_one_under_a_group(types: Types, units: Units) -> None:
    found = match(["容量", "参数/容量"], "boiler", types, units)
    assert ([c.header for c in found.columns], found.unknown) == (["容量"], ((1, "参数/容量"),))


@pytest.mark.parametrize("header", ["remarks", "capacity_max", "锅炉房", "额定", ""])
def test_does_not_guess(header: str, types: Types, units: Units) -> None:
    found = match([header], "boiler", types, units)
    assert found.columns == found.faults == ()
    assert found.unknown == ((0, header),)


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ("capacity (%)", "unit-mismatch"),
        ("额定蒸发量（吨）", "unit-mismatch"),
        ("capacity (rated)", "unknown-unit"),
        ("额定蒸发量（t/h）（MW）", "unknown-unit"),
    ],
)
def test_a_unit_that_cannot_be(header: str, code: str, types: Types, units: Units) -> None:
    (fault,) = match([header], "boiler", types, units).faults
    assert fault.code == code
    assert header in fault.reason


def test_two_columns_of_one_field(types: Types, units: Units) -> None:
    found = match(["额定蒸发量(t/h)", "capacity (MW)", "id"], "boiler", types, units)
    (fault,) = found.faults
    assert fault.code == "duplicate-column"
    assert "额定蒸发量(t/h)" in fault.reason
    assert "capacity (MW)" in fault.reason


def test_a_header_of_two_fields(units: Units) -> None:
    fields = {n: Field(n, "text", label=Words(zh="面积")) for n in ("area", "surface")}
    (fault,) = match_headers(["面积"], RecordType("pond", fields), units).faults
    assert fault.code == "ambiguous-column"
    assert "area or surface" in fault.reason


def test_a_field_that_is_taken_stays_unknown(types: Types, units: Units) -> None:
    found = match_headers(["容量"], types["boiler"], units, frozenset(["capacity"]))
    assert found.unknown == ((0, "容量"),)


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("boiler", ("boiler",)),
        ("Boilers", ("boiler",)),
        ("锅炉台账", ("boiler",)),
        ("2020年锅炉台账(终稿)", ("boiler",)),
        ("锅炉审批", ("boiler_application",)),
        ("锅炉审批表", ("boiler_application",)),
        ("酒泉市锅炉清单", ("boiler",)),
        ("boiler_applications_2020", ("boiler_application",)),
        ("煤炭批次和指标", ("coal_lot", "indicator")),
        ("Sheet1", ()),
        ("", ()),
    ],
)
def test_names_of_sheets(name: str, meant: tuple[str, ...], types: Types) -> None:
    assert types_named(name, types) == meant


@pytest.mark.parametrize(
    ("headers", "names", "meant"),
    [
        (["编号", "县区", "燃料", "容量", "是否完成改造"], ["Sheet1"], "boiler"),
        (["编号", "县区", "燃料", "容量", "性质", "审批决定"], [], "boiler_application"),
        (["编号", "硫分(%)", "灰分(%)", "化验员"], [], "coal_lot"),
        (["县区", "燃料", "容量"], ["锅炉"], "boiler"),
        (["a", "b"], ["boiler"], "boiler"),
        (["编号", "举办日期"], ["培训"], "training"),
        (["编号", "举办日期"], ["Sheet1"], "training"),
        (["编号", "县区", "燃料", "容量"], ["2020年锅炉清单"], "boiler"),
        (["编号", "县区", "燃料", "容量"], ["Sheet1", "boilers"], "boiler"),
    ],
)
def test_the_record_type(headers: list[str], names: list[str], meant: str, types: Types, units: Units) -> None:
    found = recognise_type(headers, names, types, units)
    assert isinstance(found, RecordType), found
    assert found.name == meant


@pytest.mark.parametrize(
    ("headers", "names", "candidates"),
    [
        (["编号", "县区", "燃料", "容量"], [], {"boiler", "boiler_application"}),
        (["编号", "县区", "燃料", "容量", "是否完成改造", "投运日期"], ["training"], {"boiler", "training"}),
        (["编号", "held on"], [], {"meeting", "training"}),
        (["x", "y", "z"], [], set()),
        (["编号"], [], set()),
    ],
)
def test_doubt(headers: list[str], names: list[str], candidates: set[str], types: Types, units: Units) -> None:
    found = recognise_type(headers, names, types, units)
    assert isinstance(found, Doubt), found
    assert {m.record_type.name for m in found.candidates} == candidates


def test_near_misses(types: Types) -> None:
    assert near_field("capcity (t/h)", field_words(types["boiler"])) == "capacity"
    assert near_field("额定蒸发", field_words(types["boiler"])) == "额定蒸发量"
    assert near_field("xyz", field_words(types["boiler"])) == ""


def test_many_columns_of_one_field_are_not_all_listed(types: Types, units: Units) -> None:
    (fault,) = match(["capacity"] * 1000, "boiler", types, units).faults
    assert len(fault.reason) < 500
    assert "and 990 more" in fault.reason


def test_words_are_made_once_for_record_types_and_anew_for_others(types: dict[str, RecordType], units: Units) -> None:
    same = dict(types)
    fewer = dict(list(types.items())[1:])
    assert HeaderWords.of(types, units) is HeaderWords.of(same, units)
    assert type_words(types) is type_words(same)
    assert type_words(types) is not type_words(fewer)
    one = next(iter(types.values()))
    label = replace(one, label=Words("", "另一名称"))
    assert type_words(types | {one.name: label}).find("另一名称") == (one.name,)
    assert field_words(one) is field_words(one)
    assert field_words(one) is not field_words(label)
