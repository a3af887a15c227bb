"""Laws of units: what is written is read again, what is converted comes back."""

from __future__ import annotations

import math

from hypothesis import given, settings
from hypothesis import strategies as st

from envrules.units import UnitError, registry

BROAD = settings(max_examples=max(200, settings().max_examples))
UNITS = registry()
KINDS = [
    ["t/h", "kg/s", "kg/h", "蒸吨/小时", "t/day"],
    ["%", "‰", "ppm", "mg/g", "kg/t", "g/kg"],
    ["m**2", "mu", "亩", "ha", "km**2", "公顷"],
    ["m**3", "1e8 m**3", "1e4 m**3", "L", "万立方米", "亿立方米"],
    ["ug/m**3", "mg/m**3", "mg/L", "g/L", "微克/立方米"],
    ["t", "kg", "g", "1e4 t", "万吨", "公斤"],
    ["MW", "kW", "千瓦", "W"],
    ["degC", "K", "℃", "degF"],
    ["day", "h", "week", "s"],
    ["tce/1e4 yuan", "tce/yuan"],
]


@st.composite
def alike(draw: st.DrawFn) -> tuple[str, str]:
    kind = draw(st.sampled_from(KINDS))
    return draw(st.sampled_from(kind)), draw(st.sampled_from(kind))


@BROAD
@given(alike(), st.floats(-1e9, 1e9, allow_subnormal=False))
def test_a_value_converted_and_back_is_itself(pair: tuple[str, str], value: float) -> None:
    source, target = (UNITS.parse(text) for text in pair)
    there, back = UNITS.conversion(source, target), UNITS.conversion(target, source)
    assert there is not None
    assert back is not None
    converted = there[0] * value + there[1]
    assert math.isclose(back[0] * converted + back[1], value, rel_tol=1e-11, abs_tol=1e-9)


@BROAD
@given(alike())
def test_a_unit_written_is_read_as_the_same(pair: tuple[str, str]) -> None:
    unit = UNITS.parse(pair[0])
    assert UNITS.parse(str(unit)) == unit
    assert UNITS.conversion(unit, UNITS.parse(str(unit))) == (1.0, 0.0)


@BROAD
@given(st.sampled_from(range(len(KINDS))), st.sampled_from(range(len(KINDS))))
def test_units_of_different_dimensions_do_not_convert(one: int, other: int) -> None:
    converts = UNITS.conversion(UNITS.parse(KINDS[one][0]), UNITS.parse(KINDS[other][0])) is not None
    assert converts == (one == other)


words = st.lists(st.sampled_from([*"*/()^²% 10", "kg", "t", "h", "m", "万", "吨", "1e4", "**", "-", "yuan", "x"]))


@BROAD
@given(st.text(max_size=30) | words.map("".join))
def test_a_text_is_a_unit_or_said_to_be_none(text: str) -> None:
    try:
        unit = UNITS.parse(text)
    except UnitError:
        return
    assert math.isfinite(unit.factor)
    assert unit.factor > 0
