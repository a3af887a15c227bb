"""The commands together: what `envrules --help` shows. Nothing heavy is imported before a command runs."""

from __future__ import annotations

from typing import Annotated

import typer

from envrules.cli import (
    check,
    cite,
    coverage,
    diff,
    docs,
    explain,
    inspect,
    lint,
    rules,
    schema,
    screen,
    template,
    test,
    track,
)
from envrules.cli import map as mapping
from envrules.cli.streams import put

app = typer.Typer(
    name="envrules",
    help="Check records of boilers, coal, projects and public indicators against environmental rules.",
    epilog="Exit codes: 0 all judged complies; 1 a violation; 2 wrong input, pack or call; 3 something left open.",
    no_args_is_help=True,
    add_completion=False,
    # Errors are shown by envrules.cli.run, in the same words everywhere; plain help needs no terminal library.
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("check")(check.check)
app.command("inspect")(inspect.inspect)
app.command("map")(mapping.map_)
app.command("explain")(explain.explain)
app.command("screen")(screen.screen)
app.command("rules")(rules.rules)
app.command("test")(test.run_tests)
app.command("lint")(lint.lint)
app.command("coverage")(coverage.coverage)
app.command("cite")(cite.cite)
app.command("diff")(diff.diff)
app.command("schema")(schema.schema)
app.command("template")(template.template)
app.command("pages", hidden=True)(docs.pages)
app.add_typer(track.app)


def _version(wanted: bool) -> None:
    if wanted:
        from envrules import __version__

        put(f"envrules {__version__}\n")
        raise typer.Exit


@app.callback()
def common(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and end.")
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an internal error.")] = False,
) -> None:
    # `--debug` is taken out of the arguments by envrules.cli.run, wherever it stands; it is declared for the help.
    del version, debug
