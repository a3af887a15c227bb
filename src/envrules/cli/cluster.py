"""`envrules check --engine spark`: the workers of a cluster write what they find, and the summary is shown here."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

from envrules.cli.streams import color, is_terminal, put, say, width
from envrules.diagnostics import CallError, Diagnostic

if TYPE_CHECKING:
    from envrules.report.base import ReportData
    from envrules.spark.result import SparkResult


def refuse(format: str | None, out: str | None, rejects: str | None) -> None:
    """Refuse what workers do not write.

    Raises:
        CallError: `unknown-format`.
    """
    found = []
    if format not in (None, "table", "parquet") or (format == "table" and out is not None):
        what = f"workers write no {format}: they write a folder of Parquet files, and a table of the counts is shown"
        found.append(Diagnostic("unknown-format", "--format", what, "parquet", hint="leave --format out"))
    if format == "parquet" and out is None:
        what = "workers write a folder"
        found.append(Diagnostic("output-not-writable", "standard output", what, hint="add --out FOLDER"))
    name = (out or "").rstrip("/").rsplit("/", 1)[-1]
    if "." in name and not name.endswith(".parquet"):
        what = f"{out} would be a folder of Parquet files, which its name does not say"
        found.append(Diagnostic("unknown-format", "--out", what, "a name without an ending, or .parquet"))
    if rejects is not None:
        what = "rows with something unusable are not written out by workers"
        found.append(Diagnostic("unknown-format", "--rejects", what, hint="see kind=problem in the folder of --out"))
    if found:
        raise CallError(found)


def run(
    pack: str,
    files: Sequence[tuple[str | None, str]],
    options: Mapping[str, Any],
    out: str | None,
    lenient: bool,
    quiet: bool,
) -> int:
    """The exit code, after the summary has been shown."""
    from envrules import api
    from envrules.report import table
    from envrules.report.phrases import number
    from envrules.spark.session import session

    with session(not quiet and is_terminal(sys.stderr)):
        result = cast("SparkResult", api.check(pack, files, engine="spark", **options, out=out))
        data = result.counted_data(lenient)
        twice = result.count_duplicates()
        put(table.render(data, width(), color(sys.stdout)).encode("utf-8", "backslashreplace"))
        if not quiet:
            _messages(result, data, twice)
            if out is None:
                say("The findings were counted and are gone; --out FOLDER keeps them.")
            else:
                kept = number(
                    sum(n for own in result.counts.values() for o, n in own.items() if result.lists(o)), "row"
                )
                say(f"{out}: {kept} in kind=outcome, {number(result.unusable, 'row')} in kind=problem")
        result.release()
    return result.exit_code(lenient)


def _messages(result: SparkResult, data: ReportData, twice: int) -> None:
    from envrules.report.inert import visible
    from envrules.report.phrases import number

    for warning in data.warnings:
        say(visible(warning.line()))
    if result.unusable:
        problems = number(result.unusable, "problem")
        say(f"{problems} in the data: what cannot be used counts as unknown, never as zero")
    if twice:
        say(f"{number(twice, 'id')} that several records have: each of these records was judged")
