"""Real public tables, judged by a mapping file and counted again by hand. They stand beside the project, not in it."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pytest

import envrules as er

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
    assert unknown_fuels == {"Gas 1", "Gas 1 - Metal Furnace", "Light Liquid"}


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
