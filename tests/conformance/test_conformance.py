"""The meaning of the rule language, as data: each case of each file beside this one, on every engine.

A file has a `topic`, the `records` types its cases need, what belongs to a `pack` beside them, and `cases`. A case has

- where it is not of the file's types, `types` of its own, and a `pack` of its own (shrunk failures of random packs);
- a `name`, and either an `expression` or a whole `rule` (its `record` is the file's first type unless it says another);
- the record it is asked of (`given`, cells as a user would write them), or `records` of several types, and where they
  matter `as_of`, `subjects` and `problems` (the codes of the cells that cannot be read, none unless stated);
- what must come: `value` (of an expression; `null` where a value that is no condition is unknown), `unknown` (for a
  condition: the fields that would decide), `error` (the codes with which it does not load, or is not read), `outcome`
  (with any other part of a finding beside it), or `expect` (the outcomes by record id or subject, compared as a whole).

Nothing here knows a case, so another implementation can run the same files. What an engine leaves to the interpreter
stands in `unsupported/<engine>.yaml`, by its reason: more is a failure, and so is less (`make accept` writes it anew).
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from drawn.law import few_are_many, rows_of
from envrules import api
from envrules.diagnostics import EnvrulesError
from envrules.engines import durable
from envrules.engines.base import engine_named, engine_names
from envrules.pack.pack import Pack
from envrules.result import Result
from envrules.verdict import FINDINGS, Verdict

FOLDER = Path(__file__).parent
AS_OF = "2021-06-30"
#: `auto` only chooses among the others.
ENGINES = [name for name in engine_names() if name != "auto"]
EVIDENCE = ("outcome", "observed", "limit", "margin", "unit", "value", "missing", "fields", "notes", "severity")
WORDS = {"name", "expression", "rule", "given", "records", "subjects", "as_of", "problems", "types", "pack"}
ANSWERS = {"value", "unknown", "error", "expect", *EVIDENCE}


def files() -> Iterator[tuple[str, dict[str, Any]]]:
    for path in sorted(FOLDER.glob("*.yaml")):
        # The pure reader is the one of YAML 1.2, in which `yes` and `no` are words.
        yield path.stem, YAML(typ="safe", pure=True).load(path)


def stated() -> Iterator[tuple[str, dict[str, str]]]:
    """For each engine the cases it leaves to the interpreter, with the reason."""
    for path in sorted(FOLDER.glob("unsupported/*.yaml")):
        by_reason = YAML(typ="safe", pure=True).load(path) or {}
        yield path.stem, {name: why for why, names in by_reason.items() for name in names}


UNSUPPORTED = dict(stated())
#: What was seen to be left out in this run.
LEFT: dict[str, dict[str, str]] = {engine: {} for engine in UNSUPPORTED}
CASES = [(f"{stem}: {case['name']}", topic, case) for stem, topic in files() for case in topic["cases"]]


@pytest.mark.parametrize(("name", "topic", "case"), [pytest.param(n, t, c, id=n) for n, t, c in CASES])
def test_case(name: str, topic: dict[str, Any], case: dict[str, Any], tmp_path: Path) -> None:
    assert list(faults(name, topic, case, tmp_path)) == []


def test_every_case_is_well_formed() -> None:
    names = [name for name, _, _ in CASES]
    assert sorted(set(names)) == sorted(names)
    assert [name for name, _, case in CASES if set(case) - WORDS - ANSWERS or not ANSWERS & set(case)] == []


@pytest.fixture(scope="module", autouse=True)
def accepted() -> Iterator[None]:
    """After a run that is to be accepted, what was seen to be left out is what is stated."""
    yield
    if os.environ.get("ACCEPT"):
        writer = YAML()
        writer.width = 1000
        for engine, seen in LEFT.items():
            by_reason: dict[str, list[str]] = {}
            for name, why in seen.items():
                by_reason.setdefault(why, []).append(name)
            writer.dump(dict(sorted(by_reason.items())), FOLDER / "unsupported" / f"{engine}.yaml")


def faults(name: str, topic: dict[str, Any], case: dict[str, Any], folder: Path) -> Iterator[str]:
    """What comes otherwise than the case says, on any engine that can run it."""
    wanted = case.get("error", [])
    try:
        pack = loaded(folder, topic, case)
        results = {engine: checked(pack, topic, case, engine) for engine in ENGINES}
        # So few records are read as rows; many are kept as the columns they come in.
        with few_are_many("columns"):
            results["columnar on columns"] = checked(pack, topic, case, "columnar")
    except EnvrulesError as error:
        if {d.code for d in error.diagnostics} != ({wanted} if isinstance(wanted, str) else set(wanted)):
            yield str(error)
        return
    if wanted:
        yield f"nothing is wrong, {wanted} was expected"
    yield from left_otherwise(name, pack)
    tables = {engine: rows_of(result.findings) for engine, result in results.items() if result}
    for engine, result in results.items():
        for fault in faults_of(case, result, engine) if result else ():
            yield f"{engine}: {fault}"
        # The columnar engine makes its table of findings without its verdicts.
        if result and tables[engine] != tables["reference"]:
            yield f"{engine}: the findings are {tables[engine]}, {tables['reference']} were expected"


def left_otherwise(name: str, pack: Pack) -> Iterator[str]:
    """Where an engine leaves a case to the interpreter that is not stated, or runs one that is."""
    for engine, listed in UNSUPPORTED.items():
        if engine == "durable" and not durable.available():
            continue
        why = engine_named(engine).unsupported(pack.rules["case"])
        if why:
            LEFT[engine][name] = why
        if why != listed.get(name, "") and not os.environ.get("ACCEPT"):
            yield f"{engine}: stated as left out: {listed.get(name, '')!r}, left out: {why!r} (see `make accept`)"


def checked(pack: Pack, topic: dict[str, Any], case: dict[str, Any], engine: str) -> Result | None:
    """The result of a case's records; None where the engine leaves such a rule to another."""
    if engine_named(engine).unsupported(pack.rules["case"]):
        return None
    inputs = case.get("records") or {}
    if "given" in case or not inputs:
        inputs = {first(topic, case): [{"id": "case", **(case.get("given") or {})}], **inputs}
    as_of = str(case.get("as_of", AS_OF))
    return api.check(pack, inputs, as_of=as_of, engine=engine, subjects=case.get("subjects"), outcomes="all")


def faults_of(case: dict[str, Any], result: Result, engine: str) -> Iterator[str]:
    problems = sorted(p.code for p in result.problem_list)
    if problems != sorted(case.get("problems", [])):
        yield f"the problems are {problems}"
    came = {v.record_id if v.record_id is not None else v.subject: v for v in result.verdicts}
    for name, stated in expected(case).items():
        if name not in came:
            yield f"{name}: nothing came, {stated} was expected"
        else:
            yield from differences(name, stated, came[name], engine)
    if "expect" in case:
        more = {n: v.outcome for n, v in came.items() if n not in case["expect"] and v.outcome != "not_applicable"}
        if more:
            yield f"more came: {more}"


def first(topic: dict[str, Any], case: dict[str, Any]) -> str:
    return str(case.get("rule", {}).get("record") or next(iter(case.get("types", topic["records"]))))


def expected(case: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The parts of findings that are stated, by record id or subject."""
    if "expect" in case:
        return {n: e if isinstance(e, dict) else {"outcome": e} for n, e in case["expect"].items()}
    if "unknown" in case:
        return {"case": {"outcome": "indeterminate", "missing": case["unknown"]}}
    if "expression" in case and isinstance(case.get("value"), bool):
        return {"case": {"outcome": "pass" if case["value"] else "violation"}}
    return {"case": {k: case[k] for k in EVIDENCE if k in case}}


def differences(name: str, stated: Mapping[str, Any], verdict: Verdict, engine: str) -> Iterator[str]:
    for part, want in stated.items():
        # Only the interpreter owes evidence of what is no finding.
        if part != "outcome" and engine != "reference" and verdict.outcome not in FINDINGS:
            continue
        found = getattr(verdict, part)
        if not same(want, found):
            yield f"{name}: {part} is {found!r}, {want!r} was expected"


def same(want: Any, found: Any) -> bool:
    if isinstance(found, tuple):
        return isinstance(want, list) and sorted(map(str, want)) == sorted(map(str, found))
    if isinstance(want, bool) or isinstance(found, bool):
        return want is found
    if isinstance(want, int | float) and isinstance(found, int | float):
        return math.isclose(want, found, rel_tol=1e-9, abs_tol=1e-12)
    return bool(want == found) or (found is not None and str(want) == found)


def rule_of(topic: dict[str, Any], case: dict[str, Any]) -> dict[str, Any]:
    rule = {"id": "case", "title": "case", "record": first(topic, case)}
    if "rule" in case:
        return {**rule, **case["rule"]}
    text = str(case["expression"])
    if "value" in case and not isinstance(case["value"], bool):
        # A requirement that is never met, so that the value stands in a finding.
        return {**rule, "derive": {"result": {"value": text}}, "output": "result", "require": "false"}
    return {**rule, "require": text}


def loaded(folder: Path, topic: dict[str, Any], case: dict[str, Any]) -> Pack:
    """The pack of the file's record types and the case's one rule."""
    head = {"pack": "case", "version": "1", "calendar": "china", **case.get("pack", topic.get("pack", {}))}
    _write(folder / "pack.yaml", head)
    for old in folder.glob("records/*.yaml"):
        old.unlink()
    for name, record in case.get("types", topic.get("records", {})).items():
        _write(folder / "records" / f"{name}.yaml", {"record": name, **record})
    _write(folder / "clause.yaml", {"clause": "1", "rules": [rule_of(topic, case)]})
    return api.load_pack(folder)


def _write(path: Path, document: dict[str, Any]) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(
        json.dumps({"schema": "envrules/1", **document}, ensure_ascii=False, indent=1, default=str), "utf-8"
    )
