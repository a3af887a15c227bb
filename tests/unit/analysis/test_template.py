"""Templates: what is filled in reads back, for every field of every record type, without a mapping."""

from __future__ import annotations

import datetime as dt
import sys
from functools import cache
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from envrules.analysis.template import columns, csv_template, find_types, value_words
from envrules.analysis.template_workbook import workbook
from envrules.cli import main
from envrules.diagnostics import CallError
from envrules.interval import point
from envrules.pack.load import load_pack
from envrules.pack.pack import Pack
from envrules.pack.source import shipped_packs
from envrules.records.dataset import Dataset
from envrules.records.read import read_inputs
from envrules.records.types import Field, RecordType
from envrules.records.values import date_value

LANGUAGES = ("zh", "en")
DAY = dt.date(2019, 5, 4)


@cache
def pack(name: str = "jiuquan-2018") -> Pack:
    return load_pack(name)


def filled(one: Field, line: int, language: str, loaded: Pack) -> Any:
    """What a person would write in a column, different on each of two lines."""
    if one.kind in ("enum", "bool"):
        words = value_words(loaded, one, language)  # type: ignore[arg-type]
        return words[line % len(words)]
    number = 2018 if one.kind == "year" else 1 + line
    return {
        "id": f"00{line}",
        "text": "t" if one.name == "unit" else f"text {line}",
        "date": DAY + dt.timedelta(days=line),
        "month": dt.date(2019, 5 + line, 1),
    }.get(one.kind, number)


def expected(one: Field, line: int) -> Any:
    """The value that a cell of `filled` must have."""
    if one.kind == "enum":
        assert one.enum is not None
        return one.enum.names[line % len(one.enum.names)]
    if one.kind == "bool":
        return line == 0
    if one.kind == "date":
        return date_value(DAY + dt.timedelta(days=line))
    if one.kind == "month":
        return point(12 * 2019 + 4 + line)
    if one.kind == "year":
        return point(2018)
    return point(1 + line) if one.kind in ("int", "number", "quantity") else f"00{line}" if one.kind == "id" else None


def fill(path: Path, types: list[RecordType], language: str, loaded: Pack) -> None:
    """Two rows in each sheet of a template, through another library than the one that wrote it."""
    book = openpyxl.load_workbook(path)
    for sheet, one in zip(book.worksheets, types, strict=False):
        for line in (0, 1):
            for position, field in enumerate(one.fields.values(), 1):
                # A unit column of its own would contradict the units of other indicators.
                value = None if any(f.unit_field == field.name for f in one.fields.values()) else filled(
                    field, line, language, loaded
                )  # fmt: skip
                sheet.cell(line + 2, position).value = value
    book.save(path)


def compare(found: Dataset, types: list[RecordType]) -> int:
    compared = 0
    assert found.problems == []
    for one in types:
        assert len(found.records[one.name]) == 2
        for line, record in enumerate(found.records[one.name]):
            for field in one.fields.values():
                value = expected(field, line)
                if value is not None:
                    assert record.value(field.name) == value, (one.name, field.name)
                    compared += 1
    return compared


@pytest.mark.parametrize("name", shipped_packs())
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_type_reads_back_by_recognition(tmp_path: Path, name: str, language: Any) -> None:
    loaded = pack(name)
    types = list(loaded.records.values())
    file = tmp_path / "all.xlsx"
    file.write_bytes(workbook(loaded, types, language))
    fill(file, types, language, loaded)
    found = read_inputs([(None, str(file))], loaded.records, loaded.units)
    assert compare(found, types) > 2 * len(types)
    # The sheet of explanations is left out, and hours are made into days; both are said, and nothing else.
    made = ["made-records"] if "air_hour" in loaded.records else []
    assert [w.code for w in found.warnings] == ["unread-sheet", *made]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_named_type_reads_back(tmp_path: Path, language: Any) -> None:
    types = find_types(pack(), ["coal_lot", "indicator", "air_day", "report"])
    for one in types:
        file = tmp_path / "x.xlsx"
        file.write_bytes(workbook(pack(), [one], language))
        fill(file, [one], language, pack())
        compare(read_inputs([(one.name, str(file))], pack().records, pack().units), [one])


def test_kinds_of_fields_are_all_there() -> None:
    kinds = {f.kind for t in pack().records.values() for f in t.fields.values()}
    assert kinds >= {"id", "text", "enum", "bool", "int", "number", "quantity", "date", "month", "year"} - {"number"}


def test_what_is_beside_the_units_reads_too(tmp_path: Path) -> None:
    file = tmp_path / "锅炉.xlsx"
    (boiler,) = find_types(pack(), ["boiler"])
    file.write_bytes(workbook(pack(), [boiler]))
    book = openpyxl.load_workbook(file)
    headers = [c.value for c in book.worksheets[0][1]]
    column = headers.index("额定蒸发量(t/h)") + 1
    for line, text in enumerate(("14 MW", "<10", "6~9"), 2):
        book.worksheets[0].cell(line, 1).value = f"B{line}"
        book.worksheets[0].cell(line, column).value = text
    book.save(file)
    found = read_inputs([(None, str(file))], pack().records, pack().units)
    values = [repr(r.value("capacity")) for r in found.records["boiler"]]
    assert values == ["20", "(0, 10)", "[6, 9]"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_csv_reads_back(tmp_path: Path, language: Any) -> None:
    (lot,) = find_types(pack(), ["coal_lot"])
    file = tmp_path / "x.csv"
    words = [str(filled(f, 0, language, pack())) for f in lot.fields.values()]
    file.write_text(csv_template(pack(), lot, language) + ",".join(words) + "\r\n", "utf-8", newline="")
    (record,) = read_inputs([(None, str(file))], pack().records, pack().units).records["coal_lot"]
    assert all(record.value(f.name) == expected(f, 0) for f in lot.fields.values() if f.kind not in ("text", "id"))


def test_the_workbook_has_lists_formats_and_a_frozen_header(tmp_path: Path) -> None:
    file = tmp_path / "x.xlsx"
    types = find_types(pack(), ["indicator", "boiler"])
    file.write_bytes(workbook(pack(), types))
    book = openpyxl.load_workbook(file)
    assert book.sheetnames == ["指标", "锅炉", "说明"]
    boiler = book["锅炉"]
    assert boiler.freeze_panes == "B2"
    rules = {str(v.sqref).split(":")[0]: v for v in boiler.data_validations.dataValidation}
    headers = {c.value: c.column_letter for c in boiler[1]}
    fuel = rules[headers["燃料"] + "2"]
    sheet, cells = fuel.formula1.lstrip("=").replace("$", "").rsplit("!", 1)
    listed = [row[0].value for row in book[sheet.strip("'")][cells]]
    (fuels,) = (f for f in types[1].fields.values() if f.name == "fuel")
    assert listed == value_words(pack(), fuels)
    assert rules[headers["已完成提标改造"] + "2"].formula1 == '"是,否"'
    assert rules[headers["投用日期"] + "2"].type == "date"
    assert boiler.column_dimensions[headers["投用日期"]].width > 12
    notes = [[c.value for c in row] for row in book["说明"]]
    said = {row[2]: row for row in notes if row[2]}
    for text in ("额定蒸发量", "rated capacity", "t/h"):
        assert any(text in str(cell) for cell in said["capacity"])
    assert "never zero" in str(said["capacity"][-1])
    assert any(row[2] == "energy_per_gdp" and "tce/万元" in str(row[5]) for row in notes)


def test_the_same_pack_gives_the_same_bytes() -> None:
    types = find_types(pack(), ["boiler"])
    assert workbook(pack(), types) == workbook(pack(), types)


def test_headers_are_read_as_their_fields() -> None:
    for one in pack().records.values():
        for language in LANGUAGES:
            headers = [c.header for c in columns(pack(), one, language)]  # type: ignore[arg-type]
            assert len(set(headers)) == len(headers)
    assert [c.header for c in columns(pack(), pack().records["boiler"], "en")][5] == "rated capacity(t/h)"


def command(*arguments: object) -> int:
    with pytest.raises(SystemExit) as ended:
        main(["template", *map(str, arguments)])
    assert isinstance(ended.value.code, int)
    return ended.value.code


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "new.xlsx"
    assert command("锅炉", "coal_lot", "--out", file, "--language", "en") == 0
    assert openpyxl.load_workbook(file).sheetnames == ["boiler", "coal lot", "Notes"]
    assert command("boiler", "--out", tmp_path / "new.csv") == 0
    capsys.readouterr()
    for arguments, message in (
        (("boiler", "--out", file), "output-not-writable"),
        (("boilr", "--out", tmp_path / "a.xlsx"), "did you mean boiler?"),
        (("boiler", "--out", tmp_path / "a.docx"), "unknown-format"),
        (("boiler", "coal_lot", "--out", tmp_path / "a.csv"), "call-value"),
        (("boiler", "--out", tmp_path / "a.csv", "--language", "fr"), "call-value"),
    ):
        assert command(*arguments) == 2
        assert message in capsys.readouterr().err
    assert command("boiler", "--out", file, "--force") == 0
    assert openpyxl.load_workbook(file).sheetnames == ["锅炉", "说明"]


def test_without_the_library_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "xlsxwriter", None)
    with pytest.raises(CallError) as caught:
        workbook(pack(), find_types(pack(), ["boiler"]))
    assert caught.value.diagnostics[0].code == "extra-missing"
    assert "envrules[excel]" in caught.value.diagnostics[0].hint
