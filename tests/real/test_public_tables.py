"""Real public tables, judged by a mapping file and counted again by hand. They stand beside the project, not in it."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pytest

import envrules as er
from envrules.analysis.mapping_file import mapping_text
from envrules.analysis.survey import survey
from envrules.interval import Interval, point
from envrules.records.values import ABSENT

HERE = Path(__file__).parent
DATA = HERE.parents[2] / "shared" / "data"
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the public tables are not beside this checkout")

#: 1 MMBtu/h of heat is 0.29307107 MW, and 0.7 MW counts as 1 t/h of steam.
MMBTU = 0.29307107 / 0.7


def outcomes(result: er.Result, rule: str) -> Counter[str]:
    return Counter(dict(result.counts[rule]))


def test_industrial_boilers_with_censored_capacities() -> None:
    table = DATA / "epa_ici_boilers" / "ici_boiler_inventory.csv"
    mapping = HERE / "mappings" / "industrial_boilers.yaml"
    result = er.check("jiuquan-2018", {"boiler": table}, mapping=mapping, as_of="2020-12-31", outcomes="all")
    with table.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    coal = [r["Design Capacity (mmBtu/hr)"] for r in rows if r["Fuel Category for Unit"] == "Coal"]
    small = sum(c == "<10" or (c.replace(".", "").isdigit() and float(c) * MMBTU <= 10) for c in coal)
    assert outcomes(result, "boiler.retire.built-up")["violation"] == small
    assert sum(outcomes(result, "boiler.retire.built-up").values()) == len(rows) == 2687
    # Every censored coal unit is certainly one of 10 t/h or less: it is judged, not left open.
    censored = [v for v in result.verdicts if v.rule == "boiler.retire.built-up" and "capacity" in v.missing]
    assert not [v for v in censored if v.missing == ("capacity",)]
    unknown_fuels = {p.value for p in result.dataset.problems}
    assert unknown_fuels == {"Gas 1", "Gas 1 - Metal Furnace"}


def test_power_plant_boilers_with_steam_flow_in_pounds() -> None:
    table = DATA / "eia860_boilers_2015" / "boiler_design_2015.csv"
    mapping = HERE / "mappings" / "power_plant_boilers.yaml"
    result = er.check("jiuquan-2018", {"boiler": table}, mapping=mapping, as_of="2020-12-31", outcomes="all")
    account = result.dataset.accounts[0]
    assert (account.rows_read, account.rows_used, dict(account.skipped)) == (4772, 4771, {"empty": 1})
    with table.open(encoding="utf-8-sig") as file:
        rows = list(csv.reader(file))
    header, body = rows[5], [dict(zip(rows[5], r, strict=True)) for r in rows[6:] if any(r)]
    assert header[0] == "Utility ID"
    retired_coal = [
        r
        for r in body
        if r["Boiler Status"] == "RE" and r["Primary Fuel 1"] in {"BIT", "SUB", "LIG", "ANT", "RC", "WC"}
    ]
    flows = {
        f"{r['Plant Code']}:{r['Boiler ID']}": r["Max Steam Flow (Thousand Pounds per Hour)"].replace(",", "").strip()
        for r in retired_coal
    }
    # 22.046 thousand pounds of steam an hour are 10 t/h.
    above = {i for i, f in flows.items() if f and float(f) * 0.45359237 > 10}
    upgrade = {v.record_id: v.outcome for v in result.verdicts if v.rule == "boiler.upgrade"}
    # A boiler out of service needs no upgrade, however large it is.
    assert {upgrade[i] for i in above} == {"not_applicable"}
    retire = {v.record_id: v.outcome for v in result.verdicts if v.rule == "boiler.retire.built-up"}
    assert {retire[i] for i in above} == {"not_applicable"}


def test_coal_of_twelve_months_side_by_side() -> None:
    table = DATA / "eia923_coal_2015" / "coal_boiler_fuel_2015.csv"
    mapping = HERE / "mappings" / "coal_by_month.yaml"
    result = er.check(
        "jiuquan-2018", {"coal_lot": table}, mapping=mapping, as_of="2020-12-31", rules="coal.sulfur.built-up"
    )
    (account,) = result.dataset.accounts
    assert (account.header_rows, account.rows_in_source, account.parts) == ((6,), 1661, 12)
    assert account.rows_read == 1661 * 12 == account.rows_used + sum(account.skipped.values())
    with table.open(encoding="utf-8-sig") as file:
        _, _, _, _, _, header, *rows = csv.reader(file)
    burned = [r for r in rows for i in range(15, 27) if r[i].replace(",", "") not in (".", "0", "")]
    assert header[15] == "Quantity Of Fuel Consumed\nJanuary"
    assert account.rows_used == len(burned)
    records = result.dataset.records["coal_lot"]
    sulfur = {r.place.row: r.value("total_sulfur") for r in records if r.id.endswith("2015-01-31")}
    assert sulfur[9] == point(float(rows[2][39]))
    # Five boilers have no name; their months are told apart all the same.
    assert len({r.id for r in records}) == len(records)
    assert {p.code for p in result.problem_list} == {"missing-id"}


@pytest.mark.parametrize(("city", "rows"), [("酒泉", 192), ("嘉峪关", 285), ("兰州", 784)])
def test_hourly_stations(city: str, rows: int) -> None:
    found = er.check("jiuquan-2018", {"air_day": DATA / "station_hourly_2020" / f"{city}.csv"}, as_of="2020-12-31")
    (account,) = found.dataset.accounts
    assert (account.encoding, account.rows_read, account.rows_used) == ("utf-8", rows, rows)
    with (DATA / "station_hourly_2020" / f"{city}.csv").open(encoding="utf-8") as file:
        given = [r["PM10"] for r in csv.DictReader(file)]
    values = [r.value("pm10") for r in found.dataset.records["air_day"]]
    expected = [point(float(v)) if v.replace(".", "").isdigit() else ABSENT for v in given]
    assert values == expected
    assert [p for p in found.problem_list if p.field == "pm10"] == []


def test_tables_that_no_record_type_fits_are_a_question() -> None:
    with pytest.raises(er.InputError) as caught:
        er.check("jiuquan-2018", [(None, DATA / "usgs_water_use_2015/usco2015v2.0.csv")])
    assert {d.code for d in caught.value.diagnostics} <= {"ambiguous-record-type", "unrecognised-table"}


def test_hours_of_the_embassy() -> None:
    columns = {"pm2.5": {"field": "pm2_5", "unit": "ug/m**3"}}
    mapping = {"record": "air_day", "columns": columns, "id": ["No"], "other_columns": "ignore"}
    table = DATA / "beijing_pm25_2014" / "beijing_pm25_hourly_2014.csv"
    found = er.check("jiuquan-2018", {"air_day": table}, mapping=mapping, as_of="2020-12-31", rules="air.*")
    with table.open(encoding="utf-8") as file:
        given = [r["pm2.5"] for r in csv.DictReader(file)]
    values = [r.value("pm2_5") for r in found.dataset.records["air_day"]]
    assert values == [ABSENT if v == "NA" else point(float(v)) for v in given]


def test_county_water_use_with_strokes_for_nothing() -> None:
    table = DATA / "usgs_water_use_2015" / "usco2015v2.0.csv"
    mapping = {
        "record": "water_intake",
        "columns": {"IR-RecWW": {"field": "taken", "unit": "1e6 gallon"}, "DO-WDelv": None},
        "id": ["FIPS"],
        "other_columns": "ignore",
    }
    found = er.check("jiuquan-2018", {"water_intake": table}, mapping=mapping, as_of="2020-12-31")
    with table.open(encoding="utf-8") as file:
        given = [r["IR-RecWW"] for r in csv.DictReader(file)]
    values = [r.value("taken") for r in found.dataset.records["water_intake"]]
    assert [v is ABSENT for v in values] == [v == "--" for v in given]
    read = [v.lo for v in values if isinstance(v, Interval)]
    assert read == pytest.approx([float(v) * 3785.411784 for v in given if v != "--"])


@pytest.mark.parametrize(
    ("file", "header", "found"),
    [
        ("eia860_boilers_2015/boiler_design_2015.csv", 6, "boiler"),
        ("eia923_coal_2015/coal_boiler_fuel_2015.csv", 6, "coal_lot"),
        ("epa_ici_boilers/ici_boiler_inventory.csv", 1, "boiler"),
        ("station_hourly_2020/酒泉.csv", 1, "air_hour"),
        ("usgs_water_use_2015/usco2015v2.0.csv", 1, ""),
        ("beijing_pm25_2014/beijing_pm25_hourly_2014.csv", 1, "air_hour"),
    ],
)
def test_what_is_recognised_without_a_word(file: str, header: int, found: str) -> None:
    pack = er.load_pack("jiuquan-2018")
    (table,) = survey(str(DATA / file), pack.records, pack.units).tables
    assert (table.table.header_row, table.record_type) == (header, found)
    # A doubt is a question, and no column of it is read.
    assert found or not any(c.field for c in table.columns)


def test_a_mapping_proposed_for_twelve_months() -> None:
    pack = er.load_pack("jiuquan-2018")
    path = str(DATA / "eia923_coal_2015" / "coal_boiler_fuel_2015.csv")
    (table,) = survey(path, pack.records, pack.units, "coal_lot", as_it_stands=True).tables
    assert table.wide is not None
    assert (len(table.wide.parts), len(table.wide.columns)) == (12, 4)
    text = mapping_text(table, pack.records["coal_lot"], pack.units)
    assert '"Sulfur Content": total_sulfur' in text
    assert '{field: mass, unit_column: "Physical Unit Label"}' in text
    assert "month: sampled_on" in text
    assert "January: 2015-01-31" in text
