"""Generated pages of a pack, in Markdown: one for each rule and record type, with their indexes.

`pages(pack)` gives them by their path below the folder of documents; who writes them, and removes what is left over, is
the command's business.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from envrules.analysis.fields import KINDS, allowed_of, emptiness_of, unit_of
from envrules.analysis.markdown import both, code, page, section, table, text
from envrules.analysis.rule_page import rule_page, severity_words
from envrules.lang import ast
from envrules.pack.in_words import record_words, unit_words
from envrules.pack.pack import Pack, Rule
from envrules.records.types import Field, RecordType, Words

#: Lists with more words than this stand in a table of their own.
_SHORT_LIST = 8


def pages(pack: Pack) -> dict[str, str]:
    """Path -> text of every page of a pack. The rules of a pack that it builds on have theirs with that pack.

    Examples:
        >>> from envrules.pack.load import load_pack
        >>> found = pages(load_pack("jiuquan-2018"))
        >>> "# 建成区煤炭硫分" in found["rules/jiuquan-2018/coal.sulfur.built-up.md"]
        True
    """
    found = {f"rules/{pack.name}/README.md": _rule_index(pack), f"records/{pack.name}/README.md": _record_index(pack)}
    for rule in pack.rules.values():
        if _is_own(pack, rule):
            found[f"rules/{pack.name}/{rule.id}.md"] = rule_page(pack, rule)
    for record_type in pack.records.values():
        found[f"records/{pack.name}/{record_type.name}.md"] = record_page(pack, record_type)
    return found


def all_pages(packs: Iterable[Pack]) -> dict[str, str]:
    """The pages of several packs with the two pages that lead to them."""
    given = list(packs)
    found = {
        f"{folder}/README.md": page(
            [f"# {heading}"], [f"- [{both(p.title, ' ') or p.name}]({p.name}/README.md) {code(p.name)}" for p in given]
        )
        for folder, heading in (("rules", "规则 Rules"), ("records", "记录类型 Record types"))
    }
    for pack in given:
        found |= pages(pack)
    return found


def record_page(pack: Pack, record_type: RecordType) -> str:
    """The page of a record type, to stand in `records/<pack>/`."""
    label = record_type.label
    lists = [f for f in record_type.fields.values() if f.enum is not None and len(f.enum.values) > _SHORT_LIST]
    return page(
        [f"# {label.zh or label.en or record_type.name}", "", f"{text(label.en)} · {code(record_type.name)}"],
        list(_about(record_type)),
        section("字段 Fields", _fields(record_type)),
        *(section(f"{both(f.label, ' ') or f.name} {code(f.name)}", _list(record_type, f)) for f in lists),
        section("派生字段 Derived fields", list(_derived(pack, record_type))),
        section("也可识别的列名 Headers read too", _aliases(record_type)),
        section("使用它的规则 Rules that read it", _readers(pack, record_type)),
    )


def _is_own(pack: Pack, rule: Rule) -> bool:
    return rule.pack in ("", pack.name)


def _rule_index(pack: Pack) -> str:
    by_clause: dict[str, list[Rule]] = {}
    for rule in pack.rules.values():
        by_clause.setdefault(rule.clause, []).append(rule)
    parts = []
    for clause, rules in by_clause.items():
        rows = [[_rule_link(pack, r), code(r.id), text(pack.records[r.record].label.either("zh")), severity_words(r)]
                for r in rules]  # fmt: skip
        title = both(pack.clause_titles.get(clause, Words()), " ")
        headers = ["规则 Rule", "编号 Id", "记录类型 Record type", "严重程度 Severity"]
        parts.append(section(f"{text(clause)} {title}".rstrip(), table(headers, rows)))
    types = f"[记录类型 record types](../../records/{pack.name}/README.md)"
    total = f"{code(pack.name)} {text(pack.version)}: {len(pack.rules)}条规则 rules · {types}"
    return page([f"# {both(pack.title, ' · ') or pack.name}"], [total], *parts)


def _rule_link(pack: Pack, rule: Rule) -> str:
    home = "" if _is_own(pack, rule) else f"../{rule.pack}/"
    return f"[{both(rule.title, ' ') or rule.id}]({home}{rule.id}.md)"


def _record_index(pack: Pack) -> str:
    rows = []
    for one in pack.records.values():
        count = sum(one.name in r.records_used for r in pack.rules.values())
        rows.append(
            [f"[{both(one.label, ' ') or one.name}]({one.name}.md)", code(one.name), str(len(one.fields)), str(count)]
        )
    headers = ["记录类型 Record type", "名称 Name", "字段 Fields", "规则 Rules"]
    hint = ["空白表格 Empty tables: `envrules template all --out records.xlsx`"]
    return page([f"# {both(pack.title, ' · ') or pack.name}: 记录类型 record types"], hint, table(headers, rows))


# --- record types -----------------------------------------------------------------------------------------------------


def _about(record_type: RecordType) -> Iterator[str]:
    dated = record_type.fields.get(record_type.date)
    if dated is None:
        yield "- 无日期字段，以判定日期为准。 It has no date: records are judged at the evaluation date."
    else:
        label = both(dated.label, " ") or dated.name
        yield f"- 日期 Date: {label} {code(dated.name)}"
    if record_type.aliases:
        names = "、".join(text(a) for a in record_type.aliases)
        yield f"- 工作表或文件也可命名为 A sheet or file may also be called: {names}"
    yield f"- 空白表格 An empty table: `envrules template {record_type.name} --out {record_type.name}.xlsx`"


def _fields(record_type: RecordType) -> list[str]:
    rows = []
    for one in record_type.fields.values():
        many = one.enum is not None and len(one.enum.values) > _SHORT_LIST
        allowed = Words("see below", "见下表") if many else allowed_of(one)
        unit = Words(f"that of {one.unit_of}", f"随{one.unit_of}") if one.unit_of else unit_of(one)
        empty = emptiness_of(record_type, one)
        rows.append([code(one.name), both(one.label), both(KINDS[one.kind]), both(unit, " "), both(allowed),
                     both(one.meaning), both(empty)])  # fmt: skip
    headers = ["字段 Field", "名称 Label", "类型 Kind", "单位 Unit", "允许值 Allowed values", "含义 Meaning"]
    return table([*headers, "空白表示 When empty"], rows)


def _list(record_type: RecordType, field: Field) -> list[str]:
    assert field.enum is not None
    units = {k: u.text for f in record_type.fields.values() if f.unit_of == field.name for k, u in f.units.items()}
    rows = []
    for value in field.enum.values:
        unit = units.get(value.name, "")
        said = both(Words(unit_words(unit, "en"), unit_words(unit, "zh")), " ")
        aliases = "、".join(text(a) for a in value.aliases)
        rows.append([code(value.name), text(value.label.zh), text(value.label.en), said, aliases])
    return table(["名称 Name", "中文", "English", "单位 Unit", "也可写作 Also read as"], rows)


def _derived(pack: Pack, record_type: RecordType) -> Iterator[str]:
    for name, node in pack.derived.get(record_type.name, {}).items():
        label = pack.derived_labels.get(record_type.name, {}).get(name, Words())
        yield f"- {code(name)} {both(label, ' ')}".rstrip()
        rows = node.rows if isinstance(node, ast.Case) else (ast.Row(when=None, then=node),)
        for row in rows:
            said = {lang: record_words(pack, record_type, row.then, lang) for lang in ("zh", "en")}
            if isinstance(node, ast.Case):
                when = row.when
                zh = "其他情况" if when is None else record_words(pack, record_type, when, "zh")
                en = "otherwise" if when is None else record_words(pack, record_type, when, "en")
                said = {"zh": f"{zh} → {said['zh']}", "en": f"{en} → {said['en']}"}
            yield f"  - {both(Words(said['en'], said['zh']))}"


def _aliases(record_type: RecordType) -> list[str]:
    fields = [f for f in record_type.fields.values() if f.aliases]
    return table(["字段 Field", "列名 Headers"], [[code(f.name), "、".join(map(text, f.aliases))] for f in fields])


def _readers(pack: Pack, record_type: RecordType) -> list[str]:
    return [
        f"- [{both(r.title, ' ') or r.id}](../../rules/{pack.name if _is_own(pack, r) else r.pack}/{r.id}.md)"
        for r in pack.rules.values()
        if record_type.name in r.records_used
    ]
