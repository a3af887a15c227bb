"""Generated pages: they are as the packs say, none is missing, none is left over, and their links lead somewhere."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from posixpath import dirname, join, normpath

import pytest

from envrules.analysis.markdown import MARK
from envrules.analysis.pages import all_pages
from envrules.cli import main
from envrules.pack.load import load_pack
from envrules.pack.pack import Pack
from envrules.pack.source import shipped_packs

DOCS = Path(__file__).parents[3] / "docs"
AGAIN = "run `make generate`"


@cache
def packs() -> tuple[Pack, ...]:
    return tuple(load_pack(name) for name in shipped_packs())


@cache
def wanted() -> dict[str, str]:
    return all_pages(packs())


def there() -> Iterator[Path]:
    yield from (DOCS / "rules").rglob("*.md")
    yield from (DOCS / "records").rglob("*.md")


def test_no_page_is_missing_or_left_over() -> None:
    found = {p.relative_to(DOCS).as_posix() for p in there()}
    assert sorted(set(wanted()) - found) == [], AGAIN
    assert sorted(found - set(wanted())) == [], AGAIN


def test_no_page_is_stale() -> None:
    stale = [path for path, text in wanted().items() if (DOCS / path).read_text("utf-8") != text]
    assert stale == [], AGAIN


def test_every_link_leads_to_a_page() -> None:
    links = {
        (path, normpath(join(dirname(path), link)))
        for path, text in wanted().items()
        for link in re.findall(r"(?<!\\)\]\(([^)]+)\)", text)
    }
    assert len(links) > 400
    assert [link for link in links if link[1] not in wanted()] == []


def test_every_row_of_a_table_has_as_many_cells_as_its_header() -> None:
    uneven = []
    for path, text in wanted().items():
        for block in re.findall(r"(?:^\|.*\n)+", text, flags=re.MULTILINE):
            counts = {len(re.findall(r"(?<!\\)\|", line)) for line in block.splitlines()}
            uneven += [path] if len(counts) != 1 else []
    assert uneven == []


def test_the_page_of_a_rule() -> None:
    page = wanted()["rules/jiuquan-2018/boiler.retire.built-up.md"]
    for text in (
        "# 建成区小型燃煤锅炉淘汰",
        "四(三)3",
        "2018-03-22",
        "区域为城市建成区，且额定蒸发量不超过10 t/h",
        "rated capacity at most 10 t/h",
        "require: status in {retired, dismantled, converted}",
        "(../../records/jiuquan-2018/boiler.md)",
        "exactly 10 t/h",
        "不符合 violation",
    ):
        assert text in page


def test_the_page_of_a_record_type() -> None:
    page = wanted()["records/jiuquan-2018/boiler.md"]
    for text in (
        "# 锅炉",
        "额定蒸发量<br>rated capacity",
        "大于0",
        "燃煤",
        "(../../rules/jiuquan-2018/boiler.upgrade.md)",
    ):
        assert text in page


def test_pages_name_no_file_of_this_machine() -> None:
    assert [path for path, text in wanted().items() if str(DOCS.parent) in text or "/home/" in text] == []


def test_pages_are_small() -> None:
    assert max(len(text.encode()) for text in wanted().values()) < 60_000


def test_the_command_writes_and_removes(tmp_path: Path) -> None:
    shutil.copytree(DOCS / "records", tmp_path / "records")
    gone = tmp_path / "rules" / "old-pack" / "old.rule.md"
    gone.parent.mkdir(parents=True)
    gone.write_text(f"{MARK}\n\n# an old rule\n", "utf-8")
    kept = tmp_path / "rules" / "notes.md"
    kept.write_text("# written by hand\n", "utf-8")
    with pytest.raises(SystemExit) as ended:
        main(["pages", "--out", str(tmp_path)])
    assert ended.value.code == 0
    assert not gone.exists()
    assert kept.exists()
    assert all((tmp_path / path).read_text("utf-8") == text for path, text in wanted().items())
