"""Mapping files: what they rename, translate and leave out, and every way one can be wrong."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from envrules.diagnostics import InputError, TextPlace
from envrules.interval import Interval, point
from envrules.records.dataset import Dataset
from envrules.records.mapping import load_mapping
from envrules.records.values import ABSENT

pytestmark = pytest.mark.usefixtures("way")

Read = Callable[..., Dataset]

TABLE = """Form 860,,,,,
,,,,,
Plant,Boiler,State,Max Steam Flow (Thousand Pounds per Shift),Firing Type,Status
7,1,CO,100,Coal,OP
7,2,WY,20,Gas,RE
8,1,TX,30,Coal,OP
8,2,CO,,N/A,XX
Total,,,150,,
"""
MAPPING = """record: boiler
header_row: 3
columns:
  Max Steam Flow (Thousand Pounds per Shift): {field: capacity, unit: 1e3 lb/h}
  Firing Type: {field: fuel, values: {Coal: coal, Gas: gas, N/A: null}}
  Status: null
constants: {zone: other}
filter: {State: [CO, WY]}
skip_rows_where: [{column: Plant, in: [Total]}]
id: [Plant, Boiler]
"""


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "boilers.csv"
    path.write_text(TABLE, "utf-8")
    return path


def mapping_file(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "mapping.yaml"
    path.write_text(text, "utf-8")
    return path


def faults(work: Callable[[], object]) -> list[Any]:
    with pytest.raises(InputError) as caught:
        work()
    return list(caught.value.diagnostics)


def test_a_mapping(read: Read, table: Path, tmp_path: Path) -> None:
    found = read([(None, table)], mapping_file(tmp_path, MAPPING))
    assert [r.id for r in found.records["boiler"]] == ["7:1", "7:2", "8:2"]
    first, second, last = found.records["boiler"]
    capacity = first.value("capacity")
    assert isinstance(capacity, Interval)
    assert capacity.lo == pytest.approx(45.359237, rel=1e-12)
    assert (first.value("fuel"), second.value("fuel"), last.value("fuel")) == ("coal", "gas", ABSENT)
    assert last.cells["fuel"].raw == "N/A"
    assert {r.value("zone") for r in found.records["boiler"]} == {"other"}
    (account,) = found.accounts
    assert account.skipped == {"filter": 1, "total": 1}
    assert (account.header_row, account.rows_read, account.rows_used) == (3, 5, 3)
    assert account.columns_unused == ("State", "Status")
    assert (found.problems, found.warnings) == ([], [])


def test_the_same_as_a_dict(read: Read, table: Path) -> None:
    mapping = {"record": "boiler", "header_row": 3, "columns": {"Firing Type": "fuel", "Boiler": "id"}}
    found = read({"boiler": table}, {**mapping, "other_columns": "ignore", "skip_rows": ["5-8"]})
    assert [(r.id, r.value("fuel")) for r in found.records["boiler"]] == [("1", "coal")]
    assert found.accounts[0].skipped == {"skip_rows": 4}
    assert not found.warnings


@pytest.mark.parametrize(
    ("tests", "kept"),
    [
        ("filter: [{column: State, equals: CO}]", ["7:1", "8:2"]),
        ("filter: [{column: State, not_in: [CO]}, {column: Firing Type, equals: Coal}]", ["8:1"]),
        ("filter: {Max Steam Flow (Thousand Pounds per Shift): [null]}", ["8:2"]),
        ("filter: {Plant: 7}", ["7:1", "7:2"]),
        ("skip_rows_where: {State: [TX, null], Boiler: [2]}", ["7:1"]),
        ("skip_rows: 8", ["7:1", "7:2", "8:1", "8:2"]),
        ("skip_rows: [4, 6-8]", ["7:2"]),
    ],
)
def test_rows(tests: str, kept: list[str], read: Read, table: Path, tmp_path: Path) -> None:
    text = "{record: boiler, header_row: 3, columns: {Firing Type: null}, other_columns: ignore, id: [Plant, Boiler]}"
    content = text[:-1] + ", constants: {fuel: coal}, " + tests + "}"
    found = read([(None, table)], mapping_file(tmp_path, content))
    assert [r.id for r in found.records["boiler"]] == kept


def test_several_tables_from_one_file(read: Read, table: Path, tmp_path: Path) -> None:
    text = """
tables:
  - {record: boiler, file: "boil*.csv", header_row: 3, columns: {Firing Type: fuel}, id: [Plant, Boiler], skip_rows: 8}
  - {record: coal_lot, file: "boil*.csv", header_row: 3, columns: {Boiler: id}, constants: {zone: other}, skip_rows: 8}
  - {record: boiler, file: other.csv, columns: {A: fuel}}
"""
    found = read([(None, table)], mapping_file(tmp_path, text))
    assert (len(found.records["boiler"]), len(found.records["coal_lot"])) == (4, 4)
    assert [w.code for w in found.warnings if w.code != "unknown-column"] == ["mapping-unused"]


def test_a_mapping_for_another_type_leaves_a_source_alone(read: Read, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("编号,硫分\nA,0.8\n", "utf-8")
    found = read({"coal_lot": path}, mapping_file(tmp_path, "{record: boiler, columns: {X: fuel}}"))
    assert found.records["coal_lot"][0].value("total_sulfur") == point(0.8)
    assert [w.code for w in found.warnings] == ["mapping-unused"]


def test_a_unit_in_the_header_of_a_mapped_column(read: Read) -> None:
    rows = [{"id": "A", "steam (MW)": 14, "S (mg/g)": 8}]
    found = read({"boiler": rows}, {"record": "boiler", "columns": {"steam (MW)": "capacity", "S (mg/g)": None}})
    assert found.records["boiler"][0].value("capacity") == point(20)
    found = read(
        {"coal_lot": rows}, {"record": "coal_lot", "columns": {"steam (MW)": None, "S (mg/g)": "total_sulfur"}}
    )
    assert found.records["coal_lot"][0].value("total_sulfur") == point(0.8)


@pytest.mark.parametrize(
    ("text", "code", "line", "said"),
    [
        ("record: boiler\ncolums: {}\n", "mapping-field", 2, "columns"),
        ("columns: {}\n", "mapping-field", 1, "record is missing"),
        ("record: 7\n", "mapping-field", 1, "record"),
        ("record: boiler\nheader_row: 0\n", "mapping-field", 2, "header_row"),
        ("record: boiler\ncolumns:\n  A: {fied: fuel}\n", "mapping-field", 3, "field"),
        ("record: boiler\ncolumns:\n  A: 7\n", "mapping-field", 3, "columns.A"),
        ("record: boiler\nskip_rows: [a-b]\n", "mapping-field", 1, "skip_rows"),
        ("record: boiler\nfilter: [{column: A}]\n", "mapping-field", 2, "exactly one"),
        ("record: boiler\nfilter: [{column: A, in: [1], equals: 2}]\n", "mapping-field", 2, "exactly one"),
        ("tables: []\n", "mapping-field", 1, "tables"),
        ("tables:\n  - {record: boiler, sheet: 3}\n", "mapping-field", 2, "sheet"),
        ("- a\n", "mapping-field", None, "begins with"),
        ("", "mapping-field", None, "empty"),
        ("record: [\n", "mapping-syntax", 2, "YAML"),
        ("record: boiler\nrecord: coal_lot\n", "mapping-syntax", 2, "YAML"),
        ("record: !!python/object:os.system x\n", "mapping-syntax", None, "YAML"),
        ("a: &a [1]\nrecord: *a\n", "mapping-limit", None, "aliases"),
        ("[" * 5000, "mapping-", None, ""),
        ("a: " + "[" * 30 + "]" * 30, "mapping-limit", None, "20 levels"),
        ("x" * 1_000_001, "mapping-limit", None, "1 MB"),
    ],
    ids=range(20),
)
def test_mappings_that_are_wrong(text: str, code: str, line: int | None, said: str, tmp_path: Path) -> None:
    found, *_ = faults(lambda: load_mapping(mapping_file(tmp_path, text)))
    assert found.code.startswith(code)
    assert said in found.box()
    if line is not None:
        assert isinstance(found.where, TextPlace)
        assert found.where.line == line


def test_aliases_of_yaml_do_not_grow(tmp_path: Path) -> None:
    bomb = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"{n}: &{n} [{','.join(['*' + m] * 9)}]\n" for m, n in zip("abcdefgh", "bcdefghi", strict=True)
    )
    (found,) = faults(lambda: load_mapping(mapping_file(tmp_path, bomb)))
    assert found.code == "mapping-limit"


def test_a_mapping_that_is_not_there_or_no_text(tmp_path: Path) -> None:
    assert faults(lambda: load_mapping(tmp_path / "no.yaml"))[0].code == "file-not-found"
    assert faults(lambda: load_mapping(tmp_path))[0].code == "file-not-readable"
    (tmp_path / "b.yaml").write_bytes(b"\xff\xfe\xff")
    assert faults(lambda: load_mapping(tmp_path / "b.yaml"))[0].code == "mapping-syntax"


def test_all_that_does_not_fit_the_table_is_said_where_it_stands(read: Read, table: Path, tmp_path: Path) -> None:
    text = """record: boiler
header_row: 3
columns:
  Boiler Number: id
  Max Steam Flow (Thousand Pounds per Shift): capacity
  Firing Type: {field: fuel, values: {Coal: cole}}
  State: {field: county, unit: t/h}
  Plant: facilty
  Status: {field: fuel}
constants: {zone: nowhere, fuel: coal}
filter: {Region: [1]}
"""
    found = faults(lambda: read([(None, table)], mapping_file(tmp_path, text)))
    found = [d for d in found if d.level == "error"]
    assert [(d.where.line, d.code) for d in found] == [
        (4, "unknown-column"),
        (5, "unknown-unit"),
        (6, "unknown-value"),
        (7, "unit-mismatch"),
        (8, "unknown-field"),
        (9, "duplicate-column"),
        (10, "unknown-value"),
        (10, "duplicate-column"),
        (11, "unknown-column"),
    ]
    assert "Boiler" in found[0].hint


def test_a_record_type_and_a_sheet_that_are_not_there(read: Read, table: Path, tmp_path: Path) -> None:
    (found,) = faults(lambda: read([(None, table)], mapping_file(tmp_path, "record: bolier\n")))
    assert (found.code, found.hint) == ("unknown-record", "did you mean boiler?")
    (found,) = faults(lambda: read([(None, table)], mapping_file(tmp_path, "{record: boiler, sheet: X}\n")))
    assert found.code == "sheet-not-found"
    (found,) = faults(lambda: read([(None, table)], mapping_file(tmp_path, "{record: boiler, header_row: 99}\n")))
    assert found.code == "header-row"


def test_the_sheet_of_a_workbook(read: Read, tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    workbook = openpyxl.Workbook()
    workbook.active.append(["note"])
    sheet = workbook.create_sheet("data")
    sheet.append(["Name", "Firing"])
    sheet.append(["A", "Coal"])
    workbook.save(tmp_path / "a.xlsx")
    for text in ("", "sheet: Data, "):
        content = "{record: boiler, " + text + "columns: {Name: id, Firing: fuel}}"
        found = read([(None, tmp_path / "a.xlsx")], mapping_file(tmp_path, content))
        assert [(r.id, r.value("fuel")) for r in found.records["boiler"]] == [("A", "coal")]
        assert [w.code for w in found.warnings] == ["unread-sheet"]
    (error,) = faults(lambda: read([(None, tmp_path / "a.xlsx")], {"record": "boiler", "columns": {"X": "id"}}))
    assert error.code == "ambiguous-sheet"
