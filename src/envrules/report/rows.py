"""Outcomes as flat rows, for formats that are one table: CSV, Excel, Parquet."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from envrules.report.base import ReportData

#: The columns, in order. A list stands in one cell.
COLUMNS: Final = (
    "rule",
    "title_en",
    "title_zh",
    "clause",
    "record_type",
    "record_id",
    "subject",
    "outcome",
    "severity",
    "observed",
    "limit",
    "margin",
    "unit",
    "value",
    "missing",
    "fields",
    "notes",
    "message",
    "source",
    "sheet",
    "row",
)


def flat_rows(data: ReportData) -> Iterator[dict[str, Any]]:
    """The listed outcomes in their order, each with the keys of `COLUMNS`; what is not there is None."""
    for verdict in data.verdicts:
        title_en, title_zh = data.titles(verdict.rule)
        places = data.places_of(verdict)
        row = verdict.as_dict() | {
            "title_en": title_en,
            "title_zh": title_zh,
            "source": None,
            "sheet": None,
            "row": None,
        }
        if places:
            # Records of one id may stand in several places; the first is named, the problems list the rest.
            row |= {"source": places[0].source, "sheet": places[0].sheet or None, "row": places[0].row}
        yield {name: row[name] for name in COLUMNS}
