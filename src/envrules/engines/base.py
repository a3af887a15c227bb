"""What an engine is, and where engines are found by name."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib import import_module
from typing import Protocol, TypeAlias, cast

from envrules.pack.pack import Pack, Rule
from envrules.records.dataset import Together
from envrules.records.values import Record
from envrules.verdict import FINDINGS, Outcome, OutcomeTable, Verdict

#: A part of a group's key; None where it is missing, a range, or open in another way.
KeyPart: TypeAlias = "str | float | bool | None"


@dataclass(frozen=True)
class Job:
    """What is to be judged.

    Args:
        records: by record type; a type that was given but has no records has an empty list.
        subjects: `type.key` -> values that a generated group key takes besides those in the records.
        rules: the rules to run, each on a record type that was given.
        everything: also give the outcomes that are no findings.
        tally: where it is given and `everything` is false, an engine may tell it how many outcomes of a kind a rule has
            instead of giving a verdict for each that is no finding.
        language: of messages and notes, `en` or `zh`.
        progress: called with the number of (record, rule) pairs judged since the last call.
        own: record type -> how many of its records, from the first on, are subjects of rules on one record; all of them
            where it is not named. The others are there to be looked up.
        share: which groups are judged, where the job is one part of a larger one.
        detailed: tables of outcomes also say the sentence and the place of each, as reports need them.
    """

    pack: Pack
    records: Mapping[str, Sequence[Record]]
    as_of: dt.date
    rules: Sequence[Rule]
    subjects: Mapping[str, Sequence[str]] = field(default_factory=dict)
    everything: bool = True
    progress: Callable[[int], None] | None = None
    language: str = "en"
    tally: Callable[[str, Outcome, int], None] | None = None
    own: Mapping[str, int] = field(default_factory=dict)
    share: Share | None = None
    detailed: bool = False

    def subjects_of(self, rule: Rule) -> Sequence[Record]:
        """The records that a rule on one record judges; none where its type was not given."""
        records = self.records.get(rule.record, ())
        own = self.own.get(rule.record, len(records))
        return records if own == len(records) else records[:own]


class Share(Protocol):
    """What one part of a job has to know of all the others to judge its groups as they would be judged together."""

    def owns(self, rule: Rule, key: tuple[KeyPart, ...]) -> bool:
        """Whether a group is judged in this part."""
        ...

    def stated(self, rule: Rule, place: int) -> Iterable[KeyPart]:
        """The values that all records state for one key of a rule whose groups are generated."""
        ...

    def open_groups(self, rule: Rule) -> Sequence[tuple[KeyPart, ...]]:
        """The groups that all records of the job make where a part of their key is open, in their order."""
        ...


class Engine(Protocol):
    """Gives the verdicts of a job, rule by rule, each rule's records in the order given."""

    name: str

    def unsupported(self, rule: Rule) -> str:
        """Why this engine cannot run a rule; an empty text when it can."""
        ...

    def describe(self, job: Job) -> str:
        """Which engine answers a job: its own name, or those of the engines it chose."""
        ...

    def run(self, job: Job) -> Iterator[Verdict]:
        """Every verdict of the job, with its evidence (an engine may leave the evidence of no findings out)."""
        ...


class Judgement(Protocol):
    """What an engine found on a job: how many outcomes of each kind, and the verdicts that are listed.

    Listed are the findings, or every outcome where the job asks for everything.
    """

    counts: Mapping[str, Mapping[Outcome, int]]

    def verdicts(self, rule: Rule) -> Sequence[Verdict]:
        """The listed verdicts of a rule; a large engine makes each when it is asked for."""
        ...

    def table(self, rule: Rule) -> OutcomeTable | None:
        """The listed outcomes of a rule as a table, where the engine has one without making verdicts."""
        ...


class Listed:
    """The judgement of an engine that gives verdict after verdict."""

    def __init__(self, engine: Engine, job: Job) -> None:
        counts: dict[str, Counter[Outcome]] = {rule.id: Counter() for rule in job.rules}
        self.counts: Mapping[str, Mapping[Outcome, int]] = counts
        self._kept: dict[str, list[Verdict]] = {rule.id: [] for rule in job.rules}

        def tally(rule: str, outcome: Outcome, count: int) -> None:
            counts[rule][outcome] += count

        for verdict in engine.run(replace(job, tally=tally)):
            counts[verdict.rule][verdict.outcome] += 1
            if job.everything or verdict.outcome in FINDINGS:
                self._kept[verdict.rule].append(verdict)

    def verdicts(self, rule: Rule) -> Sequence[Verdict]:
        """The listed verdicts of a rule."""
        return self._kept[rule.id]

    def table(self, rule: Rule) -> None:
        """Nothing: its verdicts are there."""


def judge(engine: Engine, job: Job) -> Judgement:
    """What an engine finds on a job."""
    own = getattr(engine, "judge", None)
    return cast(Judgement, own(job)) if own is not None else Listed(engine, job)


class Both:
    """What several engines found on the rules of one job."""

    def __init__(self, parts: Sequence[Judgement]) -> None:
        self.counts: Mapping[str, Mapping[Outcome, int]] = {
            rule: counts for part in parts for rule, counts in part.counts.items()
        }
        self._part = {rule: part for part in parts for rule in part.counts}

    def verdicts(self, rule: Rule) -> Sequence[Verdict]:
        """The listed verdicts of a rule."""
        return self._part[rule.id].verdicts(rule)

    def table(self, rule: Rule) -> OutcomeTable | None:
        """The listed outcomes of a rule as a table, where its engine has one."""
        return self._part[rule.id].table(rule)


def derived_types(job: Job) -> frozenset[str]:
    """The record types with a record that holds a derived value: each such value has a note of its own for findings."""
    found = set()
    for name, records in job.records.items():
        declared = job.pack.records[name]
        if not declared.completions and declared.coordinates is None and declared.made_of is None:
            continue
        # A table that is completed is read record by record, so what is kept as columns holds nothing derived.
        for part in records.parts if isinstance(records, Together) else (records,):
            if isinstance(part, list) and any(c.derivation is not None for r in part for c in r.cells.values()):
                found.add(name)
                break
    return frozenset(found)


_ENGINES = {
    "auto": "envrules.engines.auto",
    "reference": "envrules.engines.reference",
    "columnar": "envrules.engines.columnar",
    "durable": "envrules.engines.durable",
}


def engine_names() -> list[str]:
    """The names that `engine=` takes."""
    return list(_ENGINES)


def engine_named(name: str) -> Engine:
    """The engine of a name.

    Raises:
        KeyError: for a name that is no engine.
    """
    module = import_module(_ENGINES[name])
    return cast(Engine, module.ENGINE)
