"""The rules of a pack as a list, one in full, and as JSON; the pages of the codes."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import pytest

from envrules.diagnostics import CallError
from envrules.pack.load import load_pack
from envrules.pack.pack import Pack
from envrules.report.from_pack import clause_titles, rule_details, rule_texts
from envrules.report.pages import codes, read_page, render_page
from envrules.report.rulebook import find_rules, rule_text, rules_json, rules_table


@cache
def pack() -> Pack:
    return load_pack("jiuquan-2018")


def ids(**wanted: Any) -> list[str]:
    return [rule.id for rule in find_rules(pack(), pack().rules.values(), **wanted)]


def test_rules_of_a_clause_and_below() -> None:
    assert "coal.sulfur.built-up" in ids(clause="四(三)2")
    assert set(ids(clause="四(三)2")) < set(ids(clause="四（三）"))
    assert set(ids(clause=" 四(三) ")) < set(ids(clause="四"))


def test_rules_by_record_and_text() -> None:
    assert {"boiler.retire.built-up", "boiler.upgrade"} <= set(ids(record="boiler"))
    assert set(ids(text="硫", record="coal_lot")) == {"coal.sulfur.built-up", "coal.sulfur.other"}
    assert ids(text="COAL.SULFUR") == ids(text="coal.sulfur")
    assert ids(text="没有这个词") == []


@pytest.mark.parametrize(
    ("wanted", "code", "hint"),
    [({"clause": "四(三)22"}, "call-value", "四(三)2"), ({"record": "boilr"}, "unknown-record", "boiler")],
)
def test_what_the_pack_lacks_is_refused(wanted: dict[str, str], code: str, hint: str) -> None:
    with pytest.raises(CallError) as caught:
        ids(**wanted)
    assert caught.value.diagnostics[0].code == code
    assert hint in caught.value.diagnostics[0].hint


def test_a_rule_in_full() -> None:
    rule = pack().rules["coal.sulfur.built-up"]
    shown = rule_text(pack(), rule, 100)
    for text in (
        rule.id,
        rule.title.zh,
        rule.clause,
        rule.require_text,
        rule.citation.phrase,
        rule.readings[0].zh[:10],
    ):
        assert text in shown
    assert all(len(line) <= 100 for line in rule_text(pack(), rule, 100).splitlines())


def test_rules_as_json_and_as_a_table() -> None:
    rules = find_rules(pack(), pack().rules.values(), record="boiler")
    found = json.loads(rules_json(rules))
    assert [r["id"] for r in found] == [r.id for r in rules]
    assert all(r["cases"] and r["require"] and r["citation"]["phrase"] for r in found)
    for width in (80, 110, 150):
        shown = rules_table(pack(), rules, width)
        assert all(rule.id in shown for rule in rules)
    assert "No rule fits." in rules_table(pack(), [], 80)


def test_what_reports_tell_of_a_pack() -> None:
    assert rule_texts(pack())["coal.sulfur.built-up"][1] == pack().rules["coal.sulfur.built-up"].title.zh
    assert (
        clause_titles(pack())["四(三)2"] == ("Coal quality", "加强煤炭质量管控") or clause_titles(pack())["四(三)2"][1]
    )
    assert rule_details(pack())["coal.sulfur.built-up"].require == pack().rules["coal.sulfur.built-up"].require_text


def test_pages_are_found_by_code() -> None:
    assert "unit-mismatch" in codes()
    assert read_page("no-such-code") is None
    assert read_page("unit-mismatch/../unit-mismatch") is None
    page = read_page("unit-mismatch")
    assert page is not None
    shown = render_page(page, 70)
    assert "unit-mismatch" in shown
    assert "\x1b[" in render_page(page, 70, True)


def test_a_rule_in_full_has_its_data_and_cases() -> None:
    rule = pack().rules["boiler.retire.built-up"]
    text = rule_text(pack(), rule, 110)
    for said in (
        "rated capacity",
        "额定蒸发量不超过10",
        "Data it needs",
        "coal_water_slurry",
        "exactly 10 t/h",
        "violation",
    ):
        assert said in text
    related = rule_text(pack(), pack().rules["water-taking.cap"], 110)
    assert "数值不超过“cap”的数值" in related
    (found,) = json.loads(rules_json([rule], pack()))
    assert found["data"] == {"boiler": ["zone", "fuel", "capacity", "status"]}


def test_rules_are_found_by_words_of_either_language() -> None:
    assert ids(text="额定蒸发量") == ids(text="RATED  capacity")
    assert ids(text="（含）") == ids(text="(含)") != []
    assert ids(record="锅炉") == ids(record="boiler")
