"""An empty workbook to fill in: one sheet a record type, and one that explains every column in both languages."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Sequence
from typing import Any, Final
from unicodedata import east_asian_width

from envrules.analysis.fields import KINDS, allowed_of, emptiness_of, unit_of
from envrules.analysis.template import Column, Language, columns, value_words
from envrules.pack.in_words import unit_words
from envrules.pack.pack import Pack
from envrules.records.recognise import type_words, types_named
from envrules.records.types import Enumeration, Field, RecordType, Words
from envrules.report.excel import excel_writer

_LAST_ROW: Final = 1_048_575
_SHEET_NAME: Final = 31
_FORBIDDEN: Final = frozenset("[]:*?/\\'")
_FORMATS: Final = {"id": "@", "text": "@", "date": "yyyy-mm-dd", "month": "yyyy-mm", "year": "0", "int": "0"}
_GUIDE: Final = (
    ("每行填一条记录，表头请勿改动。", "One record a row; leave the header as it is."),
    (
        "数值按表头中的单位填写；单位不同时连同单位填写（如14 MW）。区间写6~9，低于某值写<10。",
        "A number is in the unit of its header; write another unit beside it (14 MW). A range is 6~9, a bound <10.",
    ),
    (
        "不掌握的内容留空：空白即未知，不作零、否或符合处理；例外见“空白表示”一栏。",
        "Leave empty what you do not know: it is never read as zero, no or pass, save where the last column says so.",
    ),
    (
        "不填报的工作表请整张删除：只有表头的工作表表示没有这类记录。",
        "Delete the sheets that you do not fill in: one with nothing but its header says that there are no records.",
    ),
)
_HEADERS: Final = (
    ("工作表 Sheet", 16), ("列标题 Header", 22), ("字段 Field", 24), ("中文名称 Chinese label", 20),
    ("英文名称 English label", 26), ("类型 Kind", 22), ("单位 Unit", 12), ("允许值 Allowed values", 44),
    ("含义 Meaning", 50), ("空白表示 When empty", 34),
)  # fmt: skip
_LIST_HEADERS: Final = (
    "选项所属字段 List of", "可填内容 To choose", "名称 Name", "中文 Chinese", "英文 English", "单位 Unit",
    "", "也可写作 Also read as",
)  # fmt: skip


def workbook(pack: Pack, record_types: Sequence[RecordType], language: Language = "zh") -> bytes:
    """An empty workbook with one sheet a record type, and one that explains every column.

    Raises:
        CallError: `extra-missing` where the library that writes workbooks is not installed.
    """
    out = io.BytesIO()
    with excel_writer("template", ", or write a CSV: --out FILE.csv").Workbook(
        out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    ) as book:
        # The same pack gives the same bytes.
        book.set_properties({"title": pack.title.either(language) or pack.name, "created": dt.datetime(2000, 1, 1)})
        _Writer(pack, record_types, language, book).write()
    return out.getvalue()


def _lines(words: Words) -> str:
    return "\n".join(t for t in (words.zh, words.en) if t)


def _width(text: str) -> int:
    return sum(2 if east_asian_width(c) in "WF" else 1 for c in text)


class _Writer:
    def __init__(self, pack: Pack, record_types: Sequence[RecordType], language: Language, book: Any) -> None:
        self.pack, self.types, self.book = pack, record_types, book
        self.language: Language = language
        plain = {"valign": "top", "text_wrap": True}
        self.head = book.add_format({"bold": True, "bg_color": "#E7E9EC", "bottom": 1, **plain})
        self.bold, self.text = book.add_format({"bold": True}), book.add_format(plain)
        self.looks = {kind: book.add_format({"num_format": code}) for kind, code in _FORMATS.items()}
        self.names = self._sheet_names()
        self.notes_name = self._notes_name()
        self.lists: dict[str, str] = {}  # enumeration -> the cells that hold its words

    def _sheet_names(self) -> dict[str, str]:
        """Record type -> its sheet's name, which is one that means this type and no other."""
        words = type_words(self.pack.records)
        found: dict[str, str] = {}
        for one in self.types:
            label = one.label.either(self.language)
            fits = 0 < len(label) <= _SHEET_NAME and not _FORBIDDEN.intersection(label)
            # Excel takes two names for the same where they differ in case only.
            taken = {n.casefold() for n in found.values()}
            good = fits and words.find(label) == (one.name,) and label.casefold() not in taken
            found[one.name] = label if good else one.name[:_SHEET_NAME]
        return found

    def _notes_name(self) -> str:
        taken = {n.casefold() for n in self.names.values()}
        names = ["说明", "填表说明"] if self.language == "zh" else ["Notes", "How to fill in"]
        free = (n for n in names if not types_named(n, self.pack.records) and n.casefold() not in taken)
        return next(free, "envrules")

    def write(self) -> None:
        """Every sheet. The notes stand last, but are written first, since the lists of the others point into them."""
        sheets = [self.book.add_worksheet(self.names[t.name]) for t in self.types]
        self._notes(self.book.add_worksheet(self.notes_name))
        for sheet, one in zip(sheets, self.types, strict=True):
            self._table(sheet, one)

    def _table(self, sheet: Any, record_type: RecordType) -> None:
        for position, column in enumerate(columns(self.pack, record_type, self.language)):
            field = column.field
            widest = max([_width(column.header), *map(_width, self._words(field))])
            least = 22 if field.kind in ("id", "text") else 12
            sheet.set_column(position, position, min(max(widest + 4, least), 40), self.looks.get(field.kind))
            sheet.write_string(0, position, column.header, self.head)
            rule = self._validation(field)
            if rule:
                sheet.data_validation(1, position, _LAST_ROW, position, {"error_type": "warning", **rule})
        sheet.freeze_panes(1, 1)
        sheet.repeat_rows(0)
        sheet.set_landscape()

    def _words(self, field: Field) -> list[str]:
        return value_words(self.pack, field, self.language) if field.kind in ("enum", "bool") else []

    def _validation(self, field: Field) -> dict[str, Any]:
        """What Excel asks about in a column. It only warns: a unit, a range or another known word may stand there."""
        zh = self.language == "zh"
        if field.kind == "bool":
            ask = "请填“是”或“否”" if zh else "Write yes or no."
            return {"validate": "list", "source": self._words(field), "error_message": ask}
        if field.enum is not None:
            ask = (
                f"请从下拉选项中选择，含义见“{self.notes_name}”"
                if zh
                else f"Choose from the list; see {self.notes_name}."
            )
            return {"validate": "list", "source": self.lists[field.enum.name], "error_message": ask}
        if field.kind in ("date", "month"):
            ask = "请填日期，如2018-03-22" if zh else "Write a date such as 2018-03-22."
            if field.kind == "month":
                ask = "请填月份，如2018-03" if zh else "Write a month such as 2018-03."
            first = dt.date(1900, 1, 2)
            return {"validate": "date", "criteria": ">=", "value": first, "error_message": ask}
        if field.kind == "year":
            ask = "请填四位年份，如2018" if zh else "Write a year such as 2018."
            return {
                "validate": "integer",
                "criteria": "between",
                "minimum": 1900,
                "maximum": 2200,
                "error_message": ask,
            }
        return {}

    # --- the sheet of explanations --------------------------------------------------------------------------------

    def _notes(self, sheet: Any) -> None:
        for position, (_, width) in enumerate(_HEADERS):
            sheet.set_column(position, position, width)
        title = self.pack.title
        # The first row is one sentence, so that nobody, and no reader of tables, takes this sheet for records.
        sheet.write_string(0, 0, f"填表说明 How to fill in this workbook · {title.zh or title.en}", self.bold)
        line = 1
        for zh, en in _GUIDE:
            sheet.write_string(line, 0, f"{zh} {en}")
            line += 1
        line += 1
        self._row(sheet, line, [h for h, _ in _HEADERS], self.head)
        for record_type in self.types:
            for column in columns(self.pack, record_type, self.language):
                line += 1
                self._row(sheet, line, self._about(record_type, column), self.text)
        line += 2
        self._row(sheet, line, _LIST_HEADERS, self.head)
        for field in [f for t in self.types for f in t.fields.values()]:
            if field.enum is not None and field.enum.name not in self.lists:
                line = self._list(sheet, line, field, field.enum)

    def _about(self, record_type: RecordType, column: Column) -> list[str]:
        field = column.field
        allowed = allowed_of(field)
        if field.enum is not None:
            count = len(field.enum.values)
            many = f"共{count}项，见下表 {count} values, listed below"
            allowed_text = many if count > 8 else _lines(allowed)
        else:
            allowed_text = _lines(allowed)
        unit = unit_of(field)
        kind, empty = KINDS[field.kind], emptiness_of(record_type, field)
        unit_text = "见下表 see below" if field.unit_of else " ".join(dict.fromkeys(unit.both()))
        return [
            self.names[record_type.name], column.header, field.name, field.label.zh, field.label.en,
            f"{kind.zh} {kind.en}", unit_text, allowed_text, _lines(field.meaning), _lines(empty),
        ]  # fmt: skip

    def _list(self, sheet: Any, line: int, field: Field, enum: Enumeration) -> int:
        """The words of an enumeration, one a line; gives the last line."""
        units = self._units_by(field)
        first = line + 1
        for value, word in zip(enum.values, value_words(self.pack, field, self.language), strict=True):
            line += 1
            unit = units.get(value.name)
            said = "" if unit is None else " ".join(dict.fromkeys([unit_words(unit, "zh"), unit_words(unit, "en")]))
            about = [field.label.either(self.language), word, value.name, value.label.zh, value.label.en, said, ""]
            self._row(sheet, line, [*about, "、".join(value.aliases)], self.text)
        quoted = self.notes_name.replace("'", "''")
        self.lists[enum.name] = f"='{quoted}'!$B${first + 1}:$B${line + 1}"
        return line

    def _units_by(self, field: Field) -> dict[str, str]:
        """Value -> unit, where a field's words decide the unit of another's numbers."""
        for one in self.types:
            if one.fields.get(field.name) is field:
                depending = (f for f in one.fields.values() if f.unit_of == field.name)
                return {name: u.text for f in depending for name, u in f.units.items()}
        return {}

    @staticmethod
    def _row(sheet: Any, line: int, texts: Sequence[str], look: Any) -> None:
        for position, text in enumerate(texts):
            if text:
                sheet.write_string(line, position, text, look)
