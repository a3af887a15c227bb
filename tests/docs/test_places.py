"""The example of the page on places prints what the page says."""

from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "places.md"


def test_the_example_prints_what_the_page_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    geopandas = pytest.importorskip("geopandas")
    shapely = pytest.importorskip("shapely")
    town = shapely.box(98.50, 39.70, 98.52, 39.72)
    geopandas.GeoDataFrame({"n": [1]}, geometry=[town], crs="EPSG:4326").to_file(tmp_path / "built-up.geojson")
    monkeypatch.chdir(tmp_path)
    page = PAGE.read_text("utf-8")
    code = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    said = re.findall(r"```text\n(.*?)```", page, re.DOTALL)
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(code[0], str(PAGE), "exec"), {})  # noqa: S102 - the page's own example
    # A set of words has no order of its own.
    lines = printed.getvalue().replace("frozenset({'other', 'built_up'})", "frozenset({'built_up', 'other'})")
    assert lines == said[0]
