"""Record types drawn at random: every kind of field, with the bounds, assumptions and units that a pack may declare.

Names tell kinds, so that who reads a shrunk case sees at once what a name is: `q1` is a quantity, `b1` a truth value.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from itertools import product
from typing import Any

from hypothesis import strategies as st

Document = dict[str, Any]

#: Units of one kind of quantity, which convert into one another; the first is the plainest.
UNITS: dict[str, tuple[str, ...]] = {
    "mass": ("kg", "t", "g", "吨"),
    "share": ("%", "mg/g", "kg/t", "‰"),
    "steam": ("t/h", "MW", "蒸吨/小时"),
    "level": ("mg/m**3", "ug/m**3"),
    "span": ("day", "h"),
    "heat": ("degC", "K"),
}
ENUMS: Document = {
    "area": {"values": {"north": {"zh": "北区"}, "south": {"zh": "南区", "aliases": ["S"]}, "none": {"zh": "无"}}},
    "grade": {"ordered": True, "values": {g: {"zh": f"{g}级"} for g in ("I", "II", "III", "IV")}},
}
FUELS: Document = {"coal": {"zh": "煤"}, "gas": {"zh": "天然气", "aliases": ["气"]}, "oil": {}}
NOTE = {"en": "taken as usual", "zh": "按常例"}

#: What places a record of a type in time; the related ones mostly have nothing.
DATES = {"plant": (None, "d1", "m", "y"), "cap": (None, "y"), "boiler": (None, "d1")}


# What a field may declare, the plainest first. Each field is one draw: a pack has some sixty of them.


@lru_cache
def quantities(kinds: tuple[str, ...]) -> st.SearchStrategy[Document]:
    """Quantities of these kinds, in each of their units."""
    bounds: tuple[Document, ...] = (
        {},
        {"least": None},
        {"least": None, "most": None},
        {"above": 0},
        {"least": 0, "below": 100},
        {"least": -5, "below": 10.5},
        {"least": 0.1, "below": 1},
    )
    more: tuple[Document, ...] = (
        *({},) * 4,
        *({"assume": {"value": v, "note": NOTE}} for v in (0, 1, 0.8)),
        {"detection_limit": 1},
        {"detection_limit": 0.5},
        {"empty": "not done"},
    )
    units = [(k, u) for k in kinds for u in UNITS[k]]
    return st.sampled_from(
        [
            {"kind": "quantity", "unit": unit, **({"context": "steam"} if kind == "steam" else {}), **other, **bound}
            for other, bound, (kind, unit) in product(more, bounds, units)
            if "assume" not in other or _within(other["assume"]["value"], bound)
        ]
    )


def _within(value: float, bound: Document) -> bool:
    """Whether a field with these bounds may hold a value; what lies outside may not be assumed either."""
    return (
        (bound.get("above") is None or value > bound["above"])
        and (bound.get("below") is None or value < bound["below"])
        and (bound.get("least") is None or value >= bound["least"])
    )


PLAIN: tuple[Document, ...] = (
    {},
    {"least": 0},
    {"least": -10, "most": 366},
    {"least": 0, "most": 10},
    {"assume": {"value": 1, "note": NOTE}},
)
NUMBER = st.sampled_from([{"kind": "number", **p} for p in PLAIN])
INT = st.sampled_from([{"kind": "int", **p} for p in PLAIN])
TRUTH = st.sampled_from(
    [
        {"kind": "bool", **m}
        for m in ({}, {}, {"empty": "not done"}, *({"assume": {"value": v, "note": NOTE}} for v in (True, False)))
    ]
)


def words(enum: Document, names: tuple[str, ...]) -> st.SearchStrategy[Document]:
    """Fields of an enumeration."""
    more = ({}, {}, {"empty": "not done"}, *({"assume": {"value": w, "note": NOTE}} for w in names))
    return st.sampled_from([{"kind": "enum", **enum, **m} for m in more])


AREA = words({"enum": "area"}, ("north", "south"))
FUEL = words({"values": FUELS}, tuple(FUELS))
GRADE = words({"enum": "grade"}, ("I", "II"))


#: A quantity whose unit hangs on the fuel, and perhaps on a unit that the record states.
_BY_CODE: Document = {"kind": "quantity", "unit_of": "e1", "units": {"coal": "t", "gas": "mg/m**3", "oil": "%"}}
BY_CODE = st.sampled_from([_BY_CODE, {**_BY_CODE, "unit_field": "u1"}])


def record_type(draw: st.DrawFn, name: str, kinds: tuple[str, ...]) -> Document:
    """A record type with fields of every kind. `kinds` are the quantities that the pack uses."""
    fields: Document = {
        "area": draw(AREA),
        "y": {"kind": "year"},
        "m": {"kind": "month"},
        "d1": {"kind": "date"},
        "d2": {"kind": "date"},
        "f1": {"kind": "date", "empty": "not done"},
        "b1": draw(TRUTH),
        "b2": draw(TRUTH),
        "e1": draw(FUEL),
        "g1": draw(GRADE),
        "g2": {"kind": "enum", "enum": "grade"},
        "t1": {"kind": "text"},
        "n1": draw(NUMBER),
        "k1": draw(INT),
        "q1": draw(quantities(kinds)),
        "q2": draw(quantities(kinds)),
        "q3": draw(quantities(kinds)),
        "v1": draw(BY_CODE),
        "u1": {"kind": "text"},
    }
    if draw(st.integers(0, 3)) == 3:
        fields["y"] = {"kind": "year", "least": 2018}
        document_id = {"from": ["area", "t1"]}
    else:
        document_id = None
    if name == "boiler":
        fields["plant"] = {"kind": "text"}
    document: Document = {"fields": fields, **({"id": document_id} if document_id else {})}
    date = draw(st.sampled_from(DATES[name]))
    if date is not None:
        document["date"] = date
    return document


def kind_of(field: Mapping[str, Any]) -> str:
    """What an expression takes a field for: `quantity:<kind of unit>`, `enum:<words>`, or its kind."""
    kind = str(field["kind"])
    if kind == "quantity":
        unit = field.get("unit")
        return next((f"quantity:{k}" for k, units in UNITS.items() if unit in units), "quantity:?")
    if kind == "enum":
        return f"enum:{field.get('enum', 'fuel')}"
    return {"int": "number", "id": "text", "month": "period:month", "year": "period:year"}.get(kind, kind)


def words_of(kind: str) -> tuple[str, ...]:
    """The words of an enumeration by the kind of its fields."""
    return tuple(FUELS) if kind == "enum:fuel" else tuple(ENUMS[kind.partition(":")[2]]["values"])
