"""The reference interpreter: plain Python, every rule, one record after the other. It defines what others must give."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from envrules import calendars
from envrules.engines.base import Engine, Job
from envrules.engines.reference import aggregates, calls  # noqa: F401 - they add their rules to the evaluator
from envrules.engines.reference.evaluate import Env, Span, condition
from envrules.engines.reference.groups import Group, key_worths, make_groups, subject_of
from envrules.engines.reference.judge import Subject, date_of, judge
from envrules.engines.reference.linked import LinkedRecords
from envrules.interval import point
from envrules.pack.pack import Rule
from envrules.records.values import Record
from envrules.verdict import Verdict


class Reference:
    """The interpreter as an engine."""

    name = "reference"

    def unsupported(self, rule: Rule) -> str:
        """Nothing: the interpreter runs every rule."""
        return ""

    def describe(self, job: Job) -> str:
        """Its name."""
        return self.name

    def run(self, job: Job) -> Iterator[Verdict]:
        """The verdicts of a job, rule by rule, in the order of the records and groups."""
        linked = LinkedRecords(job.records)
        for rule in job.rules:
            env = environment(rule, job, linked)
            if rule.group is None:
                yield from self._records(rule, job, env)
            else:
                for group in make_groups(rule, job.records.get(rule.record, ()), job, env):
                    yield judge(rule, *group_subject(rule, group, env), job.everything)
                if job.progress:
                    job.progress(len(job.records.get(rule.record, ())))

    def _records(self, rule: Rule, job: Job, env: Env) -> Iterator[Verdict]:
        for i, record in enumerate(job.subjects_of(rule)):
            yield judge(rule, *record_subject(rule, record, env), job.everything)
            if job.progress and i % 1000 == 999:
                job.progress(1000)


def environment(rule: Rule, job: Job, linked: LinkedRecords) -> Env:
    """The environment of a rule, without a record or group yet."""
    return Env(
        pack=job.pack,
        linked=linked,
        as_of=point(float(job.as_of.toordinal())),
        record_type=rule.record,
        related=rule.related,
        language=job.language,
    )


def record_subject(rule: Rule, record: Record, env: Env) -> tuple[Subject, Env]:
    """A record as what is judged, with its environment."""
    own = env.of(record)
    applies = True if rule.when is None else condition(rule.when, own)
    dated = bool(env.pack.records[rule.record].date)
    return Subject(record.id, "", date_of(record, env.pack), dated, applies), own


def group_subject(rule: Rule, group: Group, env: Env) -> tuple[Subject, Env]:
    """A group as what is judged, with its environment: it stands at the end of its period."""
    keys = rule.group or ()
    date: float | None = None
    coverage: Span | None = None
    dated = False
    for key, part in zip(keys, group.keys, strict=True):
        kind = key.period
        if kind is None or dated:
            continue
        dated = True
        if isinstance(part, float):
            date = float(calendars.last_day(kind, int(part)).toordinal())
            if rule.coverage is not None:
                coverage = Span(rule.coverage.of, rule.coverage.least, calendars.days_in(kind, int(part)))
    membership = tuple(n for n in (rule.when, *(k.node for k in keys)) if n is not None)
    own = replace(
        env,
        keys=key_worths(group, keys),
        members=group.members,
        coverage=coverage,
        membership=membership,
        matches={},
        worths={},
    )
    return Subject(None, subject_of(group, keys), date, dated, group.exists), own


ENGINE: Engine = Reference()
