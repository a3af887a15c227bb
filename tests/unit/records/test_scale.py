"""Columns of shares without a unit: percent, fractions, or a question."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import envrules as er
from envrules.interval import Interval
from envrules.records.values import Nothing

PACK = er.load_pack("jiuquan-2018")


def read(path: Path, text: str, mapping: dict[str, Any] | None = None) -> tuple[list[Any], list[str], list[str]]:
    path.write_text(text, "utf-8")
    kind = "coal_lot" if "全硫" in text else "dust_site"
    result = er.check(PACK, [(kind, path)], as_of="2020-12-31", mapping=mapping)
    field = "total_sulfur" if kind == "coal_lot" else "covered"
    values = [r.value(field) for r in result.dataset.records[kind]]
    plain = [v.lo if isinstance(v, Interval) and v.known else v for v in values]
    decisions = [d for a in result.dataset.accounts for d in a.decisions]
    return plain, [p.code for p in result.dataset.problems], decisions


@pytest.mark.parametrize(
    ("header", "cells", "expected"),
    [
        ("全硫", ["0.5", "0.8", "1.2"], [0.5, 0.8, 1.2]),
        ("全硫", ["0.5", "0.7", "0.8"], [0.5, 0.7, 0.8]),  # 80 % of sulfur is no coal
        ("全硫", ["0.005", "0.007", "0.008"], [0.5, 0.7, 0.8]),  # and neither is 0.008 %
        ("全硫", ["0.005", "0.7%", "0.008"], [0.5, 0.7, 0.8]),
        ("全硫(%)", ["0.005", "0.007", "0.008"], [0.005, 0.007, 0.008]),
        ("全硫(mg/g)", ["5", "7", "8"], [0.5, 0.7, 0.8]),
        ("全硫", ["0.005", "0.008"], [0.005, 0.008]),  # two numbers show no scale
        ("裸土覆盖率", ["0.9", "50", "100"], [0.9, 50, 100]),
        ("裸土覆盖率", ["0", "0", "0"], [0, 0, 0]),
        ("裸土覆盖率", ["90%", "50%", "100%"], [90, 50, 100]),
        ("裸土覆盖率(%)", ["0.9", "0.5", "1"], [0.9, 0.5, 1]),
    ],
)
def test_the_scale_is_what_the_column_shows(
    header: str, cells: list[str], expected: list[float], tmp_path: Path
) -> None:
    rows = "".join(f"A{i},{cell}\n" for i, cell in enumerate(cells))
    values, problems, _ = read(tmp_path / "a.csv", f"编号,{header}\n{rows}")
    assert values == pytest.approx(expected)
    assert problems == []


def test_fractions_are_told(tmp_path: Path) -> None:
    _, _, decisions = read(tmp_path / "a.csv", "编号,全硫\nA,0.005\nB,0.007\nC,0.008\n")
    assert any("taken for fractions" in d for d in decisions)


@pytest.mark.parametrize("header", ["裸土覆盖率", "全硫"])
def test_a_column_that_could_be_either_is_a_question(header: str, tmp_path: Path) -> None:
    numbers = ["0.9", "0.5", "1"] if header == "裸土覆盖率" else ["0.06", "0.07", "0.08"]
    rows = "".join(f"A{i},{cell}\n" for i, cell in enumerate([*numbers, "80%", "0"]))
    values, problems, _ = read(tmp_path / "a.csv", f"编号,{header}\n{rows}")
    assert values[:3] == [Nothing.UNUSABLE] * 3
    assert values[3] in (80, Nothing.UNUSABLE)
    assert values[4] == 0
    assert set(problems) == {"percent-scale"}


@pytest.mark.parametrize(("unit", "expected"), [("%", [0.9, 0.5, 1]), ("1", [90, 50, 100])])
def test_a_mapping_says_the_scale(unit: str, expected: list[float], tmp_path: Path) -> None:
    mapping = {"record": "dust_site", "columns": {"裸土覆盖率": {"field": "covered", "unit": unit}}}
    values, problems, _ = read(tmp_path / "a.csv", "编号,裸土覆盖率\nA,0.9\nB,0.5\nC,1\n", mapping)
    assert values == pytest.approx(expected)
    assert problems == []


def test_records_of_a_program_are_in_the_unit_of_their_field() -> None:
    sites = [{"id": str(i), "covered": x} for i, x in enumerate([0.9, 0.5, 1])]
    result = er.check(PACK, {"dust_site": sites}, as_of="2020-12-31")
    assert [r.value("covered") for r in result.dataset.records["dust_site"]] == [Interval(x, x) for x in (0.9, 0.5, 1)]


def test_a_long_file_of_few_rows_shows_its_scale_too(tmp_path: Path) -> None:
    remark = "x" * 3000
    rows = "".join(f"A{i},{cell},{remark}\n" for i, cell in enumerate(["0.005", "0.007", "0.008"] * 30))
    values, problems, _ = read(tmp_path / "a.csv", f"编号,全硫,备注\n{rows}")
    assert (tmp_path / "a.csv").stat().st_size > 200_000
    assert values[:3] == pytest.approx([0.5, 0.7, 0.8])
    assert problems == []
