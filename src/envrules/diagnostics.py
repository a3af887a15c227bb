"""What went wrong, as data: one `Diagnostic` for every problem, collected and shown together.

This room knows nothing of packs, records or engines; everything above it reports through it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Literal

Level = Literal["error", "warning"]


@dataclass(frozen=True)
class TextPlace:
    """A place in a text file: 1-based line and column, the length of what is meant, and the line itself."""

    file: str
    line: int
    column: int
    length: int = 1
    text: str = ""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True)
class CellPlace:
    """A place in a table: the source, its sheet (empty where it has none), the row as people count it, the column."""

    source: str
    sheet: str = ""
    row: int | None = None
    column: str = ""

    def __str__(self) -> str:
        parts = [self.source + (f"[{self.sheet}]" if self.sheet else "")]
        if self.row is not None:
            parts.append(str(self.row))
        if self.column:
            parts.append(self.column)
        return ":".join(parts)


@dataclass(frozen=True)
class Diagnostic:
    """One problem.

    Args:
        code: a word such as `unit-mismatch`; each has a page, shown by `envrules explain CODE`.
        where: the place in a text or a table, or the name of a file or argument.
        what: what is wrong and why it is a problem, in one sentence.
        expected: what would have been right, where that can be said.
        found: what stands there.
        hint: how to mend it.
    """

    code: str
    where: TextPlace | CellPlace | str
    what: str
    expected: str = ""
    found: str = ""
    hint: str = ""
    level: Level = "error"

    def line(self) -> str:
        """The problem on one line, as editors and log readers take it."""
        detail = "".join(
            f"; {label} {text}" for label, text in (("expected", self.expected), ("found", self.found)) if text
        )
        hint = f" (hint: {self.hint})" if self.hint else ""
        return f"{self.where}: {self.level}[{self.code}] {self.what}{detail}{hint}"

    def box(self) -> str:
        """The problem on several lines, with the source line and a caret, as people read it."""
        rows = [f"{self.where}: {self.level}[{self.code}] {self.what}"]
        if isinstance(self.where, TextPlace) and self.where.text:
            number = str(self.where.line)
            before = self.where.text[: self.where.column - 1]
            # A Chinese character takes two columns of a terminal, so the caret's line counts widths, not characters.
            pad = "".join("\t" if c == "\t" else " " * _width(c) for c in before)
            marked = self.where.text[self.where.column - 1 : self.where.column - 1 + max(1, self.where.length)]
            rows.append(f"  {number} | {self.where.text}")
            rows.append(f"  {' ' * len(number)} | {pad}{'^' * max(1, sum(map(_width, marked)))}")
        if self.expected:
            rows.append(f"  expected: {self.expected}")
        if self.found:
            rows.append(f"  found: {self.found}")
        more = f"more: envrules explain {self.code}"
        rows.append(f"  hint: {self.hint}   {more}" if self.hint else f"  {more}")
        return "\n".join(rows)


def _width(character: str) -> int:
    from unicodedata import east_asian_width

    return 2 if east_asian_width(character) in "WF" else 1


class EnvrulesError(Exception):
    """Everything that is wrong with what was given, all of it at once, in `diagnostics`.

    The message shows every problem boxed. Programming mistakes stay ordinary exceptions.
    """

    def __init__(self, diagnostics: Iterable[Diagnostic]) -> None:
        self.diagnostics = tuple(sort_diagnostics(diagnostics))
        super().__init__("\n".join(d.box() for d in self.diagnostics))

    def __reduce__(self) -> tuple[type[EnvrulesError], tuple[tuple[Diagnostic, ...]]]:
        # By default an exception is made again of its message; workers of Dask and Ray send theirs home.
        return type(self), (self.diagnostics,)


class PackError(EnvrulesError):
    """A pack that cannot be used as it stands."""


class InputError(EnvrulesError):
    """Records, files or mappings that cannot be used as they stand."""


class CallError(EnvrulesError):
    """A call that asks for something that is not there: an option, a rule, a record, an engine."""


def sort_diagnostics(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """The problems in the order of their places, duplicates removed."""
    return sorted(dict.fromkeys(diagnostics), key=_place_key)


def _place_key(diagnostic: Diagnostic) -> tuple[str, int, int, str]:
    where = diagnostic.where
    if isinstance(where, TextPlace):
        return (where.file, where.line, where.column, diagnostic.code)
    if isinstance(where, CellPlace):
        return (where.source, where.row or 0, 0, where.column)
    return (where, 0, 0, diagnostic.code)


def nearest(name: str, names: Iterable[str]) -> str:
    """`did you mean ...?` for the nearest of the names, or an empty text where none is near.

    Examples:
        >>> nearest("capcity", ["capacity", "county"])
        'did you mean capacity?'
        >>> nearest("xyz", ["capacity"])
        ''
    """
    found = get_close_matches(name, list(names), n=1, cutoff=0.6)
    return f"did you mean {found[0]}?" if found else ""


class Problems:
    """Collects diagnostics while work goes on, and raises them together at the end."""

    def __init__(self) -> None:
        self.found: list[Diagnostic] = []

    def add(self, diagnostic: Diagnostic) -> None:
        self.found.append(diagnostic)

    def error(
        self,
        code: str,
        where: TextPlace | CellPlace | str,
        what: str,
        *,
        expected: str = "",
        found: str = "",
        hint: str = "",
    ) -> None:
        self.found.append(Diagnostic(code, where, what, expected, found, hint))

    def warning(self, code: str, where: TextPlace | CellPlace | str, what: str, *, hint: str = "") -> None:
        self.found.append(replace(Diagnostic(code, where, what, hint=hint), level="warning"))

    @property
    def errors(self) -> list[Diagnostic]:
        return [d for d in self.found if d.level == "error"]

    def raise_errors(self, kind: type[EnvrulesError]) -> None:
        """Raise all problems together where one of them is an error.

        Raises:
            EnvrulesError: of the kind given, carrying warnings too.
        """
        if self.errors:
            raise kind(self.found)
