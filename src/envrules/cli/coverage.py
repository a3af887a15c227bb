"""`envrules coverage`: the clauses of a pack's document with their rules, or why they have none."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from envrules.cli.arguments import DEFAULT_PACK
from envrules.cli.streams import color, put, width
from envrules.diagnostics import CallError, Diagnostic, nearest

if TYPE_CHECKING:
    from envrules.analysis.coverage import ClauseCoverage, Coverage

_FORMATS = ("table", "json", "md")


def coverage(
    pack: Annotated[
        str, typer.Argument(metavar="[PACK]", help="A shipped pack, or the folder or zip of a pack.")
    ] = DEFAULT_PACK,
    document: Annotated[
        str | None,
        typer.Option(
            "--document",
            "-d",
            metavar="FILE",
            help="Your copy of the document as plain text: its clauses are compared with the pack's.",
            show_default=False,
        ),
    ] = None,
    format: Annotated[str, typer.Option("--format", "-f", metavar="table|json|md", help="How to show it.")] = "table",
    out: Annotated[
        str | None,
        typer.Option("--out", "-o", metavar="FILE", help="Write there instead of to stdout.", show_default=False),
    ] = None,
) -> None:
    """Show which clauses of the document have rules, and why the others have none.

    Exits with 0 where every clause has one or the other, 1 where one has not or the document has other clauses, 2 where
    the pack or the document cannot be used.
    """
    if format not in _FORMATS:
        what = f"the coverage is not shown as {format!r}"
        raise CallError(
            [Diagnostic("unknown-format", "--format", what, ", ".join(_FORMATS), hint=nearest(format, _FORMATS))]
        )

    from envrules import api
    from envrules.analysis.coverage import as_dict, coverage_markdown
    from envrules.analysis.coverage import coverage as cover
    from envrules.analysis.document import load_document

    loaded = api.load_pack(pack)
    found = cover(loaded, load_document(document) if document is not None else None)
    if format == "json":
        text = json.dumps(as_dict(found), ensure_ascii=False, indent=2) + "\n"
    elif format == "md":
        text = coverage_markdown(found, loaded.title)
    else:
        text = _table(found, color(sys.stdout) and out is None)
    if out is None:
        put(text)
    else:
        from envrules.report.output import write_output

        write_output(out, text)
    raise typer.Exit(0 if found.ok else 1)


def _table(found: Coverage, in_color: bool) -> str:
    from rich.text import Text

    from envrules.analysis.coverage import summary
    from envrules.report.terminal import Page, grid, shown

    page = Page(width(), in_color)
    table = grid()
    table.add_column("Clause", no_wrap=True)
    table.add_column("Title", overflow="fold", ratio=2)
    table.add_column("Rules, or why none", overflow="fold", ratio=5)
    for clause in found.clauses:
        title = shown(" ".join(clause.title.both()), "bold" if clause.state == "heading" else "")
        table.add_row(shown(clause.id), title, shown(*_stands_for(clause)))
    page.print(table)
    page.print()
    for fault in found.faults():
        page.print(Text("; ", style="red").join([shown(fault.en, "red"), shown(fault.zh, "red")]))
    said = summary(found)
    page.print(shown(f"{found.pack}: {said.en}."))
    page.print(shown(f"{said.zh}。"))
    return page.text()


def _stands_for(clause: ClauseCoverage) -> tuple[str, str]:
    """What a clause has, with the style it is shown in."""
    if clause.state == "gap":
        return "gap", "bold red"
    if clause.state == "both":
        assert clause.reason is not None
        return f"{', '.join(clause.rules)} (although: {' '.join(clause.reason.both())})", "bold red"
    if clause.reason is not None:
        return clause.reason.en or clause.reason.zh, "dim"
    return ", ".join(clause.rules), ""
