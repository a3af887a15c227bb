"""Containers as an attacker writes them: zip files whose sizes lie, and compound files (OLE) with one stream."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_MEBI = 1 << 20
_BLANKS = b" " * _MEBI


@dataclass
class Entry:
    """A member of a zip file as it is written: its deflated data, and the sizes that are claimed for it."""

    name: str
    data: bytes
    size: int
    flags: int = 0
    crc: int = 0


def entry(name: str, text: str | bytes) -> Entry:
    """A member that is what it says."""
    raw = text.encode() if isinstance(text, str) else text
    return Entry(name, _deflated(raw), len(raw), crc=zlib.crc32(raw))


def bomb(name: str, head: bytes, tail: bytes, mebibytes: int, claimed: int | None = None) -> Entry:
    """A member of many mebibytes of blanks between a head and a tail, in a thousandth of that; it may claim a size."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    start = packer.compress(head) + packer.flush(zlib.Z_FULL_FLUSH)
    # After a full flush the packer has no memory, so one packed mebibyte may stand as often as one likes.
    piece = packer.compress(_BLANKS) + packer.flush(zlib.Z_FULL_FLUSH)
    end = packer.compress(tail) + packer.flush()
    size = len(head) + mebibytes * _MEBI + len(tail)
    crc = zlib.crc32(head)
    for _ in range(mebibytes if claimed is None else 0):
        crc = zlib.crc32(_BLANKS, crc)
    data = start + piece * mebibytes + end
    return Entry(name, data, size if claimed is None else claimed, crc=zlib.crc32(tail, crc))


def write_zip(path: Path, entries: Sequence[Entry]) -> Path:
    """The zip file of the members, without a check of anything."""
    body, index = b"", b""
    for one in entries:
        name = one.name.encode()
        sizes = struct.pack("<III", one.crc, len(one.data), min(one.size, 0xFFFFFFFE))
        place = len(body)
        body += b"PK\x03\x04" + struct.pack("<HHHHH", 20, one.flags, 8, 0, 33) + sizes
        body += struct.pack("<HH", len(name), 0) + name + one.data
        index += b"PK\x01\x02" + struct.pack("<HHHHHH", 20, 20, one.flags, 8, 0, 33) + sizes
        index += struct.pack("<HHHHHII", len(name), 0, 0, 0, 0, 0, place) + name
    count = len(entries)
    end = b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, count, count, len(index), len(body), 0)
    path.write_bytes(body + index + end)
    return path


def _deflated(raw: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(raw) + packer.flush()


def write_compound(path: Path, streams: dict[str, bytes]) -> Path:
    """A compound file of streams in its root, each of 4096 bytes or more.

    Source: MS-CFB, 2.2 (header), 2.3 (FAT), 2.6 (directory).
    """
    sector = 512
    chains: list[int] = []
    data, starts = b"", []
    for content in streams.values():
        padded = content.ljust(-(-max(len(content), 4096) // sector) * sector, b"\0")
        count = len(padded) // sector
        first = len(chains)
        starts.append((first, len(padded)))
        chains += [*range(first + 1, first + count), 0xFFFFFFFE]
        data += padded
    directory_at = len(chains)
    names = list(streams)
    entries = [_directory_entry("Root Entry", 5, 0xFFFFFFFE, 0, child=1)]
    for n, (name, (first, size)) in enumerate(zip(names, starts, strict=True), 1):
        entries.append(_directory_entry(name, 2, first, size, right=n + 1 if n < len(names) else 0xFFFFFFFF))
    directory = b"".join(entries).ljust(-(-len(entries) * 128 // sector) * sector, b"\0")
    count = len(directory) // sector
    chains += [*range(directory_at + 1, directory_at + count), 0xFFFFFFFE]
    table_at = len(chains)
    chains.append(0xFFFFFFFD)
    assert len(chains) <= sector // 4, "one sector of the table is enough for a test"
    table = struct.pack(f"<{len(chains)}I", *chains).ljust(sector, b"\xff")
    header = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    header += struct.pack("<IIIIIIIII", 0, 1, directory_at, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)
    header += struct.pack("<I", table_at).ljust(436, b"\xff")
    path.write_bytes(header + data + directory + table)
    return path


def _directory_entry(
    name: str, kind: int, start: int, size: int, *, child: int = 0xFFFFFFFF, right: int = 0xFFFFFFFF
) -> bytes:
    text = (name + "\0").encode("utf-16-le")
    head = text.ljust(64, b"\0") + struct.pack("<HBB", len(text), kind, 1)
    return head + struct.pack("<III", 0xFFFFFFFF, right, child) + bytes(36) + struct.pack("<IQ", start, size)
