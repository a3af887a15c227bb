"""What reports for a terminal share: a console that writes to a text, tables with one line, texts that only show."""

from __future__ import annotations

import io
from typing import Any, Final

from rich.box import Box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from envrules.report.inert import visible
from envrules.report.phrases import brief

#: A line under the header and nothing else.
_LINE: Final = Box("    \n    \n ── \n    \n    \n    \n    \n    \n")


class Page:
    """A text made with rich, at most so many columns wide; a Chinese character takes two."""

    def __init__(self, width: int, color: bool) -> None:
        self._out = io.StringIO()
        self.console = Console(
            file=self._out,
            width=max(width, 60),
            force_terminal=color,
            color_system="standard" if color else None,
            no_color=not color,
            legacy_windows=False,
            highlight=False,
            emoji=False,
            markup=False,
        )

    @property
    def width(self) -> int:
        return self.console.width

    def print(self, *parts: Any) -> None:
        """Add a line, or a table."""
        self.console.print(*parts)

    def heading(self, text: str) -> None:
        """Add a heading with a blank line before it."""
        self.console.print()
        self.console.print(Text(text, style="bold underline"))

    def text(self) -> str:
        """All of it, without blanks at the ends of lines."""
        return "\n".join(line.rstrip() for line in self._out.getvalue().splitlines()) + "\n"


def shown(value: Any, style: str = "") -> Text:
    """A value as it is: no markup, no control characters."""
    return Text(visible(value if isinstance(value, str) else brief(value)), style=style, overflow="fold")


def grid() -> Table:
    """An empty table with a line under its header."""
    return Table(box=_LINE, padding=(0, 1, 0, 0), pad_edge=False, show_edge=False, header_style="dim")
