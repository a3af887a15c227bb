"""Frames set aside on disk while a table larger than memory is read, and got back key by key.

They stand in one file that has no name, so nothing of it is left however the process ends.
"""

from __future__ import annotations

import io
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO

import polars as pl

from envrules.diagnostics import CallError, Diagnostic

_HELD = 48 << 20  # bytes of frames that are held before they are written together


@dataclass
class _Kept:
    """What is held of one key, and where its pieces stand in the file."""

    held: list[pl.DataFrame] = field(default_factory=list)
    size: int = 0
    rows: int = 0
    pieces: list[tuple[int, int]] = field(default_factory=list)


class Spill:
    """Frames by key, each key's in the order they were added.

    Args:
        folder: where the file is made.

    Raises:
        CallError: `spill-not-writable`, here and wherever frames are written.
    """

    def __init__(self, folder: str) -> None:
        self._file: IO[bytes] | None = None
        self.folder = folder
        self._keys: dict[object, _Kept] = {}
        self._held = 0
        self._end = 0

    def add(self, key: object, frame: pl.DataFrame) -> None:
        """Set a frame aside; all frames of one key have the same columns."""
        kept = self._keys.setdefault(key, _Kept())
        size = int(frame.estimated_size())
        kept.held.append(frame)
        kept.size += size
        kept.rows += len(frame)
        self._held += size
        if self._held > _HELD:
            self._write()

    def keys(self) -> list[object]:
        """The keys, in the order they first came."""
        return list(self._keys)

    def rows(self, key: object) -> int:
        """How many rows were added for a key."""
        return self._keys[key].rows if key in self._keys else 0

    def frames(self, key: object) -> Iterator[pl.DataFrame]:
        """The frames of a key, perhaps parted otherwise than they were added."""
        kept = self._keys.get(key)
        if kept is None:
            return
        for start, size in list(kept.pieces):
            assert self._file is not None
            self._file.seek(start)
            yield pl.read_ipc(io.BytesIO(self._file.read(size)))
        yield from list(kept.held)

    @property
    def size(self) -> int:
        """The bytes on disk."""
        return self._end

    def close(self) -> None:
        """Give the space back."""
        self._keys = {}
        if self._file is not None:
            self._file.close()
            self._file = None

    def __del__(self) -> None:
        self.close()

    def _write(self) -> None:
        """Write what is held, the largest keys first, until little is left."""
        for kept in sorted(self._keys.values(), key=lambda k: -k.size):
            if self._held <= _HELD // 4 or not kept.held:
                break
            out = io.BytesIO()
            pl.concat(kept.held, rechunk=True).write_ipc(out, compression="lz4")
            self._append(kept, out.getbuffer())
            self._held -= kept.size
            kept.held, kept.size = [], 0

    def _append(self, kept: _Kept, data: memoryview) -> None:
        try:
            if self._file is None:
                # Never tmpfs by accident: the caller says where there is room.
                self._file = tempfile.TemporaryFile(dir=self.folder, prefix=".envrules-", buffering=0)  # noqa: SIM115
            self._file.seek(self._end)
            written = 0
            while written < len(data):
                written += self._file.write(data[written:]) or 0
        except OSError as error:
            raise _not_writable(self.folder, error) from None
        kept.pieces.append((self._end, len(data)))
        self._end += len(data)


def _not_writable(folder: str, error: OSError) -> CallError:
    what = f"records cannot be set aside on disk: {error.strerror or error}; nothing was written"
    hint = "name a folder with more room in TMPDIR"
    return CallError([Diagnostic("spill-not-writable", os.path.join(folder, ""), what, hint=hint)])
