"""Codes that say what a thing is, such as the model of a boiler, by a table of their parts."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from envrules.interval import Interval, hull
from envrules.records.cells import CellReader
from envrules.records.types import Derived, Field, Words
from envrules.records.values import Cell, Derivation, Fault, Value
from envrules.units import Units

#: The kinds of parts that are no list of codes.
PLAIN_PARTS = ("number", "remark")

_NUMBER = r"[0-9]+(?:\.[0-9]+)?"
# What a maker adds after the code. It begins with no letter, digit or stroke, so that none of the code is lost in it.
_REMARK = r"(?:[^A-Z0-9/.].*)?"
_TOKEN = re.compile(r"<(?P<part>[a-z_]+)>|(?P<open>\[)|(?P<close>\])|(?P<text>[^<>\[\]]+)")
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−－~", "-"))
_LONGEST = 80
_REMEMBERED = 20_000


class FormError(ValueError):
    """A form that cannot be read, with the part of it that is wrong."""


@dataclass(frozen=True)
class CodeWord:
    """One code of a part: what it means, and the words of fields that it gives (`agrees`: others it goes with)."""

    label: Words = Words()
    gives: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    agrees: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True)
class Form:
    """One way in which a code is put together.

    Args:
        pattern: parts in angle brackets, what may be missing in square ones: `<body><size>[-<fuel>]`.
        gives: field -> texts in which `<part>` stands for that part; several texts are possibilities.
    """

    pattern: str
    gives: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    label: Words = Words()


@dataclass(frozen=True)
class CodeTable:
    """The parts and forms of a code.

    Args:
        parts: name -> its codes; no codes for a number (`number`) or for what may follow (`remark`).
        kinds: name -> `number`, `remark` or `words`.
        agreement: how far, relative, a number stated beside the code may lie from the code's own.
    """

    title: Words
    source: Words
    parts: Mapping[str, Mapping[str, CodeWord]]
    kinds: Mapping[str, str]
    forms: tuple[Form, ...]
    agreement: float = 0.0


def form_expression(form: str, table: CodeTable) -> re.Pattern[str]:
    """The regular expression of a form: literal texts, alternatives of words, the longest first, and numbers.

    Raises:
        FormError: for a part that the table lacks or names twice, and for brackets that do not match.
    """
    made: list[str] = []
    end = depth = 0
    seen: set[str] = set()
    for match in _TOKEN.finditer(form):
        if match.start() != end:
            break
        end = match.end()
        if match["part"]:
            name = match["part"]
            if name not in table.kinds:
                raise FormError(f"{name} is not a part of this code")
            if name in seen:
                raise FormError(f"{name} stands twice in one form")
            seen.add(name)
            made.append(f"(?P<{name}>{_part_expression(name, table)})")
        elif match["open"]:
            depth += 1
            made.append("(?:")
        elif match["close"]:
            depth -= 1
            made.append(")?")
        else:
            made.append(re.escape(normal(match["text"])))
        if depth < 0:
            break
    if end != len(form) or depth:
        raise FormError("the brackets do not match")
    return re.compile("".join(made))


def _part_expression(name: str, table: CodeTable) -> str:
    if table.kinds[name] == "number":
        return _NUMBER
    if table.kinds[name] == "remark":
        return _REMARK
    words = [normal(w) for code, word in table.parts[name].items() for w in (code, *word.aliases)]
    return "|".join(re.escape(w) for w in sorted(words, key=len, reverse=True))


def normal(text: str) -> str:
    """A code in one spelling: plain width, capitals, no blanks, one kind of dash.

    Examples:
        >>> normal("szl14－1.0／95／70—AⅡ")
        'SZL14-1.0/95/70-AII'
    """
    return "".join(unicodedata.normalize("NFKC", text).upper().translate(_DASHES).split())


@dataclass(frozen=True)
class Reading:
    """A code that was understood: its form, the texts of its parts, and their words."""

    form: Form
    parts: Mapping[str, str]
    words: Mapping[str, CodeWord]


class CodeReader:
    """Completes records of one type from the code in one of their fields; see `RecordType.completions`."""

    def __init__(self, table: CodeTable, of: Field, fields: Mapping[str, Field], units: Units) -> None:
        self.table, self.of = table, of
        self.source = table.source
        self.reads = frozenset([of.name])
        self.gives = frozenset(
            [f for form in table.forms for f in form.gives]
            + [f for part in table.parts.values() for word in part.values() for f in word.gives]
        )
        self._expressions = [form_expression(form.pattern, table) for form in table.forms]
        self._readers = {name: CellReader(fields[name], units) for name in self.gives}
        self._words = {
            part: {normal(w): word for code, word in words.items() for w in (code, *word.aliases)}
            for part, words in table.parts.items()
        }
        self._found: dict[str, tuple[Derived, ...]] = {}

    def derive(self, cells: Mapping[str, Cell]) -> Iterable[Derived]:
        """What the code says: nothing where there is none, or none that the table knows."""
        own = cells.get(self.of.name)
        if own is None or not isinstance(own.value, str):
            return ()
        text = own.value
        if text not in self._found and len(self._found) < _REMEMBERED:
            self._found[text] = tuple(self._derive(text))
        return self._found[text] if text in self._found else tuple(self._derive(text))

    def read(self, text: str) -> Reading | None:
        """The parts of a code, by the first form that fits the whole of it."""
        plain = normal(text)
        if len(plain) > _LONGEST:
            return None
        for form, expression in zip(self.table.forms, self._expressions, strict=True):
            match = expression.fullmatch(plain)
            if match is not None:
                parts = {k: v for k, v in match.groupdict().items() if v is not None}
                words = {k: self._words[k][v] for k, v in parts.items() if self.table.kinds[k] == "words"}
                return Reading(form, parts, words)
        return None

    def _derive(self, text: str) -> Iterator[Derived]:
        found = self.read(text)
        if found is None:
            return
        said: dict[str, list[str]] = {}
        agrees: dict[str, list[str]] = {}
        for name, texts in found.form.gives.items():
            said.setdefault(name, []).extend(_filled(t, found.parts) for t in texts)
        for word in found.words.values():
            for name, texts in word.gives.items():
                said.setdefault(name, []).extend(texts)
            for name, texts in word.agrees.items():
                agrees.setdefault(name, []).extend(texts)
        for name, possible in said.items():
            cells = [self._readers[name](t) for t in possible]
            values = [c.value for c in cells if isinstance(c, Cell)]
            if len(values) < len(possible):
                continue  # a part in which the number lies outside what the field can be says nothing
            cell = Cell(_either(values), text, None, None, self._note(name, possible))
            yield Derived(name, cell, frozenset(agrees.get(name, ())), self.table.agreement, checked=True)

    def _note(self, name: str, texts: list[str]) -> Derivation:
        """How the value was come by, for findings."""
        declared = self._readers[name].field
        of_zh, zh = self.of.label.zh or self.of.name, declared.label.zh or name
        return Derivation(
            f"{name} is not given; {self.of.name} says {' or '.join(texts)} by {self.source.either()}",
            f"未填{zh}，按{self.source.either('zh')}由{of_zh}推定为{'或'.join(texts)}",
        )


def _filled(text: str, parts: Mapping[str, str]) -> str:
    for name, value in parts.items():
        text = text.replace(f"<{name}>", value)
    return text


def _either(values: list[Value]) -> Value:
    """What one of several values is: a range, or a set of words."""
    if len(values) == 1:
        return values[0]
    intervals = [v for v in values if isinstance(v, Interval)]
    return hull(intervals) if intervals else frozenset(v for v in values if isinstance(v, str))


def faults_of(table: CodeTable, fields: Mapping[str, Field], units: Units) -> Iterator[tuple[str, str, Fault]]:
    """(part or form, field, fault) of every text that a field could not be given; numbers stand for 1."""
    for form in table.forms:
        ones = {name: "1" for name, kind in table.kinds.items() if kind == "number"}
        yield from _unreadable(
            form.pattern, {f: [_filled(t, ones) for t in ts] for f, ts in form.gives.items()}, fields, units
        )
    for part, words in table.parts.items():
        for code, word in words.items():
            for given in (word.gives, word.agrees):
                yield from _unreadable(f"{part}.{code}", given, fields, units)


def _unreadable(
    where: str, gives: Mapping[str, Iterable[str]], fields: Mapping[str, Field], units: Units
) -> Iterator[tuple[str, str, Fault]]:
    for name, texts in gives.items():
        if name not in fields:
            continue
        for text in texts:
            found = CellReader(fields[name], units)(text)
            if isinstance(found, Fault):
                yield where, name, found
