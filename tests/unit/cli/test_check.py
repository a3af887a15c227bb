"""`envrules check`."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

AS_OF = ("--as-of", "2020-12-31")
SULFUR = ("--rule", "coal.sulfur.built-up")


def test_the_table_is_the_default(run: Any, lots: Path) -> None:
    ran = run("check", *AS_OF, *SULFUR, lots)
    assert ran.code == 1
    assert ran.out.startswith("jiuquan-2018 ")
    assert "as of 2020-12-31" in ran.out
    assert "1 violation of 1 rule; 1 outcome left open, most often for want of zone (1); 1 pass." in ran.out
    assert "warning[unknown-column]" in ran.err
    assert "\x1b" not in ran.out


def test_json_on_stdout_is_json_and_nothing_else(run: Any, lots: Path) -> None:
    ran = run("check", *AS_OF, "--format", "json", f"coal_lot={lots}")
    found = json.loads(ran.out)
    violated = {(o["rule"], o["record_id"]) for o in found["outcomes"] if o["outcome"] == "violation"}
    assert ("coal.sulfur.built-up", "L1") in violated
    assert found["as_of"] == "2020-12-31"
    assert run("check", *AS_OF, "--format", "json", f"coal_lot={lots}").raw == ran.raw


def test_findings_or_every_outcome(run: Any, lots: Path) -> None:
    def outcomes(*more: str) -> list[tuple[str, str]]:
        found = json.loads(run("check", *AS_OF, *SULFUR, "--format", "json", *more, lots).out)
        return [(o["record_id"], o["outcome"]) for o in found["outcomes"]]

    assert outcomes() == [("L1", "violation"), ("L2", "indeterminate")]
    assert outcomes("--outcomes", "all") == [("L1", "violation"), ("L2", "indeterminate"), ("L3", "pass")]


@pytest.mark.parametrize(
    ("rows", "options", "code"),
    [
        ("L1,建成区,使用,0.9", (), 1),
        ("L1,建成区,使用,0.9", ("--lenient",), 1),
        ("L1,建成区,使用,0.8", (), 0),
        ("L1,建成区,使用,", (), 3),
        ("L1,建成区,使用,", ("--lenient",), 0),
    ],
)
def test_exit_codes(run: Any, tmp_path: Path, rows: str, options: tuple[str, ...], code: int) -> None:
    file = tmp_path / "coal.csv"
    file.write_text(f"批号,区域,环节,全硫,采样日期\n{rows},2019-05-01\n", "utf-8")
    assert run("check", *AS_OF, *SULFUR, *options, f"coal_lot={file}").code == code


@pytest.mark.parametrize(
    "name", ["r.html", "r.json", "r.csv", "r.jsonl", "r.sarif", "r.xml", "r.txt", "r.xlsx", "r.parquet"]
)
def test_a_file_whose_name_says_the_format(run: Any, lots: Path, tmp_path: Path, name: str) -> None:
    out = tmp_path / name
    ran = run("check", *AS_OF, "--out", out, lots)
    assert ran.code == 1
    assert ran.out == ""
    assert "left open" in ran.err
    start = {
        ".html": b"<!DOC",
        ".json": b"{",
        ".csv": b"\xef\xbb\xbf",
        ".xlsx": b"PK",
        ".parquet": b"PAR1",
        ".xml": b"<?xml",
    }
    assert out.read_bytes().startswith(start.get(out.suffix, b""))


def test_no_bytes_to_a_terminal(run: Any, lots: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("envrules.cli.check.is_terminal", lambda stream: True)
    ran = run("check", "--format", "xlsx", lots)
    assert ran.code == 2
    assert "add --out FILE" in ran.err


def test_quiet_says_nothing(run: Any, lots: Path, tmp_path: Path) -> None:
    assert run("check", *AS_OF, "--quiet", "--out", tmp_path / "r.json", lots).err == ""


def test_subjects_name_who_has_to_report(run: Any, tmp_path: Path) -> None:
    (tmp_path / "units.txt").write_text("# 责任单位\n环保局\n\n工信局\n环保局\n", "gb18030")
    (tmp_path / "report.csv").write_text("unit,kind,month,submitted_on\n环保局,progress,2018-04,2018-04-20\n", "utf-8")
    arguments = ["--as-of", "2018-04-30", "--format", "json", "--rule", "report.progress", "--outcomes", "all"]
    subjects = f"report.unit={tmp_path / 'units.txt'}"
    found = json.loads(run("check", *arguments, "--subjects", subjects, f"report={tmp_path / 'report.csv'}").out)
    got = {o["subject"]: o["outcome"] for o in found["outcomes"]}
    assert got == {"unit=环保局; month=2018-04": "pass", "unit=工信局; month=2018-04": "violation"}


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["nosuch.csv"], "file-not-found"),
        (["--pack", "nosuch", "LOTS"], "pack-not-found"),
        (["--format", "jsno", "LOTS"], "unknown-format"),
        (["--out", "report.foo", "LOTS"], "unknown-format"),
        (["--out", "nowhere/r.json", "LOTS"], "output-not-writable"),
        (["--as-of", "2020-02-30", "LOTS"], "date-value"),
        (["--outcomes", "some", "LOTS"], "call-value"),
        (["--engine", "warp", "LOTS"], "unknown-engine"),
        (["--rule", "coal.sulphur.*", "LOTS"], "unknown-rule"),
        (["--subjects", "report", "LOTS"], "call-value"),
        (["--subjects", "report.unit=nosuch.txt", "LOTS"], "file-not-found"),
        (["--subjects", "report.units=LOTS", "LOTS"], "unknown-subject"),
        (["boilr=LOTS"], "unknown-record"),
    ],
)
def test_a_wrong_call_is_explained(run: Any, lots: Path, arguments: list[str], code: str) -> None:
    ran = run("check", *(a.replace("LOTS", str(lots)) for a in arguments))
    assert ran.code == 2
    assert ran.out == ""
    assert f"error[{code}]" in ran.err
    assert f"envrules explain {code}" in ran.err


def test_every_problem_is_shown(run: Any) -> None:
    ran = run("check", "one.csv", "two.csv")
    assert ran.err.count("file-not-found]") == 2
    assert ran.err.rstrip().endswith("2 problems")


@pytest.mark.parametrize("arguments", [[], ["--bogus", "x.csv"], ["--format"]])
def test_usage_errors_exit_with_2(run: Any, arguments: list[str]) -> None:
    ran = run("check", *arguments)
    assert ran.code == 2
    assert "Error: " in ran.err
    assert ran.out == ""


def test_the_output_never_replaces_an_input(run: Any, lots: Path) -> None:
    before = lots.read_bytes()
    ran = run("check", "--out", lots, lots)
    assert ran.code == 2
    assert "one of the inputs" in ran.err
    assert lots.read_bytes() == before


def test_a_pattern_no_shell_expanded(run: Any, lots: Path) -> None:
    ran = run("check", *AS_OF, "--format", "json", f"coal_lot={lots.parent}/*.csv")
    assert ran.code == 1
    assert json.loads(ran.out)["outcomes"]


def test_every_line_of_jsonl_is_an_outcome(run: Any, lots: Path) -> None:
    ran = run("check", *AS_OF, "--format", "jsonl", lots)
    assert {json.loads(line)["record_type"] for line in io.StringIO(ran.out)} == {"coal_lot"}
