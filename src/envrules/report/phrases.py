"""The words of reports: outcomes, values and the closing sentence, in English and Chinese."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from envrules.interval import format_number
from envrules.records.dataset import SourceAccount
from envrules.records.left_out import REASONS
from envrules.records.tables import rows_text
from envrules.records.types import Words
from envrules.report.base import ReportData
from envrules.verdict import OUTCOMES, Outcome, SummaryRow, Verdict

OUTCOME_WORDS: Final[dict[str, Words]] = {
    "violation": Words("violation", "不符合"),
    "indeterminate": Words("indeterminate", "无法判定"),
    "not_due": Words("not due", "未到期"),
    "pass": Words("pass", "符合"),
    "not_in_force": Words("not in force", "不在有效期"),
    "not_applicable": Words("not applicable", "不适用"),
    "no_data": Words("no data", "无数据"),
}
SEVERITY_WORDS: Final[dict[str, Words]] = {
    "high": Words("high", "高"),
    "medium": Words("medium", "中"),
    "low": Words("low", "低"),
}
_NUMBER = r"-?(?:inf|[\d.]+(?:e[+-]?\d+)?)"
#: How an interval shows itself.
_RANGE: Final = re.compile(rf"(?P<left>[\[(])(?P<lo>{_NUMBER}), (?P<hi>{_NUMBER})(?P<right>[\])])")
#: Worst first.
STATUSES: Final = tuple(OUTCOME_WORDS)
SEVERITIES: Final = tuple(SEVERITY_WORDS)


def value_text(value: Any) -> str:
    """An observed value, limit or margin as text, with all its digits; nothing for None.

    Examples:
        >>> value_text(0.1 + 0.2), value_text(True), value_text({"not": ["core", "buffer"]}), value_text(None)
        ('0.3', 'yes', 'none of core, buffer', '')
    """
    return _value_text(value, format_number)


def account_place(account: SourceAccount) -> str:
    """The source of a table with its sheet."""
    return account.source + (f"[{account.sheet}]" if account.sheet else "")


def header_rows(account: SourceAccount) -> str:
    """The rows of a table's header; nothing where it has none."""
    return rows_text(account.header_rows or ([account.header_row] if account.header_row else []))


def rows_span(account: SourceAccount) -> str:
    """The rows that were read, and into how many each was parted: `5-30`, `2-99 x 12`."""
    if account.rows is None:
        return ""
    first, last = account.rows
    span = str(first) if first == last else f"{first}-{last}"
    return f"{span} x {account.parts}" if account.parts > 1 else span


def account_text(account: SourceAccount, judged: int) -> str:
    """What became of a table's rows, in one line."""
    parts = [f"{account.rows_used:,} are {account.record_type} records", f"{judged:,} judged", *left_out_texts(account)]
    header = f" below header {header_rows(account)}" if header_rows(account) else ""
    return f"{account_place(account)}: {account.rows_read:,} rows read{header}: {', '.join(parts)}"


def left_out_texts(account: SourceAccount, language: str = "en") -> list[str]:
    """What became of the rows of a table that are no records: `2 totals (rows 15, 30)`."""
    found = []
    for reason, count in account.skipped.items():
        words = REASONS.get(reason, Words(reason))
        rows = account.skipped_rows.get(reason, ())
        if language == "zh":
            found.append(f"{words.either('zh')}{count:,}行" + (f"（第{rows_text(rows)}行）" if rows else ""))
        else:
            place = f" ({'row' if len(rows) == 1 else 'rows'} {rows_text(rows)})" if rows else ""
            found.append(f"{number(count, words.en)}{place}")
    return found


def brief(value: Any) -> str:
    """A value as people read it: six digits that count, commas in large numbers, ranges in words.

    Examples:
        >>> brief(0.817679558011), brief(2531000000), brief("[0.6, 0.9]"), brief("[0.85, inf)"), brief("(-inf, 10)")
        ('0.81768', '2,531,000,000', '0.6 to 0.9', 'at least 0.85', 'below 10')
    """
    if isinstance(value, str):
        found = _RANGE.fullmatch(value)
        return _range_text(found) if found else value
    return _value_text(value, _short)


def _value_text(value: Any, number_text: Callable[[float], str]) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return number_text(value)
    if isinstance(value, list | tuple | set | frozenset):
        return ", ".join(_value_text(v, number_text) for v in value)
    if isinstance(value, dict):
        words = {"not": "none of "}
        return "; ".join(words.get(k, f"{k}: ") + _value_text(v, number_text) for k, v in value.items())
    return str(value)


def _short(value: float) -> str:
    if not math.isfinite(value) or value == 0:
        return format_number(abs(value)) if value == 0 else format_number(value)
    places = 5 - math.floor(math.log10(abs(value)))
    if not 0 <= places <= 9:
        return f"{value:,.0f}" if 1e5 <= abs(value) < 1e15 else f"{value:.6g}"
    text = f"{value:,.{places}f}" if abs(value) >= 1e4 else f"{value:.{places}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _range_text(found: re.Match[str]) -> str:
    lo_open, hi_open = found["left"] == "(", found["right"] == ")"
    lo, hi = (_short(float(found[end])) for end in ("lo", "hi"))
    if hi == "inf":
        return "anything" if lo == "-inf" else f"above {lo}" if lo_open else f"at least {lo}"
    if lo == "-inf":
        return f"below {hi}" if hi_open else f"at most {hi}"
    return f"{'above ' if lo_open else ''}{lo} to {'below ' if hi_open else ''}{hi}"


def outcome_words(outcome: str) -> Words:
    """The words of an outcome or status; its name where it is a new one."""
    return OUTCOME_WORDS.get(outcome, Words(outcome, outcome))


def judged(verdict: Verdict) -> str:
    """What was judged: the record's id, the group or period, or the whole set."""
    if verdict.record_id is not None:
        return verdict.record_id
    return verdict.subject or "(all)"


def worst_first(summary: Iterable[SummaryRow]) -> list[SummaryRow]:
    """The rows by status, then by severity, then by how often; otherwise as they were."""

    def key(row: SummaryRow) -> tuple[int, int, int]:
        status = STATUSES.index(row.status) if row.status in STATUSES else len(STATUSES)
        count = row.counts.get(row.status, 0)  # type: ignore[call-overload]
        return status, SEVERITIES.index(row.severity), -count

    return sorted(summary, key=key)


def worst_outcomes() -> list[Outcome]:
    """The outcomes, worst first."""
    return sorted(OUTCOMES, key=STATUSES.index)


def outcome_rank(verdict: Verdict) -> int:
    """The place of an outcome, worst first."""
    return STATUSES.index(verdict.outcome)


def by_rule(data: ReportData) -> list[tuple[str, list[Verdict]]]:
    """The listed outcomes of each rule that has some: rules worst first, outcomes worst first, records as they came."""
    groups: dict[str, list[Verdict]] = {}
    for verdict in data.verdicts:
        groups.setdefault(verdict.rule, []).append(verdict)
    order = {row.rule: n for n, row in enumerate(worst_first(data.summary))}
    rules = sorted(groups, key=lambda rule: order.get(rule, len(order)))
    return [(rule, sorted(groups[rule], key=outcome_rank)) for rule in rules]


def totals(summary: Iterable[SummaryRow]) -> dict[Outcome, int]:
    """How many outcomes of each kind there are in all."""
    rows = list(summary)
    return {outcome: sum(row.counts.get(outcome, 0) for row in rows) for outcome in OUTCOMES}


def number(count: int, one: str, many: str = "") -> str:
    """A count with its noun.

    Examples:
        >>> number(1, "rule"), number(1200, "rule"), number(2, "is", "are")
        ('1 rule', '1,200 rules', '2 are')
    """
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def most_missing(verdicts: Iterable[Verdict], most: int = 3) -> list[tuple[str, int]]:
    """The fields whose absence left most outcomes open, with how many."""
    return _most(Counter(name for v in verdicts if v.outcome == "indeterminate" for name in v.missing), most)


def _missing(data: ReportData, most: int = 3) -> list[tuple[str, int]]:
    """The same of a run."""
    return most_missing(data.verdicts, most) if data.missing is None else _most(data.missing, most)


def _most(count: Mapping[str, int], most: int) -> list[tuple[str, int]]:
    return sorted(count.items(), key=lambda item: (-item[1], item[0]))[:most]


def without_data(summary: Iterable[SummaryRow]) -> dict[str, list[str]]:
    """Record type -> its rules, for the rules that nothing was given for."""
    found: dict[str, list[str]] = {}
    for row in summary:
        if row.status == "no_data":
            found.setdefault(row.record_type, []).append(row.rule)
    return dict(sorted(found.items()))


def _broken(summary: Sequence[SummaryRow]) -> int:
    return sum(1 for row in summary if row.counts.get("violation", 0))


def closing(data: ReportData) -> str:
    """What it comes to, in a sentence or two."""
    count = totals(data.summary)
    parts = []
    if count["violation"]:
        parts.append(f"{number(count['violation'], 'violation')} of {number(_broken(data.summary), 'rule')}")
    if count["indeterminate"]:
        missing = ", ".join(f"{name} ({times:,})" for name, times in _missing(data))
        why = f", most often for want of {missing}" if missing else ""
        parts.append(f"{number(count['indeterminate'], 'outcome')} left open{why}")
    if count["not_due"]:
        parts.append(f"{count['not_due']:,} not due yet")
    if not parts:
        if not count["pass"]:
            return "Nothing was judged: no rule concerns these records at this date."
        return f"Everything judged complies: {number(count['pass'], 'outcome')} of {_judged_rules(data.summary)}."
    end = f"{count['pass']:,} pass" if count["pass"] else "none pass"
    return f"{'; '.join(parts)}; {end}."


def closing_zh(data: ReportData) -> str:
    """The closing sentence in Chinese."""
    count = totals(data.summary)
    parts = []
    if count["violation"]:
        parts.append(f"{_broken(data.summary)}条规则共{count['violation']}项不符合")
    if count["indeterminate"]:
        missing = "、".join(f"{name}（{times}次）" for name, times in _missing(data))
        parts.append(f"{count['indeterminate']}项无法判定" + (f"，主要缺少{missing}" if missing else ""))
    if count["not_due"]:
        parts.append(f"{count['not_due']}项未到期")
    if not parts:
        return (
            f"所判定的{count['pass']}项全部符合。"
            if count["pass"]
            else "没有可判定的事项：这些记录在判定日期均不适用任何规则。"
        )
    return "；".join([*parts, f"{count['pass']}项符合"]) + "。"


def _judged_rules(summary: Iterable[SummaryRow]) -> str:
    return number(sum(1 for row in summary if row.counts.get("pass", 0)), "rule")
