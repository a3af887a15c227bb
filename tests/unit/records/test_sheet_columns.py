"""A large sheet looked through as columns gives the rows, the left-out rows and the cells that it gives row by row."""

from __future__ import annotations

import datetime as dt
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from envrules.records.columns.raw import as_series
from envrules.records.columns.sheet import sheet_rows
from envrules.records.layout import find_tables
from envrules.records.tables import Grid, RawTable

CELLS = st.sampled_from(
    ["", "", " ", "B-1", "小 计",
     "其中：燃煤", "12", 0.5, -3.0, 12.0, float("nan"), True, dt.date(2018, 3, 22), "合计", "小计", "注：见附件",
     "负责人：张三", "Total", "第1页", "编号", "区域", "全硫", "ash", "城市建成区", "note", 1.0, 2.0, 3.0, "甲", "平均"]
)  # fmt: skip
WIDTH = 4
ROWS = st.lists(st.lists(CELLS, min_size=WIDTH, max_size=WIDTH), max_size=25)
HEADER = ["编号", "区域", "全硫", "ash"]


class Words:
    decides = False

    def fields(self, text: str) -> frozenset[str]:
        return frozenset({text}) if text in (*HEADER, "note") else frozenset()

    def is_unit(self, text: str) -> bool:
        return text == "%"

    def is_value(self, text: str) -> bool:
        return text == "平均"


def tables(rows: list[list[Any]], as_columns: bool) -> list[RawTable]:
    below = (lambda row, width: sheet_rows(rows, row, width)) if as_columns else None
    found: Any = find_tables(Grid("t.xlsx", lambda: enumerate(rows, 1), below=below), Words())
    assert isinstance(found, list)
    return found


@given(ROWS)
@example([["B-1", "区域", 0.5, 1.0], [*HEADER], ["B-2", "", 0.5, 1.0], ["合计", "", 1.0, ""], ["", "", "", ""]])
def test_columns_and_rows_give_the_same(body: list[list[Any]]) -> None:
    rows = [HEADER, *body]
    one, other = tables(rows, False), tables(rows, True)
    assert [(t.headers, t.header_rows, t.left_out, t.title) for t in one] == [
        (t.headers, t.header_rows, t.left_out, t.title) for t in other
    ]
    assert [repr(list(t.rows)) for t in one] == [repr(list(t.rows)) for t in other]
    if other[0].columns is None:
        return
    columns = other[0].columns()
    assert list(columns.numbers) == list(range(2, len(rows) + 1))
    assert [repr(list(columns.row(i))) for i in range(len(body))] == [repr(r) for r in body]


@given(st.lists(CELLS, max_size=12))
def test_a_series_holds_what_the_cells_hold(cells: list[Any]) -> None:
    found = as_series(cells)
    kept = found if isinstance(found, list) else found.to_list()
    texts = all(isinstance(c, str) for c in cells)
    assert repr(kept) == repr([None if c == "" and not (texts or isinstance(found, list)) else c for c in cells])
