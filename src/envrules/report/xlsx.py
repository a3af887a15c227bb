"""The report as an Excel workbook: findings, summary, problems, accounting, and what was checked.

Every text is written as text, so nothing in it is run as a formula or followed as a link.
"""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from envrules.records.dataset import SourceAccount
from envrules.report.base import ReportData
from envrules.report.excel import excel_writer
from envrules.report.inert import encodable, is_formula
from envrules.report.phrases import (
    SEVERITY_WORDS,
    closing,
    closing_zh,
    header_rows,
    left_out_texts,
    outcome_words,
    rows_span,
    totals,
    value_text,
    worst_first,
)
from envrules.report.rows import flat_rows
from envrules.verdict import OUTCOMES, SummaryRow

_MAX_TEXT: Final = 32_767
#: Rows of a sheet below its header, as far as Excel goes.
_MAX_ROWS: Final = 1_048_575
#: Excel keeps 15 digits; a longer number is written as text, which keeps all of them.
_MAX_NUMBER: Final = 1e15
_COLOURS: Final = {"violation": "#F8D7DA", "indeterminate": "#FFF3CD", "not_due": "#DCEBF7", "pass": "#DDF0E0"}


@dataclass(frozen=True)
class _Column:
    """A column of a sheet: its key in the rows, its header, its width in characters."""

    key: str
    header: str
    width: int


_FINDINGS: Final = (
    _Column("rule", "rule 规则", 28),
    _Column("title", "title 名称", 34),
    _Column("clause", "clause 条款", 11),
    _Column("record_type", "record type 记录类型", 14),
    _Column("judged", "record, group or period 对象", 24),
    _Column("outcome", "outcome 结论", 15),
    _Column("severity", "severity 严重程度", 10),
    _Column("observed", "observed 实际值", 14),
    _Column("limit", "limit 限值", 18),
    _Column("margin", "margin 余量", 11),
    _Column("unit", "unit 单位", 10),
    _Column("value", "derived value 派生结果", 12),
    _Column("missing", "missing 缺失项", 20),
    _Column("fields", "fields 依据字段", 18),
    _Column("notes", "notes 备注", 32),
    _Column("message", "message 说明", 44),
    _Column("source", "source 来源", 22),
    _Column("sheet", "sheet 工作表", 12),
    _Column("row", "row 行", 7),
)
_SUMMARY: Final = (
    _Column("rule", "rule 规则", 30),
    _Column("title", "title 名称", 40),
    _Column("clause", "clause 条款", 11),
    _Column("record_type", "record type 记录类型", 16),
    _Column("severity", "severity 严重程度", 10),
    _Column("status", "status 状态", 15),
    *(_Column(o, f"{outcome_words(o).en} {outcome_words(o).zh}", 14) for o in OUTCOMES),
)
_PROBLEMS: Final = (
    _Column("source", "source 来源", 26),
    _Column("sheet", "sheet 工作表", 12),
    _Column("row", "row 行", 7),
    _Column("column", "column 列", 18),
    _Column("value", "value 原值", 20),
    _Column("reason", "reason 原因", 60),
    _Column("code", "code 代码", 18),
    _Column("record_type", "record type 记录类型", 16),
    _Column("field", "field 字段", 16),
)
_ACCOUNTS: Final = (
    _Column("source", "source 来源", 30),
    _Column("sheet", "sheet 工作表", 14),
    _Column("record_type", "record type 记录类型", 18),
    _Column("header_row", "header 表头行", 12),
    _Column("rows", "rows 行", 14),
    _Column("rows_read", "read 读入", 10),
    _Column("rows_used", "used 采用", 10),
    _Column("rows_judged", "judged 判定", 10),
    _Column("skipped", "skipped 跳过", 40),
    _Column("decisions", "decided 读取说明", 60),
)


def render(data: ReportData) -> bytes:
    """The report as the bytes of a workbook.

    Raises:
        CallError: `extra-missing` where the library that writes workbooks is not installed.
    """
    out = io.BytesIO()
    with excel_writer("--format xlsx").Workbook(out, {"in_memory": True}) as workbook:
        # The same run gives the same bytes.
        created = dt.datetime(data.as_of.year, data.as_of.month, data.as_of.day)
        workbook.set_properties({"title": f"{data.pack_name} {data.as_of.isoformat()}", "created": created})
        _Writer(workbook).write(data)
    return out.getvalue()


class _Writer:
    def __init__(self, workbook: Any) -> None:
        self.book = workbook
        plain = {"valign": "top", "text_wrap": True}
        self.header = workbook.add_format({"bold": True, "bg_color": "#E7E9EC", "bottom": 1, **plain})
        self.text = workbook.add_format(plain)
        # A text that looks like a formula keeps Excel's own mark of a text, also after someone edits the cell.
        self.quoted = workbook.add_format({"quote_prefix": True, **plain})
        self.number = workbook.add_format({"valign": "top"})
        self.count = workbook.add_format({"num_format": "#,##0", "valign": "top"})
        self.bold = workbook.add_format({"bold": True, **plain})
        self.coloured = {o: workbook.add_format({"bg_color": c, **plain}) for o, c in _COLOURS.items()}

    def write(self, data: ReportData) -> None:
        findings = (self._finding(row) for row in flat_rows(data))
        self._table("findings", _FINDINGS, findings)
        self._table("summary", _SUMMARY, [self._summary(data, row) for row in worst_first(data.summary)])
        self._table("problems", _PROBLEMS, (p.as_dict() for p in data.problems))
        self._table("accounting", _ACCOUNTS, [self._account(data, a) for a in data.accounts])
        self._about(data)

    @staticmethod
    def _finding(row: dict[str, Any]) -> dict[str, Any]:
        title = " ".join(t for t in (row["title_en"], row["title_zh"]) if t)
        judged = row["subject"] or "(all)" if row["record_id"] is None else row["record_id"]
        return row | {"title": title, "judged": judged}

    @staticmethod
    def _summary(data: ReportData, row: SummaryRow) -> dict[str, Any]:
        flat: dict[str, Any] = row.as_dict()
        return flat | {"title": " ".join(t for t in data.titles(row.rule) if t)}

    @staticmethod
    def _account(data: ReportData, account: SourceAccount) -> dict[str, Any]:
        names = ("source", "sheet", "record_type", "rows_read", "rows_used")
        skipped = [f"{en} {zh}" for en, zh in zip(left_out_texts(account), left_out_texts(account, "zh"), strict=True)]
        return {name: getattr(account, name) for name in names} | {
            "header_row": header_rows(account),
            "rows": rows_span(account),
            "rows_judged": data.judged(account),
            "skipped": "; ".join(skipped),
            "decisions": "; ".join(account.decisions),
        }

    def _table(self, name: str, columns: Sequence[_Column], rows: Iterable[dict[str, Any]]) -> None:
        sheet, line, part = self._sheet(name, columns), 0, 1
        for row in rows:
            if line == _MAX_ROWS:
                self._close(sheet, columns, line)
                part += 1
                sheet, line = self._sheet(f"{name} {part}", columns), 0
            line += 1
            for position, column in enumerate(columns):
                self._cell(sheet, line, position, row.get(column.key), column.key)
        self._close(sheet, columns, line)

    def _sheet(self, name: str, columns: Sequence[_Column]) -> Any:
        sheet = self.book.add_worksheet(name)
        for position, column in enumerate(columns):
            sheet.set_column(position, position, column.width)
            sheet.write_string(0, position, column.header, self.header)
        sheet.freeze_panes(1, 1)
        sheet.repeat_rows(0)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        return sheet

    @staticmethod
    def _close(sheet: Any, columns: Sequence[_Column], lines: int) -> None:
        if lines:
            sheet.autofilter(0, 0, lines, len(columns) - 1)

    def _cell(self, sheet: Any, line: int, position: int, value: Any, key: str) -> None:
        if value is None or value == "" or value == []:
            return
        if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < _MAX_NUMBER:
            counted = key in OUTCOMES or key in ("row", "rows_read", "rows_used", "rows_judged")
            sheet.write_number(line, position, value, self.count if counted else self.number)
            return
        if key == "severity":
            value = " ".join(SEVERITY_WORDS[str(value)].both())
        if key in ("outcome", "status"):
            words = outcome_words(str(value))
            self._text(sheet, line, position, f"{words.en} {words.zh}", self.coloured.get(str(value), self.text))
            return
        joined = "; ".join(map(str, value)) if isinstance(value, list) and key != "limit" else value_text(value)
        self._text(sheet, line, position, joined)

    def _text(self, sheet: Any, line: int, position: int, text: str, look: Any = None) -> None:
        text = encodable(text)
        if len(text) > _MAX_TEXT:
            end = " … (cut: a cell of Excel holds no more; the JSON report has it whole)"
            text = text[: _MAX_TEXT - len(end)] + end
        sheet.write_string(line, position, text, look or (self.quoted if is_formula(text) else self.text))

    def _about(self, data: ReportData) -> None:
        sheet = self.book.add_worksheet("about")
        sheet.set_column(0, 0, 30)
        sheet.set_column(1, 1, 90)
        count = totals(data.summary)
        listed = "every outcome 全部结论" if data.listed == "all" else "findings only 仅列出发现的问题"
        lines: list[tuple[str, str]] = [
            ("pack 规则包", f"{data.pack_name} {data.pack_version}"),
            ("title 名称", " ".join(t for t in (data.pack_title_en, data.pack_title_zh) if t)),
            ("sha256", data.pack_sha256),
            ("as of 判定日期", data.as_of.isoformat()),
            ("engine 引擎", data.engine),
            ("listed 列出范围", listed),
            *((f"{outcome_words(o).en} {outcome_words(o).zh}", f"{count[o]:,}") for o in OUTCOMES),
            ("in short", closing(data)),
            ("小结", closing_zh(data)),
            *(("warning 提示", warning.line()) for warning in data.warnings),
        ]
        for line, (name, text) in enumerate(lines):
            self._text(sheet, line, 0, name, self.bold)
            self._text(sheet, line, 1, text)
