"""The durable engine gives the interpreter's outcomes: on the packs' cases, and on random linked records."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import envrules as er
from envrules.analysis.testing import run_rule_cases
from envrules.engines import durable
from envrules.pack.pack import Pack, Rule

pytest.importorskip("durable_rules_engine", reason="durable-rules is not installed")

RECORDS = """
{"schema": "envrules/1", "record": "project", "fields": {
  "area": {"kind": "enum", "values": {"north": {}, "south": {}}}, "applied": {"kind": "date"},
  "planned": {"kind": "number"}, "heavy": {"kind": "bool"}}, "date": "applied"}
---
{"schema": "envrules/1", "record": "boiler", "fields": {
  "project": {"kind": "text"}, "fuel": {"kind": "enum", "values": {"coal": {}, "gas": {}, "wood": {}}},
  "capacity": {"kind": "number"}, "new": {"kind": "bool"}}}
---
{"schema": "envrules/1", "record": "county", "fields": {
  "area": {"kind": "enum", "values": {"north": {}, "south": {}}}, "quota": {"kind": "number"},
  "full": {"kind": "bool"}}}
"""
RULES = """
{"schema": "envrules/1", "clause": "1", "rules": [
  {"id": "ban", "title": "t", "record": "project", "when": "heavy or area == north",
   "related": {"boilers": {"record": "boiler", "keys": {"project": "id"}}},
   "require": "none(boilers.fuel == coal and boilers.capacity <= 20)"},
  {"id": "any-new", "title": "t", "record": "project", "due": "2019-06-30",
   "related": {"boilers": {"record": "boiler", "keys": {"project": "id"}, "where": "new and fuel != gas"}},
   "require": "count(boilers) == 0 or not any(boilers.capacity > planned)"},
  {"id": "every", "title": "t", "record": "project", "effective": "2018-03-22", "expires": "2020-12-31",
   "related": {"boilers": {"record": "boiler", "keys": {"project": "id"}},
   "own": {"record": "county", "keys": {"area": "area"}}},
   "when": "not own.full", "require": "all(boilers.fuel in {gas, wood}) and sum(boilers.capacity) <= own.quota"},
  {"id": "backward", "title": "t", "record": "boiler",
   "related": {"of": {"record": "project", "keys": {"id": "project"}, "where": "heavy"}},
   "when": "new or of.area == south", "require": "capacity <= of.planned or fuel != coal"},
  {"id": "plain", "title": "t", "record": "boiler", "when": "not (fuel == gas and new)",
   "require": "capacity > 10 or new"}
]}
"""


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Pack:
    folder = tmp_path_factory.mktemp("pack")
    (folder / "records").mkdir()
    (folder / "pack.yaml").write_text('{"schema": "envrules/1", "pack": "linked", "version": "1"}', "utf-8")
    for name, text in zip(("project", "boiler", "county"), RECORDS.split("---"), strict=True):
        (folder / "records" / f"{name}.yaml").write_text(text, "utf-8")
    (folder / "rules.yaml").write_text(RULES, "utf-8")
    return er.load_pack(folder)


def rows(size: int, **fields: list[Any]) -> st.SearchStrategy[list[dict[str, Any]]]:
    one = st.fixed_dictionaries({n: st.sampled_from([*v, None]) for n, v in fields.items()})
    return st.lists(one, max_size=size).map(lambda found: [{**r, "id": f"P{i}"} for i, r in enumerate(found)])


TYPES = {
    "project": rows(
        4,
        area=["north", "south"],
        applied=["2018-03-21", "2018-03-22", "2019-06-30", "2021-01-01", "2022-01-01"],
        planned=[10, 20, 20 + 1e-12, "<10", "15~25"],
        heavy=[True, False],
    ),
    "boiler": rows(
        6,
        project=["P0", "P0", "P1", "P2", "P9"],
        fuel=["coal", "gas", "wood"],
        capacity=[5, 10, 20, 20 - 1e-12, 20.1, ">20", "8~12"],
        new=[True, False],
    ),
    "county": rows(3, area=["north", "south"], quota=[20, 40, 40 + 1e-12, "<30"], full=[True, False]),
}
#: Each type is given with records, given and empty, or not given.
LINKED = st.fixed_dictionaries({}, optional=TYPES).filter(bool)


@given(LINKED, st.sampled_from(["2018-12-31", "2019-06-30", "2021-06-30"]))
def test_agrees_on_random_linked_records(pack: Pack, inputs: dict[str, list[dict[str, Any]]], as_of: str) -> None:
    found = er.check(pack, inputs, as_of=as_of, engine="durable", outcomes="all")
    wanted = er.check(pack, inputs, as_of=as_of, engine="reference", outcomes="all")
    assert found.verdicts == wanted.verdicts
    assert dict(found.counts) == dict(wanted.counts)
    assert found.engine == "durable"


@given(LINKED, st.randoms(use_true_random=False))
def test_the_order_of_linked_records_does_not_matter(
    pack: Pack, inputs: dict[str, list[dict[str, Any]]], random: Random
) -> None:
    mixed = {name: random.sample(records, len(records)) for name, records in inputs.items()}
    before, after = (
        {(v.rule, v.record_id, v.outcome) for v in er.check(pack, i, engine="durable", outcomes="all").verdicts}
        for i in (inputs, mixed)
    )
    assert before == after


def test_agrees_with_a_wrong_interpreter_never(pack: Pack, monkeypatch: pytest.MonkeyPatch) -> None:
    from envrules.engines.reference.judge import judge

    def wrong(rule: Rule, subject: Any, *rest: Any) -> er.Verdict:
        from dataclasses import replace

        return replace(judge(rule, subject, *rest), outcome="pass")

    monkeypatch.setattr(durable, "judge", wrong)
    with pytest.raises(AssertionError, match="plain on b: durable violation, interpreter pass"):
        er.check(
            pack,
            {"boiler": [{"id": "b", "fuel": "coal", "capacity": 5, "new": False}]},
            engine="durable",
            rules="plain",
        )


@pytest.mark.parametrize("name", ["jiuquan-2018", "indoor-air-2022"])
def test_holds_the_cases_of_the_shipped_packs(name: str) -> None:
    shipped = er.load_pack(name)
    rules = [r for r in shipped.rules.values() if not durable.ENGINE.unsupported(r)]
    assert rules
    assert [r.detail for rule in rules for r in run_rule_cases(shipped, rule, durable.ENGINE) if not r.ok] == []


def grown(pack: Pack, cases: int) -> int:
    """By how many KiB the process grows over that many cases."""
    resource = pytest.importorskip("resource", reason="no memory figures on this system")
    inputs = {
        "project": [{"id": f"P{i}", "heavy": True, "planned": i} for i in range(20)],
        "boiler": [
            {"id": f"b{i}", "project": f"P{i % 20}", "fuel": "coal", "capacity": 20 + i % 3} for i in range(100)
        ],
    }
    er.check(pack, inputs, engine="durable", rules="ban")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for _ in range(cases // 20):
        er.check(pack, inputs, engine="durable", rules="ban")
    return int(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)


def test_cases_leave_no_memory_behind(pack: Pack) -> None:
    assert grown(pack, 400) < 10_000


@pytest.mark.nightly
def test_ten_thousand_cases_add_less_than_20_mb(pack: Pack) -> None:
    assert grown(pack, 10_000) < 20_000
