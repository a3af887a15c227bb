"""Rows as a frame of the caller's kind: pandas (the default), polars, pyarrow or a relation of DuckDB."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import Any

from envrules.verdict import OUTCOMES, Outcome, OutcomeTable, is_number, text_beside_numbers


def frame_kind(source: object) -> str:
    """Which library a frame comes from; an empty text for anything else.

    Examples:
        >>> frame_kind([1, 2])
        ''
    """
    library = type(source).__module__.split(".")[0].lstrip("_")
    return library if library in ("pandas", "polars", "pyarrow", "duckdb") else ""


def to_frame(rows: Sequence[dict[str, Any]], columns: Sequence[str], kind: str = "pandas") -> Any:
    """A frame with these columns, a row for each dict; lists stay lists, mixed values stay what they are.

    polars and pyarrow hold one type a column, so values of several types (observed, limit) become text there.
    """
    if kind in ("polars", "pyarrow", "duckdb"):
        plain = {c: _one_type([r.get(c) for r in rows]) for c in columns}
        if kind == "polars":
            import polars

            return polars.DataFrame(plain, strict=False)
        import pyarrow

        table = pyarrow.table(plain)
        if kind == "pyarrow":
            return table
        import duckdb

        return duckdb.from_arrow(table)
    import pandas

    return pandas.DataFrame([[r.get(c) for c in columns] for r in rows], columns=list(columns))


#: Columns of a table of outcomes whose values may be numbers, words, truths or lists.
_MIXED = ("observed", "limit", "value")
_LISTS = ("fields", "missing", "notes")


def joined_frame(
    parts: Sequence[OutcomeTable | list[dict[str, Any]]],
    outcomes: Sequence[Outcome],
    columns: Sequence[str],
    kind: str = "pandas",
) -> Any:
    """One frame of the outcomes of several rules.

    Args:
        parts: for each rule its outcomes as dicts, or as a table.
        outcomes: those that are wanted.
    """
    if not parts or (kind == "pandas" and all(isinstance(p, list) for p in parts)):
        return to_frame([row for p in parts if isinstance(p, list) for row in p], columns, kind)
    import polars

    tables = [outcome_table(p) if isinstance(p, list) else p for p in parts if not isinstance(p, list) or p]
    if set(outcomes) != set(OUTCOMES):
        tables = [chosen_outcomes(t, outcomes) for t in tables]
    tables = [t for t in tables if len(t.rows)] or tables[:1]
    if not tables:
        return to_frame([], columns, kind)
    kinds, whole = _whole(tables, () if kind in ("polars", "pyarrow", "duckdb") else _LISTS)
    mixed = [n for n in _MIXED if whole[f"{n}_text"].null_count() < len(whole)]
    if kind in ("polars", "pyarrow", "duckdb"):
        numbers = {n: polars.col(n).cast(polars.String).str.strip_suffix(".0") for n in mixed}
        chosen = [polars.coalesce(f"{c}_text", numbers[c]).alias(c) if c in mixed else polars.col(c) for c in columns]
        return _of_kind(whole.select(chosen), kind)
    import pandas

    found = {
        c: _lists(kinds[c], whole["kind"])
        if c in _LISTS
        else _objects(tables, c)
        if c in mixed
        else _pandas_column(whole[c])
        for c in columns
    }
    return pandas.DataFrame(found, columns=list(columns), copy=False)


def _whole(tables: Sequence[OutcomeTable], apart: Sequence[str]) -> tuple[Any, Any]:
    """The kinds of all tables, and their rows with what their kinds say; what all kinds have in common takes no room.

    Args:
        apart: what the rows are not given of their kinds.
    """
    import polars

    grouped = any("subject" in t.rows.columns for t in tables)
    starts = [0, *accumulate(len(t.kinds) for t in tables)]
    rows = [t.rows.with_columns(polars.col("kind") + start) for t, start in zip(tables, starts, strict=False)]
    if grouped:  # of records too it stands with the rows then
        rows = [r if "subject" in r.columns else r.with_columns(polars.lit("").alias("subject")) for r in rows]
    whole = polars.concat([r.select(sorted(r.columns)) for r in rows])
    kinds = polars.concat([t.kinds.drop("subject", strict=False) if grouped else t.kinds for t in tables]).rechunk()
    of_rows = whole["kind"].rechunk()
    different = kinds.select(polars.all().n_unique()).row(0, named=True)
    alike = [n for n in kinds.columns if different[n] == 1 and n not in apart]
    others = [n for n in kinds.columns if different[n] != 1 and n not in apart]
    same = [polars.lit(kinds[n].head(1)).first().alias(n) for n in alike]
    return kinds, (whole.hstack(kinds.select(others)[of_rows]) if others else whole).with_columns(same)


def chosen_outcomes(table: OutcomeTable, outcomes: Sequence[Outcome]) -> OutcomeTable:
    """The rows of these outcomes."""
    if set(table.kinds["outcome"].to_list()) <= set(outcomes):
        return table
    wanted = table.kinds["outcome"].is_in(list(outcomes))
    return OutcomeTable(table.rows.filter(wanted[table.rows["kind"]]), table.kinds, table.plain)


def outcome_table(rows: Sequence[dict[str, Any]]) -> OutcomeTable:
    """Outcomes given as dicts as a table."""
    import polars

    found: dict[str, Any] = {}
    for name in rows[0]:
        values = [r[name] for r in rows]
        if name in _MIXED:
            found[name] = polars.Series(name, [float(v) if is_number(v) else None for v in values], polars.Float64)
            shown = [text_beside_numbers(v) for v in values]
            found[f"{name}_text"] = polars.Series(f"{name}_text", shown, polars.String)
        elif name in _LISTS:
            found[name] = polars.Series(name, values, polars.List(polars.String))
        elif name != "message":
            found[name] = polars.Series(name, values, polars.Float64 if name == "margin" else polars.String)
    found["kind"] = polars.Series(range(len(rows)), dtype=polars.UInt32)
    frame = polars.DataFrame(found)
    own = ["record_id", "subject", "observed", "limit", "margin", "kind"]
    return OutcomeTable(frame.select(own), frame.drop(own), {n: [r[n] for r in rows] for n in _MIXED})


def _objects(tables: Sequence[OutcomeTable], name: str) -> Any:
    """A column of numbers and whatever else verdicts show, as objects."""
    import numpy

    found = []
    for table in tables:
        values = numpy.empty(len(table.plain[name]), dtype=object)
        values[:] = [None] * len(values)
        of_kind = name not in table.rows.columns
        for i, value in enumerate(table.plain[name]):
            # A number of a row that has none is not that of another row of its kind.
            if of_kind or not is_number(value):
                values[i] = value
        part = values[table.rows["kind"].to_numpy()]
        if of_kind:
            found.append(part)
            continue
        numbers = table.rows[name]
        there = numbers.is_not_null().to_numpy()
        part[there] = numbers.to_numpy()[there]
        found.append(part)
    return numpy.concatenate(found)


def _pandas_column(series: Any) -> Any:
    import polars

    if series.dtype == polars.Float64:
        return series.to_numpy()
    return _texts(series) if series.dtype == polars.String else series.to_list()


def _lists(of_kinds: Any, kinds: Any) -> Any:
    """Lists of texts as objects, each different one made once; equal cells share it."""
    import numpy

    made: dict[tuple[str, ...] | None, list[str] | None] = {}
    different = numpy.empty(len(of_kinds), dtype=object)
    different[:] = [None] * len(of_kinds)
    for n, cells in enumerate(of_kinds.to_list()):
        different[n] = made.setdefault(None if cells is None else tuple(cells), cells)
    return different[kinds.to_numpy()]


def _texts(series: Any) -> Any:
    """Texts for pandas: through Arrow where that is there, which copies nothing."""
    try:
        return series.to_pandas()
    except ImportError:
        return series.to_list()


def _of_kind(table: Any, kind: str) -> Any:
    if kind == "polars":
        return table
    arrow = table.to_arrow()
    if kind == "pyarrow":
        return arrow
    import duckdb

    return duckdb.from_arrow(arrow)


def _one_type(values: list[Any]) -> list[Any]:
    kinds = {type(v) for v in values if v is not None}
    if kinds <= {int, float}:
        return [None if v is None else float(v) for v in values] if float in kinds else values
    if len(kinds) <= 1 and dict not in kinds:
        return values
    return [None if v is None else str(v) for v in values]
