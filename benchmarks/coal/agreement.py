"""Whether two contestants gave the same: the counts one by one, the findings row by row or by their sums.

A contestant that differs makes the benchmark fail: a time for something else is no comparison.
"""

from __future__ import annotations

import math
from typing import Any

from benchmarks.coal.outcomes import COLUMNS, Counts

#: What rounding may do to a number that was worked out another way, as a part of the limit.
TOLERANCE = 1e-9

Digest = dict[str, dict[str, Any]]


def normal(table: Any) -> Any:
    """The findings of any contestant as a polars frame: missing numbers null, texts text."""
    import polars as pl

    if isinstance(table, dict):
        table = {k: v.astype(str) if v.dtype.kind in "SU" else v for k, v in table.items()}
        frame = pl.DataFrame(table)
    elif isinstance(table, pl.DataFrame):
        frame = table
    elif type(table).__module__.startswith("pandas"):
        frame = pl.from_pandas(table[list(COLUMNS)])
    else:
        frame = pl.from_arrow(table)
    numbers = [pl.col(c).cast(pl.Float64).fill_nan(None) for c in ("observed", "limit", "margin")]
    words = [pl.col(c).cast(pl.String) for c in ("record_id", "rule", "outcome")]
    return frame.select(*words, *numbers)


def differences(expected: Any, table: Any) -> list[str]:
    """What differs between two findings tables, row by row; nothing where they are the same."""
    import polars as pl

    one, other = normal(expected), normal(table)
    keys = ["record_id", "rule", "outcome"]
    found = []
    for said, left, right in (("lacks", one, other), ("has besides", other, one)):
        odd = left.join(right, on=keys, how="anti")
        if len(odd):
            found.append(f"{said} {len(odd)} findings, such as {odd.row(0)}")
    both = one.join(other, on=keys, suffix="_other")
    for name in ("observed", "limit", "margin"):
        a, b = pl.col(name), pl.col(f"{name}_other")
        size = pl.max_horizontal(pl.col("limit").abs(), a.abs())
        odd = both.filter((a.is_null() != b.is_null()) | ((a - b).abs() > TOLERANCE * size))
        if len(odd):
            found.append(f"{name} differs in {len(odd)} findings, such as {odd.row(0)}")
    return found


def digest(table: Any) -> Digest:
    """Sums of a findings table that tell it from another: of each rule and outcome its rows, ids and numbers."""
    import polars as pl

    number = pl.col("record_id").cast(pl.Int64)
    sums = (
        normal(table)
        .group_by("rule", "outcome")
        .agg(
            pl.len().alias("rows"),
            number.sum().alias("ids"),
            (number % 1_000_003 * (number % 999_983)).sum().alias("ids_squared"),
            *(pl.col(c).sum() for c in ("observed", "limit", "margin")),
            *(pl.col(c).is_null().sum().alias(f"{c}_missing") for c in ("observed", "limit", "margin")),
        )
        .sort("rule", "outcome")
    )
    return {f"{row['rule']} {row['outcome']}": row for row in sums.to_dicts()}


def violations_digest(found: Any) -> dict[str, list[int]]:
    """rule -> how many violations, and the sum of the lots' numbers, of a frame or of pairs of rule and lot."""
    pairs = (
        found if isinstance(found, list) else zip(found["rule"].to_list(), found["record_id"].to_list(), strict=True)
    )
    sums: dict[str, list[int]] = {}
    for rule, lot in pairs:
        sum_ = sums.setdefault(rule, [0, 0])
        sum_[0] += 1
        sum_[1] += int(lot)
    return dict(sorted(sums.items()))


def violation_differences(expected: dict[str, list[int]], other: dict[str, list[int]]) -> list[str]:
    """What differs between two digests of violations."""
    return [
        f"{rule}: {other.get(rule)} violations and sum of lots, not {expected.get(rule)}"
        for rule in sorted(expected.keys() | other.keys())
        if expected.get(rule) != other.get(rule)
    ]


def digest_differences(expected: Digest, other: Digest) -> list[str]:
    """What differs between two digests."""
    found = [f"{key} is given by one alone" for key in sorted(expected.keys() ^ other.keys())]
    for key in expected.keys() & other.keys():
        for name, value in expected[key].items():
            given = other[key][name]
            same = (
                math.isclose(value, given, rel_tol=TOLERANCE, abs_tol=TOLERANCE * abs(expected[key]["limit"]))
                if isinstance(value, float)
                else value == given
            )
            if not same:
                found.append(f"{key}: {name} is {given}, not {value}")
    return found


def count_differences(expected: Counts, other: Counts) -> list[str]:
    """What differs between the counts of two contestants."""
    return [
        f"{rule}: {outcome} {other.get(rule, {}).get(outcome, 0)}, not {count}"
        for rule, counts in expected.items()
        for outcome, count in counts.items()
        if other.get(rule, {}).get(outcome, 0) != count
    ]
