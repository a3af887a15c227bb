"""The words of reports."""

from __future__ import annotations

from typing import Any

import pytest

from envrules.report.phrases import brief, closing, closing_zh, most_missing, value_text, worst_first
from envrules.verdict import SummaryRow


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (True, "yes"),
        (False, "no"),
        (0, "0"),
        (-0.0, "0"),
        (0.817679558011, "0.81768"),
        (-0.0176795580110, "-0.0176796"),
        (20, "20"),
        (1e-7, "1e-07"),
        (9999.5, "9999.5"),
        (12345.678, "12,345.7"),
        (2531000000, "2,531,000,000"),
        (123456.7, "123,457"),
        (1e20, "1e+20"),
        (float("inf"), "inf"),
        ("retired", "retired"),
        (["a", 1.5], "a, 1.5"),
        ({"not": ["core", "buffer"]}, "none of core, buffer"),
        ("[0.6, 0.9]", "0.6 to 0.9"),
        ("(0, 10)", "above 0 to below 10"),
        ("[0.85, inf)", "at least 0.85"),
        ("(3, inf)", "above 3"),
        ("(-inf, 10]", "at most 10"),
        ("(-inf, inf)", "anything"),
        ("[1e+06, 2e+06]", "1,000,000 to 2,000,000"),
        ("2020-12-31", "2020-12-31"),
        ("[a, b]", "[a, b]"),
    ],
)
def test_brief(value: Any, text: str) -> None:
    assert brief(value) == text


def test_value_text_keeps_every_digit() -> None:
    assert value_text(0.817679558011) == "0.817679558011"
    assert value_text("[0.6, 0.9]") == "[0.6, 0.9]"


def row(rule: str, status: str, severity: str = "medium", **counts: int) -> SummaryRow:
    return SummaryRow(rule, "c", "t", severity, status, counts)  # type: ignore[arg-type]


def test_worst_first_goes_by_status_severity_and_count() -> None:
    rows = [
        row("none", "no_data"),
        row("fine", "pass"),
        row("few", "violation", violation=1),
        row("open", "indeterminate", "high", indeterminate=9),
        row("many", "violation", violation=3),
        row("grave", "violation", "high", violation=1),
    ]
    assert [r.rule for r in worst_first(rows)] == ["grave", "many", "few", "open", "fine", "none"]


def test_closing_names_what_is_missing_most(verdict: Any, data: Any) -> None:
    lots = [verdict(str(n), "indeterminate", missing=("zone", "ash")[: 1 + n % 2]) for n in range(3)]
    made = data([*lots, verdict("v"), verdict("p", "pass")])
    assert (
        closing(made)
        == "1 violation of 1 rule; 3 outcomes left open, most often for want of zone (3), ash (1); 1 pass."
    )
    assert closing_zh(made) == "1条规则共1项不符合；3项无法判定，主要缺少zone（3次）、ash（1次）；1项符合。"
    assert most_missing(made.verdicts, 1) == [("zone", 3)]


def test_closing_of_a_run_without_findings(verdict: Any, data: Any) -> None:
    fine = data([verdict("p", "pass")])
    assert closing(fine) == "Everything judged complies: 1 outcome of 1 rule."
    assert closing_zh(fine) == "所判定的1项全部符合。"
    assert closing(data()).startswith("Nothing was judged")
