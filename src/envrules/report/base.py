"""What every report is made from, and the protocol of a writer. One output format a file beside this one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Protocol

from envrules.verdict import SummaryRow, Verdict

if TYPE_CHECKING:
    # Only named in signatures: writing a report must not load the readers of files.
    from envrules.diagnostics import CellPlace, Diagnostic
    from envrules.records.read import SourceAccount
    from envrules.records.values import CellProblem


@dataclass(frozen=True)
class RuleDetail:
    """A rule as its author wrote it, for reports that have room to explain it.

    Args:
        when, require, due: the expressions as they stand in the pack; empty where the rule has none.
        phrase, place: the key phrase of the citation, and the number of the sentence of the clause it stands in.
        readings: (English, Chinese) of each reading adopted where the clause leaves room.
        file, line: where the rule stands in the pack.
    """

    when: str = ""
    require: str = ""
    due: str = ""
    phrase: str = ""
    place: int | None = None
    readings: tuple[tuple[str, str], ...] = ()
    file: str = ""
    line: int = 0


@dataclass(frozen=True)
class ReportData:
    """One run, as reports need it.

    Args:
        verdicts: the outcomes to list (findings, or all of them), in the order of rules, then of records.
        exit_code: 0 all complies, 1 a violation, 3 something could not be judged.
        rule_texts: rule id -> (title en, title zh, citation phrase).
        listed: whether `verdicts` holds findings only, or every outcome.
        clause_titles: clause -> (title en, title zh).
        rule_details: rule id -> the rule as written.
        problem_count: how many problems there are, where `problems` are the first of them; None where they are all.
        missing: field -> how many outcomes are open for want of it, where `verdicts` are the first; None likewise.
        places: (record type, record id) -> where the record stands; several where records share an id.
    """

    pack_name: str
    pack_version: str
    pack_sha256: str
    pack_title_en: str
    pack_title_zh: str
    as_of: dt.date
    engine: str
    verdicts: Sequence[Verdict]
    summary: Sequence[SummaryRow]
    problems: Sequence[CellProblem]
    accounts: Sequence[SourceAccount]
    warnings: Sequence[Diagnostic]
    exit_code: int
    rule_texts: Mapping[str, tuple[str, str, str]] = field(default_factory=dict)
    listed: Literal["findings", "all"] = "findings"
    clause_titles: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    rule_details: Mapping[str, RuleDetail] = field(default_factory=dict)
    places: Mapping[tuple[str, str], Sequence[CellPlace]] = field(default_factory=dict)
    problem_count: int | None = None
    missing: Mapping[str, int] | None = None

    @property
    def sampled(self) -> bool:
        """Whether `verdicts` are the first of many."""
        return self.missing is not None

    @property
    def problems_in_all(self) -> int:
        """How many problems there are."""
        return len(self.problems) if self.problem_count is None else self.problem_count

    def titles(self, rule: str) -> tuple[str, str]:
        """The rule's title in English and Chinese; either may be empty."""
        en, zh, _ = self.rule_texts.get(rule, ("", "", ""))
        return en, zh

    def judged(self, account: SourceAccount) -> int:
        """How many of a table's records some rule was run on; none where no rule of the run is about their type."""
        return account.rows_used if any(r.record_type == account.record_type for r in self.summary) else 0

    def places_of(self, verdict: Verdict) -> Sequence[CellPlace]:
        """Where the judged record stands: nothing for a group or a period, several where records share an id."""
        if verdict.record_id is None:
            return ()
        return self.places.get((verdict.record_type, verdict.record_id), ())


class TextReport(Protocol):
    """A format that is text: `render` gives the whole of it."""

    def __call__(self, data: ReportData) -> str: ...


class BinaryReport(Protocol):
    """A format that is bytes."""

    def __call__(self, data: ReportData) -> bytes: ...
