"""Writing a file whole or not at all."""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from envrules.diagnostics import CallError, Diagnostic


def write_output(path: str | os.PathLike[str], content: str | bytes) -> None:
    """Write the file so that it is there whole or not at all; one that stood there stays until the new one is whole.

    Text is written as UTF-8, its line ends as they are. What is no ordinary file (`/dev/stdout`, a pipe) is written to.

    Raises:
        CallError: `output-not-writable`.
    """
    data = content.encode("utf-8", "backslashreplace") if isinstance(content, str) else content
    with whole_file(path) as file:
        file.write(data)


@contextlib.contextmanager
def whole_file(path: str | os.PathLike[str]) -> Iterator[IO[bytes]]:
    """A file to write to that stands at the path, whole, once the block has ended; nothing does where it raises.

    Until then it has no name where the system has such files (Linux), so that nothing of it is left even by a kill.

    Raises:
        CallError: `output-not-writable`, for what goes wrong within the block too.
    """
    # A link stays a link: what it points to is replaced.
    target = Path(os.path.realpath(path))
    try:
        mode = _mode(target)
        if mode is not None and stat.S_ISDIR(mode):
            raise IsADirectoryError(21, "it is a folder")
        if mode is not None and not stat.S_ISREG(mode):
            with target.open("wb") as file:
                yield file
            return
        with _new_file(target, mode) as file:
            yield file
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


@contextlib.contextmanager
def _new_file(target: Path, mode: int | None) -> Iterator[IO[bytes]]:
    """A file that takes the place of the target when the block has ended."""
    # A report has the rights of any new file, or those of the one it replaces.
    rights = stat.S_IMODE(mode) if mode is not None else 0o666 & ~_umask()
    unnamed = _unnamed(target.parent)
    if unnamed is None:
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name[:80]}.", suffix=".part")
    else:
        handle, name = unnamed, ""
    try:
        with open(handle, "w+b") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
            os.chmod(name or file.fileno(), rights)
            if not name and mode is None and _link(file.fileno(), target):
                return
            if not name:
                # Only a file with a name can replace another; it has one for no longer than that takes.
                name = str(target.parent / f".{target.name[:80]}.{secrets.token_hex(6)}.part")
                _link(file.fileno(), Path(name))
        os.replace(name, target)
    except BaseException:
        if name:
            with contextlib.suppress(OSError):
                os.unlink(name)
        raise


def _unnamed(folder: Path) -> int | None:
    """A file in a folder without a name; None where the system or the folder has none."""
    if not hasattr(os, "O_TMPFILE") or not os.path.isdir("/proc/self/fd"):
        return None
    try:
        return os.open(folder, os.O_TMPFILE | os.O_RDWR | os.O_CLOEXEC, 0o600)
    except OSError:  # some file systems have none; what else is wrong comes up again with a name
        return None


def _link(handle: int, target: Path) -> bool:
    """Give a file without a name the target's, if nothing has it meanwhile."""
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        # With a folder given, Python asks for the file that the link leads to, not for the link.
        os.link(f"/proc/self/fd/{handle}", target.name, dst_dir_fd=folder)
    except FileExistsError:
        return False
    finally:
        os.close(folder)
    return True


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
