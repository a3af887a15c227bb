"""Rows of a table that are no records: totals, notes, page marks, numbers of columns. What stands first in them tells.

Each reason is a word of the account; `REASONS` says it in both languages. Knows no field: a total is a total anywhere.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from envrules.records.tables import header_text, is_blank
from envrules.records.types import Words
from envrules.records.words import compact

#: Why a row is no record, in words for people; the English ones take an s.
REASONS: dict[str, Words] = {
    "empty": Words("empty row", "空行"),
    "total": Words("total", "合计行"),
    "summary": Words("statistic", "统计行"),
    "note": Words("note", "说明行"),
    "heading": Words("heading", "分组标题"),
    "example": Words("example", "填写示例"),
    "page mark": Words("page number", "页码"),
    "repeated header": Words("repeated header", "重复表头"),
    "repeated title": Words("repeated title", "重复标题"),
    "column numbers": Words("column-number row", "栏次"),
    "filter": Words("filtered row", "筛除行"),
    "skip_rows": Words("skipped row", "跳过行"),
    "skip_rows_where": Words("skipped row", "跳过行"),
}

# What a cell has to hold for its row to be looked at. Asked of every row, so it is one search.
LOOK_FOR = (
    "[计總总和累汇匯平均最注註备備说說填制製审審来來页頁例数數共其※★：…]|盖章|蓋章|签字|打印|导出|空白|正文"
    "|total|sum|average|mean|max|min|note|source|page|remark"
)
_LOOK = re.compile(LOOK_FOR, re.IGNORECASE)
_TOTAL = re.compile(
    r"(?:[^\d.,;，。；]{0,12}?(?:合计|小计|总计|共计|合計|小計|總計|共計)|总和|累计|本年累计|汇总|总数"
    r"|(?:grand|sub|sub-)?totals?|sum)(?:\([^()]{0,10}\))?[:：]?(?:\d+(?:\.\d+)?)?(?:台套|[台套家个座项户条处批吨辆])?"
    r"|共\d+(?:台套|[台套家个座项户条处批辆])|其中[:：].{0,12}"
)
_BLANKS = ("", " ", "  ", "\u3000")
#: The word of a total as it is written in a column behind the second, told without folding since each row is asked.
TOTAL_TEXTS = frozenset(
    before + blank.join(word) + after
    for word in ("合计", "小计", "总计", "共计", "合計", "小計", "總計", "共計")
    for blank in _BLANKS
    for before in _BLANKS[:2]
    for after in _BLANKS[:2]
) | frozenset(
    ["Total", "total", "TOTAL", "Subtotal", "subtotal", "SUBTOTAL", "Sub-total", "Grand total", "Grand Total"]
)
#: The columns in which such a word is looked for, behind the first two.
BEHIND = slice(2, 4)
_SUMMARY = re.compile(
    r"(?:年|月|日|算术)?平均值?|均值|最大值?|最小值?|最高值|最低值|中位数|average|mean|maximum|minimum|max|min"
)
_NOTE = re.compile(
    r"(?:注|註|备注|備註|附注|说明|說明|填表说明|填报说明|数据来源|资料来源|来源|填表人|制表人|填报人|审核人|负责人|单位负责人|联系人|联系电话"
    r"|填表日期|填报日期|制表日期|填表单位|填报单位|制表|审核|notes?|remarks?|sources?|preparedby|checkedby)\d{0,2}[:：].*"
    r"|(?:打印|导出|制表|填报|填表)(?:日期|时间|人)[:：].*|(?:单位|负责人|填表人|审核人)?\((?:盖章|蓋章|签字|签章|公章)\)[:：]?.*"
    r"|[*※★]+.*注?[:：].*|(?:notes?|备注|说明|注)|以下(?:空白|无正文|无内容)|(?:此|本)页(?:空白|无正文)|[.…·]{2,}",
    re.DOTALL,
)
# A line of its own that is a sentence, or begins with the mark of a footnote.
_SENTENCE = re.compile(r"[*※★☆△▲#①-⑳㈠-㈩].{3,}|.{5,}。", re.DOTALL)
_EXAMPLE = re.compile(r"[(（【]?(?:填写|填报|填表)?(?:示例|样例|举例|例)行?[)）】]?[:：]?|examples?[:：]?")
#: `一、肃州区`, `（二）玉门市`: the heading of a part, where it stands alone in its row.
_HEADING = re.compile(r"(?:[一二三四五六七八九十]{1,3}[、.．]|[(（][一二三四五六七八九十]{1,3}[)）]).{1,30}")
_PAGE = re.compile(r"(?:第\d+页)?(?:[,，/]?共\d+页)?|-\d+-|page\d+(?:of\d+)?")
_LABELLED = re.compile(r"[^:：]{1,12}[:：].*", re.DOTALL)
_NUMBERING = ["甲乙丙丁戊己庚辛壬癸", "ABCDEFGHIJ"]


def worth_a_look(text: str) -> bool:
    """Whether a cell may be what makes its row no record; quick, and never wrong when it says no."""
    return _LOOK.search(text) is not None


def filled(cells: Sequence[object]) -> list[tuple[int, object]]:
    """The cells in which something stands, with their columns."""
    return [(i, c) for i, c in enumerate(cells) if not is_blank((c,))]


def reason(found: Sequence[tuple[int, object]]) -> str:
    """Why a row is no record by its first words, or an empty text.

    Examples:
        >>> reason([(0, "合 计"), (3, 120.5)]), reason([(1, "注：2017年底")]), reason([(0, "B-1"), (1, "合计有限公司")])
        ('total', 'note', '')
        >>> reason([(0, "一、肃州区")]), reason([(0, "示例"), (1, "某某公司")])
        ('heading', 'example')
    """
    texts = [compact(c) if isinstance(c, str) else header_text(c) for _, c in found[:2]]
    first = texts[0]
    # A serial number may stand before the word.
    leading = texts[1] if len(texts) > 1 and first.isdecimal() else first
    if len(leading) <= 40:
        if _TOTAL.fullmatch(leading):
            return "total"
        if _SUMMARY.fullmatch(leading):
            return "summary"
    if _EXAMPLE.fullmatch(first):
        return "example"
    if len(found) == 1 and _HEADING.fullmatch(first):
        return "heading"
    if first and _PAGE.fullmatch(first) and len(found) <= 2:
        return "page mark"
    if _NOTE.fullmatch(first) and _is_aside(found):
        return "note"
    lone = found[0][1] if len(found) == 1 else None
    if isinstance(lone, str) and _SENTENCE.fullmatch(lone.strip()):
        return "note"
    return ""


def total_behind(cells: Sequence[object], base: int) -> str:
    """The word of a total that stands in the second to fourth column of a table, or an empty text.

    Examples:
        >>> total_behind([3, "肃州区", "小 计", 30], 0), total_behind([3, "肃州区", "甲公司", "合计有限公司"], 0)
        ('小 计', '')
    """
    behind = cells[base + BEHIND.start - 1 : base + BEHIND.stop]
    return next((c for c in behind if type(c) is str and c in TOTAL_TEXTS), "")


def _is_aside(found: Sequence[tuple[int, object]]) -> bool:
    """Whether a row reads as lines under a table do: little in it, or labels with what is filled in after them."""
    if len(found) <= 2:
        return True
    return all(isinstance(c, str) and _LABELLED.fullmatch(compact(c)) for _, c in found)


def is_labelled(cells: Sequence[object]) -> bool:
    """Whether most of a row's cells are a label with its value, as in `填报单位：某局`, so that it is no header."""
    texts = [compact(c) for _, c in filled(cells) if isinstance(c, str)]
    return bool(texts) and 2 * sum(1 for t in texts if _LABELLED.fullmatch(t)) > len(texts)


def numbers_columns(cells: Sequence[object]) -> bool:
    """Whether a row numbers the columns, as printed forms do: 1, 2, 3 ... or 甲, 乙, 1, 2 ...

    Examples:
        >>> numbers_columns(["甲", "乙", "1", "2"]), numbers_columns([1.0, 2.0, 3.0, 4.0]), numbers_columns([1, 2, 3])
        (True, True, False)
    """
    texts = [header_text(c).strip("()（）") for _, c in filled(cells)]
    if texts and texts[0] in ("栏次", "列次", "栏目"):
        texts = texts[1:]
    if len(texts) < 3:
        return False
    for letters in _NUMBERING:
        lead = next((n for n, t in enumerate(texts) if n >= len(letters) or t != letters[n]), len(texts))
        # Three columns may hold 1, 2 and 3 as a record does.
        if (lead or len(texts) > 3) and texts[lead:] == [str(n) for n in range(1, len(texts) - lead + 1)]:
            return True
    return False
