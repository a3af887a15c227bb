"""A decision as text, and several as a table; the JSON of both."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any
from unicodedata import east_asian_width

from envrules.report.inert import finite, visible
from envrules.screening.answer import ANSWER_WORDS, Answered, Question, Reason

_HEADS = {
    "en": (
        "refused because",
        "could be cleared by",
        "to be asked, in this order",
        "checked",
        "does not apply",
        "notes",
    ),
    "zh": ("不予通过的理由", "可行的单项调整", "需依次补充", "已核查", "不适用", "说明"),
}


def decision_text(decision: Answered, language: str = "en") -> str:
    """One decision in full."""
    heads = _HEADS[language]
    lines = [f"{decision.id}: {ANSWER_WORDS[decision.decision].either(language)}"]
    if decision.reasons:
        lines.append(f"  {heads[0]}:")
        for reason in decision.reasons:
            lines += _reason(reason, language, heads[1])
    if decision.questions:
        lines.append(f"  {heads[2]}:")
        for n, question in enumerate(decision.questions, 1):
            lines.append(f"    {n}. {question_text(question, language)}")
    for head, items in ((heads[3], decision.checked), (heads[4], decision.not_applicable)):
        if items:
            lines.append(f"  {head}:")
            for item in items:
                who = f" [{item.record_id}]" if item.record_id not in (None, decision.id) else ""
                lines.append(f"    {item.clause} {item.title.either(language)}{who} ({item.why.either(language)})")
    if decision.notes:
        lines.append(f"  {heads[5]}:")
        lines += [f"    {note.either(language)}" for note in decision.notes]
    return visible("\n".join(lines), keep="\n")


def _reason(reason: Reason, language: str, head: str) -> list[str]:
    zh = language == "zh"
    who = f" [{reason.record_id}]" if reason.record_id else ""
    lines = [f"    {', '.join(reason.clauses)}{who} {reason.words.either(language)}"]
    if not reason.cures:
        lines.append("      " + ("没有可使其合规的单项调整" if zh else "no single change would clear it"))
        return lines
    for n, cure in enumerate(reason.cures):
        note = ""
        if cure.breaks:
            rules = ", ".join(cure.breaks)
            note = f"（但将违反{rules}）" if zh else f" (but this would break {rules})"
        elif cure.opens:
            rules = ", ".join(cure.opens)
            note = f"（但{rules}将待定）" if zh else f" (but {rules} would then be open)"
        start = f"{head}: " if n == 0 else " " * (_width(head) + 2)
        lines.append(f"      {start}{cure.words.either(language)}{note}")
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
    heads = ("项目", "结论", "条款", "说明") if zh else ("project", "answer", "clauses", "why")
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
        why = "; ".join(_brief(r, language) for r in decision.reasons)
    else:
        why = "; ".join(q.words.either(language) for q in decision.questions) or "; ".join(
            n.either(language) for n in decision.notes if decision.decision == "ask"
        )
    return decision.id, ANSWER_WORDS[decision.decision].either(language), ", ".join(clauses) or "-", why


def _brief(reason: Reason, language: str) -> str:
    cure = reason.cure.words.either(language) if reason.cure else ""
    arrow = f" -> {cure}" if cure else ""
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
