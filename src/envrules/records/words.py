"""Words as people write them in tables: folding, the words for nothing, and tables of words with one meaning each.

Knows no field and no unit; the readers of cells and of headers share it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from functools import lru_cache
from typing import Any, Literal

_DROPPED = dict.fromkeys(map(ord, " \t\r\n\u3000_-‐‑‒–—.·*:'\"“”‘’\u200b\ufeff"))
_STROKES = frozenset("-‐‑‒–—―─−_/\\.…·")

#: Nothing stands there: what programs and people write for an empty cell.
EMPTY_WORDS = frozenset(
    ["na", "n/a", "n.a.", "nan", "nat", "null", "none", "nil", "<na>", "(null)", "(blank)", "无", "空", "空白", "未填"]
)
#: The cell says that the value is not known. The same as empty, except where emptiness would mean "not done".
UNKNOWN_WORDS = frozenset(
    "无数据 无资料 暂无 暂无数据 缺 缺测 缺失 缺数据 未测 未检测 未监测 未填报 未报 不详 未知 不明"
    " 不清楚 待定 待核实 待补充 不适用 ? ?? ??? unknown nodata notavailable notreported notmeasured"
    " notapplicable missing tbd".split()
)
NOT_DETECTED_WORDS = frozenset(
    "未检出 低于检出限 小于检出限 <检出限 检出限以下 nd n.d. n.d notdetected undetected bdl <dl <lod <mdl <rl".split()
)
#: What may stand in the date of something that was not done, where an empty cell means so.
NOT_DONE_WORDS = frozenset("否 未 没有 未完成 未办结 未开展 未公开 未备案 未划定 未验收 × no notdone".split())

Emptiness = Literal["", "empty", "unknown"]


def fold(text: str) -> str:
    """The text without what people vary: width, case, blanks, line breaks, `_`, dashes, dots and quotation marks.

    Examples:
        >>> fold("Ａｃｔｉｖｅ\\n built_up"), fold("PM2.5"), fold("Ⅱ类")
        ('activebuiltup', 'pm25', 'ii类')
    """
    return unicodedata.normalize("NFKC", text).translate(_DROPPED).casefold()


def simplified(text: str) -> str:
    """The text with traditional characters as simplified ones; most texts have none and come back as they are.

    Examples:
        >>> simplified("鍋爐編號"), simplified("锅炉编号")
        ('锅炉编号', '锅炉编号')
    """
    try:
        # GB 2312 holds the simplified characters and none of the traditional ones they replaced.
        text.encode("gb2312")
    except UnicodeEncodeError:
        return _simplify(text) if any("\u4e00" <= c <= "\u9fff" for c in text) else text
    return text


@lru_cache(maxsize=4096)
def _simplify(text: str) -> str:
    return str(_converter().convert(text))


@lru_cache(maxsize=1)
def _converter() -> Any:
    from opencc import OpenCC

    return OpenCC("t2s")


def compact(text: str) -> str:
    """The text in plain width and lower case without blanks, punctuation kept: what lists of words are asked with."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


def emptiness(text: str) -> Emptiness:
    """Whether a text stands for an empty cell, says that its value is not known, or neither ('').

    Examples:
        >>> emptiness(" —— "), emptiness("N/A"), emptiness("无数据"), emptiness("0")
        ('empty', 'empty', 'unknown', '')
    """
    if text[:1].isdigit():
        return ""
    word = compact(text)
    if not word or _STROKES.issuperset(word) or word in EMPTY_WORDS:
        return "empty"
    return "unknown" if word in UNKNOWN_WORDS else ""


def shown(text: str, width: int = 40) -> str:
    """The text in quotation marks, cut where it is long, without line breaks or control characters."""
    plain = "".join(c if c.isprintable() else " " for c in text[: 2 * width])
    return f"'{plain}'" if len(plain) <= width else f"'{plain[: width - 3]}...'"


def listed(texts: Sequence[str], most: int = 10) -> str:
    """The texts in quotation marks, joined with "and"; of many, the first and how many more there are.

    Examples:
        >>> listed(["a", "b"])
        "'a' and 'b'"
        >>> listed(["a", "b", "c"], most=1)
        "'a' and 2 more"
    """
    more = [f"{len(texts) - most} more"] if len(texts) > most else []
    return " and ".join([*map(shown, texts[:most]), *more])


def printable(text: str) -> str:
    """The text with half characters (lone surrogates), which no file can hold, written as escapes.

    Examples:
        >>> printable("煤\\ud800")
        '煤\\\\ud800'
    """
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode("utf-8")


class WordTable:
    """Words and what they mean. An exact spelling goes before a folded one; a word of two meanings decides nothing.

    Examples:
        >>> table = WordTable([("built_up", "built_up"), ("城市建成区", "built_up"), ("other", "other")])
        >>> table.find("Built-up"), table.find("城市 建成区"), table.find("rural")
        (('built_up',), ('built_up',), ())
    """

    def __init__(self, pairs: Iterable[tuple[str, str]]) -> None:
        self._exact: dict[str, tuple[str, ...]] = {}
        self._folded: dict[str, tuple[str, ...]] = {}
        for word, meaning in pairs:
            for words, key in ((self._exact, word.strip()), (self._folded, fold(word))):
                if key and meaning not in words.get(key, ()):
                    words[key] = (*words.get(key, ()), meaning)

    def find(self, text: str) -> tuple[str, ...]:
        """The meanings of a word: one where it is clear, none where it is not known, several where it is ambiguous."""
        found = self._exact.get(text.strip()) or self._folded.get(fold(text))
        if found is None and (plain := simplified(text)) != text:
            found = self._folded.get(fold(plain))
        return found or ()

    def near(self, text: str) -> str:
        """The nearest word, as it was declared, or an empty text where none is near."""
        found = get_close_matches(text.strip()[:60], list(self._exact), n=1, cutoff=0.6)
        if found:
            return found[0]
        folded = get_close_matches(fold(text)[:60], list(self._folded), n=1, cutoff=0.6)
        return next((w for w in self._exact if folded and fold(w) == folded[0]), "")
