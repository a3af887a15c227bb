"""Inventories for a cluster, and the law that it gives row for row what a check here gives."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

import envrules as er
from envrules.analysis.testing import records_of
from envrules.pack.pack import Pack, Rule
from envrules.report.arrow import COLUMNS, outcomes_as_arrow
from envrules.verdict import FINDINGS, OUTCOMES

PACK, DAY = "jiuquan-2018", "2020-12-31"


def lots(size: int) -> pa.Table:
    """Coal lots: numbers, texts with units, ranges, words that are no number, empty rows; one id stands twice."""
    rows = range(size)
    table = {
        "id": [f"L{i}" if i != 399 else "L3" for i in rows],
        "zone": [("built_up", "elsewhere", None)[i % 3] for i in rows],
        "activity": [("use", "sale", "销售")[i % 5 % 3] for i in rows],
        "total_sulfur": [("0.9 %", "0.3", "<1", "0.8", "低", None)[i % 6] for i in rows],
        "ash": [(12.0, 15.0, 15.5, float("nan"))[i % 4] for i in rows],
        "sampled_on": [("2020-01-05", "2017-06-01", None)[i % 7 % 3] for i in rows],
        "remark": ["not read"] * size,
    }
    if size > 400:
        for column in table.values():
            column[400] = None
    return pa.table(table)


def inventory(pack: Pack, rules: Sequence[str]) -> dict[str, pa.Table]:
    """The records of the cases of some rules as tables of texts, each record with an id of its own."""
    rows: dict[str, list[dict[str, Any]]] = {}
    for name in rules:
        for number, case in enumerate(pack.rules[name].cases):
            for type_, records in records_of(case, pack.rules[name]).items():
                own = rows.setdefault(type_, [])
                for record in records:
                    texts = {k: None if v is None else str(v) for k, v in record.items()}
                    own.append({**texts, "id": f"{name}/{number}/{len(own)}"})
    found = {}
    for type_, records in rows.items():
        columns = list(dict.fromkeys(c for record in records for c in record))
        found[type_] = pa.table({c: pa.array([r.get(c) for r in records], pa.string()) for c in columns})
    return found


def is_apart(rule: Rule) -> bool:
    """Whether a rule looks at one record at a time."""
    return rule.group is None and not rule.related


def faults(
    spark: Any,
    pack: Pack,
    tables: Mapping[str, pa.Table],
    *,
    rules: Sequence[str],
    as_of: str = DAY,
    outcomes: Any = "findings",
    subjects: Mapping[str, Sequence[str]] | None = None,
    held: Sequence[str] = (),
    parts: int = 2,
) -> list[str]:
    """What differs between a cluster and a check here; nothing where the law holds.

    Args:
        held: the record types that are not put on the cluster.
    """
    inputs = {t: table if t in held else frame(spark, table, parts) for t, table in tables.items()}
    options: dict[str, Any] = {"as_of": as_of, "rules": list(rules), "outcomes": outcomes, "subjects": subjects}
    there = er.check(pack, inputs, **options)
    here = er.check(pack, tables, engine="columnar", **options)
    assert isinstance(there, er.SparkResult)
    listed = OUTCOMES if outcomes == "all" else FINDINGS
    wanted = outcomes_as_arrow([here.outcome_part(r) for r in here.rules if r.id in here.counts], listed)
    found = there.outcomes.toArrow()
    there.release()
    one, other = _sorted(wanted), _sorted(found)
    differing = [f"here {a}, on the cluster {b}" for a, b in zip(one, other, strict=False) if not _same(a, b)]
    if len(one) != len(other):
        differing.append(f"{len(one)} rows here, {len(other)} on the cluster")
    counts = {r: dict(own) for r, own in here.counts.items()}
    if counts != there.counts:
        differing.append(f"counted here {counts}, on the cluster {there.counts}")
    return differing


def frame(spark: Any, table: pa.Table, parts: int = 2) -> Any:
    """A table as a frame of Spark, its rows in no order."""
    return spark.createDataFrame(table).repartition(parts)


def _sorted(table: pa.Table) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = table.select(COLUMNS).to_pylist()
    for row in rows:
        # In the order in which the records of a group come, which a cluster does not keep.
        row["missing"] = sorted(row["missing"])
    return sorted(rows, key=lambda r: [str(r[c]) for c in ("rule", "record_id", "subject", "outcome")])


def _same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Equal in everything, numbers up to one part in 10^9: what is shown is rounded, and not always the same way."""
    return all(
        a == b or (isinstance(a, float) and isinstance(b, float) and math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-12))
        for a, b in zip(one.values(), other.values(), strict=True)
    )


def days(first: str, count: int) -> list[str]:
    """Days in a row as texts."""
    start = dt.date.fromisoformat(first)
    return [(start + dt.timedelta(days=i)).isoformat() for i in range(count)]
