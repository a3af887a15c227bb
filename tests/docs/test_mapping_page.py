"""The examples of docs/mapping.md: each table, read by its mapping, gives the records that the page shows."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import pytest

from envrules.interval import Interval
from envrules.pack.load import load_pack
from envrules.records.mapping import TableMapping
from envrules.records.read import read_inputs
from envrules.records.rows import text_of
from envrules.records.types import Field
from envrules.records.values import UNUSABLE, Record

PAGE = Path(__file__).parents[2] / "docs" / "mapping.md"
EXAMPLE = re.compile(
    r"```csv (?P<name>\S+\.csv)\n(?P<table>.*?)```\s+"
    r"```yaml mapping\.yaml\n(?P<mapping>.*?)```\s+```csv read\n(?P<read>.*?)```",
    re.DOTALL,
)
EXAMPLES = [m.groupdict() for m in EXAMPLE.finditer(PAGE.read_text("utf-8"))]


def shown(record: Record, one: Field) -> str:
    value = record.value(one.name)
    if value is UNUSABLE:
        return "!"
    if isinstance(value, Interval):
        return text_of(value, one) if value.known else str(value)
    return value if isinstance(value, str) else ""


def test_there_are_examples() -> None:
    assert len(EXAMPLES) == 4


@pytest.mark.parametrize("example", EXAMPLES, ids=[e["name"] for e in EXAMPLES])
def test_example(example: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / example["name"]).write_text(example["table"], "utf-8")
    (tmp_path / "mapping.yaml").write_text(example["mapping"], "utf-8")
    pack = load_pack("jiuquan-2018")
    found = read_inputs([(None, tmp_path / example["name"])], pack.records, pack.units, tmp_path / "mapping.yaml")
    ((name, records),) = found.records.items()
    fields = pack.records[name].fields
    header, *expected = csv.reader(io.StringIO(example["read"]))
    assert [[r.id if f == "id" else shown(r, fields[f]) for f in header] for r in records] == expected


def test_every_part_is_described() -> None:
    described = PAGE.read_text("utf-8").partition("## All parts")[2]
    assert [n for n in TableMapping.model_fields if f"`{n}`" not in described] == []
