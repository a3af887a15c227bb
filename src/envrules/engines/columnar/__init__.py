"""The columnar engine: every rule over whole columns at once, by polars and numpy.

Records, groups, calendars, related records, tables and alerts alike: an expression is worked out for all subjects
together. The evidence of what is shown comes from the reference interpreter, which tests the two against each other.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import cast

from envrules.engines import reference
from envrules.engines.base import Both, Engine, Job, Judgement, derived_types, judge
from envrules.engines.columnar.judgement import ColumnarJudgement
from envrules.pack.pack import Rule
from envrules.verdict import FINDINGS, OUTCOMES, Verdict


class Columnar:
    """The columnar engine."""

    name = "columnar"

    def unsupported(self, rule: Rule) -> str:
        """Nothing: whatever the language can say is worked out over columns."""
        return ""

    def describe(self, job: Job) -> str:
        """Its name."""
        return self.name

    def judge(self, job: Job) -> Judgement:
        """The outcomes of a job: counts now, evidence when it is asked for.

        Rules on records with derived values are the interpreter's: their findings differ from record to record.
        """
        derived = derived_types(job)
        rest = [r for r in job.rules if not derived.isdisjoint(r.records_used)]
        if not rest:
            return cast(Judgement, ColumnarJudgement(job, OUTCOMES if job.everything else FINDINGS))
        own = replace(job, rules=[r for r in job.rules if r not in rest])
        columnar = ColumnarJudgement(own, OUTCOMES if job.everything else FINDINGS)
        return Both([cast(Judgement, columnar), judge(reference.ENGINE, replace(job, rules=rest))])

    def run(self, job: Job) -> Iterator[Verdict]:
        """The verdicts of a job, rule by rule, in the order of the records and groups."""
        found = self.judge(job)
        for rule in job.rules:
            if job.tally is not None and not job.everything:
                for outcome, count in found.counts[rule.id].items():
                    if outcome not in FINDINGS:
                        job.tally(rule.id, outcome, count)
            yield from found.verdicts(rule)


ENGINE: Engine = Columnar()
