"""The findings of the page: by clause, then by rule, each with a table, and the filter above them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from envrules.report.base import ReportData
from envrules.report.html_parts import anchor, both, cell, codes, outcome_chip, table, text, words_in_both
from envrules.report.phrases import OUTCOME_WORDS, SEVERITY_WORDS, brief, judged, outcome_rank
from envrules.verdict import Verdict, is_number

_BAR: Final = 96


def findings_heading(data: ReportData) -> tuple[str, str]:
    """What the section is called: it holds findings only, or every outcome."""
    return ("Findings", "检查发现") if data.listed == "findings" else ("Outcomes", "判定结果")


def findings(data: ReportData) -> list[str]:
    """The section of findings."""
    en, zh = findings_heading(data)
    parts = ['<section id="findings">', f"<h2>{both(en, zh)}</h2>"]
    if not data.verdicts:
        return [*parts, f"<p>{both('None.', '无。')}</p>", "</section>"]
    clauses: dict[str, dict[str, list[Verdict]]] = {row.clause: {} for row in data.summary}
    order = {row.rule: n for n, row in enumerate(data.summary)}
    for verdict in sorted(data.verdicts, key=lambda v: (order.get(v.rule, len(order)), outcome_rank(v))):
        clauses.setdefault(verdict.clause, {}).setdefault(verdict.rule, []).append(verdict)
    parts += _filter(data, [rule for rules in clauses.values() for rule in rules])
    for clause, rules in clauses.items():
        if rules:
            title = both(*data.clause_titles.get(clause, ("", "")))
            parts.append(f'<section class="clause"><h3><span class="clause-id">{text(clause)}</span> {title}</h3>')
            for rule, verdicts in rules.items():
                parts += _rule(data, rule, verdicts)
            parts.append("</section>")
    return [*parts, "</section>"]


def _filter(data: ReportData, rules: Iterable[str]) -> list[str]:
    there = {verdict.outcome for verdict in data.verdicts}
    outcomes = "".join(
        f'<option value="{name}">{text(f"{words.en} {words.zh}")}</option>'
        for name, words in OUTCOME_WORDS.items()
        if name in there
    )
    options = "".join(f'<option value="{text(rule)}">{text(rule)}</option>' for rule in rules)
    whole = '<option value="">all 全部</option>'
    hint = both("rule, record, clause or word", "规则、记录、条款或文字")
    return [
        '<form class="filter" hidden>',
        f'<label>{hint}<input type="search" name="text" autocomplete="off"></label>',
        f'<label>{both("rule", "规则")}<select name="rule">{whole}{options}</select></label>',
        f'<label>{both("outcome", "结论")}<select name="outcome">{whole}{outcomes}</select></label>',
        f'<p class="small soft">{both("shown", "显示条数")}: <output aria-live="polite"></output></p>',
        "</form>",
    ]


def _rule(data: ReportData, rule: str, verdicts: Sequence[Verdict]) -> list[str]:
    en, zh = data.titles(rule)
    words = text(" ".join((rule, verdicts[0].clause, en, zh)))
    severities = {v.severity for v in verdicts}
    severity = (
        f" · {both('severity', '严重程度')} {words_in_both(SEVERITY_WORDS[verdicts[0].severity])}"
        if len(severities) == 1
        else ""
    )
    parts = [
        f'<article class="rule" id="{anchor(rule)}" data-rule="{text(rule)}" data-words="{words}">',
        f"<h4>{both(en, zh) or text(rule)}</h4>",
        f'<p class="soft small"><code>{text(rule)}</code>{severity}</p>',
        *_detail(data, rule),
    ]
    columns = _columns(data, verdicts)
    numeric = [name for name in columns if name in _NUMERIC and any(is_number(getattr(v, name)) for v in verdicts)]
    heads = [(*_COLUMNS[name], "number" if name in numeric else "") for name in columns]
    bar = _Bar.over(verdicts)
    rows = (_row(data, verdict, columns, numeric, bar) for verdict in verdicts)
    caption = both(f"{len(verdicts):,} in all", f"共{len(verdicts):,}条")
    return [*parts, *table(caption, heads, rows), "</article>"]


def _detail(data: ReportData, rule: str) -> list[str]:
    detail = data.rule_details.get(rule)
    if detail is None:
        return []
    terms = (("concerns", "适用", detail.when), ("requires", "要求", detail.require), ("due", "期限", detail.due))
    parts = [f"{both(en, zh)} <code>{text(value)}</code>" for en, zh, value in terms if value]
    if detail.phrase:
        parts.append(f'{both("cited", "原文")} <q lang="zh-Hans">{text(detail.phrase)}</q>')
    lines = [f'<p class="small">{" · ".join(parts)}</p>'] if parts else []
    if detail.readings:
        items = "".join(f"<li>{both(*reading)}</li>" for reading in detail.readings)
        lines.append(f'<ul class="small soft">{items}</ul>')
    return lines


_COLUMNS: Final = {
    "judged": ("record or group", "对象"),
    "outcome": ("outcome", "结论"),
    "observed": ("observed", "实际值"),
    "limit": ("limit", "限值"),
    "margin": ("margin", "余量"),
    "unit": ("unit", "单位"),
    "value": ("result", "派生结果"),
    "missing": ("missing", "缺失项"),
    "severity": ("severity", "严重程度"),
    "remarks": ("remarks", "说明"),
    "place": ("source", "来源"),
}
_NUMERIC: Final = ("observed", "limit", "margin", "value")


def _columns(data: ReportData, verdicts: Sequence[Verdict]) -> list[str]:
    """The columns that hold something; the severity only where it differs."""

    def holds(name: str) -> bool:
        if name in ("judged", "outcome"):
            return True
        if name == "severity":
            return len({v.severity for v in verdicts}) > 1
        if name == "remarks":
            return any(v.message or v.notes for v in verdicts)
        if name == "place":
            return any(data.places_of(v) for v in verdicts)
        return any(getattr(v, name) not in (None, "", ()) for v in verdicts)

    return [name for name in _COLUMNS if holds(name)]


def _row(data: ReportData, verdict: Verdict, columns: Iterable[str], numeric: Sequence[str], bar: _Bar) -> str:
    cells = []
    for name in columns:
        if name == "judged":
            cells.append(f'<th scope="row">{text(judged(verdict))}</th>')
        elif name == "outcome":
            cells.append(f"<td>{outcome_chip(verdict.outcome)}</td>")
        elif name == "margin":
            cells.append(f'<td class="number">{text(verdict.margin)}{bar.draw(verdict.margin)}</td>')
        elif name == "severity":
            cells.append(f"<td>{words_in_both(SEVERITY_WORDS[verdict.severity])}</td>")
        elif name == "missing":
            cells.append(f"<td>{codes(verdict.missing)}</td>")
        elif name == "remarks":
            cells.append(f"<td>{'<br>'.join(text(t) for t in (verdict.message, *verdict.notes) if t)}</td>")
        elif name == "place":
            places = data.places_of(verdict)[:3]
            cells.append(f'<td class="small soft place">{"<br>".join(text(str(place)) for place in places)}</td>')
        else:
            cells.append(cell(brief(getattr(verdict, name)), "number" if name in numeric else ""))
    return f'<tr data-outcome="{verdict.outcome}">{"".join(cells)}</tr>'


@dataclass(frozen=True)
class _Bar:
    """Draws margins to one scale: the line is the limit, to its left what is wrong, to its right what is to spare."""

    below: float
    above: float

    @classmethod
    def over(cls, verdicts: Sequence[Verdict]) -> _Bar:
        """To a scale in which a bar as long as its side is a margin as large as the limit, or the largest there is."""
        margins = [float(v.margin) for v in verdicts if v.margin is not None and math.isfinite(v.margin)]
        limits = [abs(float(v.limit)) for v in verdicts if is_number(v.limit) and math.isfinite(v.limit)]
        whole = max(map(abs, [0.0, *margins, *(limits if margins else [])]))
        return cls(whole if any(m < 0 for m in margins) else 0.0, whole if any(m > 0 for m in margins) else 0.0)

    def draw(self, margin: float | int | None) -> str:
        span = self.below + self.above
        if margin is None or span == 0 or not math.isfinite(margin):
            return ""
        limit = round(1 + self.below / span * (_BAR - 2), 1)
        length = max(round(abs(margin) / span * (_BAR - 2), 1), 1.0) if margin else 0.0
        start = limit - length if margin < 0 else limit
        return (
            f'<svg class="bar" width="{_BAR}" height="10" viewBox="0 0 {_BAR} 10" aria-hidden="true" focusable="false">'
            f'<rect class="track" x="1" y="4" width="{_BAR - 2}" height="2"/>'
            f'<rect class="{"over" if margin < 0 else "within"}" x="{start:g}" y="2" width="{length:g}" height="6"/>'
            f'<line x1="{limit:g}" y1="0" x2="{limit:g}" y2="10"/></svg>'
        )
