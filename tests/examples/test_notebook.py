"""The example notebook runs from top to bottom, and what it shows is there."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture(scope="module")
def cells() -> list[Any]:
    nbformat = pytest.importorskip("nbformat")
    with warnings.catch_warnings():
        # The kernel's own libraries warn of their event loops.
        warnings.simplefilter("ignore")
        from nbclient import NotebookClient

        notebook = nbformat.read(EXAMPLES / "analyst.ipynb", as_version=4)
        NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(EXAMPLES)}}).execute()
    return list(notebook.cells)


def shown(cells: list[Any], source: str) -> str:
    cell = next(c for c in cells if c.cell_type == "code" and source in c.source)
    return json.dumps([o.get("data", o.get("text")) for o in cell.outputs], ensure_ascii=False)


def test_result_rule_and_explanation_show_themselves(cells: list[Any]) -> None:
    assert "text/html" in shown(cells, 'pack.rules["boiler.retire.built-up"]')
    assert "boiler.retire.built-up" in shown(cells, 'as_of="2020-12-31")\nresult')
    assert "violation" in shown(cells, "result.explain(")
    assert "<details" in shown(cells, "result.explain(")


def test_the_plot_is_a_picture_and_the_counties_are_counted(cells: list[Any]) -> None:
    assert "image/png" in shown(cells, "result.plot(")
    assert "肃州区" in shown(cells, "pivot_table")


def test_before_the_plan_nothing_is_in_force(cells: list[Any]) -> None:
    lines = shown(cells, "for day in")
    assert "not_in_force" in lines.split("2018-03-22")[0]
    assert "not_in_force" not in lines.split("2020-12-31")[1]
