"""One outcome a line, as JSON, for programs that read line by line."""

from __future__ import annotations

from envrules.report.base import ReportData
from envrules.report.json import dump


def render(data: ReportData) -> str:
    """The listed outcomes as JSON lines."""
    return "".join(f"{dump(verdict.as_dict())}\n" for verdict in data.verdicts)
