"""The pages that explain the codes of problems: shipped with the package, or in the checkout's docs."""

from __future__ import annotations

import io
import re
from importlib import resources
from pathlib import Path


def _folder() -> Path:
    inside = Path(str(resources.files("envrules"))) / "_pages" / "errors"
    return inside if inside.is_dir() else Path(__file__).resolve().parents[3] / "docs" / "errors"


def codes() -> list[str]:
    """The codes that have a page."""
    return sorted(page.stem for page in _folder().glob("*.md"))


def read_page(code: str) -> str | None:
    """The page of a code as Markdown, or None where there is none.

    Examples:
        >>> read_page("unit-mismatch").splitlines()[0]
        '# unit-mismatch'
        >>> read_page("../../README") is None
        True
    """
    if not re.fullmatch(r"[a-z]+(-[a-z]+)*", code):
        return None
    try:
        return (_folder() / f"{code}.md").read_text("utf-8")
    except OSError:
        return None


def render_page(page: str, width: int = 80, color: bool = False) -> str:
    """A page as a terminal shows it."""
    from rich.console import Console
    from rich.markdown import Markdown

    out = io.StringIO()
    # Lines longer than that are tiring to read.
    columns = min(width, 100)
    system = "standard" if color else None
    console = Console(file=out, width=columns, force_terminal=color, color_system=system, no_color=not color)  # type: ignore[arg-type]
    console.print(Markdown(page))
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines()) + "\n"
