"""What a check gives: outcomes with their evidence, as frames, as reports, and explained."""

from __future__ import annotations

import datetime as dt
import html
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from envrules.diagnostics import CallError, CellPlace, Diagnostic, nearest
from envrules.pack.pack import Pack, Rule
from envrules.records.dataset import Dataset
from envrules.records.values import CellProblem
from envrules.sequences import Joined
from envrules.verdict import FINDINGS, OUTCOMES, Outcome, OutcomeTable, SummaryRow, Verdict

if TYPE_CHECKING:
    from envrules.engines.base import Judgement
    from envrules.engines.reference.explain import Explanation
    from envrules.report.base import ReportData

_COLUMNS = tuple(k for k in Verdict("", "", "", None, "", "pass").as_dict() if k != "message")
_PROBLEMS = ("source", "sheet", "row", "column", "value", "reason", "code", "record_type", "field")


class Verdicts(Joined[Verdict]):
    """The verdicts of several rules, one rule after the other; those of a large job are made when they are asked for.

    Equal to any sequence of equal verdicts.
    """

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sequence) or len(self) != len(other):
            return False
        return all(a == b for a, b in zip(self, other, strict=True))

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"<{len(self)} verdicts>"


@dataclass(frozen=True)
class Result:
    """The outcomes of one run.

    `violations`, `findings`, `outcomes`, `summary` and `problems` are frames of the caller's kind (pandas where the
    records were no frame); `verdicts` are the same outcomes as objects.
    """

    pack: Pack
    as_of: dt.date
    engine: str
    verdicts: Sequence[Verdict]
    counts: Mapping[str, Mapping[Outcome, int]]
    dataset: Dataset
    rules: Sequence[Rule]
    listed: str = "findings"
    frame_kind: str = "pandas"
    subjects: Mapping[str, Sequence[str]] = field(default_factory=dict)
    judgement: Judgement | None = field(default=None, repr=False, compare=False)
    _tables: dict[str, OutcomeTable | None] = field(default_factory=dict, repr=False, compare=False)

    # --- frames -------------------------------------------------------------------------------------------------------

    def _frame(self, outcomes: tuple[Outcome, ...]) -> Any:
        from envrules.report.frame import joined_frame

        parts: list[OutcomeTable | list[dict[str, Any]]] = []
        for rule in (r for r in self.rules if r.id in self.counts):
            table = self._table(rule)
            listed = [] if table is not None else [v for v in self._verdicts_of(rule) if v.outcome in outcomes]
            parts.append(table or [v.as_dict() for v in listed])
        return joined_frame(parts, outcomes, _COLUMNS, self.frame_kind)

    def _table(self, rule: Rule) -> OutcomeTable | None:
        if self.judgement is None:
            return None
        if rule.id not in self._tables:
            self._tables[rule.id] = self.judgement.table(rule)
        return self._tables[rule.id]

    def outcome_part(self, rule: Rule) -> OutcomeTable | Sequence[Verdict]:
        """The listed outcomes of a rule: as a table where the engine has one, else as verdicts."""
        return self._table(rule) or self._verdicts_of(rule)

    def _verdicts_of(self, rule: Rule) -> Sequence[Verdict]:
        if self.judgement is not None:
            return self.judgement.verdicts(rule)
        return [v for v in self.verdicts if v.rule == rule.id]

    @property
    def violations(self) -> Any:
        """A row for each violation."""
        return self._frame(("violation",))

    @property
    def findings(self) -> Any:
        """A row for each violation, open case and duty not yet due, with observed, limit, margin and missing fields.

        The sentences that say a finding stand in `verdicts` and in the reports.
        """
        return self._frame(FINDINGS)

    @property
    def outcomes(self) -> Any:
        """A row for each outcome that was asked for (`outcomes="all"`: every pair of record and rule)."""
        return self._frame(OUTCOMES)

    @property
    def summary(self) -> Any:
        """A row for each rule: how many outcomes of each kind, or `no_data`."""
        from envrules.report.frame import to_frame

        rows = [{**r.as_dict(), "title": r.title_en or r.title_zh} for r in self.summary_rows]
        return to_frame(
            rows, ("rule", "clause", "record_type", "severity", "status", *OUTCOMES, "title"), self.frame_kind
        )

    @property
    def problems(self) -> Any:
        """A row for each cell that could not be used: source, sheet, row, column, value, reason."""
        from envrules.report.frame import to_frame

        return to_frame([p.as_dict() for p in self.dataset.problems], _PROBLEMS, self.frame_kind)

    @property
    def problem_list(self) -> list[CellProblem]:
        """The problems as objects."""
        return self.dataset.problems

    @cached_property
    def summary_rows(self) -> list[SummaryRow]:
        """The summary as objects, in the order of the pack's rules."""
        return [self._summary_row(rule) for rule in self.rules]

    def _summary_row(self, rule: Rule) -> SummaryRow:
        counts = dict(self.counts.get(rule.id, {}))
        if rule.record not in self.dataset.records:
            status = "no_data"
        else:
            order: tuple[Outcome, ...] = (
                "violation",
                "indeterminate",
                "not_due",
                "pass",
                "not_in_force",
                "not_applicable",
            )
            status = next((o for o in order if counts.get(o)), "not_applicable")
        return SummaryRow(
            rule.id, rule.clause, rule.record, rule.severity, status, counts, rule.title.en, rule.title.zh
        )

    def exit_code(self, lenient: bool = False) -> int:
        """0 where everything judged complies, 1 for a violation, 3 where something could not be judged."""
        totals: Counter[str] = Counter()
        for counts in self.counts.values():
            totals.update(counts)
        if totals["violation"]:
            return 1
        return 3 if totals["indeterminate"] and not lenient else 0

    # --- explanations -------------------------------------------------------------------------------------------------

    def explain(self, record: str, rule: str) -> Explanation:
        """Why a rule has its outcome on a record (by id) or group (by subject): a tree down to the cells.

        Raises:
            CallError: where there is no such rule or record.
        """
        from envrules.engines.base import Job
        from envrules.engines.reference import environment, group_subject, record_subject
        from envrules.engines.reference.explain import explain
        from envrules.engines.reference.groups import make_groups, subject_of
        from envrules.engines.reference.judge import judge
        from envrules.engines.reference.linked import LinkedRecords

        found = self.pack.rules.get(rule)
        if found is None:
            raise _unknown("unknown-rule", "rule", f"{rule} is not a rule of {self.pack.name}", rule, self.pack.rules)
        records = self.dataset.records.get(found.record, [])
        job = Job(self.pack, self.dataset.records, self.as_of, [found], self.subjects)
        env = environment(found, job, LinkedRecords(self.dataset.records))
        if found.group is None:
            one = next((r for r in records if r.id == record), None)
            if one is None:
                known = [r.id for r in records[:100_000]]
                raise _unknown("unknown-id", "record", f"no {found.record} has the id {record}", record, known)
            subject, own = record_subject(found, one, env)
        else:
            groups = make_groups(found, records, job, env)
            names = [subject_of(g, found.group) for g in groups]
            if record not in names:
                raise _unknown("unknown-id", "record", f"{rule} has no group {record!r}", record, names)
            subject, own = group_subject(found, groups[names.index(record)], env)
        return explain(found, judge(found, subject, own), own)

    # --- reports ------------------------------------------------------------------------------------------------------

    def report_data(self, lenient: bool = False) -> ReportData:
        """The run as reports take it."""
        from envrules.report.from_pack import clause_titles, rule_details

        return self._reported(
            lenient,
            verdicts=self.verdicts,
            problems=self.dataset.problems,
            listed="all" if self.listed == "all" else "findings",
            clause_titles=clause_titles(self.pack),
            rule_details=rule_details(self.pack),
            places=self.places(),
        )

    def _reported(self, lenient: bool, **more: Any) -> ReportData:
        """What every report of the run says, and `more`: what only some can."""
        from envrules.report.base import ReportData
        from envrules.report.from_pack import rule_texts

        return ReportData(
            pack_name=self.pack.name,
            pack_version=self.pack.version,
            pack_sha256=self.pack.sha256,
            pack_title_en=self.pack.title.en,
            pack_title_zh=self.pack.title.zh,
            as_of=self.as_of,
            engine=self.engine,
            summary=self.summary_rows,
            accounts=self.dataset.accounts,
            warnings=self.dataset.warnings,
            exit_code=self.exit_code(lenient),
            rule_texts=rule_texts(self.pack),
            **more,
        )

    def places(self) -> dict[tuple[str, str], list[CellPlace]]:
        """Where the records of the listed outcomes stand, by their type and id."""
        found: dict[tuple[str, str], list[CellPlace]] = {}
        wanted = {(v.record_type, v.record_id) for v in self.verdicts}
        for name, records in self.dataset.records.items():
            for record in records:
                if (name, record.id) in wanted:
                    found.setdefault((name, record.id), []).append(record.place)
        return found

    def _write(self, path: str | Path, format_: str) -> None:
        from envrules.report.formats import find_format
        from envrules.report.output import write_output

        write_output(path, find_format(format_).encode(self.report_data()))

    def to_html(self, path: str | Path) -> None:
        """Write one self-contained page."""
        self._write(path, "html")

    def to_excel(self, path: str | Path) -> None:
        """Write a workbook: findings, summary, problems, accounting."""
        self._write(path, "xlsx")

    def to_json(self, path: str | Path) -> None:
        """Write the object that the command's JSON output is."""
        self._write(path, "json")

    def to_sarif(self, path: str | Path) -> None:
        """Write SARIF 2.1.0, as code-scanning tools read it."""
        self._write(path, "sarif")

    def to_junit(self, path: str | Path) -> None:
        """Write JUnit XML, as build servers read it."""
        self._write(path, "junit")

    def to_rejects(self, path: str | Path) -> None:
        """Write the rows that have something unusable as they stand in their files, with the reasons; .xlsx or .csv.

        Raises:
            CallError: where the records were no file, or the ending is another.
        """
        from envrules.report.output import write_output
        from envrules.report.rejects import rejected, render

        write_output(path, render(rejected(self.dataset), str(path)))

    def plot(self, rule: str | None = None) -> Any:
        """A matplotlib figure of the margins, a dot for each finding, worst first; of one rule where it is named.

        Raises:
            CallError: where matplotlib is not installed, or no finding has a margin.
        """
        from envrules.report.figure import margins_figure

        return margins_figure(self.report_data(), rule)

    # --- showing itself -----------------------------------------------------------------------------------------------

    def _totals(self) -> str:
        totals: Counter[str] = Counter()
        for counts in self.counts.values():
            totals.update(counts)
        said = ", ".join(f"{totals[o]} {o.replace('_', ' ')}" for o in OUTCOMES if totals[o])
        without = sum(r.status == "no_data" for r in self.summary_rows)
        return (said or "nothing judged") + (f"; {without} rules without data" if without else "")

    def __repr__(self) -> str:
        return f"Result({self.pack.name} {self.pack.version} as of {self.as_of}: {self._totals()})"

    def _repr_html_(self) -> str:
        from envrules.report.frame import to_frame

        rows = [v.as_dict() for v in self.verdicts if v.outcome in FINDINGS][:50]
        columns = ("rule", "record_id", "subject", "outcome", "observed", "limit", "margin", "unit", "missing")
        return f"<p>{html.escape(repr(self))}</p>" + str(to_frame(rows, columns).to_html(index=False))


def _unknown(code: str, where: str, what: str, given: str, names: Any) -> CallError:
    return CallError([Diagnostic(code, where, what, hint=nearest(given, names))])
