"""Sheets to tables: headers of several rows, totals, notes, repeated headers, several tables, merged cells."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envrules.records.layout import find_tables
from envrules.records.read import read_inputs
from envrules.records.recognise import HeaderWords
from envrules.records.tables import Grid, Merge, RawTable, is_blank, rows_text
from envrules.records.types import Enumeration, EnumValue, Field, RecordType, Words
from envrules.records.values import Doubtful
from envrules.units import Units

HEAD = "编号|县区|燃料|容量(t/h)"
LOTS = "编号|区域|硫分|灰分"


def grid(rows: Sequence[str], merged: Sequence[Merge] = (), **more: Any) -> Grid:
    cells = [[_value(c) for c in row.split("|")] for row in rows]
    return Grid("a.xlsx", lambda: iter(list(enumerate(cells, 1))), merged=merged, **more)


def _value(text: str) -> object:
    try:
        return float(text)
    except ValueError:
        return text


@pytest.fixture(scope="session")
def words(types: dict[str, RecordType], units: Units) -> HeaderWords:
    return HeaderWords(types, units)


def tables(words: HeaderWords, rows: Sequence[str], merged: Sequence[Merge] = (), **more: Any) -> list[RawTable]:
    found = find_tables(grid(rows, merged, **more), words)
    assert isinstance(found, list)
    return found


def kept(table: RawTable) -> list[int]:
    return [n for n, cells in table.rows if n not in table.left_out and not is_blank(cells)]


@pytest.mark.parametrize(
    ("rows", "header", "left_out", "records"),
    [
        ([HEAD, "1|a|煤|8"], (1,), {}, [2]),
        (["酒泉市锅炉台账", "", HEAD, "1|a|煤|8"], (3,), {}, [4]),
        (["酒泉市锅炉台账", "填报单位：某局|||日期：2018年3月", HEAD, "1|a|煤|8"], (3,), {}, [4]),
        (["说明一", "说明二", "说明三", "说明四", HEAD, "1|a|煤|8"], (5,), {}, [6]),
        ([HEAD, "1|a|煤|8", "合计|||8"], (1,), {3: "total"}, [2]),
        ([HEAD, "1|a|煤|8", "肃州区小计|||8", "2|a|煤|8", "总 计|||16"], (1,), {3: "total", 5: "total"}, [2, 4]),
        ([HEAD, "1|a|煤|8", "|合计||8"], (1,), {3: "total"}, [2]),
        ([HEAD, "1|a|煤|8", "2|合计||8"], (1,), {3: "total"}, [2]),
        ([HEAD, "1|a|煤|8", "平均值|||8", "Total|||8"], (1,), {3: "summary", 4: "total"}, [2]),
        ([HEAD, "1|合计有限公司|煤|8"], (1,), {}, [2]),
        ([HEAD, "1|a|煤|8", "", "注：1.本表不含停用锅炉。", "2.数据截至年底。"], (1,), {4: "note", 5: "note"}, [2]),
        ([HEAD, "1|a|煤|8", "填表人：张三|审核人：李四|电话：123|"], (1,), {3: "note"}, [2]),
        ([HEAD, "1|a|煤|8", "备注|||"], (1,), {3: "note"}, [2]),
        ([HEAD, "1|a|煤|8", "第1页 共2页", HEAD, "2|a|煤|8"], (1,), {3: "page mark", 4: "repeated header"}, [2, 5]),
        (
            ["台账", HEAD, "1|a|煤|8", "台账", HEAD, "2|b|煤|8"],
            (2,),
            {4: "repeated title", 5: "repeated header"},
            [3, 6],
        ),
        ([HEAD, "1|a|煤|8", HEAD, "2|a|煤|8"], (1,), {3: "repeated header"}, [2, 4]),
        ([HEAD, "甲|乙|1|2", "1|a|煤|8"], (1,), {2: "column numbers"}, [3]),
        ([HEAD, "1|2|3|4", "1|a|煤|8"], (1,), {2: "column numbers"}, [3]),
        (["编号|全硫|灰分", "1|2|3", "2|1|9"], (1,), {}, [2, 3]),
        ([HEAD, "1|a|煤|8", "", "B-7", "", "2|a|煤|8"], (1,), {}, [2, 4, 6]),
        (["编号|县区|容量|", "|||(t/h)|", "1|a|8|"], (1, 2), {}, [3]),
        (["编号|县区|污染物||容量", "||全硫|灰分|", "1|a|0.8|8|9"], (1, 2), {}, [3]),
        (["编号|县区|全硫|灰分", "id|county|total sulfur|ash", "1|a|0.8|8"], (1, 2), {}, [3]),
        (["编号|县区|污染物||容量", "B-1|某县||天然气|8"], (1,), {}, [2]),
        (["编号|备注", "T|", "N|"], (1,), {}, [2, 3]),
        (["编号|区域", "d|m"], (1,), {}, [2]),
        (["编号|县区|容量", "||t/h", "1|a|8"], (1, 2), {}, [3]),
        (["容量|全硫", "(t/h)|(%)", "8|0.8"], (1, 2), {}, [3]),
        (["字段|含义", "容量|capacity", "燃料|fuel"], (1,), {}, [2, 3]),
        (["a|b|c", "1|2|x"], (1,), {}, [2]),
        (["x||", "a|b|c", "k|2|x", "l|2|x"], (2,), {}, [3, 4]),
        (["编号|2015|2016", "1|7|8"], (1,), {}, [2]),
        (["某表", "站|1月|2月|3月|4月", "甲|7|8|7|6", "乙|7|8|7|6"], (2,), {}, [3, 4]),
        (["编号"], (1,), {}, []),
    ],
)
def test_one_table(
    rows: list[str], header: tuple[int, ...], left_out: dict[int, str], records: list[int], words: HeaderWords
) -> None:
    (table,) = tables(words, rows)
    assert (table.header_rows, dict(table.left_out), kept(table)) == (header, left_out, records)


@pytest.mark.parametrize(
    ("rows", "merged", "headers"),
    [
        (["编号|污染物||容量", "|全硫|灰分|"], [(1, 0, 2, 0), (1, 1, 1, 2), (1, 3, 2, 3)],
         ["编号", "污染物/全硫", "污染物/灰分", "容量"]),
        (["编号|污染物||容量", "|全硫|灰分|"], [], ["编号", "污染物/全硫", "污染物/灰分", "容量"]),
        (["编号|甲类||容量", "|某种|另种|"], [(1, 1, 1, 2), (1, 0, 2, 0)], ["编号", "甲类/某种", "甲类/另种", "容量"]),
        (["编号|容量", "|(t/h)"], [], ["编号", "容量(t/h)"]),
        (["编号|容量", "—|t/h"], [], ["编号", "容量(t/h)"]),
        (["编号|煤质||", "|成分||质量", "|全硫|灰分|", "|%|%|t"],
         [(1, 0, 4, 0), (1, 1, 1, 3), (2, 1, 2, 2), (2, 3, 3, 3)],
         ["编号", "煤质/成分/全硫(%)", "煤质/成分/灰分(%)", "煤质/质量(t)"]),
        (["基本情况|||煤质|", "编号|县区|燃料|全硫|灰分"], [(1, 0, 1, 2), (1, 3, 1, 4)],
         ["基本情况/编号", "基本情况/县区", "基本情况/燃料", "煤质/全硫", "煤质/灰分"]),
    ],
)  # fmt: skip
def test_headers_of_several_rows(
    rows: list[str], merged: list[tuple[int, int, int, int]], headers: list[str], words: HeaderWords
) -> None:
    (table,) = tables(words, [*rows, "1|2|3|4|5"], [Merge(*m) for m in merged])
    assert table.headers[: len(headers)] == headers


def test_a_merged_name_in_a_single_header_row_is_no_second_row(words: HeaderWords) -> None:
    (table,) = tables(words, ["编号|县区||燃料", "B|肃州区|城关|煤"], [Merge(1, 1, 1, 2)])
    assert table.header_rows == (1,)


def test_a_record_whose_id_is_a_letter_is_no_row_of_units(words: HeaderWords) -> None:
    (table,) = tables(words, ["编号|县区||燃料", "T|肃州区|城关|"], [Merge(1, 1, 1, 2)])
    assert table.header_rows == (1,)


def test_several_tables_in_one_sheet(words: HeaderWords) -> None:
    rows = ["锅炉", HEAD, "1|a|煤|8", "合计|||8", "", "煤质", "单位：%", LOTS, "x|建成区|0.8|9", "", HEAD, "2|b|煤|9"]
    found = tables(words, rows)
    assert [(t.title, t.header_rows, kept(t)) for t in found] == [
        ("锅炉", (2,), [3]),
        ("煤质", (8,), [9]),
        ("", (11,), [12]),
    ]
    assert found[1].unit == "%"
    assert found[0].left_out == {4: "total"}


def test_a_wide_merged_name_is_a_heading(words: HeaderWords) -> None:
    (table,) = tables(words, [HEAD, "肃州区|||", "1|a|煤|8"], [Merge(2, 0, 2, 3)])
    assert (dict(table.left_out), kept(table)) == ({2: "heading"}, [3])


def test_what_is_merged_over_rows_is_filled_down(words: HeaderWords) -> None:
    merged = [Merge(2, 1, 4, 1)]
    (table,) = tables(words, [HEAD, "1|a|煤|8", "2||煤|9", "|小计||17", "3|b|煤|1"], merged)
    cells = {n: row[1] for n, row in table.rows}
    assert [c.raw if isinstance(c, Doubtful) else c for c in cells.values()] == ["a", "a", "小计", "b"]
    assert dict(table.left_out) == {4: "total"}
    assert list(table.rows) == list(table.rows)


def test_hidden_rows_are_read_and_said_so(words: HeaderWords) -> None:
    (table,) = tables(words, ["t", HEAD, "1|a|煤|8", "2|a|煤|8", "3|a|煤|8"], hidden_rows=[1, 3, 4])
    assert kept(table) == [3, 4, 5]
    assert "2 hidden rows were read: 3-4" in table.decisions


def test_the_header_that_is_named(words: HeaderWords) -> None:
    found = find_tables(grid([HEAD, "1|a|煤|8", "x|y|z|w", "2|b|煤|9"]), words, [3])
    assert isinstance(found, list)
    assert (found[0].headers, kept(found[0])) == (["x", "y", "z", "w"], [4])
    assert not isinstance(find_tables(grid([HEAD]), words, [7]), list)


@given(
    rows=st.lists(
        st.sampled_from(
            [
                "",
                HEAD,
                LOTS,
                "1|a|煤|8",
                "合计|||8",
                "注：x",
                "台账",
                "第1页",
                "|||",
                "2|b||",
                "B-7",
                "甲|乙|1|2",
                "1|2|3|4",
            ]
        ),
        max_size=30,
    )
)
def test_every_row_is_in_one_place(rows: list[str], words: HeaderWords) -> None:
    """A row is above a table, in its header, left out with a reason, empty, or a record: never two of them or none."""
    found = find_tables(grid(rows), words)
    if not isinstance(found, list):
        assert all(is_blank(row.split("|")) for row in rows)
        return
    seen: list[int] = []
    for table in found:
        below = [n for n, _ in table.rows]
        seen += [*table.header_rows, *below]
        assert set(table.left_out) <= set(below)
    # Tables follow one another; what stands above the first, or between one and the next header, is title.
    assert seen == sorted(set(seen))
    last = [n for n, _ in found[-1].rows] or list(found[-1].header_rows)
    assert last[-1] == len(rows) or not rows


def test_numbers_of_rows() -> None:
    assert rows_text([1]) == "1"
    assert rows_text([]) == ""


def test_a_record_may_be_called_like_a_total(units: Units) -> None:
    kinds = Enumeration("e", (EnumValue("all", Words("all", "用水合计")), EnumValue("part", Words("part", "工业用水"))))
    types = {"use": RecordType("use", {"kind": Field("kind", "enum", enum=kinds, label=Words("", "类别"))})}
    (table,) = tables(HeaderWords(types, units), ["类别|数量", "工业用水|8", "用水合计|9", "合计|17"])
    assert dict(table.left_out) == {4: "total"}


ROWS = [
    "",
    HEAD,
    "1|肃州区|燃煤|8",
    "2|玉门市|天然气|20",
    "合计|||28",
    "注：x",
    "第1页",
    "3||燃煤|abc",
    "2|x|燃煤|9",
    "B-7",
    "|||",
]


@given(rows=st.lists(st.sampled_from(ROWS), max_size=25), copies=st.sampled_from([1, 200]), wide=st.booleans())
def test_the_sums_of_an_account_add_up(
    rows: list[str], copies: int, wide: bool, types: dict[str, RecordType], units: Units,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:  # fmt: skip
    """Rows read are rows used and rows left out, whether they are read one by one or as columns."""
    text = "\n".join([HEAD, "1|肃州区|燃煤|8", *(rows * copies)]).replace("|", ",")
    path = tmp_path_factory.mktemp("sum") / "a.csv"
    path.write_text(text + "\n", "utf-8")
    mapping: dict[str, Any] | None = None
    if wide:
        long = {"name": "part", "columns": {"x": "容{}"}}
        mapping = {
            "record": "boiler",
            "wide_to_long": long,
            "columns": {"part": None, "x": None},
            "filter": {"燃料": ["燃煤"]},
        }
    found = read_inputs([("boiler", path)], types, units, mapping)
    (account,) = found.accounts
    assert account.rows_read == account.rows_used + sum(account.skipped.values()) == account.rows_in_source
    assert account.rows_used == len(found.records["boiler"])
    assert account.rows_read == 1 + len(rows) * copies
    for reason, numbers in account.skipped_rows.items():
        assert len(numbers) == min(account.skipped[reason], 1000)
        assert all(account.rows is not None and account.rows[0] <= n <= account.rows[1] for n in numbers)


def test_the_lower_row_of_a_header_said_again(words: HeaderWords) -> None:
    merged = [Merge(1, 1, 1, 2), Merge(1, 0, 2, 0), Merge(1, 3, 2, 3)]
    rows = ["序号|基本情况||备注", "|编号|县（市、区）|", "1|B|a|", "序号|编号|县（市、区）|备注", "2|C|b|"]
    (table,) = tables(words, rows, merged)
    assert table.headers == ["序号", "基本情况/编号", "基本情况/县（市、区）", "备注"]
    assert (dict(table.left_out), kept(table)) == ({4: "repeated header"}, [3, 5])
