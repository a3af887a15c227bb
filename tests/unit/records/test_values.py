"""Values as people write them in tables, as data: `values.yaml`."""

from __future__ import annotations

import datetime as dt
import math
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from envrules.interval import Interval
from envrules.records.cells import month_value, read_cell
from envrules.records.types import Field, Words
from envrules.records.values import Cell, Fault
from envrules.units import registry

UNITS = registry()
NOT_NEGATIVE = Interval(0, math.inf)

FIELDS = {
    "share": Field("share", "quantity", UNITS.parse("%"), bounds=Interval(0, 100)),
    "capacity": Field(
        "capacity", "quantity", UNITS.parse("t/h"), context="steam", bounds=Interval(0, math.inf, lo_open=True)
    ),
    "concentration": Field(
        "concentration", "quantity", UNITS.parse("mg/L"), bounds=NOT_NEGATIVE, detection_limit=0.002
    ),
    "count": Field("count", "int", bounds=NOT_NEGATIVE),
    "mass": Field("mass", "quantity", UNITS.parse("t"), bounds=NOT_NEGATIVE),
    "yes_no": Field("yes_no", "bool", label=Words("delineated", "红线已划定"), aliases=("是否划定红线",)),
    "denied": Field("denied", "bool", label=Words("built without approval", "未批先建")),
    "day": Field("day", "date"),
    "month": Field("month", "month"),
    "year": Field("year", "year"),
}
CASES = [
    pytest.param(name, case, id=f"{name}:{case['raw']}")
    for name, cases in YAML(typ="safe").load(Path(__file__).with_name("values.yaml")).items()
    for case in cases
]


def end(field: str, given: Any) -> Any:
    if isinstance(given, dt.date):
        return float(given.toordinal())
    return month_value(*map(int, given.split("-"))).lo if field == "month" else given


@pytest.mark.parametrize(("field", "case"), CASES)
def test_reads_as_written(field: str, case: dict[str, Any]) -> None:
    raw = case["raw"].isoformat() if isinstance(case["raw"], dt.date) else case["raw"]
    found = read_cell(FIELDS[field], raw, UNITS)
    if "fault" in case:
        assert isinstance(found, Fault), found
        assert found.code == case["fault"]
        return
    assert isinstance(found, Cell), found
    if isinstance(case["is"], bool):
        assert found.value is case["is"]
        return
    ends = case["is"] if isinstance(case["is"], list) else [case["is"], case["is"]]
    assert isinstance(found.value, Interval)
    assert [found.value.lo, found.value.hi] == pytest.approx([end(field, e) for e in ends])
