"""What a pack screens, from its document: every name resolved against its record types and rules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase

from envrules.diagnostics import Problems, nearest
from envrules.pack.document import Document, Path
from envrules.pack.model import ScreeningPart
from envrules.pack.pack import Link, Rule, Screening
from envrules.records.types import Field, RecordType


def build_screening(
    document: Document,
    part: ScreeningPart,
    types: Mapping[str, RecordType],
    rules: Iterable[str] | Mapping[str, Rule],
    problems: Problems,
) -> Screening:
    """The screening that a pack declares; faults go to the problems."""
    builder = _Builder(document, types, problems)
    builder.known_type(part.record, ("screening", "record"))
    for name, link in part.linked.items():
        path: Path = ("screening", "linked", name)
        if builder.known_type(link.record, (*path, "record")):
            builder.key(types[link.record], link.key, (*path, "key"))
    named = {part.record, *(link.record for link in part.linked.values())}
    for name, supposed in part.suppose.items():
        path = ("screening", "suppose", name)
        if builder.known_type(name, path):
            if name not in named:
                problems.error("unknown-record", document.place(path, key=True), f"{name} is not screened")
            for field, value in supposed.items():
                builder.supposed(types[name], field, value, (*path, field))
    for i, pattern in enumerate(part.rules):
        if not any(fnmatchcase(rule, pattern) for rule in rules):
            place = document.place(("screening", "rules", i))
            problems.error("unknown-rule", place, f"{pattern} is not a rule of the pack", hint=nearest(pattern, rules))
    return Screening(
        part.record,
        {name: Link(link.record, link.key) for name, link in part.linked.items()},
        tuple(part.rules),
        part.suppose,
    )


class _Builder:
    def __init__(self, document: Document, types: Mapping[str, RecordType], problems: Problems) -> None:
        self.document, self.types, self.problems = document, types, problems

    def known_type(self, name: str, path: Path) -> bool:
        if name in self.types:
            return True
        what, hint = f"{name} is not a record type of the pack", nearest(name, self.types)
        self.problems.error("unknown-record", self.document.place(path), what, hint=hint)
        return False

    def field(self, record: RecordType, name: str, path: Path) -> Field | None:
        if name in record.fields:
            return record.fields[name]
        what, hint = f"{name} is not a field of {record.name}", nearest(name, record.fields)
        self.problems.error("unknown-field", self.document.place(path), what, hint=hint)
        return None

    def key(self, record: RecordType, name: str, path: Path) -> None:
        found = self.field(record, name, path)
        if found is not None and found.kind not in ("id", "text"):
            what = f"{name} is of kind {found.kind}; the key of a linked record holds the id of its case"
            self.problems.error("document-value", self.document.place(path), what, expected="a text")

    def supposed(self, record: RecordType, name: str, value: str | bool, path: Path) -> None:
        found = self.field(record, name, path)
        if found is None:
            return
        words = found.enum.names if found.enum is not None else ()
        fits = value in words if isinstance(value, str) else found.kind == "bool"
        if not fits:
            what = f"{name} of {record.name} cannot be {value}"
            expected = ", ".join(words) or ("true, false" if found.kind == "bool" else "an enumeration or yes and no")
            self.problems.error("document-value", self.document.place(path), what, expected=expected)
