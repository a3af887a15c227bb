"""`envrules test`: the cases of a pack's rules."""

from __future__ import annotations

from typing import Annotated

import typer

from envrules.cli.arguments import DEFAULT_PACK
from envrules.cli.streams import put


def run_tests(
    pack: Annotated[
        str, typer.Argument(metavar="[PACK]", help="A shipped pack, or the folder or zip of a pack.")
    ] = DEFAULT_PACK,
    rule: Annotated[
        list[str] | None,
        typer.Option(
            "--rule",
            metavar="PATTERN",
            help="Only these rules: an id or boiler.*. May be repeated.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Run the cases of a pack's rules.

    A case is records with the outcomes they must get.

    Exits with 0 where every case holds, 1 where one does not, 2 where the pack cannot be loaded.
    """
    from envrules import api
    from envrules.analysis.testing import run_cases
    from envrules.report.inert import visible
    from envrules.report.phrases import number

    loaded = api.load_pack(pack)
    chosen = api.select_rules(loaded, rule or None)
    results = run_cases(loaded, {r.id: r for r in chosen})
    failed = [result for result in results if not result.ok]
    lines = [f"FAILED {r.rule}: {r.case}\n  {r.detail}" for r in failed]
    total = f"{number(len(results), 'case')} of {number(len(chosen), 'rule')}"
    lines.append(f"{total}: {number(len(failed), 'failure')}" if failed else f"{total}: all hold")
    put(visible("\n".join(lines), keep="\n") + "\n")
    raise typer.Exit(1 if failed else 0)
