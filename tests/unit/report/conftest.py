"""Small runs to make reports from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from envrules.report.base import ReportData
from envrules.verdict import OUTCOMES, SummaryRow, Verdict

MakeVerdict = Callable[..., Verdict]
MakeData = Callable[..., ReportData]


@pytest.fixture
def verdict() -> MakeVerdict:
    """Makes a verdict of a limit on the sulfur of coal."""

    def make(record_id: str | None = "L1", outcome: str = "violation", **more: Any) -> Verdict:
        given: dict[str, Any] = {
            "observed": 0.9,
            "limit": 0.8,
            "margin": -0.1,
            "unit": "%",
            "fields": ("sulfur",),
        } | more
        rule = given.pop("rule", "coal.sulfur")
        return Verdict(rule, "四(三)2", "coal_lot", record_id, given.pop("subject", ""), outcome, **given)  # type: ignore[arg-type]

    return make


@pytest.fixture
def data() -> MakeData:
    """Makes a run of verdicts, its summary counted from them."""

    def make(verdicts: Sequence[Verdict] = (), **more: Any) -> ReportData:
        summary = []
        for rule in dict.fromkeys(v.rule for v in verdicts):
            counts = {o: n for o in OUTCOMES if (n := sum(v.rule == rule and v.outcome == o for v in verdicts))}
            worst = min(counts, key=["violation", "indeterminate", "not_due", "pass"].index)
            summary.append(SummaryRow(rule, "四(三)2", "coal_lot", "medium", worst, counts, "Sulfur", "硫分"))
        given: dict[str, Any] = {
            "pack_name": "p",
            "pack_version": "1",
            "pack_sha256": "00",
            "pack_title_en": "",
            "pack_title_zh": "",
            "as_of": dt.date(2020, 12, 31),
            "engine": "reference",
            "verdicts": verdicts,
            "summary": summary,
            "problems": [],
            "accounts": [],
            "warnings": [],
            "exit_code": 1,
        }
        return ReportData(**(given | more))

    return make
