"""The outcome of one rule on one record, group or period, as every engine gives it and every report shows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

Outcome = Literal["pass", "violation", "indeterminate", "not_due", "not_in_force", "not_applicable"]
OUTCOMES: tuple[Outcome, ...] = ("pass", "violation", "indeterminate", "not_due", "not_in_force", "not_applicable")
FINDINGS: tuple[Outcome, ...] = ("violation", "indeterminate", "not_due")
Severity = Literal["low", "medium", "high"]


def is_number(value: object) -> bool:
    """Whether a value that a verdict shows is a number.

    Examples:
        >>> is_number(0.8), is_number(True), is_number("0.6..0.8")
        (True, False, False)
    """
    return isinstance(value, int | float) and not isinstance(value, bool)


def text_beside_numbers(value: Any) -> str | None:
    """A value that a verdict shows as the text that stands beside a column of numbers; None for a number.

    Examples:
        >>> text_beside_numbers(["coal", "gas"]), text_beside_numbers(True), text_beside_numbers(0.8)
        ('coal; gas', 'true', None)
    """
    if value is None or is_number(value):
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    return "; ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


@dataclass(frozen=True, slots=True)
class Verdict:
    """One outcome with its evidence.

    Args:
        rule, clause, record_type: where it comes from.
        record_id: the record's id; None for a group or period, which has `subject` instead.
        outcome: one of `OUTCOMES`.
        fields: the fields of the requirement that the outcome rests on.
        observed: what was found: a number in `unit`, a word, True or False, an ISO date, or the text of a range.
        limit: what was needed, in the same terms; a list for a choice of words.
        margin: how far the observed value lies on the right side of the limit, in `unit` (days for dates); negative on
            the wrong side; None where the limit is not a number or a date.
        value: a derived result the rule gives beside the outcome (an alert level, a class).
        missing: the fields that would have decided, for an outcome left open.
        notes: what a reader has to know: an assumed basis, a date that was not given.
    """

    rule: str
    clause: str
    record_type: str
    record_id: str | None
    subject: str
    outcome: Outcome
    fields: tuple[str, ...] = ()
    observed: Any = None
    limit: Any = None
    margin: float | int | None = None
    unit: str | None = None
    value: Any = None
    missing: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    severity: Severity = "medium"
    message: str = ""

    def as_dict(self) -> dict[str, Any]:
        """The outcome as the command's JSON output gives it."""
        return {
            "rule": self.rule,
            "clause": self.clause,
            "record_type": self.record_type,
            "record_id": self.record_id,
            "subject": self.subject,
            "outcome": self.outcome,
            "fields": list(self.fields),
            "observed": self.observed,
            "limit": self.limit,
            "margin": self.margin,
            "unit": self.unit,
            "value": self.value,
            "missing": list(self.missing),
            "notes": list(self.notes),
            "severity": self.severity,
            "message": self.message,
        }


@dataclass(frozen=True)
class OutcomeTable:
    """The outcomes of one rule as a frame of polars, for whoever makes a caller's frame or a file of it.

    Args:
        rows: a row for each outcome: record_id, observed, limit, margin (numbers), its kind, and of groups its subject.
        kinds: a row for each kind: all else that a verdict has, its message only where that was asked for (and `rows`
            then has the place of each subject). What is observed, needed or given out and is no number stands as a text
            in a column of the name and `_text`.
        plain: the values of `observed`, `limit` and `value` as a verdict has them, of each kind.
    """

    rows: Any
    kinds: Any
    plain: Mapping[str, Sequence[Any]]

    @property
    def frame(self) -> Any:
        """A row for each outcome with all its columns."""
        return self.rows.hstack(self.kinds[self.rows["kind"]])


@dataclass(frozen=True, slots=True)
class SummaryRow:
    """One rule's row of the summary: how many outcomes of each kind, or `no_data` where none of its records were given.

    `status` is the worst that happened: violation, indeterminate, not_due, pass, not_in_force, not_applicable, no_data.
    """

    rule: str
    clause: str
    record_type: str
    severity: Severity
    status: str
    counts: dict[Outcome, int]
    title_en: str = ""
    title_zh: str = ""

    def as_dict(self) -> dict[str, Any]:
        """The row as the command's JSON output gives it."""
        return {
            "rule": self.rule,
            "clause": self.clause,
            "record_type": self.record_type,
            "severity": self.severity,
            "status": self.status,
            **{outcome: self.counts.get(outcome, 0) for outcome in OUTCOMES},
            "title": {"en": self.title_en, "zh": self.title_zh},
        }
