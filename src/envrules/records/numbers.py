"""A text that holds a number, as tables hold them: `1,234.5`, `<10`, `6~9 t/h`, `1.5×10^4`, `20蒸吨`, `10±0.5 mg/L`.

Gives the numbers, how they bound the value and the texts of their units; what a unit means is not decided here.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

from envrules.interval import format_number
from envrules.records.numerals import with_digits
from envrules.records.values import Fault
from envrules.records.words import shown

Relation = Literal["=", "<", "<=", ">", ">=", "~", "±"]


@dataclass(frozen=True, slots=True)
class NumberText:
    """What a text says of a number: `relation` `first` (to or ± `second`), with the texts of their units."""

    relation: Relation
    first: float
    unit: str = ""
    second: float = 0.0
    second_unit: str = ""


_DIGITS = r"[+-]?(?:[0-9]{1,3}(?:[, ][0-9]{3})+(?![0-9])(?:\.[0-9]*)?|[0-9]+\.?[0-9]*|\.[0-9]+)"
_NUMBER = rf"{_DIGITS}(?:[eE][+-]?[0-9]+|\s*[×x*·]\s*10\s*\^\s*[+-]?[0-9]+)?"
_START = re.compile(rf"(?P<number>{_NUMBER})\s*(?P<rest>.*)", re.DOTALL)
_POWER = re.compile(r"\s*[×x*·]\s*10\s*\^\s*")
_WAVE = re.compile(r"~|至|到|\bto\b|\.{2,}")
# A hyphen between two numbers is a range, but not the sign of a power, as in `mg·L^-1`.
_HYPHEN = re.compile(rf"(?P<unit>[^-]*?)\s*(?<!\^)-\s*(?P<number>{_NUMBER})\s*(?P<rest>.*)", re.DOTALL)
_UNCERTAIN = re.compile(
    rf"\(?\s*(?P<number>{_NUMBER})\s*(?:±|\+/-)\s*(?P<half>{_NUMBER})\s*\)?\s*(?P<unit>.*)", re.DOTALL
)
# Signs that part two numbers of one cell, as in `10/20`, `10、20` and `10(7MW)`.
_PARTED = re.compile(r"[/、;+×x*(]\s*[0-9]")
_OTHERS = re.compile(r"(?<![A-Za-z0-9.^_-])[0-9]+(?:\.[0-9]+)?")
_SUPERSCRIPTS = re.compile("[⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻]+")
_SPELLINGS = str.maketrans(
    {
        "−": "-",
        "‐": "-",
        "‑": "-",
        "‒": "-",
        "–": "-",
        "—": "-",
        "〜": "~",
        "∼": "~",
        "≦": "≤",
        "⩽": "≤",
        "≧": "≥",
        "⩾": "≥",
        "\u200b": None,
        "\u200c": None,
        "\u200d": None,
        "\u2060": None,
        "\ufeff": None,
    }
)

# 以上, 以下 and 以内 include the number they stand beside, as Chinese legal usage has it; 超过 and 高于 do not.
_BEFORE: dict[str, Relation] = {
    "<=": "<=", "=<": "<=", "≤": "<=", "<": "<", ">=": ">=", "=>": ">=", "≥": ">=", ">": ">",
    "小于或等于": "<=", "小于等于": "<=", "不大于": "<=", "不高于": "<=", "不超过": "<=",
    "不多于": "<=", "最多": "<=", "至多": "<=",
    "大于或等于": ">=", "大于等于": ">=", "不小于": ">=", "不低于": ">=", "不少于": ">=",
    "最少": ">=", "至少": ">=",
    "小于": "<", "低于": "<", "少于": "<", "不足": "<", "不到": "<",
    "大于": ">", "高于": ">", "多于": ">", "超过": ">",
    "less than": "<", "below": "<", "under": "<", "more than": ">", "above": ">", "over": ">",
    "at most": "<=", "up to": "<=", "at least": ">=",
}  # fmt: skip
_AFTER: dict[str, Relation] = {
    "及以下": "<=", "以下": "<=", "以内": "<=", "及以上": ">=", "以上": ">=",
    "or less": "<=", "and below": "<=", "or more": ">=", "and above": ">=",
}  # fmt: skip
_BEFORE_LONGEST_FIRST = sorted(_BEFORE, key=len, reverse=True)
_AFTER_LONGEST_FIRST = sorted(_AFTER, key=len, reverse=True)
_APPROXIMATE = ("约", "≈", "大约", "大概", "近", "左右", "上下", "approx", "about", "circa", "ca.", "~")


def plain_text(text: str) -> str:
    """The text with full-width forms, dashes and signs in one spelling, and powers written with `^`.

    Examples:
        >>> plain_text("１０．５"), plain_text("≦ 3×10⁻²"), plain_text("μg/m³")
        ('10.5', '≤ 3×10^-2', 'μg/m^3')
    """
    # NFKC alone would turn 10⁴ into 104.
    marked = _SUPERSCRIPTS.sub(lambda m: "^" + unicodedata.normalize("NFKC", m[0]), text)
    return unicodedata.normalize("NFKC", marked).translate(_SPELLINGS).strip()


def parse_number(text: str) -> NumberText | Fault:
    """What a text says of a number, or why it says nothing that is certain.

    Examples:
        >>> parse_number("＜10 MMBtu/h")
        NumberText(relation='<', first=10.0, unit='MMBtu/h', second=0.0, second_unit='')
        >>> parse_number("6-9%")
        NumberText(relation='~', first=6.0, unit='', second=9.0, second_unit='%')
        >>> parse_number("1,23").code, parse_number("10/20").code, parse_number("二十蒸吨").first
        ('not-a-number', 'several-values', 20.0)
    """
    plain = plain_text(text)
    if len(plain) > 200:
        return Fault("not-a-number", f"{shown(text)} is too long to be a number")
    if not plain.isascii():
        plain = with_digits(plain)
    relation, body = _relation(plain)
    if relation == "=" and ("±" in body or "+/-" in body):
        return _uncertain(body, text)
    match = _START.fullmatch(body)
    if match is None:
        return _refusal(body, text)
    first, rest = _value(match["number"]), match["rest"]
    span = _range(body, rest)
    if span is None:
        return _with_units(NumberText(relation, first, rest), text)
    if relation != "=":
        return Fault("not-a-number", f"{shown(text)} is both a range and an end of one")
    unit, last, last_unit = span
    return _with_units(NumberText("~", first, unit, last, last_unit), text)


def _relation(plain: str) -> tuple[Relation, str]:
    lower = plain.lower()
    for word in _BEFORE_LONGEST_FIRST:
        if lower.startswith(word):
            return _BEFORE[word], plain[len(word) :].lstrip()
    for word in _AFTER_LONGEST_FIRST:
        if lower.endswith(word):
            return _AFTER[word], plain[: -len(word)].rstrip()
    return "=", plain


def _value(number: str) -> float:
    return float(_POWER.sub("e", number).replace(",", "").replace(" ", ""))


def _range(body: str, rest: str) -> tuple[str, float, str] | None:
    """(unit of the first number, second number, its unit) where a second number follows after a sign of a range."""
    parts = _WAVE.split(body)
    if len(parts) == 2:
        left, right = _START.fullmatch(parts[0].strip()), _START.fullmatch(parts[1].strip())
        return (left["rest"].strip(), _value(right["number"]), right["rest"]) if left and right else None
    match = _HYPHEN.fullmatch(rest)
    return (match["unit"].strip(), _value(match["number"]), match["rest"]) if match else None


def _uncertain(body: str, text: str) -> NumberText | Fault:
    match = _UNCERTAIN.fullmatch(body)
    if match is None:
        return Fault(
            "not-a-number", f"{shown(text)} is not a value with its uncertainty; write for example 10±0.5 mg/L"
        )
    half = _value(match["half"])
    if half < 0:
        return Fault("not-a-number", f"{shown(text)}: an uncertainty is not negative")
    return _with_units(NumberText("±", _value(match["number"]), match["unit"], half), text)


def _with_units(number: NumberText, text: str) -> NumberText | Fault:
    """The number, unless what follows cannot be a unit, so that a second number is never taken for one."""
    for unit in (number.unit, number.second_unit):
        if not unit:
            continue
        if any(word in unit for word in ("左右", "上下")) or unit[0] in "余多":
            return Fault("not-a-number", f"{shown(text)} is approximate; what it leaves open is not known")
        if _PARTED.match(unit) and (found := several(number, text)) is not None:
            return found
        if unit[0].isdigit() or unit[0] in ",.-+×x*±~<>=≤≥" or not any(c.isalpha() or c in "%‰°" for c in unit):
            comma = "; a comma may only part thousands, as in 1,234" if "," in text or "，" in text else ""
            return Fault("not-a-number", f"{shown(text)} is not one number with a unit{comma}")
    return number


def several(number: NumberText, text: str) -> Fault | None:
    """The fault of a cell that holds more than one number, as `10/20`, `10(7MW)` and `2台10t/h` do."""
    rest = number.unit or number.second_unit
    others = _OTHERS.findall(rest)
    if not others:
        return None
    numbers = " and ".join([format_number(number.first), *others])
    what = f"{shown(text)} holds {1 + len(others)} numbers, {numbers}, where one value is expected"
    return Fault("several-values", f"{what}; give each a row or a column of its own")


def _refusal(body: str, text: str) -> Fault:
    if any(body.startswith(word) for word in _APPROXIMATE):
        return Fault("not-a-number", f"{shown(text)} is approximate; what it leaves open is not known")
    return Fault("not-a-number", f"{shown(text)} is not a number")
