"""The report for a terminal: a summary by rule, the findings of each rule, what could not be read, what was read.

Texts out of records are shown, never interpreted: no markup, no control characters.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Final

from rich.cells import cell_len
from rich.console import JustifyMethod
from rich.padding import Padding
from rich.text import Text

from envrules.report.base import ReportData
from envrules.report.phrases import (
    account_place,
    brief,
    by_rule,
    closing,
    closing_zh,
    header_rows,
    judged,
    left_out_texts,
    number,
    outcome_words,
    rows_span,
    totals,
    without_data,
    worst_first,
    worst_outcomes,
)
from envrules.report.terminal import Page, grid, shown
from envrules.verdict import FINDINGS, Outcome, Verdict

if TYPE_CHECKING:
    from envrules.records.read import SourceAccount

#: A person reads so many rows; programs have other formats.
RULE_ROWS: Final = 100
ALL_ROWS: Final = 1000
_STYLES: Final = {
    "violation": "bold red",
    "indeterminate": "yellow",
    "not_due": "cyan",
    "pass": "green",
    "not_in_force": "dim",
    "not_applicable": "dim",
}


def render(data: ReportData, width: int = 120, color: bool = False) -> str:
    """The report as text of at most so many columns; a Chinese character takes two."""
    page = Page(width, color)
    _Writer(page, data).write()
    return page.text()


class _Writer:
    def __init__(self, page: Page, data: ReportData) -> None:
        self.page = page
        self.data = data
        self.rows_left = ALL_ROWS

    def write(self) -> None:
        data = self.data
        head = Text(f"{data.pack_name} {data.pack_version}", style="bold")
        head.append(f" · as of {data.as_of} · engine {data.engine}", style="not bold")
        self.page.print(head)
        titles = " · ".join(t for t in (data.pack_title_en, data.pack_title_zh) if t)
        if titles:
            self.page.print(shown(titles, "dim"))
        self._summary()
        self._findings()
        self._problems()
        self._accounts()
        self._closing()

    def _summary(self) -> None:
        rows = [row for row in worst_first(self.data.summary) if row.status not in ("no_data", "not_applicable")]
        self.page.heading("Summary")
        if rows:
            wide = self.page.width >= 100
            table = grid()
            table.add_column("rule", overflow="fold")
            if wide:
                table.add_column("clause", no_wrap=True)
                table.add_column("title", overflow="ellipsis", no_wrap=True)
            for name in ("violation", "indeter-\nminate", "not\ndue", "pass", "n/a"):
                table.add_column(name, justify="right", vertical="bottom", no_wrap=True)
            for row in rows:
                cells = [shown(row.rule, _STYLES.get(row.status, ""))]
                if wide:
                    en, zh = self.data.titles(row.rule)
                    cells += [shown(row.clause, "dim"), shown(zh or en)]
                for outcomes in (
                    ["violation"],
                    ["indeterminate"],
                    ["not_due"],
                    ["pass"],
                    ["not_applicable", "not_in_force"],
                ):
                    count = sum(row.counts.get(o, 0) for o in outcomes)  # type: ignore[call-overload]
                    cells.append(Text(f"{count:,}", style=_STYLES[outcomes[0]]) if count else Text("·", style="dim"))
                table.add_row(*cells)
            self.page.print(table)
        else:
            self.page.print("No rule was judged.")
        self._silent_rules()

    def _silent_rules(self) -> None:
        idle = [row.rule for row in self.data.summary if row.status == "not_applicable"]
        if idle:
            concern = "rule concerns" if len(idle) == 1 else "rules concern"
            text = f"{len(idle):,} {concern} none of these records: {', '.join(idle)}."
            self.page.print()
            self.page.print(shown(text, "dim"))
        absent = without_data(self.data.summary)
        if not absent:
            return
        types = ", ".join(f"{name} ({len(rules)})" for name, rules in absent.items())
        count = sum(map(len, absent.values()))
        text = f"No records were given for {number(count, 'rule')}, so nothing is known of them: {types}."
        self.page.print()
        self.page.print(shown(text, "dim"))

    def _findings(self) -> None:
        groups = by_rule(self.data)
        if not groups:
            return
        self.page.heading("Findings" if self.data.listed == "findings" else "Outcomes")
        for rule, verdicts in groups:
            self._rule(rule, verdicts)

    def _rule(self, rule: str, verdicts: Sequence[Verdict]) -> None:
        first = verdicts[0]
        self.page.print()
        head = Text("■ ", style=_STYLES[first.outcome])
        head.append(rule, style="bold")
        head.append(f"  {first.clause}  {first.severity}", style="dim")
        self.page.print(head)
        titles = "  ".join(t for t in self.data.titles(rule) if t)
        if titles:
            self.page.print(Padding(shown(titles), (0, 0, 0, 2)))
        listed = verdicts[: min(RULE_ROWS, self.rows_left)]
        self.rows_left -= len(listed)
        if listed:
            self._verdicts(listed)
        rest = self._rest(rule, verdicts, listed)
        if rest:
            kinds = ", ".join(f"{count:,} {outcome_words(o).en}" for o, count in rest.items())
            formats = "parquet, csv and jsonl" if self.data.sampled else "html, xlsx and csv"
            text = f"and {sum(rest.values()):,} more ({kinds}): the formats {formats} list all of them"
            self.page.print(Padding(shown(text, "dim"), (0, 0, 0, 2)))

    def _rest(self, rule: str, verdicts: Sequence[Verdict], listed: Sequence[Verdict]) -> dict[Outcome, int]:
        """How many outcomes of each kind are not shown, worst first."""
        if not self.data.sampled:
            return dict(Counter(v.outcome for v in verdicts[len(listed) :]))
        counts = next(row.counts for row in self.data.summary if row.rule == rule)
        seen = Counter(v.outcome for v in listed)
        kinds: list[Outcome] = [o for o in worst_outcomes() if self.data.listed == "all" or o in FINDINGS]
        return {o: counts[o] - seen[o] for o in kinds if counts.get(o, 0) > seen[o]}

    def _verdicts(self, verdicts: Sequence[Verdict]) -> None:
        notes: dict[str, int] = {}
        for verdict in verdicts:
            for note in verdict.notes:
                notes.setdefault(note, len(notes) + 1)
        group = verdicts[0].record_id is None
        limit = _shared_limit(verdicts)
        if limit:
            self.page.print(Padding(Text.assemble(("limit: ", "dim"), shown(limit)), (0, 0, 0, 2)))
        columns: list[tuple[str, Any, bool]] = [
            ("group" if group else verdicts[0].record_type, lambda v: self._judged(v, notes), False),
            ("outcome", lambda v: shown(outcome_words(v.outcome).en, _STYLES[v.outcome]), False),
            (self._observed_name(verdicts), lambda v: shown(brief(v.observed)), True),
            ("limit", lambda v: shown("" if limit else brief(v.limit)), True),
            ("margin", lambda v: shown(v.margin, "red" if v.outcome == "violation" else ""), True),
            ("unit", lambda v: shown(v.unit), False),
            ("value", lambda v: shown(brief(v.value)), False),
            ("missing", lambda v: shown(", ".join(v.missing), "yellow"), False),
            ("severity", lambda v: shown(v.severity), False),
        ]
        table = grid()
        cells = [[make(verdict) for verdict in verdicts] for _, make, _ in columns]
        same_severity = len({v.severity for v in verdicts}) == 1
        kept = []
        for (name, _, numeric), column in zip(columns, cells, strict=True):
            if any(column) and not (name == "severity" and same_severity):
                right = numeric and any(_is_number(t.plain) for t in column)
                # The record, and what may be long, give way; the rest stays as wide as its header and its words.
                least = (
                    max(map(cell_len, (name, *(t.plain for t in column)))) if name == "outcome" or right else len(name)
                )
                justify: JustifyMethod = "right" if right else "left"
                table.add_column(name, justify=justify, overflow="fold", min_width=min(least, 20))
                kept.append(column)
        for row in zip(*kept, strict=True):
            table.add_row(*row)
        self.page.print(Padding(table, (0, 0, 0, 2)))
        for note, mark in notes.items():
            self.page.print(Padding(shown(f"[{mark}] {note}", "dim"), (0, 0, 0, 2)))

    @staticmethod
    def _judged(verdict: Verdict, notes: dict[str, int]) -> Text:
        text = shown(judged(verdict))
        for note in verdict.notes:
            text.append(f" [{notes[note]}]", style="dim")
        return text

    @staticmethod
    def _observed_name(verdicts: Sequence[Verdict]) -> str:
        fields = {v.fields for v in verdicts}
        return fields.pop()[0] if len(fields) == 1 and len(verdicts[0].fields) == 1 else "observed"

    def _problems(self) -> None:
        problems = self.data.problems
        if not problems:
            return
        count = self.data.problems_in_all
        self.page.heading(f"Problems in the data ({count:,})")
        table = grid()
        for name in ("place", "row", "column", "value", "reason"):
            table.add_column(name, overflow="fold", justify="right" if name == "row" else "left")
        for problem in problems[:RULE_ROWS]:
            place = problem.source + (f"[{problem.sheet}]" if problem.sheet else "")
            value = "" if problem.value is None else f"{problem.value!s:.60}"
            table.add_row(*map(shown, (place, problem.row, problem.column, value, problem.reason)))
        self.page.print(table)
        if count > RULE_ROWS:
            text = f"and {count - RULE_ROWS:,} more"
            text += "" if self.data.sampled else ": the formats html, xlsx and json list all of them"
            self.page.print(shown(text, "dim"))

    def _accounts(self) -> None:
        if not self.data.accounts:
            return
        self.page.heading("What was read")
        table = grid()
        names = ("source", "record type", "header", "rows", "read", "used", "judged", "skipped")
        for name in names:
            table.add_column(name, overflow="fold", justify="right" if name in names[4:7] else "left")
        for account in self.data.accounts:
            table.add_row(*map(shown, _account(account, self.data.judged(account))))
        self.page.print(table)
        for account in self.data.accounts:
            for decision in account.decisions:
                self.page.print(shown(f"{account_place(account)}: {decision}", "dim"))

    def _closing(self) -> None:
        count = totals(self.data.summary)
        worst = next((o for o in FINDINGS if count[o]), "pass")
        self.page.print()
        self.page.print(shown(closing(self.data), _STYLES[worst]))
        self.page.print(shown(closing_zh(self.data), _STYLES[worst]))


def _account(account: SourceAccount, judged: int) -> Iterable[str]:
    counts = (f"{n:,}" for n in (account.rows_read, account.rows_used, judged))
    skipped = ", ".join(left_out_texts(account))
    return account_place(account), account.record_type, header_rows(account), rows_span(account), *counts, skipped


def _shared_limit(verdicts: Sequence[Verdict]) -> str:
    """The limit that all of them have, where it is too long for a column."""
    limits = {brief(v.limit) for v in verdicts}
    limit = limits.pop() if len(limits) == 1 else ""
    return limit if cell_len(limit) > 16 else ""


def _is_number(text: str) -> bool:
    try:
        float(text.replace(",", ""))
    except ValueError:
        return False
    return True
