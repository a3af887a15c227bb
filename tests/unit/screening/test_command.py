"""`envrules screen` as a person runs it: one project, a folder, a workbook, and questions on the terminal."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import pytest

from envrules.cli import main

EXAMPLES = Path(__file__).parents[3] / "examples"
AS_OF = ("--as-of", "2020-12-31")
OPEN = """\
id: P-1
kind: new
capacity_status: normal
heavy_metal: no
reserve_zone: none
in_water_source_protection: no
takes_water: no
boilers:
  - {id: B-1, fuel: coal, kind: new, capacity: 15 t/h}
"""


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str


Run = Callable[..., Ran]


@pytest.fixture
def run(capsysbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch) -> Run:
    def go(*arguments: object, answers: str = "", command: str = "screen") -> Ran:
        capsysbinary.readouterr()
        monkeypatch.setattr(sys, "stdin", io.StringIO(answers))
        with pytest.raises(SystemExit) as ended:
            main([command, *map(str, arguments), *AS_OF])
        out, err = capsysbinary.readouterr()
        assert isinstance(ended.value.code, int)
        assert b"Traceback" not in err
        return Ran(ended.value.code, out.decode(), err.decode())

    return go


@pytest.fixture
def project(tmp_path: Path) -> Path:
    file = tmp_path / "project.yaml"
    file.write_text(OPEN, "utf-8")
    return file


def test_the_heating_plant(run: Run) -> None:
    ran = run(EXAMPLES / "project-heating.yaml")
    assert ran.code == 1
    assert "HP-1: refuse" in ran.out
    assert "[B-20] Approval" in ran.out
    assert "could be cleared by: rated capacity above 20 t/h" in ran.out
    assert "B-14MW" in ran.out
    assert "[B-14MW] Approval" not in ran.out


def test_chinese(run: Run) -> None:
    ran = run(EXAMPLES / "project-open.yaml", "--language", "zh")
    assert ran.code == 1
    assert "无论缺少的区域如何" in ran.out
    assert "额定蒸发量大于20 t/h" in ran.out


def test_tables_and_a_folder_give_a_table(run: Run, tmp_path: Path) -> None:
    for name in ("projects.csv", "boiler_applications.csv", "project-tannery.yaml", "project-heating.yaml"):
        (tmp_path / name).write_bytes((EXAMPLES / name).read_bytes())
    (tmp_path / "notes.doc").write_text("x", "utf-8")
    ran = run(tmp_path)
    assert ran.code == 1
    assert "14 projects: 9 refuse, 1 ask, 4 clear" in ran.out
    assert "notes.doc" in ran.err
    both = run(tmp_path / "projects.csv", tmp_path / "boiler_applications.csv", "--format", "json")
    assert [d["id"] for d in json.loads(both.out)["decisions"]] == [f"P-{n:02}" for n in range(1, 13)]


def test_a_workbook_with_a_sheet_for_each_record_type(run: Run, tmp_path: Path) -> None:
    from openpyxl import Workbook

    book = Workbook()
    projects = book.active
    assert projects is not None
    projects.title = "建设项目"
    projects.append(
        ["项目编号", "建设性质", "产能类别", "涉重金属", "保护区功能区", "在水源保护区内", "取水", "畜禽养殖"]
    )
    projects.append(["P-1", "新建", "正常", "否", "保护区外", "否", "否", "否"])
    projects.append(["P-2", "新建", "正常", "否", "保护区外", "否", "否", "否"])
    boilers = book.create_sheet("锅炉审批")
    boilers.append(["申请编号", "所属项目", "所在区域", "燃料", "额定蒸发量(t/h)", "建设性质"])
    boilers.append(["B-1", "P-1", "建成区", "燃煤", 20, "新建"])
    boilers.append(["B-2", "P-2", "建成区", "燃煤", 20.1, "新建"])
    file = tmp_path / "审批.xlsx"
    book.save(file)
    found = json.loads(run(file, "--format", "json").out)
    assert [(d["id"], d["decision"]) for d in found["decisions"]] == [("P-1", "refuse"), ("P-2", "clear")]
    assert found["decisions"][0]["reasons"][0]["cures"][0]["text"]["en"] == "rated capacity above 20 t/h"


@pytest.mark.parametrize(
    ("answers", "code", "asked"),
    [
        ("建成区\n", 1, 1),
        ("other\nno\n", 0, 2),
        ("moon\nother\n是\n否\n", 0, 4),
        ("\n\n\n", 3, 3),
        ("", 3, 1),
    ],
)
def test_questions_stop_when_the_case_is_settled(run: Run, project: Path, answers: str, code: int, asked: int) -> None:
    ran = run(project, "--interactive", "--quiet", answers=answers)
    assert ran.code == code, ran.out
    assert ran.err.count("Enter: not known") == asked, ran.err


def test_the_chain_as_a_tree_and_as_pictures(run: Run, project: Path, tmp_path: Path) -> None:
    picture, text = tmp_path / "chain.svg", tmp_path / "chain.mmd"
    ran = run(project, "--explain", "--diagram", picture)
    assert "coal_fired = true" in ran.out
    assert ElementTree.fromstring(picture.read_text("utf-8")).tag.endswith("svg")
    run(project, "--diagram", text, "--language", "zh")
    assert text.read_text("utf-8").startswith("flowchart LR")


def test_explain_shows_a_screened_project_and_draws_it(run: Run, project: Path, tmp_path: Path) -> None:
    picture = tmp_path / "chain.svg"
    ran = run(project, "--diagram", picture, "--language", "zh", command="explain")
    assert ran.code == 0
    assert ran.out.startswith("P-1 = ask")
    assert "derived coal_fired = yes   [by boiler_application.coal_fired]" in ran.out
    assert "需补充材料" in picture.read_text("utf-8")
    many = run(EXAMPLES / "projects.csv", "--record", "P-03", command="explain")
    assert many.out.startswith("P-03 = ")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((EXAMPLES / "projects.csv",), "there are 12 projects here"),
        ((EXAMPLES / "projects.csv", "--record", "P-99"), "P-99 is no project here"),
        (("boiler.upgrade", "--diagram", "x.svg"), "a diagram shows a screened project"),
        (("nothing.yaml",), "error[file-not-found]"),
    ],
)
def test_wrong_calls_of_explain(run: Run, arguments: tuple[object, ...], said: str) -> None:
    ran = run(*arguments, command="explain")
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err


def test_the_engine_is_chosen_and_named(run: Run, project: Path) -> None:
    assert "judged by the interpreter" in run(project, "--engine", "reference").out
    assert json.loads(run(project, "--engine", "reference", "--format", "json").out)["engine"] == "reference"
    assert "error[unknown-engine]" in run(project, "--engine", "columnar").err


def test_an_answer_that_is_not_understood_is_met_in_the_language_of_the_questions(run: Run, project: Path) -> None:
    ran = run(project, "--interactive", "--quiet", "--language", "zh", answers="月球\n其他地区\n否\n")
    assert "无法识别“月球”，可以回答：城市建成区、其他地区" in ran.err
    assert ran.code == 0


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("missing.yaml",), "file-not-found"),
        (("missing.csv",), "file-not-found"),
        (("--format", "pdf", "x.yaml"), "call-value"),
        (("--diagram", "x.png", "x.yaml"), "call-value"),
        ((EXAMPLES / "boiler_applications.csv",), "nothing-to-screen"),
    ],
)
def test_wrong_calls(run: Run, arguments: tuple[object, ...], code: str) -> None:
    ran = run(*arguments)
    assert (ran.code, ran.out) == (2, "")
    assert f"error[{code}]" in ran.err


@pytest.mark.parametrize("text", ["", "id: [", "7", "- 1", "project: 3", "{project: {id: P}, nonsense: {a: 1}}"])
def test_wrong_documents(run: Run, tmp_path: Path, text: str) -> None:
    for name in ("p.yaml", "p.json"):
        file = tmp_path / name
        file.write_text(text, "utf-8")
        assert run(file).code == 2
