"""The outcomes as CSV, for Excel: a byte order mark, so that it shows Chinese right, and no cell that it would run."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from typing import Any

from envrules.interval import format_number
from envrules.report.base import ReportData
from envrules.report.inert import defused
from envrules.report.phrases import value_text
from envrules.report.rows import COLUMNS, flat_rows


def render(data: ReportData) -> str:
    """The listed outcomes, a row each under a header."""
    return table(COLUMNS, flat_rows(data))


def table(columns: Iterable[str], rows: Iterable[Mapping[str, Any]]) -> str:
    """Rows under a header, each with the values of all the columns in their order."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_cell(value) for value in row.values()])
    return "\ufeff" + out.getvalue()


def _cell(value: Any) -> str:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return format_number(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return defused("; ".join(map(value_text, value)))
    return defused(value_text(value))
