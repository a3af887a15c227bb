"""The single changes that would clear a broken clause, found by trying them: nothing here is written by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from envrules.lang import ast
from envrules.records.types import Words
from envrules.records.values import Value
from envrules.screening.case import Case, Input, Pair
from envrules.screening.inputs import read_inputs_of
from envrules.screening.partition import classes, is_known
from envrules.screening.words import change_words
from envrules.verdict import Outcome

#: What counts as cleared: the rule is kept, or no longer concerns the record.
_CLEARED = ("pass", "not_applicable")


@dataclass(frozen=True)
class Cure:
    """A change of one value that clears a broken clause, verified by judging the case with it.

    Args:
        values: what the field may be then; a range stands for every number in it.
        breaks: the rules that this change would break, which were not broken before.
        opens: whether it leaves another rule open that was decided before.
    """

    record_type: str
    record_id: str
    field: str
    values: tuple[Value, ...]
    words: Words
    breaks: tuple[str, ...] = ()
    opens: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.words.either()


def find_cures(case: Case, broken: Sequence[Pair], before: Mapping[tuple[str, int], Outcome]) -> list[Cure]:
    """The changes of one value after which none of the broken rules is broken or open, the smallest first.

    A change of what the rule demands goes before one of whom it concerns, and one that breaks nothing else before one
    that does.
    """
    demanded = {n.name for pair in broken for n in ast.walk(pair.rule.require) if isinstance(n, ast.FieldValue)}
    own = case.screening.types
    found: list[tuple[tuple[int, int, int, int], Cure]] = []
    inputs = list(dict.fromkeys(i for pair in broken for i in read_inputs_of(case, pair)))
    every = case.pairs()
    for position, at in enumerate(i for i in inputs if _may_change(case, i)):
        pairs = tuple(p for p in every if _reads(p, at))
        groups: dict[tuple[tuple[str, ...], tuple[str, ...]], list[Value]] = {}
        for value in classes(case, at, pairs, every_word=True):
            if value == "\ufffd":
                continue
            after = case.with_value(at, value)
            if all(after.outcome(pair) in _CLEARED for pair in broken):
                groups.setdefault(_side_effects(after, pairs, before), []).append(value)
        record = case.record(at)
        assert record is not None
        for (breaks, opens), values in groups.items():
            declared = case.declared(at)
            words = Words(*(change_words(declared, values, x, all_others=len(groups) == 1) for x in ("en", "zh")))
            cure = Cure(at.record_type, record.id, at.field, tuple(values), words, breaks, opens)
            rank = (len(breaks) + len(opens), at.record_type not in own, at.field not in demanded, position)
            found.append((rank, cure))
    return [cure for _, cure in sorted(found, key=lambda item: item[0])]


def _may_change(case: Case, at: Input) -> bool:
    """Whether an input is a value of the project that could be another: known, and not what the authority decides."""
    if at.index is None or at.field == "id" or not is_known(case.value(at)):
        return False
    if at.field in case.screening.suppose.get(at.record_type, {}):
        return False
    return all(at.field != link.key for link in case.screening.linked.values() if link.record == at.record_type)


def _reads(pair: Pair, at: Input) -> bool:
    """Whether a rule on a record may read an input; no other outcome can change with it."""
    own = pair.rule.record == at.record_type and pair.index == at.index
    return own or any(link.record == at.record_type for link in pair.rule.related.values())


def _side_effects(
    after: Case, pairs: Sequence[Pair], before: Mapping[tuple[str, int], Outcome]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    outcomes = {(p.rule.id, p.index): after.outcome(p) for p in pairs}
    breaks = [r for (r, i), o in outcomes.items() if o == "violation" and before.get((r, i)) != "violation"]
    opens = [
        r
        for (r, i), o in outcomes.items()
        if o == "indeterminate" and before.get((r, i)) in ("pass", "not_applicable", "not_in_force")
    ]
    return tuple(dict.fromkeys(breaks)), tuple(dict.fromkeys(opens))
