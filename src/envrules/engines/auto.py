"""The engine by the job: columns for many records of a rule that columns can judge, the interpreter for the rest."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from envrules.engines import reference
from envrules.engines.base import Engine, Job
from envrules.pack.pack import Rule
from envrules.verdict import Verdict

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

    def run(self, job: Job) -> Iterator[Verdict]:
        """The verdicts of a job, rule by rule, in the order of the records and groups."""
        by_columns = self._by_columns(job)
        if not by_columns:
            yield from reference.ENGINE.run(job)
            return
        from envrules.engines.columnar import Session

        session = Session(job, list(by_columns.values()))
        for rule in job.rules:
            if rule.id in by_columns:
                yield from session.verdicts(rule)
            else:
                yield from reference.ENGINE.run(replace(job, rules=[rule]))

    def _by_columns(self, job: Job) -> dict[str, Rule]:
        many = [r for r in job.rules if len(job.records.get(r.record, ())) >= MANY]
        if not many:
            return {}
        from envrules.engines import columnar

        return {r.id: r for r in many if not columnar.ENGINE.unsupported(r)}


ENGINE: Engine = Auto()
