"""`envrules template`: an empty table to fill in, for record types of a pack."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated, cast

import typer

from envrules.cli.arguments import DEFAULT_PACK, Pack
from envrules.cli.streams import say
from envrules.diagnostics import CallError, Diagnostic, nearest

if TYPE_CHECKING:
    from envrules.analysis.template import Language

_LANGUAGES = ("zh", "en")


def template(
    types: Annotated[
        list[str],
        typer.Argument(
            metavar="TYPE", help="Record types, by name or label (boiler, 锅炉); all for every one.", show_default=False
        ),
    ],
    out: Annotated[
        str,
        typer.Option("--out", "-o", metavar="FILE", help="The file to make: .xlsx, or .csv.", show_default=False),
    ],
    pack: Pack = DEFAULT_PACK,
    language: Annotated[
        str, typer.Option("--language", metavar="zh|en", help="Of the headers and the lists; explanations are in both.")
    ] = "zh",
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there already.")] = False,
) -> None:
    """Make an empty table to fill in, with headers, units, lists and explanations.

    What is filled in is checked without a mapping: envrules check FILE.
    """
    suffix = os.path.splitext(out)[1].lower()
    if suffix not in (".xlsx", ".csv"):
        what = f"a template is no {suffix or 'file without an ending'}"
        hint = nearest(suffix, (".xlsx", ".csv"))
        raise CallError([Diagnostic("unknown-format", "--out", what, ".xlsx, .csv", hint=hint)])
    if language not in _LANGUAGES:
        what = f"there are no templates in {language!r}"
        raise CallError([Diagnostic("call-value", "--language", what, ", ".join(_LANGUAGES))])
    _keep_what_is_there(out, force)

    from envrules import api
    from envrules.analysis.template import csv_template, find_types
    from envrules.analysis.template_workbook import workbook
    from envrules.report.output import refuse_early, write_output
    from envrules.report.phrases import number

    refuse_early(out)
    loaded = api.load_pack(pack)
    wanted = find_types(loaded, types)
    if suffix == ".csv" and len(wanted) > 1:
        what = f"a CSV file holds one table, and {len(wanted)} were asked for"
        raise CallError([Diagnostic("call-value", "--out", what, hint="write an .xlsx, or one file for each type")])
    chosen = cast("Language", language)
    content = csv_template(loaded, wanted[0], chosen) if suffix == ".csv" else workbook(loaded, wanted, chosen)
    write_output(out, content)
    say(f"{out}: {number(len(wanted), 'table')} to fill in; then: envrules check {out}")


def _keep_what_is_there(out: str, force: bool) -> None:
    """Refuse to replace a file, which may be an inventory that someone has filled in."""
    if not force and os.path.isfile(out) and os.path.getsize(out):
        what = "the file is there already, and may be filled in"
        raise CallError([Diagnostic("output-not-writable", out, what, hint="name another file, or add --force")])
