"""Tables of the real world, where a folder of them lies beside the project."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from envrules.interval import Interval
from envrules.records.cells import read_cell
from envrules.records.dataset import Dataset
from envrules.records.types import Field
from envrules.records.values import ABSENT
from envrules.units import registry

DATA = Path(__file__).parents[4] / "shared" / "data"
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="no folder of real data beside the project")
Read = Callable[..., Dataset]


def test_boilers_with_capacities_below_ten(read: Read) -> None:
    mapping = {
        "record": "boiler",
        "columns": {
            "FacilityID": None,
            "Design Capacity (mmBtu/hr)": {"field": "capacity", "unit": "MMBtu/h"},
            "Fuel Category for Unit": {"field": "fuel", "values": {"Coal": "coal"}},
        },
        "filter": {"Fuel Category for Unit": ["Coal"]},
        "other_columns": "ignore",
    }
    found = read({"boiler": DATA / "epa_ici_boilers" / "ici_boiler_inventory.csv"}, mapping)
    (account,) = found.accounts
    assert (account.rows_read, account.rows_used) == (2687, 622)
    assert not found.problems
    censored = [r.value("capacity") for r in found.records["boiler"] if str(r.cells["capacity"].raw).startswith("<")]
    assert all(isinstance(v, Interval) and v.lo == 0 and v.hi < 4.2 and v.hi_open for v in censored)


def test_boilers_below_five_lines_of_title(read: Read) -> None:
    mapping = {
        "record": "boiler",
        "header_row": 6,
        "columns": {"Max Steam Flow (Thousand Pounds per Hour)": {"field": "capacity", "unit": "1e3 lb/h"}},
        "id": ["Plant Code", "Boiler ID"],
        "other_columns": "ignore",
    }
    found = read({"boiler": DATA / "eia860_boilers_2015" / "boiler_design_2015.csv"}, mapping)
    (account,) = found.accounts
    assert account.rows_used == 4771
    assert {p.code for p in found.problems} <= {"out-of-bounds", "duplicate-id", "missing-id"}


def test_coal_with_monthly_columns(read: Read) -> None:
    path = DATA / "eia923_coal_2015" / "coal_boiler_fuel_2015.csv"
    with path.open(encoding="utf-8-sig", newline="") as file:
        import csv

        headers = [row for _, row in zip(range(6), csv.reader(file), strict=False)][5]
    sulfur = next(h for h in headers if "sulfur" in h.lower() and "jan" in h.lower())
    mapping = {
        "record": "coal_lot",
        "header_row": 6,
        "columns": {sulfur: {"field": "total_sulfur", "unit": "%"}},
        "other_columns": "ignore",
    }
    found = read({"coal_lot": path}, mapping)
    assert found.accounts[0].rows_used == 1661
    assert not found.problems
    assert any(
        r.value("total_sulfur") is ABSENT and r.cells["total_sulfur"].raw == "." for r in found.records["coal_lot"]
    )


@pytest.mark.parametrize(("city", "rows"), [("酒泉", 192), ("嘉峪关", 285), ("兰州", 784)])
def test_hours_of_stations(city: str, rows: int, read: Read) -> None:
    mapping = {"record": "training", "columns": {"Date": "held_on"}, "other_columns": "ignore"}
    found = read({"training": DATA / "station_hourly_2020" / f"{city}.csv"}, mapping)
    assert found.accounts[0].rows_used == rows
    assert not found.problems


def test_words_for_missing_values_of_all_tables() -> None:
    number = Field("x", "number")
    for word in ("NaN", "NA", "—", ".", "--", "N/A", " ", ""):
        found = read_cell(number, word, registry())
        assert getattr(found, "value", None) is ABSENT
