"""`envrules lint`: what loads but is not as a good pack should be."""

from __future__ import annotations

from typing import Annotated

import typer

from envrules.cli.arguments import DEFAULT_PACK
from envrules.cli.streams import put


def lint(
    pack: Annotated[
        str, typer.Argument(metavar="[PACK]", help="A shipped pack, or the folder or zip of a pack.")
    ] = DEFAULT_PACK,
    strict: Annotated[bool, typer.Option("--strict", help="Exit 1 for warnings too.")] = False,
) -> None:
    """Look a pack over for what loads but is not right.

    That is cases that lack, tables with gaps or overlaps, values that cannot be.

    Exits with 0 where nothing is wrong, 1 where something is, 2 where the pack cannot be loaded.
    """
    from envrules import api
    from envrules.analysis.lint import lint as look
    from envrules.report.inert import visible
    from envrules.report.phrases import number

    loaded = api.load_pack(pack)
    found = look(loaded)
    errors = sum(d.level == "error" for d in found)
    warnings = len(found) - errors
    lines = [d.box() for d in found]
    said = [number(count, noun) for count, noun in ((errors, "error"), (warnings, "warning")) if count]
    lines.append(f"{loaded.name}: {number(len(loaded.rules), 'rule')}, {' and '.join(said) or 'nothing to mend'}")
    put(visible("\n".join(lines), keep="\n\t") + "\n")
    raise typer.Exit(1 if errors or (strict and warnings) else 0)
