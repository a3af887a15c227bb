"""Texts out of other people's files made harmless where they are shown: in a terminal, a page, a spreadsheet, XML."""

from __future__ import annotations

import math
import re
from typing import Any

# Control characters steer a terminal, XML allows few of them, and the bidirectional ones show a text in another order
# than it is read by a program.
_INVISIBLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\ufffe\uffff\ud800-\udfff]"
)
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_FORMULA = tuple("=+-@＝＋－＠")


def visible(text: str, keep: str = "") -> str:
    r"""The text with every character that would act instead of showing written as its escape, but for those to keep.

    Examples:
        >>> print(visible("B\x1b[31m-1"))
        B\x1b[31m-1
        >>> visible("锅炉 B-1")
        '锅炉 B-1'
    """
    return _INVISIBLE.sub(lambda found: found.group() if found.group() in keep else _escaped(found), text)


def _escaped(found: re.Match[str]) -> str:
    return found.group().encode("unicode_escape").decode("ascii")


def encodable(text: str) -> str:
    """The text with halves of surrogate pairs, which no encoding can hold, written as escapes."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def printable(text: str) -> str:
    r"""The text with control characters, but for tabs and line ends, and halves of surrogate pairs written as escapes.

    Examples:
        >>> print(printable("B\x1b[31m-1"))
        B\x1b[31m-1
    """
    return _CONTROL.sub(_escaped, encodable(text))


def is_formula(text: str) -> bool:
    """Whether a spreadsheet might run the text as a formula.

    Examples:
        >>> is_formula("=HYPERLINK(1)"), is_formula("+86"), is_formula("B-1")
        (True, True, False)
    """
    return text.startswith(("\t", "\r", "\n")) or text.lstrip().startswith(_FORMULA)


def defused(text: str) -> str:
    """The text as a spreadsheet's cell in a CSV file: with an apostrophe before what would be a formula."""
    text = printable(text)
    return f"'{text}" if is_formula(text) else text


def finite(value: Any) -> Any:
    """The value with numbers that JSON does not have as words, within lists and mappings too.

    Examples:
        >>> finite({"value": float("nan"), "row": [1.5, float("inf")]})
        {'value': 'nan', 'row': [1.5, 'inf']}
    """
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, dict):
        return {k: finite(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [finite(v) for v in value]
    return value
