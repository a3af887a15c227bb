"""A loaded pack: everything checked, every expression typed. What engines, analyses and reports read."""

from __future__ import annotations

import datetime as dt
import html
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from envrules.calendars import PeriodKind
from envrules.diagnostics import CallError, Diagnostic
from envrules.lang.ast import Node
from envrules.lang.types import Type
from envrules.pack.model import CasePart
from envrules.records.types import Enumeration, RecordType, Words
from envrules.units import Units
from envrules.verdict import Severity


@dataclass(frozen=True)
class Citation:
    """Where the document says it: a key phrase of a few characters and the sentence of the clause it stands in."""

    clause: str
    phrase: str = ""
    place: int = 1
    numbers: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Clause:
    """A clause of the document: locator, title, and why no record can show it where none can."""

    id: str
    title: Words = Words()
    no_rules: Words | None = None
    clauses: tuple[Clause, ...] = ()


@dataclass(frozen=True)
class Related:
    """Records of another type whose keys equal values of this record."""

    record: str
    keys: tuple[tuple[str, Node], ...]
    where: Node | None = None


@dataclass(frozen=True)
class GroupKey:
    """One key of a group rule.

    Args:
        values: the values it takes besides those in the records, where they are given.
        start: the first period that is generated, for a key that is a calendar period.
    """

    name: str
    node: Node
    values: tuple[str, ...] | None = None
    start: int | None = None

    @property
    def period(self) -> PeriodKind | None:
        return self.node.type.period


@dataclass(frozen=True)
class Coverage:
    """How many different days of a group's period need a usable value: the date field, and the smallest number."""

    of: str
    least: int


@dataclass(frozen=True)
class Table:
    """A derived value in rows, with what each row requires (None where no row requires anything)."""

    node: Node
    requirement: Node | None = None
    enum: Enumeration | None = None
    label: Words = Words()


@dataclass(frozen=True, repr=False)
class Rule:
    """A checked rule.

    Args:
        when, require: the typed condition and requirement; `when` is None where the rule concerns every record.
        severities: conditions under which the severity is another than `severity`, in order.
        derive: derived values by name; `output` names the one that is reported.
        group: None for a rule on one record; an empty tuple for one on the whole set.
        readings: how the clause is read where it leaves room.
        reason: why it overrides a rule of the pack below.
        pack: the name of the pack that states it, which is another than the pack at hand where that builds on it.
    """

    id: str
    clause: str
    title: Words
    record: str
    citation: Citation
    require: Node
    require_text: str
    when: Node | None = None
    when_text: str = ""
    effective: dt.date | None = None
    expires: dt.date | None = None
    due: Node | None = None
    due_text: str = ""
    severity: Severity = "medium"
    severities: tuple[tuple[Severity, Node], ...] = ()
    message: Words = Words()
    readings: tuple[Words, ...] = ()
    notes: tuple[tuple[Node | None, Words], ...] = ()
    related: Mapping[str, Related] = field(default_factory=dict)
    group: tuple[GroupKey, ...] | None = None
    coverage: Coverage | None = None
    derive: Mapping[str, Table] = field(default_factory=dict)
    output: str = ""
    cases: tuple[CasePart, ...] = ()
    reason: Words = Words()
    pack: str = ""
    file: str = ""
    line: int = 0

    def __repr__(self) -> str:
        return f"Rule({self.id!r}, {self.clause}, {self.record}: {self.require_text})"

    def _repr_html_(self) -> str:
        """The rule as a small table, for notebooks."""
        rows = [
            ("clause", f"{self.clause} {self.citation.phrase}".strip()),
            ("record", self.record),
            ("when", self.when_text),
            ("require", self.require_text),
            ("effective", self.effective or ""),
            ("due", self.due_text),
            ("severity", self.severity),
            *(("reading", w) for reading in self.readings for w in reading.both()),
        ]
        cells = "".join(f"<tr><th>{n}</th><td>{html.escape(str(v))}</td></tr>" for n, v in rows if v)
        return f"<b>{html.escape(self.id)}</b> {html.escape(' '.join(self.title.both()))}<table>{cells}</table>"

    @property
    def records_used(self) -> tuple[str, ...]:
        """The record types it reads, its own first."""
        return tuple(dict.fromkeys([self.record, *(r.record for r in self.related.values())]))


@dataclass(frozen=True)
class Link:
    """Records that belong to a screened case: their type, and the field of theirs that holds the case's id."""

    record: str
    key: str


@dataclass(frozen=True)
class Screening:
    """Which records are screened as one case.

    Args:
        record: the record type of the case itself; `linked`: the records that belong to it, by the name callers use.
        rules: ids or patterns of the rules; all on these records where there are none.
        suppose: record type -> field -> its value where a record that is screened does not say it.
    """

    record: str
    linked: Mapping[str, Link] = field(default_factory=dict)
    rules: tuple[str, ...] = ()
    suppose: Mapping[str, Mapping[str, str | bool]] = field(default_factory=dict)

    @property
    def types(self) -> tuple[str, ...]:
        """The record types of a case, its own first."""
        return tuple(dict.fromkeys([self.record, *(link.record for link in self.linked.values())]))


@dataclass(frozen=True)
class Pack:
    """A pack that loaded: nothing in it is wrong.

    Args:
        rules: by id, in the order of the files; `records`: the record types by name.
        derived: record type -> derived field -> its expression over the record; `derived_labels`: what people call it.
        sha256: of all its files, so that a result can say which text it was judged by.

    It is pickled as its files, and checked again where it is unpickled: a worker needs no file of it. One that was
    changed after it was loaded is no longer what its files say, and is not pickled.
    """

    name: str
    version: str
    sha256: str
    title: Words
    rules: Mapping[str, Rule]
    records: Mapping[str, RecordType]
    enums: Mapping[str, Enumeration]
    derived: Mapping[str, Mapping[str, Node]]
    units: Units
    calendar: str = "weekdays"
    clauses: tuple[Clause, ...] = ()
    clause_titles: Mapping[str, Words] = field(default_factory=dict)
    document: Mapping[str, Any] = field(default_factory=dict)
    cases_as_of: dt.date | None = None
    derived_labels: Mapping[str, Mapping[str, Words]] = field(default_factory=dict)
    subjects: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    field_types: Mapping[str, Mapping[str, Type]] = field(default_factory=dict)
    source: str = ""
    screening: Screening | None = None
    # Not given when one is made, so that `replace` gives a pack that was made of nothing.
    _made: tuple[Callable[..., Pack], tuple[Any, ...]] | None = field(
        default=None, init=False, repr=False, compare=False
    )

    def made_by(self, make: Callable[..., Pack], *files: Any) -> Pack:
        """The same pack, which knows how it was made of its files."""
        object.__setattr__(self, "_made", (make, files))
        return self

    def __reduce__(self) -> Any:
        if self._made is None:
            what, hint = "a pack that was changed after it was loaded cannot go to another process", "write it to files"
            raise CallError([Diagnostic("call-value", "pack", what, hint=hint)])
        return self._made

    def __repr__(self) -> str:
        return f"Pack({self.name!r}, {self.version}, {len(self.rules)} rules, {len(self.records)} record types)"
