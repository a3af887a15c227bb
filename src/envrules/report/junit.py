"""JUnit XML for servers that run checks: a suite a rule, a failure a violation, skipped what could not be judged."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from envrules.report.base import ReportData
from envrules.report.inert import visible
from envrules.report.phrases import judged, value_text
from envrules.verdict import OUTCOMES, SummaryRow, Verdict


def render(data: ReportData) -> str:
    """The report as JUnit XML.

    A rule without data is a suite with one skipped test, so that it is never taken for complied with. The number of
    outcomes of every kind, listed or not, stands in the suite's properties.
    """
    listed: dict[str, list[Verdict]] = {}
    for verdict in data.verdicts:
        listed.setdefault(verdict.rule, []).append(verdict)
    root = ET.Element("testsuites", name=visible(f"{data.pack_name} {data.pack_version}, as of {data.as_of}"))
    for row in data.summary:
        suite = ET.SubElement(root, "testsuite", name=row.rule)
        _describe(suite, data, row)
        if row.status == "no_data":
            case = ET.SubElement(suite, "testcase", classname=row.rule, name="no data")
            ET.SubElement(case, "skipped", message=f"no records of type {row.record_type} were given")
        for verdict in listed.pop(row.rule, []):
            _add_case(suite, data, verdict)
    for rule, verdicts in listed.items():
        suite = ET.SubElement(root, "testsuite", name=rule)
        for verdict in verdicts:
            _add_case(suite, data, verdict)
    if data.problems:
        _add_problems(root, data)
    for suite in root:
        _count(suite)
    _count(root)
    ET.indent(root)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _describe(suite: ET.Element, data: ReportData, row: SummaryRow) -> None:
    en, zh = data.titles(row.rule)
    texts = {"clause": row.clause, "title.en": en, "title.zh": zh, "severity": row.severity, "status": row.status}
    counts = {outcome: str(row.counts[outcome]) for outcome in OUTCOMES if row.counts.get(outcome)}
    properties = ET.SubElement(suite, "properties")
    for name, value in (texts | counts).items():
        if value:
            ET.SubElement(properties, "property", name=name, value=visible(value))


def _add_case(suite: ET.Element, data: ReportData, verdict: Verdict) -> None:
    case = ET.SubElement(suite, "testcase", classname=verdict.rule, name=visible(judged(verdict)))
    for place in data.places_of(verdict)[:1]:
        case.set("file", visible(place.source))
        if place.row is not None:
            case.set("line", str(place.row))
    if verdict.outcome == "violation":
        message, evidence = visible(_message(verdict)), visible(_evidence(verdict))
        failure = ET.SubElement(case, "failure", message=message, type=verdict.severity)
        failure.text = evidence if evidence != message else None
    elif verdict.outcome != "pass":
        ET.SubElement(case, "skipped", message=visible(f"{verdict.outcome}: {_message(verdict)}"))


def _message(verdict: Verdict) -> str:
    if verdict.message:
        return verdict.message
    if verdict.missing:
        return f"missing: {', '.join(verdict.missing)}"
    return _evidence(verdict)


def _evidence(verdict: Verdict) -> str:
    unit = f" {verdict.unit}" if verdict.unit else ""
    found = {"observed": verdict.observed, "limit": verdict.limit, "margin": verdict.margin}
    parts = [f"{name} {value_text(v)}{unit}" for name, v in found.items() if v is not None]
    return "; ".join([*parts, *verdict.notes])


def _add_problems(root: ET.Element, data: ReportData) -> None:
    suite = ET.SubElement(root, "testsuite", name="problems")
    for problem in data.problems:
        place = ":".join(str(p) for p in (problem.source, problem.sheet, problem.row, problem.column) if p)
        case = ET.SubElement(suite, "testcase", classname="problems", name=visible(place), file=visible(problem.source))
        found = f" (found {problem.value!s:.200})" if problem.value is not None else ""
        ET.SubElement(case, "skipped", message=visible(f"{problem.code}: {problem.reason}{found}"))


def _count(element: ET.Element) -> None:
    counts = {
        "tests": len(list(element.iter("testcase"))),
        "failures": len(list(element.iter("failure"))),
        "errors": 0,
        "skipped": len(list(element.iter("skipped"))),
    }
    for name, value in counts.items():
        element.set(name, str(value))
