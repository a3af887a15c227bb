"""One self-contained page: no other file, no network, readable without scripts, on paper and in the dark.

Every text from packs and records goes through `text`, and the page allows no script but its own.
"""

from __future__ import annotations

import base64
import hashlib
import html
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any, Final

from envrules.records.types import Words
from envrules.report.base import ReportData
from envrules.report.inert import visible
from envrules.report.phrases import (
    OUTCOME_WORDS,
    SEVERITY_WORDS,
    STATUSES,
    brief,
    closing,
    closing_zh,
    judged,
    outcome_rank,
    outcome_words,
    totals,
    without_data,
    worst_first,
)
from envrules.verdict import OUTCOMES, Outcome, Verdict

#: Worst first.
_COUNTED: Final[tuple[Outcome, ...]] = tuple(sorted(OUTCOMES, key=STATUSES.index))
_BAR: Final = 96


def render(data: ReportData) -> str:
    """The report as a page."""
    style, script = _asset("page.css"), _asset("page.js")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'"
    title = " ".join(t for t in (data.pack_title_en, data.pack_title_zh) if t) or data.pack_name
    parts = [
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{text(title)} · {data.as_of}</title>",
        f"<style>\n{style}</style>\n</head>\n<body>",
        *_head(data),
        "<main>",
        *_summary(data),
        *_findings(data),
        *_problems(data),
        *_accounts(data),
        *_warnings(data),
        "</main>",
        *_about(data),
        f"<script>{script}</script>\n</body>\n</html>\n",
    ]
    return "\n".join(parts)


def text(value: Any) -> str:
    """A value as text of the page, whatever stands in it.

    Examples:
        >>> text("<script>")
        '&lt;script&gt;'
    """
    return html.escape(visible(value if isinstance(value, str) else brief(value)), quote=True)


def _asset(name: str) -> str:
    return resources.files("envrules.report").joinpath(name).read_text("utf-8")


def _both(en: str, zh: str) -> str:
    """A text in both languages, each marked as what it is."""
    spans = [f'<span lang="{lang}">{text(t)}</span>' for lang, t in (("en", en), ("zh-Hans", zh)) if t]
    return " ".join(spans)


def _words(words: Words) -> str:
    return _both(words.en, words.zh)


def _anchor(rule: str) -> str:
    return f"rule-{text(rule)}"


def _table(caption: str, columns: Sequence[tuple[str, str, str]], rows: Iterable[str]) -> list[str]:
    """A table; a column is its header in English and Chinese, and a class."""
    heads = "".join(f'<th scope="col"{_class(kind)}>{_both(en, zh)}</th>' for en, zh, kind in columns)
    return [
        '<div class="scroll"><table>',
        f"<caption>{caption}</caption>",
        f"<thead><tr>{heads}</tr></thead>\n<tbody>",
        *rows,
        "</tbody></table></div>",
    ]


def _class(kind: str) -> str:
    return f' class="{kind}"' if kind else ""


def _cell(value: Any, kind: str = "") -> str:
    return f"<td{_class(kind)}>{text(value)}</td>"


def _outcome(name: str) -> str:
    return f'<span class="outcome {name}">{_words(outcome_words(name))}</span>'


def _head(data: ReportData) -> list[str]:
    count = totals(data.summary)
    tiles = [
        f'<li class="{name if count[name] else "none"}"><strong>{count[name]:,}</strong>{_words(outcome_words(name))}'
        for name in _COUNTED
    ]
    absent = sum(1 for row in data.summary if row.status == "no_data")
    if absent:
        tiles.append(f'<li class="none"><strong>{absent:,}</strong>{_both("rules without data", "条规则无数据")}</li>')
    links = [("summary", "Summary", "汇总"), ("findings", *_heading(data))]
    links += [("problems", "Problems in the data", "数据问题")] if data.problems else []
    links += [("accounting", "What was read", "读取情况")] if data.accounts else []
    return [
        "<header>",
        f'<p class="soft small">{text(data.pack_name)} {text(data.pack_version)}</p>',
        f"<h1>{_both(data.pack_title_en, data.pack_title_zh) or text(data.pack_name)}</h1>",
        f'<p class="soft">{_both("judged as of", "判定日期")} <time datetime="{data.as_of}">{data.as_of}</time></p>',
        f'<p class="closing">{text(closing(data))}</p>',
        f'<p class="closing" lang="zh-Hans">{text(closing_zh(data))}</p>',
        f'<ul class="counts">{"".join(tiles)}</ul>',
        "<nav><p>" + " · ".join(f'<a href="#{name}">{_both(en, zh)}</a>' for name, en, zh in links) + "</p></nav>",
        "</header>",
    ]


def _heading(data: ReportData) -> tuple[str, str]:
    return ("Findings", "检查发现") if data.listed == "findings" else ("Outcomes", "判定结果")


def _summary(data: ReportData) -> list[str]:
    listed = {verdict.rule for verdict in data.verdicts}
    rows = []
    for row in worst_first(data.summary):
        if row.status in ("no_data", "not_applicable"):
            continue
        name = f"<code>{text(row.rule)}</code>"
        link = f'<a href="#{_anchor(row.rule)}">{name}</a>' if row.rule in listed else name
        severity = f'<td class="short">{_words(SEVERITY_WORDS[row.severity])}</td>'
        counts = "".join(_count(outcome, row.counts.get(outcome, 0)) for outcome in _COUNTED)
        titles = f'<span class="title">{_both(*data.titles(row.rule))}</span>'
        rows.append(f'<tr><th scope="row">{link}{titles}</th>{_cell(row.clause, "short")}{severity}{counts}</tr>')
    columns = [("rule", "规则", ""), ("clause", "条款", ""), ("severity", "严重程度", "")]
    columns += [(outcome_words(o).en, outcome_words(o).zh, "number") for o in _COUNTED]
    caption = _both("Outcomes of each rule, worst first.", "各规则的判定结果，最严重的在前。")
    parts = ['<section id="summary">', f"<h2>{_both('Summary', '汇总')}</h2>"]
    if rows:
        parts += _table(caption, columns, rows)
    return [*parts, *_silent(data), "</section>"]


def _count(outcome: str, count: int) -> str:
    return f'<td class="number {outcome if count else "zero"}">{count:,}</td>'


def _silent(data: ReportData) -> list[str]:
    """The rules that judged nothing, and why."""
    idle = [row.rule for row in data.summary if row.status == "not_applicable"]
    parts = []
    if idle:
        what = _both("These rules concern none of the records:", "以下规则不适用于所提供的记录：")
        parts.append(f"<p>{what} {_codes(idle)}</p>")
    absent = without_data(data.summary)
    if absent:
        items = [f"<li><code>{text(kind)}</code>: {_codes(rules)}</li>" for kind, rules in absent.items()]
        what = _both(
            "No records of these types were given, so nothing is known of their rules:",
            "未提供以下类型的记录，相应规则的执行情况未知：",
        )
        parts.append(f"<p>{what}</p><ul>{''.join(items)}</ul>")
    return ['<div class="soft small">', *parts, "</div>"] if parts else []


def _codes(names: Iterable[str]) -> str:
    return ", ".join(f"<code>{text(name)}</code>" for name in names)


def _findings(data: ReportData) -> list[str]:
    en, zh = _heading(data)
    parts = ['<section id="findings">', f"<h2>{_both(en, zh)}</h2>"]
    if not data.verdicts:
        return [*parts, f"<p>{_both('None.', '无。')}</p>", "</section>"]
    clauses: dict[str, dict[str, list[Verdict]]] = {row.clause: {} for row in data.summary}
    order = {row.rule: n for n, row in enumerate(data.summary)}
    for verdict in sorted(data.verdicts, key=lambda v: (order.get(v.rule, len(order)), outcome_rank(v))):
        clauses.setdefault(verdict.clause, {}).setdefault(verdict.rule, []).append(verdict)
    parts += _filter(data, [rule for rules in clauses.values() for rule in rules])
    for clause, rules in clauses.items():
        if rules:
            title = _both(*data.clause_titles.get(clause, ("", "")))
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
    hint = _both("rule, record, clause or word", "规则、记录、条款或文字")
    return [
        '<form class="filter" hidden>',
        f'<label>{hint}<input type="search" name="text" autocomplete="off"></label>',
        f'<label>{_both("rule", "规则")}<select name="rule">{whole}{options}</select></label>',
        f'<label>{_both("outcome", "结论")}<select name="outcome">{whole}{outcomes}</select></label>',
        f'<p class="small soft">{_both("shown", "显示条数")}: <output aria-live="polite"></output></p>',
        "</form>",
    ]


def _rule(data: ReportData, rule: str, verdicts: Sequence[Verdict]) -> list[str]:
    en, zh = data.titles(rule)
    words = text(" ".join((rule, verdicts[0].clause, en, zh)))
    severities = {v.severity for v in verdicts}
    severity = (
        f" · {_both('severity', '严重程度')} {_words(SEVERITY_WORDS[verdicts[0].severity])}"
        if len(severities) == 1
        else ""
    )
    parts = [
        f'<article class="rule" id="{_anchor(rule)}" data-rule="{text(rule)}" data-words="{words}">',
        f"<h4>{_both(en, zh) or text(rule)}</h4>",
        f'<p class="soft small"><code>{text(rule)}</code>{severity}</p>',
        *_detail(data, rule),
    ]
    columns = _columns(data, verdicts)
    numeric = [name for name in columns if name in _NUMERIC and any(_is_number(getattr(v, name)) for v in verdicts)]
    heads = [(*_COLUMNS[name], "number" if name in numeric else "") for name in columns]
    bar = _Bar.over(verdicts)
    rows = (_row(data, verdict, columns, numeric, bar) for verdict in verdicts)
    caption = _both(f"{len(verdicts):,} in all", f"共{len(verdicts):,}条")
    return [*parts, *_table(caption, heads, rows), "</article>"]


def _detail(data: ReportData, rule: str) -> list[str]:
    detail = data.rule_details.get(rule)
    if detail is None:
        return []
    terms = (("concerns", "适用", detail.when), ("requires", "要求", detail.require), ("due", "期限", detail.due))
    parts = [f"{_both(en, zh)} <code>{text(value)}</code>" for en, zh, value in terms if value]
    if detail.phrase:
        parts.append(f'{_both("cited", "原文")} <q lang="zh-Hans">{text(detail.phrase)}</q>')
    lines = [f'<p class="small">{" · ".join(parts)}</p>'] if parts else []
    if detail.readings:
        items = "".join(f"<li>{_both(*reading)}</li>" for reading in detail.readings)
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


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _row(data: ReportData, verdict: Verdict, columns: Iterable[str], numeric: Sequence[str], bar: _Bar) -> str:
    cells = []
    for name in columns:
        if name == "judged":
            cells.append(f'<th scope="row">{text(judged(verdict))}</th>')
        elif name == "outcome":
            cells.append(f"<td>{_outcome(verdict.outcome)}</td>")
        elif name == "margin":
            cells.append(f'<td class="number">{text(verdict.margin)}{bar.draw(verdict.margin)}</td>')
        elif name == "severity":
            cells.append(f"<td>{_words(SEVERITY_WORDS[verdict.severity])}</td>")
        elif name == "missing":
            cells.append(f"<td>{_codes(verdict.missing)}</td>")
        elif name == "remarks":
            cells.append(f"<td>{'<br>'.join(text(t) for t in (verdict.message, *verdict.notes) if t)}</td>")
        elif name == "place":
            places = data.places_of(verdict)[:3]
            cells.append(f'<td class="small soft place">{"<br>".join(text(str(place)) for place in places)}</td>')
        else:
            cells.append(_cell(brief(getattr(verdict, name)), "number" if name in numeric else ""))
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
        limits = [abs(float(v.limit)) for v in verdicts if _is_number(v.limit) and math.isfinite(v.limit)]
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


def _problems(data: ReportData) -> list[str]:
    if not data.problems:
        return []
    rows = []
    for problem in data.problems:
        place = problem.source + (f"[{problem.sheet}]" if problem.sheet else "")
        cells = (problem.row, problem.column, problem.as_dict()["value"], problem.reason, problem.code)
        rows.append(f'<tr><th scope="row">{text(place)}</th>{"".join(map(_cell, cells))}</tr>')
    columns = [("source", "来源", ""), ("row", "行", ""), ("column", "列", ""), ("value", "原值", "")]
    columns += [("reason", "原因", ""), ("code", "代码", "")]
    caption = _both(
        "What could not be used as it stands; it counts as unknown, never as zero.",
        "无法按原样采用的内容，按未知处理，不作为零值。",
    )
    head = ['<section id="problems">', f"<h2>{_both('Problems in the data', '数据问题')}</h2>"]
    return [*head, *_table(caption, columns, rows), "</section>"]


def _accounts(data: ReportData) -> list[str]:
    if not data.accounts:
        return []
    rows = []
    for account in data.accounts:
        source = account.source + (f"[{account.sheet}]" if account.sheet else "")
        skipped = ", ".join(f"{count:,} {reason}" for reason, count in account.skipped.items())
        counts = (account.header_row, f"{account.rows_read:,}", f"{account.rows_used:,}")
        cells = _cell(account.record_type) + "".join(_cell(c, "number") for c in counts) + _cell(skipped)
        rows.append(f'<tr><th scope="row">{text(source)}</th>{cells}</tr>')
    columns = [("source", "来源", ""), ("record type", "记录类型", ""), ("header row", "表头行", "number")]
    columns += [("rows read", "读入行数", "number"), ("used", "采用行数", "number"), ("skipped", "跳过", "")]
    head = ['<section id="accounting">', f"<h2>{_both('What was read', '读取情况')}</h2>"]
    return [*head, *_table(_both("Every table, row by row.", "各数据表的行数核对。"), columns, rows), "</section>"]


def _warnings(data: ReportData) -> list[str]:
    if not data.warnings:
        return []
    items = "".join(f"<li><code>{text(warning.line())}</code></li>" for warning in data.warnings)
    return [f'<section id="warnings"><h2>{_both("Warnings", "提示")}</h2><ul class="small">{items}</ul></section>']


def _about(data: ReportData) -> list[str]:
    facts = [
        (_both("pack", "规则包"), text(f"{data.pack_name} {data.pack_version}")),
        ("SHA-256", f"<code>{text(data.pack_sha256)}</code>"),
        (_both("as of", "判定日期"), str(data.as_of)),
        (_both("engine", "引擎"), text(data.engine)),
    ]
    terms = "".join(f"<dt>{name}</dt><dd>{value}</dd>" for name, value in facts)
    return [f'<footer class="small soft"><dl>{terms}</dl></footer>']
