"""The example inventories through the command: what their README says of them holds."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest

from envrules import check
from envrules.result import Result

EXAMPLES = Path(__file__).parents[3] / "examples"
FILES = sorted([*EXAMPLES.glob("*.csv"), *EXAMPLES.glob("*.xlsx")])


@cache
def result() -> Result:
    return check("jiuquan-2018", [(None, file) for file in FILES], as_of="2020-12-31", outcomes="all")


def test_the_command_checks_them(run: Any) -> None:
    ran = run("check", "--as-of", "2020-12-31", *FILES)
    assert ran.code == 1
    assert "What was read" in ran.out


def test_there_are_examples_of_every_kind() -> None:
    assert {f.name for f in FILES} >= {
        "boilers.csv", "coal.xlsx", "projects.csv", "boiler_applications.csv", "indicators.csv",
    }  # fmt: skip
    types = {v.record_type for v in result().verdicts if v.outcome == "violation"}
    assert types >= {"boiler", "coal_lot", "project", "boiler_application", "indicator"}
    assert {v.outcome for v in result().verdicts} == {
        "pass", "violation", "indeterminate", "not_due", "not_in_force", "not_applicable",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "record", "outcome"),
    [
        ("boiler.retire.built-up", "GL-009", "violation"),  # 7 MW is 10 t/h
        ("boiler.retire.built-up", "GL-012", "violation"),  # below 10 is enough to know
        ("boiler.retire.built-up", "GL-008", "indeterminate"),  # no zone
        ("boiler.retire.built-up", "GL-007", "pass"),  # converted
        ("boiler.clean-energy.other", "GL-021", "violation"),  # 6 to 8 t/h
        ("boiler.clean-energy.other", "GL-024", "indeterminate"),  # about 2 t
        ("boiler.upgrade", "GL-014", "pass"),  # coal-water slurry is coal
        ("boiler.approval.built-up", "GS-01", "violation"),  # 14 MW is 20 t/h, and more is needed
        ("boiler.approval.built-up", "GS-02", "pass"),
        ("boiler.approval.built-up", "GS-10", "not_in_force"),
        ("coal.sulfur.built-up", "M-002", "pass"),  # at the limit
        ("coal.sulfur.built-up", "M-004", "violation"),  # only once it is dry
        ("coal.sulfur.built-up", "M-005", "indeterminate"),  # no moisture
        ("coal.sulfur.built-up", "M-006", "violation"),  # above the limit as it is
        ("coal.sulfur.built-up", "M-009", "pass"),  # below 0.3
        ("coal.sulfur.built-up", "M-018", "not_in_force"),
        ("coal.sulfur.other", "M-020", "pass"),  # 9.4 mg/g
        ("water.total-use.2020", "jiuquan:total_water_use:2020", "pass"),
        ("air.pm2-5.reported", "guazhou:pm2_5:2020", "indeterminate"),
        ("air.good-days.reported", "jinta:good_air_days_ratio:2019", "not_due"),
    ],
)
def test_outcome(rule: str, record: str, outcome: str) -> None:
    assert [v.outcome for v in result().verdicts if (v.rule, v.record_id) == (rule, record)] == [outcome]


def test_what_cannot_be_read_is_listed() -> None:
    assert {p.value for p in result().problem_list} == {"约2吨", "待检", "干燥无灰基", "十几吨"}
