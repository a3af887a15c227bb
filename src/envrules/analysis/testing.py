"""The cases of a pack's rules, run: records with the outcomes they must get."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from envrules.diagnostics import EnvrulesError
from envrules.engines.base import Engine, Job
from envrules.engines.reference import ENGINE
from envrules.pack.model import CasePart
from envrules.pack.pack import Pack, Rule
from envrules.records.dataset import Dataset
from envrules.records.read import read_inputs
from envrules.verdict import Verdict

#: What an expectation may state, and which field of a verdict it is compared with.
STATED = ("outcome", "margin", "observed", "limit", "unit", "value", "missing", "fields", "severity")


@dataclass(frozen=True)
class CaseResult:
    """One case of a rule: whether it held, and where it did not, what was expected and what came."""

    rule: str
    case: str
    ok: bool
    detail: str = ""


@dataclass(frozen=True)
class CaseRun:
    """A case with the records it made and the verdicts they got."""

    case: CasePart
    dataset: Dataset
    verdicts: tuple[Verdict, ...]


def run_cases(pack: Pack, rules: Mapping[str, Rule] | None = None, engine: Engine = ENGINE) -> list[CaseResult]:
    """Run every case of the pack's rules (or of those given)."""
    return [result for rule in (rules or pack.rules).values() for result in run_rule_cases(pack, rule, engine)]


def run_rule_cases(pack: Pack, rule: Rule, engine: Engine = ENGINE) -> Iterator[CaseResult]:
    """Run the cases of one rule."""
    for case in rule.cases:
        try:
            run = run_case(pack, rule, case, engine)
        except EnvrulesError as error:
            yield CaseResult(rule.id, case.name, False, str(error))
            continue
        faults = list(compare(case, run.verdicts))
        if faults and run.dataset.problems:
            faults += [f"{p.field or p.column}: {p.reason}" for p in run.dataset.problems]
        yield CaseResult(rule.id, case.name, not faults, "; ".join(faults))


def run_case(pack: Pack, rule: Rule, case: CasePart, engine: Engine = ENGINE) -> CaseRun:
    """The verdicts of a rule on a case's records.

    Raises:
        InputError: for records that name no field or type of the pack.
    """
    dataset, job = case_job(pack, rule, case)
    return CaseRun(case, dataset, tuple(engine.run(job)))


def case_job(pack: Pack, rule: Rule, case: CasePart) -> tuple[Dataset, Job]:
    """The records of a case as read, and what an engine is asked to judge.

    Raises:
        InputError: for records that name no field or type of the pack.
    """
    dataset = read_inputs(records_of(case, rule), pack.records, pack.units)
    as_of = case.as_of or pack.cases_as_of or dt.date.today()
    subjects = {f"{rule.record}.{k}" if "." not in k else k: tuple(v) for k, v in (case.subjects or {}).items()}
    return dataset, Job(pack, dataset.records, as_of, [rule], subjects)


def records_of(case: CasePart, rule: Rule) -> dict[str, list[dict[str, Any]]]:
    """The records of a case by type, `repeat` written out; a rule's own type is there even where it has none."""
    if case.record is not None:
        return {rule.record: [{"id": "case", **case.record}]}
    found: dict[str, list[dict[str, Any]]] = {rule.record: []}
    for name, rows in (case.records or {}).items():
        found[name] = [one for row in rows for one in _repeated(row)]
    return found


def _repeated(row: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """`repeat: {field, from, days}` makes a record for each day, with ids counted from 1."""
    repeat = row.get("repeat")
    if repeat is None:
        yield dict(row)
        return
    rest = {k: v for k, v in row.items() if k != "repeat"}
    first = dt.date.fromisoformat(str(repeat["from"]))
    for i in range(int(repeat["days"])):
        day = {str(repeat["field"]): (first + dt.timedelta(days=i)).isoformat()}
        yield {**rest, "id": f"{rest.get('id', 'day')}-{i + 1}", **day}


def compare(case: CasePart, verdicts: tuple[Verdict, ...]) -> Iterator[str]:
    """What differs between a case's expectation and the verdicts, in words."""
    if case.record is not None:
        stated = {name: getattr(case, name) for name in STATED if name in case.model_fields_set}
        expected: dict[str, Any] = {str(case.record.get("id", "case")): stated}
    else:
        expected = dict(case.expect or {})
    came = {(v.record_id if v.record_id is not None else v.subject): v for v in verdicts}
    for name in [*expected, *(n for n in came if n not in expected)]:
        want = expected.get(name)
        verdict = came.get(name)
        if verdict is None:
            yield f"{name}: no outcome came, {want} was expected"
        elif want is None:
            if verdict.outcome != "not_applicable":
                yield f"{name}: {verdict.outcome} came, nothing was expected"
        else:
            wanted = want if isinstance(want, dict) else {"outcome": want}
            yield from _differences("" if case.record is not None else f"{name}: ", wanted, verdict)


def _differences(name: str, want: Mapping[str, Any], verdict: Verdict) -> Iterator[str]:
    for key, value in want.items():
        if key not in STATED:
            yield f"{name}{key} is nothing an expectation states"
            continue
        found = getattr(verdict, key)
        if not _same(value, found):
            shown = list(found) if isinstance(found, tuple) else found
            lacking = f" (missing: {', '.join(verdict.missing)})" if key == "outcome" and verdict.missing else ""
            yield f"{name}{key} {shown} came{lacking}, {value} was expected"


def _same(want: Any, found: Any) -> bool:
    if isinstance(found, tuple):
        return isinstance(want, list) and sorted(map(str, want)) == sorted(map(str, found))
    if isinstance(want, int | float) and isinstance(found, int | float) and not isinstance(want, bool):
        return math.isclose(want, found, rel_tol=1e-9, abs_tol=1e-12)
    return bool(want == found)
