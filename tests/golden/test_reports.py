"""Every format of a report against the one that was last looked at. `make accept` takes what comes now for right."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from envrules.report import sarif, table
from envrules.report.base import ReportData
from envrules.report.formats import FORMATS

FOLDER = Path(__file__).parent / "reports"


def dump_workbook(data: ReportData) -> str:
    """Everything of a workbook that a reader sees, as text."""
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.load_workbook(io.BytesIO(FORMATS["xlsx"].encode(data)))
    lines = []
    for sheet in book:
        lines.append(f"# {sheet.title} freeze {sheet.freeze_panes} filter {sheet.auto_filter.ref}")
        lines.append(f"widths {[round(d.width) for d in sheet.column_dimensions.values()]}")
        for row in sheet.iter_rows():
            for cell in row:
                if cell.value is not None:
                    quoted = " quoted" if cell.quotePrefix else ""
                    lines.append(f"{cell.coordinate} {cell.data_type}{quoted} {cell.value!r}")
    return "\n".join(lines) + "\n"


def dump_parquet(data: ReportData) -> str:
    """The schema, metadata and rows of a Parquet file, as text."""
    pl = pytest.importorskip("polars")
    content = FORMATS["parquet"].encode(data)
    frame = pl.read_parquet(io.BytesIO(content))
    own = {k: v for k, v in pl.read_parquet_metadata(io.BytesIO(content)).items() if k.startswith("envrules")}
    lines = [f"{name}: {kind}" for name, kind in frame.schema.items()]
    return "\n".join([*lines, str(dict(sorted(own.items()))), *map(str, frame.rows())]) + "\n"


MADE: dict[str, Callable[[ReportData], str | bytes]] = {
    "table-80.txt": lambda data: table.render(data, 80),
    "table-120.txt": lambda data: table.render(data, 120),
    "table-120-colour.txt": lambda data: table.render(data, 120, True),
    "report.html": lambda data: FORMATS["html"].encode(data),
    "report.json": lambda data: FORMATS["json"].encode(data),
    "report.jsonl": lambda data: FORMATS["jsonl"].encode(data),
    "report.csv": lambda data: FORMATS["csv"].encode(data),
    "report.sarif": lambda data: FORMATS["sarif"].encode(data),
    "report.junit.xml": lambda data: FORMATS["junit"].encode(data),
    "report.xlsx.txt": dump_workbook,
    "report.parquet.txt": dump_parquet,
    "nothing.txt": lambda data: table.render(empty(data), 80),
    "nothing.html": lambda data: FORMATS["html"].encode(empty(data)),
}


def empty(data: ReportData) -> ReportData:
    """A run that was given nothing to judge."""
    absent = [replace(row, status="no_data", counts={}) for row in data.summary]
    return replace(data, verdicts=[], summary=absent, problems=[], accounts=[], warnings=[], exit_code=0, places={})


@pytest.mark.parametrize("name", MADE)
def test_report(name: str, sample: ReportData, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sarif, "__version__", "1.2.3")
    made = MADE[name](sample)
    content = made if isinstance(made, bytes) else made.encode("utf-8", "backslashreplace")
    path = FOLDER / name
    if os.environ.get("ACCEPT"):
        FOLDER.mkdir(exist_ok=True)
        path.write_bytes(content)
    # As text, so that a difference is shown as lines.
    assert content.decode("utf-8") == path.read_bytes().decode("utf-8"), "look at it, and `make accept` if it is right"


def test_every_format_has_a_golden_report() -> None:
    shown = {name.split(".")[1] for name in MADE if name.startswith("report.")} | {"table"}
    assert set(FORMATS) == shown


def test_a_format_gives_the_same_bytes_again(sample: ReportData) -> None:
    for format_ in FORMATS.values():
        assert format_.encode(sample) == format_.encode(sample), format_.name
