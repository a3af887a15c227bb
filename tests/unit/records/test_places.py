"""Zones from coordinates: made-up polygons in every format and system, boundaries, and places that cannot be."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import envrules as er
from envrules.cli.app import app
from envrules.records.coordinates import parse_angle, to_gcj02, to_wgs84
from envrules.records.values import Nothing

geopandas = pytest.importorskip("geopandas")
shapely = pytest.importorskip("shapely")

PACK = er.load_pack("jiuquan-2018")

# A square town from 98.50 to 98.52 east and 39.70 to 39.72 north, about 1.7 km by 2.2 km, with a hole in it.
TOWN = shapely.Polygon(
    [(98.50, 39.70), (98.52, 39.70), (98.52, 39.72), (98.50, 39.72)],
    [[(98.513, 39.713), (98.516, 39.713), (98.516, 39.716), (98.513, 39.716)]],
)
INSIDE, OUTSIDE = (98.505, 39.705), (98.55, 39.71)
BOW_TIE = shapely.Polygon([(98.60, 39.70), (98.62, 39.72), (98.62, 39.70), (98.60, 39.72)])
CORE = shapely.box(98.0, 39.0, 98.1, 39.1)
BUFFER = shapely.box(98.1, 39.0, 98.2, 39.1)


def write(path: Path, shapes: list[Any], crs: str | None = "EPSG:4326", **attributes: list[Any]) -> str:
    frame = geopandas.GeoDataFrame(attributes or {"n": range(len(shapes))}, geometry=shapes, crs=crs)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "'crs' was not provided")
        frame.to_file(path)
    return str(path)


@pytest.fixture
def town(tmp_path: Path) -> str:
    return write(tmp_path / "town.geojson", [TOWN])


def read(places: dict[str, Any], record_type: str = "boiler", **record: Any) -> Any:
    result = er.check(PACK, {record_type: [{"id": "A", **record}]}, as_of="2020-12-31", places=places)
    return result.dataset.records[record_type][0], result.dataset.problems, result


def at(place: tuple[float, float]) -> dict[str, float]:
    return {"longitude": place[0], "latitude": place[1]}


@pytest.mark.parametrize("name", ["town.geojson", "town.gpkg", "town.shp"])
@pytest.mark.parametrize(
    ("place", "zone"),
    [(INSIDE, "built_up"), (OUTSIDE, "other"), ((98.5145, 39.7145), "other"), ((98.5001, 39.7001), "built_up")],
)
def test_a_place_gets_its_zone(name: str, place: tuple[float, float], zone: str, tmp_path: Path) -> None:
    found, problems, _ = read({"zone": write(tmp_path / name, [TOWN])}, **at(place))
    assert found.value("zone") == zone
    assert problems == []


@pytest.mark.parametrize("crs", ["EPSG:4490", "EPSG:32647", "EPSG:3857"])
def test_other_systems_of_the_file_are_converted(crs: str, tmp_path: Path) -> None:
    frame = geopandas.GeoDataFrame({"n": [1]}, geometry=[TOWN], crs="EPSG:4326").to_crs(crs)
    frame.to_file(tmp_path / "town.gpkg")
    places = {"zone": str(tmp_path / "town.gpkg")}
    assert read(places, **at(INSIDE))[0].value("zone") == "built_up"
    assert read(places, **at(OUTSIDE))[0].value("zone") == "other"


@pytest.mark.parametrize(
    ("metres", "accuracy", "zone"),
    [
        (30, 0, "built_up"),
        (30, 20, "built_up"),
        (30, 50, frozenset({"built_up", "other"})),
        (-30, 20, "other"),
        (-30, 50, frozenset({"built_up", "other"})),
    ],
)
def test_a_place_within_its_accuracy_of_the_boundary_is_open(
    metres: float, accuracy: float, zone: Any, town: str
) -> None:
    # One degree of latitude is about 111.0 km here.
    found, problems, _ = read({"zone": town, "accuracy": accuracy}, **at((98.51, 39.70 + metres / 111_000)))
    assert found.value("zone") == zone
    assert problems == []


def test_an_open_zone_is_indeterminate_and_says_why(town: str) -> None:
    boiler = {"id": "A", "fuel": "coal", "capacity": 6, "status": "operating", "longitude": 98.51, "latitude": 39.7001}
    result = er.check(
        PACK, {"boiler": [boiler]}, as_of="2020-12-31", places={"zone": town, "accuracy": 50},
        rules="boiler.retire.built-up",
    )  # fmt: skip
    assert [(v.outcome, v.missing) for v in result.verdicts] == [("indeterminate", ("zone",))]
    assert "within its accuracy of a boundary" in result.verdicts[0].notes[0]


def test_a_finding_says_that_the_zone_came_from_the_place(town: str) -> None:
    boiler = {"id": "A", "fuel": "coal", "capacity": 6, "status": "operating", **at(INSIDE)}
    result = er.check(
        PACK, {"boiler": [boiler]}, as_of="2020-12-31", places={"zone": town}, rules="boiler.retire.built-up"
    )
    assert [v.outcome for v in result.verdicts] == ["violation"]
    assert result.verdicts[0].notes == (f"zone is not given; built_up by the coordinates, in {town}",)


@pytest.mark.parametrize(
    ("record", "code"),
    [
        (at((39.705, 98.505)), "swapped-coordinates"),
        (at((-98.505, 39.705)), "far-away"),
        (at((0, 0)), "far-away"),
        (at((116.4, 39.9)), "far-away"),
        ({"longitude": 98.505}, "half-a-place"),
        ({"latitude": 39.705}, "half-a-place"),
        ({**at(INSIDE), "zone": "other"}, "contradiction"),
        ({**at(INSIDE), "zone": "built_up"}, None),
        ({**at(INSIDE), "longitude": "somewhere"}, "not-a-number"),
        ({"longitude": 398, "latitude": 39.7}, "out-of-bounds"),
        ({}, None),
    ],
)
def test_places_that_cannot_be_are_problems(record: dict[str, Any], code: str | None, town: str) -> None:
    found, problems, _ = read({"zone": town}, **record)
    assert [p.code for p in problems] == ([code] if code else [])
    assert found.value("zone") == record.get("zone", Nothing.ABSENT)


def test_a_stated_zone_needs_no_place(town: str) -> None:
    assert read({"zone": town}, zone="other")[0].value("zone") == "other"


def test_polygons_that_are_not_valid_are_problems(tmp_path: Path) -> None:
    places = {"zone": write(tmp_path / "towns.geojson", [TOWN, BOW_TIE])}
    found, problems, result = read(places, **at((98.605, 39.71)))
    assert found.value("zone") is Nothing.ABSENT
    assert [p.code for p in problems] == ["invalid-area"]
    assert [w.code for w in result.dataset.warnings if w.code == "invalid-area"] == ["invalid-area"]
    # Elsewhere the others are as good as before.
    assert read(places, **at(INSIDE))[0].value("zone") == "built_up"
    assert read(places, **at(OUTSIDE))[0].value("zone") == "other"


@pytest.mark.parametrize("by", ["功能区", "ZONE_TYPE"])
def test_zones_of_a_reserve_by_an_attribute(by: str, tmp_path: Path) -> None:
    path = write(tmp_path / "reserve.gpkg", [CORE, BUFFER], **{by: ["核心区", "缓冲区"]})
    places = {"reserve_zone": path if by == "功能区" else {"file": path, "by": by}, "accuracy": 10}

    def zone(x: float, y: float) -> Any:
        return read(places, "reserve_activity", **at((x, y)))[0].value("reserve_zone")

    assert zone(98.05, 39.05) == "core"
    assert zone(98.15, 39.05) == "buffer"
    assert zone(98.3, 39.05) == "none"
    assert zone(98.1, 39.05) == {"core", "buffer"}
    assert zone(98.2, 39.05) == {"buffer", "none"}


def test_a_yes_or_no_by_the_place(tmp_path: Path) -> None:
    places = {"in_ban_zone": write(tmp_path / "ban.geojson", [TOWN])}
    assert read(places, "livestock_farm", **at(INSIDE))[0].value("in_ban_zone") is True
    assert read(places, "livestock_farm", **at(OUTSIDE))[0].value("in_ban_zone") is False


def test_coordinates_of_chinese_maps(town: str, tmp_path: Path) -> None:
    edge = (98.5005, 39.705)  # 43 m inside; its place on a map in GCJ-02 lies outside
    gcj = to_gcj02(*edge)
    assert read({"zone": town, "system": "GCJ-02"}, **at(gcj))[0].value("zone") == "built_up"
    shifted = shapely.transform(TOWN, lambda c: [to_gcj02(x, y) for x, y in c])
    moved = {"file": write(tmp_path / "gcj.geojson", [shifted]), "system": "gcj02"}
    assert read({"zone": moved}, **at(edge))[0].value("zone") == "built_up"


# Pairs published with the two libraries whose formulas these are.
@pytest.mark.parametrize(
    ("wgs", "gcj"),
    [
        ((121.5272106, 31.1774276), (121.531541859215, 31.17530398364597)),
        ((113.912316, 22.543847), (113.9171764808363, 22.540796131694766)),
        ((116.377817, 39.911954), (116.38404722455657, 39.91334545536069)),
        ((116.404, 39.915), (116.41024449916938, 39.91640428150164)),
    ],
)
def test_gcj_02_and_back(wgs: tuple[float, float], gcj: tuple[float, float]) -> None:
    assert to_gcj02(*wgs) == pytest.approx(gcj, abs=1e-6)
    assert to_wgs84(*gcj, "GCJ-02") == pytest.approx(wgs, abs=1e-6)


def test_bd_09() -> None:
    assert to_wgs84(116.404, 39.915, "BD-09") == pytest.approx(to_wgs84(116.39762729, 39.90865674, "GCJ-02"), abs=1e-7)


@pytest.mark.parametrize(
    ("text", "degrees"), [("98°30′36″", 98.51), ("98度30分36秒", 98.51), ("N39°42'", 39.7), ("98°61′", None)]
)
def test_degrees_minutes_and_seconds(text: str, degrees: float | None) -> None:
    assert parse_angle(text) == degrees


def test_columns_with_chinese_names(town: str, tmp_path: Path) -> None:
    path = tmp_path / "锅炉.csv"
    path.write_text("锅炉编号,经度(°),纬度（度）,燃料\nB1,98°30′18″,39.705,燃煤\n", "utf-8")
    result = er.check(PACK, [("boiler", path)], as_of="2020-12-31", places={"zone": town})
    assert result.dataset.records["boiler"][0].value("zone") == "built_up"


@pytest.mark.parametrize(
    ("places", "code"),
    [
        ({"zone": "no.geojson"}, "file-not-found"),
        ({"zon": "a.geojson"}, "places-setting"),
        ({"capacity": "a.geojson"}, "places-setting"),
        ({}, "places-setting"),
        ({"zone": "no.geojson", "system": "Mars"}, "places-setting"),
        ({"zone": "no.geojson", "accuracy": "near"}, "places-setting"),
        ({"zone": {"files": "a"}}, "places-setting"),
    ],
)
def test_settings_that_are_wrong(places: dict[str, Any], code: str) -> None:
    with pytest.raises(er.EnvrulesError) as caught:
        read(places)
    assert [d.code for d in caught.value.diagnostics] == [code]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.geojson", "{"),
        ("a.geojson", json.dumps({"type": "FeatureCollection", "features": []})),
        ("a.txt", "nothing"),
        (
            "a.geojson",
            json.dumps(
                {"type": "Feature", "properties": {}, "geometry": {"type": "Point", "coordinates": [98.5, 39.7]}}
            ),
        ),
    ],
)
def test_files_that_are_no_areas(name: str, content: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(content, "utf-8")
    with pytest.raises(er.EnvrulesError) as caught:
        read({"zone": str(tmp_path / name)}, **at(INSIDE))
    assert {d.code for d in caught.value.diagnostics} == {"area-file"}


def test_a_file_without_coordinates_of_its_own_has_to_be_told(tmp_path: Path) -> None:
    path = write(tmp_path / "town.shp", [TOWN], crs=None)
    with pytest.raises(er.InputError) as caught:
        read({"zone": path}, **at(INSIDE))
    assert [d.code for d in caught.value.diagnostics] == ["area-file"]
    assert read({"zone": {"file": path, "system": "CGCS2000"}}, **at(INSIDE))[0].value("zone") == "built_up"


def test_a_word_that_the_polygons_hold_has_to_be_known(tmp_path: Path) -> None:
    path = write(tmp_path / "reserve.gpkg", [CORE], 功能区=["中心区"])
    with pytest.raises(er.InputError) as caught:
        read({"reserve_zone": path}, "reserve_activity", **at((98.05, 39.05)))
    assert "中心区" in str(caught.value)


HEATING = {
    "kind": "new", "capacity_status": "normal", "reserve_zone": "none", "heavy_metal": False, "takes_water": False,
    "livestock": False, "in_water_source_protection": False,
}  # fmt: skip


@pytest.mark.parametrize(("place", "decision"), [(INSIDE, "refuse"), (OUTSIDE, "clear")])
def test_a_project_is_screened_by_where_its_boilers_stand(
    place: tuple[float, float], decision: str, town: str, tmp_path: Path
) -> None:
    boiler = {"fuel": "coal", "kind": "new", "capacity": "15 t/h", **at(place)}
    asked = {"as_of": "2020-06-30", "places": {"zone": town}}
    open_ = er.screen(PACK, HEATING, boilers=[boiler], as_of="2020-06-30")
    found = er.screen(PACK, HEATING, boilers=[boiler], **asked)
    assert [open_.decision, found.decision] == ["ask", decision]
    file = tmp_path / "heating.json"
    file.write_text(json.dumps({**HEATING, "boilers": [boiler]}), "utf-8")
    assert [d.decision for d in er.screen_all(PACK, [file], **asked).decisions] == [decision]
    result = CliRunner().invoke(
        app, ["screen", str(file), "--as-of", "2020-06-30", "--places", f"zone={town}", "--format", "json"]
    )
    assert [d["decision"] for d in json.loads(result.stdout)["decisions"]] == [decision]


def test_packs_are_compared_on_records_with_coordinates(town: str, tmp_path: Path) -> None:
    boiler = {"id": "A", "fuel": "coal", "status": "operating", "capacity": "8 t/h", **at(INSIDE)}
    # Of the two packs only the first knows the field; a field that neither knows is refused.
    found = er.compare(PACK, "indoor-air-2022", {"boiler": [boiler]}, as_of="2020-12-31", places={"zone": town})
    values = [[b.value("zone") for b in d.records.get("boiler", ())] for d in found.datasets]
    assert values == [["built_up"], []]
    with pytest.raises(er.CallError) as caught:
        er.compare(PACK, "indoor-air-2022", {"boiler": [boiler]}, as_of="2020-12-31", places={"zon": town})
    assert {d.code for d in caught.value.diagnostics} == {"places-setting"}
