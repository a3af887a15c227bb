"""`envrules inspect`, `envrules map` and `check --rejects`, as somebody types them."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from envrules.cli.run import run

TABLE = """2019年锅炉台账,,,
编号,区域,燃料,额定蒸发量(t/h),状况
B-1,建成区,燃煤,7,在用
B-2,建成区,燃煤,abc,在用
合计,,,7,
B-1,建成区,燃煤,8,在用
"""


@pytest.fixture
def table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "锅炉.csv"
    path.write_text(TABLE, "utf-8")
    return path


def test_inspect(table: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    assert run(["inspect", "锅炉.csv"]) == 3
    out = capfdbinary.readouterr().out.decode()
    for part in ("boiler", "header in row 2", "1 total (row 5)", "'abc' is not a number", "status? "):
        assert part in out


def test_inspect_as_json(table: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    run(["inspect", "锅炉.csv", "--format", "json"])
    (file,) = json.loads(capfdbinary.readouterr().out)
    assert file["tables"][0]["columns"][3] | {"examples": []} == {
        "column": 4, "header": "额定蒸发量(t/h)", "field": "capacity", "unit": "t/h", "filled": 1.0, "usable": 2,
        "unusable": 1, "least": "7", "most": "8", "examples": [], "unusual": [], "proposals": [],
    }  # fmt: skip


def test_inspect_a_good_file_and_one_that_is_none(table: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    Path("good.csv").write_text("编号,硫分(%)\nA,0.8\n", "utf-8")
    assert run(["inspect", "coal_lot=good.csv"]) == 0
    assert run(["inspect", "coal_lot=good.csv", "missing.csv"]) == 2
    out, err = capfdbinary.readouterr()
    assert out.decode().count("coal_lot") == 2
    assert b"file-not-found" in err
    assert run(["inspect", "good.csv", "--format", "yaml"]) == 2
    assert run(["inspect", "bolier=good.csv"]) == 2


def test_map_and_check_by_it(table: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    assert run(["map", "锅炉.csv", "--type", "boiler", "--out", "m.yaml"]) == 0
    err = capfdbinary.readouterr().err.decode()
    assert "5 columns, 4 certain, 1 with a proposal to look at" in err
    assert "状况: null" in Path("m.yaml").read_text("utf-8")
    for _ in range(2):
        assert run(["check", "锅炉.csv", "--map", "m.yaml", "--as-of", "2020-12-31", "--format", "json"]) == 3
        result = json.loads(capfdbinary.readouterr().out)
        missing = [o["missing"] for o in result["outcomes"] if o["rule"] == "boiler.retire.built-up"]
        assert len(missing) == 3
        assert all("status" in m for m in missing)
    text = Path("m.yaml").read_text("utf-8").replace("状况: null  ", "状况: status")
    Path("m.yaml").write_text(text, "utf-8")
    assert run(["check", "锅炉.csv", "--map", "m.yaml", "--as-of", "2020-12-31", "-q"]) == 1
    # A mapping that somebody mended is not replaced.
    assert run(["map", "锅炉.csv", "--out", "m.yaml"]) == 2
    assert run(["map", "锅炉.csv", "--out", "m.yaml", "--force", "--at-least", "0.4"]) == 0
    assert "状况: status" in Path("m.yaml").read_text("utf-8")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["锅炉.csv", "--type", "bolier"], "unknown-record"),
        (["锅炉.csv", "--at-least", "2"], "call-value"),
        (["open.csv"], "ambiguous-record-type"),
        (["two.csv"], "ambiguous-sheet"),
        (["锅炉.csv", "--out", "no/m.yaml"], "output-not-writable"),
    ],
)
def test_map_refuses(arguments: list[str], code: str, table: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    Path("open.csv").write_text("编号,县区\n1,肃州区\n", "utf-8")
    Path("two.csv").write_text(f"{TABLE}\n\n编号,硫分,灰分,采样日期\nA,0.8,9,2019-01-01\n", "utf-8")
    assert run(["map", *arguments]) == 2
    assert f"[{code}]" in capfdbinary.readouterr().err.decode()


def test_rejects_as_they_stand(table: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    assert run(["check", "锅炉.csv", "--rejects", "r.csv", "--as-of", "2020-12-31"]) == 3
    with Path("r.csv").open(encoding="utf-8-sig") as file:
        header, *rows = csv.reader(file)
    assert header == ["编号", "区域", "燃料", "额定蒸发量(t/h)", "状况", "row 行号", "problem 问题"]
    assert rows == [
        ["B-2", "建成区", "燃煤", "abc", "在用", "4", "额定蒸发量(t/h): 'abc' is not a number"],
        ["B-1", "建成区", "燃煤", "8", "在用", "6",
         "编号: the id B-1 is also that of row 3; the two are different records: they differ in capacity"],
    ]  # fmt: skip
    assert "r.csv: 2 rows with something unusable, of 1 table" in capfdbinary.readouterr().err.decode()


def test_rejects_of_a_workbook(table: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    workbook = openpyxl.Workbook()
    workbook.active.title = "锅炉"
    for row in (
        ["台账"],
        ["编号", "区域", "容量"],
        [None, None, "(MW)"],
        ["B-1", "建成区", 7],
        ["=x", "建成区", "约7"],
    ):
        workbook.active.append(row)
    lots = workbook.create_sheet("煤质")
    for row in (["编号", "硫分(%)"], ["A", "高"]):
        lots.append(row)
    workbook.save("a.xlsx")
    run(["check", "a.xlsx", "--rejects", "r.xlsx", "--as-of", "2020-12-31", "-q"])
    found = openpyxl.load_workbook("r.xlsx")
    assert found.sheetnames == ["锅炉", "煤质"]
    rows = [[c.value for c in row] for row in found["锅炉"].iter_rows()]
    assert rows[0] == ["编号", "区域", "容量", "row 行号", "problem 问题"]
    assert rows[1][2] == "(MW)"
    assert rows[2][2:4] == ["约7", 5]
    assert found["锅炉"]["C3"].fill.bgColor.rgb != found["锅炉"]["B3"].fill.bgColor.rgb
    # Mended, they are read like the inventory they came from.
    found["锅炉"]["C3"] = 7
    found.save("r.xlsx")
    assert run(["inspect", "boiler=r.xlsx#锅炉"]) == 0


def test_rejects_of_a_file_of_two_record_types(table: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    records = {"boiler": [{"id": "B", "capacity": "x"}], "coal_lot": [{"id": "L", "ash": 9}, {"id": "M", "ash": "y"}]}
    Path("a.json").write_text(json.dumps(records), "utf-8")
    run(["check", "a.json", "--rejects", "r.xlsx", "--as-of", "2020-12-31", "-q"])
    found = openpyxl.load_workbook("r.xlsx")
    assert [[[c.value for c in row][:3] for row in sheet.iter_rows()] for sheet in found] == [
        [["id", "capacity", "row 行号"], ["B", "x", 1]],
        [["id", "ash", "row 行号"], ["M", "y", 2]],
    ]


@pytest.mark.parametrize(("name", "code"), [("r.txt", "unknown-format"), ("锅炉.csv", "output-not-writable")])
def test_rejects_that_are_refused(name: str, code: str, table: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    assert run(["check", "锅炉.csv", "--rejects", name]) == 2
    assert f"[{code}]" in capfdbinary.readouterr().err.decode()


def test_what_became_of_every_row_is_said(table: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    run(["check", "锅炉.csv", "--format", "csv", "--as-of", "2020-12-31"])
    assert (
        "锅炉.csv: 4 rows read below header 2: 3 are boiler records, 3 judged, 1 total (row 5)"
        in capfdbinary.readouterr().err.decode()
    )
