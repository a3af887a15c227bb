"""Whose outcome differs between two runs: of two packs on the same records, or of one pack at two dates."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from envrules.pack.pack import Pack
from envrules.records.dataset import Dataset
from envrules.verdict import FINDINGS, OUTCOMES, Outcome, Severity, Verdict

_Key = tuple[str, str, str | None, str, int]
#: Becomes a violation; ends being one; changes otherwise.
EFFECTS = ("violation", "ended", "other")
_RANK = {outcome: n for n, outcome in enumerate(OUTCOMES)}


@dataclass(frozen=True, slots=True)
class Change:
    """One pair of rule and record, group or period that two runs judge differently.

    Args:
        before, after: the outcomes; None where a run has no such pair, as where the rule or the period is not there.
        observed, limit, unit, margins: as in a verdict; the margin before a due date says how far it still is to go.
        message, missing, severity: of the later run, or of the earlier one where the later has no such pair.
    """

    rule: str
    clause: str
    record_type: str
    record_id: str | None
    subject: str
    before: Outcome | None
    after: Outcome | None
    observed: Any = None
    limit_before: Any = None
    limit_after: Any = None
    margin_before: float | int | None = None
    margin_after: float | int | None = None
    unit: str | None = None
    missing: tuple[str, ...] = ()
    severity: Severity = "medium"
    message: str = ""

    @property
    def judged(self) -> str:
        """The record's id, or the group."""
        return self.record_id if self.record_id is not None else self.subject or "(all)"

    @property
    def effect(self) -> str:
        """What it comes to: `violation` for one that becomes a violation, `ended` for one that was, `other`."""
        if self.after == "violation":
            return "violation"
        return "ended" if self.before == "violation" else "other"

    def as_dict(self) -> dict[str, Any]:
        """The change as the command's JSON output gives it."""
        return {
            "rule": self.rule,
            "clause": self.clause,
            "record_type": self.record_type,
            "record_id": self.record_id,
            "subject": self.subject,
            "before": self.before,
            "after": self.after,
            "effect": self.effect,
            "observed": self.observed,
            "limit_before": self.limit_before,
            "limit_after": self.limit_after,
            "margin_before": self.margin_before,
            "margin_after": self.margin_after,
            "unit": self.unit,
            "missing": list(self.missing),
            "severity": self.severity,
            "message": self.message,
        }


COLUMNS = tuple(Change("", "", "", None, "", None, None).as_dict())


@dataclass(frozen=True)
class Between:
    """What a pack says of the same records at two dates, where it is not the same.

    `changes` is a frame of the caller's kind, `change_list` the same as objects.
    """

    pack: Pack
    as_of: dt.date
    and_as_of: dt.date
    change_list: Sequence[Change]
    dataset: Dataset
    frame_kind: str = "pandas"

    @property
    def changes(self) -> Any:
        """A frame with a row for each pair of rule and record, group or period whose outcome differs."""
        from envrules.report.frame import to_frame

        return to_frame([c.as_dict() for c in self.change_list], COLUMNS, self.frame_kind)

    def exit_code(self, lenient: bool = False) -> int:
        """1 where something becomes a violation, 3 where something is left open that was not, 0 otherwise."""
        if any(c.after == "violation" for c in self.change_list):
            return 1
        return 3 if not lenient and any(c.after == "indeterminate" for c in self.change_list) else 0

    def as_dict(self) -> dict[str, Any]:
        """The comparison as the command's JSON output gives it."""
        return {
            "pack": {"name": self.pack.name, "version": self.pack.version, "sha256": self.pack.sha256},
            "as_of": self.as_of.isoformat(),
            "and_as_of": self.and_as_of.isoformat(),
            "counts": dict(tally(self.change_list)),
            "problems": [p.as_dict() for p in self.dataset.problems],
            "changes": [c.as_dict() for c in self.change_list],
        }

    def __repr__(self) -> str:
        counts = tally(self.change_list)
        said = f"{counts['violation']} become violations, {counts['ended']} end, {counts['other']} change otherwise"
        return f"Between({self.pack.name} as of {self.as_of} and {self.and_as_of}: {said})"


def changes_between(before: Iterable[Verdict], after: Iterable[Verdict]) -> list[Change]:
    """The pairs whose outcome differs, rule by rule, what becomes a violation first.

    A pair that only one of the runs has is a change where it is a finding there: a violation, an open case, a duty.
    """
    first, second = _by_pair(before), _by_pair(after)
    found = []
    for key in [*first, *(k for k in second if k not in first)]:
        a, b = first.get(key), second.get(key)
        one = a or b
        assert one is not None
        if (a is None or b is None) and one.outcome not in FINDINGS:
            continue
        if a is None or b is None or a.outcome != b.outcome:
            found.append(_change(a, b))
    rules = {rule: n for n, rule in enumerate(dict.fromkeys(c.rule for c in found))}
    return sorted(found, key=lambda c: (rules[c.rule], *_worst_first(c)))


def _by_pair(verdicts: Iterable[Verdict]) -> dict[_Key, Verdict]:
    """The verdicts by what they judge; records of one id are told apart by their order."""
    seen: Counter[tuple[str, str, str | None, str]] = Counter()
    found: dict[_Key, Verdict] = {}
    for v in verdicts:
        pair = (v.rule, v.record_type, v.record_id, v.subject)
        found[(*pair, seen[pair])] = v
        seen[pair] += 1
    return found


def _worst_first(change: Change) -> tuple[int, int, int]:
    end = len(OUTCOMES)
    return (
        EFFECTS.index(change.effect),
        _RANK[change.after] if change.after in FINDINGS else end,
        _RANK[change.before] if change.before is not None else end,
    )


def _change(a: Verdict | None, b: Verdict | None) -> Change:
    one = b or a
    assert one is not None
    shown = next((v for v in (b, a) if v is not None and (v.limit is not None or v.observed is not None)), one)
    return Change(
        rule=one.rule,
        clause=one.clause,
        record_type=one.record_type,
        record_id=one.record_id,
        subject=one.subject,
        before=a.outcome if a else None,
        after=b.outcome if b else None,
        observed=shown.observed,
        limit_before=a.limit if a else None,
        limit_after=b.limit if b else None,
        margin_before=a.margin if a else None,
        margin_after=b.margin if b else None,
        unit=shown.unit,
        missing=one.missing,
        severity=one.severity,
        message=one.message,
    )


def tally(changes: Iterable[Change]) -> Mapping[str, int]:
    """How many become a violation, how many end being one, how many change otherwise."""
    count = Counter(c.effect for c in changes)
    return {effect: count[effect] for effect in EFFECTS}
