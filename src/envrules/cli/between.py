"""`envrules check --and-as-of`: what changes between two evaluation dates."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import Any

from envrules.cli.streams import color, put, say, width
from envrules.diagnostics import CallError, Diagnostic, nearest

FORMATS = ("table", "json")


def refuse(format: str | None, out: str | None, outcomes: str) -> None:
    """Refuse what a comparison of two dates cannot be asked for.

    Raises:
        CallError: `unknown-format` or `call-value`.
    """
    if format is not None and format not in FORMATS:
        what = f"two dates are not compared as {format!r}"
        hint = nearest(format, FORMATS)
        raise CallError([Diagnostic("unknown-format", "--format", what, ", ".join(FORMATS), hint=hint)])
    if outcomes != "findings":
        what = "with --and-as-of only what differs is listed"
        raise CallError([Diagnostic("call-value", "--outcomes", what, hint="leave --outcomes out")])


def run(
    pack: str,
    inputs: Sequence[tuple[str | None, str]],
    options: Mapping[str, Any],
    format: str,
    out: str | None,
    lenient: bool,
    quiet: bool,
) -> int:
    """The exit code, after the changes have been shown or written."""
    from envrules import api
    from envrules.cli.progress import progress
    from envrules.report.comparison import between_table, comparison_json
    from envrules.report.phrases import number

    with progress(not quiet) as advance:
        found = api.between(pack, inputs, **options, progress=advance)
    data = found.as_dict()
    if format == "json":
        report = comparison_json(data)
    else:
        due = {r.id: r.due_text for r in found.pack.rules.values() if r.due_text}
        report = between_table(data, due, width() if out is None else 120, out is None and color(sys.stdout))
    if out is None:
        put(report)
    else:
        from envrules.report.output import write_output

        write_output(out, report)
    if not quiet:
        for warning in found.dataset.warnings:
            say(warning.line())
        if found.dataset.problems:
            count = number(len(found.dataset.problems), "problem")
            say(f"{count} in the data: what cannot be used counts as unknown, never as zero")
    return found.exit_code(lenient)
