"""The durable engine: linked records as facts, joined and judged by durable-rules behind a strict adapter.

The library is used only in the ways that are known to hold (`session`). A case beyond its limits, and every case where
Python has no durable-rules, the interpreter answers. The interpreter also gives the evidence of each finding, which
holds the two against each other in every run.
"""

from __future__ import annotations

import threading
import weakref
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from functools import lru_cache
from importlib.util import find_spec
from typing import TYPE_CHECKING

from envrules.engines.base import Engine, Job
from envrules.engines.reference import environment, record_subject
from envrules.engines.reference.evaluate import Env
from envrules.engines.reference.judge import judge
from envrules.engines.reference.linked import LinkedRecords
from envrules.lang import ast
from envrules.pack.pack import Rule
from envrules.records.values import Record
from envrules.verdict import FINDINGS, Outcome, Verdict

if TYPE_CHECKING:
    from envrules.engines.durable.program import Program

#: Compiled sets of rules that are kept; each program of one takes about 0.1 MB.
KEPT = 32
#: Rules whose size is remembered.
KEPT_SIZES = 2048

Outcomes = dict[tuple[str, int], Outcome]


class Durable:
    """The durable engine."""

    name = "durable"

    def __init__(self) -> None:
        self._compiled: OrderedDict[tuple[int, ...], tuple[tuple[Rule, ...], list[Program]]] = OrderedDict()
        self._sizes: OrderedDict[int, tuple[Rule, str]] = OrderedDict()
        self._lock = threading.RLock()
        self._answered: tuple[weakref.ref[Job], str] | None = None

    def unsupported(self, rule: Rule) -> str:
        """Why a rule cannot be run on facts; of one that can, cases may still be left to the interpreter."""
        if rule.group is not None:
            return "it judges groups"
        if any(
            isinstance(part, ast.Aggregate) or (isinstance(part, ast.FieldValue) and part.scope)
            for link in rule.related.values()
            for _, key in link.keys
            for part in ast.walk(key)
        ):
            return "a key of its related records is itself read from related records"
        if not available():
            return ""
        from envrules.engines.durable.sizes import size_of

        with self._lock:
            found = self._sizes.get(id(rule))
            if found is None:
                found = self._sizes[id(rule)] = (rule, size_of(rule).too_large())
                if len(self._sizes) > KEPT_SIZES:
                    self._sizes.popitem(last=False)
        return found[1]

    def describe(self, job: Job) -> str:
        """`durable`, `reference` where the interpreter answered everything, or both."""
        last = self._answered
        if last is None or last[0]() is not job:
            linked = LinkedRecords(job.records)
            self._note(job, self._outcomes(job, linked))
            last = self._answered
        assert last is not None
        return last[1]

    def run(self, job: Job) -> Iterator[Verdict]:
        """The verdicts of a job, rule by rule, in the order of the records."""
        linked = LinkedRecords(job.records)
        found = self._outcomes(job, linked)
        self._note(job, found)
        for rule in job.rules:
            records = job.records.get(rule.record, ())
            yield from _verdicts(rule, records, job, linked, found)
            if job.progress:
                job.progress(len(records))

    def _note(self, job: Job, found: Outcomes) -> None:
        """Remember who answered a job."""
        asked = sum(len(job.records.get(rule.record, ())) for rule in job.rules)
        said = "reference" if not found and (asked or not available()) else "durable"
        self._answered = (weakref.ref(job), said if len(found) in (0, asked) else "durable and reference")

    def _outcomes(self, job: Job, linked: LinkedRecords) -> Outcomes:
        """The outcomes that durable-rules gives, by the rule's id and the record's place."""
        if not available():
            return {}
        from envrules.engines.durable.cases import batches, make_cases
        from envrules.engines.durable.run import outcomes_of

        found: Outcomes = {}
        for program in self._programs(job.rules):
            cases = (
                case
                for unit in program.units
                for case in make_cases(unit, job.records.get(unit.record, ()), environment(unit.rules[0], job, linked))
            )
            for batch in batches(cases):
                found.update(outcomes_of(program, batch))
        return found

    def _programs(self, rules: Sequence[Rule]) -> list[Program]:
        """Rules compiled, once as long as they are in use."""
        from envrules.engines.durable.sizes import compile_rules

        name = tuple(map(id, rules))
        with self._lock:
            found = self._compiled.get(name)
            if found is None:
                # The rules are kept beside their programs, so that their ids stay their own.
                able = [r for r in rules if not self.unsupported(r)]
                found = self._compiled[name] = (tuple(rules), compile_rules(able))
                while len(self._compiled) > KEPT:
                    self._compiled.popitem(last=False)
            self._compiled.move_to_end(name)
            return found[1]


@lru_cache(maxsize=1)
def available() -> bool:
    """Whether this Python has durable-rules."""
    return find_spec("durable_rules_engine") is not None


def _verdicts(
    rule: Rule, records: Sequence[Record], job: Job, linked: LinkedRecords, found: Outcomes
) -> Iterator[Verdict]:
    env: Env | None = None
    for place, record in enumerate(records):
        outcome = found.get((rule.id, place))
        if outcome is not None and outcome not in FINDINGS and not job.everything:
            if job.tally is not None:
                job.tally(rule.id, outcome, 1)
            else:
                yield Verdict(rule.id, rule.clause, rule.record, record.id, "", outcome)
            continue
        env = env or environment(rule, job, linked)
        verdict = judge(rule, *record_subject(rule, record, env), job.everything)
        if outcome is not None and verdict.outcome != outcome:
            # Never shown as a result: one of the two engines is wrong, and neither may be believed.
            said = f"durable {outcome}, interpreter {verdict.outcome}"
            raise AssertionError(f"{rule.id} on {record.id}: {said}")
        yield verdict


ENGINE: Engine = Durable()
