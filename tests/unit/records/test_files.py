"""Files to rows: encodings, delimiters and formats, and every way a file can be wrong, each a diagnostic."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from envrules.diagnostics import InputError, TextPlace
from envrules.records.dataset import Dataset
from envrules.records.files import open_file, split_sheet
from envrules.records.layout import find_tables
from envrules.records.tables import Grid, RawTable, is_blank

pytestmark = pytest.mark.usefixtures("way")

Read = Callable[..., Dataset]
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ROWS = "编号,区域,硫分\nA,建成区,0.8\nB,其他地区,<1\n"


class NoWords:
    """A finder of headers that knows no word has to go by how rows are filled."""

    decides = False

    def fields(self, text: str) -> frozenset[str]:
        return frozenset()

    def is_value(self, text: str) -> bool:
        return False

    def is_unit(self, text: str) -> bool:
        return False


def rows_of(path: Path | str) -> list[tuple[int, list[object]]]:
    (found,) = open_file(str(path))
    assert isinstance(found, Grid)
    return [(n, list(cells)) for n, cells in found.open_rows()]


def fault(path: Path | str) -> Any:
    """The one diagnostic of a file, whether it shows when it is opened or when its rows are read."""

    def read_all() -> None:
        for found in open_file(str(path)):
            list(found.open_rows() if isinstance(found, Grid) else found.rows)

    with pytest.raises(InputError) as caught:
        read_all()
    assert caught.value.diagnostics
    return caught.value.diagnostics[0]


def put(path: Path, content: str | bytes, encoding: str = "utf-8") -> Path:
    path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16"])
def test_encodings(encoding: str, tmp_path: Path) -> None:
    assert rows_of(put(tmp_path / "a.csv", ROWS, encoding))[1] == (2, ["A", "建成区", "0.8"])


def test_utf_16_big_endian_with_its_mark(tmp_path: Path) -> None:
    assert rows_of(put(tmp_path / "a.csv", b"\xfe\xff" + ROWS.encode("utf-16-be")))[0][1][0] == "编号"


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_delimiters(delimiter: str, ending: str, tmp_path: Path) -> None:
    text = ROWS.replace(",", delimiter).replace("\n", ending)
    assert rows_of(put(tmp_path / "a.csv", text))[2] == (3, ["B", "其他地区", "<1"])


def test_a_tsv_holds_commas(tmp_path: Path) -> None:
    assert rows_of(put(tmp_path / "a.tsv", "a\tb\n1,2\t3\n"))[1] == (2, ["1,2", "3"])


def test_one_column(tmp_path: Path) -> None:
    assert rows_of(put(tmp_path / "a.csv", "id\nA\nB\n")) == [(1, ["id"]), (2, ["A"]), (3, ["B"])]


def test_rows_are_counted_as_a_spreadsheet_shows_them(tmp_path: Path) -> None:
    rows = rows_of(put(tmp_path / "a.csv", 'id,note\n\nA,"two\nlines"\n,\nB,x\n'))
    assert [(n, cells) for n, cells in rows if not is_blank(cells)] == [
        (1, ["id", "note"]),
        (3, ["A", "two\nlines"]),
        (5, ["B", "x"]),
    ]


def test_the_header_is_the_first_row_that_is_not_empty(tmp_path: Path) -> None:
    (grid,) = open_file(str(put(tmp_path / "a.csv", ",,\n\n id ,,x,,\n1,2,3\n")))
    assert isinstance(grid, Grid)
    found = find_tables(grid, NoWords())
    assert isinstance(found, list)
    (table,) = found
    assert (table.header_row, table.headers, list(table.rows)) == (3, ["id", "", "x", "", ""], [(4, ["1", "2", "3"])])


def test_a_sheet_is_named_after_a_hash(tmp_path: Path) -> None:
    odd = put(tmp_path / "a#b.csv", ROWS)
    assert split_sheet(str(odd)) == (odd, "")
    assert split_sheet(str(tmp_path / "c.xlsx") + "#b") == (tmp_path / "c.xlsx", "b")
    assert split_sheet(f"{odd}#b#c") == (odd, "b#c")


# --- JSON -------------------------------------------------------------------------------------------------------------


def tables_of(path: Path) -> dict[str, tuple[list[str], list[tuple[int, list[object]]]]]:
    found = open_file(str(path))
    assert all(isinstance(t, RawTable) for t in found)
    return {t.type_hint: (t.headers, [(n, list(r)) for n, r in t.rows]) for t in found if isinstance(t, RawTable)}


def test_json_of_records(tmp_path: Path) -> None:
    path = put(tmp_path / "a.json", '[{"id": "A", "x": 1}, {"y": null, "id": "B"}]')
    assert tables_of(path) == {"": (["id", "x", "y"], [(1, ["A", 1, None]), (2, ["B", None, None])])}


def test_json_of_record_types(tmp_path: Path) -> None:
    path = put(tmp_path / "a.json", '{"boiler": [{"id": "A"}], "coal_lot": []}')
    assert tables_of(path) == {"boiler": (["id"], [(1, ["A"])]), "coal_lot": ([], [])}


def test_json_lines(tmp_path: Path) -> None:
    path = put(tmp_path / "a.jsonl", '{"id": "A"}\n\n{"id": "B\u2028"}\n')
    assert tables_of(path) == {"": (["id"], [(1, ["A"]), (3, ["B\u2028"])])}


@pytest.mark.parametrize(
    ("text", "code", "line", "column"),
    [
        ('[{"id": 1},\n {"id": }]', "json-syntax", 2, 9),
        ('[{"id": 1}', "json-syntax", 1, 11),
        ("", "file-empty", None, None),
        (" ", "json-syntax", 1, 2),
        ('"text"', "json-shape", None, None),
        ("{}", "json-shape", None, None),
        ('{"boiler": 1}', "json-shape", None, None),
        ("[1, 2]", "json-shape", None, None),
        ('[{"id": 1, "id": 2}]', "json-syntax", None, None),
        ("[" * 100_000, "json-syntax", None, None),
        ('[{"id": ' + "9" * 10_000 + "}]", "json-syntax", None, None),
    ],
    ids=range(11),
)
def test_json_that_is_wrong(text: str, code: str, line: int | None, column: int | None, tmp_path: Path) -> None:
    found = fault(put(tmp_path / "a.json", text))
    assert found.code == code
    if line is not None:
        assert isinstance(found.where, TextPlace)
        assert (found.where.line, found.where.column) == (line, column)


def test_json_lines_that_are_wrong_are_all_named(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        open_file(str(put(tmp_path / "a.jsonl", '{"id": 1}\n{"id": \n[1]\n{"id": 2, "id": 3}\n')))
    assert [(d.code, d.where.line) for d in caught.value.diagnostics if isinstance(d.where, TextPlace)] == [
        ("json-syntax", 2),
        ("json-shape", 3),
        ("json-syntax", 4),
    ]


# --- what is wrong with a file --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.csv", b"", "file-empty"),
        ("a.csv", b"id,x\n\0\1\2,3\n", "file-not-text"),
        ("a.csv", b"\xff\xfe\0\0i\0\0\0", "file-not-text"),
        ("a.csv", b"PK\x03\x04rest", "file-not-text"),
        ("a.csv", b"\xd0\xcf\x11\xe0rest", "file-not-text"),
        ("a.csv", b"%PDF-1.7", "file-not-text"),
        ("a.csv", b"id\n\xff\xff\xff\n", "file-encoding"),
        ("a.csv", b"id,x\nA,1\n\"B,2\nC,3\n", "table-syntax"),
        ("a.csv", b'id,x\nA,"b" c\n', "table-syntax"),
        ("a.csv", b"id,x\nA," + b"y" * 200_000 + b"\n", "table-syntax"),
        ("a.csv", b"id,x\nA," + b"1," * 600_000 + b"\n", "table-syntax"),
        ("a.doc", b"text", "file-type"),
        ("a", b"text", "file-type"),
        ("a.xlsx", b"", "file-empty"),
        ("a.xlsx", b"PK\x03\x04 but no more", "file-corrupt"),
        ("a.xlsx", b"<html><table></table></html>", "file-corrupt"),
        ("a.xlsx", b"id,x\nA,1\n", "file-corrupt"),
        ("a.xls", OLE + bytes(600), "file-corrupt"),
        ("a.xlsx", OLE + bytes(600), "file-corrupt"),
        ("a.xlsx", OLE + bytes(600) + "EncryptedPackage".encode("utf-16-le"), "file-encrypted"),
        ("a.ods", b"PK\5\6" + bytes(18), "file-corrupt"),
        ("a.xlsb", b"PK\5\6" + bytes(18), "file-corrupt"),
        ("a.parquet", b"PAR1 but no more", "file-corrupt"),
        ("a.json", b"\0\0\0", "file-not-text"),
    ],
    ids=range(24),
)  # fmt: skip
def test_files_that_are_wrong(name: str, content: bytes, code: str, tmp_path: Path) -> None:
    assert fault(put(tmp_path / name, content)).code == code


def test_a_line_of_fifty_megabytes(tmp_path: Path) -> None:
    found = fault(put(tmp_path / "a.csv", b"x" * 50_000_000))
    assert found.code == "table-syntax"
    assert "longer than" in found.what


def test_an_unclosed_quotation_mark_names_its_row(tmp_path: Path) -> None:
    found = fault(put(tmp_path / "a.csv", 'id,x\n"two\nlines",1\nA,"open\nB,2\n'))
    assert "line 4" in found.what
    assert found.where.row == 3
    assert "quotation mark" in found.hint


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    put(tmp_path / "boilers.csv", ROWS)
    found = fault(tmp_path / "boiler.csv")
    assert found.code == "file-not-found"
    assert "boilers.csv" in found.hint
    assert fault(tmp_path / "no" / "folder.csv").code == "file-not-found"
    assert fault("a\0b.csv").code in ("file-not-found", "file-not-readable")


def test_a_folder(tmp_path: Path) -> None:
    assert fault(tmp_path).code == "file-not-readable"


def test_a_pipe(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    assert fault(tmp_path / "pipe.csv").code == "file-not-readable"


def test_a_sheet_of_a_file_without_sheets(tmp_path: Path) -> None:
    assert fault(f"{put(tmp_path / 'a.csv', ROWS)}#Sheet1").code == "sheet-not-found"


def test_all_that_is_wrong_is_said_at_once(read: Read, tmp_path: Path) -> None:
    empty, broken = put(tmp_path / "a.csv", b""), put(tmp_path / "b.json", "[")
    with pytest.raises(InputError) as caught:
        read([("coal_lot", str(empty)), (None, broken), ("bolier", str(empty)), (None, 7)])
    codes = [d.code for d in caught.value.diagnostics]
    assert sorted(codes) == ["file-empty", "json-syntax", "record-kind", "unknown-record"]
    assert "boiler" in next(d.hint for d in caught.value.diagnostics if d.code == "unknown-record")


def test_a_row_that_breaks_off_is_said_though_rows_before_it_were_read(read: Read, tmp_path: Path) -> None:
    path = put(tmp_path / "a.csv", ROWS + 'C,"open\n')
    with pytest.raises(InputError) as caught:
        read({"coal_lot": str(path)})
    assert [d.code for d in caught.value.diagnostics] == ["table-syntax"]


def test_json_keeps_what_is_nested_as_a_problem(read: Read, tmp_path: Path) -> None:
    path = put(tmp_path / "a.json", json.dumps([{"id": "A", "ash": {"value": 1}, "mass": [1, 2]}]))
    found = read({"coal_lot": path})
    assert [(p.code, p.column) for p in found.problems] == [("nested-value", "ash"), ("nested-value", "mass")]


def test_a_link_that_leads_nowhere_is_not_proposed_for_itself(tmp_path: Path) -> None:
    (tmp_path / "loop.csv").symlink_to("loop.csv")
    refused = fault(tmp_path / "loop.csv")
    assert (refused.code, refused.hint) == ("file-not-found", "")
