"""What was judged and kept, and what does not concern a case: each with the values it rests on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from envrules.engines.reference.evaluate import Env
from envrules.engines.reference.evidence import deciding
from envrules.engines.reference.judge import date_of
from envrules.lang import ast
from envrules.records.types import Words
from envrules.screening.case import Case, Judgement, Pair
from envrules.screening.words import field_words, record_words, value_words
from envrules.verdict import Outcome, Verdict


@dataclass(frozen=True)
class Checked:
    """A rule on a record of the case, with why its outcome is what it is; no record where none was given."""

    rule: str
    clause: str
    title: Words
    record_type: str
    record_id: str | None
    outcome: Outcome
    why: Words

    def as_dict(self) -> dict[str, Any]:
        """As the command's JSON output gives it."""
        return {
            "rule": self.rule,
            "clause": self.clause,
            "title": {"en": self.title.en, "zh": self.title.zh},
            "record_type": self.record_type,
            "record_id": self.record_id,
            "outcome": self.outcome,
            "why": {"en": self.why.en, "zh": self.why.zh},
        }

    def __str__(self) -> str:
        return f"{self.clause} {self.rule}: {self.why.either()}"


def lies_ahead(case: Case, pair: Pair) -> bool:
    """Whether a record is dated after the evaluation date, so that nothing can be said of it yet."""
    date = date_of(case.records[pair.rule.record][pair.index], case.pack)
    return date is not None and date > case.as_of.toordinal()


def checked(case: Case, judgement: Judgement) -> Iterator[Checked]:
    """The rules that are kept, and the duties that can still be done."""
    for pair, verdict in judgement.verdicts:
        if verdict.outcome == "pass":
            node = pair.rule.require
            yield _checked(case, pair, verdict, _both(case, pair, node))
        elif verdict.outcome == "not_due" and not lies_ahead(case, pair):
            yield _checked(case, pair, verdict, Words("its due day has not come", "履行期限未到"))


def not_applicable(case: Case, judgement: Judgement) -> Iterator[Checked]:
    """The rules that do not concern the case, and those whose records were not given."""
    for pair, verdict in judgement.verdicts:
        if verdict.outcome == "not_applicable" and pair.rule.when is not None:
            yield _checked(case, pair, verdict, _both(case, pair, pair.rule.when))
        elif verdict.outcome == "not_in_force":
            yield _checked(case, pair, verdict, _dates(pair))
    for rule in case.rules:
        if not case.records.get(rule.record):
            label = case.pack.records[rule.record].label
            name = label.either("en") or rule.record
            why = Words(f"not checked: no {name} was given", f"未核查：未提供{label.either('zh') or rule.record}")
            yield Checked(rule.id, rule.clause, rule.title, rule.record, None, "not_applicable", why)


def _checked(case: Case, pair: Pair, verdict: Verdict, why: Words) -> Checked:
    rule = pair.rule
    return Checked(rule.id, rule.clause, rule.title, rule.record, verdict.record_id, verdict.outcome, why)


def _both(case: Case, pair: Pair, node: ast.Node) -> Words:
    """The values that a condition rests on."""
    _, env = case.environment(pair)
    said: tuple[dict[str, None], dict[str, None]] = ({}, {})
    for atom in deciding(node, env):
        for part in ast.walk(atom):
            if isinstance(part, ast.Aggregate) and part.over:
                label = case.pack.records[env.related[part.over].record].label
                count = len(env.related_to(part.over))
                name = env.related[part.over].record
                said[0][f"{label.either('en') or name}: {count}"] = None
                said[1][f"{label.either('zh') or name}：{count}项"] = None
            elif isinstance(part, ast.FieldValue):
                for found, language in zip(said, ("en", "zh"), strict=True):
                    found.update(dict.fromkeys(_said(case, env, part, language)))
    return Words("; ".join(said[0]), "；".join(said[1]))


def _said(case: Case, env: Env, node: ast.FieldValue, language: str) -> Iterator[str]:
    """The values of a field: of the record itself, or of those that are joined, each by its name."""
    own = env.own(node.scope)
    colon = "：" if language == "zh" else ": "
    for record in [own] if own is not None else [r for r, _ in env.related_to(node.scope)]:
        declared = case.pack.records[record.type].fields[node.name]
        value = value_words(declared, record.value(node.name), language)
        who = "" if own is not None else record_words(case.pack.records[record.type], record.id, language) + (
            "" if language == "zh" else " "
        )  # fmt: skip
        yield f"{who}{field_words(declared, language)}{colon}{value}"


def _dates(pair: Pair) -> Words:
    rule = pair.rule
    if rule.effective is not None and rule.expires is None:
        return Words(f"dated before {rule.effective}, when the rule took effect", f"早于规则施行日期{rule.effective}")
    return Words("dated when the rule is not in force", "不在规则施行期内")
