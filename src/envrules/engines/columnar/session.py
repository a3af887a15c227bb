"""A job's records as columns, and the outcomes of its rules on them, each rule's found when it is first asked for."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property, partial
from typing import TypeVar

import polars as pl

from envrules.engines.base import Job
from envrules.engines.columnar import groups as grouping
from envrules.engines.columnar.evaluate import Evaluator
from envrules.engines.columnar.linked import Linked
from envrules.engines.columnar.outcomes import Outcomes, Placed, outcomes
from envrules.engines.columnar.pairs import key_column
from envrules.engines.columnar.placing import place
from envrules.engines.columnar.program import Compiled, Shared, compile_rule, parts_of
from envrules.engines.columnar.subjects import Columns
from envrules.engines.columnar.worth import Truth
from envrules.engines.reference import environment
from envrules.engines.reference.linked import LinkedRecords
from envrules.lang import ast
from envrules.pack.pack import Rule
from envrules.records.columns.field import FieldColumn, joined, of_values
from envrules.records.columns.table import ColumnRecords
from envrules.records.dataset import Together
from envrules.records.types import Field
from envrules.records.values import Record
from envrules.verdict import OUTCOMES, Outcome

T = TypeVar("T")
R = TypeVar("R")

#: The most rows that are judged at a time. What Python does between two columns is the same for many rows as for few,
#: and threads wait for one another while it does it; but columns of more rows leave a processor's cache.
MOST_AT_A_TIME = 1 << 19
#: Fewer are not judged at a time, however many threads there are.
FEWEST_AT_A_TIME = 1 << 16


@dataclass(frozen=True)
class Judged:
    """What became of the subjects of a rule.

    Args:
        parts: the outcomes of parts of the subjects, with the place of the first of each.
        listed: the outcomes whose subjects are listed.
        subjects: what was judged, with all that the rule reads of it.
        placed, exists, groups: of a rule on groups where they stand in time, which surely are any, and their records.
    """

    one: Compiled
    parts: Sequence[tuple[int, Outcomes]]
    listed: tuple[Outcome, ...]
    subjects: Columns
    placed: Placed | None = None
    exists: Truth = True
    groups: grouping.Grouped | None = None

    @cached_property
    def counts(self) -> dict[Outcome, int]:
        """How many subjects have each outcome."""
        found: Counter[Outcome] = Counter()
        for _, part in self.parts:
            found.update(part.counts)
        return {o: found[o] for o in OUTCOMES if found[o]}

    @property
    def size(self) -> int:
        """How many subjects are listed."""
        return sum(self.counts.get(o, 0) for o in self.listed)

    @cached_property
    def _listed(self) -> tuple[pl.Series, pl.Series]:
        found = [(start, *part.rows(self.listed)) for start, part in self.parts]
        rows = pl.concat([rows.cast(pl.UInt32) + start for start, rows, _ in found], rechunk=True)
        return rows, pl.concat([codes for _, _, codes in found], rechunk=True)

    @property
    def rows(self) -> pl.Series:
        """The subjects that are listed, in their order."""
        return self._listed[0]

    @property
    def codes(self) -> pl.Series:
        """The outcome of each subject that is listed, as its place among `OUTCOMES`."""
        return self._listed[1]


class Session:
    """Judges the rules of a job over columns.

    Args:
        listed: the outcomes whose subjects are kept.
        chunk: how many records are judged at a time; None for as many as suit the processors.
    """

    def __init__(self, job: Job, listed: tuple[Outcome, ...], chunk: int | None = None) -> None:
        self.job, self.listed, self.chunk = job, listed, chunk
        self.linked = LinkedRecords(job.records)
        self._shared = Shared()
        self._columns: dict[str, Columns] = {}
        self._judged: dict[str, Judged] = {}

    # --- columns ------------------------------------------------------------------------------------------------------

    def columns(self, record_type: str) -> Columns | None:
        """The records of a type as columns; None where none were given."""
        if record_type not in self.job.records:
            return None
        if record_type not in self._columns:
            records = self.job.records[record_type]
            declared = self.job.pack.records[record_type].fields
            parts = records.field_part if isinstance(records, ColumnRecords) else None
            self._columns[record_type] = Columns(len(records), _Fields(records, declared), declared, parts=parts)
        return self._columns[record_type]

    def own_columns(self, record_type: str) -> Columns:
        """The records of a type, apart from what other rules look up for them."""
        shared = self.columns(record_type)
        assert shared is not None
        return Columns(shared.length, shared.fields, shared.declared, parts=shared.parts)

    # --- rules --------------------------------------------------------------------------------------------------------

    def judged(self, rule: Rule) -> Judged:
        """What became of a rule's records or groups."""
        if rule.id not in self._judged:
            if rule.group is not None:
                self._judged[rule.id] = self._judge_groups(rule)
            elif rule.related:
                self._judge_together([rule])
            else:
                same = [r for r in self.job.rules if r.record == rule.record and r.group is None and not r.related]
                self._judge_together(same)
        return self._judged[rule.id]

    def _judge_together(self, rules: Sequence[Rule]) -> None:
        """Rules on the records of one type, whose equal parts are worked out once."""
        record_type = rules[0].record
        compiled = [compile_rule(r, self._shared) for r in rules]
        subjects = self.own_columns(record_type)
        own = self.job.own.get(record_type, len(subjects))
        if own < len(subjects):
            subjects = subjects.part(slice(0, own))
        env = environment(rules[0], self.job, self.linked)
        for one in compiled:
            Linked(env, self.columns).prepare(one.nodes, one.rule.related, subjects)
        if subjects.parts is None:
            self._read(compiled, subjects)
        length = len(subjects)
        chunk = self.chunk or at_a_time(length)
        slices = [slice(at, min(at + chunk, length)) for at in range(0, length, chunk)] or [slice(0, 0)]

        def judge(rows: slice) -> list[Outcomes]:
            whole = rows.start == 0 and rows.stop == length
            chosen = subjects if whole else subjects.part(rows)
            evaluator = Evaluator(chosen, env)
            placed = place(chosen, record_type, self.job.pack).from_(evaluator.as_of)
            found = []
            for one in compiled:
                of = outcomes(one, evaluator, placed)
                of.counts  # noqa: B018 - counted here, in this thread, while its columns are in the cache
                found.append(of)
                if self.job.progress:
                    self.job.progress(rows.stop - rows.start)
            return found

        parts = list(in_threads(judge, slices))
        for i, one in enumerate(compiled):
            found = [(rows.start, part[i]) for rows, part in zip(slices, parts, strict=True)]
            self._judged[one.rule.id] = Judged(one, found, self.listed, subjects)

    def _read(self, compiled: Sequence[Compiled], subjects: Columns) -> None:
        """Read the fields that the rules speak of, several at a time."""
        names = {
            part.name
            for one in compiled
            for part in parts_of(one.nodes)
            if isinstance(part, ast.FieldValue) and part.scope == subjects.scope
        }
        list(in_threads(subjects.fields, sorted(names)))

    def values(self, rule: Rule, nodes: Sequence[ast.Node]) -> list[pl.Series]:
        """What expressions over the records of a rule are worth, as parts of keys: null where that is not known."""
        records = self.own_columns(rule.record)
        linked = Linked(environment(rule, self.job, self.linked), self.columns)
        linked.prepare(nodes, rule.related, records)
        evaluator = Evaluator(records, linked.env)
        return [key_column(evaluator.worth(node), len(records)) for node in nodes]

    def placed(self, rule: Rule) -> pl.DataFrame:
        """Where the records that may belong to a rule's groups stand, as `groups.placed_records` gives it."""
        records = self.own_columns(rule.record)
        env = environment(rule, self.job, self.linked)
        return self._placed(compile_rule(rule, self._shared), records, Linked(env, self.columns))

    def _placed(self, one: Compiled, records: Columns, linked: Linked) -> pl.DataFrame:
        rule = one.rule
        keys = [self._shared.node(k.node) for k in rule.group or ()]
        linked.prepare([*([one.when] if one.when is not None else []), *keys], rule.related, records)
        evaluator = Evaluator(records, linked.env)
        when: Truth = True if one.when is None else evaluator.truth(one.when)
        dates = place(records, rule.record, self.job.pack).dates
        return grouping.placed_records(when, [evaluator.worth(k) for k in keys], dates, len(records), self.job)

    def _judge_groups(self, rule: Rule) -> Judged:
        one = compile_rule(rule, self._shared)
        env = environment(rule, self.job, self.linked)
        records = self.own_columns(rule.record)
        linked = Linked(env, self.columns)
        placed_records = self._placed(one, records, linked)
        grouped = grouping.make_groups(rule, placed_records, self.job)
        groups = grouping.subjects_of(grouped, rule.group or (), records)
        nodes = [n for n in one.nodes if n is not one.when]
        own = partial(grouping.aggregate_over, rule=rule, grouped=grouped, groups=groups, records=records, env=env)
        linked.prepare(nodes, rule.related, groups, own)
        placed = Placed(grouped.dates, grouped.dated)
        of = outcomes(one, Evaluator(groups, env), placed, grouped.exists)
        if self.job.progress:
            self.job.progress(len(records))
        return Judged(one, [(0, of)], self.listed, groups, placed, grouped.exists, grouped)


class _Fields:
    """The columns of a type's fields, each read once."""

    def __init__(self, records: Sequence[Record], declared: Mapping[str, Field]) -> None:
        self.records, self.declared = records, declared
        self._read: dict[str, FieldColumn] = {}

    def __call__(self, name: str) -> FieldColumn:
        if name not in self._read:
            self._read[name] = field_column(self.records, name, self.declared[name])
        return self._read[name]


def field_column(records: Sequence[Record], name: str, declared: Field) -> FieldColumn:
    """A field of any sequence of records as a column."""
    if isinstance(records, ColumnRecords):
        return records.field(name)
    if isinstance(records, Together):
        return joined([field_column(part, name, declared) for part in records.parts])
    return of_values([r.value(name) for r in records], declared)


def at_a_time(length: int) -> int:
    """How many of so many records to judge at a time: two parts for each processor, within bounds.

    Examples:
        >>> at_a_time(1000), at_a_time(100_000_000)
        (65536, 524288)
    """
    even = -(-length // (2 * (os.cpu_count() or 1)))
    return min(max(even, FEWEST_AT_A_TIME), MOST_AT_A_TIME)


def in_threads(work: Callable[[T], R], items: Sequence[T]) -> Iterator[R]:
    """The work done for each item, on as many threads as there are processors, in the items' order."""
    if len(items) < 2:
        yield from map(work, items)
        return
    with ThreadPoolExecutor(min(len(items), os.cpu_count() or 1)) as pool:
        yield from pool.map(work, items)
