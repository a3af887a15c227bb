"""Rules on groups, periods and related records give on a cluster what they give here, row for row."""

from __future__ import annotations

import random
from typing import Any

import pyarrow as pa
import pytest

import envrules as er
from clustered import PACK, days, faults, frame


def drawn(size: int, seed: int, **columns: list[Any]) -> pa.Table:
    """Records of which each value is one of those given."""
    choose = random.Random(seed)
    values = {name: [choose.choice(some) for _ in range(size)] for name, some in columns.items()}
    texts = {n: pa.array([None if v is None else str(v) for v in own], pa.string()) for n, own in values.items()}
    return pa.table({"id": [f"R{i}" for i in range(size)], **texts})


def mostly(*often: Any, seldom: Any = None, times: int = 12) -> list[Any]:
    """Values of which one is rare."""
    return [*often * times, seldom]


def air(areas: list[str], first: str, count: int) -> pa.Table:
    """A day of each area after the other, most of them good."""
    of_days = days(first, count)
    rows = [(area, day) for area in areas for day in of_days]
    choose = random.Random(8)
    return pa.table(
        {
            "id": [f"{area}-{day}" for area, day in rows],
            "area": [area for area, _ in rows],
            "day": [day for _, day in rows],
            "aqi": pa.array([choose.choice([40, 60, 80, 99, 130 if area == "yumen" else 70]) for area, _ in rows]),
            "pm10": [choose.choice(["60", "<120", "94.5"]) for _ in rows],
            "pm2_5": [choose.choice([30.0, 45.0, None]) for _ in rows],
        }
    )


AIR = air(["suzhou", "yumen"], "2019-01-15", 340)
MEETINGS = drawn(
    24, 3, body=mostly("party_committee", "government"),
    held_on=["2018-05-01", "2018-08-01", "2019-03-31", "2019-04-01", "2020-02-29"],
)  # fmt: skip
TRAININGS = drawn(6, 4, held_on=["2018-05-01", "2020-02-01"])
REPORTS = drawn(
    80, 5, unit=["a", "b", "c"], month=mostly("2018-04", "2018-05", "2020-12", "2019-07"),
    submitted_on=mostly("2018-04-08", "2018-04-21", "2018-05-22"), kind=["progress", "bulletin", "supervision"],
)  # fmt: skip
INDICATORS = drawn(
    240, 6, code=mostly("construction_land_per_gdp", "energy_per_gdp", "coal_consumption", "groundwater_abstraction",
                        "groundwater_recharge", times=4),
    area=mostly("jiuquan", "suzhou", "yumen"), year=mostly(2015, 2018, 2019, 2020), value=mostly(80, 100, "<90", 115),
)  # fmt: skip

SECTIONS = drawn(30, 9, year=mostly(2018, 2019, times=3), water_class=mostly("II", "III", "V"), name=["a", "b"])

CASES = {
    "groups": ({"air_day": AIR, "water_section": SECTIONS}, ["air.good-days", "air.pm10", "water.good-sections"]),
    "periods and related records": (
        {"meeting": MEETINGS, "training": TRAININGS, "report": REPORTS, "indicator": INDICATORS},
        ["study.quarterly", "training.yearly", "report.*", "resource.*", "coal.consumption", "groundwater.balance"],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_rules_on_several_records(spark: Any, name: str) -> None:
    tables, rules = CASES[name]
    subjects = {"report.unit": ["a", "z"]}
    assert faults(spark, er.load_pack(PACK), tables, rules=rules, outcomes="all", subjects=subjects) == []


def test_groups_of_which_no_record_says_all_its_key(spark: Any) -> None:
    table = drawn(60, 2, area=["suzhou", None], day=[*days("2019-01-01", 5), "2020", None], aqi=[50, 150, None])
    assert faults(spark, er.load_pack(PACK), {"air_day": table}, rules=["air.good-days"], outcomes="all") == []


def test_what_is_looked_up_may_be_held_here(spark: Any, tmp_path: Any) -> None:
    pack = linked_pack(tmp_path)
    sites = drawn(50, 7, district=["north", "south", None], emitted=[1, 5, 9])
    limits = pa.table({"id": ["L1", "L2"], "district": ["north", "south"], "most": [4.0, 8.0]})
    tables = {"site": sites, "district_limit": limits}
    for held in ([], ["district_limit"]):
        assert faults(spark, pack, tables, rules=["site.limit", "site.total"], outcomes="all", held=held) == []
    inputs = {"site": sites, "district_limit": frame(spark, limits)}
    with pytest.raises(er.CallError) as caught:
        er.check(pack, inputs, as_of="2020-12-31", rules="site.limit")
    assert {d.code for d in caught.value.diagnostics} == {"engine-unsupported"}


def linked_pack(folder: Any) -> er.Pack:
    """A pack whose rules look up records of another type."""
    files = {
        "pack.yaml": "schema: envrules/1\npack: linked\nversion: 1.0.0\ntitle: {en: Linked}\nclauses: [{id: '1'}]\n",
        "records/site.yaml": """schema: envrules/1
record: site
label: {en: site}
fields:
  district: {kind: text, label: {en: district}}
  emitted: {kind: number, label: {en: emitted}}
""",
        "records/district_limit.yaml": """schema: envrules/1
record: district_limit
label: {en: limit of a district}
fields:
  district: {kind: text, label: {en: district}}
  most: {kind: number, label: {en: most}}
""",
        "1.yaml": """schema: envrules/1
clause: "1"
rules:
  - id: site.limit
    title: {en: limit}
    record: site
    related: {limit: {record: district_limit, keys: {district: district}}}
    require: emitted <= limit.most
  - id: site.total
    title: {en: total}
    record: site
    group: {district: district}
    require: sum(emitted) <= 50
""",
    }
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8")
    return er.load_pack(folder)
