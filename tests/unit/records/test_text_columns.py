"""A text file read as columns gives the rows, the left-out rows and the cells that it gives row by row."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envrules.records.columns.text import text_rows
from envrules.records.layout import find_tables
from envrules.records.tables import Grid, RawTable, is_blank
from envrules.records.text_files import text_grid


class Words:
    def fields(self, text: str) -> frozenset[str]:
        return frozenset({text}) if text in ("编号", "区域", "全硫", "ash", "note") else frozenset()

    def is_unit(self, text: str) -> bool:
        return text == "%"

    def is_value(self, text: str) -> bool:
        return text == "平均"


CELLS = st.sampled_from(
    ["", " ", "　", "B-1", "12", "0.5", "-3", "合计", "小计", "注：见附件", "负责人：张三", "*：说明", "Total", "sum",
     "第1页", "编号", "区域", "全硫", "ash", "城市建成区", "note", "1", "2", "3", "甲", "平均", "\x1c"]
)  # fmt: skip
ROWS = st.lists(st.lists(CELLS, min_size=0, max_size=5), max_size=25)


def tables(path: Path, as_columns: bool) -> list[RawTable]:
    grid: Grid = text_grid(path, "t.csv")
    grid.below = (lambda row, width: text_rows(path, grid.delimiter, row, width)) if as_columns else None
    found: Any = find_tables(grid, Words())
    assert isinstance(found, list)
    return found


def same(path: Path) -> bool:
    """Whether columns were taken; what they give is held against the rows."""
    one, other = tables(path, False), tables(path, True)
    assert [(t.headers, t.header_rows, t.left_out, t.title, t.unit) for t in one] == [
        (t.headers, t.header_rows, t.left_out, t.title, t.unit) for t in other
    ]
    if other[0].columns is None:
        return False
    columns = other[0].columns()
    rows = {n: cells for n, cells in one[0].rows if not is_blank(cells)}
    width = len(one[0].headers)
    for place, number in enumerate(columns.numbers):
        cells = ["" if c is None else c for c in columns.row(place)]
        expected = [*rows.get(number, []), *[""] * width][:width]
        assert cells == expected or (is_blank(cells) and number not in rows)
    assert set(rows) <= set(columns.numbers)
    return True


@given(rows=ROWS, end=st.sampled_from(["\n", "\r\n"]))
@settings(deadline=None)
def test_columns_and_rows_agree(tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]], end: str) -> None:
    path = tmp_path_factory.mktemp("text") / "t.csv"
    lines = ["编号,区域,全硫,ash", "B-0,城市建成区,0.5,10", *(",".join(r) for r in rows)]
    path.write_bytes(end.join(lines).encode() + end.encode())
    same(path)


def test_a_plain_file_is_read_as_columns(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    lines = ["某县煤质台账", "编号,区域,全硫,ash", *(f"B-{n},,0.{n % 9},12" for n in range(500)), "合计,,3,4", "注：无"]
    path.write_text("\n".join(lines), encoding="utf-8")
    assert same(path)
    (table,) = tables(path, True)
    assert (table.header_rows, dict(table.left_out)) == ((2,), {503: "total", 504: "note"})


@pytest.mark.parametrize("line", ['B-9,"a",1,2', "B-9,a,1,2,3", "B-9,a\rb,1,2"])
def test_what_polars_would_read_otherwise_is_left_to_the_reader_of_rows(tmp_path: Path, line: str) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(f"编号,区域,全硫,ash\nB-1,a,1,2\n{line}\n".encode())
    assert text_rows(path, ",", 1, 4) is None
