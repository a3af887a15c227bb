"""`envrules pages`: the generated pages of packs, for those who keep them beside the packs. Not shown in the help."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from envrules.cli.streams import say
from envrules.diagnostics import CallError, Diagnostic


def pages(
    packs: Annotated[
        list[str] | None, typer.Argument(metavar="[PACK]", help="All shipped packs by default.", show_default=False)
    ] = None,
    out: Annotated[str, typer.Option("--out", "-o", metavar="FOLDER", help="The folder of documents.")] = "docs",
) -> None:
    """Write the pages of rules and record types, and remove those of what is gone."""
    from envrules import api
    from envrules.analysis.markdown import MARK
    from envrules.analysis.pages import all_pages
    from envrules.pack.source import shipped_packs
    from envrules.report.output import write_output
    from envrules.report.phrases import number

    wanted = all_pages(api.load_pack(name) for name in packs or shipped_packs())
    folder = Path(out)
    written = removed = 0
    try:
        for path, text in wanted.items():
            file = folder / path
            if file.is_file() and file.read_bytes() == text.encode():
                continue
            file.parent.mkdir(parents=True, exist_ok=True)
            write_output(file, text)
            written += 1
        for file in [*(folder / "rules").rglob("*.md"), *(folder / "records").rglob("*.md")]:
            # Only a page that was generated is removed, whatever else may lie there.
            if file.relative_to(folder).as_posix() not in wanted and file.read_text("utf-8").startswith(MARK):
                file.unlink()
                removed += 1
    except OSError as error:
        what = f"the pages cannot be written: {error.strerror or error}"
        raise CallError([Diagnostic("output-not-writable", out, what)]) from None
    say(f"{out}: {number(len(wanted), 'page')}, {written} written, {removed} removed")
