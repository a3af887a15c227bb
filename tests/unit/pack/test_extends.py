"""Packs that build on packs: what a county's pack may add to a city's, what it may change, and what is refused."""

from __future__ import annotations

import datetime as dt
import os
import shutil
import zipfile
from pathlib import Path
from textwrap import dedent

import pytest

from envrules import check
from envrules.analysis.testing import run_cases
from envrules.diagnostics import Diagnostic, PackError
from envrules.pack.load import MAX_EXTENDS, load_pack
from envrules.pack.pack import Pack

CITY = {
    "pack.yaml": """
        schema: envrules/1
        pack: city
        version: 1.0.0
        document: {title: {en: City plan}, date: 2018-03-22}
        effective: 2018-03-22
        calendar: china
        cases: {as_of: 2020-12-31}
        units: ["jin = 500 * gram = 斤"]
        subjects: {report.unit: [环保局]}
        enums:
          zone: {values: {built_up: {zh: 建成区}, other: {zh: 其他}}}
          water: {ordered: true, values: {I: {}, II: {}, III: {}}}
          place: {extends: zone, values: {whole: {zh: 全市}}}
        clauses:
          - id: "1"
            title: {en: Coal}
            clauses: [{id: "1.1", title: {en: Quality}}, {id: "1.2", no_rules: {en: advice}}]
    """,
    "records/coal_lot.yaml": """
        schema: envrules/1
        record: coal_lot
        label: {en: coal lot, zh: 煤炭批次}
        aliases: [煤质台账]
        date: sampled_on
        fields:
          zone: {kind: enum, enum: zone}
          place: {kind: enum, enum: place}
          water: {kind: enum, enum: water}
          activity: {kind: enum, values: {sale: {zh: 销售}, use: {zh: 使用}}}
          sulfur: {kind: quantity, unit: '%', aliases: [硫分]}
          sampled_on: {kind: date}
        derived:
          clean: {value: sulfur <= 0.5 %}
    """,
    "coal.yaml": """
        schema: envrules/1
        clause: "1.1"
        rules:
          - id: coal.sulfur
            title: Sulfur
            record: coal_lot
            when: zone == built_up
            require: sulfur <= 0.8 %
            cases:
              - {name: good, record: {zone: built_up, sulfur: 0.8, sampled_on: 2020-01-01}, outcome: pass, margin: 0}
              - {name: not yet, record: {zone: built_up, sulfur: 0.9, sampled_on: 2021-01-01}, outcome: not_due}
          - id: coal.water
            title: Water
            record: coal_lot
            require: water <= II
            due: working_days_after(2018-09-28, 1)
    """,
}
COUNTY_HEAD = """
    schema: envrules/1
    pack: county
    version: 2.0.0
    extends: ../city
"""
STRICTER = """
    schema: envrules/1
    clause: "1.1"
    rules:
      - id: coal.sulfur
        overrides: true
        reason: the county's own standard is stricter
        title: Sulfur in the county
        record: coal_lot
        when: zone == built_up
        require: sulfur <= 0.6 %
        cases: [{name: over, record: {zone: built_up, sulfur: 0.7, sampled_on: 2020-01-01}, outcome: violation}]
"""


def write(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text).lstrip("\n"), "utf-8")
    return folder


@pytest.fixture
def city(tmp_path: Path) -> Path:
    return write(tmp_path / "city", CITY)


def county(city: Path, files: dict[str, str], head: str = COUNTY_HEAD, more: str = "") -> Path:
    return write(city.parent / "county", {"pack.yaml": dedent(head) + dedent(more), **files})


def faults(source: Path | str) -> list[Diagnostic]:
    with pytest.raises(PackError) as caught:
        load_pack(source)
    return list(caught.value.diagnostics)


def fault(source: Path | str) -> Diagnostic:
    found = faults(source)
    assert len(found) == 1, [d.line() for d in found]
    return found[0]


def all_cases_hold(pack: Pack) -> bool:
    results = run_cases(pack)
    assert results
    return [r for r in results if not r.ok] == []


# --- what a pack takes over ------------------------------------------------------------------------------------------


def test_a_pack_that_says_nothing_is_its_base_under_another_name(city: Path) -> None:
    base, pack = load_pack(city), load_pack(county(city, {}))
    assert (pack.name, pack.version) == ("county", "2.0.0")
    assert list(pack.rules) == list(base.rules)
    assert (pack.records, pack.enums, pack.clauses) == (base.records, base.enums, base.clauses)
    assert (pack.calendar, pack.document, pack.subjects) == (base.calendar, base.document, base.subjects)
    assert pack.cases_as_of == dt.date(2020, 12, 31)
    assert {r.pack for r in pack.rules.values()} == {"city"}
    assert all_cases_hold(pack)


def test_digest_is_of_both_packs(city: Path) -> None:
    alone = load_pack(city).sha256
    first = load_pack(county(city, {})).sha256
    assert len({alone, first}) == 2
    (city / "coal.yaml").write_text((city / "coal.yaml").read_text("utf-8").replace("0.8 %", "0.7 %"), "utf-8")
    assert load_pack(city.parent / "county").sha256 != first


def test_units_of_the_base_are_known_above(city: Path) -> None:
    pack = load_pack(county(city, {}, more='units: ["dan = 100 * jin = 担"]\n'))
    assert pack.units.parse("担").factor == 100 * pack.units.parse("斤").factor


# --- rules -----------------------------------------------------------------------------------------------------------


def test_a_limit_is_overridden_with_a_reason(city: Path) -> None:
    pack = load_pack(county(city, {"coal.yaml": STRICTER}))
    rule = pack.rules["coal.sulfur"]
    assert list(pack.rules) == ["coal.sulfur", "coal.water"]
    assert (rule.require_text, rule.pack, rule.reason.en) == (
        "sulfur <= 0.6 %",
        "county",
        "the county's own standard is stricter",
    )
    assert pack.rules["coal.water"].pack == "city"
    assert rule.effective == dt.date(2018, 3, 22)


def test_cases_of_an_overridden_rule_go_with_it(city: Path) -> None:
    pack = load_pack(county(city, {"coal.yaml": STRICTER}))
    assert [c.name for c in pack.rules["coal.sulfur"].cases] == ["over"]
    assert all_cases_hold(pack)


def test_cases_keep_the_evaluation_date_of_their_own_pack(city: Path) -> None:
    added = STRICTER.replace("outcome: violation", "outcome: violation, as_of: 2020-06-30")
    pack = load_pack(county(city, {"coal.yaml": added}, more="cases: {as_of: 2030-12-31}\n"))
    assert all_cases_hold(pack)
    without = load_pack(county(city, {"coal.yaml": added.replace("coal.sulfur", "coal.sulfur.county")
                                      .replace("overrides: true", "overrides: false")}))  # fmt: skip
    assert [c.as_of for c in without.rules["coal.sulfur"].cases] == [dt.date(2020, 12, 31)] * 2
    assert all_cases_hold(without)


def test_a_rule_is_added(city: Path) -> None:
    added = STRICTER.replace("coal.sulfur", "coal.sulfur.county").replace("overrides: true", "overrides: false")
    pack = load_pack(county(city, {"coal.yaml": added}))
    assert list(pack.rules) == ["coal.sulfur", "coal.water", "coal.sulfur.county"]


def test_dates_hold_for_the_rules_of_the_pack_that_states_them(city: Path) -> None:
    added = STRICTER.replace("coal.sulfur", "coal.sulfur.county").replace("overrides: true", "overrides: false")
    pack = load_pack(county(city, {"coal.yaml": added}, more="effective: 2020-01-01\nexpires: 2025-12-31\n"))
    assert {r.id: (r.effective, r.expires) for r in pack.rules.values()} == {
        "coal.sulfur": (dt.date(2018, 3, 22), None),
        "coal.water": (dt.date(2018, 3, 22), None),
        "coal.sulfur.county": (dt.date(2020, 1, 1), dt.date(2025, 12, 31)),
    }


def test_calendar_of_the_base_counts_unless_another_is_stated(city: Path) -> None:
    pytest.importorskip("chinese_calendar")
    lot = {"coal_lot": [{"id": "a", "water": "III", "sampled_on": "2018-09-30"}]}

    def outcome(pack: Path) -> str:
        return check(load_pack(pack), lot, as_of="2020-01-01", rules="coal.water").verdicts[0].outcome

    # After Friday 2018-09-28 China works on Saturday the 29th; by weekdays the next working day is Monday, October 1.
    assert outcome(county(city, {})) == "violation"
    assert outcome(county(city, {}, more="calendar: weekdays\n")) == "not_due"


def test_override_without_reason(city: Path) -> None:
    found = fault(county(city, {"coal.yaml": STRICTER.replace("reason: the", "# the")}))
    assert (found.code, str(found.where).endswith("county/coal.yaml:4:9")) == ("missing-key", True)


def test_override_of_nothing_names_the_nearest(city: Path) -> None:
    found = fault(county(city, {"coal.yaml": STRICTER.replace("id: coal.sulfur", "id: coal.sulphur")}))
    assert (found.code, found.hint) == ("unknown-name", "did you mean coal.sulfur?")


def test_an_id_of_the_base_without_overrides_is_refused(city: Path) -> None:
    found = fault(county(city, {"coal.yaml": STRICTER.replace("overrides: true", "overrides: false")}))
    assert found.code == "duplicate-id"
    assert "city/coal.yaml:4" in found.found
    assert "overrides: true" in found.hint


def test_a_rule_of_the_same_pack_is_not_overridden(city: Path) -> None:
    found = fault(county(city, {"coal.yaml": STRICTER, "more.yaml": STRICTER}))
    assert (found.code, str(found.where).endswith("county/more.yaml:4:9")) == ("duplicate-id", True)


# --- record types ----------------------------------------------------------------------------------------------------


def test_field_and_alias_are_added_to_a_record_type(city: Path) -> None:
    more = """
        schema: envrules/1
        record: coal_lot
        extends: true
        aliases: [散煤台账, 煤质台账]
        fields:
          ash: {kind: quantity, unit: '%', aliases: [灰分]}
          sulfur: {kind: quantity, aliases: [全硫分]}
          activity: {kind: enum, values: {storage: {zh: 贮存}, use: {aliases: [自用]}}}
        derived: {pure: {value: ash <= 10 % and clean}}
    """
    rule = """
        schema: envrules/1
        clause: "1.1"
        rules: [{id: coal.ash, title: Ash, record: coal_lot, require: ash <= 16 % and (pure or not clean)}]
    """
    pack = load_pack(county(city, {"records/coal_lot.yaml": more, "ash.yaml": rule}))
    lot = pack.records["coal_lot"]
    assert (lot.aliases, lot.label.zh, lot.date) == (("煤质台账", "散煤台账"), "煤炭批次", "sampled_on")
    assert list(lot.fields)[-2:] == ["sampled_on", "ash"]
    assert (lot.fields["sulfur"].unit.text, lot.fields["sulfur"].aliases) == ("%", ("硫分", "全硫分"))
    assert lot.fields["activity"].enum is not None
    assert lot.fields["activity"].enum.names == ("sale", "use", "storage")
    assert (lot.fields["activity"].enum.values[1].label.zh, lot.fields["activity"].enum.values[1].aliases) == (
        "使用",
        ("自用",),
    )
    rows = [{"编号": "a", "全硫分": 0.4, "灰分": 12, "activity": "贮存", "sampled_on": "2020-01-01"}]
    result = check(pack, {"coal_lot": rows}, as_of="2020-12-31", rules="coal.ash")
    assert [(v.record_id, v.outcome) for v in result.verdicts] == [("a", "violation")]


def test_an_alias_alone_needs_no_fields(city: Path) -> None:
    more = "schema: envrules/1\nrecord: coal_lot\nextends: true\naliases: [散煤台账]\nlabel: {zh: 散煤}\n"
    lot = load_pack(county(city, {"records/coal_lot.yaml": more})).records["coal_lot"]
    assert (lot.aliases, lot.label.zh) == (("煤质台账", "散煤台账"), "散煤")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("record: coal_lot\nfields: {ash: {kind: quantity, unit: '%'}}", "duplicate-id"),
        ("record: coal_lott\nextends: true\nfields: {ash: {kind: number}}", "unknown-record"),
        ("record: coal_lot\nextends: true\nfields: {sulfur: {kind: quantity, unit: mg/g}}", "duplicate-id"),
        ("record: coal_lot\nextends: true\nfields: {sulfur: {kind: number}}", "duplicate-id"),
        ("record: coal_lot\nextends: true\nfields: {zone: {kind: enum, values: {x: {}}}}", "duplicate-id"),
        ("record: coal_lot\nextends: true\nfields: {}\nderived: {clean: {value: sulfur < 1 %}}", "duplicate-id"),
        ("record: ash_lot", "missing-key"),
    ],
)
def test_a_record_type_is_added_to_not_changed(city: Path, text: str, code: str) -> None:
    assert fault(county(city, {"records/more.yaml": f"schema: envrules/1\n{text}\n"})).code == code


# --- enumerations ----------------------------------------------------------------------------------------------------


def test_an_enumeration_gets_words_and_those_that_build_on_it_get_them_too(city: Path) -> None:
    more = """
        enums:
          zone: {extends: zone, values: {park: {zh: 园区}, built_up: {aliases: [城区]}}}
          water: {extends: water, values: {IV: {}}}
          spot: {extends: zone, values: {spot: {}}}
    """
    pack = load_pack(county(city, {}, more=more))
    assert pack.enums["zone"].names == ("built_up", "other", "park")
    assert pack.enums["zone"].values[0].label.zh == "建成区"
    assert pack.enums["zone"].values[0].aliases == ("城区",)
    assert pack.enums["place"].names == ("built_up", "other", "park", "whole")
    assert pack.enums["spot"].names == ("built_up", "other", "park", "spot")
    assert (pack.enums["water"].names, pack.enums["water"].ordered) == (("I", "II", "III", "IV"), True)
    assert all_cases_hold(pack)


def test_an_enumeration_of_the_base_is_not_replaced(city: Path) -> None:
    found = fault(county(city, {}, more="enums: {zone: {values: {park: {}}}}\n"))
    assert (found.code, found.hint) == ("duplicate-id", "to add words to it write `extends: zone`")


def test_enumerations_in_a_circle_across_packs(city: Path) -> None:
    more = "enums: {zone: {extends: zone, values: {a: {}}}, x: {extends: y, values: {}}, y: {extends: x, values: {}}}\n"
    assert "cycle" in {d.code for d in faults(county(city, {}, more=more))}


# --- the clause tree -------------------------------------------------------------------------------------------------


def test_clause_trees_are_merged(city: Path) -> None:
    more = """
        document: {title: {en: County plan}}
        clauses:
          - {id: "1", clauses: [{id: "1.2", title: {en: Advice made a duty}}, {id: "1.3"}]}
          - {id: "9", title: {en: The county's own}}
    """
    pack = load_pack(county(city, {}, more=more))
    coal, own = pack.clauses
    assert (coal.id, coal.title.en, [c.id for c in coal.clauses]) == ("1", "Coal", ["1.1", "1.2", "1.3"])
    assert (coal.clauses[1].title.en, coal.clauses[1].no_rules) == ("Advice made a duty", None)
    assert (own.id, pack.clause_titles["9"].en, pack.clause_titles["1.1"].en) == ("9", "The county's own", "Quality")
    assert pack.document["title"]["en"] == "County plan"


# --- where the base is -----------------------------------------------------------------------------------------------


def test_three_levels(city: Path) -> None:
    county(city, {"coal.yaml": STRICTER})
    town = write(
        city.parent / "town",
        {
            "pack.yaml": "schema: envrules/1\npack: town\nversion: 1.0.0\nextends: ../county\neffective: 2019-01-01\n",
            "coal.yaml": STRICTER.replace("0.6 %", "0.5 %"),
        },
    )
    pack = load_pack(town)
    assert (pack.rules["coal.sulfur"].require_text, pack.rules["coal.sulfur"].pack) == ("sulfur <= 0.5 %", "town")
    assert pack.rules["coal.sulfur"].effective == dt.date(2019, 1, 1)
    assert pack.rules["coal.water"].effective == dt.date(2018, 3, 22)
    assert pack.calendar == "china"
    assert all_cases_hold(pack)


def test_a_cycle_is_shown_whole(city: Path) -> None:
    county(city, {})
    head = (city / "pack.yaml").read_text("utf-8") + "extends: ../county\n"
    (city / "pack.yaml").write_text(head, "utf-8")
    found = fault(city)
    assert found.code == "cycle"
    assert found.found.split(" -> ")[0] == found.found.split(" -> ")[-1]
    assert str(found.where).endswith("county/pack.yaml:4:10")


def test_a_pack_that_builds_on_itself(city: Path) -> None:
    assert fault(county(city, {}, head=COUNTY_HEAD.replace("../city", "../county"))).code == "cycle"


@pytest.mark.parametrize(("length", "loads"), [(MAX_EXTENDS, True), (MAX_EXTENDS + 1, False)])
def test_a_chain_has_an_end(tmp_path: Path, length: int, loads: bool) -> None:
    for i in range(length + 1):
        below = f"extends: ../p{i - 1}\n" if i else ""
        write(tmp_path / f"p{i}", {"pack.yaml": f"schema: envrules/1\npack: p{i}\nversion: '1'\n{below}"})
    if loads:
        assert load_pack(tmp_path / f"p{length}").name == f"p{length}"
    else:
        assert fault(tmp_path / f"p{length}").code == "cycle"


def test_a_missing_base_is_placed_and_the_rest_is_found_too(city: Path) -> None:
    pack = county(city, {"coal.yaml": "schema: envrules/1\nclause: x\nrule: []\n"})
    shutil.rmtree(city)
    found = {d.code: d for d in faults(pack)}
    assert set(found) == {"pack-not-found", "unknown-key", "missing-key"}
    assert str(found["pack-not-found"].where).endswith("county/pack.yaml:4:10")


def test_a_folder_that_is_no_pack(city: Path) -> None:
    (city / "pack.yaml").unlink()
    assert fault(county(city, {})).code == "pack-not-found"


def test_a_fault_of_the_base_stands_in_the_base(city: Path) -> None:
    (city / "coal.yaml").write_text((city / "coal.yaml").read_text("utf-8").replace("0.8 %", "0.8 t/h"), "utf-8")
    found = fault(county(city, {}))
    assert (found.code, "city/coal.yaml:8" in str(found.where)) == ("unit-mismatch", True)


def test_paths_start_at_the_pack_not_at_the_working_folder(
    city: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pack = county(city, {})
    monkeypatch.chdir(tmp_path)
    assert list(load_pack("county").rules) == ["coal.sulfur", "coal.water"]
    monkeypatch.chdir("/")
    assert list(load_pack(pack).rules) == ["coal.sulfur", "coal.water"]
    write(tmp_path / "elsewhere", {"pack.yaml": dedent(COUNTY_HEAD).replace("../city", "city")})
    monkeypatch.chdir(tmp_path)
    assert fault("elsewhere").code == "pack-not-found"


def zipped(folder: Path) -> Path:
    target = folder.with_suffix(".zip")
    with zipfile.ZipFile(target, "w") as archive:
        for path in sorted(folder.rglob("*.yaml")):
            archive.write(path, path.relative_to(folder.parent).as_posix())
    return target


def test_base_in_a_zip(city: Path) -> None:
    from_folder = load_pack(county(city, {})).rules
    zipped(city)
    shutil.rmtree(city)
    pack = load_pack(county(city, {}, head=COUNTY_HEAD.replace("../city", "../city.zip")))
    assert list(pack.rules) == list(from_folder)


def test_a_zip_that_builds_on_the_folder_beside_it(city: Path) -> None:
    folder = county(city, {"coal.yaml": STRICTER})
    digest = load_pack(folder).sha256
    packed = zipped(folder)
    shutil.rmtree(folder)
    pack = load_pack(packed)
    assert (pack.rules["coal.sulfur"].require_text, pack.sha256) == ("sulfur <= 0.6 %", digest)


def test_base_by_its_shipped_name(tmp_path: Path) -> None:
    head = "schema: envrules/1\npack: county\nversion: 1.0.0\nextends: jiuquan-2018\n"
    pack = load_pack(write(tmp_path / "county", {"pack.yaml": head}))
    shipped = load_pack("jiuquan-2018")
    assert list(pack.rules) == list(shipped.rules)
    assert pack.calendar == "china"
    assert pack.rules["boiler.retire.built-up"].file.startswith("rules/jiuquan-2018/")


def test_a_zip_whose_content_is_damaged(city: Path) -> None:
    target = city.with_suffix(".zip")
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(city / "pack.yaml", "pack.yaml")
        start = archive.infolist()[0].header_offset + 30 + len("pack.yaml")
    data = bytearray(target.read_bytes())
    data[start : start + 8] = b"\xff" * 8
    target.write_bytes(data)
    assert fault(target).code == "pack-unreadable"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with a name here")
def test_a_pipe_in_a_pack_is_refused_and_not_waited_for(city: Path) -> None:
    os.mkfifo(city / "pipe.yaml")
    refused = fault(city)
    assert (refused.code, "pipe.yaml" in refused.line()) == ("pack-unreadable", True)


def test_a_link_to_nothing_is_named(city: Path) -> None:
    (city / "gone.yaml").symlink_to("nowhere.yaml")
    refused = fault(city)
    assert (refused.code, "gone.yaml" in refused.line()) == ("pack-unreadable", True)
