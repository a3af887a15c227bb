"""The encoding of a text file: by its mark, else UTF-8 where the whole of it is, else by the characters it would hold.

Bytes of Chinese text decode as several encodings; only in the right one do they give the characters that people write.
GB 2312 and Big5 both keep their common characters apart from the rare ones, so counting them tells. Doubt is an error.
"""

from __future__ import annotations

import codecs
import re
from pathlib import Path
from typing import IO

from envrules.diagnostics import Diagnostic, InputError, TextPlace

_CHUNK = 1 << 20
_SAMPLE = 1 << 22  # of the bytes that are not ASCII, enough to tell by
_CERTAIN = 0.9
_CLEAR = 0.2
_ENOUGH = 8  # characters by which GB 18030 and Big5 can be told apart
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_SIGNATURES = (
    (b"PK\x03\x04", "a zip file or workbook; if it is one, name it .xlsx"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook; name it .xls"),
    (b"%PDF", "a PDF"),
    (b"PAR1", "a Parquet file; name it .parquet"),
    (b"\x1f\x8b", "a gzip file; unpack it first"),
)
_HIGH_RUNS = re.compile(rb"[\x80-\xff][\x00-\xff]?")
#: What Windows-1252 has of letters and signs that stand in tables of Western languages.
_WESTERN = frozenset(
    "ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÕÖØÙÚÛÜÝßàáâãäåæçèéêëìíîïñòóôõöøùúûüýÿŒœŠšŽž°±²³µ·º¹¼½¾×÷€£§«»–—‘’“”…‰™®©\xa0"
)


def find_encoding(path: Path, source: str) -> str:
    """The encoding of a text: utf-8-sig, utf-16, utf-8, gb18030, big5hkscs or cp1252.

    Raises:
        InputError: `file-not-text` for NUL bytes or the first bytes of another format, `file-encoding` for a text that
            is in none of them, in more than one, or partly in one and partly in another.
    """
    with path.open("rb") as file:
        start = file.read(8)
        for signature, what in _SIGNATURES:
            if start.startswith(signature):
                raise _error("file-not-text", source, f"this is no text: it looks like {what}")
        marked = next((name for mark, name in _MARKS if start.startswith(mark)), "")
        if marked:
            if _decodes(file, marked, source):
                return marked
            raise _unknown(file, source, f"it is marked as {'UTF-8' if marked == 'utf-8-sig' else 'UTF-16'} and is not")
        if _decodes(file, "utf-8", source):
            return "utf-8"
        likely = _likely(file, _sample(file), source)
        if len(likely) != 1:
            raise _unknown(file, source, f"it may be {' or '.join(likely)}" if likely else "")
        return likely[0]


def _likely(file: IO[bytes], sample: bytes, source: str) -> list[str]:
    """The encodings that the characters of a text speak for."""
    shares = {"gb18030": _common_gb(sample), "big5hkscs": _common_big5(sample)}
    decoding = [name for name in shares if _decodes(file, name, source)]
    certain = [name for name in decoding if shares[name] >= _CERTAIN]
    if len(certain) > 1 and len(sample) >= 2 * _ENOUGH:
        # Half of the characters of Big5 have a second byte that GB 2312 has not; eight without one are no Big5.
        certain = ["gb18030"]
    if certain:
        return certain
    if _western(sample):
        return ["cp1252" if _decodes(file, "cp1252", source) else "latin-1"]
    best = max(decoding, key=lambda name: shares[name], default="")
    return [name for name in decoding if name == best or shares[best] - shares[name] < _CLEAR]


def _decodes(file: IO[bytes], name: str, source: str) -> bool:
    file.seek(0)
    decoder = codecs.getincrementaldecoder(name)("strict")
    try:
        while chunk := file.read(_CHUNK):
            # In UTF-16 every other byte of plain text is NUL, so there the decoded text is looked at.
            if (name != "utf-16" and b"\0" in chunk) or "\0" in decoder.decode(chunk):
                raise _error("file-not-text", source, "this is no text: it holds NUL characters")
        decoder.decode(b"", True)
    except UnicodeDecodeError:
        return False
    return True


def _sample(file: IO[bytes]) -> bytes:
    """The first of the bytes that are not ASCII, each with the one after it, as both Chinese encodings pair them."""
    file.seek(0)
    found: list[bytes] = []
    size = 0
    while size < _SAMPLE and (chunk := file.read(_CHUNK)):
        runs = _HIGH_RUNS.findall(chunk)
        found += runs
        size += 2 * len(runs)
    return b"".join(run.ljust(2) for run in found)


def _common_gb(sample: bytes) -> float:
    """The share of characters that are signs or of the 3755 common ones of GB 2312 (rows 1-9 and 16-55)."""
    good = 0
    for lead, trail in zip(sample[::2], sample[1::2], strict=True):
        good += trail >= 0xA1 and (0xB0 <= lead <= 0xD7 or 0xA1 <= lead <= 0xA9)
    return good / max(1, len(sample) // 2)


def _common_big5(sample: bytes) -> float:
    """The share of characters that are signs or of the 5401 common ones of Big5 (A1 to C6)."""
    good = 0
    for lead, trail in zip(sample[::2], sample[1::2], strict=True):
        good += 0xA1 <= lead <= 0xC6 and (0x40 <= trail <= 0x7E or trail >= 0xA1)
    return good / max(1, len(sample) // 2)


def _western(sample: bytes) -> bool:
    """Whether single letters with accents stand among plain ones, as no Chinese text has them."""
    lone = sum(1 for trail in sample[1::2] if trail < 0x80)
    text = sample[::2].decode("cp1252", "replace")
    return lone >= 0.8 * len(text) and all(c in _WESTERN for c in text)


def _unknown(file: IO[bytes], source: str, why: str) -> InputError:
    """Why a text is in no encoding, with the first line that is unlike the others."""
    file.seek(0)
    first: dict[str, int] = {}
    for number, line in enumerate(file, 1):
        if line.isascii():
            continue
        for name in ("utf-8", "gb18030"):
            try:
                line.decode(name)
            except UnicodeDecodeError:
                continue
            first.setdefault(name, number)
            break
        else:
            first.setdefault("neither", number)
        if len(first) > 1 or number > 1_000_000:
            break
    where: TextPlace | str = source
    what = "the text is neither UTF-8, GB 18030, Big5 nor Latin-1, nor UTF-16 with its mark"
    if {"utf-8", "gb18030"} <= first.keys():
        line_number = max(first.values())
        where = TextPlace(source, line_number, 1)
        what = (
            f"the encodings are mixed: line {first['utf-8']} is UTF-8 and line {first['gb18030']} is not, as where two "
            "files were put together"
        )
    elif why:
        what = f"the encoding of the text is open: {why}"
    return InputError([Diagnostic("file-encoding", where, what, hint="save it as UTF-8")])


def _error(code: str, source: str, what: str) -> InputError:
    return InputError([Diagnostic(code, source, what)])
