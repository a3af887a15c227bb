"""The numbers of a Chinese text with their units: 0.8%, 10蒸吨, 870万亩, 百分之百. Knows no rules and no clauses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from envrules.units import WHOLE_TEXTS, Unit, UnitError, Units

_DIGITS: Final = {c: n for n, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_TENS: Final = {"十": 10, "百": 100, "千": 1000}
_MULTIPLIERS: Final = {"万亿": 1e12, "千万": 1e7, "百万": 1e6, "十万": 1e5, "亿": 1e8, "万": 1e4, "千": 1e3, "百": 1e2}
_NUMERAL: Final = "[零〇一二三四五六七八九十百千两]+"
#: A numeral in words counts as a number only where it counts something: 一律 and 二氧化硫 do not.
_COUNTED: Final = "(?=万|亿|个|次(?!能源|性)|件|天|日|年|月|周|倍|项|家|台|座|名|人|吨|蒸吨|小时|公里|公顷|亩|元|分钟)"
_AMOUNT: Final = re.compile(
    rf"""(?P<share>百分之(?P<percent>{_NUMERAL}|\d+(?:\.\d+)?))
      | (?P<all>(?<![安完健周齐])全(?:部|覆盖|收集|处理|达标|利用|处置))
      | (?P<tenths>[一二三四五六七八九])成(?=以|左|[,。;)]|$)
      | (?P<words>{_NUMERAL}){_COUNTED}
      | (?<![A-Za-z\d.])(?P<digits>\d{{1,3}}(?:,\d{{3}})+(?:\.\d+)?(?!\d)|\d+(?:\.\d+)?)""",
    re.VERBOSE,
)
_JOINED: Final = re.compile(r"[和与及或、至到~-]|以及")
_DOWN: Final = "下降|减少|降低|削减|压减|缩减|回落|降幅|减幅|递减"
_UP: Final = "提高|上升|增长|增加|提升|上涨|增幅"
#: A number after these is what something comes to, not by how much it changes.
_LEVEL: Final = "下降[到至]|降[到至]|减少[到至]|达到|控制在|保持在|稳定在|不低于|不高于|不超过"
_DIRECTION: Final = re.compile(f"{_LEVEL}|{_UP}|(?P<down>{_DOWN})")
#: So far back a word of direction is looked for.
_LONGEST_SENTENCE: Final = 500
_PERCENT: Final = Unit("%", 0.01, 0.0, ())


@dataclass(frozen=True)
class Amount:
    """A number of a text.

    Args:
        text: as it stands, with its unit; `value` is in `unit`, or has the multiplier in it where there is none.
        start, end: where it stands.
        decrease: whether it says by how much something falls.
    """

    text: str
    value: float
    unit: Unit | None
    start: int
    end: int
    decrease: bool = False


def amounts(text: str, units: Units) -> list[Amount]:
    """The numbers of a text in plain characters, as they come.

    A number without a unit in a list takes the unit at the list's end.

    Examples:
        >>> from envrules.units import registry
        >>> [(a.value, str(a.unit)) for a in amounts("控制在25.22和21.08亿立方米以内,稳定在870万亩", registry())]
        [(25.22, '亿立方米'), (21.08, '亿立方米'), (870.0, '万亩')]
        >>> [(a.text, a.value, a.decrease) for a in amounts("2020年比2015年下降10%,达到百分之百", registry())]
        [('2020年', 2020.0, False), ('2015年', 2015.0, False), ('10%', 10.0, True), ('百分之百', 100.0, False)]
    """
    found = [_amount(text, match, units) for match in _AMOUNT.finditer(text)]
    for i in range(len(found) - 2, -1, -1):
        this, after = found[i], found[i + 1]
        alone = this.unit is None and this.text[-1:].isdigit()
        if alone and after.unit is not None and _JOINED.fullmatch(text[this.end : after.start]):
            found[i] = replace(this, unit=after.unit)
    return found


def numeral(text: str) -> int | None:
    """The number that Chinese numerals below ten thousand mean, or None.

    Examples:
        >>> numeral("二十一"), numeral("十"), numeral("百"), numeral("两百零五"), numeral("一二")
        (21, 10, 100, 205, None)
    """
    total, digit = 0, None
    for character in text:
        if character in _TENS:
            total += (1 if digit is None else digit) * _TENS[character]
            digit = None
        elif character not in _DIGITS or (digit is not None and digit != 0):
            return None
        else:
            digit = _DIGITS[character]
    return total + (digit or 0) if text else None


def _amount(text: str, match: re.Match[str], units: Units) -> Amount:
    start, end = match.span()
    unit: Unit | None = _PERCENT
    if match["share"]:
        value = float(_number(match["percent"]))
    elif match["all"]:
        value = 100.0
    elif match["tenths"]:
        value = 10.0 * _number(match["tenths"])
    else:
        value = _number(match["words"] or match["digits"].replace(",", ""))
        unit, multiplier, end = _unit_at(text, end, units)
        value *= multiplier
    return Amount(text[start:end], value, unit, start, end, _falls(text, start))


def _number(text: str) -> float:
    words = numeral(text)
    return float(text) if words is None and text[:1].isdigit() else float(words or 0)


def _falls(text: str, start: int) -> bool:
    """Whether the last word of direction before a number in its sentence is one of falling."""
    sentence = re.split("[。;\n]", text[max(0, start - _LONGEST_SENTENCE) : start])[-1]
    words = list(_DIRECTION.finditer(sentence))
    return bool(words) and words[-1]["down"] is not None


def _unit_at(text: str, position: int, units: Units) -> tuple[Unit | None, float, int]:
    """The unit that begins there, what the number before it is multiplied with, and where it ends."""
    for end in _candidates(text, position, units):
        written = text[position:end].removeprefix("个") or "个"
        written = {"百分点": "%", "工作日": "日"}.get(written, written)
        try:
            return units.parse(written), 1.0, end
        except UnitError:
            continue
    for word, multiplier in _MULTIPLIERS.items():
        if text.startswith(word, position):
            return None, multiplier, position + len(word)
    return None, 1.0, position


def _candidates(text: str, position: int, units: Units) -> Iterator[int]:
    """Where a unit that begins there may end, the longest first; a compound may be a unit up to one of its strokes."""
    match = _unit_pattern(units).match(text, position)
    if match is None:
        return
    yield match.end()
    for stroke in reversed([m.start() for m in re.finditer("/", match.group())]):
        yield position + stroke
    if match["counted"]:
        yield position + 1


@lru_cache(maxsize=16)
def _unit_pattern(units: Units) -> re.Pattern[str]:
    names = {n for n in [*units.names(), *WHOLE_TEXTS, "百分点", "工作日"] if re.search("[\u4e00-\u9fff]", n)}
    chinese = "|".join(map(re.escape, sorted(names, key=lambda n: (-len(n), n))))
    one = rf"(?:{'|'.join(_MULTIPLIERS)})?(?:[兆千毫微纳])?(?:{chinese})|[A-Za-zµμ°℃Ω][A-Za-z0-9µμ°*^²³]*|[%‰]"
    return re.compile(rf"(?P<counted>个)?(?:{one})(?:/(?:{one}))*")
