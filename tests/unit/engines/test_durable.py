"""What the durable engine refuses, what it leaves to the interpreter, and that the result says which one answered."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

import envrules as er
from envrules.diagnostics import CallError
from envrules.engines import durable

pytest.importorskip("durable_rules_engine", reason="durable-rules is not installed")

from envrules.engines.durable import cases, session, sizes

FIELDS = 140
PROJECT = {
    "fields": {"id": {"kind": "id"}, "size": {"kind": "number"}, **{f"b{i}": {"kind": "bool"} for i in range(FIELDS)}}
}
BOILER = {
    "fields": {"id": {"kind": "id"}, "project": {"kind": "text"}, "coal": {"kind": "bool"}, "t": {"kind": "number"}}
}
BOILERS = {"boilers": {"record": "boiler", "keys": {"project": "id"}}}


def pack_of(folder: Path, *rules: dict[str, Any], **more: Any) -> er.Pack:
    (folder / "records").mkdir()
    named = [{"id": f"r{i}", "title": "t", "record": "project", **rule} for i, rule in enumerate(rules)]
    files = {
        "pack.yaml": {"pack": folder.name, "version": "1", **more},
        "rules.yaml": {"clause": "1", "rules": named},
        "records/project.yaml": {"record": "project", **PROJECT},
        "records/boiler.yaml": {"record": "boiler", **BOILER},
    }
    for name, content in files.items():
        (folder / name).write_text(json.dumps({"schema": "envrules/1", **content}), "utf-8")
    return er.load_pack(folder)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "p").mkdir()
    return tmp_path / "p"


def both(pack: er.Pack, inputs: dict[str, Any]) -> str:
    """The engine that answered, where it gave what the interpreter gives."""
    found = er.check(pack, inputs, engine="durable", outcomes="all")
    assert found.verdicts == er.check(pack, inputs, engine="reference", outcomes="all").verdicts
    return found.engine


def test_a_rule_of_more_durable_rules_than_are_safe_is_refused(folder: Path) -> None:
    pack = pack_of(folder, *({"require": " and ".join(f"b{i}" for i in range(n))} for n in (80, 81, FIELDS)))
    said = [durable.ENGINE.unsupported(r) for r in pack.rules.values()]
    assert said[:2] == ["", ""]
    assert said[2].startswith("it takes 3")
    yes = {f"b{i}": True for i in range(FIELDS)}
    rows = [{"id": "all", **yes}, {"id": "one", **yes, "b3": False}, {"id": "open", **yes, "b9": None}]
    found = er.check(pack, {"project": rows}, engine="durable", rules="r0", outcomes="all")
    assert [v.outcome for v in found.verdicts] == ["pass", "violation", "indeterminate"]
    assert found.engine == "durable"
    with pytest.raises(CallError, match="durable rules, of which 200 are safe"):
        er.check(pack, {"project": rows}, engine="durable")


@pytest.mark.parametrize(
    ("size", "said"),
    [
        (sizes.Size(session.MOST_RULES, session.MOST_FIELDS, session.MOST_SHARED), ""),
        (sizes.Size(rules=session.MOST_RULES + 1), "durable rules"),
        (sizes.Size(fields=session.MOST_FIELDS + 1), "fields of a fact"),
        (sizes.Size(absences=session.MOST_SHARED + 1), "questions for what is absent"),
    ],
)
def test_what_is_too_large(size: sizes.Size, said: str) -> None:
    assert said in size.too_large()
    assert bool(size.too_large()) == bool(said)


def test_a_condition_that_a_fact_could_match_in_many_ways_is_taken_in_steps(folder: Path) -> None:
    pairs = [f"(b{2 * i} and b{2 * i + 1} or b{2 * i + 20} and b{2 * i + 21})" for i in range(5)]
    pack = pack_of(folder, {"require": " and ".join(pairs)})
    rows = [
        {"id": f"{n}", **{f"b{i}": (True, True, True, None, False)[(i + n) % 5] for i in range(40)}} for n in range(9)
    ]
    rows += [{"id": "all", **{f"b{i}": True for i in range(40)}}]
    assert both(pack, {"project": rows}) == "durable"


def test_a_group_and_a_key_that_is_itself_related_are_refused(folder: Path) -> None:
    pack = pack_of(
        folder,
        {"group": {}, "require": "count() > 0"},
        {
            "related": {**BOILERS, "same": {"record": "project", "keys": {"id": "boilers.project"}}},
            "require": "size <= same.size",
        },
    )
    assert durable.ENGINE.unsupported(pack.rules["r0"]) == "it judges groups"
    assert "itself read from related records" in durable.ENGINE.unsupported(pack.rules["r1"])


@pytest.mark.parametrize(("more", "answered"), [(0, "durable"), (1, "reference")])
def test_a_case_with_too_many_linked_records_is_left_to_the_interpreter(folder: Path, more: int, answered: str) -> None:
    pack = pack_of(folder, {"related": BOILERS, "require": "none(boilers.coal and boilers.t <= 20)"})
    most = (cases.MOST_RECORDS - 1) // 2
    boilers = [{"id": str(i), "project": "P", "coal": i == most - 1, "t": i} for i in range(most + more)]
    assert both(pack, {"project": [{"id": "P"}], "boiler": boilers}) == answered


def test_small_cases_beside_a_large_one_stay_with_durable_rules(folder: Path) -> None:
    pack = pack_of(folder, {"related": BOILERS, "require": "none(boilers.coal)"}, {"require": "size <= 3"})
    boilers = [{"id": str(i), "project": "P" if i else "Q", "coal": False} for i in range(cases.MOST_RECORDS)]
    assert both(pack, {"project": [{"id": "P", "size": 1}, {"id": "Q"}], "boiler": boilers}) == "durable and reference"


def test_without_durable_rules_the_interpreter_answers(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pack = pack_of(folder, {"require": "size <= 3"}, screening={"record": "project"})
    assert er.screen(pack, {"size": 1}).engine == "durable"
    monkeypatch.setattr(durable, "available", lambda: False)
    assert both(pack, {"project": [{"id": "P", "size": 1}]}) == "reference"
    assert er.screen(pack, {"size": 1}).engine == "reference"


def test_a_screened_case_beyond_the_limits_is_answered_all_the_same(folder: Path) -> None:
    pack = pack_of(
        folder,
        {"related": BOILERS, "require": "none(boilers.coal and boilers.t <= 20)"},
        {"require": "size <= 3"},
        {"require": " and ".join(f"b{i}" for i in range(FIELDS))},
        screening={"record": "project", "linked": {"boilers": {"record": "boiler", "key": "project"}}},
    )
    project = {"id": "P", "size": 1, **{f"b{i}": True for i in range(FIELDS)}}
    boilers = [{"coal": True, "t": 21 + i} for i in range(300)]
    found = er.screen(pack, project, boilers=boilers)
    assert (found.decision, found.engine) == ("clear", "durable and reference")
    found = er.screen(pack, project, boilers=[*boilers, {"coal": True, "t": 20}], engine="reference")
    assert (found.decision, found.engine, found.reasons[0].rule) == ("refuse", "reference", "r0")


def test_rules_beyond_one_program_are_spread_over_several(folder: Path) -> None:
    rules = [{"when": f"b{i}", "require": f"size <= {i}"} for i in range(100)]
    pack = pack_of(folder, *rules)
    programs = sizes.compile_rules(list(pack.rules.values()))
    assert len(programs) > 1
    assert all(len(p.productions) <= session.MOST_RULES for p in programs)
    assert sum(len(u.rules) for p in programs for u in p.units) == 100
    rows = [{"id": str(n), "size": n, **{f"b{i}": (i + n) % 3 > 0 for i in range(100)}} for n in range(0, 120, 7)]
    assert both(pack, {"project": [*rows, {"id": "open", "size": "40~60"}]}) == "durable"


def test_a_long_condition_is_followed_in_steps(folder: Path) -> None:
    choice = " or ".join(f"b{i}" for i in range(40))
    chain = " and ".join(f"(b{2 * i} or b{2 * i + 1})" for i in range(12))
    pack = pack_of(folder, {"when": choice, "require": chain})
    rows = [{"id": f"{n}", **{f"b{i}": (True, False, None)[(i * n + n) % 3] for i in range(40)}} for n in range(30)]
    rows += [{"id": "none", **{f"b{i}": False for i in range(40)}}, {"id": "all", **{f"b{i}": True for i in range(40)}}]
    assert both(pack, {"project": rows}) == "durable"


def follow(one: session.Session, facts: int, told: Callable[[str, dict[str, int]], None]) -> None:
    """Run a session on some facts of kind `a`."""
    with one as running:
        for r in range(facts):
            running.add("a", {"r": r})
        running.run(told)


def test_an_error_while_facts_follow_reaches_the_caller_and_leaves_the_session_usable() -> None:
    def fail(kind: str, fact: dict[str, int]) -> None:
        raise ValueError(kind)

    one = session.Session([session.Production((session.Pattern("a"),), "b", (("r", (0, "r")),))])
    for _ in range(3):
        with pytest.raises(ValueError, match="b"):
            follow(one, 2, fail)
    found: list[dict[str, int]] = []
    follow(one, 1, lambda kind, fact: found.append(fact))
    assert found == [{"r": 0}]


def test_more_firings_than_a_session_may_have_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "MOST_FIRINGS", 3)
    one = session.Session([session.Production((session.Pattern("a"),), "b", (("r", (0, "r")),))])
    follow(one, 3, lambda kind, fact: None)
    with pytest.raises(session.EngineError, match="more firings"):
        follow(one, 4, lambda kind, fact: None)


def test_two_threads_on_one_engine_get_what_one_gets(folder: Path) -> None:
    pack = pack_of(folder, {"related": BOILERS, "require": "none(boilers.coal)"}, {"require": "size <= 3"})

    def given(n: int) -> dict[str, Any]:
        boilers = [{"id": str(i), "project": "P", "coal": n % 2 == 0} for i in range(3)]
        return {"project": [{"id": "P", "size": n % 7}], "boiler": boilers}

    def judged(n: int, engine: str = "durable") -> Any:
        return er.check(pack, given(n), engine=engine, outcomes="all").verdicts

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(judged, range(40)))
    assert found == [judged(n, "reference") for n in range(40)]
