"""The outcomes as a Parquet file, with the pack and the evaluation date in its metadata."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Sequence
from typing import Any, Final

from envrules.report.base import ReportData
from envrules.report.inert import encodable
from envrules.report.phrases import value_text
from envrules.report.rows import COLUMNS, flat_rows

_LISTS: Final = ("missing", "fields", "notes")
#: An observed value or limit may be a number, a word or a date, so it stands as text, and as a number where it is one.
_MIXED: Final = ("observed", "limit", "value")


def render(data: ReportData) -> bytes:
    """The listed outcomes as the bytes of a Parquet file."""
    import polars as pl

    columns: dict[str, list[Any]] = {name: [] for name in COLUMNS}
    for row in flat_rows(data):
        for name in COLUMNS:
            columns[name].append(row[name])
    series = []
    for name, values in columns.items():
        if name in _MIXED:
            series.append(pl.Series(name, [text_of(v) for v in values], dtype=pl.String))
            series.append(pl.Series(f"{name}_number", [_number(v) for v in values], dtype=pl.Float64))
        elif name in _LISTS:
            series.append(pl.Series(name, [[encodable(t) for t in v] for v in values], dtype=pl.List(pl.String)))
        elif name == "margin":
            series.append(pl.Series(name, [_number(v) for v in values], dtype=pl.Float64))
        elif name == "row":
            series.append(pl.Series(name, values, dtype=pl.Int64))
        else:
            series.append(pl.Series(name, [text_of(v) for v in values], dtype=pl.String))
    out = io.BytesIO()
    pl.DataFrame(series).write_parquet(
        out, metadata=metadata(data.pack_name, data.pack_version, data.pack_sha256, data.as_of, data.listed)
    )
    return out.getvalue()


def metadata(name: str, version: str, sha256: str, as_of: dt.date, listed: str) -> dict[str, str]:
    """By what the outcomes were judged, for the metadata of their file."""
    return {
        "envrules.pack": name,
        "envrules.pack_version": version,
        "envrules.pack_sha256": sha256,
        "envrules.as_of": as_of.isoformat(),
        "envrules.outcomes": listed,
    }


def text_of(value: Any) -> str | None:
    """A value as a cell of text; None for nothing."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return encodable("; ".join(map(value_text, value)))
    return None if value is None else encodable(value_text(value))


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
