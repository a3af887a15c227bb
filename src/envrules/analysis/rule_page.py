"""The generated page of one rule: what is demanded, of whom, from when, how it is read, with which data and cases."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from envrules.analysis.fields import KINDS, allowed_of, unit_of
from envrules.analysis.markdown import both, code, page, section, table, text
from envrules.calendars import format_period
from envrules.interval import format_number
from envrules.lang import ast
from envrules.lang.render import render
from envrules.pack.in_words import Language, in_words
from envrules.pack.model import CasePart
from envrules.pack.needs import needs
from envrules.pack.pack import GroupKey, Pack, Rule
from envrules.records.types import Words
from envrules.report.phrases import SEVERITY_WORDS, outcome_words

_LANGUAGES: tuple[Language, Language] = ("zh", "en")
#: Longer texts of a case's records are said by their number.
_LONGEST = 220
_MOST_EXPECTED = 8


def rule_page(pack: Pack, rule: Rule) -> str:
    """The page of a rule, in Markdown, to stand in `rules/<pack>/`."""
    title = [f"# {rule.title.zh or rule.title.en or rule.id}", "", f"{text(rule.title.en)} · `{rule.id}`"]
    return page(
        title,
        table(["", ""], [[name, value] for name, value in _facts(pack, rule) if value]),
        section("要求 Requirement", list(_demand(pack, rule))),
        section("派生值 Derived values", list(_derived(pack, rule))),
        section("相关记录 Related records", list(_related(pack, rule))),
        section("采用的理解 Readings", [f"- {both(r)}" for r in rule.readings]),
        section("所需数据 Data it needs", _data(pack, rule)),
        section("用例 Cases", _cases(pack, rule)),
    )


def severity_words(rule: Rule) -> str:
    """The severity in both languages."""
    return both(SEVERITY_WORDS[rule.severity], " ")


def record_link(pack: Pack, name: str) -> str:
    """A link from a rule's page to a record type's."""
    return f"[{both(pack.records[name].label, ' ') or name}](../../records/{pack.name}/{name}.md) {code(name)}"


def _said(pack: Pack, rule: Rule, node: ast.Node) -> Words:
    zh, en = (in_words(pack, rule, node, language) for language in _LANGUAGES)
    return Words(en, zh)


def _facts(pack: Pack, rule: Rule) -> Iterator[tuple[str, str]]:
    yield "条款 Clause", " ".join([text(rule.clause), both(pack.clause_titles.get(rule.clause, Words()), " ")]).strip()
    phrase = rule.citation.phrase
    yield (
        "原文关键词 Key phrase",
        f"“{text(phrase)}”（第{rule.citation.place}句 sentence {rule.citation.place}）" if phrase else "",
    )
    yield "记录类型 Record type", record_link(pack, rule.record)
    yield "判定对象 Judged", _group(pack, rule)
    yield "生效日期 Effective", rule.effective.isoformat() if rule.effective else ""
    yield "失效日期 Expires", rule.expires.isoformat() if rule.expires else ""
    yield "完成期限 Due", both(_said(pack, rule, rule.due), " ") if rule.due is not None else ""
    severity = [f"{both(SEVERITY_WORDS[s], ' ')}（{both(_said(pack, rule, n), ' ')}）" for s, n in rule.severities]
    yield "严重程度 Severity", "；".join([*severity, severity_words(rule)])
    yield "输出 Output", code(rule.output)


def _group(pack: Pack, rule: Rule) -> str:
    if rule.group is None:
        return "每条记录 each record"
    if not rule.group:
        return "全部记录 the whole set"
    text_ = "每组 each " + " × ".join(_key(pack, rule, key) for key in rule.group)
    if rule.coverage is not None:
        text_ += f"；至少{rule.coverage.least}个有效日 at least {rule.coverage.least} days with a value"
    return text_


def _key(pack: Pack, rule: Rule, key: GroupKey) -> str:
    said = both(_said(pack, rule, key.node), " ")
    if key.start is not None and key.period is not None:
        first = format_period(key.period, key.start)
        return f"{said}（自{first}起逐期 every one from {first}）"
    return f"{said}（逐一 every one）" if key.values else said


def _demand(pack: Pack, rule: Rule) -> Iterator[str]:
    when = _said(pack, rule, rule.when) if rule.when is not None else Words("every record", "全部记录")
    require = _said(pack, rule, rule.require)
    yield f"- 适用 Concerns: {both(when)}"
    yield f"- 要求 Requires: {both(require)}"
    yield ""
    yield "```yaml"
    for name, written in (("when", rule.when_text), ("require", rule.require_text), ("due", rule.due_text)):
        if written:
            yield f"{name}: {' '.join(written.split())}"
    yield "```"


def _derived(pack: Pack, rule: Rule) -> Iterator[str]:
    """Every derived value that the rule rests on, with the rows of a table."""
    found: dict[str, ast.Node] = {}
    demands: dict[str, ast.Node | None] = {}
    for name, one in rule.derive.items():
        found[name], demands[name] = one.node, one.requirement
    for top in [*found.values(), *(n for n in (rule.when, rule.require) if n is not None)]:
        for node in ast.walk(top):
            if isinstance(node, ast.Derived) and not node.scope:
                found.setdefault(node.name, node.of)
    for name, node in found.items():
        label = rule.derive[name].label if name in rule.derive else _label(pack, rule, name)
        yield f"- {code(name)} {both(label, ' ')}".rstrip()
        if not isinstance(node, ast.Case):
            yield f"  - {both(_said(pack, rule, node))}"
            continue
        demand = demands.get(name)
        asked = demand.rows if isinstance(demand, ast.Case) else ()
        for i, row in enumerate(node.rows):
            when = _said(pack, rule, row.when) if row.when is not None else Words("otherwise", "其他情况")
            then = _said(pack, rule, row.then)
            if asked:
                more = _said(pack, rule, asked[i].then)
                only = row.then.type.kind == "bool"  # a row that says nothing but what it requires
                then = more if only else Words(f"{then.en}; {more.en}", f"{then.zh}；{more.zh}")
            yield f"  - {text(when.zh)} → {text(then.zh)}<br>{text(when.en)} → {text(then.en)}"


def _label(pack: Pack, rule: Rule, name: str) -> Words:
    return pack.derived_labels.get(rule.record, {}).get(name, Words())


def _related(pack: Pack, rule: Rule) -> Iterator[str]:
    for name, related in rule.related.items():
        other = pack.records[related.record]
        keys = []
        for key, node in related.keys:
            said, label = _said(pack, rule, node), other.fields[key].label
            keys.append(Words(f"{label.en or key} = {said.en}", f"{label.zh or key} = {said.zh}"))
        if related.where is not None:
            keys.append(Words(render(related.where), render(related.where)))
        where = Words(", ".join(k.en for k in keys), "，".join(k.zh for k in keys))
        yield f"- “{name}”: {record_link(pack, related.record)}: {both(where)}"


def _data(pack: Pack, rule: Rule) -> list[str]:
    rows = []
    for name, fields in needs(pack, rule).items():
        for one in (pack.records[name].fields[f] for f in fields):
            enum_of_many = one.enum is not None and len(one.enum.values) > 8
            allowed = Words("see the record type", "见记录类型") if enum_of_many else allowed_of(one)
            unit = Words("of the indicator", "随指标") if one.unit_of else unit_of(one)
            kind = KINDS[one.kind]
            rows.append(
                [record_link(pack, name) if len(rule.records_used) > 1 else "", code(one.name), both(one.label),
                 both(kind), both(unit, " "), both(allowed)]
            )  # fmt: skip
    headers = ["记录类型 Record type", "字段 Field", "名称 Label", "类型 Kind", "单位 Unit", "允许值 Allowed values"]
    return table(headers, rows)


# --- cases ------------------------------------------------------------------------------------------------------------


def _cases(pack: Pack, rule: Rule) -> list[str]:
    rows = [[text(c.name), _given(pack, c), _expected(c)] for c in rule.cases]
    lines = table(["用例 Case", "记录 Records", "结论 Outcome"], rows)
    if lines and pack.cases_as_of is not None:
        day = pack.cases_as_of.isoformat()
        lines = [f"未注明的，判定日期为{day}。 Evaluated on {day} unless stated.", "", *lines]
    return lines


def _given(pack: Pack, case: CasePart) -> str:
    parts = []
    if case.record is not None:
        parts.append(_shown(case.record))
    for name, records in (case.records or {}).items():
        said = "; ".join(_shown(r) for r in records)
        many = f"{len(records)}条记录 records"
        parts.append(f"{code(name)}: {said if len(said) <= _LONGEST else many}")
    if case.as_of is not None and case.as_of != pack.cases_as_of:
        parts.append(f"判定日期 as of {case.as_of.isoformat()}")
    return "<br>".join(p for p in parts if p)


def _shown(record: Mapping[str, Any]) -> str:
    return text(", ".join(f"{k}: {_one(v)}" for k, v in record.items()))


def _one(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{k}: {_one(v)}" for k, v in value.items()) + "}"
    if isinstance(value, float):
        return format_number(value)
    return ("true" if value else "false") if isinstance(value, bool) else str(value)


def _expected(case: CasePart) -> str:
    if case.record is not None:
        stated = {"outcome": case.outcome, "margin": case.margin, "unit": case.unit, "value": case.value}
        return _outcome({**stated, "missing": case.missing, "severity": case.severity})
    expected = list((case.expect or {}).items())
    said = [
        f"{text(str(name)) or '全部 all'}: {_outcome(e if isinstance(e, dict) else {'outcome': e})}"
        for name, e in expected[:_MOST_EXPECTED]
    ]
    if not expected:
        return both(outcome_words("not_applicable"), " ")
    more = [f"…（共{len(expected)}项 {len(expected)} in all）"] if len(expected) > _MOST_EXPECTED else []
    return "<br>".join([*said, *more])


def _outcome(stated: Mapping[str, Any]) -> str:
    said = both(outcome_words(str(stated.get("outcome") or "")), " ")
    notes = []
    if stated.get("margin") is not None:
        notes.append(f"余量 margin {_one(stated['margin'])} {stated.get('unit') or ''}".strip())
    if stated.get("value") is not None:
        notes.append(f"值 value {_one(stated['value'])}")
    if stated.get("missing"):
        notes.append(f"缺 missing {', '.join(map(str, stated['missing']))}")
    if stated.get("severity"):
        notes.append(f"严重程度 severity {stated['severity']}")
    return said + (f"（{text('；'.join(notes))}）" if notes else "")
