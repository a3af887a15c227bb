"""The tutorial's pack is made from its own blocks and does what the page says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import envrules as er
from envrules.analysis.lint import lint
from envrules.analysis.testing import run_cases

PAGE = Path(__file__).parents[2] / "docs" / "tutorial.md"


@pytest.fixture
def pack(tmp_path: Path) -> er.Pack:
    for block in re.findall(r"```yaml\n(# file: .*?)```", PAGE.read_text("utf-8"), re.DOTALL):
        first, rest = block.split("\n", 1)
        path = tmp_path / "my-rooms" / first.removeprefix("# file: ")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(rest, "utf-8")
    return er.load_pack(tmp_path / "my-rooms")


def test_its_cases_hold_as_many_as_it_says(pack: er.Pack) -> None:
    results = run_cases(pack)
    assert [f"{r.rule}: {r.case}: {r.detail}" for r in results if not r.ok] == []
    assert f"{len(results)} cases of {len(pack.rules)} rules: all hold" in PAGE.read_text("utf-8")


def test_it_lints_clean(pack: er.Pack) -> None:
    assert [d.line() for d in lint(pack)] == []


def test_a_limit_without_its_unit_does_not_load(pack: er.Pack) -> None:
    limits = Path(pack.source) / "limits.yaml"
    limits.write_text(limits.read_text("utf-8").replace("<= 0.08 mg/m**3", "<= 0.08"), "utf-8")
    with pytest.raises(er.PackError, match="bare-number"):
        er.load_pack(pack.source)
