"""Spoils the messy files at random: bytes, members of a zip, cells; the same seed gives the same file."""

from __future__ import annotations

import copy
import io
import random
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from messy.corpus import Messy
from messy.writing import write

#: Cells that are something else than what stands around them, or nearly the same.
JUNK: tuple[Any, ...] = (
    None,
    "",
    " ",
    "\n",
    "\u200b",
    "\ufeff锅炉编号",
    "锅炉编号",
    "合计",
    "备注：",
    "第1页 共2页",
    "单位",
    "MW",
    "t/h",
    "（t/h）",
    "%",
    "#REF!",
    "=1+1",
    "-",
    "—",
    "/",
    "未检出",
    "<",
    "<0.5",
    "0.004L",
    "10/20",
    "1e309",
    "-0",
    "十",
    "十十",
    "二〇一八年",
    "2018年13月",
    "2018-02-30",
    "9999-12-31",
    "0000-00-00",
    "43181",
    "是",
    "√",
    "٣",
    "²",
    "Ⅳ",
    "\x1f",
    "😀" * 50,
    "（" * 40,
    '"',
    "'",
    "a" * 400,
    0,
    -1,
    1e300,
    0.008,
    43181,
    True,
    False,
)

Rows = list[list[Any]]


def mutate(files: Sequence[Messy], seed: int, folder: Path) -> Path:
    """The path of a file of the corpus that was spoilt by this seed."""
    draw = random.Random(seed)
    file = draw.choice(files)
    if "sheets" in file.content["file"] and draw.random() < 0.5:
        return write(_with_other_cells(file.content["file"], draw), folder)
    path = file.write(folder)
    content = path.read_bytes()
    if zipfile.is_zipfile(path) and draw.random() < 0.6:
        content = _with_other_members(content, draw)
    else:
        for _ in range(draw.randint(1, 3)):
            content = draw.choice(_BYTES)(content, draw)
    path.write_bytes(content)
    return path


def _flip(content: bytes, draw: random.Random) -> bytes:
    data = bytearray(content)
    for _ in range(draw.randint(1, 30) if data else 0):
        data[draw.randrange(len(data))] = draw.randrange(256)
    return bytes(data)


def _cut(content: bytes, draw: random.Random) -> bytes:
    return content[: draw.randint(0, len(content))]


def _leave_out(content: bytes, draw: random.Random) -> bytes:
    begin, end = _part(content, draw)
    return content[:begin] + content[end:]


def _say_again(content: bytes, draw: random.Random) -> bytes:
    begin, end = _part(content, draw)
    place = draw.randint(0, len(content))
    return content[:place] + content[begin:end] * draw.randint(1, 3) + content[place:]


def _put_in(content: bytes, draw: random.Random) -> bytes:
    junk = (b"\0", b'"', b"\n", b"\r", b",", b";", b"\xff\xfe", b"<", b"&x;", b"]]>", b"{", b"]", b"NaN", b"\x80" * 9)
    place = draw.randint(0, len(content))
    return content[:place] + draw.choice(junk) * draw.randint(1, 40) + content[place:]


def _recode(content: bytes, draw: random.Random) -> bytes:
    text = content.decode("utf-8", "replace")
    return text.encode(draw.choice(("gb18030", "big5", "utf-16", "utf-16-le", "latin-1", "utf-32", "utf-7")), "replace")


def _part(content: bytes, draw: random.Random) -> tuple[int, int]:
    begin = draw.randint(0, len(content))
    return begin, draw.randint(begin, min(len(content), begin + 2000))


_BYTES: tuple[Callable[[bytes, random.Random], bytes], ...] = (_flip, _cut, _leave_out, _say_again, _put_in, _recode)


def _with_other_members(content: bytes, draw: random.Random) -> bytes:
    """The zip file with one or two members spoilt, and sums that are right again."""
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        members = {i.filename: book.read(i) for i in book.infolist()}
    for name in draw.choices(sorted(members), k=draw.randint(1, 2)):
        act = draw.random()
        if act < 0.1:
            del members[name]
            break
        spoil = _change_number if act < 0.5 else draw.choice(_BYTES)
        members[name] = spoil(members[name], draw)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as book:
        for name, data in members.items():
            book.writestr(name, data)
    return out.getvalue()


def _change_number(content: bytes, draw: random.Random) -> bytes:
    """Another number in the place of one: of a row, a style, a string, a size."""
    places = [n for n, byte in enumerate(content) if 48 <= byte <= 57]
    if not places:
        return _flip(content, draw)
    place = draw.choice(places)
    number = draw.choice((b"0", b"-1", b"1048577", b"4294967295", b"99999999999999999999", b"1e400", b"x"))
    return content[:place] + number + content[place + 1 :]


def _with_other_cells(description: Any, draw: random.Random) -> Any:
    """The description with a few cells, rows and columns of a sheet changed."""
    changed = copy.deepcopy(dict(description))
    sheet = draw.choice(changed["sheets"])
    # Merged areas would overlap what moves; a few of their own are drawn instead.
    sheet["merge"] = []
    for _ in range(draw.randint(1, 6)):
        draw.choice(_CELLS)(sheet["rows"], draw)
    if draw.random() < 0.3:
        row, column = draw.randint(1, 9), draw.randint(0, 4)
        area = f"{'ABCDE'[column]}{row}:{'ABCDEFGH'[column + draw.randint(1, 3)]}{row + draw.randint(0, 3)}"
        sheet["rows"] += [[] for _ in range(14 - len(sheet["rows"]))]
        sheet["merge"] = [area]
    return changed


def _other_cell(rows: Rows, draw: random.Random) -> None:
    row = draw.choice(rows) if rows else []
    if row:
        row[draw.randrange(len(row))] = draw.choice(JUNK)


def _other_column(rows: Rows, draw: random.Random) -> None:
    column, junk = draw.randrange(6), draw.choice(JUNK)
    for row in rows[1:]:
        if column < len(row):
            row[column] = junk


def _row_of_junk(rows: Rows, draw: random.Random) -> None:
    rows.insert(draw.randint(0, len(rows)), draw.choices(JUNK, k=draw.randint(0, 9)))


def _row_again(rows: Rows, draw: random.Random) -> None:
    if rows:
        rows.insert(draw.randint(0, len(rows)), list(draw.choice(rows)))


def _row_less(rows: Rows, draw: random.Random) -> None:
    if rows:
        rows.pop(draw.randrange(len(rows)))


def _column_more(rows: Rows, draw: random.Random) -> None:
    column, source = draw.randrange(6), draw.randrange(6)
    for row in rows:
        row.insert(column, row[source] if source < len(row) else None)


def _column_less(rows: Rows, draw: random.Random) -> None:
    column = draw.randrange(6)
    for row in rows:
        del row[column : column + 1]


def _mix(rows: Rows, draw: random.Random) -> None:
    draw.shuffle(rows)


def _turn(rows: Rows, draw: random.Random) -> None:
    width = max(map(len, rows), default=0)
    rows[:] = [[row[c] if c < len(row) else None for row in rows] for c in range(width)]


_CELLS: tuple[Callable[[Rows, random.Random], None], ...] = (
    _other_cell,
    _other_cell,
    _other_cell,
    _other_column,
    _row_of_junk,
    _row_again,
    _row_less,
    _column_more,
    _column_less,
    _mix,
    _turn,
)
