"""`envrules check`: records against the rules of a pack."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from envrules.cli.arguments import (
    DEFAULT_PACK,
    AsOf,
    Engine,
    Files,
    Mapping,
    Pack,
    Places,
    Subjects,
    parse_inputs,
    parse_places,
    parse_subjects,
)
from envrules.cli.messages import messages
from envrules.cli.streams import color, is_terminal, put, say, width
from envrules.diagnostics import CallError, Diagnostic

if TYPE_CHECKING:
    from typing import Literal

    from envrules.records.dataset import Dataset
    from envrules.report.base import ReportData
    from envrules.report.formats import Format


def check(
    files: Files,
    pack: Pack = DEFAULT_PACK,
    as_of: AsOf = None,
    and_as_of: Annotated[
        str | None,
        typer.Option(
            "--and-as-of",
            metavar="DATE",
            help="A second evaluation date: show only what becomes a violation, or stops being one, between the two.",
            show_default=False,
        ),
    ] = None,
    engine: Engine = "auto",
    format: Annotated[
        str | None,
        typer.Option(
            "--format",
            "-f",
            metavar="FORMAT",
            help="table, html, xlsx, csv, json, jsonl, parquet, sarif or junit; by default what the name of --out "
            "says, else table.",
            show_default=False,
        ),
    ] = None,
    out: Annotated[
        str | None,
        typer.Option(
            "--out",
            "-o",
            metavar="FILE",
            help="Write there, whole or not at all, instead of to stdout.",
            show_default=False,
        ),
    ] = None,
    outcomes: Annotated[
        str, typer.Option("--outcomes", metavar="findings|all", help="What to list: findings, or every outcome.")
    ] = "findings",
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
    language: Annotated[str, typer.Option("--language", metavar="en|zh", help="Of messages and notes.")] = "en",
    rejects: Annotated[
        str | None,
        typer.Option(
            "--rejects",
            metavar="FILE",
            help="Write the rows that have something unusable there, as they stand, with the reasons: .xlsx or .csv.",
            show_default=False,
        ),
    ] = None,
    stream: Annotated[
        bool | None,
        typer.Option(
            "--stream/--no-stream",
            help="Read csv and parquet in batches, in little memory, with findings as parquet, csv or jsonl; or "
            "at once. By default what the size of the files asks for.",
            show_default=False,
        ),
    ] = None,
    lenient: Annotated[
        bool, typer.Option("--lenient", help="Exit 0 also where something could not be judged.")
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No messages but errors.")] = False,
) -> None:
    """Check records against the rules of a pack.

    Exits with 0 where everything judged complies, 1 for a violation, 2 where the input, the pack or the call is wrong,
    3 where nothing is violated but something could not be judged. With --and-as-of the same is said of what changes
    between the two dates.
    """
    from envrules.cli import streamed

    inputs = parse_inputs(files)
    if and_as_of is not None:
        from envrules.cli import between

        options: dict[str, Any] = {
            "as_of": as_of,
            "and_as_of": and_as_of,
            "engine": engine,
            "mapping": mapping,
            "rules": rule or None,
        }
        options |= {"subjects": parse_subjects(subjects), "places": parse_places(places), "language": language}
        between.refuse(format, out, outcomes)
        if out is not None:
            _refuse_output(out, [file for _, file in inputs], _format("json", None))
        raise typer.Exit(between.run(pack, inputs, options, format or "table", out, lenient, quiet))
    if engine == "spark":
        from envrules.cli import cluster

        cluster.refuse(format, out, rejects)
        options = {"as_of": as_of, "mapping": mapping, "rules": rule or None, "outcomes": outcomes}
        options |= {"subjects": parse_subjects(subjects), "places": parse_places(places), "language": language}
        raise typer.Exit(cluster.run(pack, inputs, options, out, lenient, quiet))
    chosen = _format(format, out)
    _refuse_output(out, [file for _, file in inputs], chosen)
    if rejects is not None:
        _refuse_output(rejects, [file for _, file in inputs], chosen)
        _refuse_rejects(rejects)

    from envrules import api
    from envrules.cli.progress import progress
    from envrules.streaming.memory import is_large

    files_given = [file for _, file in inputs]
    writable = out is not None and chosen.name in streamed.FORMATS
    if stream or (stream is None and engine != "durable" and is_large(files_given, writable)):
        streamed.refuse(chosen, out, rejects)
        options = {
            "as_of": as_of, "engine": engine, "mapping": mapping, "subjects": parse_subjects(subjects),
            "places": parse_places(places), "outcomes": outcomes, "rules": rule or None, "language": language,
        }  # fmt: skip
        raise typer.Exit(streamed.run(pack, inputs, options, out, chosen.name, lenient, quiet))
    with progress(not quiet) as advance:
        result = api.check(
            pack,
            inputs,
            as_of=as_of,
            engine=engine,
            mapping=mapping,
            subjects=parse_subjects(subjects),
            places=parse_places(places),
            outcomes=cast("Literal['findings', 'all']", outcomes),
            rules=rule or None,
            language=cast("Literal['en', 'zh']", language),
            progress=advance,
            stream=False,
        )
        data = result.report_data(lenient)
        report = _render(chosen, data, to_file=out is not None)
    if rejects is not None:
        _write_rejects(result.dataset, rejects, quiet)
    if not quiet:
        messages(data, in_report=chosen.name == "table" and out is None)
    if out is None:
        put(report)
    else:
        from envrules.report.output import write_output

        write_output(out, report)
        if not quiet:
            from envrules.report.phrases import closing

            say(f"{out}: {closing(data)}")
    raise typer.Exit(result.exit_code(lenient))


def _format(name: str | None, out: str | None) -> Format:
    from envrules.report.formats import find_format, format_of_file

    if name is not None:
        return find_format(name)
    return format_of_file(out) if out is not None else find_format("table")


def _refuse_output(out: str | None, files: list[str], chosen: Format) -> None:
    """Refuse before the work what could not be written after it."""
    if out is None:
        if chosen.binary and is_terminal(sys.stdout):
            what = f"{chosen.name} is no text for a terminal"
            raise CallError([Diagnostic("output-not-writable", "standard output", what, hint="add --out FILE")])
        return
    if any(os.path.exists(file) and os.path.exists(out) and os.path.samefile(file, out) for file in files):
        what = "the output file is one of the inputs, which it would replace"
        raise CallError([Diagnostic("output-not-writable", out, what, hint="name another file")])
    from envrules.report.output import refuse_early

    refuse_early(out)


def _refuse_rejects(name: str) -> None:
    if not name.lower().endswith((".csv", ".xlsx")):
        what = f"rejects are written as .xlsx or .csv, and {name} is neither"
        raise CallError([Diagnostic("unknown-format", "--rejects", what, ".xlsx, .csv")])


def _write_rejects(dataset: Dataset, name: str, quiet: bool) -> None:
    from envrules.report.output import write_output
    from envrules.report.phrases import number
    from envrules.report.rejects import rejected, render

    tables = rejected(dataset)
    write_output(name, render(tables, name))
    if not quiet:
        rows = sum(len(t.rows) for t in tables)
        say(f"{name}: {number(rows, 'row')} with something unusable, of {number(len(tables), 'table')}")


def _render(chosen: Format, data: ReportData, to_file: bool) -> bytes:
    if chosen.name == "table" and not to_file:
        from envrules.report import table

        return table.render(data, width(), color(sys.stdout)).encode("utf-8", "backslashreplace")
    return chosen.encode(data)
