"""`envrules rules`: the rules of a pack, listed or one in full."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from envrules.cli.arguments import DEFAULT_PACK, Pack
from envrules.cli.streams import color, put, width
from envrules.diagnostics import CallError, Diagnostic, nearest


def rules(
    rule: Annotated[
        str | None,
        typer.Argument(
            metavar="[ID]", help="A rule's id, shown in full, or a pattern such as boiler.*", show_default=False
        ),
    ] = None,
    pack: Pack = DEFAULT_PACK,
    clause: Annotated[
        str | None,
        typer.Option(
            "--clause", metavar="CLAUSE", help="Only those of a clause and what lies below it.", show_default=False
        ),
    ] = None,
    record: Annotated[
        str | None,
        typer.Option(
            "--record",
            metavar="TYPE",
            help="Only those that read records of a type (boiler, 锅炉).",
            show_default=False,
        ),
    ] = None,
    text: Annotated[
        str | None,
        typer.Option(
            "--text", metavar="TEXT", help="Only those with this in their id, title or words.", show_default=False
        ),
    ] = None,
    format: Annotated[str, typer.Option("--format", "-f", metavar="table|json", help="How to show them.")] = "table",
) -> None:
    """List the rules of a pack, or show one in full."""
    if format not in ("table", "json"):
        what = f"rules are not shown as {format!r}"
        hint = nearest(format, ("table", "json"))
        raise CallError([Diagnostic("unknown-format", "--format", what, "table, json", hint=hint)])

    from envrules import api
    from envrules.report.rulebook import find_rules, rule_text, rules_json, rules_table

    loaded = api.load_pack(pack)
    chosen = api.select_rules(loaded, rule)
    chosen = find_rules(loaded, chosen, clause=clause, record=record, text=text)
    if format == "json":
        put(rules_json(chosen, loaded))
    elif rule in loaded.rules and chosen:
        put(rule_text(loaded, chosen[0], width(), color(sys.stdout)))
    else:
        put(rules_table(loaded, chosen, width(), color(sys.stdout)))
