"""The sentence that says an outcome to a person, in English or Chinese."""

from __future__ import annotations

from typing import Any

from envrules.engines.reference.evidence import Evidence
from envrules.interval import format_number
from envrules.pack.pack import Pack, Rule
from envrules.records.types import Enumeration
from envrules.verdict import Outcome, is_number

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
        "==": "为",
        "!=": "不得为",
        "in": "为下列之一：",
        "not in": "不得为：",
    },
}
_DATES = {
    "en": {"<=": "by ", "<": "before ", ">=": "from ", ">": "after "},
    "zh": {"<=": "不晚于", "<": "早于", ">=": "不早于", ">": "晚于"},
}


#: What may stand for the numbers of a finding in its sentence, by their names: no character that a text has.
HOLES = {"observed": "\x00o\x00", "limit": "\x00l\x00", "margin": "\x00m\x00"}


def message(
    rule: Rule,
    found: Evidence,
    outcome: Outcome,
    missing: tuple[str, ...],
    pack: Pack,
    language: str,
    holes: bool = False,
) -> str:
    """What a finding says: the rule's own message with its values put in, or one made from the evidence.

    English keeps the names of fields and words as data has them; Chinese puts their labels.

    Args:
        holes: put `HOLES` for the numbers, so that the sentence can be filled for all findings of one kind.
    """
    title = rule.title.either(language)
    zh = language == "zh"
    if outcome == "indeterminate":
        named = ("、" if zh else ", ").join(_label(path, rule, pack) if zh else path for path in missing)
        if not named:
            return f"{title}：无法判定" if zh else f"{title}: cannot be judged"
        return f"{title}：缺少{named}，无法判定" if zh else f"{title}: cannot be judged without {named}"
    if outcome not in ("violation", "not_due"):
        return title
    say = _Saying(found, _enumeration(found.enum, rule, pack) if zh else None, zh, holes)
    observed, limit = say.with_unit("observed"), say.with_unit("limit")
    text = rule.message.either(language)
    if text:
        unit = ("天" if zh else "days") if found.unit == "day" else found.unit or ""
        margin = f"{say.text('margin')} {unit}".strip()
        for name, value in (("observed", observed), ("limit", limit), ("margin", margin)):
            text = text.replace("{" + name + "}", value)
        return text
    if found.limit is None:
        return title
    words = _DATES if found.unit == "day" and isinstance(found.limit, str) else _RELATIONS
    relation = words[language].get(found.relation, "")
    if zh:
        return f"{title}：实际为{observed}，要求{relation}{limit}"
    return f"{title}: found {observed}, required {relation}{limit}"


def _label(path: str, rule: Rule, pack: Pack) -> str:
    """A field's Chinese label; of a related record with that record's."""
    scope, _, name = path.rpartition(".")
    record = rule.related[scope].record if scope in rule.related else rule.record
    declared = pack.records[record].fields.get(name)
    label = declared.label.zh if declared is not None and declared.label.zh else path
    return f"{pack.records[record].label.zh or scope}的{label}" if scope in rule.related else label


def _enumeration(name: str, rule: Rule, pack: Pack) -> Enumeration | None:
    own = next((t.enum for t in rule.derive.values() if t.enum is not None and t.enum.name == name), None)
    return own or pack.enums.get(name)


class _Saying:
    """Values in words."""

    def __init__(self, found: Evidence, enum: Enumeration | None, zh: bool, holes: bool) -> None:
        self.found, self.zh, self.holes = found, zh, holes
        self.labels = {v.name: v.label.zh for v in enum.values if v.label.zh} if enum is not None else {}

    def text(self, name: str) -> str:
        """A value of the evidence by its name."""
        value = getattr(self.found, name)
        return HOLES[name] if self.holes and is_number(value) else self.plain(value)

    def with_unit(self, name: str) -> str:
        """A value of the evidence with its unit; a date or a word has none."""
        value, text = getattr(self.found, name), self.text(name)
        is_range = isinstance(value, str) and value[:1] in "[("
        unit = self.found.unit
        return f"{text} {unit}" if unit and unit != "day" and (is_number(value) or is_range) else text

    def plain(self, value: Any) -> str:
        if value is None:
            return "未知" if self.zh else "nothing known"
        if isinstance(value, bool):
            return ("是" if value else "否") if self.zh else ("yes" if value else "no")
        if isinstance(value, int | float):
            return format_number(value)
        if isinstance(value, list):
            return ("、" if self.zh else ", ").join(self.plain(v) for v in value)
        text = str(value)
        if not self.zh:
            return text
        return {"filled": "已填写", "not filled": "未填写"}.get(text) or self._words(text)

    def _words(self, text: str) -> str:
        """A word, or the ends of a choice (`yellow..red`), by label."""
        for mark, joint in (("..", "至"), ("|", "或")):
            if mark in text and all(part in self.labels for part in text.split(mark)):
                return joint.join(self.labels[part] for part in text.split(mark))
        return self.labels.get(text, text)
