"""The output formats by name. A format is a file of this room with a function `render`, and has its name.

It is imported when it is first used: asking for their names loads none of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

from envrules.diagnostics import CallError, Diagnostic, nearest

if TYPE_CHECKING:
    from envrules.report.base import ReportData

#: In the order of the help: for people first.
_NAMES: Final = ("table", "html", "xlsx", "csv", "json", "jsonl", "parquet", "sarif", "junit")
_BINARY: Final = frozenset({"xlsx", "parquet"})
#: Suffixes of files, beside a dot and the format's own name.
_SUFFIXES: Final = {
    ".htm": "html",
    ".ndjson": "jsonl",
    ".pq": "parquet",
    ".sarif.json": "sarif",
    ".txt": "table",
    ".xml": "junit",
}


@dataclass(frozen=True)
class Format:
    """An output format. `render` gives the whole report: bytes of a binary one, text of the others."""

    name: str
    binary: bool = False

    @cached_property
    def render(self) -> Callable[[ReportData], str | bytes]:
        found = import_module(f"envrules.report.{self.name}").render
        return cast("Callable[[ReportData], str | bytes]", found)

    def encode(self, data: ReportData) -> bytes:
        """The report as the bytes of a file: text is UTF-8."""
        made = self.render(data)
        # What UTF-8 cannot hold (half of a surrogate pair, out of a JSON escape) stays readable as that escape.
        return made.encode("utf-8", "backslashreplace") if isinstance(made, str) else made


FORMATS: Final[dict[str, Format]] = {name: Format(name, name in _BINARY) for name in _NAMES}


def find_format(name: str) -> Format:
    """The format of this name.

    Raises:
        CallError: `unknown-format`.
    """
    if name in FORMATS:
        return FORMATS[name]
    what = f"there is no output format {name!r}"
    raise CallError([Diagnostic("unknown-format", "--format", what, ", ".join(FORMATS), hint=nearest(name, FORMATS))])


def format_of_file(path: str | Path) -> Format:
    """The format that a file's name asks for.

    Raises:
        CallError: `unknown-format`.

    Examples:
        >>> format_of_file("out/report.htm").name, format_of_file("found.sarif.json").name
        ('html', 'sarif')
    """
    file = str(path).lower()
    for suffix in sorted([*_SUFFIXES, *(f".{n}" for n in FORMATS)], key=len, reverse=True):
        if file.endswith(suffix):
            return FORMATS[_SUFFIXES.get(suffix, suffix[1:])]
    what = "the name of the output file does not say which format it should have"
    raise CallError([Diagnostic("unknown-format", str(path), what, hint=f"add --format: {', '.join(FORMATS)}")])
