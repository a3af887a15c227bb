"""One self-contained page: no other file, no network, readable without scripts, on paper and in the dark.

Every text from packs and records goes through `text`, and the page allows no script but its own.
"""

from __future__ import annotations

import base64
import hashlib
from importlib import resources
from typing import Final

from envrules.records.types import Words
from envrules.report.base import ReportData
from envrules.report.html_findings import findings, findings_heading
from envrules.report.html_parts import anchor, both, cell, codes, table, text, words_in_both
from envrules.report.phrases import (
    SEVERITY_WORDS,
    STATUSES,
    account_place,
    closing,
    closing_zh,
    header_rows,
    left_out_texts,
    outcome_words,
    rows_span,
    totals,
    without_data,
    worst_first,
)
from envrules.verdict import OUTCOMES, Outcome

#: Worst first.
_COUNTED: Final[tuple[Outcome, ...]] = tuple(sorted(OUTCOMES, key=STATUSES.index))


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
        *findings(data),
        *_problems(data),
        *_accounts(data),
        *_warnings(data),
        "</main>",
        *_about(data),
        f"<script>{script}</script>\n</body>\n</html>\n",
    ]
    return "\n".join(parts)


def _asset(name: str) -> str:
    return resources.files("envrules.report").joinpath(name).read_text("utf-8")


def _head(data: ReportData) -> list[str]:
    count = totals(data.summary)
    tiles = [_tile(name if count[name] else "none", count[name], outcome_words(name)) for name in _COUNTED]
    absent = sum(1 for row in data.summary if row.status == "no_data")
    if absent:
        tiles.append(_tile("none", absent, Words("rules without data", "条规则无数据")))
    links = [("summary", "Summary", "汇总"), ("findings", *findings_heading(data))]
    links += [("problems", "Problems in the data", "数据问题")] if data.problems else []
    links += [("accounting", "What was read", "读取情况")] if data.accounts else []
    return [
        "<header>",
        f'<p class="soft small">{text(data.pack_name)} {text(data.pack_version)}</p>',
        f"<h1>{both(data.pack_title_en, data.pack_title_zh) or text(data.pack_name)}</h1>",
        f'<p class="soft">{both("judged as of", "判定日期")} <time datetime="{data.as_of}">{data.as_of}</time></p>',
        f'<p class="closing">{text(closing(data))}</p>',
        f'<p class="closing" lang="zh-Hans">{text(closing_zh(data))}</p>',
        f'<ul class="counts">{"".join(tiles)}</ul>',
        "<nav><p>" + " · ".join(f'<a href="#{name}">{both(en, zh)}</a>' for name, en, zh in links) + "</p></nav>",
        "</header>",
    ]


def _tile(kind: str, count: int, words: Words) -> str:
    return f'<li class="{kind}"><strong>{count:,}</strong>{words_in_both(words)}</li>'


def _summary(data: ReportData) -> list[str]:
    listed = {verdict.rule for verdict in data.verdicts}
    rows = []
    for row in worst_first(data.summary):
        if row.status in ("no_data", "not_applicable"):
            continue
        name = f"<code>{text(row.rule)}</code>"
        link = f'<a href="#{anchor(row.rule)}">{name}</a>' if row.rule in listed else name
        severity = f'<td class="short">{words_in_both(SEVERITY_WORDS[row.severity])}</td>'
        counts = "".join(_count(outcome, row.counts.get(outcome, 0)) for outcome in _COUNTED)
        titles = f'<span class="title">{both(*data.titles(row.rule))}</span>'
        rows.append(f'<tr><th scope="row">{link}{titles}</th>{cell(row.clause, "short")}{severity}{counts}</tr>')
    columns = [("rule", "规则", ""), ("clause", "条款", ""), ("severity", "严重程度", "")]
    columns += [(outcome_words(o).en, outcome_words(o).zh, "number") for o in _COUNTED]
    caption = both("Outcomes of each rule, worst first.", "各规则的判定结果，最严重的在前。")
    parts = ['<section id="summary">', f"<h2>{both('Summary', '汇总')}</h2>"]
    if rows:
        parts += table(caption, columns, rows)
    return [*parts, *_silent(data), "</section>"]


def _count(outcome: str, count: int) -> str:
    return f'<td class="number {outcome if count else "zero"}">{count:,}</td>'


def _silent(data: ReportData) -> list[str]:
    """The rules that judged nothing, and why."""
    idle = [row.rule for row in data.summary if row.status == "not_applicable"]
    parts = []
    if idle:
        what = both("These rules concern none of the records:", "以下规则不适用于所提供的记录：")
        parts.append(f"<p>{what} {codes(idle)}</p>")
    absent = without_data(data.summary)
    if absent:
        items = [f"<li><code>{text(kind)}</code>: {codes(rules)}</li>" for kind, rules in absent.items()]
        what = both(
            "No records of these types were given, so nothing is known of their rules:",
            "未提供以下类型的记录，相应规则的执行情况未知：",
        )
        parts.append(f"<p>{what}</p><ul>{''.join(items)}</ul>")
    return ['<div class="soft small">', *parts, "</div>"] if parts else []


def _problems(data: ReportData) -> list[str]:
    if not data.problems:
        return []
    rows = []
    for problem in data.problems:
        place = problem.source + (f"[{problem.sheet}]" if problem.sheet else "")
        cells = (problem.row, problem.column, problem.as_dict()["value"], problem.reason, problem.code)
        rows.append(f'<tr><th scope="row">{text(place)}</th>{"".join(map(cell, cells))}</tr>')
    columns = [("source", "来源", ""), ("row", "行", ""), ("column", "列", ""), ("value", "原值", "")]
    columns += [("reason", "原因", ""), ("code", "代码", "")]
    caption = both(
        "What could not be used as it stands; it counts as unknown, never as zero.",
        "无法按原样采用的内容，按未知处理，不作为零值。",
    )
    head = ['<section id="problems">', f"<h2>{both('Problems in the data', '数据问题')}</h2>"]
    return [*head, *table(caption, columns, rows), "</section>"]


def _accounts(data: ReportData) -> list[str]:
    if not data.accounts:
        return []
    rows, decisions = [], []
    for account in data.accounts:
        skipped = both(", ".join(left_out_texts(account)), "，".join(left_out_texts(account, "zh")))
        counts = (account.rows_read, account.rows_used, data.judged(account))
        cells = "".join(cell(c) for c in (account.record_type, header_rows(account), rows_span(account)))
        cells += "".join(cell(f"{c:,}", "number") for c in counts) + f"<td>{skipped if account.skipped else ''}</td>"
        rows.append(f'<tr><th scope="row">{text(account_place(account))}</th>{cells}</tr>')
        decisions += [f"<li>{text(f'{account_place(account)}: {d}')}</li>" for d in account.decisions]
    columns = [("source", "来源", ""), ("record type", "记录类型", ""), ("header", "表头行", ""), ("rows", "行", "")]
    columns += [("read", "读入", "number"), ("used", "采用", "number"), ("judged", "判定", "number")]
    columns += [("skipped", "跳过", "")]
    said = [f'<ul class="small">{"".join(decisions)}</ul>'] if decisions else []
    head = ['<section id="accounting">', f"<h2>{both('What was read', '读取情况')}</h2>"]
    return [*head, *table(both("Every table, row by row.", "各数据表的行数核对。"), columns, rows), *said, "</section>"]


def _warnings(data: ReportData) -> list[str]:
    if not data.warnings:
        return []
    items = "".join(f"<li><code>{text(warning.line())}</code></li>" for warning in data.warnings)
    return [f'<section id="warnings"><h2>{both("Warnings", "提示")}</h2><ul class="small">{items}</ul></section>']


def _about(data: ReportData) -> list[str]:
    facts = [
        (both("pack", "规则包"), text(f"{data.pack_name} {data.pack_version}")),
        ("SHA-256", f"<code>{text(data.pack_sha256)}</code>"),
        (both("as of", "判定日期"), str(data.as_of)),
        (both("engine", "引擎"), text(data.engine)),
    ]
    terms = "".join(f"<dt>{name}</dt><dd>{value}</dd>" for name, value in facts)
    return [f'<footer class="small soft"><dl>{terms}</dl></footer>']
