"""One JSON object: pack, evaluation date, summary, problems, outcomes. Each item stands on a line of its own."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from envrules.report.base import ReportData
from envrules.report.inert import finite


def dump(value: Any) -> str:
    """A value as JSON on one line: Chinese as it is, no NaN, nothing that is not JSON.

    Examples:
        >>> dump({"zone": "建成区", "limit": float("inf")})
        '{"zone": "建成区", "limit": "inf"}'
    """
    return json.dumps(finite(value), ensure_ascii=False, allow_nan=False, default=str)


def _items(items: Iterable[Any]) -> str:
    lines = ",\n".join(f"    {dump(item)}" for item in items)
    return f"[\n{lines}\n  ]" if lines else "[]"


def render(data: ReportData) -> str:
    """The report as one JSON object."""
    pack = {"name": data.pack_name, "version": data.pack_version, "sha256": data.pack_sha256}
    parts = {
        "pack": dump(pack),
        "as_of": dump(data.as_of.isoformat()),
        "summary": _items(row.as_dict() for row in data.summary),
        "problems": _items(problem.as_dict() for problem in data.problems),
        "outcomes": _items(verdict.as_dict() for verdict in data.verdicts),
    }
    body = ",\n".join(f'  "{key}": {text}' for key, text in parts.items())
    return f"{{\n{body}\n}}\n"
