"""Record types as a pack would declare them, small enough to see through."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest

from envrules.interval import Interval
from envrules.records.dataset import Dataset
from envrules.records.read import read_inputs
from envrules.records.types import Enumeration, EnumValue, Field, RecordType, Words
from envrules.units import Units, registry

NOT_NEGATIVE = Interval(0, math.inf)
ABOVE_ZERO = Interval(0, math.inf, lo_open=True)
SHARE = Interval(0, 100)


def words(**values: str) -> Enumeration:
    return Enumeration("e", tuple(EnumValue(n, Words(n.replace("_", " "), zh)) for n, zh in values.items()))


ZONE = Enumeration(
    "zone",
    (
        EnumValue("built_up", Words("built-up area", "城市建成区"), ("建成区",)),
        EnumValue("other", Words("elsewhere", "其他地区")),
    ),
)
COUNTY = words(suzhou="肃州区", yumen="玉门市", dunhuang="敦煌市")
WATER_CLASS = words(I="Ⅰ类", II="Ⅱ类", III="Ⅲ类", inferior_V="劣Ⅴ类")
ALERT = words(none="无预警", yellow="黄色")
CODE = words(pm10="PM10浓度", forest_cover="森林覆盖率", coal_consumption="煤炭消费量", unitless="无单位")


def labelled(name: str, kind: Any, zh: str, **more: Any) -> Field:
    return Field(name, kind, label=Words(name.replace("_", " "), zh), **more)


def build_types(units: Units) -> dict[str, RecordType]:
    def unit(text: str) -> Any:
        return units.parse(text)

    def record(name: str, zh: str, *fields: Field, aliases: tuple[str, ...] = (), **more: Any) -> RecordType:
        everything = [labelled("id", "id", "编号"), *fields]
        return RecordType(name, {f.name: f for f in everything}, Words(name.replace("_", " "), zh), aliases, **more)

    county = labelled("county", "enum", "县区", enum=COUNTY)
    zone = labelled("zone", "enum", "区域", enum=ZONE)
    fuel = labelled("fuel", "enum", "燃料", enum=words(coal="燃煤", gas="天然气"))
    capacity = labelled(
        "capacity", "quantity", "额定蒸发量", unit=unit("t/h"), context="steam", bounds=ABOVE_ZERO, aliases=("容量",)
    )
    share: dict[str, Any] = {"unit": unit("%"), "bounds": SHARE}
    types = [
        record(
            "boiler",
            "锅炉",
            county,
            zone,
            fuel,
            capacity,
            labelled("upgraded", "bool", "是否完成改造"),
            labelled("commissioned_on", "date", "投运日期"),
            aliases=("锅炉台账",),
        ),
        record(
            "boiler_application",
            "锅炉审批",
            county,
            zone,
            fuel,
            capacity,
            labelled("kind", "enum", "性质", enum=words(new="新建", expansion="扩建")),
            labelled("decision", "enum", "审批决定", enum=words(pending="待审", approved="已批准")),
            date="applied_on",
        ),
        record(
            "coal_lot",
            "煤炭批次",
            zone,
            labelled("total_sulfur", "quantity", "全硫", aliases=("硫分",), typical=(0.1, 6), **share),
            labelled("ash", "quantity", "灰分", **share),
            labelled("mass", "quantity", "质量", unit=unit("t"), bounds=ABOVE_ZERO),
            labelled("sampled_on", "date", "采样日期"),
        ),
        record(
            "indicator",
            "指标",
            labelled("area", "enum", "地区", enum=COUNTY),
            labelled("code", "enum", "指标名称", enum=CODE),
            labelled("year", "year", "年份"),
            labelled(
                "value",
                "quantity",
                "数值",
                unit_of="code",
                unit_field="unit",
                units={
                    "pm10": unit("ug/m**3"),
                    "forest_cover": unit("%"),
                    "coal_consumption": unit("1e4 t"),
                },
                bounds=NOT_NEGATIVE,
            ),
            labelled("unit", "text", "单位"),
            id_from=("area", "code", "year"),
        ),
        record("meeting", "会议", labelled("held_on", "date", "召开日期"), labelled("body", "text", "机构")),
        record("training", "培训", labelled("held_on", "date", "举办日期")),
    ]
    return {t.name: t for t in types}


@pytest.fixture(scope="session")
def units() -> Units:
    return registry()


@pytest.fixture(scope="session")
def types(units: Units) -> dict[str, RecordType]:
    return build_types(units)


@pytest.fixture(scope="session")
def read(types: dict[str, RecordType], units: Units) -> Callable[..., Dataset]:
    def one(inputs: Any, mapping: Any = None) -> Dataset:
        return read_inputs(inputs, types, units, mapping)

    return one


@pytest.fixture(params=["rows", "columns"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Every table is read both ways: row by row, and as the columns that a large one is kept as."""
    if request.param == "columns":
        monkeypatch.setattr("envrules.records.read.MANY", 1)
    return str(request.param)
