"""`envrules check` on files larger than memory: the same messages and exit codes, the findings set aside meanwhile."""

from __future__ import annotations

import sys
import tempfile
from typing import TYPE_CHECKING, Any

from envrules.cli.messages import messages
from envrules.cli.streams import color, put, say, width
from envrules.diagnostics import CallError, Diagnostic

FORMATS = ("parquet", "csv", "jsonl")

if TYPE_CHECKING:
    from envrules.report.formats import Format


def refuse(chosen: Format, out: str | None, rejects: str | None) -> None:
    """Refuse what cannot be made of a table that is never held whole.

    Raises:
        CallError: `stream-format`.
    """
    from envrules.streaming.check import unsupported_format

    if rejects is not None:
        what = "the rows with something unusable are copied from tables that are held whole"
        hint = "leave --rejects away, or read the files at once with --no-stream"
        raise CallError([Diagnostic("stream-format", "--rejects", what, hint=hint)])
    if chosen.name not in FORMATS and not (chosen.name == "table" and out is None):
        raise unsupported_format(chosen.name, out or "standard output")


def run(
    pack: str, inputs: list[tuple[str | None, str]], options: dict[str, Any], out: str | None, kind: str, lenient: bool,
    quiet: bool,
) -> int:  # fmt: skip
    """Check, write and tell; gives the exit code."""
    from envrules.cli.progress import rows_progress
    from envrules.report.phrases import closing
    from envrules.streaming.check import check_stream

    with rows_progress(not quiet) as advance:
        result = check_stream(
            pack, inputs, out=out, out_format=kind if kind in FORMATS else None, progress=advance, **options
        )
        data = result.report_data(lenient)
    if not quiet:
        messages(data, in_report=kind == "table")
    if kind == "table":
        from envrules.report import table

        put(table.render(data, width(), color(sys.stdout)).encode("utf-8", "backslashreplace"))
    elif out is None:
        # Nothing is told before all is known to be sound, as of a result that is made in memory.
        with tempfile.TemporaryFile() as file:
            result.write(file, kind)
            file.seek(0)
            while piece := file.read(1 << 20):
                put(piece)
    elif not quiet:
        say(f"{out}: {closing(data)}")
    return result.exit_code(lenient)
