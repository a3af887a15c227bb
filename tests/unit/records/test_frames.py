"""Frames of every library give what a list of the same records gives."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from envrules.diagnostics import InputError
from envrules.interval import point
from envrules.records.dataset import Dataset
from envrules.records.frames import frame_table
from envrules.records.values import ABSENT, UNUSABLE, date_value

pytestmark = pytest.mark.usefixtures("way")

Read = Callable[..., Dataset]
COLUMNS: dict[str, list[Any]] = {
    "id": ["A", "B", "C"],
    "额定蒸发量(MW)": [14.0, None, 7.0],
    "upgraded": [True, None, False],
    "commissioned_on": [dt.date(2018, 3, 22), None, dt.date(2020, 1, 1)],
    "fuel": ["燃煤", "?", "煤"],
}


def pandas_frame() -> Any:
    return pytest.importorskip("pandas").DataFrame(COLUMNS)


def pandas_nullable() -> Any:
    return pandas_frame().convert_dtypes()


def pandas_indexed() -> Any:
    return pandas_frame().set_index("id")


def polars_frame() -> Any:
    return pytest.importorskip("polars").DataFrame(COLUMNS)


def polars_lazy() -> Any:
    return polars_frame().lazy()


def arrow_table() -> Any:
    return pytest.importorskip("pyarrow").table(COLUMNS)


def duckdb_relation() -> Any:
    duckdb = pytest.importorskip("duckdb")
    pytest.importorskip("pyarrow")
    return duckdb.from_arrow(arrow_table())


def narwhals_frame() -> Any:
    return pytest.importorskip("narwhals").from_native(polars_frame())


MAKERS = [
    pandas_frame, pandas_nullable, pandas_indexed, polars_frame, polars_lazy, arrow_table, duckdb_relation,
    narwhals_frame,
]  # fmt: skip


@pytest.mark.parametrize("make", MAKERS, ids=lambda m: m.__name__)
def test_frames(make: Callable[[], Any], read: Read) -> None:
    found = read({"boiler": make()})
    assert [r.id for r in found.records["boiler"]] == ["A", "B", "C"]
    assert [r.value("capacity") for r in found.records["boiler"]] == [point(20), ABSENT, point(10)]
    assert [r.value("upgraded") for r in found.records["boiler"]] == [True, ABSENT, False]
    day = date_value(dt.date(2018, 3, 22))
    assert [r.value("commissioned_on") for r in found.records["boiler"]][:2] == [day, ABSENT]
    assert [r.value("fuel") for r in found.records["boiler"]] == ["coal", ABSENT, UNUSABLE]
    assert [(p.row, p.column, p.value, p.code) for p in found.problems] == [(3, "fuel", "煤", "unknown-value")]
    assert (found.warnings, found.accounts[0].rows_used) == ([], 3)


def test_single_precision_is_what_was_written(read: Read) -> None:
    pl, pd = pytest.importorskip("polars"), pytest.importorskip("pandas")
    values = [0.8, 0.7, 12.345, None]
    for frame in (
        pl.DataFrame({"id": ["1", "2", "3", "4"], "ash": pl.Series(values, dtype=pl.Float32)}),
        pd.DataFrame({"id": ["1", "2", "3", "4"], "ash": pd.Series(values, dtype="float32")}),
    ):
        found = read({"coal_lot": frame})
        assert [r.value("ash") for r in found.records["coal_lot"]] == [point(0.8), point(0.7), point(12.345), ABSENT]


def test_types_of_polars(read: Read) -> None:
    pl = pytest.importorskip("polars")
    frame = pl.DataFrame(
        {
            "id": pl.Series([1, 2], dtype=pl.UInt8),
            "zone": pl.Series(["built_up", "其他地区"], dtype=pl.Categorical),
            "ash": pl.Series([Decimal("0.80"), None], dtype=pl.Decimal(10, 2)),
            "mass": pl.Series([float("inf"), float("nan")]),
            "sampled_on": pl.Series([dt.datetime(2018, 3, 22, 8), None]).dt.replace_time_zone("Asia/Shanghai"),
        }
    )
    found = read({"coal_lot": frame})
    first, second = found.records["coal_lot"]
    assert (first.id, second.id) == ("1", "2")
    assert (first.value("zone"), second.value("zone")) == ("built_up", "other")
    assert (first.value("ash"), first.value("mass"), first.value("sampled_on")) == (point(0.8), UNUSABLE, UNUSABLE)
    assert (second.value("ash"), second.value("mass"), second.value("sampled_on")) == (ABSENT, ABSENT, ABSENT)
    assert [p.code for p in found.problems] == ["not-finite", "not-a-date"]


def test_frames_that_cannot_be_read(read: Read) -> None:
    pd, pl = pytest.importorskip("pandas"), pytest.importorskip("polars")
    twice = pd.DataFrame([[1, 2]], columns=["id", "id"])
    failing = pl.LazyFrame({"id": ["x"]}).select(pl.col("no"))
    for source in (twice, failing, pd.Series([1]), pd.DataFrame({"id": [1]}, index=pd.Index([1], name="id"))):
        with pytest.raises(InputError) as caught:
            read({"boiler": source})
        assert caught.value.diagnostics[0].code in ("frame-columns", "frame-kind", "duplicate-column")


def test_an_empty_frame(read: Read) -> None:
    pl = pytest.importorskip("polars")
    assert read({"boiler": pl.DataFrame({"id": [], "fuel": []})}).records == {"boiler": []}


def test_parquet(read: Read, tmp_path: Path) -> None:
    polars_frame().write_parquet(tmp_path / "boilers.parquet")
    found = read({"boiler": tmp_path / "boilers.parquet"})
    assert [r.value("capacity") for r in found.records["boiler"]] == [point(20), ABSENT, point(10)]
    assert found.records["boiler"][0].place.source == str(tmp_path / "boilers.parquet")


TYPED: dict[str, Callable[[Any, Any], Any]] = {
    "numbers": lambda pd, pa: pd.Series([1.5, None, float("inf"), -2.0]),
    "whole numbers": lambda pd, pa: pd.Series([1, 2, 3, 4]),
    "truths": lambda pd, pa: pd.Series([True, False, True, True]),
    "texts": lambda pd, pa: pd.Series(["煤", None, "longer than twelve bytes", ""]),
    "texts of python": lambda pd, pa: pd.Series(["煤", None, "b", ""], dtype=pd.StringDtype("python")),
    "texts of arrow": lambda pd, pa: pd.Series(["煤", None, "b", ""], dtype=pd.ArrowDtype(pa.string())),
    "words": lambda pd, pa: pd.Series(["coal", None, "gas", "coal"], dtype="category"),
    "nullable": lambda pd, pa: pd.Series([1, None, 3, 4], dtype="Int64"),
    "mixed": lambda pd, pa: pd.Series([1, "2 MW", None, "coal"], dtype=object),
    **{
        f"times in {unit}": lambda pd, pa, unit=unit: pd.Series(
            [dt.datetime(2018, 3, 22, 8), None, dt.datetime(1931, 5, 6, 23, 59), dt.datetime(1970, 1, 1)],
            dtype=f"datetime64[{unit}]",
        )
        for unit in ("s", "ms", "us", "ns")
    },
}


@pytest.mark.parametrize("kind", TYPED)
@pytest.mark.parametrize("library", ["pandas", "pyarrow"])
def test_a_part_of_a_column_is_what_the_whole_column_has_there(kind: str, library: str) -> None:
    pl, pd, pa = (pytest.importorskip(n) for n in ("polars", "pandas", "pyarrow"))
    frame = pd.DataFrame({"x": TYPED[kind](pd, pa)})
    if library == "pyarrow":
        if kind == "mixed":
            pytest.skip("Arrow has no mixed cells")
        frame = pa.Table.from_pandas(frame)
        frame = pa.concat_tables([frame.slice(0, 3), frame.slice(3)])
    table = frame_table(frame, "frame")
    assert table.columns is not None
    whole = list(table.columns().column(0))
    for rows in (slice(1, 3), slice(0, 0), pl.Series([3, 0, 1], dtype=pl.UInt32)):
        part = list(table.columns().some(0, rows))
        # NaN is not equal to itself.
        assert repr(part) == repr(whole[rows] if isinstance(rows, slice) else [whole[i] for i in rows])


def test_times_fall_on_their_days(read: Read) -> None:
    pd = pytest.importorskip("pandas")
    times = [dt.datetime(2018, 3, 22, 8), None, dt.datetime(1931, 5, 6, 23, 59), dt.datetime(1969, 12, 31)]
    for unit in ("s", "ms", "us", "ns"):
        column = pd.Series(times, dtype=f"datetime64[{unit}]")
        found = read({"coal_lot": pd.DataFrame({"id": ["1", "2", "3", "4"], "sampled_on": column})})
        days = [ABSENT if t is None else date_value(t.date()) for t in times]
        assert [r.value("sampled_on") for r in found.records["coal_lot"]] == days
