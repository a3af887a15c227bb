"""The columnar engine: rules on one record over whole columns at once, by polars.

Outcomes are worked out for all records together; a row that columns cannot say exactly goes to the reference
interpreter, and so does the evidence of every finding, which tests the two against each other in every run.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import polars as pl

from envrules.engines.base import Engine, Job
from envrules.engines.columnar.compile import FALSE, TRUE, Compiler, reads_records
from envrules.engines.columnar.prelude import DATE, columns_of
from envrules.engines.reference import environment, record_subject
from envrules.engines.reference.evaluate import Env
from envrules.engines.reference.judge import judge
from envrules.engines.reference.linked import LinkedRecords
from envrules.lang import ast
from envrules.pack.pack import Rule
from envrules.records.values import Record
from envrules.verdict import FINDINGS, OUTCOMES, Outcome, Verdict

_HARD = -1
_CODES: dict[Outcome, int] = {outcome: i for i, outcome in enumerate(OUTCOMES)}


@dataclass(frozen=True)
class Compiled:
    """A rule as one expression of outcome codes, and the fields it reads."""

    rule: Rule
    code: pl.Expr
    fields: frozenset[str]


class Columnar:
    """The columnar engine."""

    name = "columnar"

    def unsupported(self, rule: Rule) -> str:
        """Why a rule is left to the interpreter: groups and related records are."""
        if rule.group is not None:
            return "it judges groups"
        if rule.related:
            return "it reads related records"
        nodes = [n for n in (rule.when, rule.require, rule.due) if n is not None]
        parts = [p for n in nodes for p in ast.walk(n)]
        if any(isinstance(p, ast.Case) and p.unique for p in parts):
            return "it has a table with hit: unique"
        calls = {p.function for p in parts if isinstance(p, ast.Call) and p.function != "abs" and reads_records(p)}
        return f"it uses {', '.join(sorted(calls))}" if calls else ""

    def describe(self, job: Job) -> str:
        """Its name."""
        return self.name

    def run(self, job: Job) -> Iterator[Verdict]:
        """The verdicts of a job, rule by rule, in the order of the records."""
        session = Session(job)
        for rule in job.rules:
            yield from session.verdicts(rule)


class Session:
    """A job's records as columns, and the codes of all its rules on a type, worked out together when first needed."""

    def __init__(self, job: Job, rules: Sequence[Rule] | None = None) -> None:
        self.job = job
        self.rules = job.rules if rules is None else rules
        self.linked = LinkedRecords(job.records)
        self._codes: dict[str, pl.DataFrame] = {}

    def verdicts(self, rule: Rule) -> Iterator[Verdict]:
        """The verdicts of one rule. Those that are no findings are told to `job.tally` where that is there."""
        job, records = self.job, self.job.records.get(rule.record, ())
        if rule.record not in self._codes:
            self._codes[rule.record] = self._work_out(rule.record, records)
        codes = self._codes[rule.record][rule.id]
        env = environment(rule, job, self.linked)
        listed: tuple[Outcome, ...] = OUTCOMES if job.everything or job.tally is None else FINDINGS
        wanted = [_HARD, *(_CODES[o] for o in listed)]
        if job.tally is not None and not job.everything:
            for code, count in codes.value_counts().iter_rows():
                if code not in wanted:
                    job.tally(rule.id, OUTCOMES[code], count)
        chosen = codes.is_in(wanted).arg_true()
        for row, code in zip(chosen.to_list(), codes.gather(chosen).to_list(), strict=True):
            verdict = judge(rule, *record_subject(rule, records[row], env), job.everything)
            if code != _HARD and _CODES[verdict.outcome] != code:
                # Never shown as a result: one of the two engines is wrong, and neither may be believed.
                said = f"columnar {OUTCOMES[code]}, interpreter {verdict.outcome}"
                raise AssertionError(f"{rule.id} on {records[row].id}: {said}")
            yield verdict
        if job.progress:
            job.progress(len(records))

    def _work_out(self, record_type: str, records: Sequence[Record]) -> pl.DataFrame:
        rules = [r for r in self.rules if r.record == record_type]
        compiled = [compile_rule(r, self.job, environment(r, self.job, self.linked)) for r in rules]
        table = columns_of(records, self.job.pack, record_type, {f for c in compiled for f in c.fields})
        return table.lazy().select([c.code.alias(c.rule.id) for c in compiled]).collect()


def compile_rule(rule: Rule, job: Job, env: Env) -> Compiled:
    """A rule's outcome codes, by the table of the semantics in its order; hard rows get a code of their own."""
    compiler = Compiler(env)
    as_of = float(job.as_of.toordinal())
    when = compiler.truth(rule.when) if rule.when is not None else None
    applies, excluded = (when.true, when.false) if when is not None else (TRUE, FALSE)
    undecided_when = pl.any_horizontal(compiler.hard) if compiler.hard else FALSE
    require = compiler.truth(rule.require)
    dated = bool(job.pack.records[rule.record].date)
    date = pl.col(DATE).fill_null(as_of)
    before = date < rule.effective.toordinal() if rule.effective is not None else FALSE
    after = date > rule.expires.toordinal() if rule.expires is not None else FALSE
    waits, reached = FALSE, TRUE
    if rule.due is not None:
        due = compiler.value(rule.due)
        waits = (date < due if dated else due >= as_of).fill_null(False)
        reached = (date >= due if dated else due < as_of).fill_null(False)
    hard = pl.any_horizontal(compiler.hard) if compiler.hard else FALSE
    code = (
        pl.when(undecided_when)
        .then(pl.lit(_HARD))
        .when(excluded)
        .then(_CODES["not_applicable"])
        .when(before | after)
        .then(_CODES["not_in_force"])
        .when(date > as_of)
        .then(_CODES["not_due"])
        .when(hard)
        .then(_HARD)
        .when(require.true)
        .then(_CODES["pass"])
        .when(waits)
        .then(_CODES["not_due"])
        .when(applies & require.false & reached)
        .then(_CODES["violation"])
        .otherwise(_CODES["indeterminate"])
        .cast(pl.Int8)
    )
    return Compiled(rule, code, frozenset(compiler.fields))


ENGINE: Engine = Columnar()
