"""What a pack's rule says of very many tasks: judged by the interpreter, and alike tasks together.

Tasks for which all comparisons of a rule come out alike, and which have the same values otherwise, have the same
outcome; one of them is judged for all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from envrules.engines.base import Job
from envrules.engines.reference import environment, record_subject
from envrules.engines.reference.evaluate import evaluate
from envrules.engines.reference.judge import judge
from envrules.engines.reference.linked import LinkedRecords
from envrules.interval import Interval, point, round_number
from envrules.lang import ast
from envrules.pack.pack import Pack, Rule
from envrules.records.values import Cell, Record
from envrules.tracking.alike import Case, Columns, Comparison, Comparisons, Places, collect, fields_of
from envrules.tracking.events import restored
from envrules.verdict import Outcome, Verdict

#: The derived value that counts the days by which a task is overdue, where a rule has it.
DAYS_OVERDUE = "days_overdue"


@dataclass(frozen=True)
class Judged:
    """What a rule says of a case: its outcome, and the derived value it reports."""

    outcome: Outcome
    value: Any


def levelled_rules(pack: Pack, record_type: str) -> list[Rule]:
    """The rules that give single records of a type a level: a derived word, reported beside the outcome."""
    return [
        r
        for r in pack.rules.values()
        if r.record == record_type and r.group is None and not r.related and _levels(r) is not None
    ]


def _levels(rule: Rule) -> tuple[str, ...] | None:
    enum = rule.derive[rule.output].node.type.enum if rule.output else None
    return None if enum is None else enum.values


def levels(rule: Rule) -> tuple[str, ...]:
    """The words of the level that a rule reports, lowest first."""
    return _levels(rule) or ()


class Judge:
    """A rule on cases at an evaluation date."""

    def __init__(self, pack: Pack, rule: Rule, as_of: Any) -> None:
        self.rule = rule
        self._type = pack.records[rule.record]
        self._pack = pack
        job = Job(pack, {rule.record: ()}, as_of, [rule])
        self._env = environment(rule, job, LinkedRecords(job.records))
        self._roots = [n for n in (rule.when, rule.require, rule.due) if n is not None]
        derived = [table.node for table in rule.derive.values()]
        #: The fields that a case is made of.
        self.fields = fields_of([*self._roots, *derived], self._type)
        self._cells: dict[tuple[str, Any], Cell] = {}
        self._known: dict[Case, Judged] = {}
        self._missing: dict[Case, tuple[str, ...]] = {}
        days = rule.derive.get(DAYS_OVERDUE)
        self._days = days.node if days is not None and days.node.type.kind == "quantity" else None
        read = fields_of([self._days] if self._days is not None else [], self._type)
        self._days_places = [self.fields.index(f) for f in read]
        self._days_known: dict[Case, Interval] = {}
        # One environment for all that is asked of the days: it sees the cells that are put here.
        self._days_cells: dict[str, Cell] = {}
        self._days_env = self._env.of(Record(rule.record, "", self._days_cells))

    def cell(self, field: str, value: Any) -> Cell:
        """The cell of a value as the file keeps it."""
        found = self._cells.get((field, value))
        if found is None:
            found = restored(value, self._type.fields[field], self._pack.units)
            self._cells[field, value] = found
        return found

    def verdict(self, case: Case) -> Verdict:
        """The verdict of one case with all its evidence."""
        cells = {f: self.cell(f, v) for f, v in zip(self.fields, case, strict=True) if v is not None}
        record = Record(self.rule.record, "", cells)
        return judge(self.rule, *record_subject(self.rule, record, self._env))

    def missing(self, case: Case) -> tuple[str, ...]:
        """The fields that would decide a case."""
        found = self._missing.get(case)
        if found is None:
            found = self._missing[case] = self.verdict(case).missing
        return found

    # --- many at once -------------------------------------------------------------------------------------------------

    def judge_all(self, columns: Columns, count: int) -> list[Judged]:
        """What the rule says of each of so many cases, given as a column of values for each field."""
        comparisons = self._find_comparisons()
        compared = self._comparisons(comparisons) if comparisons else None
        if compared is None or not compared.fields:
            cases = self.cases(columns, count)
            return [self._judge_case(case) for case in cases]
        cases = _zipped(compared.fields, columns, count)
        classes, _ = compared.truths(cases)
        others = [f for f in self.fields if f not in compared.fields]
        # A date that no comparison reads is there or is not; which one it is does not matter.
        rest = _zipped(others, {f: self._kinds(f, columns[f]) for f in others}, count)
        known: dict[tuple[int, Case], Judged] = {}
        found: list[Judged] = []
        for number, key in enumerate(zip(map(classes.__getitem__, cases), rest, strict=True)):
            one = known.get(key)
            if one is None:
                one = known[key] = self._judge_case(tuple([columns[f][number] for f in self.fields]))
            found.append(one)
        return found

    def cases(self, columns: Columns, count: int) -> list[Case]:
        """The cases of columns, each with the values of `fields`."""
        return _zipped(self.fields, columns, count)

    def _kinds(self, field: str, column: Sequence[Any]) -> list[Any]:
        places = Places(self._type, self.cell, field)
        return [places[raw][0] for raw in column]

    def _judge_case(self, case: Case) -> Judged:
        found = self._known.get(case)
        if found is None:
            verdict = self.verdict(case)
            found = self._known[case] = Judged(verdict.outcome, verdict.value)
        return found

    def _comparisons(self, comparisons: Sequence[Comparison]) -> Comparisons:
        return Comparisons(comparisons, self._type, self._env, self.cell)

    def _find_comparisons(self) -> list[Comparison]:
        """The comparisons that the outcome and the level rest on; none where they rest on more than those."""
        output = [self.rule.derive[self.rule.output].node] if self.rule.output else []
        found: dict[ast.Compare, None] = {}
        # A record type with a date is placed in time by it, and a due date by more than comparisons.
        if self._type.date or self.rule.due is not None:
            return []
        complete = all(collect(root, found) for root in (*self._roots, *output))
        return [(c.op, c.left, c.right) for c in found] if complete else []

    # --- days overdue -------------------------------------------------------------------------------------------------

    @property
    def counts_days(self) -> bool:
        """Whether the rule derives `days_overdue` as a number."""
        return self._days is not None

    def days(self, case: Case) -> int | float | None:
        """The rule's `days_overdue` for a case; None where it has none, or it is not known."""
        found = self._days_of(case)
        return round_number(found.lo) if found is not None and found.known else None

    def runs(self, case: Case, later: Judge) -> bool:
        """Whether the days overdue of a case may run on until the day of a later judge."""
        now, then = self._days_of(case), later._days_of(case)
        return now is None or then is None or not now.known or not then.known or now.lo != then.lo

    def _days_of(self, case: Case) -> Interval | None:
        if self._days is None:
            return None
        read = tuple([case[n] for n in self._days_places])
        found = self._days_known.get(read)
        if found is None:
            self._days_cells.clear()
            for n in self._days_places:
                if case[n] is not None:
                    self._days_cells[self.fields[n]] = self.cell(self.fields[n], case[n])
            self._days_env.worths.clear()
            found = self._days_known[read] = cast(Interval, evaluate(self._days, self._days_env))
        return found

    def overdue(self, columns: Columns, count: int) -> list[bool | None]:
        """Whether each case is overdue: has more than 0 days of the rule's `days_overdue`. None where it is open."""
        if self._days is None:
            return [None] * count
        zero = ast.Const(value=point(0), type=self._days.type)
        compared = self._comparisons([(">", self._days, zero)])
        cases = _zipped(compared.fields, columns, count)
        classes, truths = compared.truths(cases)
        return [truths[classes[case]][0] for case in cases]


def _zipped(fields: Sequence[str], columns: Columns, count: int) -> list[Case]:
    return list(zip(*(columns[f] for f in fields), strict=True)) if fields else [()] * count
