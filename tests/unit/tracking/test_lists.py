"""Lists of tasks read into a tracker, again and again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import envrules as er

HEAD = "编号,责任单位,整改时限,完成日期,达到整改目标,举报投诉集中,存在突出问题\n"


def write(path: Path, *rows: str) -> Path:
    path.write_text(HEAD + "".join(f"{r}\n" for r in rows), "utf-8")
    return path


@pytest.fixture
def sheet(tmp_path: Path) -> Path:
    return write(
        tmp_path / "整改台账.csv",
        "T1,市水务局,2018-05-31,,,否,否",
        "T2,市住建局,2018-05-31,2018-05-20,是,否,否",
        "T3,市住建局,2018-06-30,2018-02-30,,否,否",
    )


def test_rows_are_opened_and_dates_become_events(tracker: Any, sheet: Path) -> None:
    done = tracker.import_tasks(sheet)
    assert (done.opened, done.events) == (3, 4)
    assert [p.code for p in done.problems] == ["not-a-date"]
    assert [(a.task, a.level) for a in tracker.alerts("2018-06-10")] == [("T1", "orange")]
    (left,) = [a for a in tracker.alerts("2018-06-10", undecided=True) if a.task == "T3"]
    assert "completed_on" in left.missing
    assert [(e.kind, e.note.rsplit(":", 1)[1]) for e in tracker.timeline("T2")] == [("opened", "3"), ("completed", "3")]


def test_it_says_what_check_says_of_the_same_list(tracker: Any, sheet: Path, pack: er.Pack) -> None:
    tracker.import_tasks(sheet)
    for day in ("2018-05-19", "2018-06-01", "2018-06-15", "2018-09-01"):
        said = er.check(pack, {"task": sheet}, as_of=day, rules="task.on-time", outcomes="all").verdicts
        mine = tracker.check(day, rules="task.on-time", outcomes="all").verdicts
        assert {v.record_id: (v.outcome, v.value) for v in mine} == {v.record_id: (v.outcome, v.value) for v in said}
        alerts = {a.task: (a.outcome, a.level) for a in tracker.alerts(day, undecided=True)}
        assert alerts == {v.record_id: (v.outcome, v.value) for v in said if v.outcome != "pass"}


def test_a_list_read_again_adds_nothing(tracker: Any, sheet: Path, tmp_path: Path) -> None:
    tracker.import_tasks(sheet)
    again = tracker.import_tasks(sheet)
    assert (again.events, str(again.read_before)) == (0, "2018-04-01")
    rows = sheet.read_text("utf-8").splitlines()[1:]
    other = write(tmp_path / "other.csv", *reversed(rows))
    assert tracker.import_tasks(other).read_before is not None
    newer = tracker.import_tasks(sheet, on="2018-06-01")
    assert (newer.events, newer.unchanged, newer.read_before) == (0, 3, None)


def test_a_list_that_grew_adds_what_is_new(tracker: Any, sheet: Path, tmp_path: Path, clock: Any) -> None:
    tracker.import_tasks(sheet)
    clock.set("2018-06-05")
    grown = write(
        tmp_path / "june.csv",
        "T1,市水务局,2018-06-30,2018-06-03,是,否,否",
        "T2,市住建局,2018-05-31,2018-05-21,是,否,否",
        "T3,市住建局,2018-06-30,,,是,否",
        "T4,市住建局,2018-07-31,,,否,否",
    )
    done = tracker.import_tasks(grown, on="2018-06-04")
    assert (done.opened, done.changed, done.unchanged) == (1, 3, 0)
    assert [(e.kind, str(e.on)) for e in tracker.timeline("T1")][1:] == [
        ("completed", "2018-06-03"),
        ("due_changed", "2018-06-04"),
    ]
    completed = [e for e in tracker.timeline("T2") if e.kind == "completed"]
    assert [(str(e.on), e.counts) for e in completed] == [("2018-05-20", False), ("2018-05-21", True)]
    assert [w.code for w in done.warnings] == ["emptied-cell"]
    assert tracker.import_tasks(sheet).events == 0
    assert tracker.import_tasks(grown, on="2018-06-05").events == 0


def test_a_step_done_anew_after_a_missed_target_is_no_correction(tracker: Any, sheet: Path, tmp_path: Path) -> None:
    tracker.import_tasks(sheet)
    tracker.record("T2", "target_missed", "2018-05-25")
    tracker.import_tasks(write(tmp_path / "b.csv", "T2,市住建局,2018-05-31,2018-06-04,是,否,否"), on="2018-06-05")
    assert [e.counts for e in tracker.timeline("T2") if e.kind == "completed"] == [True, True]


def test_a_list_with_rows_that_cannot_be_followed_is_refused_whole(tracker: Any, tmp_path: Path) -> None:
    bad = write(tmp_path / "bad.csv", "T1,甲,2018-05-31,,,,", ",乙,2018-05-31,,,,", "T1,甲,2018-06-30,,,,")
    with pytest.raises(er.InputError) as error:
        tracker.import_tasks(bad)
    assert [d.code for d in error.value.diagnostics] == ["missing-id", "duplicate-id"]
    assert tracker.states() == []


def test_records_in_memory_are_a_list_too(tracker: Any) -> None:
    assert (
        tracker.import_tasks([{"id": "T1", "due_on": "2018-05-31"}, {"id": "T1", "due_on": "2018-05-31"}]).opened == 1
    )
