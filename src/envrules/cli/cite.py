"""`envrules cite`: the citations of a pack looked up in the user's own copy of the document."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from envrules.cli.arguments import DEFAULT_PACK
from envrules.cli.streams import color, put, width
from envrules.diagnostics import CallError, Diagnostic, nearest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from envrules.analysis.cite import CitationCheck
    from envrules.analysis.document import SourceDocument
    from envrules.pack.pack import Pack


def cite(
    document: Annotated[
        str,
        typer.Option(
            "--document",
            "-d",
            metavar="FILE",
            help="Your copy of the document as plain text, in UTF-8 or GB 18030.",
            show_default=False,
        ),
    ],
    pack: Annotated[
        str, typer.Argument(metavar="[PACK]", help="A shipped pack, or the folder or zip of a pack.")
    ] = DEFAULT_PACK,
    rule: Annotated[
        list[str] | None,
        typer.Option(
            "--rule",
            metavar="PATTERN",
            help="Only these rules: an id or boiler.*. May be repeated.",
            show_default=False,
        ),
    ] = None,
    format: Annotated[str, typer.Option("--format", "-f", metavar="table|json", help="How to show them.")] = "table",
) -> None:
    """Look up the citations of a pack in your own copy of the document.

    For each rule: is its clause there, does its key phrase stand in the sentence it is cited from, and do its numbers
    stand in the clause.

    Exits with 0 where all of them do, 1 where the pack and the document differ, 2 where one of them cannot be used.
    """
    if format not in ("table", "json"):
        what = f"citations are not shown as {format!r}"
        hint = nearest(format, ("table", "json"))
        raise CallError([Diagnostic("unknown-format", "--format", what, "table, json", hint=hint)])

    from envrules import api
    from envrules.analysis.cite import check_citations
    from envrules.analysis.document import load_document

    loaded = api.load_pack(pack)
    chosen = api.select_rules(loaded, rule or None)
    text = load_document(document)
    found = check_citations(loaded, text, {r.id: r for r in chosen})
    put(_json(loaded, text, found) if format == "json" else _table(loaded, text, found))
    raise typer.Exit(0 if all(check.ok for check in found) else 1)


def _table(pack: Pack, document: SourceDocument, found: Sequence[CitationCheck]) -> str:
    """The rules that differ from the document, with what differs, and how many do not."""
    from rich.text import Text

    from envrules.report.inert import visible
    from envrules.report.phrases import number
    from envrules.report.terminal import Page, grid, shown

    page = Page(width(), color(sys.stdout))
    drifted = [check for check in found if not check.ok]
    if drifted:
        table = grid()
        table.add_column("Rule", overflow="fold")
        table.add_column("Clause", overflow="fold")
        table.add_column("What differs", overflow="fold", ratio=1)
        for check in drifted:
            texts = [drift.what for drift in check.drifts]
            cell = Text("\n").join(
                shown(one, style) for w in texts for one, style in ((w.en, ""), (w.zh, "dim")) if one
            )
            table.add_row(shown(check.rule), shown(check.clause), cell)
        page.print(table)
        page.print()
    for note in document.notes if drifted else ():
        page.print(shown(f"In the document {note.en}. 文件编号：{note.zh}。", "dim"))
    count = number(len(found), "citation")
    name = visible(document.name)
    if drifted:
        page.print(f"{pack.name}: {len(drifted)} of {count} differ from {name}.")
        page.print(f"共核对引用{len(found)}处，其中{len(drifted)}处与文件不一致。")
    else:
        page.print(f"{pack.name}: {count}, all as they stand in {name}.")
        page.print(f"共核对引用{len(found)}处，均与文件一致。")
    return page.text()


def _json(pack: Pack, document: SourceDocument, found: Sequence[CitationCheck]) -> str:
    data = {
        "pack": {"name": pack.name, "version": pack.version, "sha256": pack.sha256},
        "document": {
            "name": document.name,
            "clauses": len(document.ids),
            "notes": [{"en": note.en, "zh": note.zh} for note in document.notes],
        },
        "ok": all(check.ok for check in found),
        "rules": [_rule(check) for check in found],
    }
    return json.dumps(data, ensure_ascii=False, indent=2) + "\n"


def _rule(check: CitationCheck) -> dict[str, Any]:
    return {
        "rule": check.rule,
        "clause": check.clause,
        "phrase": check.phrase,
        "place": check.place,
        "ok": check.ok,
        "found": {"clause": check.found[0], "place": check.found[1]} if check.found else None,
        "numbers": [{"number": n.number, "stands_as": n.stands_as or None} for n in check.numbers],
        "drifts": [{"kind": d.kind, "en": d.what.en, "zh": d.what.zh} for d in check.drifts],
    }
