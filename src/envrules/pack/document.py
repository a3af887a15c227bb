"""A YAML file to plain data with the place of every part. Only this module reads packs' YAML.

Nothing in a file can run code: the parser's events are taken one by one, tags are refused, and size, depth, aliases and
what aliases expand to are bounded.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from envrules.diagnostics import Problems, TextPlace

MAX_BYTES = 2_000_000
MAX_DEPTH = 30
MAX_ALIASES = 200
MAX_NODES = 200_000

Path = tuple[str | int, ...]
_INT = re.compile(r"[-+]?\d{1,18}")
_FLOAT = re.compile(r"[-+]?(\.\d+|\d+(\.\d*)?)([eE][-+]?\d+)?")


class Mark(NamedTuple):
    """Where a part stands: first line and column and the last, 0-based; `quoted` tells how its text is written."""

    line: int
    column: int
    end_line: int
    end_column: int
    style: str = ""


#: How long an escape in a text in double quotes is, by the letter after its backslash; two characters otherwise.
_ESCAPES = {"x": 4, "u": 6, "U": 10}


@dataclass
class Document:
    """A file's data, and the mark of every part by its path.

    The mark of a mapping's key is kept under the path with `None`'s place taken by the key: `keys[path]`.
    """

    file: str
    lines: list[str]
    data: Any = None
    marks: dict[Path, Mark] = field(default_factory=dict)
    keys: dict[Path, Mark] = field(default_factory=dict)

    def place(self, path: Path, *, key: bool = False) -> TextPlace:
        """The place of the part at a path, or of the nearest part above it that exists."""
        table = self.keys if key else self.marks
        for end in range(len(path), -1, -1):
            mark = table.get(path[:end]) or self.marks.get(path[:end]) or self.keys.get(path[:end])
            if mark is not None:
                return self._text_place(mark)
        return TextPlace(self.file, 1, 1)

    def _text_place(self, mark: Mark) -> TextPlace:
        text = self.lines[mark.line] if mark.line < len(self.lines) else ""
        length = mark.end_column - mark.column if mark.end_line == mark.line else len(text) - mark.column
        return TextPlace(self.file, mark.line + 1, mark.column + 1, max(1, length), text)

    def place_in(self, path: Path, text: str, span: tuple[int, int]) -> TextPlace:
        """The place of a part of a text value: `span` counts in the value, the place in the file."""
        mark = self.marks.get(path)
        if mark is None:
            return self.place(path)
        where = list(self._characters(mark, text))
        start = where[min(span[0], len(where) - 1)] if where else (mark.line, mark.column)
        last = where[min(max(span[0], span[1] - 1), len(where) - 1)] if where else start
        length = last[1] - start[1] + 1 if last[0] == start[0] else 1
        if where and span[0] >= len(where):
            start, length = (start[0], start[1] + 1), 1
        # A character that stands in the source in another form may send the walk past the last line.
        line = self.lines[start[0]] if start[0] < len(self.lines) else ""
        return TextPlace(self.file, start[0] + 1, start[1] + 1, max(1, length), line)

    def _characters(self, mark: Mark, text: str) -> Iterator[tuple[int, int]]:
        """The place of each character of a value, found by walking the source beside it.

        Folding, indentation, quotes and block headers are the source's alone, so the walk skips what does not match.
        """
        line, column = mark.line, mark.column
        if mark.style in "'\"" and mark.style:
            column += 1
        elif mark.style in "|>" and mark.style:
            line, column = line + 1, 0
        for character in text:
            at = (line, column)
            while line <= mark.end_line and line < len(self.lines):
                source = self.lines[line]
                if column >= len(source):
                    at = (line, column)
                    line, column = line + 1, 0
                    if character in " \n":
                        while line < len(self.lines) and not self.lines[line].strip():
                            line += 1
                        break
                    continue
                if mark.style == '"' and source[column] == "\\" and column + 1 < len(source):
                    at = (line, column)
                    column += _ESCAPES.get(source[column + 1], 2)
                    break
                if source[column] == character:
                    at = (line, column)
                    column += 1
                    break
                column += 1
            yield at


def read_document(file: str, content: bytes, problems: Problems) -> Document | None:
    """The document in a file, or None with the problems added.

    Codes: `yaml-encoding`, `yaml-syntax`, `yaml-limit`, `yaml-tag`, `yaml-duplicate-key`.
    """
    if len(content) > MAX_BYTES:
        problems.error("yaml-limit", file, f"the file has {len(content)} bytes; a pack's file has at most {MAX_BYTES}")
        return None
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        problems.error("yaml-encoding", TextPlace(file, line, 1), "the file is not UTF-8", hint="save it as UTF-8")
        return None
    reader = _Reader(Document(file, text.splitlines() or [""]), problems)
    try:
        return reader.read(text)
    except _StopError:
        return None


class _StopError(Exception):
    """The document cannot be read further; the problem has been added."""


@dataclass
class _Open:
    """A collection that is being read."""

    path: Path
    value: Any
    mark: Mark
    anchor: str | None
    key: Any = None
    has_key: bool = False
    size: int = 1


class _Reader:
    def __init__(self, document: Document, problems: Problems) -> None:
        self.document, self.problems = document, problems
        self.anchors: dict[str, tuple[Any, int]] = {}
        self.nodes = self.aliases = 0

    def stop(self, code: str, mark: Mark, what: str, hint: str = "") -> _StopError:
        self.problems.error(code, self.document._text_place(mark), what, hint=hint)
        return _StopError()

    def read(self, text: str) -> Document:
        from ruamel.yaml.error import YAMLError
        from ruamel.yaml.events import (
            AliasEvent,
            CollectionEndEvent,
            CollectionStartEvent,
            DocumentStartEvent,
            MappingStartEvent,
            ScalarEvent,
        )

        stack: list[_Open] = []
        roots = 0
        try:
            # Scalars first, and what a thousand events do not need not at all: a pack has tens of thousands of them.
            for event in _events(text):
                mark = _mark(event)
                if isinstance(event, ScalarEvent):
                    self.put(stack, self.scalar(event, mark), mark, 1)
                elif isinstance(event, AliasEvent):
                    value, size = self.alias(event, mark)
                    self.put(stack, value, mark, size)
                elif isinstance(event, DocumentStartEvent):
                    roots += 1
                    if roots > 1:
                        raise self.stop("yaml-syntax", mark, "a file holds one document", "split it at ---")
                elif isinstance(event, CollectionStartEvent):
                    self.refuse_tag(event, mark)
                    if len(stack) >= MAX_DEPTH:
                        raise self.stop("yaml-limit", mark, f"the file is nested deeper than {MAX_DEPTH} levels")
                    value = {} if isinstance(event, MappingStartEvent) else []
                    stack.append(_Open(self.next_path(stack, mark), value, mark, event.anchor))
                elif isinstance(event, CollectionEndEvent):
                    done = stack.pop()
                    whole = Mark(done.mark.line, done.mark.column, mark.line, mark.column)
                    if done.anchor:
                        self.anchors[done.anchor] = (done.value, done.size)
                    self.put(stack, done.value, whole, done.size, done.path)
        except YAMLError as error:
            where = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
            line, column = (where.line, where.column) if where else (0, 0)
            what = getattr(error, "problem", None) or str(error).splitlines()[0]
            place = Mark(min(line, len(self.document.lines) - 1), column, line, column + 1)
            raise self.stop("yaml-syntax", place, f"this is not YAML: {what}") from None
        return self.document

    def refuse_tag(self, event: Any, mark: Mark) -> None:
        tag = getattr(event, "tag", None)
        if tag is not None and str(tag) not in ("!",):
            raise self.stop("yaml-tag", mark, f"the tag {tag} is not allowed: a pack is plain data", "remove the tag")

    def alias(self, event: Any, mark: Mark) -> tuple[Any, int]:
        self.aliases += 1
        if self.aliases > MAX_ALIASES:
            raise self.stop("yaml-limit", mark, f"the file has more than {MAX_ALIASES} aliases")
        if event.anchor not in self.anchors:
            raise self.stop("yaml-syntax", mark, f"*{event.anchor} stands before its anchor, or has none")
        return self.anchors[event.anchor]

    def scalar(self, event: Any, mark: Mark) -> Any:
        self.refuse_tag(event, mark)
        value = event.value if event.style else _plain(event.value)
        if event.anchor:
            self.anchors[event.anchor] = (value, 1)
        return value

    def next_path(self, stack: list[_Open], mark: Mark) -> Path:
        if not stack:
            return ()
        top = stack[-1]
        if isinstance(top.value, list):
            return (*top.path, len(top.value))
        if not top.has_key:
            raise self.stop("yaml-syntax", mark, "a key is a word here, not a list or mapping")
        return (*top.path, top.key)

    def put(self, stack: list[_Open], value: Any, mark: Mark, size: int, path: Path | None = None) -> None:
        self.nodes += size
        if self.nodes > MAX_NODES:
            raise self.stop("yaml-limit", mark, f"the file has more than {MAX_NODES} parts, aliases written out")
        if not stack:
            self.document.data = value
            self.document.marks[()] = mark
            return
        top = stack[-1]
        top.size += size
        if isinstance(top.value, dict) and not top.has_key:
            if isinstance(value, dict | list):
                raise self.stop("yaml-syntax", mark, "a key is a word here, not a list or mapping")
            top.key, top.has_key = str(value) if not isinstance(value, str) else value, True
            place = (*top.path, top.key)
            if top.key in top.value:
                self.problems.error(
                    "yaml-duplicate-key",
                    self.document._text_place(mark),
                    f"{top.key} stands twice in one mapping; only one of them could count",
                )
            self.document.keys[place] = mark
            return
        self.document.marks[path if path is not None else self.next_path(stack, mark)] = mark
        if isinstance(top.value, list):
            top.value.append(value)
        else:
            top.value[top.key] = value
            top.has_key = False


def _events(text: str) -> Iterator[Any]:
    """The parser's events. libyaml gives the same ones as the parser in Python, some ten times as fast."""
    try:
        from ruamel.yaml.cyaml import CParser  # type: ignore[attr-defined]
    except ImportError:
        from ruamel.yaml import YAML

        yield from YAML(typ="safe", pure=True).parse(text)
        return
    parser = CParser(text)
    try:
        while parser.check_event():
            yield parser.get_event()
    finally:
        parser.dispose()


def _mark(event: Any) -> Mark:
    start, end = event.start_mark, event.end_mark
    return Mark(start.line, start.column, end.line, end.column, getattr(event, "style", None) or "")


def _plain(text: str) -> Any:
    """A scalar written without quotes: null, true, false and numbers as YAML 1.2 has them, anything else a text."""
    if text in ("", "~", "null", "Null", "NULL"):
        return None
    if text in ("true", "True", "TRUE"):
        return True
    if text in ("false", "False", "FALSE"):
        return False
    if text[0] not in "+-." and not text[0].isdecimal():
        return text
    if _INT.fullmatch(text) and not (len(text.lstrip("+-")) > 1 and text.lstrip("+-").startswith("0")):
        return int(text)
    if _FLOAT.fullmatch(text) and not re.fullmatch(r"0\d+", text):
        return float(text)
    return text
