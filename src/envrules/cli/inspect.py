"""`envrules inspect`: what was recognised in files, before any rule is run."""

from __future__ import annotations

import json
import sys
from typing import Annotated

import typer

from envrules.cli.arguments import DEFAULT_PACK, Files, Pack, parse_inputs
from envrules.cli.streams import color, put, width
from envrules.diagnostics import CallError, Diagnostic, EnvrulesError, InputError, nearest

_FORMATS = ("table", "json")


def inspect(
    files: Files,
    pack: Pack = DEFAULT_PACK,
    format: Annotated[str, typer.Option("--format", "-f", metavar="table|json", help="How to show it.")] = "table",
    out: Annotated[
        str | None,
        typer.Option("--out", "-o", metavar="FILE", help="Write there instead of to stdout.", show_default=False),
    ] = None,
) -> None:
    """Show what was recognised: sheets, header rows, record types, fields, units, what is filled, what looks odd.

    No rule is run. Exits with 0 where every table has a record type and every column of it can be read, 3 where
    something is open, 2 where a file cannot be read.
    """
    if format not in _FORMATS:
        what = f"an inspection is not shown as {format!r}"
        raise CallError(
            [Diagnostic("unknown-format", "--format", what, ", ".join(_FORMATS), hint=nearest(format, _FORMATS))]
        )

    from envrules import api
    from envrules.analysis.survey import survey
    from envrules.analysis.survey_report import as_dict, is_open, survey_text
    from envrules.report.output import refuse_early, write_output

    if out is not None:
        refuse_early(out)
    loaded = api.load_pack(pack)
    found, wrong = [], list[Diagnostic]()
    for named, path in parse_inputs(files):
        if named is not None and named not in loaded.records:
            what = f"there is no record type {named!r}"
            raise CallError([Diagnostic("unknown-record", named, what, hint=nearest(named, loaded.records))])
        try:
            found.append(survey(path, loaded.records, loaded.units, named))
        except EnvrulesError as error:
            wrong += error.diagnostics
    if format == "json":
        text = json.dumps([as_dict(f) for f in found], ensure_ascii=False, indent=2) + "\n"
    else:
        text = survey_text(found, width() if out is None else 120, out is None and color(sys.stdout))
    if out is None:
        put(text)
    else:
        write_output(out, text)
    if wrong:
        raise InputError(wrong)
    raise typer.Exit(3 if any(map(is_open, found)) else 0)
