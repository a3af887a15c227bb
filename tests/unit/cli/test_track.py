"""`envrules track`: the commands one after the other, as somebody uses them for the first time."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from envrules import api

ROWS = (
    "编号,责任单位,整改时限,完成日期,达到整改目标,举报投诉集中,存在突出问题\n"
    "T1,市水务局,2018-06-30,,,否,否\n"
    "T2,市住建局,2018-06-20,,,否,否\n"
    "T3,市住建局,2018-12-31,2018-02-30,,否,否\n"
)


@pytest.fixture(autouse=True)
def one_pack(monkeypatch: pytest.MonkeyPatch) -> None:
    """Load the pack once for all commands; each is a process of its own otherwise."""
    pack = api._loaded("jiuquan-2018")
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
        "open": 1,
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
        (["alerts", "--as-of", "soon"], "date-value"),
        (["import", "nosuch.xlsx"], "file-not-found"),
    ],
)
def test_what_is_refused(filled: Any, arguments: list[str], code: str) -> None:
    ran = filled(*arguments)
    assert (ran.code, code in ran.err) == (2, True)


def test_the_kinds_are_listed(track: Any) -> None:
    assert "自验" in track("kinds").out
    assert {"kind": "accepted", "en": "accepted", "zh": "同意销号", "says": "accepted_on = the day"} in json.loads(
        track("kinds", "-f", "json").out
    )
