"""Tasks over time: what is recorded, what was known when, and what the pack makes of it."""

from __future__ import annotations

from typing import Any

import pytest

import envrules as er


def levels(tracker: er.Tracker, as_of: str, known_on: str | None = None) -> dict[str, tuple[str, Any]]:
    return {a.task: (a.level, a.days_overdue) for a in tracker.alerts(as_of, known_on)}


def code(error: pytest.ExceptionInfo[er.EnvrulesError]) -> set[str]:
    return {d.code for d in error.value.diagnostics}


def test_a_task_from_opening_to_closing_over_sixty_days(tracker: Any, calm: Any) -> None:
    tracker.open("T1", on="2018-05-01", unit="市水务局", due_on="2018-05-31", **calm)
    assert tracker.alerts("2018-05-31") == []
    assert levels(tracker, "2018-06-01") == {"T1": ("yellow", 1)}
    assert levels(tracker, "2018-06-09") == {"T1": ("yellow", 9)}
    assert levels(tracker, "2018-06-10") == {"T1": ("orange", 10)}
    assert levels(tracker, "2018-06-20") == {"T1": ("red", 20)}
    for kind, day in [
        ("completed", "06-22"),
        ("自验", "06-23"),
        ("acceptance-applied", "06-24"),
        ("accepted", "06-29"),
    ]:
        tracker.record("T1", kind, f"2018-{day}", **({"target_met": "是"} if kind == "completed" else {}))
    assert levels(tracker, "2018-06-21") == {"T1": ("red", 21)}
    alert = tracker.alerts("2018-06-30")[0]
    assert (alert.level, alert.days_overdue, alert.clause, alert.rule) == ("red", 22, "五(三)", "task.on-time")
    assert tracker.alerts("2018-06-30", open_only=True) == []
    found = tracker.check("2018-06-30", outcomes="all", rules=["task.acceptance-order", "task.published"])
    assert {v.rule: v.outcome for v in found.verdicts} == {
        "task.acceptance-order": "pass",
        "task.published": "violation",
    }
    tracker.record("T1", "published", "2018-06-30")
    assert tracker.check("2018-06-30", rules="task.published").verdicts == []
    assert [e.kind for e in tracker.timeline("T1")][-1] == "published"


def test_one_complaint_is_not_concentrated_ones(tracker: Any, calm: Any) -> None:
    tracker.open("T1", due_on="2018-12-31", **calm)
    tracker.record("T1", "complaint", "2018-05-02")
    tracker.record("T1", "complaint", "2018-05-02")
    assert len(tracker.timeline("T1")) == 3
    assert tracker.alerts("2018-06-01") == []
    tracker.record("T1", "complaints_concentrated", "2018-06-02")
    assert levels(tracker, "2018-06-02") == {"T1": ("orange", -212)}
    tracker.record("T1", "complaints_settled", "2018-07-01")
    assert tracker.alerts("2018-07-01") == []
    tracker.record("T1", "problems_outstanding", "2018-07-02")
    assert levels(tracker, "2018-07-02")["T1"][0] == "red"


def test_what_is_not_known_stays_open(tracker: Any) -> None:
    tracker.open("T1", due_on="2018-05-31")
    assert tracker.alerts("2018-05-31") == []
    (left,) = tracker.alerts("2018-05-31", undecided=True)
    assert (left.level, left.outcome) == ("none..red", "indeterminate")
    assert set(left.missing) == {"complaints_concentrated", "outstanding_problems"}
    assert levels(tracker, "2018-06-05") == {"T1": ("yellow..red", 5)}
    assert tracker.board("2018-06-05")[0].undecided == 1


def test_a_late_entry_changes_the_past_but_not_what_was_known(tracker: Any, clock: Any, calm: Any) -> None:
    tracker.open("T1", due_on="2018-05-31", **calm)
    clock.set("2018-07-01")
    tracker.record("T1", "completed", "2018-05-30", target_met=True)
    assert tracker.alerts("2018-06-05") == []
    assert levels(tracker, "2018-06-05", "2018-06-05") == {"T1": ("yellow", 5)}
    assert levels(tracker, "2018-06-05", "2018-06-30") == {"T1": ("yellow", 5)}
    assert tracker.alerts("2018-06-05", "2018-07-01") == []


def test_a_correction_stands_in_the_place_of_an_event(tracker: Any, clock: Any, calm: Any) -> None:
    tracker.open("T1", due_on="2018-05-31", **calm)
    wrong = tracker.record("T1", "completed", "2018-05-20", target_met=True)
    clock.set("2018-06-10")
    right = tracker.record("T1", "correction", "2018-06-03", corrects=wrong.id, note="笔误")
    assert (right.kind, right.corrects, dict(right.fields)) == (
        "completed",
        wrong.id,
        {"completed_on": "2018-06-03", "target_met": True},
    )
    assert levels(tracker, "2018-06-05") == {"T1": ("yellow", 3)}
    # Between the two days the task was not completed, as is known now.
    assert levels(tracker, "2018-06-02") == {"T1": ("yellow", 2)}
    assert tracker.alerts("2018-06-05", "2018-06-09") == []
    assert [(e.id, e.corrected_by) for e in tracker.timeline("T1")] == [(1, None), (2, 3), (3, None)]
    tracker.record("T1", "withdrawn", corrects=right.id)
    assert levels(tracker, "2018-06-05") == {"T1": ("yellow", 5)}


def test_an_opening_that_is_withdrawn_was_no_task(tracker: Any) -> None:
    one = tracker.open("T1", due_on="2018-05-31")
    tracker.record("T1", "withdrawn", corrects=one.id)
    assert tracker.alerts("2018-08-01", undecided=True) == []
    with pytest.raises(er.CallError) as error:
        tracker.state("T1")
    assert code(error) == {"unknown-task"}
    tracker.open("T1", due_on="2018-06-30")
    assert levels(tracker, "2018-08-01") == {"T1": ("red", 32)}


def test_moving_the_days_gives_the_state_of_those_days(tracker: Any, clock: Any, calm: Any) -> None:
    tracker.open("T1", on="2018-04-01", unit="甲", due_on="2018-05-31", **calm)
    clock.set("2018-05-10")
    tracker.record("T1", "due_changed", "2018-05-10", due_on="2018-07-31")
    tracker.record("T1", "reviewed", "2018-05-10", unit="乙")
    assert str(tracker.state("T1", "2018-05-09").cells["due_on"].raw) == "2018-05-31"
    assert str(tracker.state("T1", "2018-05-10").cells["due_on"].raw) == "2018-07-31"
    assert tracker.state("T1", "2018-05-10", "2018-05-09").cells["unit"].value == "甲"
    with pytest.raises(er.CallError):
        tracker.state("T1", "2018-03-31")
    assert tracker.states("2018-03-31") == []
    assert tracker.check("2018-03-31").verdicts == []
    assert [e.kind for e in tracker.timeline("T1", "2018-05-09")] == ["opened"]
    assert [e.kind for e in tracker.timeline("T1", known_on="2018-05-09")] == ["opened"]


def test_of_one_day_what_was_recorded_later_counts(tracker: Any) -> None:
    tracker.open("T1", due_on="2018-05-31")
    tracker.record("T1", "target_met", "2018-05-10")
    tracker.record("T1", "target_missed", "2018-05-10")
    tracker.record("T1", "target_met", "2018-05-09")
    assert tracker.state("T1", "2018-05-10").value("target_met") is False


def test_a_task_is_open_while_its_days_run_on(tracker: Any, calm: Any) -> None:
    rows = [
        {"id": "done", "completed_on": "2018-06-04", "target_met": "是"},
        {"id": "missed", "completed_on": "2018-06-04", "target_met": "否"},
        {"id": "unclear", "completed_on": "2018-06-04"},
        {"id": "unreadable", "completed_on": "2018-06-31", "target_met": "是"},
        {"id": "never"},
    ]
    tracker.import_tasks([row | {"due_on": "2018-05-31", **calm} for row in rows])
    found = tracker.alerts("2018-06-08", undecided=True, open_only=True)
    assert {a.task for a in found} == {"missed", "unclear", "unreadable", "never"}
    assert found.undecided == 1
    assert {a.task for a in tracker.alerts("2018-06-08", undecided=True)} - {a.task for a in found} == {"done"}
    assert "done" not in {a.task for a in tracker.alerts("9999-12-31", open_only=True)}


def test_what_comes_due(tracker: Any, calm: Any) -> None:
    for task, due in [("A", "2018-06-01"), ("B", "2018-06-30"), ("C", "2018-07-01"), ("D", "2018-05-31"), ("E", None)]:
        tracker.open(task, unit="甲", due_on=due, **calm)
    tracker.record("B", "complaints_concentrated", "2018-05-01")
    found = tracker.due(30, "2018-05-31")
    assert [(d.task, d.days_left) for d in found] == [("D", 0), ("A", 1), ("B", 30)]
    tracker.record("A", "completed", "2018-05-15", target_met=True)
    assert [d.task for d in tracker.due(30, "2018-05-31")] == ["D", "B"]
    assert [d.task for d in tracker.due(0, "2018-05-31")] == ["D"]
    for wrong in (-1, 10**9):
        with pytest.raises(er.CallError) as error:
            tracker.due(wrong)
        assert code(error) == {"call-value"}


def test_the_board_counts_by_unit_and_level(tracker: Any, calm: Any) -> None:
    for n, due in enumerate(["2018-06-30", "2018-06-25", "2018-06-15", "2018-06-01", "2018-05-01"]):
        tracker.open(f"T{n}", unit="甲" if n else "", due_on=due, **calm)
    rows = {r.unit: r for r in tracker.board("2018-06-30")}
    assert dict(rows["甲"].levels) == {"none": 0, "yellow": 1, "orange": 1, "red": 2}
    assert (rows[""].tasks, rows[""].levels["none"]) == (1, 1)


def test_advancing_tells_what_is_new(tracker: Any, calm: Any) -> None:
    tracker.open("A", due_on="2018-05-31", **calm)
    tracker.open("B", due_on="2018-06-08", **calm)
    found = []
    for day in ("2018-05-31", "2018-06-01", "2018-06-02", "2018-06-10", "2018-06-05"):
        found.append([(a.task, a.level) for a in tracker.advance(day)])
    assert found == [[], [("A", "yellow")], [], [("A", "orange"), ("B", "yellow")], [("A", "yellow")]]
    assert [a.days_overdue for a in tracker.alerts()] == [5]
    assert tracker.board() == tracker.board("2018-06-05")
    # The clock stands where it was: recording has nothing to do with the day that is asked of.
    assert str(tracker.record("A", "noted", "2018-06-05").recorded_on) == "2018-04-01"
    with pytest.raises(er.CallError) as error:
        tracker.advance("soon")
    assert code(error) == {"date-value"}
    assert [a.days_overdue for a in tracker.alerts()] == [5]


def test_alerts_come_worst_first(tracker: Any, calm: Any) -> None:
    for task, due in [("a", "2018-06-25"), ("b", "2018-05-01"), ("c", "2018-06-15"), ("d", "2018-04-01")]:
        tracker.open(task, due_on=due, **calm)
    assert [a.task for a in tracker.alerts("2018-06-30")] == ["d", "b", "c", "a"]


def test_the_same_event_is_recorded_once(tracker: Any) -> None:
    first = tracker.open("T1", due_on="2018-05-31")
    assert tracker.open("T1", due_on="2018-05-31").id == first.id
    done = tracker.record("T1", "completed", "2018-05-01")
    assert not done.repeated
    again = tracker.record("T1", "完成", "2018-05-01")
    assert (again.id, again.repeated) == (done.id, True)
    for _ in range(2):
        tracker.record("T1", "reported", "2018-05-20", note="五月")
    tracker.record("T1", "reported", "2018-05-20", note="补充")
    assert len(tracker.timeline("T1")) == 4


def test_an_event_that_undoes_another_of_the_same_day_is_recorded(tracker: Any) -> None:
    tracker.open("T1", due_on="2018-05-31")
    for kind in ("target_met", "target_missed", "target_met"):
        tracker.record("T1", kind, "2018-05-10")
    assert tracker.state("T1", "2018-05-10").value("target_met") is True
    assert tracker.record("T1", "target_met", "2018-05-10").repeated
    assert len(tracker.timeline("T1")) == 4


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        (lambda t: t.record("T9", "completed", "2018-05-01"), "unknown-task"),
        (lambda t: t.timeline("T9"), "unknown-task"),
        (lambda t: t.open(" ", due_on="2018-05-31"), "missing-id"),
        (lambda t: t.open("T1", due_on="2018-06-30"), "task-exists"),
        (lambda t: t.record("T1", "compleeted", "2018-05-01"), "unknown-event"),
        (lambda t: t.record("T1", "completed"), "date-value"),
        (lambda t: t.record("T1", "completed", "2018-02-30"), "date-value"),
        (lambda t: t.record("T1", "reviewed", "2018-05-01", duee_on="2018-06-30"), "event-fields"),
        (lambda t: t.record("T1", "reviewed", "2018-05-01", completed_on="2018-06-30"), "event-fields"),
        (lambda t: t.record("T1", "due_changed", "2018-05-01"), "event-fields"),
        (lambda t: t.record("T1", "due_changed", "2018-05-01", due_on="soon"), "not-a-date"),
        (lambda t: t.record("T1", "reviewed", "2018-05-01", target_met="perhaps"), "not-yes-or-no"),
        (lambda t: t.record("T1", "correction", "2018-05-01"), "event-corrected"),
        (lambda t: t.record("T1", "withdrawn", corrects=99), "event-corrected"),
        (lambda t: t.record("T1", "withdrawn", corrects=2), "event-corrected"),
    ],
)
def test_what_cannot_be_recorded(tracker: Any, call: Any, expected: str) -> None:
    tracker.open("T1", due_on="2018-05-31")
    noted = tracker.record("T1", "noted", "2018-05-01")
    tracker.record("T1", "withdrawn", corrects=noted.id)
    before = len(tracker.timeline("T1"))
    with pytest.raises(er.EnvrulesError) as error:
        call(tracker)
    assert code(error) == {expected}
    assert len(tracker.timeline("T1")) == before


def test_all_that_is_wrong_is_said_at_once(tracker: Any) -> None:
    with pytest.raises(er.CallError) as error:
        tracker.open("T1", due_on="soon", target_met="perhaps", nosuch=1)
    assert code(error) == {"not-a-date", "not-yes-or-no", "event-fields"}
    assert tracker.states() == []
