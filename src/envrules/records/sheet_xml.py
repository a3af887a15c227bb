"""What the reader of workbooks leaves out of an xlsx file: percentages, errors, and formulas that have no stored value.

A cell shown as 0.8 % is stored as 0.008, and one with #REF! comes back empty; both would be read wrong without a word.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

from envrules.diagnostics import CellPlace, Diagnostic, InputError
from envrules.records.binary_reach import XLSB_COLUMNS, XLSB_ROWS, sheet_reach
from envrules.records.words import shown

_MOST_BYTES = 1 << 30
_MOST_PART = 1 << 26
_MOST_SPARSE = 20_000_000
_CHUNK = 1 << 22
_AHEAD = 64  # pieces that may wait to be looked through
_P = rb"(?:\w+:)?"  # some programs write every tag with a prefix
_REFERENCE = re.compile(rb'\br="([A-Z]{1,3})([0-9]+)"')
_HIDDEN_ROW = re.compile(rb"<" + _P + rb'row\b(?=[^>]*\bhidden="(?:1|true)")[^>]*?\br="([0-9]+)"')
_STRINGS = re.compile(rb'\buniqueCount="\s*([0-9]{1,30})')
#: `<t/>` in `<si>`, or nothing in it: no text of a workbook takes fewer bytes.
_SHORTEST_STRING = len("<si/>")
_ERROR = re.compile(rb"<" + _P + rb'c\s([^>]*\bt="e"[^>]*)>(?:[^<]|<(?!/(?:\w+:)?c>))*?<' + _P + rb"v>([^<]*)<")
_FORMULA = re.compile(
    rb"<" + _P + rb"c(?:\s([^>]*))?>\s*<" + _P + rb"f\b[^>]*?(?:/>|>([^<]*)</" + _P + rb"f>)\s*"
    rb"(?:<" + _P + rb"v\s*/>|<" + _P + rb"v></" + _P + rb"v>)?\s*</" + _P + rb"c>"
)  # fmt: skip
_STYLED = re.compile(rb"<" + _P + rb"c\s([^>]*)(?<!/)>")
#: How a formula with a stored value goes on, and how a cell ends whose formula has none, where no blanks are between.
_VALUED = (b"</f><v>", b'"/><v>')
_VALUELESS = (b"</f></c>", b"</f><v/></c>", b"</f><v></v></c>", b"/></c>")
_ZEROS = re.compile("0{2,20}")
_QUOTED = re.compile(r'"[^"]*"|\\.|_.|\[[^\]]*\]')
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_STRICT_RELATION = "{http://purl.oclc.org/ooxml/officeDocument/relationships}id"

#: A column (from 0) with the text that stands there, or the format of the number that stands there: `%`, or zeros to
#: fill it up with.
Special = tuple[int, "str | None", str]


#: The flag of a zip file's member that cannot be unpacked without a password.
_LOCKED = 1
UNLOCK = "remove the password in the spreadsheet program and save it again"


@dataclass
class SheetFacts:
    """The special cells of a sheet by their row, as a person counts it, and the rows that are not shown."""

    special: dict[int, list[Special]] = field(default_factory=dict)
    hidden_rows: list[int] = field(default_factory=list)
    since_1904: bool = False

    @staticmethod
    def together(pieces: Iterable[Future[SheetFacts]]) -> SheetFacts:
        """What was found in all pieces of a sheet."""
        whole = SheetFacts()
        for piece in pieces:
            found = piece.result()
            for row, special in found.special.items():
                whole.special.setdefault(row, []).extend(special)
            whole.hidden_rows += found.hidden_rows
            whole.since_1904 |= found.since_1904
        return whole

    def apply(self, row: list[object], special: Sequence[Special]) -> list[object]:
        """The row with its special cells put in."""
        for column, text, form in special:
            if column >= len(row):
                row.extend([""] * (column + 1 - len(row)))
            cell = row[column]
            if text is not None:
                row[column] = text
            elif isinstance(cell, (int, float)) and not isinstance(cell, bool):
                row[column] = _as_shown(cell, form)
        return row


def _as_shown(number: float, form: str) -> object:
    if form == "%":
        return f"{number * 100:.15g}%"
    return f"{int(number):0{len(form)}d}" if float(number).is_integer() and number >= 0 else number


@dataclass
class Workers:
    """What looks through pieces of sheets, each kind of question in a thread: how far they reach is asked for first."""

    reach: Executor
    special: Executor


def read_facts(path: Path, source: str, work: Workers) -> dict[str, Sequence[Future[SheetFacts]]]:
    """The special cells of an xlsx file by the name of the sheet, piece by piece; nothing for other formats.

    Args:
        work: looks through the pieces.

    Raises:
        InputError: `file-too-large`, `sheet-too-large`, `file-encrypted`, `file-corrupt`.
    """
    kind = path.suffix.lower()
    if kind not in (".xlsx", ".xlsm", ".xlsb", ".ods"):
        return {}
    try:
        with zipfile.ZipFile(path) as book:
            members = book.infolist()
            if sum(info.file_size for info in members) > _MOST_BYTES:
                raise _error("file-too-large", source, "", "unpacked, the workbook would be larger than 1 GB")
            if any(info.flag_bits & _LOCKED for info in members):
                raise _error("file-encrypted", source, "", "the workbook is protected by a password", UNLOCK)
            if kind == ".xlsb":
                _refuse_binary(book, source)
            if kind in (".xlsb", ".ods"):
                return {}
            _refuse_count(book, source)
            styles = _styles(book)
            since_1904 = _since_1904(book)
            found: dict[str, Sequence[Future[SheetFacts]]] = {
                name: _facts(book, part, styles, source, name, work) for name, part in _sheet_parts(book)
            }
            if since_1904:
                said: Future[SheetFacts] = Future()
                said.set_result(SheetFacts(since_1904=True))
                found = {name: [*pieces, said] for name, pieces in found.items()}
            return found
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        NotImplementedError,
        RuntimeError,
        LookupError,
        ValueError,
        ElementTree.ParseError,
    ) as error:
        raise _error("file-corrupt", source, "", f"the workbook cannot be read: {error}") from None


def _refuse_binary(book: zipfile.ZipFile, source: str) -> None:
    """Refuse an xlsb workbook with a sheet that reaches beyond what a sheet has, or is nearly all empty."""
    names = set(book.namelist())
    rels = "xl/_rels/workbook.bin.rels"
    links = _xml(book, rels).iter() if rels in names else ()
    for link in links:
        target = link.get("Target", "")
        part = target[1:] if target.startswith("/") else f"xl/{target}"
        if not link.get("Type", "").endswith("/worksheet") or part not in names:
            continue
        with book.open(part) as file:
            row, column, cells = sheet_reach(file.read())
        if row > XLSB_ROWS or column > XLSB_COLUMNS:
            what = "the workbook cannot be read: a sheet names a cell that no sheet has"
            raise _error("file-corrupt", source, "", what)
        _refuse_sparse(row, column, cells, source, "")


def _refuse_sparse(row: int, column: int, cells: int, source: str, sheet: str) -> None:
    if row * max(column, 26) > max(_MOST_SPARSE, 20 * cells):
        what = f"the sheet reaches to row {row} and column {column}, but nearly all of it is empty"
        raise _error("sheet-too-large", source, sheet, what, "delete the empty rows and columns beyond the table")


def _sheet_parts(book: zipfile.ZipFile) -> Iterator[tuple[str, str]]:
    """(sheet's name, part of the zip file that holds it)."""
    names = set(book.namelist())
    if "xl/workbook.xml" not in names or "xl/_rels/workbook.xml.rels" not in names:
        return
    targets = {e.get("Id"): e.get("Target", "") for e in _xml(book, "xl/_rels/workbook.xml.rels").iter()}
    for element in _xml(book, "xl/workbook.xml").iter():
        if not element.tag.endswith("}sheet"):
            continue
        target = targets.get(element.get(_RELATION) or element.get(_STRICT_RELATION)) or ""
        part = target[1:] if target.startswith("/") else f"xl/{target}"
        if part in names:
            yield element.get("name", ""), part


def _since_1904(book: zipfile.ZipFile) -> bool:
    """Whether the day numbers of the workbook count from 1904."""
    if "xl/workbook.xml" not in book.namelist():
        return False
    properties = next((e for e in _xml(book, "xl/workbook.xml").iter() if e.tag.endswith("}workbookPr")), None)
    return properties is not None and properties.get("date1904", "") in ("1", "true")


def _xml(book: zipfile.ZipFile, part: str) -> ElementTree.Element:
    with book.open(part) as file:
        return ElementTree.fromstring(file.read(_MOST_PART))


def _styles(book: zipfile.ZipFile) -> dict[str, list[bytes]]:
    """Format -> the numbers of the cell styles that have it: percentages, and whole numbers filled up with zeros."""
    if "xl/styles.xml" not in book.namelist():
        return {}
    root = _xml(book, "xl/styles.xml")
    formats = {"9": "0%", "10": "0.00%"}
    for element in root.iter():
        if element.tag.endswith("}numFmt"):
            formats[element.get("numFmtId", "")] = _QUOTED.sub("", element.get("formatCode", ""))
    cells = next((e for e in root.iter() if e.tag.endswith("}cellXfs")), None)
    found: dict[str, list[bytes]] = {}
    for number, element in enumerate(cells if cells is not None else ()):
        code = formats.get(element.get("numFmtId", ""), "")
        form = "%" if "%" in code else code if _ZEROS.fullmatch(code) else ""
        if form:
            found.setdefault(form, []).append(str(number).encode())
    return found


def _facts(
    book: zipfile.ZipFile, part: str, styles: dict[str, list[bytes]], source: str, name: str, work: Workers
) -> Sequence[Future[SheetFacts]]:
    """The special cells of a sheet, piece by piece, which are looked for while the workbook is being read.

    How far the sheet reaches is known here: the reader of workbooks asks for the memory of all cells down to the last.
    """
    from envrules.records.sheet_reach import reach

    found: list[Future[SheetFacts]] = []
    reaches = []
    waiting: list[bytes] = []  # how far the sheet reaches is waited for, what is special in it is not
    for data in _pieces(book, part):
        reaches.append(work.reach.submit(reach, data))
        waiting.append(data)
        if len(waiting) > _AHEAD:
            found.append(work.special.submit(_special, waiting.pop(0), styles))
            found[-1].result()
    last_row, last_column, cells, bare_rows, bare_cells = 0, 0, 0, 0, 0
    for one in (r.result() for r in reaches):
        if one.wrong:
            place = shown(one.wrong.decode("utf-8", "replace"))
            what = f"the workbook cannot be read: there is no cell {place} in a sheet"
            raise _error("file-corrupt", source, name, what)
        last_row, last_column, cells = max(last_row, one.row), max(last_column, one.column), cells + one.cells
        bare_rows, bare_cells = bare_rows + one.bare_rows, max(bare_cells, one.bare_cells)
    _refuse_sparse(last_row + bare_rows, last_column + bare_cells, cells, source, name)
    return [*found, *(work.special.submit(_special, data, styles) for data in waiting)]


def _special(data: bytes, styles: Mapping[str, Sequence[bytes]]) -> SheetFacts:
    """The special cells and hidden rows of a piece of a sheet."""
    facts = SheetFacts()
    if b'hidden="' in data:
        facts.hidden_rows += map(int, _HIDDEN_ROW.findall(data))
    for form, numbers in styles.items():
        for number in numbers:
            for match in _around(_STYLED, data, b's="' + number + b'"'):
                _note(facts, match[1], None, form)
    for match in _around(_ERROR, data, b't="e"'):
        _note(facts, match[1], match[2].decode("utf-8", "replace"))
    for match in _without_value(data):
        if match[1] and b't="str"' not in match[1]:
            _note(facts, match[1], "=" + (match[2] or b"").decode("utf-8", "replace"))
    return facts


def _around(pattern: re.Pattern[bytes], data: bytes, mark: bytes) -> Iterator[re.Match[bytes]]:
    """The matches of a pattern at the tags in which a mark stands; looked for by the mark, which is rare."""
    at = data.find(mark)
    while at >= 0:
        begin = data.rfind(b"<", 0, at)
        match = pattern.match(data, begin) if begin >= 0 and data[at - 1 : at].isspace() else None
        if match is not None and match.start(1) <= at < match.end(1):
            yield match
        at = data.find(mark, at + len(mark))


def _without_value(data: bytes) -> Iterator[re.Match[bytes]]:
    """The cells whose formula has no stored value."""
    if b":f" not in data:
        formulas = data.count(b"<f")
        if formulas == data.count(_VALUED[0]) + data.count(_VALUED[1]) and (not formulas or b"<v></v>" not in data):
            return
        ends = data.count(b"</f>")
        if ends == data.count(_VALUED[0]) + sum(map(data.count, _VALUELESS[:2])):
            # Written without blanks, as nearly all are: only cells that end so are looked at.
            for mark in _VALUELESS:
                at = data.find(mark)
                while at >= 0:
                    begin = max(data.rfind(b"<c ", 0, at), data.rfind(b"<c>", 0, at))
                    match = _FORMULA.match(data, begin) if begin >= 0 else None
                    if match is not None and match.end() == at + len(mark):
                        yield match
                    at = data.find(mark, at + len(mark))
            return
    yield from _FORMULA.finditer(data)


def _pieces(book: zipfile.ZipFile, part: str) -> Iterator[bytes]:
    """The text of a part in pieces that end between two rows."""
    rest = b""
    with book.open(part) as file:
        while chunk := file.read(_CHUNK):
            rest += chunk
            cut = max(rest.rfind(b"row>") + 4, rest.rfind(b"<row "))
            if cut > 3:
                yield rest[:cut]
                rest = rest[cut:]
            elif len(rest) > _MOST_PART:
                raise ValueError("a row of a sheet is longer than 64 MB")
    yield rest


def _refuse_count(book: zipfile.ZipFile, source: str) -> None:
    """Refuse a count of texts that cannot be right, since the reader of workbooks asks for their memory beforehand."""
    for info in book.infolist():
        if info.filename.lower() == "xl/sharedstrings.xml":
            with book.open(info) as file:
                found = _STRINGS.search(file.read(4096))
            if found is not None and int(found[1]) * _SHORTEST_STRING > info.file_size:
                what = f"the workbook cannot be read: it says it has {int(found[1])} texts, for which it is too short"
                raise _error("file-corrupt", source, "", what)


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _note(facts: SheetFacts, attributes: bytes, text: str | None, form: str = "") -> None:
    match = _REFERENCE.search(attributes)
    if match is not None:
        facts.special.setdefault(int(match[2]), []).append((_column_number(match[1]) - 1, text, form))


def _error(code: str, source: str, sheet: str, what: str, hint: str = "") -> InputError:
    return InputError([Diagnostic(code, CellPlace(source, sheet), what, hint=hint)])
