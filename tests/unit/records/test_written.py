"""What was written is what is read: values formatted the ways people format them come back."""

from __future__ import annotations

import csv
import datetime as dt
import io
import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envrules.diagnostics import InputError
from envrules.interval import Interval, point
from envrules.records.cells import read_cell
from envrules.records.mapping import load_mapping
from envrules.records.read import read_inputs
from envrules.records.tables import Grid
from envrules.records.text_files import text_grid
from envrules.records.types import Enumeration, EnumValue, Field, RecordType, Words
from envrules.records.values import ABSENT, Cell, CellProblem, Fault, date_value
from envrules.units import registry

pytestmark = pytest.mark.usefixtures("way")

UNITS = registry()
NUMBER = Field("x", "number")
WIDE = str.maketrans("0123456789.-+<>%eE", "０１２３４５６７８９．－＋＜＞％ｅＥ")
KINDS = ["id", "text", "enum", "bool", "int", "number", "quantity", "date", "month", "year"]
finite = st.floats(-1e15, 1e15).map(lambda x: float(f"{x:.10g}"))
days = st.dates(dt.date(1000, 1, 1), dt.date(9999, 12, 31))


def value(field: Field, raw: object) -> object:
    found = read_cell(field, raw, UNITS)
    assert isinstance(found, Cell), found
    return found.value


@given(finite)
def test_numbers(x: float) -> None:
    for text in (repr(x), f"{x:.17g}", f" {x:e} ", repr(x).translate(WIDE)):
        found = value(NUMBER, text)
        assert isinstance(found, Interval)
        assert found.lo == found.hi == pytest.approx(x, rel=1e-6)
    assert value(NUMBER, repr(x)) == value(NUMBER, x) == point(x)
    grouped = f"{x:,.3f}"
    assert value(NUMBER, grouped) == value(NUMBER, grouped.replace(",", "，")) == point(float(grouped.replace(",", "")))


@given(st.sampled_from(["<", ">", "≤", "≥", "＜", "＞", "<=", ">="]), finite, st.sampled_from(["", " "]))
def test_censored_numbers(sign: str, x: float, blank: str) -> None:
    found = value(NUMBER, f"{sign}{blank}{x!r}")
    below, is_open = sign in "<≤＜<=", sign in "<>＜＞"
    expected = Interval(-math.inf, x, hi_open=is_open) if below else Interval(x, math.inf, lo_open=is_open)
    assert found == expected


@given(finite, finite, st.sampled_from(["~", "～", "-", " - ", "至", " to ", "—"]))
def test_ranges(x: float, y: float, mark: str) -> None:
    lo, hi = sorted((x, y))
    assert value(NUMBER, f"{lo!r}{mark}{hi!r}") == Interval(lo, hi)
    if lo < hi:
        assert isinstance(read_cell(NUMBER, f"{hi!r}{mark}{lo!r}", UNITS), Fault)


@given(
    st.floats(1e-6, 1e9), st.sampled_from(["t", "kg", "g", "1e4 t", "万吨", "公斤", "lb"]), st.sampled_from(["", " "])
)
def test_quantities_convert_there_and_back(x: float, unit: str, blank: str) -> None:
    mass = Field("mass", "quantity", UNITS.parse("t"))
    other = Field("mass", "quantity", UNITS.parse(unit))
    if unit.startswith("1e4"):
        unit, blank = "万吨", blank
    there = value(mass, f"{x!r}{blank}{unit}")
    assert isinstance(there, Interval)
    back = value(other, f"{there.lo!r} t")
    assert isinstance(back, Interval)
    assert back.lo == pytest.approx(x, rel=1e-12)


@given(days)
def test_dates(day: dt.date) -> None:
    field = Field("d", "date")
    y, m, d = day.year, day.month, day.day
    texts = [day.isoformat(), f"{y}/{m}/{d}", f"{y}.{m:02d}.{d:02d}", f"{y:04d}{m:02d}{d:02d}", f"{y}年{m}月{d}日"]
    for raw in [*texts, day, dt.datetime(y, m, d), f"{day} 00:00:00"]:
        assert value(field, raw) == date_value(day)


@given(st.integers(1000, 9999), st.integers(1, 12))
def test_months_and_years(year: int, month: int) -> None:
    meant = point(12 * year + month - 1)
    for raw in (f"{year}-{month:02d}", f"{year}年{month}月", f"{year}{month:02d}", int(f"{year}{month:02d}")):
        assert value(Field("m", "month"), raw) == meant
    for raw in (year, float(year), f"{year}年", str(year)):
        assert value(Field("y", "year"), raw) == point(year)


anything = st.one_of(
    st.text(max_size=12),
    st.text("0123456789.,-+<>≤%eE~ ±吨万年月日tMW/()×^#=", max_size=12),
    st.floats(),
    st.integers(),
    st.booleans(),
    st.none(),
    st.dates(),
    st.datetimes(timezones=st.none() | st.timezones()),
    st.decimals(),
    st.binary(max_size=3),
    st.lists(st.integers(), max_size=2),
)


@given(st.sampled_from(KINDS), anything)
def test_every_cell_gives_a_value_of_its_kind_or_a_reason(kind: str, raw: object) -> None:
    enum = Enumeration("e", (EnumValue("a", Words("A", "甲")), EnumValue("b")))
    field = Field("f", kind, unit=UNITS.parse("t/h"), context="steam", enum=enum if kind == "enum" else None,
                  bounds=Interval(0, 1e6) if kind == "quantity" else Interval(-math.inf, math.inf))  # type: ignore[arg-type]  # fmt: skip
    found = read_cell(field, raw, UNITS)
    if isinstance(found, Fault):
        assert found.code
        assert found.reason
        assert "\n" not in found.reason
        return
    if found.value is ABSENT:
        return
    expected = {"id": str, "text": str, "enum": str, "bool": bool}.get(kind, Interval)
    assert type(found.value) is expected
    if isinstance(found.value, Interval):
        assert found.value.lo <= found.value.hi
        assert not math.isnan(found.value.lo)
        assert math.isfinite(found.value.lo) or math.isfinite(found.value.hi)


cells = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=8) | st.sampled_from(
    ['"', "a\nb", "a,b", "1;2", "|"]
)


@given(
    st.lists(st.lists(cells, min_size=3, max_size=3), min_size=1, max_size=6),
    st.sampled_from(["utf-8", "utf-16", "gb18030"]),
)
def test_csv(rows: list[list[str]], encoding: str) -> None:
    import tempfile

    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL).writerows([["a", "b", "c"], *rows])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.csv"
        path.write_bytes(text.getvalue().encode(encoding))
        grid = text_grid(path, "a.csv", ",")
        assert isinstance(grid, Grid)
        try:
            found = [list(r) for _, r in grid.open_rows()]
        except InputError:
            pytest.fail("a CSV that was written as one is refused")
    # Bytes of GB 18030 may be valid UTF-8 by chance; the cells are then others, but none is lost.
    assert len(found) == len(rows) + 1
    if grid.encoding.replace("-sig", "") == encoding:
        assert found[1:] == rows


@given(st.binary(max_size=200))
def test_bytes_of_any_kind_never_give_a_traceback(content: bytes) -> None:
    import tempfile

    types = {"a": RecordType("a", {"id": Field("id", "id"), "x": NUMBER})}
    with tempfile.TemporaryDirectory() as folder:
        for suffix in ("csv", "json", "jsonl", "xlsx", "xls", "ods", "parquet"):
            path = Path(folder) / f"f.{suffix}"
            path.write_bytes(content)
            try:
                read_inputs({"a": path}, types, UNITS)
            except InputError as error:
                assert error.diagnostics  # noqa: PT017 - either outcome is right
        mapping = Path(folder) / "m.yaml"
        mapping.write_bytes(content)
        try:
            load_mapping(mapping)
        except InputError as error:
            assert error.diagnostics  # noqa: PT017


rows = st.lists(
    st.fixed_dictionaries({}, optional={"id": st.sampled_from(["A", "B", 1, None]), "x": anything, "y": anything}),
    max_size=6,
)


@given(rows)
def test_nothing_is_lost(given_rows: list[dict[str, object]]) -> None:
    types = {"a": RecordType("a", {"id": Field("id", "id"), "x": NUMBER, "y": Field("y", "date")})}
    try:
        found = read_inputs({"a": given_rows}, types, UNITS)
    except InputError as error:
        assert {d.code for d in error.diagnostics} <= {"no-known-column"}  # noqa: PT017
        return
    (account,) = found.accounts
    assert account.rows_read == len(given_rows)
    assert account.rows_used == len(found.records["a"]) == len(given_rows) - sum(account.skipped.values())
    unusable = {
        (r.place.row, n) for r in found.records["a"] for n, c in r.cells.items() if str(c.value) == "Nothing.UNUSABLE"
    }
    listed = {(p.row, p.field) for p in found.problems if p.code not in ("duplicate-id", "missing-id")}
    assert unusable == listed
    assert all(isinstance(p, CellProblem) and p.reason for p in found.problems)
