"""The durable engine: linked records as facts, joined and judged by durable-rules behind a strict adapter.

The library is used only in the ways that are known to hold (`session`). A case beyond its limits, and every case where
Python has no durable-rules, the interpreter answers. The interpreter also gives the evidence of each verdict, which
holds the two against each other in every run.
"""

from __future__ import annotations

import threading
import weakref
from collections import OrderedDict
from collections.abc import Iterator, Sequence
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

#: Compiled rules that are kept; each takes about 0.1 MB.
KEPT = 128


class Durable:
    """The durable engine."""

    name = "durable"

    def __init__(self) -> None:
        self._programs: OrderedDict[int, Program] = OrderedDict()
        self._lock = threading.Lock()
        self._answered: tuple[weakref.ref[Job], str] | None = None

    def unsupported(self, rule: Rule) -> str:
        """Why a rule cannot be run on facts; of one that can, cases may still be left to the interpreter."""
        if rule.group is not None:
            return "it judges groups"
        keys = [node for link in rule.related.values() for _, node in link.keys]
        if any(
            isinstance(p, ast.Aggregate) or (isinstance(p, ast.FieldValue) and p.scope)
            for k in keys
            for p in ast.walk(k)
        ):
            return "a key of its related records is itself read from related records"
        return self._program(rule).unsupported() if available() else ""

    def describe(self, job: Job) -> str:
        """`durable`, `reference` where the interpreter answered everything, or both."""
        last = self._answered
        if last is not None and last[0]() is job:
            return last[1]
        if not available():
            return "reference"
        linked = LinkedRecords(job.records)
        by_durable = by_reference = False
        for rule in job.rules:
            records = job.records.get(rule.record, ())
            left = _left(self._program(rule), records, environment(rule, job, linked))
            by_reference = by_reference or left > 0
            by_durable = by_durable or left < len(records)
        return _said(by_durable, by_reference)

    def run(self, job: Job) -> Iterator[Verdict]:
        """The verdicts of a job, rule by rule, in the order of the records."""
        linked = LinkedRecords(job.records)
        by_durable = by_reference = False
        for rule in job.rules:
            records = job.records.get(rule.record, ())
            env = environment(rule, job, linked)
            found = self._outcomes(rule, records, env) if available() else {}
            by_durable = by_durable or bool(found)
            by_reference = by_reference or len(found) < len(records)
            yield from _verdicts(rule, records, job, env, found)
            if job.progress:
                job.progress(len(records))
        self._answered = (weakref.ref(job), _said(by_durable, by_reference))

    def _outcomes(self, rule: Rule, records: Sequence[Record], env: Env) -> dict[int, Outcome]:
        """The outcomes that durable-rules gives, by the records' places."""
        from envrules.engines.durable.cases import make_cases
        from envrules.engines.durable.run import outcomes_of

        program = self._program(rule)
        found: dict[int, Outcome] = {}
        for case in make_cases(rule, records, env, len(program.productions)).cases:
            found.update(outcomes_of(program, case, records, env))
        return found

    def _program(self, rule: Rule) -> Program:
        """A rule compiled, once as long as it is in use."""
        from envrules.engines.durable.program import compile_rule

        with self._lock:
            found = self._programs.get(id(rule))
            if found is None:
                # A program holds its rule, so that the id stays its own.
                found = self._programs[id(rule)] = compile_rule(rule)
                while len(self._programs) > KEPT:
                    self._programs.popitem(last=False)
            self._programs.move_to_end(id(rule))
            return found


def available() -> bool:
    """Whether this Python has durable-rules."""
    return find_spec("durable_rules_engine") is not None


def _left(program: Program, records: Sequence[Record], env: Env) -> int:
    from envrules.engines.durable.cases import make_cases

    return len(make_cases(program.rule, records, env, len(program.productions)).left)


def _said(by_durable: bool, by_reference: bool) -> str:
    if by_durable and by_reference:
        return "durable and reference"
    return "reference" if by_reference else "durable"


def _verdicts(
    rule: Rule, records: Sequence[Record], job: Job, env: Env, found: dict[int, Outcome]
) -> Iterator[Verdict]:
    for place, record in enumerate(records):
        outcome = found.get(place)
        if outcome is not None and outcome not in FINDINGS and job.tally is not None and not job.everything:
            job.tally(rule.id, outcome, 1)
            continue
        verdict = judge(rule, *record_subject(rule, record, env), job.everything)
        if outcome is not None and verdict.outcome != outcome:
            # Never shown as a result: one of the two engines is wrong, and neither may be believed.
            said = f"durable {outcome}, interpreter {verdict.outcome}"
            raise AssertionError(f"{rule.id} on {record.id}: {said}")
        yield verdict


ENGINE: Engine = Durable()
