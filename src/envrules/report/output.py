"""Writing a file whole or not at all."""

from __future__ import annotations

import contextlib
import os
import stat
import tempfile
from pathlib import Path

from envrules.diagnostics import CallError, Diagnostic


def write_output(path: str | os.PathLike[str], content: str | bytes) -> None:
    """Write the file so that it is there whole or not at all; one that stood there stays until the new one is whole.

    Text is written as UTF-8, its line ends as they are. What is no ordinary file (`/dev/stdout`, a pipe) is written to.

    Raises:
        CallError: `output-not-writable`.
    """
    data = content.encode("utf-8", "backslashreplace") if isinstance(content, str) else content
    # A link stays a link: what it points to is replaced.
    target = Path(os.path.realpath(path))
    try:
        mode = _mode(target)
        if mode is not None and not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
            target.write_bytes(data)
        else:
            _replace(target, data, mode)
    except OSError as error:
        raise CallError([_refusal(path, target, error)]) from None


def refuse_early(path: str | os.PathLike[str]) -> None:
    """Refuse a file that could not be written, before the work whose result it is to hold.

    Raises:
        CallError: `output-not-writable`.
    """
    target = Path(os.path.realpath(path))
    if os.path.isdir(target):
        raise CallError([_refusal(path, target, IsADirectoryError(21, "it is a folder"))])
    if not os.path.isdir(target.parent):
        raise CallError([_refusal(path, target, FileNotFoundError(2, "there is no such folder"))])
    if not os.access(target.parent, os.W_OK):
        raise CallError([_refusal(path, target, PermissionError(13, "the folder may not be written to"))])
    try:
        _mode(target)
    except OSError as error:  # such as a name longer than the file system takes
        raise CallError([_refusal(path, target, error)]) from None


def _mode(target: Path) -> int | None:
    try:
        return target.stat().st_mode
    except FileNotFoundError:
        return None


def _replace(target: Path, data: bytes, mode: int | None) -> None:
    if mode is not None and stat.S_ISDIR(mode):
        raise IsADirectoryError(21, "it is a folder")
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name[:80]}.", suffix=".part")
    try:
        with open(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        # mkstemp lets only the owner read; a report has the rights of any new file, or those of the one it replaces.
        os.chmod(name, stat.S_IMODE(mode) if mode is not None else 0o666 & ~_umask())
        os.replace(name, target)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def _refusal(path: str | os.PathLike[str], target: Path, error: OSError) -> Diagnostic:
    reason = error.strerror or str(error)
    hint = "name a file in a folder you may write to"
    if not os.path.exists(target.parent):
        hint = f"make the folder {target.parent.name} first"
    elif os.path.isdir(target):
        hint = "name a file in it"
    what = f"the output file cannot be written: {reason}; nothing was written"
    return Diagnostic("output-not-writable", os.fspath(path), what, hint=hint)
