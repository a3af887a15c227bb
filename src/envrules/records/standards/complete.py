"""A record completed by the standards of its type: what no cell states, and contradictions with what one does."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from envrules.interval import TOLERANCE, Interval
from envrules.records.types import Completion, Derived, Objection, RecordType
from envrules.records.values import ABSENT, Cell, Nothing, Value
from envrules.records.words import shown


def complete(record_type: RecordType, completions: Iterable[Completion], cells: dict[str, Cell]) -> Iterator[Objection]:
    """Put into the cells what the completions say of fields that are absent; a stated value always stands.

    A cell that cannot be read is left as it is: something was meant there. What contradicts a stated value is given
    back, and what the completions object to.
    """
    for completion in completions:
        if completion.reads.isdisjoint(cells):
            continue
        for derived in completion.derive(cells):
            if isinstance(derived, Objection):
                yield derived
                continue
            own = cells.get(derived.field)
            if own is None or own.value is ABSENT:
                cells[derived.field] = derived.cell
            elif derived.checked and own.derivation is None and _denies(derived, own.value):
                reason = _reason(derived, own, record_type, completion.source.either())
                yield Objection(derived.field, "contradiction", reason)


def _denies(derived: Derived, value: Value) -> bool:
    """Whether no value that the cell may mean is one that the standard allows."""
    said = derived.cell.value
    if isinstance(value, Nothing) or isinstance(said, Nothing):
        return False
    if isinstance(value, Interval) and isinstance(said, Interval):
        slack = max(derived.agreement, TOLERANCE)
        return value.hi < said.lo - slack * abs(said.lo) or value.lo > said.hi + slack * abs(said.hi)
    if isinstance(value, str):
        allowed = said if isinstance(said, frozenset) else frozenset([said])
        return value not in allowed and value not in derived.agrees
    return value != said


def _reason(derived: Derived, own: Cell, record_type: RecordType, source: str) -> str:
    unit = record_type.fields[derived.field].unit.text
    stated, said = (_said(v, unit) for v in (own.value, derived.cell.value))
    code = shown(str(derived.cell.raw))
    return f"{derived.field} is {stated}, but {code} says {said} by {source}; one of the two is wrong"


def _said(value: Value, unit: str) -> str:
    if isinstance(value, frozenset):
        return " or ".join(sorted(value))
    return f"{value} {unit}".rstrip() if isinstance(value, Interval) else str(value)
