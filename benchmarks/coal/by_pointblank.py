"""The twelve limits in pointblank: a step for each, with every failing lot extracted."""

from __future__ import annotations

from typing import Any

from benchmarks.coal.by_pandera import broken_limits


def violations(lots: Any) -> list[tuple[str, str]]:
    """(rule, lot) for each violation, of a polars frame that holds values that can be meant."""
    import pointblank as pb
    import polars as pl

    broken = broken_limits({c: pl.col(c) for c in lots.columns})
    steps = pb.Validate(lots)
    for rule, where in broken.items():
        steps = steps.col_vals_expr(~where.fill_null(False), brief=rule)
    steps = steps.interrogate(extract_limit=max(len(lots), 1))
    extracts = steps.get_data_extracts()
    return [(rule, i) for n, rule in enumerate(broken, 1) for i in extracts[n]["id"].to_list()]
