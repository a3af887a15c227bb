"""Inputs to a dataset: ids, units that depend on other fields, duplicates, warnings and accounts."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from envrules.diagnostics import CellPlace, InputError
from envrules.interval import Interval, point
from envrules.records.dataset import Dataset
from envrules.records.values import ABSENT, UNUSABLE

pytestmark = pytest.mark.usefixtures("way")

Read = Callable[..., Dataset]


def errors(read: Read, inputs: Any) -> list[Any]:
    with pytest.raises(InputError) as caught:
        read(inputs)
    return list(caught.value.diagnostics)


def table(tmp_path: Path, text: str, name: str = "a.csv") -> Path:
    path = tmp_path / name
    path.write_text(text, "utf-8")
    return path


def test_a_table(read: Read, tmp_path: Path) -> None:
    path = table(tmp_path, "编号,区域,硫分(%),灰分(%),备注\nA,建成区,<1,12,x\nB,郊区,0.8,-,\n,,,,\n", "煤炭批次.csv")
    found = read([(None, str(path))])
    first, second = found.records["coal_lot"]
    assert first.place == CellPlace(str(path), "", 2)
    assert first.value("total_sulfur") == Interval(0, 1, hi_open=True)
    assert first.cells["total_sulfur"].raw == "<1"
    assert (second.value("zone"), second.cells["zone"].raw) == (UNUSABLE, "郊区")
    assert second.value("ash") is ABSENT
    (problem,) = found.problems
    assert problem.as_dict() == {
        "source": str(path),
        "sheet": "",
        "row": 3,
        "column": "区域",
        "value": "郊区",
        "reason": problem.reason,
        "code": "unknown-value",
        "record_type": "coal_lot",
        "field": "zone",
    }
    (warning,) = found.warnings
    assert (warning.code, warning.where.column, warning.level) == ("unknown-column", "备注", "warning")
    (account,) = found.accounts
    assert account.columns_used == {"编号": "id", "区域": "zone", "硫分(%)": "total_sulfur", "灰分(%)": "ash"}
    assert (account.columns_unused, account.encoding) == (("备注",), "utf-8")
    assert (account.header_row, account.rows_read, account.rows_used, account.skipped) == (1, 3, 2, {"empty": 1})


def test_near_misses_of_columns_are_named(read: Read) -> None:
    found = read({"boiler": [{"id": 1, "capcity": 3, "县区": "肃州区", "x": 1, "y": 2}]})
    assert [(w.code, w.hint) for w in found.warnings] == [
        ("unknown-column", "did you mean capacity?"),
        ("unknown-column", ""),
    ]


# --- ids --------------------------------------------------------------------------------------------------------------


def test_ids_made_of_fields(read: Read) -> None:
    rows = [
        {"area": "肃州区", "code": "PM10浓度", "year": "2018年", "value": 60},
        {"area": "yumen", "code": "pm10", "value": 60},
        {"id": "own", "area": "yumen", "code": "pm10", "year": 2018, "value": 60},
    ]
    found = read({"indicator": rows})
    assert [r.id for r in found.records["indicator"]] == ["suzhou:pm10:2018", "indicator:2", "own"]
    assert found.records["indicator"][0].value("id") == "suzhou:pm10:2018"
    assert found.records["indicator"][1].value("id") is ABSENT


def test_rows_without_ids_are_named_by_their_place_and_file_name(read: Read, tmp_path: Path) -> None:
    path = table(tmp_path, "区域,硫分\n建成区,1\n\n建成区,2\n")
    found = read({"coal_lot": path})
    assert [r.id for r in found.records["coal_lot"]] == ["a.csv:2", "a.csv:4"]
    assert [(w.code, w.where.source) for w in found.warnings] == [("missing-id", str(path))]
    assert not found.problems


def test_files_of_one_name_in_two_folders(read: Read, tmp_path: Path) -> None:
    paths = []
    for folder in ("x", "y"):
        (tmp_path / folder).mkdir()
        paths.append(table(tmp_path / folder, "区域,硫分\n建成区,1\n"))
    found = read([("coal_lot", p) for p in paths])
    assert [r.id for r in found.records["coal_lot"]] == ["a.csv:2", f"{paths[1]}:2"]


def test_an_empty_id_is_a_problem(read: Read) -> None:
    found = read({"boiler": [{"id": "A", "fuel": "coal"}, {"id": " ", "fuel": "gas"}]})
    assert [r.id for r in found.records["boiler"]] == ["A", "boiler:2"]
    assert [(p.code, p.row, p.field) for p in found.problems] == [("missing-id", 2, "id")]


def test_ids_that_stand_twice(read: Read, tmp_path: Path) -> None:
    path = table(tmp_path, "编号,燃料\nA,燃煤\nB,燃煤\nA,燃煤\nA,天然气\n")
    other = table(tmp_path, "id,fuel\nB,coal\n", "b.csv")
    found = read([("boiler", path), ("boiler", other)])
    assert [r.id for r in found.records["boiler"]] == ["A", "B", "A", "A", "B"]
    assert [(p.code, p.source, p.row, p.column) for p in found.problems] == [
        ("duplicate-id", str(path), 4, "编号"),
        ("duplicate-id", str(path), 5, "编号"),
        ("duplicate-id", str(other), 2, "id"),
    ]
    equal, different, elsewhere = (p.reason for p in found.problems)
    assert "row 2" in equal
    assert "equal in every field" in equal
    assert "different records" in different
    assert f"row 3 of {path}" in elsewhere


def test_the_same_id_in_two_types_is_fine(read: Read) -> None:
    found = read({"boiler": [{"id": "A", "fuel": "coal"}], "coal_lot": [{"id": "A", "ash": 3}]})
    assert not found.problems


# --- units of other fields --------------------------------------------------------------------------------------------


def indicator(read: Read, **row: object) -> tuple[Any, list[tuple[str, str, object]]]:
    found = read({"indicator": [{"id": "A", **row}]})
    (record,) = found.records["indicator"]
    return record.cells.get("value"), [(p.code, p.column, p.value) for p in found.problems]


@pytest.mark.parametrize(
    ("row", "meant"),
    [
        ({"code": "pm10", "value": 60}, point(60)),
        ({"code": "pm10", "value": "0.06 mg/m3"}, point(60)),
        ({"code": "PM10浓度", "value": "0.06", "unit": "mg/m³"}, point(60)),
        ({"code": "pm10", "value": "<0.06", "unit": "mg/m³"}, Interval(0, 60, hi_open=True)),
        ({"code": "coal_consumption", "value": "12,000", "unit": "吨"}, point(1.2)),
        ({"code": "coal_consumption", "value": 1.2, "unit": "万吨"}, point(1.2)),
        ({"code": "coal_consumption", "value": "1.2 万吨", "unit": "万吨"}, point(1.2)),
        ({"code": "forest_cover", "value": "18.5", "unit": None}, point(18.5)),
        ({"code": "forest_cover", "value": "18.5", "unit": "-"}, point(18.5)),
    ],
)
def test_the_unit_of_an_indicator(row: dict[str, object], meant: Interval, read: Read) -> None:
    cell, problems = indicator(read, **row)
    assert cell.value.lo == pytest.approx(meant.lo, rel=1e-12)
    assert cell.value.hi == pytest.approx(meant.hi, rel=1e-12)
    assert problems == []


@pytest.mark.parametrize(
    ("row", "problems"),
    [
        ({"value": 60}, []),
        ({"code": None, "value": "many"}, []),
        ({"code": "pm11", "value": 60}, [("unknown-value", "code", "pm11")]),
        ({"code": "unitless", "value": 60}, [("unknown-unit", "value", 60)]),
        ({"code": "pm10", "value": "many"}, [("not-a-number", "value", "many")]),
        ({"code": "pm10", "value": -1}, [("out-of-bounds", "value", -1)]),
        ({"code": "forest_cover", "value": "185"}, [("out-of-bounds", "value", "185")]),
        ({"code": "forest_cover", "value": "18", "unit": "亩"}, [("unit-mismatch", "unit", "亩")]),
        ({"code": "forest_cover", "value": "18", "unit": "xyzzy"}, [("unknown-unit", "unit", "xyzzy")]),
        ({"code": "forest_cover", "value": "18亩", "unit": "%"}, [("unit-mismatch", "value", "18亩")]),
        ({"code": "coal_consumption", "value": "12 万吨", "unit": "吨"}, [("unit-mismatch", "value", "12 万吨")]),
        ({"code": "coal_consumption", "value": "12 吨", "unit": "万吨"}, [("unit-mismatch", "value", "12 吨")]),
    ],
)
def test_an_indicator_that_cannot_be_read(row: dict[str, object], problems: list[Any], read: Read) -> None:
    cell, found = indicator(read, **row)
    assert cell.value is UNUSABLE
    assert cell.raw == row["value"]
    assert found == problems


def test_no_value_needs_no_unit(read: Read) -> None:
    assert indicator(read, value=None, unit="xyzzy") == (None, [])
    cell, problems = indicator(read, value="N/A", code="pm10")
    assert (cell.value, problems) == (ABSENT, [])


def test_a_unit_in_the_header_of_a_value(read: Read) -> None:
    rows = [
        {"id": 1, "code": "coal_consumption", "数值（吨）": 12000},
        {"id": 2, "code": "forest_cover", "数值（吨）": 5},
    ]
    found = read({"indicator": rows})
    assert [r.value("value") for r in found.records["indicator"]] == [point(1.2), UNUSABLE]
    assert [p.code for p in found.problems] == ["unit-mismatch"]


# --- kinds of sources -------------------------------------------------------------------------------------------------


@dataclasses.dataclass
class Boiler:
    id: str
    fuel: str
    commissioned_on: dt.date | None = None


def test_python_records(read: Read) -> None:
    def generate() -> Iterator[object]:
        yield Boiler("A", "coal", dt.date(2018, 3, 22))
        yield {"id": "B", "编号2": None}

    for source in (generate(), list(generate()), tuple(generate())):
        found = read({"boiler": source})
        assert [(r.id, r.value("fuel"), r.place) for r in found.records["boiler"]] == [
            ("A", "coal", CellPlace("boiler", "", 1)),
            ("B", ABSENT, CellPlace("boiler", "", 2)),
        ]
    assert [r.id for r in read({"boiler": Boiler("A", "gas")}).records["boiler"]] == ["A"]
    assert [r.id for r in read({"boiler": {"id": "A"}}).records["boiler"]] == ["A"]


def test_a_type_without_records_is_given_all_the_same(read: Read, tmp_path: Path) -> None:
    path = table(tmp_path, '{"boiler": [], "coal_lot": [{"id": "A", "ash": 1}]}', "a.json")
    assert read([(None, path)]).records.keys() == {"boiler", "coal_lot"}
    assert read({"boiler": []}).records == {"boiler": []}
    assert read({"boiler": table(tmp_path, "编号,燃料\n")}).records == {"boiler": []}
    assert read({}).records == {}


@pytest.mark.parametrize("source", [7, None, [1], ["a"], [None], "no-such.csv", object()], ids=range(7))
def test_what_is_no_source(source: object, read: Read) -> None:
    (error,) = errors(read, {"boiler": source})
    assert error.code in ("record-kind", "file-not-found")


def test_a_json_file_of_unknown_types(read: Read, tmp_path: Path) -> None:
    (error,) = errors(read, [(None, table(tmp_path, '{"bolier": [{"id": 1}], "boiler": []}', "a.json"))])
    assert (error.code, error.hint) == ("unknown-record", "did you mean boiler?")


def test_one_type_of_a_json_file(read: Read, tmp_path: Path) -> None:
    path = table(tmp_path, '{"boiler": [{"id": "A", "fuel": "coal"}], "coal_lot": [{"id": "A", "ash": 1}]}', "a.json")
    found = read({"boiler": path})
    assert found.records.keys() == {"boiler"}
    assert [(w.code, w.where.sheet) for w in found.warnings] == [("unread-sheet", "coal_lot")]


# --- tables that cannot be read ---------------------------------------------------------------------------------------


def test_doubt_about_the_record_type_lists_the_candidates(read: Read, tmp_path: Path) -> None:
    (error,) = errors(read, [(None, table(tmp_path, "编号,县区,燃料,容量\nA,肃州区,燃煤,8\n"))])
    assert error.code == "ambiguous-record-type"
    assert "boiler (编号, 县区, 燃料, 容量)" in error.expected
    assert "boiler_application" in error.expected
    assert "boiler=" in error.hint


def test_a_table_of_no_type(read: Read, tmp_path: Path) -> None:
    (error,) = errors(read, [(None, table(tmp_path, "a,b\n1,2\n"))])
    assert (error.code, error.found) == ("unrecognised-table", "'a', 'b'")
    (error,) = errors(read, {"boiler": table(tmp_path, "a,b\n1,2\n")})
    assert error.code == "no-known-column"


def test_headers_that_are_wrong_are_errors_at_the_header(read: Read, tmp_path: Path) -> None:
    path = table(tmp_path, "编号,容量（吨）,燃料,fuel\nA,8,燃煤,燃煤\n")
    found = errors(read, {"boiler": path})
    assert [(e.code, e.where.column, e.where.row) for e in found] == [
        ("unit-mismatch", "容量（吨）", 1),
        ("duplicate-column", "燃料", 1),
    ]


def test_a_row_of_text_with_too_many_cells_is_trusted_in_none(read: Read, tmp_path: Path) -> None:
    found = read({"coal_lot": table(tmp_path, "id,质量,灰分\nA,1,234,12\nB,1234,12,\nC,5\n")})
    first, second, third = found.records["coal_lot"]
    assert (first.id, first.value("mass"), first.value("ash")) == ("a.csv:2", UNUSABLE, UNUSABLE)
    assert (second.value("mass"), third.value("ash")) == (point(1234), ABSENT)
    assert [(p.code, p.value) for p in found.problems] == [("extra-cell", "12")]


def test_a_stray_note_beside_a_table_of_text_is_a_warning(read: Read, tmp_path: Path) -> None:
    found = read({"coal_lot": table(tmp_path, "id,灰分,,\nA,12,note,\nB,13,,\n")})
    assert [r.value("ash") for r in found.records["coal_lot"]] == [point(12), point(13)]
    assert ([w.code for w in found.warnings], found.problems) == (["unnamed-column"], [])


def test_values_that_no_report_could_hold(read: Read, tmp_path: Path) -> None:
    deep: list[object] = []
    for _ in range(10_000):
        deep = [deep]
    found = read({"boiler": [{"id": "A\ud800", "capacity": 10**5000, "fuel": deep, "投运日期\udfff": 10**5000}]})
    assert found.records["boiler"][0].id == "boiler:1"
    assert {p.field: p.value for p in found.problems} == {"id": "A\\ud800", "capacity": "<int>", "fuel": "<list>"}
    json.dumps([p.as_dict() for p in found.problems], ensure_ascii=False).encode("utf-8")
    path = table(tmp_path, '[{"id": "A\\ud800", "fuel": "\\udc00"}]', "a.json")
    found = read({"boiler": path})
    assert [p.code for p in found.problems] == ["unusable-cell", "unusable-cell"]


def test_rows_in_any_order_give_the_same_records(read: Read) -> None:
    rows = [{"id": n, "ash": f"{n}%", "zone": "建成区" if n % 2 else "x"} for n in range(10)]
    forward, backward = read({"coal_lot": rows}), read({"coal_lot": rows[::-1]})
    values = [{r.id: (r.value("ash"), r.value("zone")) for r in d.records["coal_lot"]} for d in (forward, backward)]
    assert values[0] == values[1]
