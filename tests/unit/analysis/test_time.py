"""How outcomes move with the evaluation date: in force, due and overdue, exactly as the semantics has it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import envrules as er
from envrules.diagnostics import CallError
from envrules.pack.load import load_pack
from envrules.pack.pack import Pack
from envrules.verdict import Verdict

PACK = """
schema: envrules/1
pack: dates
version: 1.0.0
effective: 2018-03-22
expires: 2025-12-31
"""
#: A record type with a date, one with a year, one without either.
RECORDS = {
    "sample": "date: day\nfields: {day: {kind: date}, value: {kind: quantity, unit: mg/L}}\n",
    "figure": "date: year\nfields: {year: {kind: year}, value: {kind: quantity, unit: '%'}}\n",
    "task": "fields: {finish_by: {kind: date}, done: {kind: date, empty: not done}}\n",
}
RULES = """
schema: envrules/1
clause: "1"
rules:
  - {id: sample.limit, title: T, record: sample, require: value <= 5 mg/L}
  - {id: sample.due, title: T, record: sample, require: value <= 5 mg/L, due: 2020-01-01}
  - {id: figure.due, title: T, record: figure, require: value >= 80 %, due: 2020-12-31}
  - {id: task.due, title: T, record: task, require: done is filled and done <= finish_by, due: finish_by}
  - {id: task.now, title: T, record: task, require: done is filled}
  - id: sample.monthly
    title: T
    record: sample
    group: {month: {key: month(day), from: 2018-11}}
    require: count() >= 1
"""


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Pack:
    folder = tmp_path_factory.mktemp("dates")
    (folder / "records").mkdir()
    (folder / "pack.yaml").write_text(PACK, "utf-8")
    (folder / "rules.yaml").write_text(RULES, "utf-8")
    for name, text in RECORDS.items():
        (folder / "records" / f"{name}.yaml").write_text(f"schema: envrules/1\nrecord: {name}\n{text}", "utf-8")
    return load_pack(folder)


def verdict(pack: Pack, rule: str, record: dict[str, object], as_of: str) -> Verdict:
    found = er.check(pack, {rule.split(".")[0]: [{"id": "x", **record}]}, as_of=as_of, rules=rule, outcomes="all")
    (only,) = found.verdicts
    return only


@pytest.mark.parametrize(
    ("rule", "record", "as_of", "outcome"),
    [
        # A dated record is in force by its own date, whenever it is judged; both end days count.
        ("sample.limit", {"day": "2018-03-21", "value": 9}, "2020-01-01", "not_in_force"),
        ("sample.limit", {"day": "2018-03-22", "value": 9}, "2020-01-01", "violation"),
        ("sample.limit", {"day": "2025-12-31", "value": 9}, "2030-01-01", "violation"),
        ("sample.limit", {"day": "2026-01-01", "value": 9}, "2030-01-01", "not_in_force"),
        # After the evaluation date nothing is due; on the day itself it is.
        ("sample.limit", {"day": "2020-01-02", "value": 9}, "2020-01-01", "not_due"),
        ("sample.limit", {"day": "2020-01-02", "value": 1}, "2020-01-01", "not_due"),
        ("sample.limit", {"day": "2020-01-02", "value": 9}, "2020-01-02", "violation"),
        # In force is asked before the future.
        ("sample.limit", {"day": "2026-01-01", "value": 9}, "2020-01-01", "not_in_force"),
        # Without a date the evaluation date stands for it.
        ("sample.limit", {"value": 9}, "2018-03-21", "not_in_force"),
        ("sample.limit", {"value": 9}, "2018-03-22", "violation"),
        ("sample.limit", {"value": 9}, "2026-01-01", "not_in_force"),
        # A dated record counts from the due day on, and a pass needs no due day.
        ("sample.due", {"day": "2019-12-31", "value": 9}, "2024-01-01", "not_due"),
        ("sample.due", {"day": "2019-12-31", "value": None}, "2024-01-01", "not_due"),
        ("sample.due", {"day": "2019-12-31", "value": 5}, "2024-01-01", "pass"),
        ("sample.due", {"day": "2020-01-01", "value": 9}, "2024-01-01", "violation"),
        ("sample.due", {"day": "2020-01-01", "value": None}, "2024-01-01", "indeterminate"),
        # A year stands at its last day.
        ("figure.due", {"year": 2020, "value": 70}, "2020-12-30", "not_due"),
        ("figure.due", {"year": 2020, "value": 70}, "2020-12-31", "violation"),
        ("figure.due", {"year": 2019, "value": 70}, "2030-12-31", "not_due"),
        ("figure.due", {"year": 2017, "value": 70}, "2020-12-31", "not_in_force"),
        ("figure.due", {"year": 2018, "value": 90}, "2020-12-31", "pass"),
        # A duty without a date may still be done on its due day.
        ("task.due", {"finish_by": "2020-06-30"}, "2020-06-30", "not_due"),
        ("task.due", {"finish_by": "2020-06-30"}, "2020-07-01", "violation"),
        ("task.due", {"finish_by": "2020-06-30", "done": "2020-06-30"}, "2020-06-30", "pass"),
        ("task.due", {"finish_by": "2020-06-30", "done": "2020-07-01"}, "2020-07-01", "violation"),
        ("task.due", {"finish_by": None}, "2020-07-01", "indeterminate"),
        ("task.now", {}, "2018-03-21", "not_in_force"),
        ("task.now", {}, "2018-03-22", "violation"),
        ("task.now", {}, "2025-12-31", "violation"),
        ("task.now", {}, "2026-01-01", "not_in_force"),
    ],
)
def test_outcome_at_a_date(pack: Pack, rule: str, record: dict[str, object], as_of: str, outcome: str) -> None:
    assert verdict(pack, rule, record, as_of).outcome == outcome


def test_shortfall_is_shown_before_it_is_due(pack: Pack) -> None:
    found = verdict(pack, "figure.due", {"year": 2019, "value": 70}, "2020-06-30")
    assert (found.outcome, found.observed, found.limit, found.margin, found.unit) == ("not_due", 70, 80, -10, "%")


def test_a_date_that_is_not_given_is_said(pack: Pack) -> None:
    notes = verdict(pack, "sample.limit", {"value": 9}, "2020-01-01").notes
    assert notes == ("day is not given; judged at the evaluation date",)


# --- two dates -------------------------------------------------------------------------------------------------------


def changes(pack: Pack, records: dict[str, object], first: str, second: str) -> list[tuple[object, ...]]:
    found = er.between(pack, records, first, second)
    return [(c.rule, c.judged, c.before, c.after, c.effect) for c in found.change_list]


def test_what_becomes_a_violation_and_what_stops(pack: Pack) -> None:
    task = {
        "task": [{"id": "t", "finish_by": "2020-06-30"}, {"id": "u", "finish_by": "2020-06-30", "done": "2020-06-01"}]
    }
    overdue = ("task.due", "t", "not_due", "violation", "violation")
    assert changes(pack, task, "2020-06-30", "2020-07-01") == [overdue]
    assert changes(pack, task, "2020-07-01", "2020-06-30") == [("task.due", "t", "violation", "not_due", "ended")]
    assert changes(pack, task, "2020-07-01", "2025-12-31") == []
    assert changes(pack, task, "2025-12-31", "2026-01-01") == [
        ("task.due", "t", "violation", "not_in_force", "ended"),
        ("task.due", "u", "pass", "not_in_force", "other"),
        ("task.now", "t", "violation", "not_in_force", "ended"),
        ("task.now", "u", "pass", "not_in_force", "other"),
    ]


def test_margin_is_there_before_the_due_date(pack: Pack) -> None:
    figures = {"figure": [{"id": "f", "year": 2020, "value": 70}]}
    (only,) = er.between(pack, figures, "2020-06-30", "2020-12-31").change_list
    assert (only.before, only.after, only.observed, only.limit_after) == ("not_due", "violation", 70, 80)
    assert (only.margin_before, only.margin_after, only.unit) == (-10, -10, "%")


def test_a_period_that_has_ended_in_between(pack: Pack) -> None:
    samples = {"sample": [{"id": "s", "day": "2018-11-05", "value": 1}]}
    assert changes(pack, samples, "2018-12-30", "2019-01-31") == [
        ("sample.monthly", "month=2018-12", None, "violation", "violation"),
        ("sample.monthly", "month=2019-01", None, "violation", "violation"),
    ]


def test_frame_and_exit_code(pack: Pack) -> None:
    task = {"task": iter([{"id": "t", "finish_by": "2020-06-30"}])}
    found = er.between(pack, task, "2020-06-30", "2020-07-01")
    assert found.changes.loc[0, ["record_id", "before", "after"]].tolist() == ["t", "not_due", "violation"]
    assert (found.exit_code(), er.between(pack, {"task": []}, "2020-06-30", "2020-07-01").exit_code()) == (1, 0)
    with pytest.raises(CallError):
        er.between(pack, {"task": []}, "2020-06-30", "tomorrow")


def test_command_with_two_dates(pack: Pack, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from envrules.cli.run import run

    table = tmp_path / "tasks.csv"
    table.write_text("id,finish_by,done\nt,2020-06-30,\n", "utf-8")
    call = ["check", "--pack", pack.source, "--as-of", "2020-06-30", f"task={table}", "--and-as-of"]
    assert run([*call, "2020-07-01"]) == 1
    out = capsys.readouterr().out
    assert "task.due  1  due finish_by" in out
    assert "1 becomes a violation; 0 stop being one; 0 other changes." in out
    assert run([*call, "2020-07-01", "--format", "json"]) == 1
    data = json.loads(capsys.readouterr().out)
    assert data["counts"] == {"violation": 1, "ended": 0, "other": 0}
    assert (data["as_of"], data["and_as_of"], data["changes"][0]["record_id"]) == ("2020-06-30", "2020-07-01", "t")
    assert run([*call, "2020-06-29"]) == 0
    assert "Nothing changes between the two dates." in capsys.readouterr().out
    target = tmp_path / "out.json"
    assert run([*call, "2020-07-01", "--format", "json", "--out", str(target)]) == 1
    assert json.loads(target.read_text("utf-8")) == data
    for wrong in (["--format", "xlsx"], ["--outcomes", "all"]):
        assert run([*call, "2020-07-01", *wrong]) == 2
    assert run([*call, "soon"]) == 2
