"""What a mapping does to a table before its columns are matched: wide to long, one column in two, units to numbers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envrules.diagnostics import InputError
from envrules.interval import point
from envrules.records.dataset import Dataset
from envrules.records.steps import Pattern
from envrules.records.values import ABSENT, UNUSABLE, date_value

Read = Callable[..., Dataset]


def put(tmp_path: Path, text: str, name: str = "a.csv") -> Path:
    path = tmp_path / name
    path.write_text(text, "utf-8")
    return path


def codes(work: Callable[[], object]) -> list[str]:
    with pytest.raises(InputError) as caught:
        work()
    return [d.code for d in caught.value.diagnostics if d.level == "error"]


WIDE = """plant,sulfur\nJanuary,sulfur February,ash January,ash  February,total
P1,0.8,.,10,11,1
,,,,,
P2,0.7,0.6,9,8,2
Total,,,,,3
"""


def wide_mapping(**more: Any) -> dict[str, Any]:
    columns = {"S": "sulfur {}", "A": "ash {}"}
    months = {"January": dt.date(2015, 1, 31), "February": dt.date(2015, 2, 28)}
    long = {"name": "Month", "columns": columns, "values": months}
    fields = {"S": "total_sulfur", "A": "ash", "Month": "sampled_on", "total": None}
    return {"record": "coal_lot", "wide_to_long": long | more, "columns": fields, "id": ["plant", "Month"]}


def test_months_side_by_side(read: Read, tmp_path: Path) -> None:
    path = put(tmp_path, WIDE.replace("sulfur\nJanuary", '"sulfur\nJanuary"'))
    found = read([(None, path)], wide_mapping())
    lots = found.records["coal_lot"]
    assert [r.id for r in lots] == ["P1:2015-01-31", "P1:2015-02-28", "P2:2015-01-31", "P2:2015-02-28"]
    assert [r.value("total_sulfur") for r in lots] == [point(0.8), ABSENT, point(0.7), point(0.6)]
    assert [r.value("ash") for r in lots] == [point(10), point(11), point(9), point(8)]
    assert lots[1].value("sampled_on") == date_value(dt.date(2015, 2, 28))
    assert [r.place.row for r in lots] == [2, 2, 4, 4]
    (account,) = found.accounts
    assert (account.rows_in_source, account.parts, account.rows_read, account.rows_used) == (4, 2, 8, 4)
    assert account.skipped == {"empty": 2, "total": 2}
    assert "each row is read as 2 records, one for each Month" in account.decisions


def test_months_as_they_stand(read: Read, tmp_path: Path) -> None:
    path = put(tmp_path, "编号,1月硫分,2月硫分\nA,0.8,0.9\n")
    mapping = {
        "record": "coal_lot",
        "wide_to_long": {"name": "月", "columns": {"硫分": "{}月硫分"}},
        "columns": {"月": None},
        "id": ["编号", "月"],
    }
    assert [r.id for r in read([(None, path)], mapping).records["coal_lot"]] == ["A:1", "A:2"]


def test_filters_and_constants_see_what_was_made(read: Read, tmp_path: Path) -> None:
    path = put(tmp_path, WIDE.replace("sulfur\nJanuary", '"sulfur\nJanuary"'))
    mapping = wide_mapping() | {"skip_rows_where": {"S": [".", None], "plant": ["P2"]}, "constants": {"zone": "other"}}
    found = read([(None, path)], mapping)
    assert [(r.id, r.value("zone")) for r in found.records["coal_lot"]] == [("P1:2015-01-31", "other")]
    assert found.accounts[0].skipped == {"empty": 2, "skip_rows_where": 3, "total": 2}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"columns": {"S": "sulphur {}"}}, "unknown-column"),
        ({"columns": {"S": "sulfur"}}, "mapping-pattern"),
        ({"columns": {"S": "{} {}"}}, "mapping-pattern"),
        ({"values": {"March": "2015-03-31"}}, "unknown-column"),
        ({"name": "plant"}, "mapping-pattern"),
        ({"columns": {}}, "mapping-field"),
    ],
)
def test_what_cannot_be_made_long(change: dict[str, Any], code: str, read: Read, tmp_path: Path) -> None:
    path = put(tmp_path, WIDE.replace("sulfur\nJanuary", '"sulfur\nJanuary"'))
    assert code in codes(lambda: read([(None, path)], wide_mapping(**change)))


def test_one_column_into_two(read: Read, tmp_path: Path) -> None:
    path = put(tmp_path, "编号,规格\n1,锅炉甲（20 t/h）\n2,锅炉乙(14MW)\n3,锅炉丙 4吨\n4,\n")
    mapping = {"record": "boiler", "split": {"规格": "{名}（{额定}）"}, "columns": {"额定": "capacity", "名": None}}
    found = read([(None, path)], mapping)
    values = [r.value("capacity") for r in found.records["boiler"]]
    assert values == [point(20), point(20), UNUSABLE, ABSENT]
    assert [(p.code, p.row, p.value) for p in found.problems] == [("mapping-pattern", 4, "锅炉丙 4吨")]
    assert not [w for w in found.warnings if w.code == "unknown-column"]


@pytest.mark.parametrize(
    ("split", "code"),
    [
        ({"规格": "{a}{b}"}, "mapping-pattern"),
        ({"规格": "no hole"}, "mapping-pattern"),
        ({"规格": "{编号}-{b}"}, "mapping-pattern"),
        ({"规": "{a}-{b}"}, "unknown-column"),
    ],
)
def test_what_cannot_be_split(split: dict[str, str], code: str, read: Read, tmp_path: Path) -> None:
    path = put(tmp_path, "编号,规格\n1,a-b\n")
    assert codes(lambda: read([(None, path)], {"record": "boiler", "split": split})) == [code]


@given(st.text("ab-/（ ", max_size=12), st.text("ab-/（ ", max_size=12))
def test_a_pattern_gives_back_what_it_was_filled_with(first: str, second: str) -> None:
    found = Pattern("<{x}|{y}>").match(f"<{first}|{second}>")
    assert found is not None
    assert found["x"].split() == first.replace("（", "(").split()
    assert found["y"].split() == second.replace("（", "(").split()


def test_units_in_a_column_beside(read: Read, tmp_path: Path) -> None:
    path = put(tmp_path, "编号,容量,单位\n1,14,MW\n2,10,蒸吨\n3,<2.8,兆瓦\n4,6 t/h,MW\n5,,MW\n")
    found = read({"boiler": path})
    values = [r.value("capacity") for r in found.records["boiler"]]
    assert values[:2] == [point(20), point(10)]
    assert str(values[2]) == "(0, 4)"
    assert values[3:] == [point(6), ABSENT]
    assert found.accounts[0].decisions == ("the units of '容量' stand in '单位'",)
    assert not found.warnings


def test_a_column_of_other_words_is_none_of_units(read: Read, tmp_path: Path) -> None:
    found = read({"boiler": put(tmp_path, "编号,容量,单位\n1,14,某供热公司\n")})
    assert found.records["boiler"][0].value("capacity") == point(14)
    assert [w.code for w in found.warnings] == ["unknown-column"]


def test_a_mapping_names_the_column_of_units(read: Read, tmp_path: Path) -> None:
    path = put(tmp_path, "No,Size,In\n1,14,MW\n")
    mapping = {"record": "boiler", "columns": {"No": "id", "Size": {"field": "capacity", "unit_column": "In"}}}
    found = read([(None, path)], mapping)
    assert found.records["boiler"][0].value("capacity") == point(20)
    assert not found.warnings


@pytest.mark.parametrize("rows", [3, 3000])
def test_a_test_of_a_number_is_not_of_its_unit(read: Read, tmp_path: Path, rows: int) -> None:
    path = put(tmp_path, "No,Size,In\n" + "".join(f"{n},{n % 3},MW\n" for n in range(rows)))
    columns = {"No": "id", "Size": {"field": "capacity", "unit_column": "In"}}
    found = read([(None, path)], {"record": "boiler", "columns": columns, "skip_rows_where": {"Size": [0]}})
    assert found.accounts[0].skipped == {"skip_rows_where": rows // 3}


def test_units_before_the_number(read: Read, tmp_path: Path) -> None:
    path = put(tmp_path, "编号,名称,单位,容量\n1,甲厂,MW,14\n2,乙厂,,10\n3,丙厂,t/h,6\n")
    found = read({"boiler": path})
    assert [r.value("capacity") for r in found.records["boiler"]] == [point(20), UNUSABLE, point(6)]
    assert [p.code for p in found.problems] == ["unit-beside"]


@pytest.mark.parametrize("rows", [2, 3000])
def test_units_that_may_be_of_another_column(read: Read, tmp_path: Path, rows: int) -> None:
    path = put(tmp_path, "编号,压力,单位,容量\n" + "".join(f"{n},1.25,MW,14\n" for n in range(rows)))
    found = read({"boiler": path})
    assert [r.value("capacity") for r in found.records["boiler"]] == [UNUSABLE] * rows
    assert {p.code for p in found.problems} == {"unit-beside"}


def test_totals_that_are_records(read: Read, tmp_path: Path) -> None:
    path = put(tmp_path, "编号,容量\nB,8\n合计,8\n")
    assert [r.id for r in read([(None, path)], {"record": "boiler"}).records["boiler"]] == ["B"]
    found = read([(None, path)], {"record": "boiler", "keep": ["total"]})
    assert [r.id for r in found.records["boiler"]] == ["B", "合计"]


def test_the_header_is_found_by_the_names_of_a_mapping(read: Read, tmp_path: Path) -> None:
    path = put(tmp_path, "Form 7,,\nx,y,z\n1,2,3\nUnit,Out,Where\nA,8,b\n")
    found = read([(None, path)], {"record": "boiler", "columns": {"Unit": "id", "Out": "capacity", "Where": None}})
    assert [(r.id, r.value("capacity")) for r in found.records["boiler"]] == [("A", point(8))]


def test_a_number_merged_over_rows_as_each_ones(read: Read, tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    workbook = openpyxl.Workbook()
    for row in (["编号", "容量"], ["1", 8], ["2", None]):
        workbook.active.append(row)
    workbook.active.merge_cells("B2:B3")
    workbook.save(tmp_path / "a.xlsx")
    found = read([(None, tmp_path / "a.xlsx")], {"record": "boiler", "merged": "each"})
    assert [r.value("capacity") for r in found.records["boiler"]] == [point(8), point(8)]


def test_sheets_that_are_named_by_what_they_hold(read: Read, tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    workbook = openpyxl.Workbook()
    workbook.active.append(["x"])
    for name in ("肃州区", "玉门市"):
        sheet = workbook.create_sheet(name)
        sheet.append(["编号", "容量"])
        sheet.append([name, 8])
    workbook.save(tmp_path / "a.xlsx")
    found = read([(None, tmp_path / "a.xlsx")], {"record": "boiler", "sheet": "[!S]*", "from_sheet": "county"})
    assert [(r.id, r.value("county")) for r in found.records["boiler"]] == [("肃州区", "suzhou"), ("玉门市", "yumen")]
    assert [w.code for w in found.warnings] == ["unread-sheet"]


@pytest.mark.parametrize(("header", "rows"), [([3], "x"), ([2, 3], "编号/x")])
def test_the_rows_of_the_header_are_named(header: list[int], rows: str, read: Read, tmp_path: Path) -> None:
    path = put(tmp_path, "a,b\n编号,k\nx,y\n1,8\n")
    columns = {rows: "id", "y" if len(header) == 1 else "k/y": "capacity"}
    found = read([(None, path)], {"record": "boiler", "header_row": header, "columns": columns})
    assert [r.id for r in found.records["boiler"]] == ["1"]


@pytest.mark.parametrize(
    ("rows", "values"),
    [
        ("1;85,5\n2;1,234\n3;<7,5 t/h\n4;6", ["85.5", "1.234", "(0, 7.5)", "6"]),
        ("1;1,234\n2;2,500", ["1234", "2500"]),
        ("1;85.5\n2;7,5", ["85.5", "unusable"]),
        ("1;2,5\n2;7.5", ["unusable", "7.5"]),
    ],
)
def test_commas_for_points(rows: str, values: list[str], read: Read, tmp_path: Path) -> None:
    found = read({"boiler": put(tmp_path, f"编号;容量\n{rows}\n")})
    assert [
        getattr(v, "value", None) or str(v) for v in (r.value("capacity") for r in found.records["boiler"])
    ] == values
    assert bool(found.accounts[0].decisions) == (values[0] == "85.5" and "unusable" not in values)


def test_commas_part_cells_where_they_part_cells(read: Read, tmp_path: Path) -> None:
    found = read({"boiler": put(tmp_path, '编号,容量\n1,"85,5"\n')})
    assert found.records["boiler"][0].value("capacity") is UNUSABLE
