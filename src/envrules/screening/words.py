"""Fields, values, changes and questions in words, English and Chinese, from the labels that a pack declares."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Sequence

from envrules.calendars import format_period
from envrules.interval import Interval, format_number
from envrules.pack.in_words import unit_words
from envrules.records.types import Field, RecordType, Words
from envrules.records.values import Nothing, Value
from envrules.units import Unit

_RANGES = {
    "en": {"above": "above {}", "least": "at least {}", "below": "below {}", "most": "at most {}"},
    "zh": {"above": "大于{}", "least": "不小于{}", "below": "小于{}", "most": "不大于{}"},
}
_DAYS = {
    "en": {"above": "after {}", "least": "from {} on", "below": "before {}", "most": "by {}"},
    "zh": {"above": "晚于{}", "least": "不早于{}", "below": "早于{}", "most": "不晚于{}"},
}


def in_both(en: str, zh: str) -> Words:
    """A text in both languages."""
    return Words(en, zh)


def field_words(field: Field, language: str) -> str:
    """What a field is called."""
    return field.label.either(language) or field.name


def record_words(record_type: RecordType, record_id: str, language: str) -> str:
    """A record by its type and id.

    Examples:
        >>> record_words(RecordType("boiler", {}, Words("boiler", "锅炉")), "B-1", "en")
        'boiler B-1'
    """
    label = record_type.label.either(language) or record_type.name
    if record_id in (record_type.name, *record_type.label.both()):
        return label
    return f"{label}{record_id}" if language == "zh" else f"{label} {record_id}"


def value_words(field: Field, value: Value, language: str) -> str:
    """A value as people say it.

    Examples:
        >>> value_words(Field("built", "bool"), True, "zh")
        '是'
        >>> value_words(Field("day", "date"), Interval(737425, 737425), "en")
        '2020-01-01'
        >>> value_words(Field("size", "number"), Interval(10, 20, lo_open=True), "en")
        'above 10 and at most 20'
    """
    zh = language == "zh"
    if isinstance(value, Nothing):
        return "未知" if zh else "not known"
    if isinstance(value, bool):
        return ("是" if value else "否") if zh else ("yes" if value else "no")
    if isinstance(value, str):
        return _word(field, value, language)
    if isinstance(value, frozenset):
        return ("或" if zh else " or ").join(_word(field, word, language) for word in sorted(value))
    return _range(field, value, language)


def _word(field: Field, word: str, language: str) -> str:
    if word == "\ufffd":
        return "其他" if language == "zh" else "anything else"
    found = next((v for v in field.enum.values if v.name == word), None) if field.enum is not None else None
    return (found.label.either(language) if found else "") or word


def _one(field: Field, x: float, language: str) -> str:
    if field.kind == "date":
        return dt.date.fromordinal(int(x)).isoformat() if 1 <= x <= dt.date.max.toordinal() else "?"
    if field.kind == "month":
        return format_period("month", int(x))
    return f"{format_number(x)} {unit_text(field.unit, language)}".strip()


def unit_text(unit: Unit, language: str) -> str:
    """A unit as people write it; nothing for plain numbers."""
    return unit_words(unit, "zh" if language == "zh" else "en") if unit.text else ""


def _range(field: Field, x: Interval, language: str) -> str:
    words = (_DAYS if field.kind in ("date", "month", "year") else _RANGES)[language]
    if x.known:
        return _one(field, x.lo, language)
    parts = []
    if math.isfinite(x.lo):
        parts.append(words["above" if x.lo_open else "least"].format(_one(field, x.lo, language)))
    if math.isfinite(x.hi):
        parts.append(words["below" if x.hi_open else "most"].format(_one(field, x.hi, language)))
    if not parts:
        return "任意值" if language == "zh" else "any value"
    return ("且" if language == "zh" else " and ").join(parts)


def listed(words: Iterable[str], language: str, last: str = "or") -> str:
    """Words as a list in a sentence.

    Examples:
        >>> listed(["coal", "oil", "gas"], "en"), listed(["燃煤", "燃油"], "zh")
        ('coal, oil or gas', '燃煤、燃油')
    """
    items = list(words)
    if language == "zh" or len(items) < 2:
        return ("、" if language == "zh" else ", ").join(items)
    return f"{', '.join(items[:-1])} {last} {items[-1]}"


def merged(values: Sequence[Value]) -> list[Value]:
    """Ranges that touch as one range; other values as they are."""
    found: list[Value] = []
    for value in values:
        last = found[-1] if found else None
        if isinstance(value, Interval) and isinstance(last, Interval) and _touch(last, value):
            found[-1] = Interval(last.lo, value.hi, last.lo_open, value.hi_open)
        else:
            found.append(value)
    return found


def _touch(a: Interval, b: Interval) -> bool:
    return a.hi == b.lo and not (a.hi_open and b.lo_open)


def _within(value: Value, field: Field) -> Value:
    """A range without the end that every value of the field has anyway."""
    if not isinstance(value, Interval) or value.known:
        return value
    low, high = value.lo == field.bounds.lo, value.hi == field.bounds.hi
    if low and high:
        return value
    return Interval(
        -math.inf if low else value.lo, math.inf if high else value.hi, low or value.lo_open, high or value.hi_open
    )


def change_words(field: Field, values: Sequence[Value], language: str, *, all_others: bool = False) -> str:
    """A change of one field to any of the values, as what it should be then.

    Args:
        all_others: none of the field's other words would do, so that naming those says the same in fewer words.

    Examples:
        >>> above = Interval(20, math.inf, True, True)
        >>> change_words(Field("capacity", "number", label=Words("rated capacity", "额定蒸发量")), [above], "en")
        'rated capacity above 20'
    """
    name, zh = field_words(field, language), language == "zh"
    if field.kind == "bool":
        said = value_words(field, values[0], language)
        return f"{name}：{said}" if zh else f"{name}: {said}"
    if field.enum is not None:
        others = [v for v in field.enum.names if v not in values]
        if all_others and len(values) > 1 and len(others) <= len(values):
            without = listed((_word(field, w, language) for w in others), language)
            return f"{name}不为{without}" if zh else f"{name} other than {without}"
        said = listed((value_words(field, v, language) for v in values), language)
        return f"{name}为{said}" if zh else f"{name}: {said}"
    said = listed((value_words(field, _within(v, field), language) for v in merged(values)), language)
    numeric = any(isinstance(v, Interval) for v in values)
    if zh:
        return f"{name}{said}" if numeric and not said[:1].isdigit() else f"{name}为{said}"
    return f"{name} {said}"


def question_words(field: Field, who: str, language: str) -> str:
    """The question for one input.

    Examples:
        >>> question_words(Field("zone", "enum", label=Words("zone", "区域")), "锅炉B-1", "zh")
        '锅炉B-1的区域是什么？'
    """
    name, zh = field_words(field, language), language == "zh"
    meaning = field.meaning.either(language) if (field.meaning.zh if zh else field.meaning.en) else ""
    note = (f"（{meaning}）" if zh else f" ({meaning})") if meaning and meaning != name else ""
    if field.kind == "bool":
        return f"{who}：{name}{note}，是或否？" if zh else f"{who}: {name}{note}, yes or no?"
    if field.kind in ("int", "number", "quantity"):
        unit = unit_text(field.unit, language)
        inside = f"（{unit}）" if zh and unit else f" in {unit}" if unit else ""
        return f"{who}的{name}{note}是多少{inside}？" if zh else f"{who}: what is the {name}{inside}{note}?"
    if field.kind in ("date", "month", "year"):
        return f"{who}的{name}{note}是哪一天？" if zh and field.kind == "date" else (
            f"{who}的{name}{note}？" if zh else f"{who}: when is the {name}{note}?"
        )  # fmt: skip
    return f"{who}的{name}{note}是什么？" if zh else f"{who}: what is the {name}{note}?"


def records_question(label: str, language: str) -> str:
    """The question for the records of a type that was not given at all.

    Examples:
        >>> records_question("boiler", "en")
        'which boiler records are there? Give them; an empty list says that there are none'
    """
    if language == "zh":
        return f"有哪些{label}？请逐项提供；没有的，给出空表"
    return f"which {label} records are there? Give them; an empty list says that there are none"
