"""Records drawn at random for a pack: whole columns of one kind of storage, as tables have them, or cells of any kind.

Numbers stand mostly at the pack's own limits, so that tolerance, conversion and open ends are what is tested.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
from hypothesis import strategies as st

from drawn.expressions import DAYS
from drawn.fields import UNITS, kind_of, words_of
from envrules.interval import Interval
from envrules.lang import ast
from envrules.pack.pack import Pack

#: How many records of a type are drawn at the most.
MOST = {"plant": 10, "cap": 5, "boiler": 8}
ODD = ("", " ", "-", "无", "未知", "N/A", "abc", "煤", "是", "0", "#REF!", "未检出")
AS_OF = ("2020-12-31", "2018-03-22", "2018-12-31", "2019-06-30", "2021-06-30")
EXTREMES = (0.0, -0.0, 5e-324, -5e-324, 1e308, -1e308, math.nan, math.inf, -math.inf)

#: Storage -> the kinds of fields it may hold.
STORES: dict[str, tuple[str, ...]] = {
    "text": ("id", "text", "enum", "bool", "int", "number", "quantity", "date", "month", "year"),
    "float64": ("number", "quantity", "int", "year", "bool", "text"),
    "float32": ("number", "quantity"),
    "int8": ("number", "quantity", "int", "bool"),
    "int64": ("number", "quantity", "int", "year", "text", "month", "date"),
    "uint8": ("number", "int"),
    "decimal": ("number", "quantity"),
    "bool": ("bool", "quantity"),
    "category": ("enum", "text", "bool"),
    "date": ("date", "month", "year"),
    "datetime": ("date", "month"),
}


@dataclass(frozen=True)
class Column:
    """A column of a table: how it is stored, and its cells; None where there is nothing."""

    store: str
    cells: list[Any]


@dataclass(frozen=True)
class Table:
    """The records of a type, column by column."""

    columns: dict[str, Column]
    size: int

    def rows(self) -> list[dict[str, Any]]:
        """The records as dicts."""
        return [{n: c.cells[i] for n, c in self.columns.items()} for i in range(self.size)]

    def chosen(self, places: Sequence[int]) -> Table:
        """The table of some of its rows, in that order."""
        columns = {n: Column(c.store, [c.cells[i] for i in places]) for n, c in self.columns.items()}
        return Table(columns, len(places))


Tables = dict[str, Table]


def limits_of(pack: Pack) -> dict[str, list[float]]:
    """Field -> the numbers its rules compare it with, in its own unit as far as a single conversion goes."""
    found: dict[str, dict[float, None]] = {}
    nodes = [n for r in pack.rules.values() for n in (r.when, r.require, *(t.node for t in r.derive.values())) if n]
    nodes += [n for d in pack.derived.values() for n in d.values()]
    for node in nodes:
        for part in ast.walk(node):
            if not isinstance(part, ast.Compare) or part.left.type.kind != "quantity":
                continue
            if not (isinstance(part.right, ast.Const) and isinstance(part.right.value, Interval)):
                continue
            limit = part.right.value.lo
            factor, shift = _conversion(part.left)
            for value in part.left.reads:
                if math.isfinite(limit / factor):
                    found.setdefault(value.name, {})[(limit - shift) / factor] = None
    for record in pack.records.values():
        for name, declared in record.fields.items():
            for end in (declared.bounds.lo, declared.bounds.hi):
                if math.isfinite(end):
                    found.setdefault(name, {})[end] = None
    return {name: list(values) for name, values in found.items()}


def _conversion(node: ast.Node) -> tuple[float, float]:
    while isinstance(node, ast.Derived | ast.Convert):
        if isinstance(node, ast.Convert):
            return node.factor, node.shift
        node = node.of
    return 1.0, 0.0


def near(limit: float) -> list[float]:
    """A limit, what lies an ulp beside it, what still counts as equal to it, and what no longer does."""
    steps = [limit * (1 + s * d) for d in (0.9e-9, 1.1e-9) for s in (1, -1)]
    beside = [math.nextafter(limit, math.inf), math.nextafter(limit, -math.inf)]
    return [limit, *steps, *beside, limit + 1, limit - 1, -limit]


class Cells:
    """Strategies of cells by field and storage, made once for a pack."""

    def __init__(self, pack: Pack, made: Mapping[str, Any]) -> None:
        self.pack = pack
        limits = limits_of(pack)
        self.numbers = {n: [v for limit in values for v in near(limit)] for n, values in limits.items()}
        self.documents = made["records"]
        self._known: dict[tuple[str, str, str], st.SearchStrategy[Any]] = {}

    def of(self, record: str, name: str, store: str) -> st.SearchStrategy[Any]:
        key = (record, name, store)
        if key not in self._known:
            pool = list(self._pool(record, name, store))
            odd = [v for v in pool if v is None or (isinstance(v, str) and v in ODD)]
            self._known[key] = st.sampled_from([*[v for v in pool if v not in odd] * 2, *odd])
        return self._known[key]

    def _pool(self, record: str, name: str, store: str) -> Iterator[Any]:
        """What may stand in a cell; the plainest first, and nothing at all now and then."""
        field = self.documents[record]["fields"].get(name, {"kind": "id"})
        kind = kind_of(field)
        numbers = list(dict.fromkeys([1.0, 0.0, 0.2, *self.numbers.get(name, [2.0, 0.1, 10.0])]))
        if field["kind"] == "int":
            # A fraction of a part in 10^9 beside a bound has a test of its own.
            numbers = [v for v in numbers if v.is_integer() or v == 0.2]
        if store == "text":
            yield from self._texts(name, field, kind, numbers)
        elif store == "float64":
            if kind in ("period:year", "text", "bool"):
                yield from (2018.0, 2020.0, 1.0, 0.0, 7.5, math.nan)
            else:
                yield from (*numbers, *numbers, *EXTREMES)
        elif store == "float32":
            yield from (
                np.float32(v) for v in (*numbers, 0.8, math.nan, math.inf) if abs(v) < 1e38 or v != v or v == math.inf
            )
        elif store in ("int8", "uint8", "int64"):
            low, high = {"int8": (-128, 127), "uint8": (0, 255), "int64": (-(2**63), 2**63 - 1)}[store]
            whole = [int(v) for v in numbers if v.is_integer()] + [100, 127, -128, 255, 2**53 + 1]
            periods = {
                "period:year": [2018, 2020, 2021],
                "period:month": [201803, 201812],
                "date": [20180322, 20181231],
            }
            yield from (v for v in dict.fromkeys((*periods.get(kind, []), *whole)) if low <= v <= high)
        elif store == "decimal":
            yield from (Decimal(t) for t in ("0.8", "0.80", "10", "0.1", "-1", "100.000001", "0"))
        elif store == "bool":
            yield from (True, False)
        elif store == "category":
            yield from ("是", "否") if kind == "bool" else ("甲", "b") if kind == "text" else words_of(kind)
        elif store == "date":
            yield from (dt.date.fromisoformat(d) for d in DAYS)
            yield from (dt.date(9999, 12, 31), dt.date(1, 1, 1))
        elif store == "datetime":
            yield from (dt.datetime.fromisoformat(f"{d} 13:05") for d in DAYS)
        yield from (None, None)

    def _texts(self, name: str, field: Mapping[str, Any], kind: str, numbers: Sequence[float]) -> Iterator[str]:
        if kind == "bool":
            yield from ("是", "否", "yes", "no", "√", "1")
        elif kind.startswith("enum"):
            yield from (*words_of(kind), "煤", "北区", "II级", "气")
        elif name == "u1":
            yield from ("t", "mg/m3", "%", "kg", "吨", "x y")
        elif kind in ("text", "id"):
            yield from ("甲", "b", "P0", "P1", "P2", "z", "0", " b ")
        elif kind == "date":
            yield from (*DAYS, "2018年3月22日", "2018/3/22", "2022-01-01", "9999-12-31", "2018-02-30", "否")
        elif kind == "period:month":
            yield from ("2018-03", "2018年12月", "2020-02", "202012", "2018-13", "9999-12")
        elif kind == "period:year":
            yield from ("2018", "2020年", "2019", "2021", "9999", "0001", "18")
        else:
            plain = [format(v, ".17g") for v in numbers]
            yield from plain
            units = [field["unit"]] if "unit" in field else ["t", "mg/m**3", "%"] if name == "v1" else []
            for unit in units:
                family = next((u for u in UNITS.values() if unit in u), (unit,))
                yield from (f"10 {u}" for u in family)
                # The limits in other units too, where binary floats and the ratio of the units leave their traces.
                yield from (f"{v:.17g} {u}" for u in family for v in self._converted(numbers[3:6], unit, u))
            few = ["1", "10", *plain[6:9]]
            yield from (f"{sign}{v}" for v in few for sign in "<>≤≥＜")
            yield from (
                f"{few[0]}~{few[1]}",
                "0~1",
                "0.5-2",
                "6~9",
                "10±0.5",
                "1,234.5",
                "1e400",
                "5e-324",
                "-3",
                "3以下",
            )
        yield from ODD

    def _converted(self, numbers: Sequence[float], unit: str, other: str) -> Iterator[float]:
        """Numbers of one unit in another."""
        units = self.pack.units
        pair = units.conversion(units.parse(unit), units.parse(other), "steam")
        if pair is not None:
            yield from (v * pair[0] + pair[1] for v in numbers)


@st.composite
def tables(draw: st.DrawFn, pack: Pack, made: Mapping[str, Any], wild: bool = False, beside: bool = False) -> Tables:
    """Tables of the pack's record types.

    Args:
        wild: cells of any storage in one column, and nonsense.
        beside: every number lies at or beside a limit.
    """
    cells = Cells(pack, made)
    read = {t for r in pack.rules.values() for t in r.records_used}
    found: Tables = {}
    for record in made["records"]:
        # A type that no rule reads, or that is not given at all, may be left out.
        if record not in read or (record != "plant" and draw(st.integers(0, 9)) == 9):
            continue
        size = draw(st.integers(1 if record == "plant" else 0, MOST[record]))
        columns = {"id": _ids(draw, record, size)}
        for name, field in made["records"][record]["fields"].items():
            kind = str(field["kind"])
            fitting = [s for s, kinds in STORES.items() if kind in kinds]
            store = draw(st.sampled_from(fitting))
            if beside and name in cells.numbers:
                store, one = "float64", st.sampled_from(cells.numbers[name])
            elif wild:
                one = st.one_of(*(cells.of(record, name, s) for s in fitting), NONSENSE)
                store = "any"
            elif name == "plant":
                store, one = "text", st.sampled_from(["P0", "P1", "P2", "P9", "甲", None, ""])
            else:
                one = cells.of(record, name, store)
            columns[name] = Column(store, [draw(one) for _ in range(size)])
        found[record] = Table(columns, size)
    return found


#: What stands in no table, and still comes in dicts.
NONSENSE = st.sampled_from(
    [[1], {}, b"x", (), object, 10**400, Decimal("NaN"), dt.time(1), "\ud800", True, dt.date(2018, 3, 22)]
)


def _ids(draw: st.DrawFn, record: str, size: int) -> Column:
    """Ids: mostly one for each record; now and then one twice, in Chinese, or none."""
    start = "P" if record == "plant" else "c"
    ids: list[str | None] = [f"{start}{i}" for i in range(size)]
    odd = draw(st.sampled_from(("", "", "", "", "twice", "none", "words")))
    if odd and size:
        at = draw(st.integers(0, size - 1))
        ids[at] = {"twice": f"{start}0", "none": None, "words": "甲厂"}[odd]
    return Column("text", ids)
