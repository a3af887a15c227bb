"""One raw cell to one value: what is read, what stands for nothing, and what is refused with a reason."""

from __future__ import annotations

import datetime as dt
import enum
import math
from decimal import Decimal
from typing import Any

import pytest

from envrules.interval import Interval, point
from envrules.records.cells import CellReader, read_cell
from envrules.records.types import Enumeration, EnumValue, Field, Words
from envrules.records.values import ABSENT, Cell, Fault, date_value
from envrules.units import ONE, Units, registry

UNITS = registry()
ABOVE_ZERO = Interval(0, math.inf, lo_open=True)
INF = math.inf

SHARE = Field("share", "quantity", UNITS.parse("%"), bounds=Interval(0, 100))
CAPACITY = Field("capacity", "quantity", UNITS.parse("t/h"), context="steam", bounds=ABOVE_ZERO)
MASS = Field("mass", "quantity", UNITS.parse("t"), bounds=ABOVE_ZERO)
TEN_THOUSAND_TONS = Field("mass", "quantity", UNITS.parse("1e4 t"), bounds=ABOVE_ZERO)
VOLUME = Field("volume", "quantity", UNITS.parse("m**3"), bounds=Interval(0, INF))
LEAD = Field("lead", "quantity", UNITS.parse("mg/L"), bounds=Interval(0, INF), detection_limit=0.002)
TEMPERATURE = Field("temperature", "quantity", UNITS.parse("degC"))
NUMBER = Field("aqi", "number")
STAGE = Field("stage", "int")
WATER = Field("water_class", "enum", enum=Enumeration("w", tuple(
    EnumValue(n, Words(f"class {n}", f"{zh}类"), (f"{n}级",)) for n, zh in (("I", "Ⅰ"), ("II", "Ⅱ"), ("III", "Ⅲ"))
)))  # fmt: skip
ALERT = Field(
    "alert", "enum", enum=Enumeration("a", (EnumValue("none", Words("no alert", "无预警")), EnumValue("red")))
)
HAS_NO = Field("pollution", "enum", enum=Enumeration("p", (EnumValue("clean", Words("clean", "无")), EnumValue("bad"))))
DONE = Field("done", "bool")
DAY = Field("day", "date")
DONE_ON = Field("completed_on", "date", empty_is_answer=True)
MONTH = Field("month", "month")
YEAR = Field("year", "year", bounds=Interval(1900, 2100))
NAME = Field("name", "text")
ID = Field("id", "id")


def value(field: Field, raw: object, **more: Any) -> Any:
    found = read_cell(field, raw, UNITS, **more)
    assert isinstance(found, Cell), found
    return found.value


def fault(field: Field, raw: object, **more: Any) -> Fault:
    found = read_cell(field, raw, UNITS, **more)
    assert isinstance(found, Fault), found
    return found


@pytest.mark.parametrize(
    ("field", "raw", "meant"),
    [
        (SHARE, "0.8", point(0.8)),
        (SHARE, 0.8, point(0.8)),
        (SHARE, 1, point(1)),
        (SHARE, Decimal("0.80"), point(0.8)),
        (SHARE, "0.8 %", point(0.8)),
        (SHARE, "8 mg/g", point(0.8)),
        (SHARE, "0", point(0)),
        (SHARE, "100", point(100)),
        (SHARE, "1000 mg/g", point(100)),
        (SHARE, "<10", Interval(0, 10, hi_open=True)),
        (SHARE, "≤10", Interval(0, 10)),
        (SHARE, ">90", Interval(90, 100, lo_open=True)),
        (SHARE, "95~105", Interval(95, 100)),
        (CAPACITY, "14 MW", point(20)),
        (CAPACITY, "7MW", point(10)),
        (CAPACITY, "20蒸吨", point(20)),
        (CAPACITY, "10吨/小时", point(10)),
        (CAPACITY, "<10", Interval(0, 10, lo_open=True, hi_open=True)),
        (CAPACITY, ">10", Interval(10, INF, lo_open=True)),
        (CAPACITY, "6~9 t/h", Interval(6, 9)),
        (CAPACITY, "0.7MW~10t/h", Interval(1, 10)),
        (MASS, "1.2万吨", point(12000)),
        (MASS, "1.2万", point(12000)),
        (MASS, "12,000", point(12000)),
        (TEN_THOUSAND_TONS, "12000 t", point(1.2)),
        (VOLUME, "5L", point(0.005)),
        (LEAD, "0.004L", Interval(0, 0.004, hi_open=True)),
        (LEAD, "<0.004L", Interval(0, 0.004, hi_open=True)),
        (LEAD, "未检出", Interval(0, 0.002, hi_open=True)),
        (LEAD, "ND", Interval(0, 0.002, hi_open=True)),
        (LEAD, "N.D.", Interval(0, 0.002, hi_open=True)),
        (TEMPERATURE, "-5", point(-5)),
        (TEMPERATURE, "<-5", Interval(-INF, -5, hi_open=True)),
        (NUMBER, "80%", point(0.8)),
        (NUMBER, "-3", point(-3)),
        (STAGE, 5.0, point(5)),
        (STAGE, "5.0", point(5)),
        (STAGE, "<5", Interval(-INF, 5, hi_open=True)),
        (SHARE, Interval(1, 2), Interval(1, 2)),
    ],
)
def test_numbers(field: Field, raw: object, meant: Interval) -> None:
    found = value(field, raw)
    assert found.lo == pytest.approx(meant.lo, rel=1e-12)
    assert found.hi == pytest.approx(meant.hi, rel=1e-12)
    assert (found.lo_open and found.lo > -INF, found.hi_open and found.hi < INF) == (meant.lo_open, meant.hi_open)


@pytest.mark.parametrize(
    ("field", "raw", "code"),
    [
        (SHARE, "105", "out-of-bounds"),
        (SHARE, -0.1, "out-of-bounds"),
        (SHARE, "101~105", "out-of-bounds"),
        (SHARE, "<0", "out-of-bounds"),
        (SHARE, ">100", "out-of-bounds"),
        (CAPACITY, 0, "out-of-bounds"),
        (CAPACITY, "≤0", "out-of-bounds"),
        (CAPACITY, "9~6", "not-a-number"),
        (CAPACITY, "10吨", "unit-mismatch"),
        (CAPACITY, "10 %", "unit-mismatch"),
        (CAPACITY, "10 furlongs", "unknown-unit"),
        (TEN_THOUSAND_TONS, "1.2万", "unknown-unit"),
        (SHARE, "0.8 t/h", "unit-mismatch"),
        (SHARE, "未检出", "not-detected"),
        (SHARE, math.inf, "not-finite"),
        (SHARE, -math.inf, "not-finite"),
        (SHARE, "1e999", "not-finite"),
        (MASS, 10**400, "not-finite"),
        (MASS, Decimal("Infinity"), "not-finite"),
        (SHARE, True, "not-a-number"),
        (SHARE, dt.date(2018, 6, 9), "not-a-number"),
        (SHARE, "很高", "not-a-number"),
        (SHARE, "#DIV/0!", "spreadsheet-error"),
        (SHARE, "#N/A", "spreadsheet-error"),
        (SHARE, "=A1/B1", "formula"),
        (SHARE, [1], "nested-value"),
        (SHARE, {"value": 1}, "nested-value"),
        (SHARE, b"1", "nested-value"),
        (SHARE, 1j, "nested-value"),
        (SHARE, object(), "nested-value"),
        (STAGE, "5.5", "not-a-whole-number"),
        (STAGE, "国五", "not-a-number"),
        (DONE, "进行中", "not-yes-or-no"),
        (DONE, "x", "not-yes-or-no"),
        (DONE, 2, "not-yes-or-no"),
        (DONE, 0.5, "not-yes-or-no"),
        (WATER, "Ⅵ类", "unknown-value"),
        (DAY, "2018-02-30", "not-a-date"),
        (DAY, 20183.0, "not-a-date"),
        (DAY, True, "not-a-date"),
        (DAY, dt.datetime(2018, 3, 22, tzinfo=dt.timezone.utc), "not-a-date"),
        (MONTH, 2018.1, "not-a-month"),
        (YEAR, 18, "not-a-year"),
        (YEAR, "2200", "out-of-bounds"),
        (YEAR, True, "not-a-year"),
        (NAME, ["a"], "nested-value"),
        (ID, Interval(1, 2), "nested-value"),
    ],
)
def test_refusals(field: Field, raw: object, code: str) -> None:
    found = fault(field, raw)
    assert found.code == code
    assert found.reason


@pytest.mark.parametrize("field", [SHARE, DONE, DAY, MONTH, YEAR, NAME, ID, WATER, STAGE, NUMBER], ids=lambda f: f.name)
@pytest.mark.parametrize(
    "raw", [None, math.nan, "", "  ", "-", "——", "/", "NA", "N/A", "NaN", "null", "无数据", ".", "缺测"]
)
def test_absent(field: Field, raw: object) -> None:
    assert value(field, raw) is ABSENT


def test_wu_is_nothing_but_no_for_yes_or_no_and_a_word_where_it_is_declared() -> None:
    assert value(NAME, "无") is ABSENT
    assert value(SHARE, " 无 ") is ABSENT
    assert value(DONE, "无") is False
    assert value(HAS_NO, "无") == "clean"
    assert value(WATER, "无") is ABSENT


def test_none_is_a_word_where_it_is_declared() -> None:
    assert value(ALERT, "none") == "none"
    assert value(ALERT, "None") == "none"
    assert value(ALERT, None) is ABSENT
    assert value(WATER, "none") is ABSENT


@pytest.mark.parametrize("raw", [None, "", "-", "无", "未完成", "否", "×", "not done"])
def test_not_done_where_emptiness_says_so(raw: object) -> None:
    assert value(DONE_ON, raw) is ABSENT


@pytest.mark.parametrize("raw", ["不详", "无数据", "unknown", "待核实"])
def test_not_known_is_not_the_same_as_not_done(raw: str) -> None:
    assert fault(DONE_ON, raw).code == "says-unknown"
    assert value(DAY, raw) is ABSENT


@pytest.mark.parametrize(
    "raw", ["是", "有", "√", "✓", "对", "true", "TRUE", "Yes", "y", "1", 1, 1.0, True, "已完成", "１"]
)
def test_yes(raw: object) -> None:
    assert value(DONE, raw) is True


@pytest.mark.parametrize("raw", ["否", "无", "×", "false", "No", "n", "0", 0, 0.0, False, "未完成", "Ｎ", "没有"])
def test_no(raw: object) -> None:
    assert value(DONE, raw) is False


@pytest.mark.parametrize(
    ("raw", "meant"),
    [
        ("I", "I"),
        ("Ⅰ", "I"),
        ("Ⅱ类", "II"),
        ("II类", "II"),
        ("ⅱ", "II"),
        ("iii", "III"),
        ("Ⅲ 类", "III"),
        ("class III", "III"),
        ("Class_II", "II"),
        ("II级", "II"),
    ],
)
def test_words_of_an_enumeration(raw: str, meant: str) -> None:
    assert value(WATER, raw) == meant


def test_an_unknown_word_names_the_nearest_or_all() -> None:
    assert "did you mean class III?" in fault(WATER, "clas III").reason
    assert "I, II, III" in fault(WATER, "good").reason


def test_a_word_of_two_values_is_refused() -> None:
    both = Field("f", "enum", enum=Enumeration("e", (EnumValue("a", aliases=("煤",)), EnumValue("b", aliases=("煤",)))))
    assert "may be any of a, b" in fault(both, "煤").reason


def test_numbers_as_words_of_an_enumeration() -> None:
    coded = Field(
        "f", "enum", enum=Enumeration("e", (EnumValue("one", aliases=("1",)), EnumValue("two", aliases=("2",))))
    )
    assert [value(coded, raw) for raw in (1, 1.0, "2")] == ["one", "one", "two"]


@pytest.mark.parametrize(
    "raw",
    [
        "2018-03-22",
        dt.date(2018, 3, 22),
        dt.datetime(2018, 3, 22),
        dt.datetime(2018, 3, 22, 9, 30),
        20180322,
        20180322.0,
    ],
)
def test_dates(raw: object) -> None:
    assert value(DAY, raw) == date_value(dt.date(2018, 3, 22))


@pytest.mark.parametrize(
    "raw", ["2018-03", "2018年3月", 201803, 201803.0, dt.date(2018, 3, 22), dt.datetime(2018, 3, 1)]
)
def test_months(raw: object) -> None:
    assert value(MONTH, raw) == point(2018 * 12 + 2)


@pytest.mark.parametrize("raw", ["2018", 2018, 2018.0, "2018年", dt.date(2018, 12, 31), Decimal(2018)])
def test_years(raw: object) -> None:
    assert value(YEAR, raw) == point(2018)


@pytest.mark.parametrize(
    ("raw", "meant"),
    [
        (7.0, "7"),
        (7, "7"),
        (7.5, "7.5"),
        (" B-1 ", "B-1"),
        ("007", "007"),
        (Decimal("7.00"), "7"),
        (dt.date(2018, 3, 22), "2018-03-22"),
        (dt.datetime(2018, 3, 22), "2018-03-22"),
        ("=1", "=1"),
    ],
)
def test_texts(raw: object, meant: str) -> None:
    assert value(ID, raw) == meant


def test_what_was_read_is_kept() -> None:
    found = read_cell(CAPACITY, " 14 MW ", UNITS)
    assert isinstance(found, Cell)
    assert (found.raw, found.unit) == (" 14 MW ", "MW")
    plain = read_cell(CAPACITY, "20蒸吨", UNITS)
    assert isinstance(plain, Cell)
    assert plain.unit is None  # the same unit by another name


def test_an_uncertainty_is_kept_beside_the_value() -> None:
    found = read_cell(SHARE, "8±0.5 mg/g", UNITS)
    assert isinstance(found, Cell)
    assert found.value == point(0.8)
    assert found.uncertainty == pytest.approx(0.05)


def test_the_units_of_a_column_and_of_a_cell() -> None:
    mw = UNITS.parse("MW")
    assert value(CAPACITY, "14", unit=mw) == point(20)
    assert value(CAPACITY, 14, unit=mw) == point(20)
    assert value(CAPACITY, "<7", unit=mw) == Interval(0, 10, True, True)
    assert value(CAPACITY, "20 t/h", unit=mw) == point(20)
    assert fault(CAPACITY, "20", unit=UNITS.parse("t")).code == "unit-mismatch"


def test_tons_alone_are_no_output_of_steam() -> None:
    assert "蒸吨/小时" in fault(CAPACITY, "10吨").reason


def test_a_share_decided_by_another_field_is_at_most_a_hundred() -> None:
    depends = Field("value", "quantity", unit_of="code", bounds=Interval(0, INF))
    percent, count = UNITS.parse("%"), UNITS.parse("count")
    assert fault(depends, "120", target=percent).code == "out-of-bounds"
    assert value(depends, "120", target=count) == point(120)


def test_rounding_of_a_conversion_is_not_out_of_bounds() -> None:
    share = Field("share", "quantity", ONE, bounds=Interval(0, 0.3))
    assert value(share, 0.1 + 0.2) == point(0.3)
    assert fault(share, 0.3001).code == "out-of-bounds"


class Colour(enum.Enum):
    COAL = "I"


class Level(enum.IntEnum):
    FIVE = 5


def test_members_of_python_enumerations() -> None:
    assert value(WATER, Colour.COAL) == "I"
    assert value(STAGE, Level.FIVE) == point(5)


def test_scalars_of_numpy_and_pandas() -> None:
    np, pd = pytest.importorskip("numpy"), pytest.importorskip("pandas")
    assert value(SHARE, np.float64(0.8)) == point(0.8)
    assert value(SHARE, np.float32(0.8)) == point(0.8)  # not 0.800000011920929
    assert value(SHARE, np.float16(0.8)) == point(0.8)
    assert value(STAGE, np.int64(5)) == point(5)
    assert value(DONE, np.bool_(True)) is True
    assert value(NAME, np.str_("a")) == "a"
    assert value(DAY, np.datetime64("2018-03-22")) == value(DAY, np.datetime64("2018-03-22T00:00:00", "ns"))
    assert value(DAY, pd.Timestamp("2018-03-22")) == value(DAY, "2018-03-22")
    for nothing in (np.float32("nan"), np.float64("nan"), np.datetime64("NaT"), pd.NaT, pd.NA):
        assert value(SHARE, nothing) is ABSENT
    assert fault(SHARE, np.array([1, 2])).code == "nested-value"
    assert fault(SHARE, np.float32("inf")).code == "not-finite"


def test_a_reader_remembers_and_tells_types_apart() -> None:
    reader = CellReader(DONE, UNITS)
    assert [reader("1"), reader("1")][0] is reader("1")
    number = CellReader(NUMBER, UNITS)
    assert isinstance(number(True), Fault)
    assert isinstance(number(1.0), Cell)
    assert isinstance(number(True), Fault)


def test_what_is_remembered_is_bounded() -> None:
    reader = CellReader(NUMBER, UNITS)
    for n in range(30_000):
        reader(f"{n}")
    assert len(reader._texts) <= 20_000


def test_a_column_of_unknown_words_stays_fast() -> None:
    reader = CellReader(WATER, UNITS)
    faults = [reader(f"clas {n}") for n in range(5_000)]
    assert sum("did you mean" in f.reason for f in faults if isinstance(f, Fault)) <= 100


def test_a_pack_with_units_of_its_own() -> None:
    units = Units(["jin = 500 * gram = 斤"])
    found = read_cell(MASS, "2000斤", units)
    assert isinstance(found, Cell)
    assert found.value == point(1)
