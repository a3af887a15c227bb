"""The output formats by name. A file of this room that has a function `render` is a format, and its name is the format's.

A format is imported when it is first used: asking for their names loads none of them.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

from envrules import report
from envrules.diagnostics import CallError, Diagnostic, nearest

if TYPE_CHECKING:
    from envrules.report.base import ReportData

#: What formats are made of.
_SHARED: Final = frozenset({"base", "figure", "formats", "frame", "from_pack", "inert", "output", "phrases", "rows"})
#: Suffixes of files, beside a dot and the format's own name.
_SUFFIXES: Final = {
    ".htm": "html",
    ".ndjson": "jsonl",
    ".pq": "parquet",
    ".sarif.json": "sarif",
    ".txt": "table",
    ".xml": "junit",
}
#: In the order of the help: for people first.
_FIRST: Final = ("table", "html", "xlsx", "csv", "json", "jsonl")


@dataclass(frozen=True)
class Format:
    """An output format. `render` gives the whole report, as text or bytes."""

    name: str

    @cached_property
    def render(self) -> Callable[[ReportData], str | bytes]:
        found = import_module(f"{report.__name__}.{self.name}").render
        return cast("Callable[[ReportData], str | bytes]", found)

    def encode(self, data: ReportData) -> bytes:
        """The report as the bytes of a file: text is UTF-8."""
        made = self.render(data)
        # What UTF-8 cannot hold (half of a surrogate pair, out of a JSON escape) stays readable as that escape.
        return made.encode("utf-8", "backslashreplace") if isinstance(made, str) else made


def _found() -> dict[str, Format]:
    names = {m.name for m in pkgutil.iter_modules(report.__path__) if not m.ispkg} - _SHARED
    ordered = [n for n in _FIRST if n in names] + sorted(names.difference(_FIRST))
    return {name: Format(name) for name in ordered}


FORMATS: Final[dict[str, Format]] = _found()


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
