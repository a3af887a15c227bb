"""Rows as a frame of the caller's kind: pandas (the default), polars or pyarrow."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def frame_kind(source: object) -> str:
    """Which library a frame comes from; an empty text for anything else.

    Examples:
        >>> frame_kind([1, 2])
        ''
    """
    library = type(source).__module__.split(".")[0]
    return library if library in ("pandas", "polars", "pyarrow") else ""


def to_frame(rows: Sequence[dict[str, Any]], columns: Sequence[str], kind: str = "pandas") -> Any:
    """A frame with these columns, a row for each dict; lists stay lists, mixed values stay what they are.

    polars and pyarrow hold one type a column, so values of several types (observed, limit) become text there.
    """
    if kind in ("polars", "pyarrow"):
        plain = {c: _one_type([r.get(c) for r in rows]) for c in columns}
        if kind == "polars":
            import polars

            return polars.DataFrame(plain, strict=False)
        import pyarrow

        return pyarrow.table(plain)
    import pandas

    return pandas.DataFrame([[r.get(c) for c in columns] for r in rows], columns=list(columns))


def _one_type(values: list[Any]) -> list[Any]:
    kinds = {type(v) for v in values if v is not None}
    if kinds <= {int, float}:
        return [None if v is None else float(v) for v in values] if float in kinds else values
    if len(kinds) <= 1 and dict not in kinds:
        return values
    return [None if v is None else str(v) for v in values]
