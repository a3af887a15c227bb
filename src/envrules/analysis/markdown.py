"""The few forms of Markdown that generated pages use. Texts are escaped here, so that a page shows what a pack says."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from envrules.records.types import Words

#: The first line of every generated page, by which a page that is left over is known.
MARK = "<!-- Generated from the pack by `make generate`; do not edit. -->"


def text(value: str) -> str:
    """A text in one line, with what Markdown would take for its own signs escaped.

    Examples:
        >>> print(text("a|b <0.8 *x*"))
        a\\|b &lt;0.8 \\*x\\*
    """
    line = " ".join(value.split()).replace("&", "&amp;").replace("<", "&lt;")
    for sign in "|*[]`":
        line = line.replace(sign, f"\\{sign}")
    return line


def code(value: str) -> str:
    """An expression as it is written, in one line; nothing for nothing.

    Examples:
        >>> code("capacity <= 10 t/h"), code("")
        ('`capacity <= 10 t/h`', '')
    """
    line = " ".join(value.split()).replace("|", "\\|").replace("`", "'")
    return f"`{line}`" if line else ""


def both(words: Words, between: str = "<br>") -> str:
    """A text in both languages, Chinese first; once where they are the same."""
    return between.join(dict.fromkeys(text(w) for w in (words.zh, words.en) if w))


def table(headers: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """A table; columns in which nothing stands are left out. Nothing without rows."""
    given = [list(row) for row in rows]
    if not given:
        return []
    kept = [i for i in range(len(headers)) if any(row[i] for row in given)]
    lines = [[headers[i] for i in kept], ["---"] * len(kept), *([row[i] for i in kept] for row in given)]
    return ["| " + " | ".join(line) + " |" for line in lines]


def page(*parts: Iterable[str]) -> str:
    """A page of blocks of lines, with a blank line between them; a block without lines is left out."""
    blocks = ["\n".join(lines) for lines in map(list, parts) if lines]
    return "\n\n".join([MARK, *blocks]) + "\n"


def section(heading: str, lines: Sequence[str]) -> list[str]:
    """A heading with what stands under it; nothing where nothing does."""
    return [f"## {heading}", "", *lines] if lines else []
