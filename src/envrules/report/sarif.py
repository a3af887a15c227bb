"""SARIF 2.1.0, for viewers of findings: the rules with their help, the outcomes, and where their records stand."""

from __future__ import annotations

import json
import os
from pathlib import Path, PurePath
from typing import Any, Final
from urllib.parse import quote

from envrules.diagnostics import CellPlace, Diagnostic, TextPlace
from envrules.records.values import CellProblem
from envrules.report.base import ReportData
from envrules.report.inert import encodable, finite
from envrules.report.phrases import judged, outcome_words, value_text
from envrules.verdict import SummaryRow, Verdict
from envrules.version import __version__

_LEVELS: Final = {"high": "error", "medium": "warning", "low": "note"}
#: What the standard calls the outcomes; only a failure has a level.
_KINDS: Final = {
    "violation": "fail",
    "indeterminate": "open",
    "not_due": "informational",
    "pass": "pass",
    "not_in_force": "notApplicable",
    "not_applicable": "notApplicable",
}


def render(data: ReportData) -> str:
    """The report as one SARIF log with one run."""
    index = {row.rule: n for n, row in enumerate(data.summary)}
    log = {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": _driver(data)},
                "columnKind": "unicodeCodePoints",
                "invocations": [_invocation(data)],
                "artifacts": [{"location": _artifact(source)} for source in _sources(data)],
                "results": [_result(data, verdict, index) for verdict in data.verdicts],
                "properties": {"asOf": data.as_of.isoformat(), "engine": data.engine, "outcomes": data.listed},
            }
        ],
    }
    return json.dumps(finite(log), ensure_ascii=False, allow_nan=False, indent=1) + "\n"


def _driver(data: ReportData) -> dict[str, Any]:
    return {
        "name": "envrules",
        "version": __version__,
        "rules": [_rule(data, row) for row in data.summary],
        "properties": {"pack": data.pack_name, "packVersion": data.pack_version, "packSha256": data.pack_sha256},
    }


def _rule(data: ReportData, row: SummaryRow) -> dict[str, Any]:
    en, zh = data.titles(row.rule)
    clause = " ".join(t for t in (row.clause, *data.clause_titles.get(row.clause, ())) if t)
    detail = data.rule_details.get(row.rule)
    lines = [f"Clause: {clause}"]
    if detail is not None:
        lines += [
            f"{name}: {t}"
            for name, t in (("When", detail.when), ("Requires", detail.require), ("Due", detail.due))
            if t
        ]
        lines += [f"Reading: {' '.join(t for t in reading if t)}" for reading in detail.readings]
    return {
        "id": row.rule,
        "shortDescription": {"text": encodable(en or zh or row.rule)},
        "fullDescription": {"text": encodable(" · ".join(t for t in (en, zh) if t) or row.rule)},
        "help": {"text": encodable("\n".join(lines))},
        "defaultConfiguration": {"level": _LEVELS[row.severity]},
        "properties": {"clause": row.clause, "recordType": row.record_type, "status": row.status},
    }


def _result(data: ReportData, verdict: Verdict, index: dict[str, int]) -> dict[str, Any]:
    failed = verdict.outcome == "violation"
    result: dict[str, Any] = {"ruleId": verdict.rule}
    if verdict.rule in index:
        result["ruleIndex"] = index[verdict.rule]
    result |= {
        "kind": _KINDS[verdict.outcome],
        "level": _LEVELS[verdict.severity] if failed else "none",
        "message": {"text": encodable(_message(verdict))},
    }
    places = data.places_of(verdict)
    logical = {"name": encodable(judged(verdict)), "kind": "record" if verdict.record_id is not None else "group"}
    location: dict[str, Any] = {"logicalLocations": [logical | {"fullyQualifiedName": _qualified(verdict)}]}
    if places:
        location = {"physicalLocation": _physical(places[0])} | location
    result["locations"] = [location]
    if len(places) > 1:
        result["relatedLocations"] = [
            {"physicalLocation": _physical(p), "message": {"text": "a record of the same id"}} for p in places[1:]
        ]
    # What a viewer needs to tell that a finding is the same one as yesterday's.
    result["partialFingerprints"] = {"ruleAndRecord/v1": f"{verdict.rule}/{_qualified(verdict)}"}
    evidence = verdict.as_dict()
    names = ("fields", "observed", "limit", "margin", "unit", "value", "missing", "notes", "severity")
    result["properties"] = {"outcome": verdict.outcome} | {
        n: evidence[n] for n in names if evidence[n] not in (None, [])
    }
    return result


def _message(verdict: Verdict) -> str:
    what = f"{judged(verdict)}: {outcome_words(verdict.outcome).en}"
    if verdict.message:
        return f"{what}. {verdict.message}"
    if verdict.missing:
        return f"{what}; missing {', '.join(verdict.missing)}"
    unit = f" {verdict.unit}" if verdict.unit else ""
    found = {"observed": verdict.observed, "limit": verdict.limit}
    return "; ".join([what, *(f"{name} {value_text(v)}{unit}" for name, v in found.items() if v is not None)])


def _qualified(verdict: Verdict) -> str:
    return encodable(f"{verdict.record_type}/{judged(verdict)}")


def _sources(data: ReportData) -> list[str]:
    given = [account.source for account in data.accounts]
    named = [p.source for v in data.verdicts for p in data.places_of(v)[:1]]
    return list(dict.fromkeys([*given, *named]))


def _artifact(source: str) -> dict[str, str]:
    path = PurePath(source)
    if path.is_absolute():
        return {"uri": Path(path).as_uri()}
    return {"uri": quote(encodable(source).replace(os.sep, "/"))}


def _physical(place: CellPlace) -> dict[str, Any]:
    physical: dict[str, Any] = {"artifactLocation": _artifact(place.source)}
    if place.row is not None and place.row > 0:
        region: dict[str, Any] = {"startLine": place.row}
        physical["region"] = region
        if place.sheet:
            region["message"] = {"text": encodable(f"sheet {place.sheet}, row {place.row}")}
    return physical


def _invocation(data: ReportData) -> dict[str, Any]:
    notes = [_notification(w) for w in data.warnings] + [_problem(p) for p in data.problems]
    invocation: dict[str, Any] = {"executionSuccessful": True, "exitCode": data.exit_code}
    if notes:
        invocation["toolExecutionNotifications"] = notes
    return invocation


def _notification(warning: Diagnostic) -> dict[str, Any]:
    note: dict[str, Any] = {
        "descriptor": {"id": warning.code},
        "level": warning.level,
        "message": {"text": encodable(warning.what)},
    }
    where = warning.where
    if isinstance(where, CellPlace):
        note["locations"] = [{"physicalLocation": _physical(where)}]
    elif isinstance(where, TextPlace):
        region = {"startLine": where.line, "startColumn": where.column}
        note["locations"] = [{"physicalLocation": {"artifactLocation": _artifact(where.file), "region": region}}]
    return note


def _problem(problem: CellProblem) -> dict[str, Any]:
    text = f"{problem.column}: {problem.reason}" if problem.column else problem.reason
    place = CellPlace(problem.source, problem.sheet, problem.row, problem.column)
    return {
        "descriptor": {"id": problem.code},
        "level": "warning",
        "message": {"text": encodable(text)},
        "locations": [{"physicalLocation": _physical(place)}],
    } | _found(problem.as_dict()["value"])


def _found(value: object) -> dict[str, Any]:
    return {} if value is None else {"properties": {"value": value}}
