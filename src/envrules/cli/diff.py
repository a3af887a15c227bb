"""`envrules diff`: two packs beside each other."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from envrules.cli.arguments import AsOf, Engine, Mapping, Places, Subjects, parse_inputs, parse_places, parse_subjects
from envrules.cli.streams import color, put, say, width
from envrules.diagnostics import CallError, Diagnostic, nearest


def diff(
    pack_a: Annotated[
        str,
        typer.Argument(metavar="PACK_A", help="A shipped pack, or the folder or zip of a pack.", show_default=False),
    ],
    pack_b: Annotated[
        str, typer.Argument(metavar="PACK_B", help="The pack that is set beside it.", show_default=False)
    ],
    files: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[FILE]", help="Tables of records, as for check: whose outcome changes.", show_default=False
        ),
    ] = None,
    as_of: AsOf = None,
    engine: Engine = "auto",
    mapping: Mapping = None,
    subjects: Subjects = None,
    places: Places = None,
    rule: Annotated[
        list[str] | None,
        typer.Option(
            "--rule",
            metavar="PATTERN",
            help="Only these rules: an id or boiler.*. May be repeated.",
            show_default=False,
        ),
    ] = None,
    format: Annotated[str, typer.Option("--format", "-f", metavar="table|json", help="How to show it.")] = "table",
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No messages but errors.")] = False,
) -> None:
    """Show what differs between two packs, and which is stricter.

    That is shown on the rules themselves where their form allows, and otherwise on the records given.

    Exits with 0 where the packs are the same, 1 where something differs, 2 where a pack or a table cannot be used.
    """
    if format not in ("table", "json"):
        what = f"a comparison of packs is not shown as {format!r}"
        hint = nearest(format, ("table", "json"))
        raise CallError([Diagnostic("unknown-format", "--format", what, "table, json", hint=hint)])

    from envrules import api
    from envrules.report.comparison import comparison_json, diff_table
    from envrules.report.phrases import number

    found = api.compare(
        pack_a,
        pack_b,
        parse_inputs(files) if files else None,
        as_of=as_of,
        engine=engine,
        mapping=mapping,
        subjects=parse_subjects(subjects),
        places=parse_places(places),
        rules=rule or None,
    )
    data = found.as_dict()
    put(comparison_json(data) if format == "json" else diff_table(data, width(), color(sys.stdout)))
    if not quiet:
        for pack, dataset in zip(("a", "b"), found.datasets, strict=False):
            for warning in dataset.warnings:
                say(f"pack {pack}: {warning.line()}")
            if dataset.problems:
                say(f"pack {pack}: {number(len(dataset.problems), 'problem')} in the data")
    raise typer.Exit(1 if found.differs else 0)
