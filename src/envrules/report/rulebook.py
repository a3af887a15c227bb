"""The rules of a pack for people and programs: a list, one rule in full, JSON."""

from __future__ import annotations

import json
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from rich.padding import Padding
from rich.text import Text

from envrules.diagnostics import CallError, Diagnostic, nearest
from envrules.pack.in_words import Language, in_words, unit_words
from envrules.pack.model import CasePart
from envrules.pack.needs import needs
from envrules.pack.pack import Clause, Pack, Rule
from envrules.records.recognise import type_words
from envrules.records.types import Field, Words
from envrules.report.phrases import number, outcome_words
from envrules.report.terminal import Page, grid, shown


def find_rules(
    pack: Pack, rules: Iterable[Rule], clause: str | None = None, record: str | None = None, text: str | None = None
) -> list[Rule]:
    """Those of the rules that stand in a clause or below it, read records of a type, hold a text; as they were.

    Raises:
        CallError: `call-value` for a clause and `unknown-record` for a record type that the pack does not have.
    """
    found = list(rules)
    if clause is not None:
        wanted = _clauses(pack, clause)
        found = [r for r in found if _folded(r.clause) in wanted]
    if record is not None:
        meant = (record,) if record in pack.records else type_words(pack.records).find(record)
        if len(meant) != 1:
            what = f"{record!r} is not a record type of {pack.name}"
            hint = nearest(record, pack.records)
            raise CallError([Diagnostic("unknown-record", "--record", what, ", ".join(pack.records), hint=hint)])
        found = [r for r in found if meant[0] in r.records_used]
    if text is not None:
        found = [r for r in found if _plain(text) in _plain(_words(pack, r))]
    return found


def _folded(clause: str) -> str:
    """A clause as it may be typed: brackets of either width, with or without blanks."""
    return "".join(unicodedata.normalize("NFKC", clause).split())


def _clauses(pack: Pack, clause: str) -> set[str]:
    """A clause and all that lie below it."""
    tree = list(_walk(pack.clauses))
    known = {c.id for c in tree} | {r.clause for r in pack.rules.values()}
    wanted = {_folded(c) for c in known if _folded(c) == _folded(clause)}
    if not wanted:
        what = f"{pack.name} has no clause {clause!r}"
        raise CallError(
            [Diagnostic("call-value", "--clause", what, ", ".join(sorted(known)), hint=nearest(clause, known))]
        )
    for one in tree:
        if _folded(one.id) in wanted:
            wanted |= {_folded(below.id) for below in _walk(one.clauses)}
    return wanted


def _walk(clauses: Iterable[Clause]) -> Iterator[Clause]:
    for clause in clauses:
        yield clause
        yield from _walk(clause.clauses)


def _plain(text: str) -> str:
    """A text as it is searched: width, case and blanks make no difference."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split(" "))


def _words(pack: Pack, rule: Rule) -> str:
    """Every word of a rule that a person might search for, those of its record type, clause and fields too."""
    texts = [rule.id, rule.title.en, rule.title.zh, rule.when_text, rule.require_text, rule.due_text]
    texts += [rule.citation.phrase, rule.clause, *pack.clause_titles.get(rule.clause, Words()).both()]
    texts += [t for reading in rule.readings for t in reading.both()]
    texts += [t for name in rule.records_used for t in (name, *pack.records[name].label.both())]
    for node in (n for n in (rule.when, rule.require) if n is not None):
        texts += [in_words(pack, rule, node, "zh"), in_words(pack, rule, node, "en")]
    return "\n".join(texts)


def as_dict(rule: Rule) -> dict[str, Any]:
    """A rule as `envrules rules --format json` gives it."""
    return {
        "id": rule.id,
        "title": {"en": rule.title.en, "zh": rule.title.zh},
        "clause": rule.clause,
        "citation": {"clause": rule.citation.clause, "phrase": rule.citation.phrase, "place": rule.citation.place},
        "record": rule.record,
        "when": rule.when_text or None,
        "require": rule.require_text,
        "effective": rule.effective.isoformat() if rule.effective else None,
        "expires": rule.expires.isoformat() if rule.expires else None,
        "due": rule.due_text or None,
        "severity": rule.severity,
        "readings": [{"en": reading.en, "zh": reading.zh} for reading in rule.readings],
        "cases": len(rule.cases),
        "file": rule.file,
        "line": rule.line,
    }


def rules_json(rules: Iterable[Rule], pack: Pack | None = None) -> str:
    """The rules as a JSON list; with the pack, also the data that each reads: record type -> fields."""
    found = [as_dict(rule) | ({"data": needs(pack, rule)} if pack else {}) for rule in rules]
    return json.dumps(found, ensure_ascii=False, indent=2) + "\n"


def rules_table(pack: Pack, rules: Sequence[Rule], width: int = 120, color: bool = False) -> str:
    """The rules as a table."""
    page = Page(width, color)
    page.print(shown(f"{pack.name} {pack.version} · {number(len(rules), 'rule')}", "bold"))
    page.print()
    if rules:
        table = grid()
        table.add_column("rule", overflow="fold", min_width=min(24, page.width // 3))
        table.add_column("clause", no_wrap=True)
        table.add_column("record", overflow="fold")
        if page.width >= 110:
            table.add_column("severity", no_wrap=True)
        table.add_column("title", overflow="fold")
        for rule in rules:
            severity = [shown(rule.severity, "dim")] if page.width >= 110 else []
            titles = "  ".join(rule.title.both()) if page.width >= 140 else rule.title.zh or rule.title.en
            table.add_row(shown(rule.id), shown(rule.clause, "dim"), shown(rule.record), *severity, shown(titles))
        page.print(table)
    else:
        page.print("No rule fits.")
    return page.text()


def rule_text(pack: Pack, rule: Rule, width: int = 80, color: bool = False) -> str:
    """One rule in full."""
    page = Page(min(width, 110), color)
    page.print(shown(rule.id, "bold"))
    for title in rule.title.both():
        page.print(shown(title))
    page.print()
    clause_title = pack.clause_titles.get(rule.clause)
    clause = "  ".join([rule.clause, *(clause_title.both() if clause_title else ())])
    days = (("effective", rule.effective), ("expires", rule.expires))
    _facts(
        page,
        [
            ("clause", clause),
            ("cited", f"“{rule.citation.phrase}”, sentence {rule.citation.place}" if rule.citation.phrase else ""),
            ("record", " ".join([rule.record, *pack.records[rule.record].label.both()])),
            ("when", rule.when_text or "always"),
            ("require", rule.require_text),
            *_said(pack, rule),
            *((name, day.isoformat()) for name, day in days if day),
            ("due", rule.due_text),
            ("severity", rule.severity),
            ("derives", ", ".join(rule.derive)),
            ("reports", rule.output),
            ("cases", str(len(rule.cases))),
            ("file", f"{rule.file}:{rule.line}" if rule.file else ""),
        ],
    )
    if rule.readings:
        page.heading("Readings")
        for reading in rule.readings:
            for text in reading.both():
                page.print(Padding(shown(text), (0, 0, 0, 2)))
    _data(page, pack, rule)
    _cases(page, rule)
    return page.text()


def _said(pack: Pack, rule: Rule) -> list[tuple[str, str]]:
    """What is demanded, and of whom, in words of both languages."""
    languages: tuple[Language, Language] = ("zh", "en")
    if rule.when is None:
        return [("", in_words(pack, rule, rule.require, language)) for language in languages]
    links = {"zh": "：", "en": ": "}
    said = {language: [in_words(pack, rule, n, language) for n in (rule.when, rule.require)] for language in languages}
    return [("", links[language].join(said[language])) for language in languages]


def _data(page: Page, pack: Pack, rule: Rule) -> None:
    page.heading("Data it needs")
    table = grid()
    for column in ("field", "label", "unit", "may be"):
        table.add_column(column, overflow="fold")
    several = len(rule.records_used) > 1
    for name, fields in needs(pack, rule).items():
        for one in (pack.records[name].fields[f] for f in fields):
            own = f"{name}.{one.name}" if several else one.name
            unit = f"of {one.unit_of}" if one.unit_of else unit_words(one.unit, "en")
            table.add_row(shown(own), shown("  ".join(one.label.both())), shown(unit), shown(_may_be(one)))
    page.print(table)


def _may_be(field: Field) -> str:
    if field.enum is None:
        return {"bool": "yes, no", "quantity": "number"}.get(field.kind, field.kind)
    values = [v.name for v in field.enum.values]
    return ", ".join(values) if len(values) <= 10 else f"{', '.join(values[:6])}, … ({len(values)} values)"


def _cases(page: Page, rule: Rule) -> None:
    if not rule.cases:
        return
    page.heading("Cases")
    table = grid()
    table.add_column("case", overflow="fold")
    table.add_column("outcome", overflow="fold")
    for case in rule.cases:
        table.add_row(shown(case.name), shown(_outcomes(case)))
    page.print(table)


def _outcomes(case: CasePart) -> str:
    """The outcome of a case; of several records each outcome with how often it is expected."""
    if case.record is not None:
        return outcome_words(case.outcome or "").en
    if not case.expect:
        return outcome_words("not_applicable").en
    stated = [e.get("outcome", "") if isinstance(e, dict) else e for e in (case.expect or {}).values()]
    return ", ".join(
        f"{outcome_words(o).en} × {n}" if n > 1 else outcome_words(o).en for o, n in Counter(stated).items()
    )


def _facts(page: Page, facts: Iterable[tuple[str, str]]) -> None:
    table = grid()
    table.show_header = False
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in facts:
        if value:
            table.add_row(Text(name), shown(" ".join(value.split())))
    page.print(table)
