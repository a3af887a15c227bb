"""Runs the command: every way in which it may end becomes a message on stderr and an exit code, never a traceback."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from envrules.cli.streams import finish, prepare, say
from envrules.diagnostics import EnvrulesError

USAGE: Final = 2
#: What sysexits.h calls EX_SOFTWARE: no code of a check may be taken for it.
BUG: Final = 70
INTERRUPTED: Final = 130


def run(arguments: Sequence[str] | None = None) -> int:
    """The exit code of the command with these arguments, or with those of the process."""
    prepare()
    given = list(sys.argv[1:] if arguments is None else arguments)
    debug, given = _take_debug(given)
    try:
        code = _dispatch(given)
        return finish(code)
    except EnvrulesError as error:
        _show(error)
        return USAGE
    except KeyboardInterrupt:
        say("interrupted")
        return INTERRUPTED
    except BrokenPipeError:
        return finish(0)
    except Exception as error:
        return _defect(error, debug)


def _take_debug(arguments: list[str]) -> tuple[bool, list[str]]:
    end = arguments.index("--") if "--" in arguments else len(arguments)
    before = [a for a in arguments[:end] if a != "--debug"]
    return len(before) < end, before + arguments[end:]


def _dispatch(arguments: list[str]) -> int:
    import typer

    from envrules.cli.app import app

    try:
        # Older releases raise Exit, newer ones return its code.
        code = app(arguments, prog_name="envrules", standalone_mode=False)
    except typer.Exit as end:
        code = end.exit_code
    except typer.Abort:
        raise KeyboardInterrupt from None
    except Exception as error:
        show = getattr(error, "show", None)
        if show is None:
            raise
        # A mistake in the call, as the library of the command line words it; it has moved between modules, so no type.
        show()
        return USAGE
    if code == INTERRUPTED:
        raise KeyboardInterrupt
    return code if isinstance(code, int) else 0


def _show(error: EnvrulesError) -> None:
    from envrules.report.inert import visible

    for diagnostic in error.diagnostics:
        say(visible(diagnostic.box(), keep="\n\t"))
    errors = sum(d.level == "error" for d in error.diagnostics)
    if errors > 1:
        say(f"{errors} problems")


def _defect(error: Exception, debug: bool) -> int:
    if debug:
        say("".join(traceback.format_exception(error)).rstrip())
    frames = traceback.extract_tb(error.__traceback__)
    place = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    detail = str(error).splitlines()[0][:200] if str(error) else "no details"
    say(f"envrules: internal error: {type(error).__name__}: {detail}{place}")
    say("This is a defect of envrules, not of your data. Nothing was judged.")
    if not debug:
        say("Please report it with the command you ran and what the same command prints with --debug.")
    return BUG
