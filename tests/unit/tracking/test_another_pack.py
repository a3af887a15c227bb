"""Tasks of another pack: other levels, other thresholds, other steps and fields, in YAML alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import envrules as er

PACK = """\
schema: envrules/1
pack: harbour
version: 0.1.0
title: {en: Harbour works, zh: 港口整改}
effective: 2018-01-01
enums:
  light:
    ordered: true
    values: {green: {en: green, zh: 绿灯}, blue: {en: blue, zh: 蓝色}, purple: {en: purple, zh: 紫色}}
  risk:
    ordered: true
    values: {low: {en: low, zh: 低}, high: {en: high, zh: 高}}
"""
TASK = """\
schema: envrules/1
record: task
label: {en: works order, zh: 整改任务}
fields:
  unit: {kind: text, label: {en: unit, zh: 责任单位}}
  due_on: {kind: date, label: {en: due on, zh: 时限}}
  completed_on: {kind: date, empty: not done, label: {en: completed on, zh: 完成日期}}
  inspected_on: {kind: date, empty: not done, label: {en: inspected on, zh: 复查日期}}
  cost: {kind: quantity, unit: yuan, label: {en: cost, zh: 费用}}
  depth: {kind: number, label: {en: depth, zh: 深度}}
  risk: {kind: enum, enum: risk, label: {en: risk, zh: 风险}}
  month: {kind: month, label: {en: month, zh: 月份}}
"""
DAYS = """\
schema: envrules/1
clause: '7'
title: {en: Lights, zh: 亮灯}
rules:
  - id: order.light
    title: {en: Lights, zh: 亮灯}
    record: task
    derive:
      days_overdue: {value: (completed_on if completed_on is filled else as_of) - due_on}
      light:
        enum: light
        hit: first
        rows:
          - {when: days_overdue > 30 day, then: purple}
          - {when: days_overdue > 3 day, then: blue}
          - {then: green}
    require: light == green
    output: light
"""
COST = """\
schema: envrules/1
clause: '8'
title: {en: Cost, zh: 费用}
rules:
  - id: order.risk
    title: {en: Risk, zh: 风险}
    record: task
    derive:
      danger:
        enum: risk
        hit: first
        rows:
          - {when: cost > 1e4 yuan and inspected_on is not filled and due_on < as_of, then: high}
          - {then: low}
    require: danger == low
    output: danger
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("harbour")
    (folder / "records").mkdir()
    (folder / "pack.yaml").write_text(PACK, "utf-8")
    (folder / "records" / "task.yaml").write_text(TASK, "utf-8")
    (folder / "7.yaml").write_text(DAYS, "utf-8")
    return folder


@pytest.fixture
def days(folder: Path, file: Path, clock: Any) -> Any:
    """A tracker with the rule that counts days."""
    (folder / "8.yaml").unlink(missing_ok=True)
    with er.Tracker(file, folder, clock=clock) as one:
        yield one


@pytest.fixture
def both(folder: Path, file: Path, clock: Any) -> Any:
    """A tracker with a second rule that gives a level, and counts no days."""
    (folder / "8.yaml").write_text(COST, "utf-8")
    with er.Tracker(file, folder, clock=clock) as one:
        yield one


def test_its_levels_and_days_are_its_own(days: Any) -> None:
    days.open("A", due_on="2018-05-31", unit="甲")
    for day, expected in [
        ("2018-06-03", []),
        ("2018-06-04", [("A", "blue", 4, "7")]),
        ("2018-06-30", [("A", "blue", 30, "7")]),
        ("2018-07-01", [("A", "purple", 31, "7")]),
    ]:
        assert [(a.task, a.level, a.days_overdue, a.clause) for a in days.alerts(day)] == expected
    assert dict(days.board("2018-07-01")[0].levels) == {"green": 0, "blue": 0, "purple": 1}
    assert days.levels("A", "2018-06-04") == {"order.light": "blue"}
    assert [d.task for d in days.due(5, "2018-05-30")] == ["A"]
    days.record("A", "completed", "2018-06-02")
    assert days.alerts("2018-07-01") == []


def test_its_steps_and_fields_are_its_own(days: Any) -> None:
    assert {"inspected", "复查", "completed"} <= {w for k in days.kinds.values() for w in (k.name, *k.label.both())}
    assert not {"accepted", "self_checked", "target_met", "complaints_settled"} & days.kinds.keys()
    days.open("A", cost="1.2e4 yuan", depth="<10", risk="高", month="2018年5月")
    days.record("A", "复查", "2018-05-02")
    again = days.state("A", "2018-05-02")
    assert again.value("risk") == "high"
    assert str(again.value("cost")) == "12000"
    assert str(again.value("depth")) == "(-inf, 10)"
    assert "inspected_on" in again.cells


def test_two_rules_give_two_levels(both: Any) -> None:
    both.open("A", due_on="2018-05-31", cost="2e4", unit="甲")
    both.open("B", due_on="2018-06-30", cost="5000", unit="甲")
    assert [(a.task, a.level, a.rule, a.days_overdue) for a in both.alerts("2018-06-10")] == [
        ("A", "blue", "order.light", 10),
        ("A", "high", "order.risk", None),
    ]
    assert [(r.rule, r.unit, dict(r.levels)) for r in both.board("2018-06-10")] == [
        ("order.light", "甲", {"green": 1, "blue": 1, "purple": 0}),
        ("order.risk", "甲", {"low": 1, "high": 1}),
    ]
    assert both.levels("A", "2018-06-10") == {"order.light": "blue", "order.risk": "high"}
    # A rule that counts no days says of two days what it says of any: there is no alert now, and there is one then.
    assert [(d.task, d.rule) for d in both.due(5, "2018-05-30")] == [("A", "order.light"), ("A", "order.risk")]
    assert [(d.task, d.rule) for d in both.due(0, "2018-05-30")] == []


def test_a_pack_without_levels_says_so(folder: Path, file: Path, tmp_path: Path) -> None:
    bare = tmp_path / "bare"
    (bare / "records").mkdir(parents=True)
    (bare / "pack.yaml").write_text(PACK.replace("harbour", "bare"), "utf-8")
    (bare / "records" / "task.yaml").write_text(TASK, "utf-8")
    with er.Tracker(file, bare) as tracker:
        tracker.open("A", due_on="2018-05-31")
        assert [e.kind for e in tracker.timeline("A")] == ["opened"]
        assert tracker.levels("A") == {}
        with pytest.raises(er.CallError, match="gives a task a level") as error:
            tracker.alerts()
    assert [d.code for d in error.value.diagnostics] == ["unknown-rule"]


def test_a_file_outlives_its_pack(days: Any, file: Path, pack: er.Pack) -> None:
    """What one pack recorded is there for another: fields that this one does not have are left alone, not lost."""
    days.open("A", due_on="2018-05-31", cost="5 yuan")
    with er.Tracker(file, pack) as other:
        assert "cost" not in other.state("A").cells
        assert [(a.task, a.level) for a in other.alerts("2018-06-01")] == [("A", "yellow..red")]
    assert str(days.state("A").value("cost")) == "5"
