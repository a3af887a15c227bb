"""The rules of a pack for people and programs: a list, one rule in full, JSON."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from rich.padding import Padding
from rich.text import Text

from envrules.diagnostics import CallError, Diagnostic, nearest
from envrules.pack.pack import Clause, Pack, Rule
from envrules.report.phrases import number
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
        if record not in pack.records:
            what = f"{record!r} is not a record type of {pack.name}"
            hint = nearest(record, pack.records)
            raise CallError([Diagnostic("unknown-record", "--record", what, ", ".join(pack.records), hint=hint)])
        found = [r for r in found if record in r.records_used]
    if text is not None:
        found = [r for r in found if text.casefold() in _words(r).casefold()]
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


def _words(rule: Rule) -> str:
    texts = [rule.id, rule.title.en, rule.title.zh, rule.when_text, rule.require_text, rule.due_text]
    texts += [rule.citation.phrase, rule.clause, *(t for reading in rule.readings for t in reading.both())]
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


def rules_json(rules: Iterable[Rule]) -> str:
    """The rules as a JSON list."""
    return json.dumps([as_dict(rule) for rule in rules], ensure_ascii=False, indent=2) + "\n"


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
    return page.text()


def _facts(page: Page, facts: Iterable[tuple[str, str]]) -> None:
    table = grid()
    table.show_header = False
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in facts:
        if value:
            table.add_row(Text(name), shown(" ".join(value.split())))
    page.print(table)
