"""`envrules track`: the commands one after the other, as somebody uses them for the first time."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len

from envrules import api
from envrules.cli.track_tables import ROWS as ROW_LIMIT
from envrules.request import loaded_pack

ROWS = (
    "编号,责任单位,整改时限,完成日期,达到整改目标,举报投诉集中,存在突出问题\n"
    "T1,市水务局,2018-06-30,,,否,否\n"
    "T2,市住建局,2018-06-20,,,否,否\n"
    "T3,市住建局,2018-12-31,2018-02-30,,否,否\n"
)


@pytest.fixture(autouse=True)
def one_pack(monkeypatch: pytest.MonkeyPatch) -> None:
    """Load the pack once for all commands; each is a process of its own otherwise."""
    pack = loaded_pack("jiuquan-2018")
    monkeypatch.setattr(api, "load_pack", lambda _: pack)


@pytest.fixture
def track(run: Any, tmp_path: Path) -> Any:
    def go(command: str, *arguments: object) -> Any:
        return run("track", command, *arguments, *(["--db", tmp_path / "t.sqlite"] if command != "kinds" else []))

    return go


@pytest.fixture
def filled(track: Any, tmp_path: Path) -> Any:
    (tmp_path / "任务清单.csv").write_text(ROWS, "utf-8")
    ran = track("import", tmp_path / "任务清单.csv")
    assert (ran.code, "3 opened" in ran.err, "not-a-date" in ran.err) == (3, True, True)
    return track


def test_a_file_is_made_once(track: Any) -> None:
    assert track("alerts").code == 2
    assert "made" in track("init").err
    assert "already" in track("init").err
    assert track("alerts").code == 0
    assert "no task is open" in track("board").out


def test_a_list_that_is_read_again(filled: Any, tmp_path: Path) -> None:
    assert "nothing was added" in filled("import", tmp_path / "任务清单.csv").err


def test_alerts_have_days_and_the_clause(filled: Any) -> None:
    ran = filled("alerts", "--as-of", "2018-07-05")
    assert ran.code == 1
    lines = [line.split() for line in ran.out.splitlines()]
    assert ["orange", "T2", "市住建局", "2018-06-20", "15", "五(三)"] in lines
    assert ["yellow", "T1", "市水务局", "2018-06-30", "5", "五(三)"] in lines
    assert "1 more task" in ran.out
    assert "completed_on" in filled("alerts", "--as-of", "2018-07-05", "--undecided").out
    assert filled("alerts", "--as-of", "2018-05-05").code == 3
    found = json.loads(filled("alerts", "--as-of", "2018-07-05", "--format", "json").out)
    assert [(a["task"], a["level"], a["days_overdue"]) for a in found["alerts"]] == [
        ("T2", "orange", 15),
        ("T1", "yellow", 5),
    ]
    assert (found["as_of"], found["undecided"]) == ("2018-07-05", 1)


def test_events_and_corrections(filled: Any) -> None:
    done = filled(
        "event", "T1", "完成", "--on", "2018-07-02", "--set", "target_met=是", "--note", "现场核查", "-f", "json"
    )
    event = json.loads(done.out)
    assert (event["kind"], event["fields"]) == ("completed", {"completed_on": "2018-07-02", "target_met": True})
    assert filled("event", "T1", "correction", "--corrects", event["id"], "--on", "2018-06-29").code == 0
    out = filled("timeline", "T1").out
    assert f"instead of {event['id']}" in out
    assert "T1 as of " in out
    assert ": none" in out
    assert "T1" not in filled("alerts", "--as-of", "2018-07-05").out
    assert filled("alerts", "--as-of", "2018-07-05", "--known-on", "2018-01-01").code == 0
    assert [e["id"] for e in json.loads(filled("timeline", "T1", "-f", "json").out)["events"]] == [1, 5, 4]
    assert "counts from 9000-01-01" in filled("event", "T1", "noted", "--on", "9000-01-01").err


def test_what_comes_due_and_the_board(filled: Any) -> None:
    assert "T1" in filled("due", "--within", "30d", "--as-of", "2018-06-10").out
    found = json.loads(filled("due", "--within", "15", "--as-of", "2018-06-10", "-f", "json").out)
    assert [d["task"] for d in found["due"]] == ["T2"]
    units = json.loads(filled("board", "--as-of", "2018-07-05", "-f", "json").out)["units"]
    assert units[0] == {
        "unit": "市住建局",
        "tasks": 2,
        "levels": {"none": 0, "yellow": 0, "orange": 1, "red": 0},
        "undecided": 1,
        "rule": "task.on-time",
        "clause": "五(三)",
    }
    assert "all" in filled("board").out


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["event", "T9", "completed", "--on", "2018-06-30"], "unknown-task"),
        (["event", "T1", "compleeted", "--on", "2018-06-30"], "unknown-event"),
        (["event", "T1", "completed"], "date-value"),
        (["event", "T1", "reviewed", "--on", "2018-06-30", "--set", "target_met"], "call-value"),
        (["due", "--within", "soon"], "call-value"),
        (["board", "--format", "xml"], "unknown-format"),
        (["timeline", "T1", "--format", "csv"], "unknown-format"),
        (["board", "--language", "de"], "call-value"),
        (["alerts", "--known-on", "2018-02-30"], "known_on"),
        (["import", "list.csv", "--on", "2018-02-30"], "--on: error[date-value]"),
        (["event", "T1", "completed", "--on", "2018-02-30"], "on: error[date-value]"),
        (["alerts", "--as-of", "soon"], "date-value"),
        (["import", "nosuch.xlsx"], "file-not-found"),
    ],
)
def test_what_is_refused(
    filled: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], code: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "list.csv").write_text(ROWS, "utf-8")
    ran = filled(*arguments)
    assert (ran.code, code in ran.err) == (2, True)


def test_a_list_that_cannot_be_read_makes_no_file(track: Any, tmp_path: Path) -> None:
    (tmp_path / "bad.csv").write_text("编号,责任单位\n,市水务局\n", "utf-8")
    for arguments in (["nosuch.xlsx"], [tmp_path / "bad.csv"], [tmp_path / "bad.csv", "--on", "2018-02-30"]):
        assert track("import", *arguments).code == 2
    assert not (tmp_path / "t.sqlite").exists()


def test_what_is_recorded_again_is_said(filled: Any) -> None:
    for _ in range(2):
        ran = filled("event", "T1", "self_checked", "--on", "2018-06-18")
        assert ran.code == 0
    assert "recorded before, as event 4" in ran.err


def test_answers_in_chinese(filled: Any) -> None:
    out = filled("alerts", "--as-of", "2018-07-05", "--undecided", "--language", "zh").out
    assert "截至2018-07-05：预警2项（橙色1、黄色1）。" in out
    assert "另有1项任务资料不全，无法判定是否预警。" in out
    assert "无预警～红色" in out
    assert "完成日期" in out.splitlines()[-2]
    assert "15天内到期的任务1项" in filled("due", "--within", "15天", "--as-of", "2018-06-10", "--language", "zh").out
    board = filled("board", "--as-of", "2018-07-05", "--language", "zh").out.splitlines()
    assert board[0].split() == ["责任单位", "红色", "橙色", "黄色", "无预警", "待定", "任务数"]
    done = filled("event", "T1", "自验", "--on", "2018-06-18", "-f", "json").out
    filled("event", "T1", "撤销", "--corrects", json.loads(done)["id"])
    timeline = filled("timeline", "T1", "--as-of", "2018-07-01", "--language", "zh").out
    assert "（已由事件5更正或撤销）" in timeline
    assert "撤销事件4" in timeline
    assert timeline.splitlines()[-1] == "T1，截至2018-07-01：黄色"


def test_a_timeline_before_anything_was_known(filled: Any) -> None:
    assert "nothing had happened" in filled("timeline", "T1", "--known-on", "2001-01-01").out
    assert "尚无登记" in filled("timeline", "T1", "--known-on", "2001-01-01", "--language", "zh").out


def test_a_narrow_terminal_breaks_no_id_and_no_day(filled: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    filled("event", "T1", "自验", "--on", "2018-06-18", "--note", "现场核查，资料齐全" * 4)
    lines = filled("timeline", "T1").out.splitlines()
    assert max(map(cell_len, lines)) <= 80
    assert any("note:" in line for line in lines)
    assert any("due_on = 2018-06-30" in line for line in lines)


def test_more_rows_than_a_person_reads(track: Any, tmp_path: Path) -> None:
    rows = "".join(f"T{n:03d},甲,2018-06-30,,,否,否\n" for n in range(ROW_LIMIT + 5))
    (tmp_path / "many.csv").write_text(ROWS.splitlines()[0] + "\n" + rows, "utf-8")
    track("import", tmp_path / "many.csv")
    out = track("alerts", "--as-of", "2018-07-05").out
    assert "and 5 more: --format csv or json lists all of them" in out
    assert f"{ROW_LIMIT + 5} alerts ({ROW_LIMIT + 5} yellow)" in out
    table = track("alerts", "--as-of", "2018-07-05", "--format", "csv").out.splitlines()
    assert len(table) == ROW_LIMIT + 6
    assert table[0].lstrip("\ufeff").startswith("task,unit,level,days_overdue")


@pytest.mark.parametrize("command", ["alerts", "due", "board"])
def test_tables_for_excel(filled: Any, command: str) -> None:
    ran = filled(command, "--as-of", "2018-06-25", "--format", "csv")
    head, *rows = ran.out.lstrip("\ufeff").splitlines()
    assert len(rows) >= 1
    assert all(row.count(",") == head.count(",") for row in rows)
    nothing = filled(command, "--as-of", "2018-06-25", "--known-on", "2001-01-01", "--format", "csv")
    assert nothing.out.lstrip("\ufeff").splitlines() == [head]


def test_the_kinds_are_listed(track: Any) -> None:
    assert "自验" in track("kinds").out
    assert {"kind": "accepted", "en": "accepted", "zh": "同意销号", "says": "accepted_on = the day"} in json.loads(
        track("kinds", "-f", "json").out
    )
