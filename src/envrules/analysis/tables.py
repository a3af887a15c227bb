"""Decision tables tried on every combination of the values that matter: what no row covers, what two rows claim."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from itertools import product

from envrules.engines.reference.evaluate import Env, condition
from envrules.engines.reference.linked import LinkedRecords
from envrules.interval import Interval, point
from envrules.lang import ast
from envrules.pack.pack import Pack, Related
from envrules.records.values import Cell, Record, Value

MAX_TRIALS = 20_000
#: Evaluation date of the trials; fields and literals are placed around it.
_TODAY = dt.date(2020, 6, 15)


def gaps_and_overlaps(
    pack: Pack, record: str, node: ast.Node, related: Mapping[str, Related], when: ast.Node | None = None
) -> Iterator[tuple[str, str, str]]:
    """(code, what, level) where a combination that `when` lets in has no row, or with `hit: unique` two of them."""
    if not isinstance(node, ast.Case) or any(isinstance(p, ast.Aggregate) for p in ast.walk(node)):
        return
    values = _values_that_matter(pack, record, node)
    if values is None:
        return
    names = list(values)
    gap = overlap = ""
    for combination in product(*(values[n] for n in names)):
        cells = {n: Cell(v) for n, v in zip(names, combination, strict=True)}
        env = Env(
            pack=pack,
            linked=LinkedRecords({}),
            as_of=point(float(_TODAY.toordinal())),
            record_type=record,
            record=Record(record, "trial", cells),
            related=related,
        )
        if when is not None and condition(when, env) is False:
            continue
        held = [i + 1 for i, row in enumerate(node.rows) if row.when is None or condition(row.when, env)]
        said = ", ".join(f"{n} = {_say(v)}" for n, v in zip(names, combination, strict=True))
        if not held and not gap:
            gap = said
        conditional = [i for i in held if node.rows[i - 1].when is not None]
        if node.unique and len(conditional) > 1 and not overlap:
            overlap = f"rows {conditional[0]} and {conditional[1]} both hold for {said}"
    if gap:
        yield "table-gap", f"no row holds for {gap}; the value is unknown there", "warning"
    if overlap:
        yield "table-overlap", overlap, "error"


def _values_that_matter(pack: Pack, record: str, node: ast.Case) -> dict[str, list[Value]] | None:
    """For each field the conditions read, values on every side of every literal; None where there are too many."""
    found: dict[str, list[Value]] = {}
    conditions = [row.when for row in node.rows if row.when is not None]
    literals = sorted(
        {
            p.value.lo
            for c in conditions
            for p in ast.walk(c)
            if isinstance(p, ast.Const) and isinstance(p.value, Interval)
        }
    )
    trials = 1
    for part in (p for c in conditions for p in ast.walk(c)):
        if not isinstance(part, ast.FieldValue):
            continue
        if part.scope:
            return None
        declared = pack.records[record].fields[part.name]
        if declared.enum is not None:
            found[part.name] = list(declared.enum.names)
        elif declared.kind == "bool":
            found[part.name] = [True, False]
        elif declared.kind in ("id", "text"):
            return None
        else:
            ends = _around(literals, declared.kind == "date")
            found[part.name] = [p for v in ends if (p := point(v)).lo >= declared.bounds.lo and v <= declared.bounds.hi]
    for values in found.values():
        trials *= max(1, len(values))
    return found if trials <= MAX_TRIALS else None


def _around(literals: list[float], dates: bool) -> list[float]:
    base = [float(_TODAY.toordinal())] if dates else literals or [0.0]
    steps = [*literals, 0.0] if dates else [0.0]
    around = {b + s + d for b in base for s in steps for d in (-1.0, 0.0, 1.0)}
    return sorted(around)


def _say(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return repr(value) if isinstance(value, Interval) else str(value)
