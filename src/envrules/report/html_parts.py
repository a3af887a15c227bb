"""Pieces of HTML that the parts of the page share. Every text from packs and records goes through `text`."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from typing import Any

from envrules.records.types import Words
from envrules.report.inert import visible
from envrules.report.phrases import brief, outcome_words


def text(value: Any) -> str:
    """A value as text of the page, whatever stands in it.

    Examples:
        >>> text("<script>")
        '&lt;script&gt;'
    """
    return html.escape(visible(value if isinstance(value, str) else brief(value)), quote=True)


def both(en: str, zh: str) -> str:
    """A text in both languages, each marked as what it is."""
    spans = [f'<span lang="{lang}">{text(t)}</span>' for lang, t in (("en", en), ("zh-Hans", zh)) if t]
    return " ".join(spans)


def words_in_both(words: Words) -> str:
    """Words in both languages."""
    return both(words.en, words.zh)


def table(caption: str, columns: Sequence[tuple[str, str, str]], rows: Iterable[str]) -> list[str]:
    """A table; a column is its header in English and Chinese, and a class."""
    heads = "".join(f'<th scope="col"{_class(kind)}>{both(en, zh)}</th>' for en, zh, kind in columns)
    return [
        '<div class="scroll"><table>',
        f"<caption>{caption}</caption>",
        f"<thead><tr>{heads}</tr></thead>\n<tbody>",
        *rows,
        "</tbody></table></div>",
    ]


def _class(kind: str) -> str:
    return f' class="{kind}"' if kind else ""


def cell(value: Any, kind: str = "") -> str:
    """A cell of a table."""
    return f"<td{_class(kind)}>{text(value)}</td>"


def outcome_chip(name: str) -> str:
    """An outcome in its colour, and in words for those who see none."""
    return f'<span class="outcome {name}">{words_in_both(outcome_words(name))}</span>'


def anchor(rule: str) -> str:
    """The name that links to a rule's findings use."""
    return f"rule-{text(rule)}"


def codes(names: Iterable[str]) -> str:
    """Names of rules or fields, as code."""
    return ", ".join(f"<code>{text(name)}</code>" for name in names)
