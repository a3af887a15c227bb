"""The answer to a screened case, as data: refuse, ask or clear, with its reasons, questions and what was checked."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from envrules.interval import Interval
from envrules.records.rows import text_of
from envrules.records.types import Words
from envrules.records.values import Value
from envrules.screening.case import Case, Input, Judgement
from envrules.screening.checked import Checked, checked, not_applicable
from envrules.screening.cures import Cure
from envrules.screening.facts import Fact, derived_facts, facts_of

Answer = Literal["refuse", "ask", "clear"]
ANSWER_WORDS: Mapping[str, Words] = {
    "refuse": Words("refuse", "不予通过"),
    "ask": Words("ask", "需补充材料"),
    "clear": Words("clear", "通过"),
}

#: The outcomes that an answer other than clear rests on.
DECIDING = ("violation", "indeterminate")


@dataclass(frozen=True)
class Way:
    """One way in which what is missing may turn out, and what is broken then."""

    values: tuple[tuple[str, str, str, Value], ...]
    rules: tuple[str, ...]
    words: Words


@dataclass(frozen=True)
class Reason:
    """A broken clause: what was found, what was needed, and what would clear it.

    Args:
        rules, clauses: one of each where a rule is broken; all that come into question where inputs are missing and
            every value of them breaks one (`ways` tells which).
        search: finds the cures, when they are first asked for.
    """

    rules: tuple[str, ...]
    clauses: tuple[str, ...]
    record_type: str
    record_id: str
    title: Words
    words: Words
    fields: tuple[str, ...] = ()
    found: Any = None
    needed: Any = None
    unit: str | None = None
    ways: tuple[Way, ...] = ()
    search: Callable[[], Sequence[Cure]] = field(default=tuple, repr=False, compare=False)

    @cached_property
    def cures(self) -> tuple[Cure, ...]:
        """The single changes that clear it, the smallest first; each was tried on the whole case."""
        return tuple(self.search())

    @property
    def rule(self) -> str:
        """The broken rule; the first of several."""
        return self.rules[0]

    @property
    def clause(self) -> str:
        """The clause it stands in."""
        return self.clauses[0]

    @property
    def cure(self) -> Cure | None:
        """The smallest single change that clears it, where there is one."""
        return self.cures[0] if self.cures else None

    def __str__(self) -> str:
        return f"{', '.join(self.clauses)}: {self.words.either()}"


@dataclass(frozen=True)
class Question:
    """An input to ask for: the question in both languages, with the answers it allows.

    Args:
        label: what is asked for, in short.
        kind: the kind of field; `records` where a type was not given at all, and its records are asked for.
        answers: words of an enumeration, or yes and no, each with its label; none where a number or date is asked for.
        known: what is known of it so far, where that is something.
        rules: the rules that wait for it.
    """

    at: Input
    record_id: str | None
    kind: str
    unit: str
    label: Words
    words: Words
    answers: tuple[tuple[str | bool, Words], ...]
    known: Words = Words()
    rules: tuple[str, ...] = ()

    @property
    def record_type(self) -> str:
        """The type of the record that lacks it."""
        return self.at.record_type

    @property
    def field(self) -> str:
        """The field that is asked for."""
        return self.at.field

    def __str__(self) -> str:
        return self.words.either()


@dataclass(frozen=True, repr=False)
class Answered:
    """The answer to one case: why it is refused, what to ask in order, and what a reader has to know (`notes`)."""

    decision: Answer
    case: Case
    judgement: Judgement
    reasons: tuple[Reason, ...] = ()
    questions: tuple[Question, ...] = ()
    undecided: tuple[str, ...] = ()
    notes: tuple[Words, ...] = ()

    @property
    def id(self) -> str:
        """The id of the project."""
        return self.case.id

    @property
    def engine(self) -> str:
        """Which engine judged the case."""
        return self.judgement.engine

    @property
    def cures(self) -> tuple[Cure, ...]:
        """The smallest change for each reason that has one."""
        return tuple(dict.fromkeys(r.cure for r in self.reasons if r.cure is not None))

    @cached_property
    def checked(self) -> tuple[Checked, ...]:
        """The rules that were judged and are kept, with what was found."""
        return tuple(checked(self.case, self.judgement))

    @cached_property
    def derived(self) -> tuple[Fact, ...]:
        """The facts derived on the way to the answer, each with the rule and the facts it came from.

        Those that the broken and the open rules rest on; where there are none, those of the rules that are kept.
        """
        verdicts = self.judgement.verdicts
        shown = [p for p, v in verdicts if v.outcome in DECIDING] or [p for p, v in verdicts if v.outcome == "pass"]
        return tuple(dict.fromkeys(f for pair in shown for f in derived_facts(facts_of(self.case, pair))))

    @cached_property
    def not_applicable(self) -> tuple[Checked, ...]:
        """The rules that do not concern the case, with why."""
        return tuple(not_applicable(self.case, self.judgement))

    def as_dict(self) -> dict[str, Any]:
        """The answer as the command's JSON output gives it."""
        return {
            "id": self.id,
            "decision": self.decision,
            "engine": self.engine,
            "reasons": [_reason(r, self.case) for r in self.reasons],
            "questions": [_question(q) for q in self.questions],
            "undecided": list(self.undecided),
            "derived": [f.as_dict() for f in self.derived],
            "checked": [c.as_dict() for c in self.checked],
            "not_applicable": [c.as_dict() for c in self.not_applicable],
            "notes": [_both(n) for n in self.notes],
        }


def open_besides(decision: Answered) -> list[str]:
    """The rules that are open, but that a refusal does not rest on."""
    lost = {rule for reason in decision.reasons for rule in reason.rules}
    return [rule for rule in decision.undecided if rule not in lost]


def _both(words: Words) -> dict[str, str]:
    return {"en": words.en, "zh": words.zh}


def _plain(value: Value, case: Case, record_type: str, name: str) -> Any:
    if isinstance(value, bool | str):
        return value
    if isinstance(value, Interval):
        declared = case.pack.records[record_type].fields[name]
        return text_of(value, declared) if value.known and declared.kind in ("date", "month") else repr(value)
    return None


def _reason(reason: Reason, case: Case) -> dict[str, Any]:
    return {
        "rules": list(reason.rules),
        "clauses": list(reason.clauses),
        "record_type": reason.record_type,
        "record_id": reason.record_id,
        "title": _both(reason.title),
        "text": _both(reason.words),
        "fields": list(reason.fields),
        "found": reason.found,
        "needed": reason.needed,
        "unit": reason.unit,
        "cures": [_cure(c, case) for c in reason.cures],
        "ways": [
            {"values": [_value(v, case) for v in w.values], "rules": list(w.rules), "text": _both(w.words)}
            for w in reason.ways
        ],
    }


def _value(value: tuple[str, str, str, Value], case: Case) -> dict[str, Any]:
    record_type, record_id, name, one = value
    return {
        "record_type": record_type,
        "record_id": record_id,
        "field": name,
        "value": _plain(one, case, record_type, name),
    }


def _cure(cure: Cure, case: Case) -> dict[str, Any]:
    return {
        "record_type": cure.record_type,
        "record_id": cure.record_id,
        "field": cure.field,
        "values": [_plain(v, case, cure.record_type, cure.field) for v in cure.values],
        "text": _both(cure.words),
        "breaks": list(cure.breaks),
        "opens": list(cure.opens),
    }


def _question(question: Question) -> dict[str, Any]:
    return {
        "record_type": question.record_type,
        "record_id": question.record_id,
        "field": question.field,
        "kind": question.kind,
        "unit": question.unit,
        "text": _both(question.words),
        "answers": [{"value": v, "label": _both(w)} for v, w in question.answers],
        "known": _both(question.known) if question.known.both() else None,
        "rules": list(question.rules),
    }


def exit_code(decisions: Sequence[Answered], lenient: bool = False) -> int:
    """1 where a case is refused, 3 where none is but one is open, else 0."""
    answers = {d.decision for d in decisions}
    if "refuse" in answers:
        return 1
    return 3 if "ask" in answers and not lenient else 0
