"""A decision as text, and several as a table; the JSON of both."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from unicodedata import east_asian_width

from envrules.records.types import Words
from envrules.report.inert import finite, visible
from envrules.screening.answer import ANSWER_WORDS, Answered, Question, Reason, open_besides
from envrules.screening.facts import Fact
from envrules.screening.words import listed

_HEADS = {
    "en": {
        "reasons": "refused because", "cures": "could be cleared by", "questions": "to be asked, in this order",
        "derived": "derived", "checked": "checked", "not applicable": "does not apply", "notes": "notes",
        "engine": "judged by",
        "open": "also open",
    },
    "zh": {
        "reasons": "不予通过的理由", "cures": "可行的单项调整", "questions": "需依次补充", "derived": "推导得出",
        "checked": "已核查", "not applicable": "不适用", "notes": "说明", "engine": "判定引擎", "open": "另有未决规则",
    },
}  # fmt: skip
_ENGINES = {
    "durable": Words("durable-rules", "durable-rules"),
    "reference": Words("the interpreter", "解释器"),
    "durable and reference": Words("durable-rules and the interpreter", "durable-rules和解释器"),
}


@dataclass(frozen=True)
class _Style:
    """The marks of a language: Chinese has its own."""

    language: str

    @property
    def heads(self) -> dict[str, str]:
        return _HEADS[self.language]

    @property
    def colon(self) -> str:
        return "：" if self.language == "zh" else ": "

    def head(self, name: str) -> str:
        """The line above a list."""
        return f"  {self.heads[name]}{self.colon.rstrip()}"

    def inside(self, text: str) -> str:
        """A text in brackets."""
        return f"（{text}）" if self.language == "zh" else f" ({text})"

    def record(self, record_id: str) -> str:
        """The record that a line is about."""
        return f" [{record_id}]" if record_id else ""


def decision_text(decision: Answered, language: str = "en") -> str:
    """One decision in full."""
    style = _Style(language)
    lines = [f"{decision.id}{style.colon}{ANSWER_WORDS[decision.decision].either(language)}"]
    if decision.reasons:
        lines.append(style.head("reasons"))
        for reason in decision.reasons:
            lines += _reason(reason, style)
    if decision.questions:
        lines.append(style.head("questions"))
        for n, question in enumerate(decision.questions, 1):
            lines.append(f"    {n}. {question_text(question, language)}")
    if decision.derived:
        lines.append(style.head("derived"))
        lines += [_derived(fact, style) for fact in decision.derived]
    for head, items in (("checked", decision.checked), ("not applicable", decision.not_applicable)):
        if items:
            lines.append(style.head(head))
        for item in items:
            who = style.record(item.record_id or "" if item.record_id != decision.id else "")
            why = style.inside(item.why.either(language))
            lines.append(f"    {item.clause} {item.title.either(language)}{who}{why}")
    if decision.notes:
        lines.append(style.head("notes"))
        lines += [f"    {note.either(language)}" for note in decision.notes]
    besides = open_besides(decision) if decision.decision == "refuse" else []
    if besides:
        lines.append(
            f"{style.head('open')} {', '.join(besides)}"
            if language == "en"
            else style.head("open") + "、".join(besides)
        )
    engine = _ENGINES.get(decision.engine, Words(decision.engine)).either(language)
    lines.append(f"  {style.heads['engine']}{style.colon if language == 'zh' else ' '}{engine}")
    return visible("\n".join(lines), keep="\n")


def _derived(fact: Fact, style: _Style) -> str:
    """A derived fact, with the rule that derived it and the facts it came from."""
    language = style.language
    meaning = fact.meaning.either(language)
    rule = fact.rule + (style.inside(meaning) if meaning else "")
    sources = [
        f"{s.said(language)}{style.record('' if s.record_id == fact.record_id else s.record_id)}" for s in fact.sources
    ]
    start = f"    [{fact.record_id}] {fact.said(language)}"
    if language == "zh":
        return f"{start}，依据{rule}" + (f"，由{'、'.join(sources)}得出" if sources else "")
    return f"{start}, by {rule}" + (f", from {', '.join(sources)}" if sources else "")


def _reason(reason: Reason, style: _Style) -> list[str]:
    zh, language = style.language == "zh", style.language
    lines = [f"    {', '.join(reason.clauses)}{style.record(reason.record_id)} {reason.words.either(language)}"]
    if not reason.cures:
        lines.append("      " + ("没有可使其合规的单项调整" if zh else "no single change would clear it"))
        return lines
    head = f"{style.heads['cures']}{style.colon}"
    for n, cure in enumerate(reason.cures):
        note = ""
        if cure.breaks:
            rules = ", ".join(cure.breaks)
            note = f"（但将违反{rules}）" if zh else f" (but this would break {rules})"
        elif cure.opens:
            rules = ", ".join(cure.opens)
            note = f"（但{rules}将待定）" if zh else f" (but {rules} would then be open)"
        start = head if n == 0 else " " * _width(head)
        who = "" if cure.record_id == reason.record_id else style.record(cure.record_id)
        lines.append(f"      {start}{cure.words.either(language)}{who}{note}")
    return lines


def question_text(question: Question, language: str) -> str:
    """A question with its answers."""
    text = question.words.either(language)
    if question.known.both():
        known = question.known.either(language)
        text += f"（目前所知：{known}）" if language == "zh" else f" (known so far: {known})"
    if question.kind != "bool" and question.answers:
        text += f" [{' / '.join(w.either(language) for _, w in question.answers)}]"
    return text


def table_text(decisions: Sequence[Answered], language: str = "en") -> str:
    """Several decisions, a line for each, with a closing line."""
    zh = language == "zh"
    heads = ("项目", "结论", "条款", "理由或待补充") if zh else ("project", "answer", "clauses", "why, or what to ask")
    rows = [heads, *(_row(d, language) for d in decisions)]
    widths = [max(_width(row[i]) for row in rows) for i in range(3)]
    lines = ["  ".join([*(c + " " * (w - _width(c)) for c, w in zip(row, widths, strict=False)), row[3]]).rstrip()
             for row in rows]  # fmt: skip
    count = {a: sum(d.decision == a for d in decisions) for a in ANSWER_WORDS}
    said = [f"{ANSWER_WORDS[a].zh}{n}个" if zh else f"{n} {ANSWER_WORDS[a].en}" for a, n in count.items() if n]
    lines += [
        "",
        f"共{len(decisions)}个项目：{'，'.join(said)}" if zh else f"{len(decisions)} projects: {', '.join(said)}",
    ]
    return visible("\n".join(lines), keep="\n")


def _row(decision: Answered, language: str) -> tuple[str, str, str, str]:
    clauses = dict.fromkeys(c for r in decision.reasons for c in r.clauses)
    if decision.decision == "refuse":
        why = ("；" if language == "zh" else "; ").join(_brief(r, language) for r in decision.reasons)
    else:
        asked = listed((_asked(q, decision, language) for q in decision.questions), language, "and")
        why = asked or "; ".join(n.either(language) for n in decision.notes if decision.decision == "ask")
    return decision.id, ANSWER_WORDS[decision.decision].either(language), ", ".join(clauses) or "-", why


def _asked(question: Question, decision: Answered, language: str) -> str:
    """What a question asks for, in short."""
    who = "" if question.record_id in (None, decision.id) else f"[{question.record_id}] "
    return f"{who}{question.label.either(language)}"


def _brief(reason: Reason, language: str) -> str:
    cure = reason.cure.words.either(language) if reason.cure else ""
    arrow = "" if not cure else f"（可调整：{cure}）" if language == "zh" else f" -> {cure}"
    return f"[{reason.record_id}] {reason.words.either(language)}{arrow}"


def _width(text: str) -> int:
    return sum(2 if east_asian_width(c) in "WF" else 1 for c in text)


def to_json(head: dict[str, Any], decisions: Iterable[Answered], more: dict[str, Any]) -> str:
    """One JSON object, each decision on a line of its own."""

    def dump(value: Any) -> str:
        return json.dumps(finite(value), ensure_ascii=False, allow_nan=False, default=str)

    lines = ",\n".join(f"    {dump(d.as_dict())}" for d in decisions)
    parts = [f'  "{k}": {dump(v)}' for k, v in head.items()]
    parts.append(f'  "decisions": [\n{lines}\n  ]')
    parts += [f'  "{k}": {dump(v)}' for k, v in more.items()]
    return "{\n" + ",\n".join(parts) + "\n}\n"
