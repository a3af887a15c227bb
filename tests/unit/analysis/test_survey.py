"""Files looked at before any rule is run, the fields that columns may be, and the mapping files proposed for them."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envrules.analysis.mapping_file import mapping_text
from envrules.analysis.propose import propose
from envrules.analysis.survey import FileFacts, survey
from envrules.analysis.survey_report import as_dict, is_open, survey_text
from envrules.diagnostics import InputError
from envrules.pack.load import load_pack
from envrules.pack.pack import Pack
from envrules.records.mapping import load_mapping
from envrules.records.read import read_inputs
from envrules.records.types import Field
from envrules.records.unfold import find_wide, month_number
from envrules.records.unusual import unusual
from envrules.units import registry

TABLE = """酒泉市2019年锅炉台账,,,,,
编号,县区,燃料种类,额定蒸发,容量,状况
,,,,(MW),
B-1,肃州区,燃煤,14,7,在用
B-2,玉门市,燃油渣,20,14,已封
合计,,,,21,
B-3,金塔县,天然气,20,abc,在用
注：数据截至年底,,,,,
"""


@pytest.fixture(scope="module")
def pack() -> Pack:
    return load_pack("jiuquan-2018")


def put(folder: Path, text: str = TABLE, name: str = "锅炉台账.csv") -> str:
    path = folder / name
    path.write_text(text, "utf-8")
    return str(path)


def look(pack: Pack, path: str, declared: str | None = None) -> FileFacts:
    return survey(path, pack.records, pack.units, declared)


def test_what_a_table_holds(pack: Pack, tmp_path: Path) -> None:
    (table,) = look(pack, put(tmp_path)).tables
    assert (table.record_type, table.table.header_rows, table.table.title) == ("boiler", (2, 3), "酒泉市2019年锅炉台账")
    assert table.account is not None
    assert (table.account.rows_read, table.account.rows_used) == (5, 3)
    assert table.account.skipped_rows == {"total": (6,), "note": (8,)}
    columns = {c.header: c for c in table.columns}
    capacity = columns["容量(MW)"]
    assert (capacity.field, capacity.unit, capacity.filled, capacity.usable, capacity.unusable) == (
        "capacity", "MW", 1.0, 2, 1)  # fmt: skip
    assert (capacity.least, capacity.most) == ("10", "20")
    assert columns["额定蒸发"].field == ""
    assert columns["额定蒸发"].proposals[0].field.name == "capacity"
    assert columns["状况"].proposals[0].field.name == "status"


def test_a_table_of_an_open_type_is_shown_too(pack: Pack, tmp_path: Path) -> None:
    facts = look(pack, put(tmp_path, "编号,县区,燃料,容量\n1,肃州区,燃煤,8\n", "a.csv"))
    (table,) = facts.tables
    assert table.record_type == ""
    assert {"boiler", "boiler_application"} <= set(table.candidates)
    assert [c.examples for c in table.columns] == [("1",), ("肃州区",), ("燃煤",), ("8",)]
    assert is_open(facts)


def test_two_columns_of_one_field_are_shown_and_not_read(pack: Pack, tmp_path: Path) -> None:
    (table,) = look(pack, put(tmp_path, "编号,容量,额定蒸发量\n1,8,9\n"), "boiler").tables
    assert [c.field for c in table.columns] == ["id", "", ""]
    assert "duplicate-column" in {d.code for d in table.said}


def test_a_file_of_empty_sheets(pack: Pack, tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    openpyxl.Workbook().save(tmp_path / "a.xlsx")
    facts = look(pack, str(tmp_path / "a.xlsx"))
    assert (facts.tables, [d.code for d in facts.empty]) == ((), ["table-empty"])


@pytest.mark.parametrize("width", [60, 80, 120])
def test_as_text(width: int, pack: Pack, tmp_path: Path) -> None:
    text = survey_text([look(pack, put(tmp_path))], width)
    for part in ("header in rows 2-3", "encoding utf-8", "1 total (row 6)", "1 note", "capacity", "100%"):
        assert part in " ".join(text.split())
    from rich.cells import cell_len

    assert max(map(cell_len, text.splitlines())) <= width


def test_as_data(pack: Pack, tmp_path: Path) -> None:
    found = json.loads(json.dumps(as_dict(look(pack, put(tmp_path)))))
    (table,) = found["tables"]
    assert (table["record_type"], table["header_rows"], table["encoding"]) == ("boiler", [2, 3], "utf-8")
    assert [c["header"] for c in table["columns"]] == ["编号", "县区", "燃料种类", "额定蒸发", "容量(MW)", "状况"]
    assert table["skipped_rows"] == {"total": [6], "note": [8]}


# --- what a column may be ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "cells", "record_type", "field"),
    [
        ("额定蒸发", [10.0], "boiler", "capacity"),
        ("锅炉大小(MW)", [7.0], "boiler", "capacity"),
        ("capcity", [7.0], "boiler", "capacity"),
        ("所用能源", ["燃煤", "天然气"], "boiler", "fuel"),
        ("Owner", ["x"], "boiler", "facility"),
        ("安装时间", ["2015-03-01"], "boiler", "commissioned_on"),
        ("含硫", [0.8], "coal_lot", "total_sulfur"),
        ("Sulphur share (%)", [0.8], "coal_lot", "total_sulfur"),
        ("抽样时间点", ["2019-01-02"], "coal_lot", "sampled_on"),
    ],
)
def test_what_a_column_may_be(header: str, cells: list[object], record_type: str, field: str, pack: Pack) -> None:
    found = propose(header, cells, pack.records[record_type], pack.units)
    assert found[0].field.name == field
    assert 0.45 <= found[0].certainty < 1


@pytest.mark.parametrize(
    ("header", "cells"),
    [("备注", ["x"]), ("序列", [1.0]), ("Turndown Ratio", [2.5]), ("Efficiency 100% Load", ["88%"])],
)
def test_what_is_like_no_field(header: str, cells: list[object], pack: Pack) -> None:
    assert not [p for p in propose(header, cells, pack.records["boiler"], pack.units) if p.word == "likely"]


def test_a_unit_of_another_kind_speaks_against(pack: Pack) -> None:
    plain, other = (propose(h, [7.0], pack.records["boiler"], pack.units) for h in ("锅炉大小", "锅炉大小(元)"))
    assert plain[0].certainty > max([p.certainty for p in other if p.field.name == "capacity"], default=0)


def test_months_side_by_side() -> None:
    wide = find_wide(["Plant", "Sulfur\nJanuary", "Sulfur\nMay", "Sulfur\nSept", "Ash January", "Ash May", "Ash Sept"])
    assert wide is not None
    assert {p: list(parts) for p, parts in wide.columns.items()} == {
        "Sulfur {}": ["January", "May", "Sept"], "Ash {}": ["January", "May", "Sept"]}  # fmt: skip
    assert [month_number(p) for p in wide.parts] == [1, 5, 9]
    chinese = find_wide(["单位", *(f"{n}月用煤量" for n in range(1, 13))])
    assert chinese is not None
    assert (chinese.kind, len(chinese.parts), list(chinese.columns)) == ("month", 12, ["{}月用煤量"])
    assert find_wide(["2015年", "2016年", "2017年"]) is not None
    assert find_wide(["编号", "3月", "PM2.5"]) is None


# --- unusual values ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ([80, 90, 100], ""),
        ([0.08, 0.09, 0.1], "a factor of 1,000 off"),
        ([80e3, 90e3, 100e3], "a factor of 1,000 off"),
        ([1e-9, 1e-9, 1e-9], "usual are 4 to 2000"),
        ([0.08, 0.09], ""),
        ([0, 0, 0], ""),
        ([*[80.0] * 9, 80e3], "80000 in rows 10, and half of the column below 80"),
    ],
)
def test_what_is_unusual(values: list[float], said: str) -> None:
    one = Field("pm10", "quantity", unit=registry().parse("ug/m**3"), typical=(4, 2000))
    found = "; ".join(unusual(one, list(enumerate(values, 1))))
    assert said in found
    assert bool(found) == bool(said)


def test_a_share_that_is_no_percentage() -> None:
    ash = Field("ash", "quantity", unit=registry().parse("%"), typical=(2, 60))
    (said,) = unusual(ash, [(2, 0.12), (3, 0.2), (4, 0.15)])
    assert "a factor of 100 off" in said


# --- mapping files ----------------------------------------------------------------------------------------------------


def reading(pack: Pack, path: str, record_type: str, mapping: Any = None) -> list[Any]:
    found = read_inputs([(record_type, path)], pack.records, pack.units, mapping)
    return [(r.id, {n: c.value for n, c in r.cells.items()}) for r in found.records[record_type]]


def test_a_proposed_mapping_reads_what_was_certain(pack: Pack, tmp_path: Path) -> None:
    path = put(tmp_path)
    (table,) = look(pack, path).tables
    text = mapping_text(table, pack.records["boiler"], pack.units)
    (tmp_path / "m.yaml").write_text(text, "utf-8")
    (mapping,) = load_mapping(tmp_path / "m.yaml")
    assert list(mapping.columns) == ["编号", "县区", "燃料种类", "额定蒸发", "容量(MW)", "状况"]
    assert mapping.columns["额定蒸发"] is mapping.columns["状况"] is None
    assert "status (" in text
    assert '"燃油渣": ' in text
    assert reading(pack, path, "boiler", tmp_path / "m.yaml") == reading(pack, path, "boiler")


def test_proposals_that_are_certain_enough_are_written(pack: Pack, tmp_path: Path) -> None:
    (table,) = look(pack, put(tmp_path)).tables
    text = mapping_text(table, pack.records["boiler"], pack.units, 0.5)
    (tmp_path / "m.yaml").write_text(text, "utf-8")
    (mapping,) = load_mapping(tmp_path / "m.yaml")
    assert mapping.columns["状况"] is not None
    assert mapping.columns["状况"].field == "status"
    # The capacity is another column already.
    assert mapping.columns["额定蒸发"] is None


@given(
    headers=st.lists(st.text(st.characters(codec="utf-8"), max_size=8), min_size=2, max_size=6),
    cells=st.lists(st.text("煤硫8.9是%a\"'#:{}", max_size=5), min_size=2, max_size=6),
)
def test_any_table_gets_a_mapping_that_loads(headers: list[str], cells: list[str], pack: Pack) -> None:
    import csv

    with TemporaryDirectory() as folder:
        path = Path(folder) / "a.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([["编号", "容量", *headers], ["1", "8", *cells]])
        try:
            facts = look(pack, str(path), "boiler")
        except InputError:  # what cannot be read at all is no matter of mappings
            return
        for table in facts.tables:
            target = Path(folder) / "m.yaml"
            target.write_text(mapping_text(table, pack.records["boiler"], pack.units, 0.6), "utf-8")
            (mapping,) = load_mapping(target)
            assert mapping.record == "boiler"
