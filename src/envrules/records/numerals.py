"""Chinese numerals as digits: `一百二十`, `两百`, `三点五`, `二〇一八`; what is no numeral is left as it stands.

A lone `一` is left too: in a table it may be the number or a stroke for nothing.
"""

from __future__ import annotations

import re

_DIGITS = {
    c: d
    for d, cs in enumerate(("零〇○", "一壹", "二两贰", "三叁", "四肆", "五伍", "六陆", "七柒", "八捌", "九玖"))
    for c in cs
}
_SMALL = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
_LARGE = {"万": 10**4, "亿": 10**8}
_DIGIT = "".join(_DIGITS)
_POWER = "".join((*_SMALL, *_LARGE))
# A numeral begins with a digit or a ten; 万吨 and 千克 are units.
_NUMERAL = re.compile(rf"[{_DIGIT}十拾][{_DIGIT}{_POWER}]*(?:点[{_DIGIT}]+)?")
_SHARE = re.compile(r"(百|千|万)分之(.+)")
_SHARE_SIGNS = {"百": "%", "千": "‰"}


def with_digits(text: str) -> str:
    """The text with every Chinese numeral in it written in digits; as it stands where one of them says no number.

    A text that holds digits already is left alone: `5千克` is five kilograms.

    Examples:
        >>> with_digits("一百二十蒸吨"), with_digits("两百"), with_digits("三点五~十"), with_digits("二〇一八年三月")
        ('120蒸吨', '200', '3.5~10', '2018年3月')
        >>> with_digits("百分之零点八"), with_digits("十万吨"), with_digits("5千克"), with_digits("一")
        ('0.8%', '100000吨', '5千克', '一')
    """
    if text.isascii() or any("0" <= c <= "9" for c in text):
        return text
    share = _SHARE.fullmatch(text.strip())
    if share is not None and share[1] in _SHARE_SIGNS:
        inner = with_digits(share[2])
        return inner + _SHARE_SIGNS[share[1]] if inner != share[2] else text
    if text.strip() == "一":
        return text
    parts: list[str] = []
    end = 0
    for match in _NUMERAL.finditer(text):
        digits = _digits(match[0])
        if not digits:
            return text
        parts += [text[end : match.start()], digits]
        end = match.end()
    return "".join([*parts, text[end:]])


def _digits(numeral: str) -> str:
    """One numeral in digits, or an empty text where it is malformed."""
    whole, _, fraction = numeral.partition("点")
    decimals = "." + "".join(str(_DIGITS[c]) for c in fraction) if fraction else ""
    if all(c in _DIGITS for c in whole):
        # Digit by digit, as years and numbers of documents are written; 三五 may mean three to five.
        if len(whole) == 2 or (len(whole) == 3 and "〇" not in whole and "○" not in whole and "零" not in whole):
            return ""
        return "".join(str(_DIGITS[c]) for c in whole) + decimals
    found = _counted(whole)
    return "" if found is None else f"{found}{decimals}"


def _counted(numeral: str) -> int | None:
    """A numeral written with its powers of ten, as in 一万二千三百零五; None where it is malformed."""
    total = section = 0
    digit: int | None = None
    last = 10**12
    for character in numeral:
        if character in _DIGITS:
            if digit:
                return None
            digit = _DIGITS[character]
        elif character in _SMALL:
            power = _SMALL[character]
            if power >= last or digit == 0:
                return None
            section += (1 if digit is None else digit) * power
            digit, last = None, power
        else:
            power = _LARGE[character]
            section += digit or 0
            if not section:
                return None
            total = (total + section) * power if total and power > 10**4 else total + section * power
            section, digit, last = 0, None, 10**12
    if digit and last in (100, 1000) and numeral[-2] not in "零〇○":
        return None  # 一百二 is said for 120 and may be written for 102
    return total + section + (digit or 0)
