"""Functions of dates and periods for many subjects: each different argument once, by the interpreter's own rules."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from envrules.engines.reference.calls import FUNCTIONS
from envrules.engines.reference.evaluate import Env
from envrules.interval import point
from envrules.lang import ast


def call_points(node: ast.Call, given: Sequence[pl.Series], env: Env) -> pl.Series:
    """The values of a function whose arguments are points; null where one is not, or where it has none.

    Args:
        env: an environment without a record, which has the pack's calendar.
    """
    names = [f"a{i}" for i in range(len(given))]
    frame = pl.DataFrame(dict(zip(names, given, strict=True)))
    different = frame.unique().drop_nulls()
    worths = [FUNCTIONS[node.function](node, [point(v) for v in row], env) for row in different.iter_rows()]
    values = pl.Series("value", [w.lo if w.known else None for w in worths], dtype=pl.Float64)
    return frame.join(different.with_columns(values), on=names, how="left", maintain_order="left")["value"]
