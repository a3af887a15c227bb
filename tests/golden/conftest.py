"""One made-up run with everything a report may have to show."""

from __future__ import annotations

import datetime as dt

import pytest

from envrules.diagnostics import CellPlace, Diagnostic
from envrules.records.read import SourceAccount
from envrules.records.values import CellProblem
from envrules.report.base import ReportData, RuleDetail
from envrules.verdict import Outcome, SummaryRow, Verdict

BOILERS = "锅炉台账.xlsx"
LOTS = "inventories/coal lots.csv"

RULES = {
    "boiler.retire.built-up": ("Small coal boilers in built-up areas", "建成区燃煤小锅炉淘汰", "淘汰10蒸吨"),
    "boiler.upgrade": ("Larger coal boilers upgraded", "燃煤锅炉提标改造", "提标改造"),
    "coal.sulfur.built-up": ("Sulfur of coal in built-up areas", "建成区煤炭硫分", "硫份超过0.8%"),
    "study.quarterly": ("Environmental protection studied each quarter", "每季度研究环保工作", "每季度"),
    "task.on-time": ("Tasks finished on time", "整改任务按时完成", "预警"),
    "air.good-days": ("Good-air days", "优良天数比例", "优良天数"),
    "pond.ledger": ("Ledger of ponds", "纳污坑塘台账", "台账"),
}
CLAUSES = {
    "四(三)3": ("Coal boilers", "燃煤锅炉综合整治"),
    "四(三)2": ("Coal quality", "加强煤炭质量管控"),
    "四(一)1": ("Study and training", "学习培训"),
    "五(三)": ("Alerts", "预警"),
    "二(四)": ("Environmental quality", "环境质量目标"),
    "四(四)6": ("Ponds of sewage", "纳污坑塘整治"),
}


def _row(rule: str, clause: str, record: str, status: str, severity: str = "medium", **counts: int) -> SummaryRow:
    known: dict[Outcome, int] = dict(counts)  # type: ignore[arg-type]
    en, zh, _ = RULES[rule]
    return SummaryRow(rule, clause, record, severity, status, known, en, zh)  # type: ignore[arg-type]


def _retire(record_id: str, outcome: Outcome, **more: object) -> Verdict:
    return Verdict("boiler.retire.built-up", "四(三)3", "boiler", record_id, "", outcome, severity="high", **more)  # type: ignore[arg-type]


def _sulfur(record_id: str, outcome: Outcome, observed: object, margin: float | None, **more: object) -> Verdict:
    return Verdict(
        "coal.sulfur.built-up",
        "四(三)2",
        "coal_lot",
        record_id,
        "",
        outcome,
        fields=("total_sulfur",),
        observed=observed,
        limit=0.8,
        margin=margin,
        unit="%",
        **more,  # type: ignore[arg-type]
    )


@pytest.fixture
def sample() -> ReportData:
    gone = ["retired", "dismantled", "converted"]
    dry = "basis not stated; taken as dry"
    verdicts = [
        _retire("B-001", "violation", fields=("status",), observed="operating", limit=gone, message="状态 operating."),
        _retire("B-002", "indeterminate", fields=("status",), limit=gone, missing=("capacity", "status")),
        _retire("<script>alert(1)</script>", "violation", fields=("status",), observed="standby", limit=gone),
        _sulfur("=cmd|'/c calc'!A1", "violation", 1.25, -0.45, message="Dry sulfur 1.25 % against at most 0.8 %."),
        _sulfur("L2\x1b[31m", "violation", "[0.9, 1]", -0.1, notes=(dry,)),
        _sulfur("煤-3 & co", "indeterminate", "(-inf, 0.9)", None, missing=("moisture_ar",), notes=(dry, "two notes")),
        Verdict(
            "study.quarterly", "四(一)1", "meeting", None, "body=government; quarter=2018-Q3", "violation",
            fields=("count",), observed=0, limit=1, margin=-1, message="0 meetings against at least 1.",
        ),
        Verdict(
            "task.on-time", "五(三)", "task", "T-9", "", "violation", fields=("level",), observed="yellow..red",
            limit="none", value="yellow..red", severity="high", notes=("outstanding_problems is not known",),
        ),
        Verdict(
            "air.good-days", "二(四)", "air_day", None, "area=suzhou; year=2020", "not_due", fields=("aqi",),
            observed=79.5, limit=82, margin=-2.5, unit="%",
        ),
    ]  # fmt: skip
    summary = [
        _row(
            "boiler.retire.built-up",
            "四(三)3",
            "boiler",
            "violation",
            "high",
            violation=2,
            indeterminate=1,
            **{"pass": 7},
        ),
        _row("boiler.upgrade", "四(三)3", "boiler", "pass", not_applicable=8, **{"pass": 2}),
        _row(
            "coal.sulfur.built-up", "四(三)2", "coal_lot", "violation", violation=2, indeterminate=1, **{"pass": 1204}
        ),
        _row("study.quarterly", "四(一)1", "meeting", "violation", violation=1, **{"pass": 3}),
        _row("task.on-time", "五(三)", "task", "violation", "high", violation=1),
        _row("air.good-days", "二(四)", "air_day", "not_due", not_due=1),
        _row("pond.ledger", "四(四)6", "pond", "no_data", "low"),
    ]
    sulfur = RuleDetail(
        when="zone == built_up and activity in {sale, use}",
        require="dry_sulfur <= 0.8 %",
        phrase="硫份超过0.8%",
        place=1,
        readings=(("Production is not banned by this limit.", "本限值不适用于生产环节。"),),
        file="rules/p/4-3-2.yaml",
        line=5,
    )
    problems = [
        CellProblem(
            BOILERS, "Sheet1", 7, "额定蒸发量(t/h)", "约十吨", "it is no number", "unusable-cell", "boiler", "capacity"
        ),
        CellProblem(
            LOTS, "", 12, "total_sulfur", float("inf"), "it is not finite", "unusable-cell", "coal_lot", "total_sulfur"
        ),
        CellProblem(LOTS, "", None, "", None, "no column holds ids", "no-id"),
    ]
    accounts = [
        SourceAccount(BOILERS, "Sheet1", "boiler", 1, 11, 10, {"empty": 1}),
        SourceAccount(LOTS, "", "coal_lot", 1, 1207, 1207, {}),
    ]
    warning = Diagnostic(
        "unknown-column", CellPlace(LOTS, column="备注"), "the column is read by no field", level="warning"
    )
    return ReportData(
        pack_name="jiuquan-2018",
        pack_version="0.1.0",
        pack_sha256="0123456789abcdef" * 4,
        pack_title_en="Remediation plan of Jiuquan, 2018",
        pack_title_zh="酒泉市整改方案（2018）",
        as_of=dt.date(2020, 6, 30),
        engine="reference",
        verdicts=verdicts,
        summary=summary,
        problems=problems,
        accounts=accounts,
        warnings=[warning],
        exit_code=1,
        rule_texts=RULES,
        clause_titles=CLAUSES,
        rule_details={"coal.sulfur.built-up": sulfur},
        places={
            ("boiler", "B-001"): [CellPlace(BOILERS, "Sheet1", 2)],
            ("boiler", "B-002"): [CellPlace(BOILERS, "Sheet1", 3), CellPlace(BOILERS, "Sheet1", 9)],
            ("coal_lot", "=cmd|'/c calc'!A1"): [CellPlace(LOTS, "", 2)],
        },
    )
