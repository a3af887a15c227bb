"""What the columnar engine gives: counts at once, and what findings show when it is asked for, as table or verdicts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import polars as pl

from envrules.engines import reference
from envrules.engines.base import Job, Listed
from envrules.engines.columnar.evidence import Shown, agree, show
from envrules.engines.columnar.pairs import TooManyPairs
from envrules.engines.columnar.session import Judged, Session, in_threads
from envrules.engines.columnar.worth import Worth, part
from envrules.engines.reference import environment, group_subject, record_subject
from envrules.engines.reference.evaluate import Env
from envrules.engines.reference.evaluate import Worth as OneWorth
from envrules.engines.reference.groups import Group, subject_of
from envrules.engines.reference.judge import judge
from envrules.interval import Interval
from envrules.lang import ast
from envrules.pack.needs import needs
from envrules.pack.pack import Rule
from envrules.records.columns.table import ColumnRecords
from envrules.records.dataset import Together
from envrules.records.values import Record
from envrules.sequences import MadeWhenAsked
from envrules.verdict import Outcome, OutcomeTable, Verdict, is_number, text_beside_numbers

_AT_A_TIME = 5000  # records made together


class ColumnarJudgement:
    """The outcomes of a job."""

    def __init__(self, job: Job, listed: tuple[Outcome, ...]) -> None:
        self.job = job
        self.session = Session(job, listed)
        self._made: dict[str, OutcomeTable] = {}
        self._interpreted: dict[str, Listed] = {}
        self.counts: dict[str, Mapping[Outcome, int]] = {}
        for rule in job.rules:
            try:
                self.counts[rule.id] = self.session.judged(rule).counts
            except TooManyPairs:
                # So many records may belong to so many subjects that their pairs cannot be held; one by one they can.
                one_by_one = self._interpreted[rule.id] = Listed(reference.ENGINE, replace(job, rules=[rule]))
                self.counts[rule.id] = one_by_one.counts[rule.id]

    def verdicts(self, rule: Rule) -> Sequence[Verdict]:
        """The listed verdicts of a rule, each made, with the interpreter's evidence, when it is asked for."""
        if rule.id in self._interpreted:
            return self._interpreted[rule.id].verdicts(rule)
        return _Verdicts(self, rule)

    def interpreted(
        self, rule: Rule, rows: Sequence[int], fields: frozenset[str] | None = None
    ) -> Iterator[tuple[Verdict, Env]]:
        """The interpreter's verdicts on subjects by their places; on records with these fields alone."""
        judged = self.session.judged(rule)
        env = environment(rule, self.job, self.session.linked)
        everything = self.job.everything
        if judged.groups is None:
            for record in _records_at(self.job.records[rule.record], rows, fields):
                subject, own = record_subject(rule, record, env)
                yield judge(rule, subject, own, everything), own
            return
        for row in rows:
            group, given = self._group(judged, row)
            subject, own = group_subject(rule, group, env)
            own = replace(own, given=given)
            yield judge(rule, subject, own, everything), own

    def _group(self, judged: Judged, row: int) -> tuple[Group, dict[ast.Node, OneWorth]]:
        """A group, with its records unless all that is asked of them is known."""
        groups = judged.groups
        assert groups is not None
        exists = groups.exists[row] if isinstance(groups.exists, pl.Series) else groups.exists
        keys = groups.keys[row]
        given = _known_aggregates(judged.subjects.worths, row)
        if given is not None:
            return Group(keys, [], exists), given
        records = self.job.records[judged.one.rule.record]
        start, stop = (int(groups.pairs.left.search_sorted(row, side)) for side in ("left", "right"))
        places = groups.pairs.right.slice(start, stop - start).to_list()
        sure = groups.pairs.certain.slice(start, stop - start).to_list()
        members = [(r, True if s else None) for r, s in zip(_records_at(records, places), sure, strict=True)]
        return Group(keys, members, exists), {}

    def table(self, rule: Rule) -> OutcomeTable | None:
        """The listed subjects of a rule with what they show: a row for each, in their order.

        Raises:
            AssertionError: where the two engines differ; one of them is wrong then, and neither may be believed.
        """
        if rule.id in self._interpreted:
            return None
        if not self._made:
            # All of them at once, on as many threads as there are processors.
            rules = [r for r in self.job.rules if r.id not in self._interpreted]
            self._made.update(zip((r.id for r in rules), in_threads(self._table, rules), strict=True))
        return self._made[rule.id]

    def _table(self, rule: Rule) -> OutcomeTable:
        judged = self.session.judged(rule)
        env = environment(rule, self.job, self.session.linked)
        read = frozenset(needs(self.job.pack, rule)[rule.record])
        shown = show(judged, env, lambda rows: self.interpreted(rule, rows, read), self.job.detailed)
        table = _table(rule, shown, *self._names(rule, judged))
        if shown.sentences is None:
            return table
        kinds = table.kinds.with_columns(message=pl.Series(shown.sentences, dtype=pl.String))
        return OutcomeTable(table.rows.with_columns(place=judged.rows.cast(pl.UInt32)), kinds, table.plain)

    def _names(self, rule: Rule, judged: Judged) -> tuple[pl.Series, pl.Series | None]:
        """Record ids and subjects of the listed subjects; no subjects where those are records."""
        if judged.groups is None:
            return ids_of(self.job.records[rule.record], judged.rows), None
        keys = rule.group or ()
        texts = [subject_of(Group(judged.groups.keys[row]), keys) for row in judged.rows.to_list()]
        return pl.Series([None] * len(texts), dtype=pl.String), pl.Series(texts, dtype=pl.String)


def _known_aggregates(worths: dict[ast.Node, Worth], row: int) -> dict[ast.Node, OneWorth] | None:
    """The aggregates of a group as the interpreter has them; None where one is not known to a point."""
    found: dict[ast.Node, OneWorth] = {}
    for node, worth in worths.items():
        if isinstance(node, ast.Aggregate):
            one = part(worth, slice(row, row + 1))
            value = one[0] if isinstance(one, pl.Series) else one
            if value is None or not isinstance(value, bool | int | float):
                return None
            found[node] = value if isinstance(value, bool) else Interval(float(value), float(value))
        elif isinstance(node, ast.FieldValue):
            return None
    return found


def _records_at(
    records: Sequence[Record], rows: Sequence[int], fields: frozenset[str] | None = None
) -> Iterator[Record]:
    """Some of the records, made a few thousand at a time, with these fields alone, where they are kept as columns."""
    if not isinstance(records, ColumnRecords):
        yield from (records[row] for row in rows)
        return
    for start in range(0, len(rows), _AT_A_TIME):
        yield from records.at(rows[start : start + _AT_A_TIME], fields)


def ids_of(records: Sequence[Record], rows: pl.Series) -> pl.Series:
    """The ids of some of the records."""
    if isinstance(records, ColumnRecords):
        return records.ids(rows)
    if isinstance(records, Together):
        parts, start = [], 0
        for own in records.parts:
            inside = rows.filter((rows >= start) & (rows < start + len(own)))
            parts.append(ids_of(own, inside - start))
            start += len(own)
        return pl.concat(parts)
    return pl.Series([records[row].id for row in rows], dtype=pl.String)


def _table(rule: Rule, shown: Shown, ids: pl.Series, subjects: pl.Series | None) -> OutcomeTable:
    verdicts, size = shown.verdicts, len(shown.verdicts)
    texts = pl.List(pl.String)
    # What findings of one kind have in common, told once for each kind.
    kinds = pl.DataFrame(
        {
            "rule": pl.Series([rule.id] * size, dtype=pl.String),
            "clause": pl.Series([rule.clause] * size, dtype=pl.String),
            "record_type": pl.Series([rule.record] * size, dtype=pl.String),
            "outcome": pl.Series([v.outcome for v in verdicts], dtype=pl.String),
            "fields": pl.Series([list(v.fields) for v in verdicts], dtype=texts),
            "observed_text": pl.Series([text_beside_numbers(v.observed) for v in verdicts], dtype=pl.String),
            "limit_text": pl.Series([text_beside_numbers(v.limit) for v in verdicts], dtype=pl.String),
            "unit": pl.Series([v.unit for v in verdicts], dtype=pl.String),
            "value": pl.Series([float(v.value) if is_number(v.value) else None for v in verdicts], dtype=pl.Float64),
            "value_text": pl.Series([text_beside_numbers(v.value) for v in verdicts], dtype=pl.String),
            "missing": pl.Series([list(v.missing) for v in verdicts], dtype=texts),
            "notes": pl.Series([list(v.notes) for v in verdicts], dtype=texts),
            "severity": pl.Series([v.severity for v in verdicts], dtype=pl.String),
        }
    )
    numbers = {"observed": shown.observed, "limit": shown.limit, "margin": shown.margin, "kind": shown.kinds}
    rows = pl.DataFrame({"record_id": ids, **numbers})
    if subjects is None:
        kinds = kinds.with_columns(pl.lit("").alias("subject"))
    else:
        rows = rows.with_columns(subjects.alias("subject"))
    plain = {name: [getattr(v, name) for v in verdicts] for name in ("observed", "limit", "value")}
    return OutcomeTable(rows, kinds, plain)


class _Verdicts(MadeWhenAsked[Verdict]):
    """The listed verdicts of one rule."""

    def __init__(self, judgement: ColumnarJudgement, rule: Rule) -> None:
        self.judgement, self.rule = judgement, rule
        self.judged = judgement.session.judged(rule)

    def __len__(self) -> int:
        return self.judged.size

    def made(self, places: Sequence[int]) -> Iterator[Verdict]:
        """The interpreter's verdicts on some of the listed subjects."""
        chosen = pl.Series(places, dtype=pl.UInt32)
        rows, codes = self.judged.rows[chosen].to_list(), self.judged.codes[chosen].to_list()
        for (verdict, _), code in zip(self.judgement.interpreted(self.rule, rows), codes, strict=True):
            agree(verdict, code)
            yield verdict
