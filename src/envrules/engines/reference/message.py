"""The sentence that says an outcome to a person, in English or Chinese."""

from __future__ import annotations

from typing import Any

from envrules.engines.reference.evidence import Evidence
from envrules.interval import format_number
from envrules.pack.pack import Rule
from envrules.verdict import Outcome

_RELATIONS = {
    "en": {
        "<=": "at most ",
        "<": "below ",
        ">=": "at least ",
        ">": "above ",
        "==": "",
        "!=": "other than ",
        "in": "one of ",
        "not in": "none of ",
    },
    "zh": {
        "<=": "不超过",
        "<": "低于",
        ">=": "不低于",
        ">": "高于",
        "==": "",
        "!=": "不得为",
        "in": "应为下列之一：",
        "not in": "不得为：",
    },
}
_DATES = {
    "en": {"<=": "by ", "<": "before ", ">=": "from ", ">": "after "},
    "zh": {"<=": "不晚于", "<": "早于", ">=": "不早于", ">": "晚于"},
}


def message(rule: Rule, found: Evidence, outcome: Outcome, missing: tuple[str, ...], language: str) -> str:
    """What a finding says: the rule's own message with its values put in, or one made from the evidence."""
    title = rule.title.either(language)
    zh = language == "zh"
    if outcome == "indeterminate":
        named = ("、" if zh else ", ").join(missing)
        if not named:
            return f"{title}：无法判定" if zh else f"{title}: cannot be judged"
        return f"{title}：缺少{named}，无法判定" if zh else f"{title}: cannot be judged without {named}"
    if outcome not in ("violation", "not_due"):
        return title
    text = rule.message.either(language)
    observed, limit = _with_unit(found.observed, found, language), _with_unit(found.limit, found, language)
    if text:
        unit = ("天" if zh else "days") if found.unit == "day" else found.unit or ""
        margin = f"{_say(found.margin, language)} {unit}".strip()
        for name, value in (("observed", observed), ("limit", limit), ("margin", margin)):
            text = text.replace("{" + name + "}", value)
        return text
    if found.limit is None:
        return title
    words = _DATES if found.unit == "day" and isinstance(found.limit, str) else _RELATIONS
    relation = words[language].get(found.relation, "")
    return (
        f"{title}：现状{observed}，要求{relation}{limit}"
        if zh
        else f"{title}: found {observed}, required {relation}{limit}"
    )


def _with_unit(value: Any, found: Evidence, language: str) -> str:
    """A value with its unit; a date or a word has none."""
    text = _say(value, language)
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    is_range = isinstance(value, str) and value[:1] in "[("
    return f"{text} {found.unit}" if found.unit and found.unit != "day" and (is_number or is_range) else text


def _say(value: Any, language: str) -> str:
    zh = language == "zh"
    if value is None:
        return "未知" if zh else "nothing known"
    if isinstance(value, bool):
        return ("是" if value else "否") if zh else ("yes" if value else "no")
    if isinstance(value, int | float):
        return format_number(value)
    if isinstance(value, list):
        return ("、" if zh else ", ").join(map(str, value))
    return {"filled": "已填写", "not filled": "未填写"}.get(str(value), str(value)) if zh else str(value)
