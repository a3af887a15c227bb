"""`envrules schema`: the JSON schema of a pack's files, for editors."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from envrules.cli.streams import put


def schema(
    out: Annotated[
        str | None,
        typer.Option("--out", "-o", metavar="FILE", help="Write there instead of to stdout.", show_default=False),
    ] = None,
) -> None:
    """Print the JSON schema of a pack's files, for editors."""
    from envrules import api

    text = json.dumps(api.schema(), ensure_ascii=False, indent=2) + "\n"
    if out is None:
        put(text)
    else:
        from envrules.report.output import write_output

        write_output(out, text)
