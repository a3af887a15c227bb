"""A Chinese official document, given as plain text, taken apart into its clauses with the locators that packs write.

Headings are `一、`, `(一)`, `1、` (also `1.`, or nothing between number and text) and `(1)`; an annex begins with 附件.
Knows no packs and no rules. Nothing of the text is left out: what stands before the first heading is a clause without
a locator, and a line without a heading goes on with the clause above it, wherever it was broken.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from envrules.analysis.amounts import numeral
from envrules.diagnostics import CallError, Diagnostic, InputError
from envrules.records.text_files import find_encoding
from envrules.records.types import Words

MAX_BYTES: Final = 20_000_000
#: First bytes of formats that hold a document but are no plain text.
_FORMATS: Final = {
    b"PK\x03\x04": "Word, WPS or ODF",
    b"\xd0\xcf\x11\xe0": "old Word or WPS",
    b"%PDF": "PDF",
    b"{\\rtf": "RTF",
}
_SUFFIXES: Final = frozenset(".doc .docx .wps .odt .pdf .rtf .ofd .htm .html".split())

_NUMERALS: Final = "[一二三四五六七八九十百]+"
_ANNEX: Final = re.compile(r"附件(\d*|[一二三四五六七八九十]*)(?=[:、.]|$)")
_HEADINGS: Final = (
    (1, re.compile(rf"(?P<number>{_NUMERALS})[、.](?!{_NUMERALS}[、.类级])")),
    (2, re.compile(rf"\((?P<number>{_NUMERALS})\)(?![项款条类级])")),
    (3, re.compile(r"(?P<number>\d{1,2})[、.](?!\d)")),
    (4, re.compile(r"(?:\((?P<number>\d{1,2})\)|(?P<half>\d{1,2})\))(?![项款条])")),
)
#: `2全面实施`: a number that counts what follows is none of a heading.
_COUNTED: Final = "年月日个天周时分秒蒸吨万亿千百余多项条台件类倍元名人家次级米克升度公顷亩户座辆所处种批期"
_BARE: Final = re.compile(rf"(?P<number>\d{{1,2}})(?=[\u4e00-\u9fff\"《])(?![{_COUNTED}])")
_PAGE_NUMBER: Final = re.compile(r"[-—–]+\d{1,4}[-—–]+|第\d{1,4}页(?:,?共\d{1,4}页)?")
_END: Final = re.compile("[。;\n][”’」』\"')]*")
_BLANK: Final = re.compile(r"[\s\u200b\ufeff]+")
_QUOTES: Final = str.maketrans({"“": '"', "”": '"', "„": '"', "‘": "'", "’": "'", "—": "-", "–": "-", "−": "-"})


@dataclass(frozen=True)
class DocumentClause:
    """A clause with the text that is its own, not that of the clauses below it.

    Args:
        id: the locator; empty for what stands before the first heading.
        line: where it begins, counted from 1.
        text: in plain characters, without blanks; a heading that stands on a line of its own ends with a line break.
    """

    id: str
    line: int
    text: str

    @property
    def sentences(self) -> tuple[str, ...]:
        """What lies between the ends of sentences (`。` and `;`), the heading included."""
        return tuple(self.text[start:end].strip("\n") for start, end in self._spans())

    def sentence_at(self, position: int) -> int:
        """The number of the sentence that a place in the text belongs to, from 1."""
        spans = self._spans()
        return next((n for n, (_, end) in enumerate(spans, 1) if position < end), len(spans))

    def _spans(self) -> list[tuple[int, int]]:
        ends = [m.end() for m in _END.finditer(self.text)]
        spans = zip([0, *ends], [*ends, len(self.text)], strict=True)
        return [(a, b) for a, b in spans if any(c.isalnum() for c in self.text[a:b])]


@dataclass(frozen=True)
class SourceDocument:
    """A document's clauses as they come, and what is odd in their numbers."""

    name: str
    clauses: tuple[DocumentClause, ...]
    notes: tuple[Words, ...] = ()

    def find(self, id: str) -> list[DocumentClause]:
        """The clauses with this locator: one, none, or several where the document numbers them so."""
        return [c for c in self.clauses if c.id == id]

    @property
    def ids(self) -> tuple[str, ...]:
        """The locators, each once."""
        return tuple(dict.fromkeys(c.id for c in self.clauses if c.id))


def plain(text: str) -> str:
    """A text as texts are compared: full-width forms folded, quotation marks and dashes alike, blanks gone.

    Examples:
        >>> plain("颗粒物（ ＰＭ2.5）浓度　39 微克"), plain("2018 2020")
        ('颗粒物(PM2.5)浓度39微克', '2018 2020')
    """
    folded = unicodedata.normalize("NFKC", text).translate(_QUOTES)
    # A blank between two numbers keeps them apart.
    return _BLANK.sub(lambda m: " " if _between_digits(m) else "", folded)


def _between_digits(blank: re.Match[str]) -> bool:
    before, after = blank.string[: blank.start()][-1:], blank.string[blank.end() :][:1]
    return before.isdigit() and after.isdigit()


def load_document(path: str | Path) -> SourceDocument:
    """The clauses of a text file in UTF-8 or GB 18030.

    Raises:
        CallError: `file-not-found`, `file-not-readable`, `file-type` for a Word file or PDF.
        InputError: `file-empty`, `file-too-large`, `file-not-text`, `file-encoding`, `no-clauses`.
    """
    file, name = Path(path), str(path)
    try:
        with file.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise CallError([Diagnostic("file-not-found", name, "there is no such file")]) from None
    except (OSError, ValueError) as error:
        what = f"the file cannot be read: {getattr(error, 'strerror', None) or error}"
        raise CallError([Diagnostic("file-not-readable", name, what)]) from None
    kind = next((text for start, text in _FORMATS.items() if data.startswith(start)), "")
    if kind or file.suffix.lower() in _SUFFIXES:
        what = f"a document of the kind {kind or file.suffix} is not read here"
        hint = "open it and save it as plain text (.txt, UTF-8)"
        raise CallError([Diagnostic("file-type", name, what, "a text file", hint=hint)])
    if len(data) > MAX_BYTES:
        raise InputError([Diagnostic("file-too-large", name, f"the document is larger than {MAX_BYTES:,} bytes")])
    if not data.strip():
        raise InputError([Diagnostic("file-empty", name, "the document is empty")])
    document = parse_document(data.decode(find_encoding(file, name)), name)
    if not document.ids:
        what = "no heading of a clause was found, so there is nothing to compare with"
        expected = "lines that begin with 一、 or (一) or 1、"
        raise InputError([Diagnostic("no-clauses", name, what, expected)])
    return document


def parse_document(text: str, name: str = "document") -> SourceDocument:
    """The clauses of a text.

    Examples:
        >>> found = parse_document("方案\\n一、目标\\n（一）用水。不超过5亿立\\n方米。\\n二、附则")
        >>> [(c.id, c.sentences) for c in found.clauses if c.id]
        [('一', ('目标',)), ('一(一)', ('用水。', '不超过5亿立方米。')), ('二', ('附则',))]
    """
    outline = _Outline()
    lines = [(number, plain(line)) for number, line in enumerate(text.splitlines(), 1)]
    lines = [(number, line) for number, line in lines if line and not _PAGE_NUMBER.fullmatch(line)]
    for number, line in lines:
        outline.take(number, line)
    clauses = tuple(
        DocumentClause(part.id, part.line, _joined(part)) for part in outline.parts if part.id or part.lines
    )
    return SourceDocument(name, clauses, tuple(outline.notes))


@dataclass
class _Part:
    id: str
    line: int
    level: int = 0
    lines: list[str] = field(default_factory=list)


class _Outline:
    """The parts of a document while its lines are taken."""

    def __init__(self) -> None:
        self.parts = [_Part("", 1)]
        self.notes: list[Words] = []
        self.annex = ""
        self.path: dict[int, str] = {}
        self.last: dict[int, int] = {}

    def take(self, number: int, line: str) -> None:
        annex = _ANNEX.match(line)
        if annex:
            self.annex = annex.group()
            self.path, self.last = {}, {}
            self.parts.append(_Part(self.annex, number, 1, [line[annex.end() :].lstrip(":、.")]))
            return
        for level, value, written, rest in self._headings(line):
            self._open(level, value, written)
            self.parts.append(_Part(self._locator(), number, level, [rest]))
            return
        self.parts[-1].lines.append(line)

    def _headings(self, line: str) -> Iterator[tuple[int, int, str, str]]:
        for level, pattern in _HEADINGS:
            match = pattern.match(line)
            if match:
                text = match["number"] or match["half"] if level == 4 else match["number"]
                value = int(text) if text.isdigit() else numeral(text)
                if value is not None:
                    yield level, value, f"({text})" if level in (2, 4) else text, line[match.end() :]
        bare = _BARE.match(line)
        # A line may be broken before any number, so without a mark only the next number after a whole sentence counts.
        if bare and int(bare["number"]) == self.last.get(3, 0) + 1 and self._sentence_ended():
            yield 3, int(bare["number"]), bare["number"], line[bare.end() :]

    def _sentence_ended(self) -> bool:
        part = self.parts[-1]
        return len(part.lines) == 1 or (bool(part.lines) and part.lines[-1].rstrip("\"')").endswith(("。", ";", ":")))

    def _open(self, level: int, value: int, written: str) -> None:
        for below in [n for n in self.path if n >= level]:
            del self.path[below]
        for below in [n for n in self.last if n > level]:
            del self.last[below]
        before = self.last.get(level, 0)
        above = self._locator()
        if value != before + 1:
            self.notes.append(_numbering(above, value, before))
        self.last[level] = value
        self.path[level] = written

    def _locator(self) -> str:
        return self.annex + "".join(self.path[n] for n in sorted(self.path))


def _numbering(above: str, value: int, before: int) -> Words:
    where, where_zh = (f"under {above}", f"{above}之下") if above else ("at the top level", "第一层")
    if value == before:
        return Words(f"{where} the number {value} stands twice", f"{where_zh}编号{value}重复")
    if value < before:
        return Words(f"{where} {value} follows {before}", f"{where_zh}编号{before}之后为{value}")
    if not before:
        return Words(f"{where} the numbers begin with {value}", f"{where_zh}编号从{value}开始")
    return Words(
        f"{where} {value} follows {before}: a clause between them is missing",
        f"{where_zh}编号{before}之后为{value}，其间有缺",
    )


def _joined(part: _Part) -> str:
    """The lines of a part as one text; a heading on a line of its own stays a sentence of its own."""
    first, rest = (part.lines[0], part.lines[1:]) if part.lines else ("", [])
    if not part.level:
        return "\n".join(part.lines)
    if not rest or _END.search(first):
        return first + "".join(rest)
    # In a text with hard line breaks a line that is broken is about as long as the next; a heading is shorter.
    own_line = part.level == 1 or len(first) < 0.8 * len(rest[0])
    return first + ("\n" if own_line else "") + "".join(rest)
