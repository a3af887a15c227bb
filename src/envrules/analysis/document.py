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
from envrules.records.encodings import find_encoding
from envrules.records.types import Words

MAX_BYTES: Final = 5_000_000
#: Characters and columns of a line.
Width = tuple[int, int]
#: A text is not broken into lines shorter than so many characters.
_NARROWEST: Final = 16
#: So far a number without a mark may be from the one before it where clauses were left out.
_MOST_LEFT_OUT: Final = 3
#: First bytes of formats that hold a document but are no plain text.
_FORMATS: Final = {
    b"PK\x03\x04": "a file of Word, WPS, Excel or ODF",
    b"\xd0\xcf\x11\xe0": "an old Word or Excel file",
    b"%PDF": "a PDF",
    b"{\\rtf": "RTF",
}
_SUFFIXES: Final = frozenset(".doc .docx .wps .odt .pdf .rtf .ofd .htm .html".split())

_NUMERALS: Final = "[一二三四五六七八九十百]+"
_ANNEX: Final = re.compile(r"附件(\d*|[一二三四五六七八九十]*)(?=[:、.]|$)")
_COUNTED: Final = "年月日个天周时分秒蒸吨万亿千百余多项条台件类倍元名人家次级米克升度公顷亩户座辆所处种批期"
_HEADINGS: Final = (
    (1, re.compile(rf"(?P<number>{_NUMERALS})[、.](?!{_NUMERALS}[、.类级])")),
    (2, re.compile(rf"\((?P<number>{_NUMERALS})\)(?![项款条类级])")),
    (3, re.compile(r"(?P<number>\d{1,2})[、.](?!\d)")),
    (4, re.compile(r"\((?P<number>\d{1,2})\)(?![项款条])")),
    (4, re.compile(r"(?P<number>\d{1,2})\)")),
    # `2全面实施`: a number that counts what follows is none of a heading.
    (3, re.compile(rf"(?P<number>\d{{1,2}})(?=[\u4e00-\u9fff\"《])(?![{_COUNTED}])")),
)
#: Headings that a broken line may begin with by chance.
_UNMARKED: Final = frozenset(pattern for _, pattern in _HEADINGS[-2:])
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
        what = f"this is no plain text but {kind or file.suffix}, which is not read here"
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
    lines = [(number, plain(raw), _width(raw)) for number, raw in enumerate(text.splitlines(), 1)]
    lines = [line for line in lines if line[1] and not _PAGE_NUMBER.fullmatch(line[1])]
    outline = _Outline(_line_width([(line, width) for _, line, width in lines]))
    for number, line, width in lines:
        outline.take(number, line, width)
    parts = [part for part in outline.parts if part.id or part.lines]
    titled = _titled(parts)
    clauses = tuple(DocumentClause(part.id, part.line, _joined(part, part.level in titled)) for part in parts)
    return SourceDocument(name, clauses, tuple(outline.notes))


@dataclass
class _Part:
    id: str
    line: int
    level: int = 0
    lines: list[str] = field(default_factory=list)
    widths: list[Width] = field(default_factory=list)


class _Outline:
    """The parts of a document while its lines are taken."""

    def __init__(self, full: Width | None) -> None:
        self.full = full
        self.parts = [_Part("", 1)]
        self.notes: list[Words] = []
        self.annex = ""
        self.path: dict[int, str] = {}
        self.last: dict[int, int] = {}

    def take(self, number: int, line: str, width: Width) -> None:
        annex = _ANNEX.match(line)
        heading = None if annex else next(self._headings(line), None)
        if annex:
            self.annex = annex.group()
            self.path, self.last = {}, {}
            self.parts.append(_Part(self.annex, number, 1))
            line = line[annex.end() :].lstrip(":、.")
        elif heading:
            level, value, written, line = heading
            self._open(level, value, written)
            self.parts.append(_Part(self._locator(), number, level))
        self.parts[-1].lines.append(line)
        self.parts[-1].widths.append(width)

    def _headings(self, line: str) -> Iterator[tuple[int, int, str, str]]:
        """(level, number, number as it is written, the rest of the line) of the heading that a line begins with."""
        for level, pattern in _HEADINGS:
            match = pattern.match(line)
            value = _value(match["number"]) if match else None
            # A line may be broken before any number, so one sign of a heading is not enough.
            marked, last = pattern not in _UNMARKED, self.last.get(level, 0)
            expected = value is not None and last < value <= last + (1 if marked else _MOST_LEFT_OUT)
            whole_lines = not marked and self.full is None
            signs = (marked, expected or whole_lines, self._sentence_ended())
            if match and value is not None and sum(signs) >= 2 and not self._broken(level, value):
                text = match["number"]
                yield level, value, f"({text})" if level in (2, 4) else text, line[match.end() :]

    def _sentence_ended(self) -> bool:
        part = self.parts[-1]
        # A heading and the title of the document end without a mark.
        return part.level == 0 or len(part.lines) == 1 or _ends(part.lines[-1])

    def _broken(self, level: int, value: int) -> bool:
        """Whether the last line fills the width of the text and ends within a sentence, so that it goes on."""
        part = self.parts[-1]
        if len(part.lines) == 1 and part.level < level and value == 1:
            return False  # a heading that happens to fill the line, and the first clause below it
        if self.full is None or not part.lines or _ends(part.lines[-1]):
            return False
        return _fills(part.widths[-1], self.full)

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


def _value(text: str) -> int | None:
    return int(text) if text.isdigit() else numeral(text)


def _width(line: str) -> Width:
    """The characters of a line, and the columns they take."""
    line = line.rstrip()
    return len(line), sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line)


def _ends(line: str) -> bool:
    return line.rstrip("\"')").endswith(("。", ";", ":"))


def _fills(width: Width, full: Width) -> bool:
    """Whether a line is as wide as a line can be; a mark that may not begin a line leaves one a little narrower."""
    return width[0] >= full[0] - 1 or width[1] >= full[1] - 3


def _line_width(lines: list[tuple[str, Width]]) -> Width | None:
    """How wide the lines of a text with hard line breaks are; None where it has a paragraph a line."""
    if not lines:
        return None
    full = max(w[0] for _, w in lines), max(w[1] for _, w in lines)
    broken = sum(_fills(width, full) and not _ends(line) for line, width in lines)
    return full if full[0] >= _NARROWEST and broken >= max(3, 0.15 * len(lines)) else None


def _titled(parts: list[_Part]) -> set[int]:
    """The levels at which more headings stand on a line of their own than begin a paragraph."""
    counts: dict[int, int] = {1: 1}
    for part in parts:
        if len(part.lines) > 1 or _END.search(part.lines[0]):
            counts[part.level] = counts.get(part.level, 0) + (-1 if _END.search(part.lines[0]) else 1)
    return {level for level, count in counts.items() if count > 0}


def _joined(part: _Part, titled: bool) -> str:
    """The lines of a part as one text; a heading on a line of its own stays a sentence of its own."""
    if not part.level:
        return "\n".join(part.lines)
    first, rest = part.lines[0], part.lines[1:]
    if not rest or _END.search(first):
        return first + "".join(rest)
    # Of a text with hard line breaks a line that was broken is as wide as the widest.
    widest = max(w[0] for w in part.widths[1:]), max(w[1] for w in part.widths[1:])
    own_line = part.level == 1 or (titled and not _fills(part.widths[0], widest))
    return first + ("\n" if own_line else "") + "".join(rest)
