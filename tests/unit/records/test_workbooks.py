"""Workbooks: their sheets, and what a spreadsheet shows but does not store as it is shown."""

from __future__ import annotations

import datetime as dt
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from envrules.diagnostics import InputError
from envrules.interval import point
from envrules.records.dataset import Dataset
from envrules.records.files import open_file
from envrules.records.tables import Grid
from envrules.records.values import ABSENT, UNUSABLE, date_value

pytestmark = pytest.mark.usefixtures("way")

openpyxl = pytest.importorskip("openpyxl")

Read = Callable[..., Dataset]
BOILERS = [
    ["编号", "县区", "燃料", "额定蒸发量(t/h)"],
    [1, "肃州区", "燃煤", 8.5],
    ["B-2", "玉门市", "天然气", "14 MW"],
]
LOTS = [["编号", "区域", "硫分", "灰分"], ["A", "建成区", 0.7, 12]]


def book(path: Path, sheets: dict[str, list[list[Any]]], change: Callable[[Any], None] | None = None) -> Path:
    workbook = openpyxl.Workbook()
    workbook.remove(workbook.active)
    for name, rows in sheets.items():
        sheet = workbook.create_sheet(name)
        for row in rows:
            sheet.append(row)
    if change:
        change(workbook)
    workbook.save(path)
    return path


def errors(read: Read, *inputs: Any) -> list[Any]:
    with pytest.raises(InputError) as caught:
        read(list(inputs))
    return list(caught.value.diagnostics)


def test_sheets_are_recognised(read: Read, tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", {"锅炉": BOILERS, "Sheet2": LOTS, "说明": [["单位：酒泉市"]], "空": []})
    found = read([(None, str(path))])
    assert [r.id for r in found.records["boiler"]] == ["1", "B-2"]
    assert [r.value("capacity") for r in found.records["boiler"]] == [point(8.5), point(20)]
    assert found.records["coal_lot"][0].place.sheet == "Sheet2"
    assert [(w.code, w.where.sheet) for w in found.warnings] == [("unread-sheet", "说明")]


def test_a_table_that_does_not_begin_at_the_first_cell(read: Read, tmp_path: Path) -> None:
    rows = [[], [], [None, *BOILERS[0]], [None, *BOILERS[1]], [], [None, *BOILERS[2]]]
    found = read({"boiler": book(tmp_path / "a.xlsx", {"Sheet1": rows})})
    assert [r.place.row for r in found.records["boiler"]] == [4, 6]
    (account,) = found.accounts
    assert (account.header_row, account.rows_read, account.rows_used, account.skipped) == (3, 3, 2, {"empty": 1})


def test_one_sheet_of_several(read: Read, tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", {"锅炉": BOILERS, "煤": LOTS})
    found = read({"coal_lot": path})
    assert [a.sheet for a in found.accounts] == ["煤"]
    assert [w.code for w in found.warnings] == ["unread-sheet"]
    named = read({"coal_lot": f"{path}#煤"})
    assert not named.warnings


def test_two_sheets_of_one_type_are_a_doubt(read: Read, tmp_path: Path) -> None:
    path = book(
        tmp_path / "a.xlsx", {"2019": [[*BOILERS[0], "投运日期"], BOILERS[1]], "2020": [[*BOILERS[0], "投运日期"]]}
    )
    for declared in ("boiler", None):
        (error,) = errors(read, (declared, str(path)))
        assert error.code == "ambiguous-sheet"
        assert f"boiler={path}#2019" in error.hint
    assert len(read({"boiler": f"{path}#2019"}).records["boiler"]) == 1
    (error,) = errors(read, ("boiler", f"{path}#2021"))
    assert error.code == "sheet-not-found"
    assert "2019, 2020" in error.expected


def test_hidden_sheets_and_rows_are_read_and_said_so(read: Read, tmp_path: Path) -> None:
    def hide(workbook: Any) -> None:
        workbook["煤"].sheet_state = "hidden"
        workbook["锅炉"].row_dimensions[2].hidden = True

    path = book(tmp_path / "a.xlsx", {"锅炉": BOILERS, "煤": LOTS}, hide)
    found = read([(None, path)])
    assert [(a.sheet, a.rows_used) for a in found.accounts] == [("锅炉", 2), ("煤", 1)]
    assert [(w.code, w.where.sheet) for w in found.warnings] == [("hidden-rows", "锅炉"), ("hidden-sheet", "煤")]
    assert found.accounts[0].decisions == ("1 hidden row was read: 2",)
    assert found.accounts[1].decisions == ("the sheet is hidden; it was read",)


def test_a_hidden_sheet_of_the_same_type_is_read_too(read: Read, tmp_path: Path) -> None:
    def hide(workbook: Any) -> None:
        workbook["锅炉2"].sheet_state = "hidden"

    path = book(tmp_path / "a.xlsx", {"锅炉": BOILERS, "锅炉2": BOILERS[:2]}, hide)
    found = read([(None, path)])
    assert [(a.sheet, a.rows_used) for a in found.accounts] == [("锅炉", 2), ("锅炉2", 1)]
    assert [w.code for w in found.warnings] == ["hidden-sheet"]
    assert [p.code for p in found.problems] == ["duplicate-id"]


def test_a_sheet_for_each_county_is_one_inventory(read: Read, tmp_path: Path) -> None:
    head = [*BOILERS[0], "投运日期"]
    path = book(tmp_path / "a.xlsx", {"肃州区": [head, BOILERS[1]], "玉门市": [head, BOILERS[2]], "说明": [["a", "b"]]})
    for declared in ("boiler", None):
        found = read([(declared, path)])
        assert [(a.sheet, a.rows_used) for a in found.accounts] == [("肃州区", 1), ("玉门市", 1)]
        assert [w.code for w in found.warnings] == ["unread-sheet"]


def test_cells_shown_as_percentages(read: Read, tmp_path: Path) -> None:
    def show(workbook: Any) -> None:
        sheet = workbook["Sheet1"]
        for cell, form in (("C2", "0.00%"), ("C3", "0%"), ("D2", '0.0"%"'), ("D3", "[Red]0.0 %")):
            sheet[cell].number_format = form

    rows = [LOTS[0], ["A", "建成区", 0.007, 12], ["B", "建成区", 1, 0.125]]
    found = read({"coal_lot": book(tmp_path / "a.xlsx", {"Sheet1": rows}, show)})
    first, second = found.records["coal_lot"]
    assert first.cells["total_sulfur"].raw == "0.7%"
    assert [first.value("total_sulfur"), second.value("total_sulfur")] == [point(0.7), point(100)]
    assert [first.value("ash"), second.value("ash")] == [point(12), point(12.5)]


def test_errors_and_formulas_without_a_value_are_not_empty(read: Read, tmp_path: Path) -> None:
    def spoil(workbook: Any) -> None:
        sheet = workbook["Sheet1"]
        sheet["C2"] = "#DIV/0!"
        sheet["C2"].data_type = "e"
        sheet["D2"] = "=1+1"
        sheet["E2"] = "=TODAY()"

    rows = [[*LOTS[0], "采样日期"], ["A", "建成区", None, None, None]]
    found = read({"coal_lot": book(tmp_path / "a.xlsx", {"Sheet1": rows}, spoil)})
    (record,) = found.records["coal_lot"]
    assert record.value("total_sulfur") is record.value("ash") is record.value("sampled_on") is UNUSABLE
    assert [(p.code, p.value) for p in found.problems] == [
        ("spreadsheet-error", "#DIV/0!"),
        ("formula", "=1+1"),
        ("formula", "=TODAY()"),
    ]


def test_kinds_of_cells(read: Read, tmp_path: Path) -> None:
    head = ["编号", "是否完成改造", "投运日期", "县区"]
    rows = [
        head,
        [1, True, dt.date(2018, 3, 22), ""],
        [2.5, 0, dt.datetime(2018, 3, 22, 10), None],
        [dt.date(2018, 3, 1), "√", 43181, "-"],
    ]
    found = read({"boiler": book(tmp_path / "a.xlsx", {"Sheet1": rows})})
    assert [r.id for r in found.records["boiler"]] == ["1", "2.5", "2018-03-01"]
    assert [r.value("upgraded") for r in found.records["boiler"]] == [True, False, True]
    days = [r.value("commissioned_on") for r in found.records["boiler"]]
    assert days == [date_value(dt.date(2018, 3, 22))] * 3
    assert {r.value("county") for r in found.records["boiler"]} == {ABSENT}
    assert found.problems == []


def test_cells_merged_over_rows_hold_for_each_of_them(read: Read, tmp_path: Path) -> None:
    def merge(workbook: Any) -> None:
        workbook["Sheet1"].merge_cells("B2:B3")

    found = read({"boiler": book(tmp_path / "a.xlsx", {"Sheet1": BOILERS}, merge)})
    assert [r.value("county") for r in found.records["boiler"]] == ["suzhou", "suzhou"]
    assert found.accounts[0].decisions == ("1 cell merged over several rows holds for each of them: rows 2-3",)


def test_a_number_merged_over_rows_may_be_their_sum(read: Read, tmp_path: Path) -> None:
    def merge(workbook: Any) -> None:
        workbook["Sheet1"].merge_cells("D2:D3")

    found = read({"boiler": book(tmp_path / "a.xlsx", {"Sheet1": BOILERS}, merge)})
    assert [r.value("capacity") for r in found.records["boiler"]] == [UNUSABLE, UNUSABLE]
    assert [(p.code, p.row, p.value) for p in found.problems] == [("merged-cells", 2, 8.5), ("merged-cells", 3, 8.5)]


def test_a_column_without_a_header_is_a_warning(read: Read, tmp_path: Path) -> None:
    rows = [["编号", None, "燃料", "区域"], [1, None, "燃煤", "建成区"], [2, "?", "燃煤", "建成区", "note"]]
    found = read({"boiler": book(tmp_path / "a.xlsx", {"Sheet1": rows})})
    assert [(w.code, w.where.row) for w in found.warnings] == [("unnamed-column", 3), ("unnamed-column", 3)]
    assert found.records["boiler"][1].value("fuel") == "coal"


def test_a_cell_at_the_far_end_of_the_sheet(tmp_path: Path) -> None:
    def stray(workbook: Any) -> None:
        workbook["Sheet1"]["XFD1048576"] = " "

    with pytest.raises(InputError) as caught:
        open_file(str(book(tmp_path / "a.xlsx", {"Sheet1": BOILERS}, stray)))
    assert caught.value.diagnostics[0].code == "sheet-too-large"


def test_a_bomb_is_not_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("envrules.records.sheet_xml._MOST_BYTES", 1 << 20)
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("xl/workbook.xml", bytes((1 << 20) + 1))
    with pytest.raises(InputError) as caught:
        open_file(str(path))
    assert caught.value.diagnostics[0].code == "file-too-large"


def test_a_workbook_that_breaks_off(tmp_path: Path) -> None:
    whole = book(tmp_path / "a.xlsx", {"Sheet1": BOILERS}).read_bytes()
    for length in (100, len(whole) // 2, len(whole) - 30):
        path = tmp_path / f"{length}.xlsx"
        path.write_bytes(whole[:length])
        with pytest.raises(InputError) as caught:
            open_file(str(path))
        assert caught.value.diagnostics[0].code == "file-corrupt"


def test_parts_of_a_workbook_that_are_malformed(tmp_path: Path) -> None:
    source = book(tmp_path / "a.xlsx", {"Sheet1": BOILERS})
    with zipfile.ZipFile(source) as file:
        parts = {name: file.read(name) for name in file.namelist()}
    for spoilt in ("xl/workbook.xml", "xl/styles.xml", "xl/worksheets/sheet1.xml"):
        path = tmp_path / "b.xlsx"
        with zipfile.ZipFile(path, "w") as file:
            for name, content in parts.items():
                file.writestr(name, content[: len(content) // 2] if name == spoilt else content)
        codes = ["file-corrupt"]
        try:
            for grid in open_file(str(path)):
                assert isinstance(grid, Grid)
                list(grid.open_rows())
        except InputError as error:
            codes = [d.code for d in error.diagnostics]
        assert codes == ["file-corrupt"]


def test_a_workbook_of_empty_sheets(read: Read, tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", {"Sheet1": [], "Sheet2": []})
    assert [e.code for e in errors(read, ("boiler", path))] == ["table-empty"]
    assert [e.code for e in errors(read, (None, path))] == ["table-empty"]


def ods(path: Path, rows: list[list[object]]) -> Path:
    """A spreadsheet of OpenDocument, with numbers shown as percentages."""
    cells = "".join(
        "<table:table-row>"
        + "".join(
            f'<table:table-cell office:value-type="percentage" office:value="{c}"><text:p/></table:table-cell>'
            if isinstance(c, float)
            else f'<table:table-cell office:value-type="string"><text:p>{c}</text:p></table:table-cell>'
            for c in row
        )
        + "</table:table-row>"
        for row in rows
    )
    names = " ".join(f'xmlns:{n}="urn:oasis:names:tc:opendocument:xmlns:{n}:1.0"' for n in ("office", "table", "text"))
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {names}><office:body><office:spreadsheet>'
        f'<table:table table:name="Sheet1">{cells}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        manifest = 'xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"'
        file.writestr("META-INF/manifest.xml", f"<manifest:manifest {manifest}/>")
        file.writestr("content.xml", content)
    return path


def test_where_percentages_are_not_seen_small_shares_are_a_warning(read: Read, tmp_path: Path) -> None:
    rows: list[list[object]] = [["编号", "硫分(%)"], ["A", 0.007], ["B", 0.008], ["C", 0.009]]
    found = read({"coal_lot": ods(tmp_path / "a.ods", rows)})
    assert found.records["coal_lot"][0].value("total_sulfur") == point(0.007)
    assert [(w.code, w.where.column) for w in found.warnings] == [("percent-format", "硫分(%)")]
