"""The report for a terminal."""

from __future__ import annotations

import re
from typing import Any

import pytest
from rich.cells import cell_len

from envrules.records.values import CellProblem
from envrules.report import table
from envrules.report.table import render


@pytest.mark.parametrize("width", [60, 80, 100, 120, 200])
def test_no_line_is_wider_than_the_terminal(width: int, verdict: Any, data: Any) -> None:
    ids = ["锅炉" * n + "A" * n for n in range(1, 60, 7)]
    wide = {
        "observed": "很长的文字" * 9,
        "limit": ["retired", "dismantled"],
        "message": "m" * 300,
        "notes": ("备注" * 90,),
    }
    run = data([verdict(i, **wide) for i in ids], pack_title_zh="方案" * 80)
    for line in render(run, width).splitlines():
        assert cell_len(line) <= width


def test_colour_only_where_it_is_wanted(verdict: Any, data: Any) -> None:
    run = data([verdict()])
    plain, coloured = render(run, 80), render(run, 80, True)
    assert "\x1b[" not in plain
    assert "\x1b[" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured).split() == plain.split()


def test_markup_in_records_is_shown(verdict: Any, data: Any) -> None:
    shown = render(data([verdict("[bold]x[/bold] :smile:")]), 80)
    assert "[bold]x[/bold] :smile:" in shown


def test_an_id_that_looks_like_a_range_stays(verdict: Any, data: Any) -> None:
    assert "[1, 2]" in render(data([verdict("[1, 2]", observed="[0.9, 1]")]), 80)


def test_long_lists_are_cut_with_a_count(verdict: Any, data: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    many = [verdict(f"L{n}", "violation" if n % 2 else "indeterminate") for n in range(table.RULE_ROWS + 50)]
    shown = render(data(many), 100)
    assert "and 50 more (50 indeterminate): the formats html, xlsx and csv list all of them" in shown
    monkeypatch.setattr(table, "ALL_ROWS", 10)
    assert "and 140 more" in render(data(many), 100)
    problems = [CellProblem("a.csv", "", n, "c", "v", "r") for n in range(table.RULE_ROWS + 7)]
    assert "and 7 more" in render(data(problems=problems), 100)


def test_empty_columns_are_left_out(verdict: Any, data: Any) -> None:
    shown = render(data([verdict(observed=False, limit=True, margin=None, unit=None, fields=("upgraded",))]), 80)
    header = next(line for line in shown.splitlines() if line.strip().startswith("coal_lot"))
    assert header.split() == ["coal_lot", "outcome", "upgraded", "limit"]
    assert re.search(r"L1 +violation +no +yes", shown)


def test_notes_are_footnotes(verdict: Any, data: Any) -> None:
    shown = render(data([verdict("A", notes=("dry",)), verdict("B", notes=("dry", "late"))]), 80)
    assert "A [1]" in shown
    assert "B [1] [2]" in shown
    assert shown.count("[1] dry") == 1


def test_severity_is_a_column_only_where_it_differs(verdict: Any, data: Any) -> None:
    one = render(data([verdict("A", severity="high")]), 80)
    two = render(data([verdict("A", severity="high"), verdict("B", severity="low")]), 80)
    assert "severity" not in one
    assert "severity" in two
