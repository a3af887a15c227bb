"""What stands in the public tables beside the project, worked out without the program, as `messy` writes it.

Each function gives the expected table of one file; `TABLES` has the file, the mapping it is read by and that function.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from envrules.interval import Interval
from messy.corpus import shipped_pack
from messy.judging import Headers, Judgement, judge, read

HERE = Path(__file__).parent
DATA = HERE.parents[2] / "shared" / "data"

#: A British thermal unit (of the international table) is 1055.05585262 J, and 0.7 MW counts as 1 t/h of steam.
MMBTU = 1055.05585262 / 3600 / 0.7
#: Tonnes in a thousand pounds, and in a short ton of two thousand.
KILOPOUND, SHORT_TON = 0.45359237, 0.90718474
COAL = ("BIT", "SUB", "LIG", "ANT", "RC", "WC")
LAST_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)

#: The words and codes for fuels in the two tables of boilers; `Gas 1` and the like may be other gases than natural.
UNIT_FUELS = {"Coal": "coal", "Heavy Liquid": "oil", "Light Liquid": "oil", "Bagasse": "biomass"}
UNIT_FUELS |= {"Dry Biomass": "biomass", "Wet Biomass": "biomass"}
PLANT_FUELS = dict.fromkeys(COAL, "coal") | dict.fromkeys(("WDS", "OBS", "AB", "BLQ"), "biomass")
PLANT_FUELS |= {"NG": "gas", "DFO": "oil", "RFO": "oil"}

Table = dict[str, Any]


def numbered(path: Path, header: int) -> tuple[list[str], Iterator[tuple[int, dict[str, str]]]]:
    """The headers, and the rows below with their numbers as a spreadsheet shows them."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    headers = rows[header - 1]
    body = ((n, dict(zip(headers, r, strict=False))) for n, r in enumerate(rows, 1) if n > header and any(r))
    return headers, body


def heat_input(text: str) -> Any:
    """A capacity in million British thermal units an hour, as t/h; `<10` is a range."""
    if text.startswith("<"):
        return repr(Interval(0, float(text[1:]) * MMBTU, True, True))
    return float(text) * MMBTU if text else None


def industrial_boilers(path: Path) -> Table:
    headers, body = numbered(path, 1)
    rows: dict[int, list[Any]] = {}
    seen: set[str] = set()
    for n, row in body:
        name = f"{row['FacilityID']}:{row['UnitID']}"
        text = row["Design Capacity (mmBtu/hr)"]
        fuel = UNIT_FUELS.get(row["Fuel Category for Unit"], "!")
        values = [heat_input(text), fuel, "built_up", "operating", "suzhou"]
        rows[n] = [[name, "!"] if name in seen else name, *values]
        seen.add(name)
    used = {"Design Capacity (mmBtu/hr)": "capacity", "Fuel Category for Unit": "fuel"}
    return _table("boiler", ["+id", *(used.get(h) for h in headers), "+zone", "+status", "+county"], rows)


def power_plant_boilers(path: Path) -> Table:
    headers, body = numbered(path, 6)
    status = {"OP": "operating", "RE": "retired", "SB": "standby", "OS": "stopped"}
    rows: dict[int, list[Any]] = {}
    seen: set[str] = set()
    for n, row in body:
        name = f"{row['Plant Code']}:{row['Boiler ID']}"
        flow = row["Max Steam Flow (Thousand Pounds per Hour)"].replace(",", "").strip()
        # A boiler without any steam is none: the field lies above 0.
        capacity = None if not flow else "!" if float(flow) == 0 else float(flow) * KILOPOUND
        fuel = row["Primary Fuel 1"].strip().replace("NA", "")
        values = [status.get(row["Boiler Status"]), capacity, PLANT_FUELS.get(fuel, "!") if fuel else None, "built_up"]
        rows[n] = [[name, "!"] if name in seen else name, *values]
        seen.add(name)
    used = {
        "Boiler Status": "status",
        "Max Steam Flow (Thousand Pounds per Hour)": "capacity",
        "Primary Fuel 1": "fuel",
    }
    return _table("boiler", ["+id", *(used.get(h) for h in headers), "+zone"], rows)


def coal_by_month(path: Path) -> Table:
    headers, body = numbered(path, 6)
    rows: dict[int, Any] = {}
    for n, row in body:
        lots = []
        for number, (month, days) in enumerate(zip(MONTHS, LAST_DAYS, strict=True), 1):
            quantity = row[f"Quantity Of Fuel Consumed\n{month}"].replace(",", "")
            if quantity in ("0", "."):
                continue
            sulfur, ash = (row[f"{what} Content\n{month}"] for what in ("Sulfur", "Ash"))
            shares = [None if share == "." else float(share) for share in (sulfur, ash)]
            day = f"2015-{number:02}-{days}"
            lots.append([row["Plant Name"], float(quantity) * SHORT_TON, *shares, day, "use", "ar"])
        rows[n] = {"several": lots}
    names = ["site", *(f"+{f}" for f in ("mass", "total_sulfur", "ash", "sampled_on", "activity", "basis"))]
    return _table("coal_lot", [*names, *[None] * (len(headers) - 1)], rows)


def _table(record: str, columns: list[str | None], rows: dict[int, Any]) -> Table:
    return {"type": record, "columns": columns, "rows": rows}


def industrial_boilers_as_they_are(path: Path) -> Table:
    """Without a mapping: a unit's name is its id, though others have it too."""
    headers, body = numbered(path, 1)
    rows: dict[int, list[Any]] = {}
    seen: set[str] = set()
    for n, row in body:
        name = row["UnitID"].strip()
        capacity = heat_input(row["Design Capacity (mmBtu/hr)"])
        fuel = UNIT_FUELS.get(row["Fuel Category for Unit"], "!")
        rows[n] = [row["FacilityID"], [name, "!"] if name in seen else name, capacity, fuel]
        seen.add(name)
    used = {"FacilityID": "facility", "UnitID": "id", "Design Capacity (mmBtu/hr)": "capacity"}
    used["Fuel Category for Unit"] = "fuel"
    return {**_table("boiler", [used.get(h) for h in headers], rows), "headers": headers}


def power_plant_boilers_as_they_are(path: Path) -> Table:
    """Without a mapping: the id is one of a plant's own, and some of the codes are none that the pack knows."""
    headers, body = numbered(path, 6)
    status = {"OP": "operating", "RE": "retired", "SB": "standby", "OS": "stopped", "": None}
    rows: dict[int, list[Any]] = {}
    seen: set[str] = set()
    for n, row in body:
        name = row["Boiler ID"].strip()
        flow = row["Max Steam Flow (Thousand Pounds per Hour)"].replace(",", "").strip()
        capacity = None if not flow else "!" if float(flow) == 0 else float(flow) * KILOPOUND
        fuel = row["Primary Fuel 1"].strip().replace("NA", "")
        year = row["Inservice Year"].strip()
        # A year without a day is the range of its days.
        since: Any = None if not year else f"[{year}-01-01, {year}-12-31]" if year != "0" else "!"
        values = [status.get(row["Boiler Status"].strip(), "!"), since, capacity]
        rows[n] = [
            row["Plant Name"].strip() or None,
            [name, "!"] if name in seen else name,
            *values,
            PLANT_FUELS.get(fuel, "!") if fuel else None,
        ]
        seen.add(name)
    used = {
        "Plant Name": "facility",
        "Boiler ID": "id",
        "Boiler Status": "status",
        "Inservice Year": "commissioned_on",
        "Max Steam Flow (Thousand Pounds per Hour)": "capacity",
        "Primary Fuel 1": "fuel",
    }
    return {**_table("boiler", [used.get(h) for h in headers], rows), "headers": headers}


def coal_by_month_as_it_is(path: Path) -> Table:
    """Without a mapping: a lot for each month in which something was burned; nothing says its basis or who it is of."""
    headers, body = numbered(path, 6)
    rows: dict[int, Any] = {}
    for n, row in body:
        lots = []
        for number, (month, days) in enumerate(zip(MONTHS, LAST_DAYS, strict=True), 1):
            quantity = row[f"Quantity Of Fuel Consumed\n{month}"].replace(",", "")
            if quantity in ("0", "."):
                continue
            shares = [float(row[f"{what} Content\n{month}"]) for what in ("Sulfur", "Ash")]
            lots.append([row["Plant Name"], float(quantity) * SHORT_TON, *shares, f"2015-{number:02}-{days}"])
        rows[n] = {"several": lots}
    used = {"Plant Name": "site", "YEAR": "*sampled_on"}
    used |= {f"Quantity Of Fuel Consumed\n{month}": "*mass" for month in MONTHS}
    used |= {f"Sulfur Content\n{month}": "*total_sulfur" for month in MONTHS}
    used |= {f"Ash Content\n{month}": "*ash" for month in MONTHS}
    columns = [*(used.get(h) for h in headers), "+mass", "+total_sulfur", "+ash", "+sampled_on"]
    return {**_table("coal_lot", columns, rows), "headers": headers}


def hours_of_the_embassy(path: Path) -> Table:
    """Hours of one pollutant, whose date stands in three columns."""
    headers, body = numbered(path, 1)
    used = {"year": "*day", "month": "*day", "day": "*day", "hour": "hour", "pm2.5": "pm2_5"}
    rows: dict[int, list[Any]] = {}
    for n, row in body:
        day = f"{row['year']}-{int(row['month']):02}-{int(row['day']):02}"
        rows[n] = [float(row["hour"]), None if row["pm2.5"] == "NA" else float(row["pm2.5"]), day]
    return {**_table("air_hour", [*(used.get(h) for h in headers), "+day"], rows), "headers": headers}


def hours_of_stations(path: Path) -> Table:
    """Hours of air quality, recognised by their columns; the area is not in the file."""
    headers, body = numbered(path, 1)
    used = {"Date": "day", "Hour": "hour", "WatchPoint": "station", "AQI": "aqi", "O3_1h": "o3", "O3_8h": "o3_8h"}
    used |= {"PM2.5": "pm2_5", "PM10": "pm10", "CO": "co", "NO2": "no2", "SO2": "so2"}
    rows: dict[int, list[Any]] = {}
    for n, row in body:
        values: list[Any] = []
        for header in (h for h in headers if h in used):
            text = row[header].strip()
            if header == "Date":
                values.append(f"{text[:4]}-{text[4:6]}-{text[6:]}")
            elif header == "WatchPoint":
                values.append(text)
            else:
                values.append(None if text in ("", "NaN", "—") else float(text))
        rows[n] = values
    return {**_table("air_hour", [used.get(h) for h in headers], rows), "headers": headers}


def water_use(path: Path) -> Table:
    """No record type of the pack is a county's use of water by sector: nothing in it is to be read."""
    headers, _ = numbered(path, 1)
    return {**_table("water_intake", [None] * len(headers), {}), "headers": headers}


@dataclass(frozen=True)
class Public:
    """A public table, the mapping by which it is read, if by one, and what stands in it."""

    file: str
    mapping: str
    expected: Callable[[Path], Table]

    @property
    def name(self) -> str:
        return f"{Path(self.file).stem}{'' if self.mapping else ' as it is'}"

    @property
    def path(self) -> Path:
        return DATA / self.file


TABLES = (
    Public("epa_ici_boilers/ici_boiler_inventory.csv", "industrial_boilers.yaml", industrial_boilers),
    Public("eia860_boilers_2015/boiler_design_2015.csv", "power_plant_boilers.yaml", power_plant_boilers),
    Public("eia923_coal_2015/coal_boiler_fuel_2015.csv", "coal_by_boiler_and_month.yaml", coal_by_month),
)
#: The same and others as they are, without a mapping.
AS_THEY_ARE = (
    Public("epa_ici_boilers/ici_boiler_inventory.csv", "", industrial_boilers_as_they_are),
    Public("eia860_boilers_2015/boiler_design_2015.csv", "", power_plant_boilers_as_they_are),
    Public("eia923_coal_2015/coal_boiler_fuel_2015.csv", "", coal_by_month_as_it_is),
    *(Public(f"station_hourly_2020/{c}.csv", "", hours_of_stations) for c in ("酒泉", "嘉峪关", "兰州")),
    Public("beijing_pm25_2014/beijing_pm25_hourly_2014.csv", "", hours_of_the_embassy),
    Public("usgs_water_use_2015/usco2015v2.0.csv", "", water_use),
)


def judgement(table: Public) -> Judgement:
    """How the program reads a public table, against what stands in it."""
    pack = shipped_pack()
    reading = read(pack, table.path, None, HERE / "mappings" / table.mapping if table.mapping else None)
    return judge(pack, reading, [table.expected(table.path)], Headers({}))
