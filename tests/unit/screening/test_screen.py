"""Screening projects of the shipped pack: the answers, what would clear them, and what is asked."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import envrules as er
from envrules.diagnostics import CallError, InputError
from envrules.engines.durable import available
from envrules.screening.decision import Decision
from envrules.screening.screen import rescreen

AS_OF = "2020-12-31"
ENGINE = "durable" if available() else "reference"
GOOD = {
    "id": "P-1",
    "kind": "new",
    "capacity_status": "normal",
    "heavy_metal": False,
    "reserve_zone": "none",
    "in_water_source_protection": False,
    "takes_water": False,
    "livestock": False,
    "decision": "pending",
    "applied_on": "2020-03-05",
}
BOILER = {"id": "B-1", "zone": "built_up", "fuel": "coal", "kind": "new", "capacity": "30 t/h", "decision": "pending"}


def screened(*boilers: dict[str, Any], **changes: Any) -> Decision:
    return er.screen("jiuquan-2018", {**GOOD, **changes}, boilers=list(boilers), as_of=AS_OF)


@pytest.mark.parametrize(
    ("zone", "capacity", "answer"),
    [
        ("built_up", "20 t/h", "refuse"),
        ("built_up", "20.1 t/h", "clear"),
        ("built_up", "14 MW", "refuse"),
        ("built_up", "14.1 MW", "clear"),
        ("other", "20 t/h", "clear"),
        ("other", "14 MW", "clear"),
        ("other", "10 t/h", "refuse"),
        ("other", "<10", "refuse"),
        (None, "8 t/h", "refuse"),
        (None, "15 t/h", "ask"),
        (None, "21 t/h", "clear"),
    ],
)
def test_a_coal_boiler(zone: str | None, capacity: str, answer: str) -> None:
    assert screened({**BOILER, "zone": zone, "capacity": capacity}).decision == answer


def test_the_cures_are_computed_and_say_what_they_would_break() -> None:
    reason = screened({**BOILER, "capacity": 8}).reasons[0]
    assert (reason.rule, reason.record_id, reason.found, reason.needed) == ("boiler.approval.built-up", "B-1", 8, 20)
    said = [(c.words.en, c.words.zh, c.breaks) for c in reason.cures]
    assert said == [
        ("rated capacity above 20 t/h", "额定蒸发量大于20 t/h", ()),
        ("fuel other than coal or coal-water slurry", "燃料不为燃煤、水煤浆", ()),
        ("kind of construction other than new", "建设性质不为新建", ()),
        ("zone: elsewhere", "区域为其他地区", ("boiler.approval.other",)),
    ]


def test_a_cure_holds_when_it_is_made() -> None:
    """The change is made in the records, and the project screened anew."""
    assert screened({**BOILER, "capacity": 20.001}).decision == "clear"
    found = screened(reserve_zone="core", may_pollute=False)
    assert [c.words.en for c in found.cures] == ["reserve zone other than core zone or buffer zone"]
    assert screened(reserve_zone="experimental", may_pollute=False).decision == "clear"


def test_what_is_missing_does_not_matter_where_every_value_is_refused() -> None:
    found = screened({**BOILER, "capacity": 8, "zone": None})
    assert found.decision == "refuse"
    reason = found.reasons[0]
    assert reason.rules == ("boiler.approval.built-up", "boiler.approval.other")
    assert [[v[2:] for v in way.values] for way in reason.ways] == [[("zone", "built_up")], [("zone", "other")]]
    assert reason.cure is not None
    assert reason.cure.words.en == "rated capacity above 20 t/h"


def test_a_tannery_in_an_experimental_zone() -> None:
    found = er.screen("jiuquan-2018", {"id": "T", "reserve_zone": "实验区", "may_pollute": "是"}, as_of=AS_OF)
    assert (found.decision, [r.rule for r in found.reasons]) == ("refuse", ["reserve.project-experimental"])
    assert [c.words.zh for c in found.cures] == ["可能造成污染破坏：否"]


def test_everything_unknown_asks_for_all_that_matters_and_nothing_else() -> None:
    found = er.screen("jiuquan-2018", {}, as_of=AS_OF)
    assert found.decision == "ask"
    asked = [q.field for q in found.questions]
    assert asked[0] == "reserve_zone"
    assert len(asked) == len(set(asked)) == 15
    assert not {"decision", "county", "eia_approved", "applied_on"} & set(asked)
    assert "decision not given, taken as pending" in found.notes[0].en


def test_only_what_can_still_matter_is_asked() -> None:
    found = screened(livestock=None, in_livestock_ban_zone=None, takes_water=True, water_permit=True, water_use=5)
    assert {q.field for q in found.questions} == {"livestock", "in_livestock_ban_zone", "water_quota"}
    assert screened(livestock=None, in_livestock_ban_zone=False).decision == "clear"


def test_a_question_has_its_words_and_answers() -> None:
    question = screened({**BOILER, "capacity": 15, "zone": None}).questions[0]
    assert question.words.zh.startswith("锅炉审批B-1的区域")
    assert [(v, w.zh) for v, w in question.answers] == [("built_up", "城市建成区"), ("other", "其他地区")]


def test_the_questions_settle_the_case_whatever_the_answers() -> None:
    found = screened({**BOILER, "zone": None, "capacity": 15, "kind": None}, reserve_zone=None, may_pollute=None)
    for n in range(200):
        answers = {
            q.at: q.answers[(n // 3**i) % len(q.answers)][0] if q.answers else None
            for i, q in enumerate(found.questions)
        }
        assert rescreen(found, answers).decision != "ask"


def test_clear_says_what_was_checked_and_what_does_not_apply() -> None:
    found = screened(BOILER)
    assert found.decision == "clear"
    assert {c.rule for c in found.checked} >= {"boiler.approval.built-up", "reserve.project-core"}
    why = {c.rule: c.why.en for c in found.not_applicable}
    assert why["livestock.new-in-ban-zone"] == "livestock project: no"
    assert why["boiler.approval.other"] == "zone: built-up area"
    assert "not checked" in {c.rule: c.why.en for c in screened().not_applicable}["boiler.approval.other"]


def test_a_refused_application_is_nobodys_concern() -> None:
    assert screened(reserve_zone="core", decision="refused").decision == "clear"
    assert screened(reserve_zone="core", applied_on="2018-03-21").decision == "clear"
    assert screened(reserve_zone="core", applied_on="2021-03-21").decision == "ask"


def test_an_answer_is_data(tmp_path: Path) -> None:
    found = screened({**BOILER, "capacity": 8, "zone": None}, reserve_zone="core")
    data = json.loads(json.dumps(found.as_dict(), allow_nan=False))
    assert data["engine"] == ENGINE
    assert data["reasons"][0]["rules"] == ["reserve.project-core"]
    assert "不予通过" in found.text("zh")
    assert "coal_fired = true" in found.explain().text()
    assert found.to_mermaid().startswith("flowchart LR\n")
    assert found.to_svg("zh").count("<rect") == len(found.to_mermaid("zh").split("]:::"))


def test_a_name_cannot_break_the_pictures() -> None:
    found = screened({**BOILER, "id": 'B"]<script>\x1b', "capacity": 8})
    assert "<script" not in found.to_svg()
    assert "<script" not in found.to_mermaid()
    assert "\x1b" not in found.text() + found.to_svg() + found.to_mermaid()


def test_a_pack_that_screens_nothing(tmp_path: Path) -> None:
    (tmp_path / "pack.yaml").write_text("schema: envrules/1\npack: p\nversion: 0.1.0\n", "utf-8")
    with pytest.raises(CallError) as raised:
        er.screen(tmp_path, {})
    assert [d.code for d in raised.value.diagnostics] == ["no-screening"]


def test_what_cannot_be_read_is_said() -> None:
    with pytest.raises(InputError) as raised:
        er.screen("jiuquan-2018", {"id": "P", "boilrs": [{}]})
    assert [d.code for d in raised.value.diagnostics] == ["unknown-record"]
    with pytest.raises(InputError) as raised:
        er.screen("jiuquan-2018", 7)
    assert [d.code for d in raised.value.diagnostics] == ["record-kind"]
    found = er.screen_all("jiuquan-2018", [{**GOOD, "reserve_zone": "somewhere"}], as_of=AS_OF)
    assert found.decisions[0].decision == "ask"
    assert [p.code for p in found.problems] == ["unknown-value"]


def test_boilers_of_nobody_are_named() -> None:
    given = {"project": [GOOD, {**GOOD, "id": "P-2"}], "boilers": [BOILER, {**BOILER, "id": "B-2", "project": "P-2"}]}
    found = er.screen_all("jiuquan-2018", [given], as_of=AS_OF)
    assert [w.code for w in found.warnings] == ["unlinked-record"]
    assert found.exit_code() == 3


def test_linked_records_may_be_a_frame_or_a_file(tmp_path: Path) -> None:
    import pandas as pd

    rows = [{**BOILER, "capacity": 8}]
    assert er.screen("jiuquan-2018", GOOD, boilers=pd.DataFrame(rows), as_of=AS_OF).decision == "refuse"
    file = tmp_path / "boilers.csv"
    file.write_text("project,zone,fuel,kind,capacity\nP-1,built_up,coal,new,8\nP-9,other,coal,new,8\n", "utf-8")
    found = er.screen("jiuquan-2018", GOOD, boilers=file, as_of=AS_OF)
    assert (found.decision, len(found.reasons)) == ("refuse", 1)
    assert any("P-9" in note.en for note in found.notes)


def test_an_unusable_value_is_unknown_and_said() -> None:
    found = screened(reserve_zone="somewhere")
    assert (found.decision, [q.field for q in found.questions]) == ("ask", ["reserve_zone", "may_pollute"])
    assert any("counts as unknown" in note.en for note in found.notes)
