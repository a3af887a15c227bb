"""One rule on one record or group: the outcome by the table of the semantics, in its order, with its evidence."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

from envrules.calendars import last_day
from envrules.engines.reference.evaluate import Env, condition, evaluate, number
from envrules.engines.reference.evidence import Evidence, deciding, evidence, open_fields, show
from envrules.engines.reference.message import message
from envrules.interval import Interval
from envrules.lang import ast
from envrules.pack.pack import Pack, Rule
from envrules.records.values import Nothing, Record
from envrules.verdict import FINDINGS, Outcome, Severity, Verdict


@dataclass(frozen=True)
class Subject:
    """What is judged.

    Args:
        date: the day that places it in time, as an ordinal; None where it has none.
        dated: whether its type has a date at all.
        applies: whether the rule concerns it (the rule's `when`).
    """

    record_id: str | None
    text: str
    date: float | None
    dated: bool
    applies: bool | None


def date_of(record: Record, pack: Pack) -> float | None:
    """The day that places a record in time: a year stands at its 31 December, a month at its last day.

    So does a date of which only the year or month is known.

    Source: semantics, "Numbers, units, words".
    """
    name = pack.records[record.type].date
    if not name:
        return None
    value = record.value(name)
    if not isinstance(value, Interval) or math.isinf(value.hi):
        return None
    kind = pack.records[record.type].fields[name].kind
    if kind == "date":
        return value.hi
    try:
        return float(last_day("month" if kind == "month" else "year", int(value.hi)).toordinal())
    except (ValueError, OverflowError):
        return None


def judge(rule: Rule, subject: Subject, env: Env, evidence_of_all: bool = True) -> Verdict:
    """The verdict of a rule on a subject in its environment."""
    as_of = env.as_of.lo
    date = as_of if subject.date is None else subject.date
    required: bool | None = None
    outcome: Outcome
    reached: bool | None = True
    if subject.applies is False:
        outcome = "not_applicable"
    elif not _in_force(rule, date):
        outcome = "not_in_force"
    elif date > as_of:
        outcome = "not_due"
    else:
        required = condition(rule.require, env)
        reached = _due_reached(rule, subject, date, env)
        if required is True:
            outcome = "pass"
        elif reached is False:
            outcome = "not_due"
        elif subject.applies is True and required is False and reached is True:
            outcome = "violation"
        else:
            outcome = "indeterminate"
    if outcome not in FINDINGS and not evidence_of_all:
        return Verdict(rule.id, rule.clause, rule.record, subject.record_id, subject.text, outcome)
    return _with_evidence(rule, subject, env, outcome, reached)


def _in_force(rule: Rule, date: float) -> bool:
    if rule.effective is not None and date < rule.effective.toordinal():
        return False
    return rule.expires is None or date <= rule.expires.toordinal()


def _due_reached(rule: Rule, subject: Subject, date: float, env: Env) -> bool | None:
    """Whether the day by which the duty had to be done has come; None where it is not known.

    A dated record counts from its due day on; a duty without a date can still be done on it.
    """
    if rule.due is None:
        return True
    due = number(rule.due, env)
    if not due.known:
        return None
    return date >= due.lo if subject.dated else env.as_of.lo > due.lo


def _with_evidence(rule: Rule, subject: Subject, env: Env, outcome: Outcome, reached: bool | None) -> Verdict:
    found = Evidence()
    missing: tuple[str, ...] = ()
    if outcome == "not_applicable" and rule.when is not None and rule.group is None:
        found = Evidence(fields=evidence(rule.when, env).fields)
    elif outcome != "not_in_force":
        found = evidence(rule.require, env)
        missing = _missing(rule, subject, env, outcome, reached)
        found = replace(found, fields=_own_first(found.fields))
    severity = _severity(rule, env)
    notes = _notes(rule, subject, env, outcome)
    return Verdict(
        rule=rule.id,
        clause=rule.clause,
        record_type=rule.record,
        record_id=subject.record_id,
        subject=subject.text,
        outcome=outcome,
        fields=found.fields,
        observed=found.observed,
        limit=found.limit,
        margin=found.margin,
        unit=found.unit,
        value=_output(rule, env) if outcome not in ("not_applicable", "not_in_force") else None,
        missing=missing,
        notes=notes,
        severity=severity,
        message=message(rule, found, outcome, missing, env.pack, env.language),
    )


def _own_first(fields: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted(fields, key=lambda f: "." in f))


def _missing(rule: Rule, subject: Subject, env: Env, outcome: Outcome, reached: bool | None) -> tuple[str, ...]:
    """The fields that would have decided, and those whose emptiness is the violation itself."""
    found: list[str] = []
    if outcome in ("indeterminate", "not_due"):
        if subject.applies is None and rule.when is not None:
            found += _open_when(rule, env)
        found += open_fields(rule.require, env)
        if reached is None and rule.due is not None:
            found += ast.field_paths(rule.due)
    elif outcome == "violation":
        found += _empty(rule.require, env)
    return tuple(dict.fromkeys(found))


def _open_when(rule: Rule, env: Env) -> list[str]:
    assert rule.when is not None
    if rule.group is None:
        return list(open_fields(rule.when, env))
    return []


def _empty(node: ast.Node, env: Env) -> list[str]:
    return [a.of.path for a in deciding(node, env) if isinstance(a, ast.Filled) and condition(a, env) is False]


def _severity(rule: Rule, env: Env) -> Severity:
    for level, when in rule.severities:
        if condition(when, env):
            return level
    return rule.severity


def _output(rule: Rule, env: Env) -> Any:
    if not rule.output:
        return None
    node = rule.derive[rule.output].node
    return show(evaluate(node, env), node.type)


def _notes(rule: Rule, subject: Subject, env: Env, outcome: Outcome) -> tuple[str, ...]:
    notes: list[str] = []
    if outcome not in ("not_applicable", "not_in_force"):
        for when, text in rule.notes:
            if when is None or condition(when, env):
                notes.append(_fill(text.either(env.language), rule, env))
        notes += _bases(rule, env)
    if subject.dated and subject.date is None and outcome != "not_applicable":
        name, label = _dated_by(rule, env)
        notes.append(
            f"未填{label}，以判定日期为准"
            if env.language == "zh"
            else f"{name} is not given; judged at the evaluation date"
        )
    return tuple(dict.fromkeys(notes))


def _dated_by(rule: Rule, env: Env) -> tuple[str, str]:
    """What places a subject in time, by its name and in Chinese: a group its period, a record its date."""
    if rule.group is not None:
        name = next(k.name for k in rule.group if k.period is not None)
        return name, name
    name = env.pack.records[rule.record].date
    return name, env.pack.records[rule.record].fields[name].label.zh or name


def _bases(rule: Rule, env: Env) -> list[str]:
    """The notes of the assumptions, and of the standards, that the rule's values rest on."""
    if env.record is None:
        return []
    fields = [n for e in (rule.when, rule.require) if e is not None for n in e.reads]
    found = []
    for node in fields:
        record = env.own(node.scope)
        if record is None:
            continue
        declared = env.declared(node.scope, node.name)
        if declared.assume is not None and record.value(node.name) is Nothing.ABSENT:
            found.append(declared.assume.note.either(env.language))
        cell = record.cells.get(node.name)
        if cell is not None and cell.derivation is not None:
            found.append(cell.derivation.either(env.language))
    return found


def _fill(text: str, rule: Rule, env: Env) -> str:
    """A text with the rule's derived values put in for `{name}`."""
    for name, table in rule.derive.items():
        if "{" + name + "}" in text:
            shown = show(evaluate(table.node, env), table.node.type)
            unit = (
                f" {table.node.type.unit}" if table.node.type.kind == "quantity" and table.node.type.unit.text else ""
            )
            text = text.replace(
                "{" + name + "}", ("未知" if env.language == "zh" else "unknown") if shown is None else f"{shown}{unit}"
            )
    return text
