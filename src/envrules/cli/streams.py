"""The two streams: results go to stdout as bytes, messages to stderr. Both are UTF-8 whatever the locale says."""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import sys
from typing import TextIO

from envrules.diagnostics import CallError, Diagnostic


def prepare() -> None:
    """Make both streams UTF-8; a character they cannot hold is shown as its escape instead of ending the run."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            with contextlib.suppress(ValueError, OSError):
                stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def put(result: str | bytes) -> None:
    """Write a result to stdout. A reader that went away (`| head`) is no error.

    Raises:
        CallError: `output-not-writable`, as on a full disk.
    """
    data = result.encode("utf-8", "backslashreplace") if isinstance(result, str) else result
    try:
        if sys.stdout is None:  # a windowed process has none
            raise OSError("there is no standard output")
        raw = getattr(sys.stdout, "buffer", None)
        if raw is None:
            sys.stdout.write(data.decode("utf-8"))
        else:
            sys.stdout.flush()
            raw.write(data)
        sys.stdout.flush()
    except BrokenPipeError:
        _forget_stdout()
    except OSError as error:
        _forget_stdout()
        what = f"the result cannot be written: {error.strerror or error}"
        raise CallError([Diagnostic("output-not-writable", "standard output", what)]) from None


def say(message: str) -> None:
    """Write a message to stderr; where even that fails, the run goes on."""
    with contextlib.suppress(OSError, ValueError):
        if sys.stderr is not None:
            sys.stderr.write(f"{message}\n")
            sys.stderr.flush()


def finish(code: int) -> int:
    """Flush what is left, and give the code back."""
    try:
        if sys.stdout is not None:
            sys.stdout.flush()
    except BrokenPipeError:
        _forget_stdout()
    return code


def _forget_stdout() -> None:
    # The interpreter flushes stdout once more when it ends, and would complain.
    with contextlib.suppress(OSError, ValueError, AttributeError):
        nothing = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nothing, sys.stdout.fileno())
        os.close(nothing)


def is_terminal(stream: TextIO | None) -> bool:
    """Whether a person looks at the stream."""
    try:
        return stream is not None and stream.isatty()
    except ValueError:
        return False


def color(stream: TextIO | None) -> bool:
    """Whether to write in colour: on a terminal, unless NO_COLOR is set; anywhere with FORCE_COLOR."""
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return is_terminal(stream) and os.environ.get("TERM") != "dumb"


def width() -> int:
    """The columns of the terminal; 120 where there is none."""
    return shutil.get_terminal_size((120, 24)).columns
