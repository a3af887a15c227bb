"""A case: the record that is screened, those that belong to it, and the circumstances around them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase

from envrules.engines.base import Job, engine_named
from envrules.engines.reference import environment, record_subject
from envrules.engines.reference.evaluate import Env
from envrules.engines.reference.judge import Subject, judge
from envrules.engines.reference.linked import LinkedRecords
from envrules.pack.pack import Pack, Rule, Screening
from envrules.records.types import Field
from envrules.records.values import ABSENT, Cell, Record, Value
from envrules.verdict import Outcome, Verdict


@dataclass(frozen=True, slots=True)
class Input:
    """A value that a case needs: a field of the record at a place in its type's list.

    `index` is None where no record is there at all that could hold it; `field` is empty where the records themselves
    are needed, of a type that was not given.
    """

    record_type: str
    index: int | None
    field: str


@dataclass(frozen=True, slots=True)
class Pair:
    """A rule on the record at a place in its type's list."""

    rule: Rule
    index: int


@dataclass(frozen=True)
class Case:
    """What is screened as one.

    Args:
        records: by record type: the case's own record, those that belong to it, and the circumstances.
        rules: the rules that screen it.
        supposed: the fields that were not given and stand at what the pack supposes.
        engine: which one is to judge it: `durable` (it leaves to the interpreter what it cannot hold), `reference`, or
            `auto`.
    """

    pack: Pack
    screening: Screening
    as_of: dt.date
    records: Mapping[str, Sequence[Record]]
    rules: tuple[Rule, ...]
    supposed: tuple[Input, ...] = ()
    engine: str = "auto"
    linked: LinkedRecords = field(default_factory=lambda: LinkedRecords({}), repr=False, compare=False)
    _bases: dict[tuple[str, str], Env] = field(default_factory=dict, init=False, repr=False, compare=False)

    @property
    def id(self) -> str:
        """The id of the record that is screened."""
        return self.records[self.screening.record][0].id

    def record(self, at: Input) -> Record | None:
        """The record that holds an input."""
        return None if at.index is None else self.records[at.record_type][at.index]

    def value(self, at: Input) -> Value:
        """What is known of an input."""
        record = self.record(at)
        return ABSENT if record is None else record.value(at.field)

    def declared(self, at: Input) -> Field:
        """The field of an input as its record type declares it."""
        return self.pack.records[at.record_type].fields[at.field]

    def locate(self, record: Record) -> int | None:
        """The place of a record in its type's list."""
        return next((i for i, r in enumerate(self.records.get(record.type, ())) if r is record), None)

    def with_value(self, at: Input, value: Value) -> Case:
        """The same case with another value of an input."""
        if at.index is None:
            return self
        rows = list(self.records[at.record_type])
        old = rows[at.index]
        rows[at.index] = Record(old.type, old.id, {**old.cells, at.field: Cell(value)}, old.place)
        records = {**self.records, at.record_type: rows}
        return replace(self, records=records, linked=LinkedRecords(records))

    def pairs(self) -> list[Pair]:
        """Every rule on every record of the case that it is about, in the rules' order."""
        return [Pair(rule, i) for rule in self.rules for i in range(len(self.records.get(rule.record, ())))]

    def environment(self, pair: Pair, language: str = "en") -> tuple[Subject, Env]:
        """What the interpreter judges a pair by."""
        name = (pair.rule.id, language)
        env = self._bases.get(name)
        if env is None:
            job = Job(self.pack, self.records, self.as_of, [pair.rule], language=language)
            env = self._bases[name] = environment(pair.rule, job, self.linked)
        return record_subject(pair.rule, self.records[pair.rule.record][pair.index], env)

    def outcome(self, pair: Pair) -> Outcome:
        """The outcome of a pair, without its evidence, as searches ask for it thousands of times."""
        subject, env = self.environment(pair)
        return judge(pair.rule, subject, env, evidence_of_all=False).outcome

    def verdict(self, pair: Pair, language: str = "en") -> Verdict:
        """The verdict of a pair with all its evidence."""
        return judge(pair.rule, *self.environment(pair, language))


def make_case(
    pack: Pack,
    screening: Screening,
    as_of: dt.date,
    records: Mapping[str, Sequence[Record]],
    rules: tuple[Rule, ...] | None = None,
    engine: str = "auto",
) -> Case:
    """The case of records, with what the pack supposes of those that do not say it."""
    found: dict[str, Sequence[Record]] = dict(records)
    supposed: list[Input] = []
    for name, fields in screening.suppose.items():
        if name not in found:
            # What was not given stays so: an empty list would say that there is none.
            continue
        rows = list(found[name])
        for i, record in enumerate(rows):
            lacking = {f: v for f, v in fields.items() if record.value(f) is ABSENT}
            if lacking:
                cells = {**record.cells, **{f: Cell(v) for f, v in lacking.items()}}
                rows[i] = Record(record.type, record.id, cells, record.place)
                supposed += [Input(name, i, f) for f in lacking]
        found[name] = rows
    chosen = screened_rules(pack, screening) if rules is None else rules
    return Case(pack, screening, as_of, found, chosen, tuple(supposed), engine, LinkedRecords(found))


def screened_rules(pack: Pack, screening: Screening) -> tuple[Rule, ...]:
    """The rules that screen a case: those on one of its records, and of them those that the pack names."""
    return tuple(
        rule
        for rule in pack.rules.values()
        if rule.record in screening.types
        and rule.group is None
        and (not screening.rules or any(fnmatchcase(rule.id, p) for p in screening.rules))
    )


@dataclass(frozen=True)
class Judgement:
    """The outcomes of a case, each with the pair it is of, and the engine that gave them."""

    engine: str
    verdicts: tuple[tuple[Pair, Verdict], ...]


def judge_case(case: Case) -> Judgement:
    """The outcomes of a case: the one place where an engine answers.

    Verdicts that are no findings come without evidence; `Case.verdict` gives it.
    """
    engine = engine_named("durable" if case.engine == "auto" else case.engine)
    job = Job(case.pack, case.records, case.as_of, case.rules, everything=False)
    verdicts = list(engine.run(job))
    return Judgement(engine.describe(job), tuple(zip(case.pairs(), verdicts, strict=True)))
