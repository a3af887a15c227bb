"""A survey of files as text for a terminal, and as plain data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from rich.padding import Padding

from envrules.analysis.survey import ColumnFacts, FileFacts, TableFacts
from envrules.records.tables import rows_text
from envrules.report.phrases import left_out_texts
from envrules.report.terminal import Page, grid, shown

_MOST_PROBLEMS = 8


def survey_text(files: Iterable[FileFacts], width: int = 120, color: bool = False) -> str:
    """What was recognised in each file, table by table."""
    page = Page(width, color)
    for file in files:
        page.heading(file.source)
        for table in file.tables:
            _table(page, table)
        for diagnostic in file.empty:
            page.print(shown(f"{diagnostic.where}: {diagnostic.what}", "dim"))
    return page.text()


def _table(page: Page, table: TableFacts) -> None:
    raw = table.table
    place = f"sheet {raw.sheet}" if raw.sheet else "table"
    kind = table.record_type or (f"one of {', '.join(table.candidates)}?" if table.candidates else "of no record type")
    page.print()
    page.print(shown(f"■ {place}: {kind}", "bold" if table.record_type else "bold yellow"))
    for line in _facts(table):
        page.print(Padding(shown(line, "dim"), (0, 0, 0, 2)))
    shown_table = grid()
    names = ("column", "field", "unit", "filled", "usable", "not", "from", "to", "examples")
    wide = page.width >= 100
    for name in names if wide else names[:6]:
        right = name in ("filled", "usable", "not", "from", "to")
        shown_table.add_column(name, overflow="fold", justify="right" if right else "left")
    for column in table.columns:
        cells = [shown(t, s) for t, s in _cells(column)]
        shown_table.add_row(*(cells if wide else cells[:6]))
    page.print(Padding(shown_table, (0, 0, 0, 2)))
    for text in _remarks(table):
        page.print(Padding(shown(f"! {text}", "yellow"), (0, 0, 0, 2)))


def _facts(table: TableFacts) -> Iterable[str]:
    raw, account, wide = table.table, table.account, table.wide
    parts = []
    if raw.header_rows:
        parts.append(f"header in {'rows' if len(raw.header_rows) > 1 else 'row'} {rows_text(raw.header_rows)}")
    if raw.encoding:
        parts.append(f"encoding {raw.encoding}")
    if table.grid is not None and table.grid.delimiter:
        parts.append(f"cells parted by {_delimiter(table.grid.delimiter)}")
    if parts:
        yield ", ".join(parts)
    if account is not None:
        records = f"{account.rows_read:,} rows below the header: {account.rows_used:,} records"
        yield ", ".join([records, *left_out_texts(account)])
    yield from account.decisions if account is not None else raw.decisions
    if wide is not None:
        columns = sum(map(len, wide.columns.values()))
        span = f"{len(wide.parts)} {wide.kind}s, {wide.parts[0]} to {wide.parts[-1]}"
        yield f"{columns} columns stand side by side for {span}: see envrules map"


def _delimiter(mark: str) -> str:
    return {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}.get(mark, mark)


def _cells(column: ColumnFacts) -> Iterable[tuple[str, str]]:
    style = "" if column.field else "dim"
    yield column.header or f"(column {column.index + 1})", style
    yield column.field or _near(column), "green" if column.field else "yellow"
    yield column.unit, style
    yield f"{column.filled:.0%}", style
    yield f"{column.usable:,}" if column.field else "", style
    yield f"{column.unusable:,}" if column.unusable else "", "red"
    yield column.least, style
    yield column.most, style
    yield ", ".join(column.examples)[:40], "dim"


def _near(column: ColumnFacts) -> str:
    if not column.proposals:
        return ""
    first = column.proposals[0]
    return f"{first.field.name}? {first.certainty:.0%}"


def _remarks(table: TableFacts) -> Iterable[str]:
    for diagnostic in table.said:
        if diagnostic.code not in ("unknown-column",):
            yield f"{diagnostic.what}{f' ({diagnostic.hint})' if diagnostic.hint else ''}"
    for column in table.columns:
        for text in column.unusual:
            yield f"{column.header}: {text}"
    for text, count in Counter(f"{p.column}: {p.reason}" for p in table.problems).most_common(_MOST_PROBLEMS):
        yield f"{text} ({count} cells)" if count > 1 else text
    rest = len({f"{p.column}: {p.reason}" for p in table.problems}) - _MOST_PROBLEMS
    if rest > 0:
        yield f"and {rest} more kinds of unusable cells: envrules check lists all of them"


def is_open(file: FileFacts) -> bool:
    """Whether a person has to look at something before the file can be judged whole."""
    return any(not t.record_type or t.problems or any(d.level == "error" for d in t.said) for t in file.tables)


def as_dict(file: FileFacts) -> dict[str, Any]:
    """The survey as data for programs."""
    return {
        "source": file.source,
        "tables": [_table_dict(t) for t in file.tables],
        "empty": [{"place": str(d.where), "what": d.what} for d in file.empty],
    }


def _table_dict(table: TableFacts) -> dict[str, Any]:
    raw, account = table.table, table.account
    return {
        "sheet": raw.sheet,
        "hidden": bool(table.grid and table.grid.hidden),
        "hidden_rows": list(table.grid.hidden_rows) if table.grid else [],
        "title": raw.title,
        "header_rows": list(raw.header_rows),
        "encoding": raw.encoding,
        "delimiter": table.grid.delimiter if table.grid else "",
        "record_type": table.record_type,
        "candidates": list(table.candidates),
        "rows_read": account.rows_read if account else None,
        "rows_used": account.rows_used if account else None,
        "skipped": dict(account.skipped) if account else {},
        "skipped_rows": {k: list(v) for k, v in account.skipped_rows.items()} if account else {},
        "decisions": list(account.decisions) if account else list(raw.decisions),
        "columns": [_column_dict(c) for c in table.columns],
        "problems": [p.as_dict() for p in table.problems],
        "warnings": [{"code": d.code, "level": d.level, "place": str(d.where), "what": d.what} for d in table.said],
    }


def _column_dict(column: ColumnFacts) -> dict[str, Any]:
    return {
        "column": column.index + 1,
        "header": column.header,
        "field": column.field,
        "unit": column.unit,
        "filled": round(column.filled, 4),
        "usable": column.usable,
        "unusable": column.unusable,
        "least": column.least,
        "most": column.most,
        "examples": list(column.examples),
        "unusual": list(column.unusual),
        "proposals": [{"field": p.field.name, "certainty": p.certainty, "why": p.why} for p in column.proposals],
    }
