"""What a field of a record type may hold, in words of both languages: for templates and pages. Knows no rule."""

from __future__ import annotations

import math
from typing import Final

from envrules.interval import format_number
from envrules.pack.in_words import unit_words
from envrules.records.types import Field, RecordType, Words

KINDS: Final = {
    "id": Words("id (text)", "编号（文本）"),
    "text": Words("text", "文本"),
    "enum": Words("one of a list", "下拉选项"),
    "bool": Words("yes or no", "是/否"),
    "int": Words("whole number", "整数"),
    "number": Words("number", "数值"),
    "quantity": Words("quantity", "带单位的数值"),
    "date": Words("date (2018-03-22)", "日期（如2018-03-22）"),
    "month": Words("month (2018-03)", "月份（如2018-03）"),
    "year": Words("year (2018)", "年份（如2018）"),
}
#: What a spreadsheet offers for a field of kind `bool`.
YES_NO: Final = (Words("yes", "是"), Words("no", "否"))


def unit_of(field: Field) -> Words:
    """The unit of a field's numbers: nothing where it has none, or where it depends on another field."""
    if field.kind != "quantity" or field.unit_of or not field.unit.text:
        return Words()
    return Words(unit_words(field.unit, "en"), unit_words(field.unit, "zh"))


def bounds_of(field: Field) -> Words:
    """The bounds a usable number lies in.

    Examples:
        >>> from envrules.interval import Interval
        >>> bounds_of(Field("a", "number", bounds=Interval(0, 100, hi_open=True)))
        Words(en='at least 0, below 100', zh='不小于0，小于100')
        >>> bounds_of(Field("b", "number"))
        Words(en='', zh='')
    """
    low, high = field.bounds.lo, field.bounds.hi
    if field.kind not in ("quantity", "number", "int", "year"):
        return Words()
    en, zh = [], []
    if low != -math.inf:
        en.append(f"{'above' if field.bounds.lo_open else 'at least'} {format_number(low)}")
        zh.append(f"{'大于' if field.bounds.lo_open else '不小于'}{format_number(low)}")
    if high != math.inf:
        en.append(f"{'below' if field.bounds.hi_open else 'at most'} {format_number(high)}")
        zh.append(f"{'小于' if field.bounds.hi_open else '不大于'}{format_number(high)}")
    return Words(", ".join(en), "，".join(zh))


def allowed_of(field: Field) -> Words:
    """What a cell may hold besides what its kind says: the words of a list, the bounds of a number."""
    if field.kind == "bool":
        return Words(", ".join(w.en for w in YES_NO), "、".join(w.zh for w in YES_NO))
    if field.enum is not None:
        labels = [Words(v.label.en or v.name, v.label.zh or v.name) for v in field.enum.values]
        order = Words(" (from the lowest)", "（由低到高）") if field.enum.ordered else Words()
        return Words(", ".join(w.en for w in labels) + order.en, "、".join(w.zh for w in labels) + order.zh)
    return bounds_of(field)


def emptiness_of(record_type: RecordType, field: Field) -> Words:
    """What an empty cell of a field means.

    Examples:
        >>> emptiness_of(RecordType("boiler", {}), Field("capacity", "quantity"))
        Words(en='not known; never zero, no or pass', zh='未知，不作零、否或符合处理')
    """
    if field.name == "id":
        if record_type.id_from:
            fields = [record_type.fields[f] for f in record_type.id_from]
            en = " : ".join(f.label.either("en") or f.name for f in fields)
            zh = "、".join(f.label.either("zh") or f.name for f in fields)
            return Words(f"made of {en}", f"由{zh}组成")
        return Words("the record is named by file and row", "以文件名和行号代替")
    if field.assume is not None:
        return field.assume.note
    if field.empty_is_answer:
        return Words("not done", "表示未办理、未完成")
    if any(f.unit_field == field.name for f in record_type.fields.values()):
        return Words("the unit that belongs to the value", "按该数值的规定单位计")
    return Words("not known; never zero, no or pass", "未知，不作零、否或符合处理")
