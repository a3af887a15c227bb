"""The hostile files, each a function that writes one into a folder; found by the list at the end."""

from __future__ import annotations

import os
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

from hostile.packing import Entry, bomb, entry, write_compound, write_zip
from messy.xlsb import write_xlsb

Build = Callable[[Path], Path]

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_TYPES = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_OPEN = (
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"'
)
HEADER = ("锅炉编号", "单位名称", "燃料种类", "额定蒸发量（t/h）")
ROW = ("H-1", "肃州区晨曦供热站", "燃煤", "10")
TEXT = ",".join(HEADER) + "\n" + ",".join(ROW) + "\n"


def workbook(sheet: str, *, strings: str = "", before: str = "") -> list[Entry]:
    """The members of an xlsx file of one sheet; `before` stands before the root of its XML."""
    return [
        entry(
            "[Content_Types].xml",
            f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" '
            'ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override '
            f'PartName="/xl/workbook.xml" ContentType="{_TYPES}.sheet.main+xml"/><Override '
            f'PartName="/xl/worksheets/sheet1.xml" ContentType="{_TYPES}.worksheet+xml"/></Types>',
        ),
        entry(
            "_rels/.rels",
            f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" '
            f'Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        ),
        entry(
            "xl/_rels/workbook.xml.rels",
            f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" Type="{_OFFICE}/worksheet" '
            'Target="worksheets/sheet1.xml"/><Relationship Id="rId2" '
            f'Type="{_OFFICE}/sharedStrings" Target="sharedStrings.xml"/></Relationships>',
        ),
        entry(
            "xl/workbook.xml",
            f'{before}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets><sheet name="锅炉" sheetId="1" '
            'r:id="rId1"/></sheets></workbook>',
        ),
        entry("xl/sharedStrings.xml", strings or f'<sst xmlns="{_MAIN}"/>'),
        entry("xl/worksheets/sheet1.xml", sheet),
    ]


def sheet(body: str, after: str = "", before: str = "") -> str:
    """The XML of a sheet with the table's header and one record, then `body` as more rows."""
    rows = "".join(
        f'<row r="{n}">' + "".join(_text_cell("ABCD"[c] + str(n), text) for c, text in enumerate(row)) + "</row>"
        for n, row in enumerate((HEADER, ROW), 1)
    )
    return f'{before}<worksheet xmlns="{_MAIN}"><sheetData>{rows}{body}</sheetData>{after}</worksheet>'


def _text_cell(place: str, text: str) -> str:
    return f'<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>'


def _with(entries: list[Entry], *others: Entry) -> list[Entry]:
    """The members with others in the place of those of the same name, or added."""
    names = {o.name for o in others}
    return [*(e for e in entries if e.name not in names), *others]


def zip_bomb(folder: Path) -> Path:
    head, tail = sheet("").encode().split(b"</sheetData>")
    part = bomb("xl/worksheets/sheet1.xml", head, b"</sheetData>" + tail, 1500)
    return write_zip(folder / "锅炉.xlsx", _with(workbook(""), part))


def zip_bomb_that_lies(folder: Path) -> Path:
    head, tail = sheet("").encode().split(b"</sheetData>")
    part = bomb("xl/worksheets/sheet1.xml", head, b"</sheetData>" + tail, 1500, claimed=2000)
    return write_zip(folder / "锅炉.xlsx", _with(workbook(""), part))


def zip_bomb_of_strings(folder: Path) -> Path:
    head = f'<sst xmlns="{_MAIN}"><si><t xml:space="preserve">'.encode()
    part = bomb("xl/sharedStrings.xml", head, b"</t></si></sst>", 1500, claimed=2000)
    return write_zip(folder / "锅炉.xlsx", _with(workbook(sheet("")), part))


def zip_bomb_of_opendocument(folder: Path) -> Path:
    head = f'<office:document-content {_OPEN}><office:body><office:spreadsheet><table:table table:name="锅炉">'
    tail = "</table:table></office:spreadsheet></office:body></office:document-content>"
    return _opendocument(folder, bomb("content.xml", head.encode(), tail.encode(), 1500))


def _opendocument(folder: Path, content: Entry) -> Path:
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    manifest = (
        '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
        f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{kind}"/></manifest:manifest>'
    )
    return write_zip(folder / "锅炉.ods", [entry("mimetype", kind), entry("META-INF/manifest.xml", manifest), content])


def zip_bomb_of_binary_workbook(folder: Path) -> Path:
    from messy.xlsb import write_xlsb

    path = folder / "锅炉.xlsb"
    write_xlsb(path, {"sheets": [{"name": "锅炉", "rows": [list(HEADER), list(ROW)]}]})
    with zipfile.ZipFile(path) as book:
        parts = {i.filename: book.read(i) for i in book.infolist()}
    name = "xl/worksheets/sheet1.bin"
    # Blanks are records too, of a kind that nobody reads; the last two records end the rows and the sheet.
    head, tail = parts[name][:-6], parts[name][-6:]
    rest = [entry(n, c) for n, c in parts.items() if n != name]
    return write_zip(path, [*rest, bomb(name, head, tail, 1500)])


def repeated_cells_of_opendocument(folder: Path) -> Path:
    """A few bytes that say a cell stands in every row and column of a sheet."""
    content = (
        f'<office:document-content {_OPEN}><office:body><office:spreadsheet><table:table table:name="锅炉">'
        '<table:table-row table:number-rows-repeated="1048576"><table:table-cell office:value-type="float" '
        'office:value="1" table:number-columns-repeated="16384"><text:p>1</text:p></table:table-cell>'
        "</table:table-row></table:table></office:spreadsheet></office:body></office:document-content>"
    )
    return _opendocument(folder, entry("content.xml", content))


def million_empty_rows(folder: Path) -> Path:
    rows = "".join(f'<row r="{n}" spans="1:4"/>' for n in range(3, 1_048_577))
    return write_zip(folder / "锅炉.xlsx", workbook(sheet(rows)))


def million_rows_of_empty_cells(folder: Path) -> Path:
    rows = "".join(f'<row r="{n}"><c r="A{n}" s="0"/></row>' for n in range(3, 1_048_577))
    return write_zip(folder / "锅炉.xlsx", workbook(sheet(rows)))


def cell_at_the_far_corner(folder: Path) -> Path:
    far = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    return write_zip(folder / "锅炉.xlsx", workbook(sheet(far)))


def cells_without_places(folder: Path) -> Path:
    """Rows and cells that say no place; the reader counts them, and would make room for 6 thousand million cells."""
    cell = "<c><v>1</v></c>"
    return write_zip(
        folder / "锅炉.xlsx", workbook(sheet(f"<row>{cell}</row>" * 100_000 + f"<row>{cell * 60_000}</row>"))
    )


def row_of_a_hundred_megabytes(folder: Path) -> Path:
    return write_zip(folder / "锅炉.xlsx", workbook(sheet(f'<row r="3">{"<c/>" * 25_000_000}</row>')))


def far_cell_of_old_excel(folder: Path) -> Path:
    """A number in column 65,536, which no such sheet has (MS-XLS, 2.4.180)."""
    start, end = bytes.fromhex("0908100000060500bb0dcc0700000000060000000000")[:20], bytes.fromhex("0a000000")
    bound = struct.pack("<HHIHBB", 0x85, 9, 20 + 13 + 4, 0, 1, 0) + b"A"
    number = struct.pack("<HHHHHd", 0x203, 14, 65_535, 65_535, 0, 1.5)
    return write_compound(folder / "锅炉.xls", {"Workbook": start + bound + end + start + number + end})


def far_cell_of_binary_workbook(folder: Path) -> Path:
    path = folder / "锅炉.xlsb"
    write_xlsb(path, {"sheets": [{"name": "锅炉", "rows": [list(HEADER), list(ROW)]}]})
    far = bytes([0, 4]) + struct.pack("<I", 1_048_575) + bytes([5, 16]) + struct.pack("<IId", 16_383, 0, 1.5)
    with zipfile.ZipFile(path) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    ends = bytes.fromhex("920100820100")
    name = next(n for n in parts if "sheet1" in n)
    assert parts[name].endswith(ends)
    parts[name] = parts[name][: -len(ends)] + far + ends
    return write_zip(path, [entry(n, data) for n, data in parts.items()])


def formulas_without_values(folder: Path) -> Path:
    cell = _text_cell("A3", "H-2") + '<c r="D3"><f>14/0.7</f></c>'
    return write_zip(folder / "锅炉.xlsx", workbook(sheet(f'<row r="3">{cell}</row>')))


def external_links(folder: Path) -> Path:
    link = (
        f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" Type="{_OFFICE}/externalLinkPath" '
        'Target="http://127.0.0.1:9/steal.xlsx" TargetMode="External"/></Relationships>'
    )
    cell = _text_cell("A3", "H-2") + "<c r=\"D3\"><f>'[1]Sheet1'!A1</f><v>20</v></c>"
    parts = workbook(sheet(f'<row r="3">{cell}</row>'))
    return write_zip(folder / "锅炉.xlsx", [*parts, entry("xl/externalLinks/_rels/externalLink1.xml.rels", link)])


def macros(folder: Path) -> Path:
    parts = workbook(sheet(""))
    return write_zip(
        folder / "锅炉.xlsm", [*parts, entry("xl/vbaProject.bin", b"\xd0\xcf\x11\xe0" + b"Auto_Open" * 500)]
    )


_LAUGHS = (
    "<!DOCTYPE a ["
    + '<!ENTITY l0 "ha">'
    + "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    + "]>"
)


def entities_in_the_sheet(folder: Path) -> Path:
    row = '<row r="3"><c r="A3" t="inlineStr"><is><t>&l11;</t></is></c></row>'
    return write_zip(folder / "锅炉.xlsx", workbook(sheet(row, before=_LAUGHS)))


def entities_in_the_strings(folder: Path) -> Path:
    strings = f'{_LAUGHS}<sst xmlns="{_MAIN}"><si><t>&l11;</t></si></sst>'
    row = '<row r="3"><c r="A3" t="s"><v>0</v></c></row>'
    return write_zip(folder / "锅炉.xlsx", workbook(sheet(row), strings=strings))


def entities_in_the_workbook(folder: Path) -> Path:
    parts = workbook(sheet(""), before=_LAUGHS)
    return write_zip(folder / "锅炉.xlsx", [_laughing(p) if p.name == "xl/workbook.xml" else p for p in parts])


def _laughing(part: Entry) -> Entry:
    import zlib

    text = zlib.decompress(part.data, -15).decode().replace('name="锅炉"', 'name="&l11;"')
    return entry(part.name, text)


def entity_of_a_file(folder: Path) -> Path:
    before = '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]>'
    row = '<row r="3"><c r="A3" t="inlineStr"><is><t>&x;</t></is></c></row>'
    return write_zip(folder / "锅炉.xlsx", workbook(sheet(row, before=before)))


def cell_below_the_last_row(folder: Path) -> Path:
    row = f'<row r="3">{_text_cell("E99999999999999999999", "1")}</row>'
    return write_zip(folder / "锅炉.xlsx", workbook(sheet(row)))


def cell_right_of_the_last_column(folder: Path) -> Path:
    return write_zip(folder / "锅炉.xlsx", workbook(sheet(f'<row r="3">{_text_cell("ZZZZZZZ3", "1")}</row>')))


def texts_that_are_not_there(folder: Path) -> Path:
    strings = f'<sst xmlns="{_MAIN}" count="1" uniqueCount="4294967295"><si><t>x</t></si></sst>'
    return write_zip(folder / "锅炉.xlsx", workbook(sheet(""), strings=strings))


def encoding_that_is_none(folder: Path) -> Path:
    before = '<?xml version="1.0" encoding="UTF-x"?>'
    return write_zip(folder / "锅炉.xlsx", workbook(sheet(""), before=before))


def merged_over_the_whole_sheet(folder: Path) -> Path:
    after = '<mergeCells count="1"><mergeCell ref="A2:XFD1048576"/></mergeCells>'
    return write_zip(folder / "锅炉.xlsx", workbook(sheet("", after)))


def merged_beside_the_table(folder: Path) -> Path:
    after = '<mergeCells count="1"><mergeCell ref="AF1:AH2"/></mergeCells>'
    return write_zip(folder / "锅炉.xlsx", workbook(sheet("", after)))


def merged_a_hundred_thousand_times(folder: Path) -> Path:
    cells = "".join(f'<mergeCell ref="A{n}:D{n}"/>' for n in range(3, 100_003))
    return write_zip(folder / "锅炉.xlsx", workbook(sheet("", f"<mergeCells>{cells}</mergeCells>")))


def password(folder: Path) -> Path:
    return write_compound(folder / "锅炉.xlsx", {"EncryptionInfo": bytes(4096), "EncryptedPackage": bytes(8192)})


def password_of_the_zip(folder: Path) -> Path:
    parts = workbook(sheet(""))
    for part in parts:
        part.flags = 1
    return write_zip(folder / "锅炉.xlsx", parts)


def password_of_old_excel(folder: Path) -> Path:
    """A BIFF8 stream that begins with FILEPASS, as MS-XLS 2.4.117 has it."""
    start = bytes.fromhex("0908100000060500bb0dcc0700000000060000000000")[:20]
    locked = bytes.fromhex("2f003600 0100 0100 0100") + bytes(48)
    return write_compound(folder / "锅炉.xls", {"Workbook": start + locked + os.urandom(6000)})


def chain_without_end(folder: Path) -> Path:
    """A compound file whose first sector is followed by itself."""
    path = write_compound(folder / "锅炉.xls", {"Workbook": bytes(4096)})
    content = bytearray(path.read_bytes())
    table = 512 * (1 + int.from_bytes(content[76:80], "little"))
    content[table : table + 4] = bytes(4)
    path.write_bytes(content)
    return path


def small_chain_without_end(folder: Path) -> Path:
    """The same in the table of the small sectors."""
    path = write_compound(folder / "锅炉.xls", {"Workbook": bytes(4096)})
    content = bytearray(path.read_bytes())
    content[60:68] = bytes(4) + (1).to_bytes(4, "little")
    path.write_bytes(content)
    return path


def table_without_end(folder: Path) -> Path:
    """The same in the list of the sectors that hold the table."""
    path = write_compound(folder / "锅炉.xls", {"Workbook": bytes(4096)})
    content = bytearray(path.read_bytes())
    content[68:76] = bytes(4) + (1).to_bytes(4, "little")
    path.write_bytes(content)
    return path


def truncated_zip(folder: Path) -> Path:
    path = write_zip(folder / "锅炉.xlsx", workbook(sheet("")))
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    return path


def picture_called_workbook(folder: Path) -> Path:
    path = folder / "锅炉.xlsx"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(2000))
    return path


def web_page_called_workbook(folder: Path) -> Path:
    """What many portals give as an `xls` file."""
    cells = "".join(f"<td>{c}</td>" for c in HEADER)
    path = folder / "锅炉.xls"
    path.write_text(f"<html><body><table><tr>{cells}</tr></table></body></html>", encoding="gb18030")
    return path


def workbook_without_sheets(folder: Path) -> Path:
    parts = workbook(sheet(""))
    index = entry("xl/workbook.xml", f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets/></workbook>')
    return write_zip(folder / "锅炉.xlsx", _with(parts, index))


def old_workbook_of_nothing(folder: Path) -> Path:
    return write_compound(folder / "锅炉.xls", {"Workbook": bytes(4096)})


def sheet_that_is_missing(folder: Path) -> Path:
    parts = [p for p in workbook(sheet("")) if p.name != "xl/worksheets/sheet1.xml"]
    return write_zip(folder / "锅炉.xlsx", parts)


def string_that_is_missing(folder: Path) -> Path:
    row = '<row r="3"><c r="A3" t="s"><v>4294967295</v></c></row>'
    return write_zip(folder / "锅炉.xlsx", workbook(sheet(row)))


def ten_thousand_columns(folder: Path) -> Path:
    names = ",".join(f"列{n}" for n in range(10_000 - len(HEADER)))
    values = ",".join("1" for _ in range(10_000 - len(HEADER)))
    lines = [f"{','.join(HEADER)},{names}", *[f"H-{n},肃州,燃煤,10,{values}" for n in range(100)]]
    return _text(folder, "\n".join(lines))


def quote_never_closed(folder: Path) -> Path:
    return _text(folder, TEXT + '"H-2,' + "某供热站,燃煤,10\n" * 1_000_000)


def mixed_encodings(folder: Path) -> Path:
    path = folder / "锅炉.csv"
    path.write_bytes(TEXT.encode("gb18030") + "H-2,敦煌市沙州宾馆,燃煤,4\n".encode())
    return path


def zeros_in_text(folder: Path) -> Path:
    return _text(folder, TEXT + "H-2,\0\0\0,燃煤,\0" + "10\n" + "\0" * 1000)


def line_of_two_hundred_megabytes(folder: Path) -> Path:
    path = folder / "锅炉.csv"
    with path.open("wb") as file:
        file.write(TEXT.encode())
        for _ in range(200):
            file.write(b"x" * (1 << 20))
    return path


def header_of_two_hundred_megabytes(folder: Path) -> Path:
    path = folder / "锅炉.csv"
    with path.open("wb") as file:
        for _ in range(200):
            file.write(b"a," * (1 << 19))
    return path


def cells_that_are_long(folder: Path) -> Path:
    """Cells that take long for one who reads carelessly: digits, commas, brackets, signs, numerals without end."""
    long = ["9" * 60_000, "1," * 30_000, "(" * 60_000, "1e" + "9" * 5000, "一" * 60_000, "-" * 60_000, "1~" * 30_000]
    long += ["<" * 60_000, " " * 60_000 + "x", "2018年" * 20_000, "0." + "0" * 60_000 + "1", "10t/h" * 20_000]
    rows = [f'L-{n},某站,"{text}","{text}"' for n, text in enumerate(long)]
    return _text(folder, ",".join(HEADER) + "\n" + "\n".join(rows))


def headers_that_are_long(folder: Path) -> Path:
    names = ["（" * 60_000, "额定蒸发量（" * 20_000, "锅炉编号" * 20_000, "a" * 100_000]
    return _text(folder, ",".join((*HEADER, *names)) + "\n" + ",".join(ROW) + "\n")


def many_blank_lines(folder: Path) -> Path:
    return _text(folder, TEXT + "\n" * 200_000 + ",,,\n" * 100_000)


def deeply_nested_json(folder: Path) -> Path:
    return _text(folder, "[" * 200_000 + "]" * 200_000, "锅炉.json")


def deeply_nested_value(folder: Path) -> Path:
    deep = "[" * 900 + "]" * 900
    return _text(folder, f'[{{"锅炉编号": "H-1", "燃料种类": {deep}}}]', "锅炉.json")


def json_with_numbers_that_are_none(folder: Path) -> Path:
    rows = '[{"锅炉编号": "H-1", "额定蒸发量": NaN}, {"锅炉编号": "H-2", "额定蒸发量": Infinity}]'
    return _text(folder, rows, "锅炉.json")


def json_with_a_number_too_long(folder: Path) -> Path:
    return _text(folder, f'[{{"锅炉编号": "H-1", "额定蒸发量": {"9" * 100_000}}}]', "锅炉.json")


def json_with_a_key_twice(folder: Path) -> Path:
    return _text(folder, '[{"锅炉编号": "H-1", "额定蒸发量": 10, "额定蒸发量": 20, "燃料种类": "燃煤"}]', "锅炉.json")


def json_lines_of_anything(folder: Path) -> Path:
    lines = ["null", "3", '"x"', "[]", '{"锅炉编号": "H-1"}', "{", ""]
    return _text(folder, "\n".join(lines), "锅炉.jsonl")


def nested_parquet(folder: Path) -> Path:
    import polars as pl

    frame = pl.DataFrame(
        {
            "锅炉编号": ["H-1"],
            "燃料种类": [["燃煤", "燃气"]],
            "额定蒸发量": [{"数": 10, "单位": "t/h"}],
            "附件": [b"\0\xff"],
        }
    )
    frame.write_parquet(folder / "锅炉.parquet")
    return folder / "锅炉.parquet"


def broken_parquet(folder: Path) -> Path:
    path = folder / "锅炉.parquet"
    path.write_bytes(b"PAR1" + os.urandom(500) + b"\xff\xff\xff\x7fPAR1")
    return path


def link_to_itself(folder: Path) -> Path:
    path = folder / "锅炉.csv"
    path.symlink_to(path)
    return path


def endless_device(folder: Path) -> Path:
    path = folder / "锅炉.csv"
    path.symlink_to("/dev/zero")
    return path


def folder_called_csv(folder: Path) -> Path:
    (folder / "锅炉.csv").mkdir()
    return folder / "锅炉.csv"


def pipe_called_csv(folder: Path) -> Path:
    os.mkfifo(folder / "锅炉.csv")
    return folder / "锅炉.csv"


def nothing_called_workbook(folder: Path) -> Path:
    path = folder / "锅炉.xlsx"
    path.touch()
    return path


def _text(folder: Path, text: str, name: str = "锅炉.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path
