"""What each format promises beside how it looks, which the golden reports hold."""

from __future__ import annotations

import csv
import io
import json
import re
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from envrules.diagnostics import CallError, CellPlace
from envrules.records.values import CellProblem
from envrules.report.formats import FORMATS, find_format, format_of_file

HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    '=HYPERLINK("http://x","y")',
    "\x1b]0;owned\x07",
    "]]>",
    "\ud800",
    "a\x00b",
    "{{7*7}} [bold red]x[/bold red] :smile:",
    "第一行\r\n第二行",
    "\u202eevil",
    "x" * 40_000,
]


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_every_format_takes_every_text(name: str, text: str, verdict: Any, data: Any) -> None:
    hostile = verdict(
        text, observed=text, limit=[text], unit=text, value=text, missing=(text,), notes=(text,), message=text
    )
    problem = CellProblem(text, text, 3, text, text, text)
    made = FORMATS[name].encode(data([hostile], problems=[problem], pack_title_en=text))
    assert isinstance(made, bytes)
    if name == "html":
        assert tags(made.decode()) == tags(FORMATS[name].encode(data([verdict("L1", **PLAIN)], **OTHER)).decode())
    if name == "junit":
        assert ET.fromstring(made).find(".//failure") is not None
    if name == "table":
        assert b"\x1b" not in made
        assert b"\x00" not in made


PLAIN: dict[str, Any] = {
    "observed": "x", "limit": ["x"], "unit": "x", "value": "x", "missing": ("x",), "notes": ("x",), "message": "x",
}  # fmt: skip
OTHER: dict[str, Any] = {"problems": [CellProblem("x", "x", 3, "x", "x", "x")], "pack_title_en": "x"}


def tags(page: str) -> list[tuple[str, list[str]]]:
    """The elements of a page with the names of their attributes."""
    found: list[tuple[str, list[str]]] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            found.append((tag, [name for name, _ in attrs]))

    Reader().feed(page)
    return found


def test_the_page_needs_nothing_from_elsewhere(verdict: Any, data: Any) -> None:
    page = str(FORMATS["html"].render(data([verdict()])))
    assert not re.search(r"(src|href)=\"(?!#)", page)
    assert "url(" not in page
    assert "@import" not in page
    assert "default-src 'none'" in page
    assert page.count("<script>") == 1
    assert 'lang="zh-Hans"' in page
    heads = re.findall(r"<th(?: [^>]*)?>", page)
    assert heads
    assert all("scope=" in head for head in heads)


def numbers(value: Any) -> Iterator[float]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from numbers(item)
    elif isinstance(value, float):
        yield value


def test_json_is_the_object_that_was_promised(verdict: Any, data: Any) -> None:
    unusable = CellProblem("a.csv", "", 2, "硫分", float("inf"), "it is not finite")
    made = str(FORMATS["json"].render(data([verdict(), verdict(None, subject="year=2020")], problems=[unusable])))

    def refuse(word: str) -> None:
        raise AssertionError(word)

    found = json.loads(made, parse_constant=refuse)
    assert list(found) == ["pack", "as_of", "summary", "problems", "outcomes"]
    assert found["pack"] == {"name": "p", "version": "1", "sha256": "00"}
    assert found["as_of"] == "2020-12-31"
    assert [o["record_id"] for o in found["outcomes"]] == ["L1", None]
    assert list(found["outcomes"][0]) == [
        "rule", "clause", "record_type", "record_id", "subject", "outcome", "fields", "observed", "limit", "margin",
        "unit", "value", "missing", "notes", "severity", "message",
    ]  # fmt: skip
    assert found["problems"][0]["value"] == "inf"
    assert "硫分" in made
    lines = str(FORMATS["jsonl"].render(data([verdict(), verdict("L2")]))).splitlines()
    assert [json.loads(line)["record_id"] for line in lines] == ["L1", "L2"]


def test_csv_reads_back(verdict: Any, data: Any) -> None:
    made = FORMATS["csv"].encode(data([verdict("=1+1"), verdict('一,"二"\n三', margin=-0.25)]))
    assert made.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(made.decode("utf-8-sig"), newline="")))
    assert [row["record_id"] for row in rows] == ["'=1+1", '一,"二"\n三']
    assert [row["margin"] for row in rows] == ["-0.1", "-0.25"]
    assert rows[0]["title_zh"] == ""


def test_workbook_holds_texts_as_texts(verdict: Any, data: Any) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    long = "y" * 40_000
    made = FORMATS["xlsx"].encode(data([verdict("=1+1", message=long), verdict("http://x", observed=float("inf"))]))
    book = openpyxl.load_workbook(io.BytesIO(made))
    assert book.sheetnames == ["findings", "summary", "problems", "accounting", "about"]
    sheet = book["findings"]
    column = {str(cell.value).split()[0]: cell.column_letter for cell in sheet[1]}
    ids = [sheet[f"{column['record,']}{n}"] for n in (2, 3)]
    assert [(cell.value, cell.data_type, cell.hyperlink) for cell in ids] == [
        ("=1+1", "s", None),
        ("http://x", "s", None),
    ]
    assert ids[0].quotePrefix
    assert sheet[f"{column['observed']}3"].value == "inf"
    message = sheet[f"{column['message']}2"].value
    assert len(message) == 32_767
    assert "cut" in message[-80:]
    assert sheet.freeze_panes == "B2"


def test_a_sheet_that_is_full_goes_on_in_the_next(verdict: Any, data: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    monkeypatch.setattr("envrules.report.xlsx._MAX_ROWS", 2)
    book = openpyxl.load_workbook(io.BytesIO(FORMATS["xlsx"].encode(data([verdict(str(n)) for n in range(5)]))))
    assert book.sheetnames[:3] == ["findings", "findings 2", "findings 3"]
    assert [book[name].max_row for name in book.sheetnames[:3]] == [3, 3, 2]


def test_workbooks_need_an_extra(data: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "xlsxwriter", None)
    with pytest.raises(CallError) as caught:
        FORMATS["xlsx"].encode(data())
    assert caught.value.diagnostics[0].code == "extra-missing"
    assert "envrules[excel]" in caught.value.diagnostics[0].hint


def test_sarif_says_where_and_how_bad(verdict: Any, data: Any) -> None:
    places = {("coal_lot", "L1"): [CellPlace("数据/a b.xlsx", "Sheet1", 5), CellPlace("数据/a b.xlsx", "Sheet1", 9)]}
    verdicts = [
        verdict("L1", severity="high"),
        verdict("L2", "indeterminate", missing=("zone",)),
        verdict("L3", "pass"),
        verdict("L4", severity="low"),
    ]
    log = json.loads(FORMATS["sarif"].encode(data(verdicts, places=places)))
    run = log["runs"][0]
    assert log["version"] == "2.1.0"
    assert [(r["kind"], r["level"]) for r in run["results"]] == [
        ("fail", "error"), ("open", "none"), ("pass", "none"), ("fail", "note"),
    ]  # fmt: skip
    physical = run["results"][0]["locations"][0]["physicalLocation"]
    assert physical["artifactLocation"]["uri"] == "%E6%95%B0%E6%8D%AE/a%20b.xlsx"
    assert physical["region"]["startLine"] == 5
    assert len(run["results"][0]["relatedLocations"]) == 1
    rules = run["tool"]["driver"]["rules"]
    assert all(rules[r["ruleIndex"]]["id"] == r["ruleId"] for r in run["results"])
    assert rules[0]["help"]["text"].startswith("Clause: 四(三)2")


def test_junit_counts(verdict: Any, data: Any) -> None:
    verdicts = [verdict("L1"), verdict("L2", "indeterminate", missing=("zone",)), verdict("L3", "pass")]
    root = ET.fromstring(FORMATS["junit"].encode(data(verdicts)))
    assert {k: root.get(k) for k in ("tests", "failures", "skipped", "errors")} == {
        "tests": "3", "failures": "1", "skipped": "1", "errors": "0",
    }  # fmt: skip
    assert root.find(".//skipped").get("message") == "indeterminate: missing: zone"  # type: ignore[union-attr]


def test_parquet_keeps_numbers_beside_words(verdict: Any, data: Any) -> None:
    pl = pytest.importorskip("polars")
    made = FORMATS["parquet"].encode(
        data([verdict(), verdict("L2", observed="operating", limit=["a", "b"], margin=None)])
    )
    frame = pl.read_parquet(io.BytesIO(made))
    assert frame["observed"].to_list() == ["0.9", "operating"]
    assert frame["observed_number"].to_list() == [0.9, None]
    assert frame["limit"].to_list() == ["0.8", "a; b"]
    assert frame.schema["missing"] == pl.List(pl.String)
    assert pl.read_parquet(io.BytesIO(FORMATS["parquet"].encode(data()))).schema == frame.schema


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("a.html", "html"),
        ("A.HTM", "html"),
        ("x.sarif.json", "sarif"),
        ("x.json", "json"),
        ("x.xml", "junit"),
        ("x.txt", "table"),
    ],
)
def test_a_file_name_says_the_format(file: str, name: str) -> None:
    assert format_of_file(file).name == name


def test_an_unknown_format_is_refused_with_the_nearest() -> None:
    with pytest.raises(CallError) as caught:
        find_format("jsno")
    assert caught.value.diagnostics[0].hint == "did you mean json?"
    with pytest.raises(CallError):
        format_of_file("report")


def test_binary_formats_give_bytes(verdict: Any, data: Any) -> None:
    run = data([verdict()])
    assert {name for name, f in FORMATS.items() if isinstance(f.render(run), bytes)} == {
        n for n, f in FORMATS.items() if f.binary
    }
