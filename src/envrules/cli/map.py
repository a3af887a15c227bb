"""`envrules map`: a mapping file for a table with headers of its own, proposed for a person to mend."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from envrules.cli.arguments import DEFAULT_PACK, Pack, parse_inputs
from envrules.cli.streams import put, say
from envrules.diagnostics import CallError, Diagnostic, InputError, nearest


def map_(
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="The table, or FILE#SHEET; TYPE=FILE names its record type too.")
    ],
    type_: Annotated[
        str | None,
        typer.Option(
            "--type", "-t", metavar="TYPE", help="The record type; recognised where it is clear.", show_default=False
        ),
    ] = None,
    out: Annotated[
        str | None,
        typer.Option("--out", "-o", metavar="FILE", help="Write there instead of to stdout.", show_default=False),
    ] = None,
    at_least: Annotated[
        float,
        typer.Option(
            "--at-least",
            metavar="SHARE",
            help="Write proposals that are as certain as this, from 0 to 1, as "
            "if they were so; without it only what is certain.",
        ),
    ] = 1.0,
    pack: Pack = DEFAULT_PACK,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there already.")] = False,
) -> None:
    """Propose a mapping file: every column with the field it is, or may be, and how certain that is.

    Mend it, then read the table by it as often as you like: envrules check FILE --map MAPPING.
    """
    if not 0 <= at_least <= 1:
        raise CallError([Diagnostic("call-value", "--at-least", f"{at_least} is no share", "a number from 0 to 1")])
    if out is not None and not force and os.path.isfile(out) and os.path.getsize(out):
        what = "the file is there already, and may have been mended"
        raise CallError([Diagnostic("output-not-writable", out, what, hint="name another file, or add --force")])

    from envrules import api
    from envrules.analysis.mapping_file import mapping_text
    from envrules.analysis.survey import survey
    from envrules.report.output import refuse_early, write_output

    if out is not None:
        refuse_early(out)
    loaded = api.load_pack(pack)
    [(named, path)] = parse_inputs([file])
    wanted = type_ or named
    if wanted is not None and wanted not in loaded.records:
        what = f"there is no record type {wanted!r}"
        raise CallError([Diagnostic("unknown-record", "--type", what, hint=nearest(wanted, loaded.records))])
    facts = survey(path, loaded.records, loaded.units, wanted, as_it_stands=True)
    tables = [t for t in facts.tables if t.record_type]
    if not tables:
        names = ", ".join(dict.fromkeys(c for t in facts.tables for c in t.candidates)) or ", ".join(loaded.records)
        what = "the record type of this table is not clear"
        raise InputError([Diagnostic("ambiguous-record-type", path, what, names, hint="name it: --type TYPE")])
    if len(tables) > 1:
        places = ", ".join(f"{t.table.sheet or 'the file'} row {t.table.header_row}" for t in tables)
        what = f"{len(tables)} tables are in this file, and a mapping is made for one: {places}"
        raise InputError([Diagnostic("ambiguous-sheet", path, what, hint=f"name the sheet: {path}#SHEET")])
    text = mapping_text(tables[0], loaded.records[tables[0].record_type], loaded.units, at_least)
    if out is None:
        put(text)
        return
    write_output(out, text)
    columns = tables[0].columns
    certain = sum(1 for c in columns if c.field)
    proposed = sum(1 for c in columns if not c.field and c.proposals)
    say(
        f"{out}: {len(columns)} columns, {certain} certain, {proposed} with a proposal to look at; "
        f"then: envrules check {path} --map {out}"
    )
