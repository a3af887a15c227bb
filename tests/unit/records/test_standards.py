"""Fields completed by the tables of standards: model codes, water classes, air quality indices; what headers state."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

import envrules as er
from envrules.interval import Interval
from envrules.records.values import Nothing, Value

PACK = er.load_pack("jiuquan-2018")
CODES = YAML(typ="safe").load(Path(__file__).with_name("codes.yaml"))


def read(record_type: str, record: dict[str, Any]) -> Any:
    result = er.check(PACK, {record_type: [{"id": "A", **record}]}, as_of="2020-12-31")
    return result.dataset.records[record_type][0], result.dataset.problems


def plain(value: Value) -> Any:
    if isinstance(value, Interval):
        return pytest.approx(value.lo) if value.known else [pytest.approx(value.lo), pytest.approx(value.hi)]
    return sorted(value) if isinstance(value, frozenset) else None if isinstance(value, Nothing) else value


@pytest.mark.parametrize("case", CODES, ids=[c["code"] for c in CODES])
def test_a_model_code_says_capacity_and_fuel(case: dict[str, Any]) -> None:
    record, problems = read("boiler", {"model": case["code"]})
    assert plain(record.value("capacity")) == case.get("capacity")
    assert plain(record.value("fuel")) == case.get("fuel")
    assert problems == []
    for name in ("capacity", "fuel"):
        if name in case:
            assert record.cells[name].raw == case["code"]
            assert record.cells[name].derivation is not None


@pytest.mark.parametrize(
    ("record", "contradicts"),
    [
        ({"model": "DZL20-1.25-AII", "capacity": 10}, ["capacity"]),
        ({"model": "SZL14-1.0/95/70-AII", "capacity": 14}, ["capacity"]),
        ({"model": "SZL14-1.0/95/70-AII", "capacity": "14 MW"}, []),
        ({"model": "SZL14-1.0/95/70-AII", "capacity": "10~30"}, []),
        ({"model": "QXX29-1.6/130/70-AII", "capacity": 40}, []),
        ({"model": "DHX75", "capacity": 75}, []),
        ({"model": "DHX75", "capacity": "75 MW"}, []),
        ({"model": "DHX75", "capacity": 50}, ["capacity"]),
        ({"model": "WNS4-1.25-Q", "fuel": "燃煤"}, ["fuel"]),
        ({"model": "WNS4-1.25-Q", "fuel": "液化气"}, []),
        ({"model": "WNS4-1.25-YQ", "fuel": "燃油"}, []),
        ({"model": "WNS4-1.25-YQ", "fuel": "燃煤", "capacity": 6}, ["capacity", "fuel"]),
    ],
)
def test_a_model_code_is_held_against_what_is_stated(record: dict[str, Any], contradicts: list[str]) -> None:
    found, problems = read("boiler", record)
    assert [(p.code, p.field) for p in problems] == [("contradiction", name) for name in contradicts]
    assert all(record["model"] in p.reason for p in problems)
    for name in contradicts:  # what the record states stands
        assert found.cells[name].derivation is None


def test_a_cell_that_cannot_be_read_is_not_filled() -> None:
    found, problems = read("boiler", {"model": "DZL10-1.25-AII", "capacity": "20吨"})
    assert found.value("capacity") is Nothing.UNUSABLE
    assert [p.code for p in problems] == ["unit-mismatch"]


def test_findings_say_that_a_value_was_derived() -> None:
    boiler = {"id": "A", "zone": "built_up", "status": "operating", "model": "DZL10-1.25-AII"}
    result = er.check(PACK, {"boiler": [boiler]}, as_of="2020-12-31", rules="boiler.retire.built-up")
    assert [v.outcome for v in result.verdicts] == ["violation"]
    assert result.verdicts[0].notes == (
        "fuel is not given; model says coal by JB/T 1626-2002",
        "capacity is not given; model says 10 t/h by JB/T 1626-2002",
    )
    assert "DZL10-1.25-AII" in str(result.explain("A", "boiler.retire.built-up"))
    zh = er.check(PACK, {"boiler": [boiler]}, as_of="2020-12-31", rules="boiler.retire.built-up", language="zh")
    assert zh.verdicts[0].notes[0] == "未填燃料，按JB/T 1626-2002由锅炉型号推定为coal"


@pytest.mark.parametrize("engine", ["reference", "columnar"])
def test_one_of_two_fuels_decides_what_both_agree_on(engine: str) -> None:
    boiler = {"id": "A", "zone": "built_up", "status": "operating"}
    records = [{**boiler, "model": "WNS4-1.25-YQ"}, {**boiler, "id": "B", "model": "YLW-1400MA"}]
    result = er.check(
        PACK, {"boiler": records}, as_of="2020-12-31", rules="boiler.retire.built-up", outcomes="all", engine=engine
    )
    assert [(v.record_id, v.outcome, v.missing) for v in result.verdicts] == [
        ("A", "not_applicable", ()),
        ("B", "indeterminate", ("fuel",)),
    ]


# GB 3838-2002, table 1; the first row of each kind lies at the limits of class III.
FIVE = {"ph": 7.5, "dissolved_oxygen": 8, "permanganate_index": 1.5, "ammonia_nitrogen": 0.1, "total_phosphorus": 0.01}


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (FIVE, "I"),
        ({**FIVE, "dissolved_oxygen": 5, "permanganate_index": 6, "ammonia_nitrogen": 1.0}, "III"),
        ({**FIVE, "dissolved_oxygen": 4.9}, "IV"),
        ({**FIVE, "dissolved_oxygen": 1.9}, "inferior_V"),
        ({**FIVE, "total_phosphorus": 0.2}, "III"),
        ({**FIVE, "total_phosphorus": 0.2, "water_body": "湖库"}, "V"),
        ({**FIVE, "total_phosphorus": 0.021, "water_body": "lake"}, "II"),
        ({**FIVE, "ph": 9.1}, "inferior_V"),
        ({**FIVE, "ph": 9}, "I"),
        ({**FIVE, "mercury": "0.05 ug/L"}, "I"),
        ({**FIVE, "mercury": "0.11 ug/L"}, "IV"),
        ({**FIVE, "cod": 21}, "IV"),
        ({**FIVE, "bod5": 10.1}, "inferior_V"),
        ({**FIVE, "ammonia_nitrogen": "0.025L"}, "I"),
        ({**FIVE, "volatile_phenol": "0.01L"}, ["I", "II", "III", "IV"]),
        ({**FIVE, "dissolved_oxygen": "良好"}, ["I", "II", "III", "IV", "V", "inferior_V"]),
        ({"ph": 7.5, "ammonia_nitrogen": 1.2}, ["IV", "V", "inferior_V"]),
        ({"ph": 7.5, "ammonia_nitrogen": 1.2, "assessed_as_given": "是"}, "IV"),
        ({"ammonia_nitrogen": 2.1}, "inferior_V"),
        ({"ammonia_nitrogen": 2.1, "water_class": "Ⅲ类"}, "III"),
        ({}, None),
    ],
)
def test_a_water_class_follows_from_concentrations(record: dict[str, Any], expected: Any) -> None:
    found, _ = read("water_section", {"month": "2020-03", **record})
    assert plain(found.value("water_class")) == expected


def test_a_derived_class_decides_as_far_as_it_is_known() -> None:
    section = {"id": "A", "section": "x", "month": "2020-03", "national": True}
    records = [{**section, "ammonia_nitrogen": 1.2}, {**section, "id": "B", "ammonia_nitrogen": 2.1}]
    result = er.check(PACK, {"water_section": records}, as_of="2020-12-31", rules="water.no-inferior-v", outcomes="all")
    outcomes = {v.record_id: (v.outcome, v.observed, v.missing) for v in result.verdicts}
    assert outcomes == {
        "A": ("indeterminate", "IV..inferior_V", ("water_class",)),
        "B": ("violation", "inferior_V", ()),
    }
    notes = {v.record_id: v.notes[0] for v in result.verdicts}
    assert "by GB 3838-2002, table 1, as a river" in notes["A"]
    assert "known from below" in notes["A"]


# HJ 633-2012, table 1: at the breakpoints and between them (rounded up).
GOOD = {"so2": 50, "no2": 40, "pm10": 50, "pm2_5": 35, "co": 2, "o3_8h": 100}


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (GOOD, 50),
        ({**GOOD, "pm2_5": 75}, 100),
        ({**GOOD, "pm2_5": 75.1}, 101),
        ({**GOOD, "pm2_5": 120}, 158),
        ({**GOOD, "pm10": 180}, 115),
        ({**GOOD, "no2": 80}, 100),
        ({**GOOD, "o3_8h": 160}, 100),
        ({**GOOD, "o3_8h": 161}, 101),
        ({**GOOD, "o3_1h": 250}, 125),
        ({**GOOD, "co": 4.1}, 101),
        ({**GOOD, "co": "2000 ug/m3"}, 50),
        ({**GOOD, "pm10": 700}, 500),
        ({**GOOD, "o3_8h": 900}, [300, 500]),
        ({**GOOD, "o3_8h": 900, "o3_1h": 1200}, 500),
        ({"pm10": 160}, [105, 500]),
        ({"pm10": 160, "aqi": 95}, 95),
        ({**GOOD, "pm2_5": "<75"}, [50, 100]),
        ({}, None),
    ],
)
def test_an_index_follows_from_concentrations(record: dict[str, Any], expected: Any) -> None:
    found, problems = read("air_day", {"area": "suzhou", "day": "2020-01-01", **record})
    assert plain(found.value("aqi")) == expected
    assert problems == []


@pytest.mark.parametrize(
    ("headers", "basis"),
    [
        ("St,d", "d"),
        ("St,ad(%)", "ad"),
        ("全硫（St,ar）（%）", "ar"),
        ("全硫(空干基)", "ad"),
        ("全硫(%)(收到基)", "ar"),
        ("干基全硫(%)", "d"),
        ("Ad", "d"),
        ("Aad（%）", "ad"),
        ("灰分(ad)", "ad"),
        ("灰分(Ad)", "d"),
        ("灰分", None),
        ("St", None),
    ],
)
def test_a_header_states_the_basis(headers: str, basis: str | None, tmp_path: Path) -> None:
    path = tmp_path / "煤质.csv"
    path.write_text(f'批号,环节,"{headers}"\nL1,使用,0.7\nL2,使用,\n', "utf-8")
    first, second = er.check(PACK, [("coal_lot", path)], as_of="2020-12-31").dataset.records["coal_lot"]
    assert plain(first.value("basis")) == basis
    assert plain(second.value("basis")) is None
    if basis:
        assert first.cells["basis"].raw == headers


def test_headers_and_columns_that_contradict(tmp_path: Path) -> None:
    path = tmp_path / "煤质.csv"
    path.write_text('批号,"St,ad",基准\nL1,0.7,干燥基\nL2,0.7,空干基\n', "utf-8")
    result = er.check(PACK, [("coal_lot", path)], as_of="2020-12-31")
    assert [(p.code, p.row, p.field) for p in result.dataset.problems] == [("contradiction", 2, "basis")]
    path.write_text('批号,"St,ad","Ad"\nL1,0.7,12\n', "utf-8")
    with pytest.raises(er.InputError) as caught:
        er.check(PACK, [("coal_lot", path)], as_of="2020-12-31")
    assert [d.code for d in caught.value.diagnostics] == ["contradiction"]


def test_the_dry_column_is_read_beside_one_on_another_basis(tmp_path: Path) -> None:
    path = tmp_path / "煤质.csv"
    path.write_text('批号,"St,ad","St,d"\nL1,0.6,0.7\n', "utf-8")
    result = er.check(PACK, [("coal_lot", path)], as_of="2020-12-31")
    assert plain(result.dataset.records["coal_lot"][0].value("total_sulfur")) == 0.7
    assert [w.code for w in result.dataset.warnings] == ["duplicate-column"]


def test_a_share_of_the_ash_free_coal_is_on_no_basis_that_counts(tmp_path: Path) -> None:
    path = tmp_path / "煤质.csv"
    path.write_text('批号,"St,daf"\nL1,0.6\n', "utf-8")
    result = er.check(PACK, [("coal_lot", path)], as_of="2020-12-31")
    assert result.dataset.records["coal_lot"][0].value("basis") is Nothing.UNUSABLE
    assert [w.code for w in result.dataset.warnings] == ["unknown-value"]


@pytest.mark.parametrize(
    ("cell", "zone"), [("是", "built_up"), ("否", "other"), ("√", "built_up"), ("城市建成区", "built_up"), ("", None)]
)
def test_a_question_about_the_zone_is_answered(cell: str, zone: str | None, tmp_path: Path) -> None:
    path = tmp_path / "锅炉.csv"
    path.write_text(f"编号,是否在城市建成区,额定蒸发量\nB1,{cell},10\n", "utf-8")
    found = er.check(PACK, [("boiler", path)], as_of="2020-12-31").dataset.records["boiler"][0]
    assert plain(found.value("zone")) == zone


@pytest.mark.parametrize(
    ("text", "county"),
    [
        ("甘肃省酒泉市肃州区", "suzhou"),
        ("620902", "suzhou"),
        ("620902000000", "suzhou"),
        ("安西县", "guazhou"),
        ("瓜州县（原安西县）", "guazhou"),
        ("肃北蒙古族自治县", "subei"),
        ("甘肃省酒泉市阿克塞哈萨克族自治县", "akesai"),
        ("酒泉市敦煌市", "dunhuang"),
        ("嘉峪关市", None),
        ("酒泉市", None),
    ],
)
def test_counties_by_every_name(text: str, county: str | None) -> None:
    found, _ = read("boiler", {"county": text})
    assert plain(found.value("county")) == county


@pytest.mark.parametrize("text", ["酒泉市", "甘肃省酒泉市", "全市", "620900"])
def test_the_city_is_an_area(text: str) -> None:
    found, _ = read("indicator", {"area": text, "code": "pm10", "year": 2020, "value": 60})
    assert found.value("area") == "jiuquan"


@pytest.mark.parametrize(
    ("record_type", "field", "text", "expected"),
    [
        ("fuel_station", "fuel_stage", "国五", 5),
        ("fuel_station", "fuel_stage", "国Ⅵ", 6),
        ("enterprise", "meets_standard", "达标", True),
        ("enterprise", "meets_standard", "不达标", False),
        ("enterprise", "meets_standard", "超标", False),
        ("enterprise", "clean_production_audited", "已通过", True),
        ("enterprise", "clean_production_audited", "未通过", False),
        ("pond", "finish_by", "2018年9月底前", 736967),
        ("task", "due_on", "2018年9月30日前", 736967),
        ("task", "due_on", "2018年9月前", None),
    ],
)
def test_words_that_a_field_declares(record_type: str, field: str, text: str, expected: Any) -> None:
    found, _ = read(record_type, {field: text})
    assert plain(found.value(field)) == expected
