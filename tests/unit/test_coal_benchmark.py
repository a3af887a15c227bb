"""The twelve limits of the benchmark, written by hand in four other ways, against the engines: none may differ.

It keeps the benchmark from rotting, and it is a check of the engines by code that shares nothing with them.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from envrules.analysis.testing import run_cases
from envrules.api import load_pack

ROOT = Path(__file__).resolve().parents[2]
LOTS = 1000


@pytest.fixture(scope="module")
def coal(tmp_path_factory: pytest.TempPathFactory) -> Any:
    sys.path.insert(0, str(ROOT))
    try:
        from benchmarks.coal import agreement, contestants, records

        file = tmp_path_factory.mktemp("coal") / "lots.parquet"
        records.write_parquet(file, LOTS)
        reference = contestants.CONTESTANTS["envrules, interpreter"]
        held = reference.hold(file, None)
        yield contestants.CONTESTANTS, file, agreement, reference.ask("counts", held), reference.ask("findings", held)
    finally:
        sys.path.remove(str(ROOT))
        for name in [n for n in sys.modules if n.partition(".")[0] == "benchmarks"]:
            del sys.modules[name]


@pytest.mark.parametrize(
    "name",
    [
        "envrules, polars",
        "envrules, pandas",
        "envrules, parquet",
        "polars",
        "polars, parquet",
        "duckdb",
        "duckdb, parquet",
        "pandas",
        "numpy",
    ],
)
def test_a_contestant_gives_what_the_interpreter_gives(coal: Any, name: str) -> None:
    contestants, file, agreement, counts, findings = coal
    contestant = contestants[name]
    lots = contestant.hold(file, None)
    assert agreement.count_differences(counts, contestant.ask("counts", lots)) == []
    assert agreement.differences(findings, contestant.ask("findings", lots)) == []


def test_a_difference_is_seen(coal: Any) -> None:
    _, _, agreement, counts, findings = coal
    rule = next(iter(counts))
    off = {**counts, rule: {**counts[rule], "pass": counts[rule]["pass"] + 1}}
    assert agreement.count_differences(counts, off)
    table = agreement.normal(findings)
    assert agreement.differences(findings, table.head(-1))
    moved = table.with_columns(margin=table["margin"] * (1 + 1e-6))
    assert agreement.differences(findings, moved)
    assert agreement.digest_differences(agreement.digest(table), agreement.digest(moved))


def test_three_in_a_hundred_checks_are_findings(coal: Any) -> None:
    _, _, _, counts, findings = coal
    assert len(counts) == 12
    assert 0.02 < len(findings) / (12 * LOTS) < 0.04
    assert set(findings["outcome"]) == {"violation", "indeterminate", "not_due"}


def test_the_cases_of_the_pack_hold() -> None:
    results = run_cases(load_pack(ROOT / "benchmarks" / "coal" / "coal-limits"))
    assert len(results) > 50
    assert [r for r in results if not r.ok] == []
