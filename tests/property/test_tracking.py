"""Laws of a tracker: what a task is on a day follows from the events alone, by when they happened and were known."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import envrules as er
from envrules.tracking.events import Event

PACK = er.load_pack("jiuquan-2018")
FIRST = dt.date(2018, 4, 1)
DAYS = st.integers(0, 12).map(lambda n: FIRST + dt.timedelta(n))
STEPS = ("completed", "self_checked", "accepted")
KINDS = st.sampled_from([*STEPS, "target_met", "target_missed", "due_changed", "reviewed", "complaint", "noted"])
TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=8)
#: Each commit waits for the disk, where there is nothing faster.
MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None
few = settings(max_examples=settings().max_examples // 2)


class Clock:
    day = FIRST

    def __call__(self) -> dt.datetime:
        return dt.datetime.combine(self.day, dt.time(8), dt.timezone(dt.timedelta(hours=8)))


@contextmanager
def tracker_with(clock: Any = None) -> Iterator[er.Tracker]:
    with (
        tempfile.TemporaryDirectory(dir=MEMORY) as folder,
        er.Tracker(Path(folder) / "t.sqlite", PACK, clock=clock or Clock()) as one,
    ):
        yield one


def said(tracker: er.Tracker, as_of: dt.date, known_on: dt.date | None = None) -> dict[str, dict[str, Any]]:
    return {
        r.id: {name: cell.raw for name, cell in r.cells.items() if name != "id"}
        for r in tracker.states(as_of, known_on)
    }


@st.composite
def happenings(draw: st.DrawFn) -> list[dict[str, Any]]:
    """What somebody tries to record, in order: some of it is refused, some corrects what was recorded before."""
    found: list[dict[str, Any]] = []
    day = 0
    for _ in range(draw(st.integers(1, 12))):
        day += draw(st.integers(0, 2))
        kind = draw(st.one_of(st.just("opened"), KINDS, st.sampled_from(["correction", "withdrawn"])))
        one: dict[str, Any] = {"recorded": FIRST + dt.timedelta(day), "task": draw(st.sampled_from("AB")), "kind": kind}
        if draw(st.booleans()) or kind not in ("opened", "correction", "withdrawn"):
            one["on"] = draw(DAYS)
        if kind in ("correction", "withdrawn") or draw(st.integers(0, 9)) == 0:
            one["corrects"] = draw(st.integers(1, 12))
        if kind in ("due_changed", "reviewed", "opened"):
            one["due_on"] = draw(DAYS).isoformat()
        if draw(st.integers(0, 4)) == 0:
            one["unit"] = draw(st.sampled_from(["甲", "乙"]))
        found.append(one)
    return found


def recorded(tracker: er.Tracker, clock: Clock, tried: list[dict[str, Any]]) -> list[Event]:
    found: list[Event] = []
    for one in tried:
        clock.day = one["recorded"]
        rest = {k: v for k, v in one.items() if k not in ("recorded", "task", "kind")}
        try:
            event = tracker.record(one["task"], one["kind"], **rest)
        except er.CallError:
            continue
        if not event.repeated:
            found.append(event)
    return found


def expected(events: list[Event], as_of: dt.date, known_on: dt.date) -> dict[str, dict[str, Any]]:
    """What the tasks are by the events alone: of those that count, the last of each field."""
    known = [e for e in events if e.recorded_on <= known_on]
    corrected = {e.corrects for e in known}
    counting = [e for e in known if e.id not in corrected and (e.on is None or e.on <= as_of)]
    counting.sort(key=lambda e: (e.on or dt.date.min, e.id))
    tasks: dict[str, dict[str, Any]] = {e.task: {} for e in counting if e.kind == "opened"}
    for e in counting:
        if e.task in tasks:
            tasks[e.task] |= e.fields
    return {t: {n: v for n, v in f.items() if v is not None} for t, f in tasks.items()}


@few
@given(happenings(), DAYS, DAYS)
def test_a_state_follows_from_what_had_happened_and_was_known(
    tried: list[dict[str, Any]], as_of: dt.date, known_on: dt.date
) -> None:
    clock = Clock()
    with tracker_with(clock) as tracker:
        events = recorded(tracker, clock, tried)
        assert said(tracker, as_of, known_on) == expected(events, as_of, known_on)
        assert said(tracker, as_of) == expected(events, as_of, dt.date.max)


@few
@given(happenings(), happenings(), DAYS, DAYS)
def test_what_is_recorded_later_changes_nothing_that_was_known(
    before: list[dict[str, Any]], after: list[dict[str, Any]], as_of: dt.date, known_on: dt.date
) -> None:
    clock = Clock()
    with tracker_with(clock) as tracker:
        recorded(tracker, clock, [one for one in before if one["recorded"] <= known_on])
        answers = said(tracker, as_of, known_on), tracker.alerts(as_of, known_on, undecided=True)
        timelines = {t: tracker.timeline(t, known_on=known_on) for t in answers[0]}
        later = [one | {"recorded": known_on + dt.timedelta(1)} for one in after]
        recorded(tracker, clock, later)
        assert (said(tracker, as_of, known_on), tracker.alerts(as_of, known_on, undecided=True)) == answers
        assert {t: tracker.timeline(t, known_on=known_on) for t in answers[0]} == timelines


@few
@given(happenings(), happenings(), DAYS)
def test_what_happens_later_changes_nothing_before(
    tried: list[dict[str, Any]], later: list[dict[str, Any]], as_of: dt.date
) -> None:
    clock = Clock()
    with tracker_with(clock) as tracker:
        recorded(tracker, clock, tried)
        answer = said(tracker, as_of)
        after = as_of + dt.timedelta(1)
        recorded(tracker, clock, [
            {k: v for k, v in one.items() if k != "corrects"} | {"on": after}
            for one in later if one["kind"] not in ("correction", "withdrawn")
        ])  # fmt: skip
        assert said(tracker, as_of) == answer


@few
@given(
    st.lists(st.tuples(st.sampled_from("AB"), KINDS, DAYS), min_size=1, max_size=10, unique_by=lambda e: (e[0], e[2])),
    st.data(),
    DAYS,
)
def test_the_order_of_recording_does_not_matter(events: list[Any], data: st.DataObject, as_of: dt.date) -> None:
    """When all is known. Of two events of one day that disagree the later recorded counts; here each has its day."""
    answers = []
    for order in (events, data.draw(st.permutations(events))):
        with tracker_with() as tracker:
            for task in data.draw(st.permutations("AB")):
                tracker.open(task, due_on="2018-04-06")
            for task, kind, on in order:
                more = {"due_on": (on + dt.timedelta(3)).isoformat()} if kind == "due_changed" else {}
                tracker.record(task, kind, on, **more)
            answers.append((said(tracker, as_of), sorted(a.task for a in tracker.alerts(as_of, undecided=True))))
    assert answers[0] == answers[1]


@st.composite
def lists(draw: st.DrawFn) -> list[dict[str, Any]]:
    found = []
    for name in draw(st.lists(TEXTS, max_size=5, unique_by=str.strip)):
        row: dict[str, Any] = {"id": name}
        for field, values in {
            "unit": TEXTS,
            "due_on": st.one_of(DAYS, st.sampled_from(["2018-02-30", "soon", "2018年4月3日"])),
            "completed_on": st.one_of(DAYS, st.just("2018-02-30")),
            "accepted_on": DAYS,
            "target_met": st.sampled_from(["是", "否", True, "perhaps"]),
        }.items():
            if draw(st.booleans()):
                row[field] = draw(values)
        found.append(row)
    return found


def imported(tracker: er.Tracker, rows: list[dict[str, Any]], on: str | None = None) -> Any:
    try:
        return tracker.import_tasks(rows, on=on)
    except er.InputError as error:
        # An id that stands for nothing ("-"), or is the same as another once it is trimmed.
        if not {d.code for d in error.diagnostics} <= {"missing-id", "duplicate-id"}:
            raise
        return None


@few
@given(lists(), st.data())
def test_a_list_that_is_read_twice_doubles_nothing(rows: list[dict[str, Any]], data: st.DataObject) -> None:
    with tracker_with() as tracker:
        if imported(tracker, rows) is None:
            assert tracker.states() == []
            return
        answer = said(tracker, dt.date(2018, 5, 1))
        assert imported(tracker, data.draw(st.permutations(rows))).events == 0
        assert imported(tracker, rows, "2018-04-20").events == 0
        assert said(tracker, dt.date(2018, 5, 1)) == answer


@few
@given(lists())
def test_what_was_imported_comes_back_the_same_through_a_list(rows: list[dict[str, Any]]) -> None:
    day = dt.date(2018, 5, 1)
    with tracker_with() as first, tracker_with() as second:
        if imported(first, rows) is None:
            return
        given = er.check(PACK, {"task": rows or [{}]}, as_of=day, outcomes="all", rules="task.on-time").verdicts
        mine = first.check(day, outcomes="all", rules="task.on-time").verdicts
        if rows:
            assert {v.record_id: (v.outcome, v.value) for v in mine} == {
                v.record_id: (v.outcome, v.value) for v in given
            }
        states = first.states(day)
        if imported(second, [{n: c.raw for n, c in r.cells.items()} for r in states]) is not None:
            assert said(second, day) == said(first, day)


@pytest.mark.nightly
@settings(max_examples=500)
@given(happenings())
def test_every_pair_of_days_gives_the_state_of_those_days(tried: list[dict[str, Any]]) -> None:
    clock = Clock()
    with tracker_with(clock) as tracker:
        events = recorded(tracker, clock, tried)
        days = [FIRST + dt.timedelta(n) for n in range(-1, 14)]
        for as_of in days:
            for known_on in days:
                assert said(tracker, as_of, known_on) == expected(events, as_of, known_on)
