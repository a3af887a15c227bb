"""The engine by the job: columns for many records of a rule that columns can judge, the interpreter for the rest."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from envrules.engines import reference
from envrules.engines.base import Both, Engine, Job, Judgement, derived_types, judge
from envrules.pack.pack import Rule
from envrules.verdict import FINDINGS, Verdict

#: Below this many records of a type, loading polars and making columns cost more than they save.
MANY = 2000


class Auto:
    """Chooses for each rule. What it chose changes no outcome, only the time."""

    name = "auto"

    def unsupported(self, rule: Rule) -> str:
        """Nothing: what columns cannot judge the interpreter does."""
        return ""

    def describe(self, job: Job) -> str:
        """`reference`, `columnar`, or both where some rules went the one way and some the other."""
        by_columns = self._by_columns(job)
        if len(by_columns) == len(job.rules) > 0:
            return "columnar"
        return "columnar and reference" if by_columns else "reference"

    def judge(self, job: Job) -> Judgement:
        """What is found, by the engine that fits each rule."""
        by_columns = self._by_columns(job)
        if not by_columns:
            return judge(reference.ENGINE, job)
        from envrules.engines.columnar import ENGINE as COLUMNAR

        rest = [r for r in job.rules if r.id not in by_columns]
        parts = [judge(COLUMNAR, replace(job, rules=list(by_columns.values())))]
        if rest:
            parts.append(judge(reference.ENGINE, replace(job, rules=rest)))
        return Both(parts)

    def run(self, job: Job) -> Iterator[Verdict]:
        """The verdicts of a job, rule by rule, in the order of the records and groups."""
        found = self.judge(job)
        for rule in job.rules:
            if job.tally is not None and not job.everything:
                for outcome, count in found.counts[rule.id].items():
                    if outcome not in FINDINGS:
                        job.tally(rule.id, outcome, count)
            yield from found.verdicts(rule)

    def _by_columns(self, job: Job) -> dict[str, Rule]:
        many = [r for r in job.rules if len(job.records.get(r.record, ())) >= MANY]
        if not many:
            return {}
        from envrules.engines import columnar

        derived = derived_types(job)
        return {r.id: r for r in many if not columnar.ENGINE.unsupported(r) and derived.isdisjoint(r.records_used)}


ENGINE: Engine = Auto()
