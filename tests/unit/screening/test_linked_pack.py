"""Another pack screens in YAML alone: joins, not-exists and counts over linked records and circumstances."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

import envrules as er
from envrules.analysis.lint import lint
from envrules.analysis.testing import run_rule_cases
from envrules.diagnostics import PackError
from envrules.engines.durable import available
from envrules.screening.decision import Decision

ENGINE = "durable" if available() else "reference"

FOLDER = Path(__file__).parents[3] / "examples" / "heat-plan"
PROJECT = {"id": "P", "county": "east", "zone": "z", "assessment": "report"}
AROUND: dict[str, Any] = {
    "county_state": [{"id": "east", "backup_source": True}],
    "quota": [{"id": "q", "county": "east", "capacity": 100}],
    "place": [{"id": "z", "protection": "none"}],
}


@pytest.fixture(scope="module")
def pack() -> er.Pack:
    return er.load_pack(FOLDER)


def screened(pack: er.Pack, boilers: list[dict[str, Any]] | None, **more: Any) -> Decision:
    linked = {} if boilers is None else {"boilers": boilers}
    return er.screen(pack, PROJECT, as_of="2024-01-01", **linked, **{**AROUND, **more})


def answer(pack: er.Pack, boilers: list[dict[str, Any]], **more: Any) -> tuple[str, list[str]]:
    found = screened(pack, boilers, **more)
    return found.decision, [r.rule for r in found.reasons] or [q.field for q in found.questions]


def test_the_pack_has_nothing_to_mend_and_its_cases_hold(pack: er.Pack) -> None:
    assert lint(pack) == []
    assert [r.detail for rule in pack.rules.values() for r in run_rule_cases(pack, rule) if not r.ok] == []


def test_any_boiler_where(pack: er.Pack) -> None:
    small, large = {"fuel": "coal", "capacity": 10}, {"fuel": "coal", "capacity": 40}
    assert answer(pack, [large, large]) == ("clear", [])
    assert answer(pack, [large, small]) == ("refuse", ["heat.no-small-coal"])
    assert answer(pack, [{"fuel": "gas", "capacity": 10}]) == ("clear", [])
    assert answer(pack, [{"capacity": 10}]) == ("ask", ["fuel"])


def test_a_cure_of_a_linked_record_is_computed(pack: er.Pack) -> None:
    found = screened(pack, [{"id": "B", "fuel": "coal", "capacity": 10}])
    assert {(c.record_id, c.words.en, c.breaks) for c in found.reasons[0].cures} == {
        ("B", "fuel: gas", ()),
        ("B", "capacity above 20 t/h and at most 100 t/h", ()),
        ("B", "capacity above 100 t/h", ("heat.quota",)),
    }


def test_no_backup_source_in_the_county(pack: er.Pack) -> None:
    state = [{"id": "east", "backup_source": False}, {"id": "west", "backup_source": True}]
    assert answer(pack, [], county_state=state) == ("refuse", ["heat.backup-source"])
    assert answer(pack, [], county_state=[]) == ("refuse", ["heat.backup-source"])
    assert answer(pack, [], county_state=[{"id": "east"}]) == ("ask", ["backup_source"])


def test_the_sum_of_all_boilers_against_a_quota(pack: er.Pack) -> None:
    found = screened(pack, [{"fuel": "gas", "capacity": 60}, {"fuel": "gas", "capacity": 41}])
    assert [r.rule for r in found.reasons] == ["heat.quota"]
    assert [c.words.en for c in found.reasons[0].cures] == [
        "capacity at most 59 t/h",
        "capacity at most 40 t/h",
        "total capacity at least 101 t/h",
    ]


def test_a_protected_place_that_is_joined(pack: er.Pack) -> None:
    places = [{"id": "z", "protection": "core"}, {"id": "y", "protection": "none"}]
    assert answer(pack, [], place=places) == ("refuse", ["heat.protected-place"])
    said = {c.rule: c.why.en for c in screened(pack, []).checked}
    assert said["heat.protected-place"] == "place z protection: none"


def test_a_size_class_that_follows_from_all_boilers(pack: er.Pack) -> None:
    boilers = [{"id": "a", "fuel": "gas", "capacity": 60}, {"id": "b", "fuel": "gas", "capacity": 40}]
    found = er.screen(pack, {**PROJECT, "assessment": "form"}, boilers=boilers, as_of="2024-01-01", **AROUND)
    assert [r.rule for r in found.reasons] == ["heat.assessment"]
    assert found.engine == ENGINE
    derived = {f.name: (f.value.en, f.rule, [s.name for s in f.sources]) for f in found.derived}
    assert derived == {
        "sum(boilers.capacity)": ("100 t/h", "heat.assessment", ["capacity", "capacity"]),
        "total": ("100 t/h", "heat.assessment.total", ["sum(boilers.capacity)"]),
        "size": ("large", "heat.assessment.size", ["total"]),
    }


def test_a_chain_of_derived_facts_names_rules_and_sources(pack: er.Pack) -> None:
    found = screened(pack, [{"id": "B", "fuel": "coal", "capacity": 10}])
    data = [f for f in found.as_dict()["derived"] if f["record_id"] == "B"]
    assert [(f["name"], f["rule"], f["value"]["zh"]) for f in data] == [
        ("small", "heat_boiler.small", "是"),
        ("banned", "heat_boiler.banned", "是"),
    ]
    assert [(s["name"], s["value"]["en"]) for s in data[1]["from"]] == [("small", "yes"), ("fuel", "coal")]
    text, chinese = found.text(), found.text("zh")
    assert "[B] banned kind of boiler: yes, by heat_boiler.banned (" in text
    assert "[B] 禁止类锅炉：是，依据heat_boiler.banned（" in chinese
    tree = found.explain().text()
    assert "derived any(boilers.banned) = yes   [by heat.no-small-coal]" in tree
    drawn = found.to_mermaid()
    order = [drawn.index(word) for word in ("capacity: 10 t/h", "small boiler: yes", "banned kind of boiler: yes")]
    assert order == sorted(order)


def test_a_record_that_is_not_there_is_asked_for(pack: er.Pack) -> None:
    assert answer(pack, [{"fuel": "gas", "capacity": 1}], quota=[]) == ("ask", ["capacity"])
    found = er.screen(pack, {"id": "P"})
    assert "no boiler was given; what the rules say of it was not checked" in [n.en for n in found.notes]


def test_records_that_were_not_given_are_asked_for_and_an_empty_list_is_an_answer(pack: er.Pack) -> None:
    found = screened(pack, None)
    assert found.decision == "ask"
    assert [(q.kind, q.record_type, q.rules) for q in found.questions] == [
        ("records", "heat_boiler", ("heat.no-small-coal", "heat.quota"))
    ]
    assert found.questions[0].words.zh == "有哪些锅炉？请逐项提供；没有的，给出空表"
    assert screened(pack, []).decision == "clear"


def test_records_that_say_different_things_are_asked_about(pack: er.Pack) -> None:
    quotas = [{"id": "Q1", "county": "east", "capacity": 30}, {"id": "Q2", "county": "east", "capacity": 81}]
    found = screened(pack, [{"fuel": "gas", "capacity": 60}], quota=quotas)
    assert found.decision == "ask"
    assert [(q.words.en, q.known.en, q.known.zh) for q in found.questions] == [
        ("quota: what is the total capacity in t/h?", "30 t/h or 81 t/h", "30 t/h、81 t/h")
    ]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{record: projct}", "unknown-record"),
        ("{record: project, linked: {b: {record: boiler_application, key: projct}}}", "unknown-field"),
        ("{record: project, linked: {b: {record: boiler_application, key: capacity}}}", "document-value"),
        ("{record: project, suppose: {project: {decision: perhaps}}}", "document-value"),
        ("{record: project, suppose: {boiler: {status: operating}}}", "unknown-record"),
        ("{record: project, rules: [nothing.*]}", "unknown-rule"),
        ("{record: project, link: {}}", "unknown-key"),
    ],
)
def test_a_wrong_declaration_does_not_load(tmp_path: Path, text: str, code: str) -> None:
    head = dedent(
        f"""\
        schema: envrules/1
        pack: p
        version: 0.1.0
        extends: jiuquan-2018
        screening: {text}
        """
    )
    (tmp_path / "pack.yaml").write_text(head, "utf-8")
    with pytest.raises(PackError) as raised:
        er.load_pack(tmp_path)
    assert code in [d.code for d in raised.value.diagnostics]
