"""A pack's files to a checked Pack: the driver. Everything wrong in any file is found in one run.

files -> documents with positions -> models -> enumerations and record types -> derived fields -> rules.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from envrules.calendars import calendar_names
from envrules.diagnostics import PackError, Problems, nearest
from envrules.pack import model
from envrules.pack.build_records import RecordBuilder
from envrules.pack.build_rules import RuleBuilder
from envrules.pack.document import Document, read_document
from envrules.pack.document import Path as DocumentPath
from envrules.pack.pack import Clause, Pack
from envrules.pack.source import find_pack
from envrules.records.types import Words

M = TypeVar("M", bound=BaseModel)
MAX_EXTENDS = 5


@dataclass
class Documents:
    """The documents of a pack and of those it builds on, the lowest first."""

    packs: list[tuple[Document, model.PackDocument]] = field(default_factory=list)
    records: list[tuple[Document, model.RecordDocument]] = field(default_factory=list)
    clauses: list[tuple[Document, model.ClauseDocument]] = field(default_factory=list)
    digests: list[str] = field(default_factory=list)


def load_pack(source: str | Path) -> Pack:
    """The checked pack of a folder, a zip, or a shipped name.

    Raises:
        PackError: with everything that is wrong in it.
    """
    problems = Problems()
    documents = Documents()
    _gather(source, None, documents, problems, ())
    problems.raise_errors(PackError)
    pack = _build(documents, str(source), problems)
    problems.raise_errors(PackError)
    assert pack is not None
    return pack


def _gather(
    source: str | Path, base: Path | None, documents: Documents, problems: Problems, above: tuple[str, ...]
) -> None:
    """Read the files of a pack, those of the pack it builds on first."""
    files = find_pack(source, base)
    if files.sha256 in above or len(above) >= MAX_EXTENDS:
        problems.error("cycle", files.where, "a pack cannot build on itself, nor on more than five others in a row")
        return
    read = {name: read_document(f"{files.where}/{name}", content, problems) for name, content in files.files.items()}
    head = read.get("pack.yaml")
    top = _model(head, model.PackDocument, problems) if head else None
    if top is not None and top.extends:
        folder = Path(source) if base is None else base / Path(source)
        _gather(top.extends, folder, documents, problems, (*above, files.sha256))
    if head is not None and top is not None:
        documents.packs.append((head, top))
    for name, document in sorted(read.items()):
        if document is None or name == "pack.yaml":
            continue
        if name.startswith("records/"):
            record = _model(document, model.RecordDocument, problems)
            if record is not None:
                documents.records.append((document, record))
        else:
            clause = _model(document, model.ClauseDocument, problems)
            if clause is not None:
                documents.clauses.append((document, clause))
    documents.digests.append(files.sha256)


def _model(document: Document, kind: type[M], problems: Problems) -> M | None:
    """The document as its model, or None with every field that does not fit added to the problems."""
    data = document.data
    if isinstance(data, dict) and data.get("schema") != model.SCHEMA:
        problems.error(
            "schema-version",
            document.place(("schema",)),
            "the file is written for another version of the language, or does not say for which",
            expected=f"schema: {model.SCHEMA}",
            found=str(data.get("schema", "nothing")),
            hint="update envrules, or the file",
        )
        return None
    try:
        return kind.model_validate(data)
    except ValidationError as error:
        places = set()
        for fault in error.errors():
            path = tuple(p for p in fault["loc"] if not (isinstance(p, str) and "[" in p))
            # A part that may have several forms has a fault for each; the first says enough.
            form = path[:-1] if path and str(path[-1]) in _FORMS else path
            if form not in places or fault["type"] in ("missing", "extra_forbidden"):
                places.add(form)
                _add_fault(document, fault, form, problems)
        return None


_FORMS = frozenset({"str", "dict", "list", "all", "int", "float"})


def _add_fault(document: Document, fault: Any, path: DocumentPath, problems: Problems) -> None:
    if fault["type"] == "extra_forbidden":
        word = str(path[-1])
        problems.error(
            "unknown-key",
            document.place(path, key=True),
            f"{word} is not a word of the format here",
            hint=nearest(word, sorted(_format_words())),
        )
    elif fault["type"] == "missing":
        problems.error(
            "missing-key", document.place(path[:-1]), f"{path[-1]} is missing here", expected=f"{path[-1]}: ..."
        )
    else:
        found = fault.get("input")
        text = "" if isinstance(found, dict | list) else repr(found)[:80]
        problems.error(
            "document-value", document.place(path), f"this does not fit the format: {fault['msg'].lower()}", found=text
        )


def _format_words() -> set[str]:
    words: set[str] = set()
    for part in vars(model).values():
        if isinstance(part, type) and issubclass(part, model.Part):
            words |= {f.alias or n for n, f in part.model_fields.items()}
    return words


def _build(documents: Documents, source: str, problems: Problems) -> Pack | None:
    head, top = documents.packs[-1] if documents.packs else (None, None)
    if head is None or top is None:
        return None
    if top.calendar not in calendar_names():
        problems.error(
            "unknown-calendar",
            head.place(("calendar",)),
            f"{top.calendar} is not a calendar known here",
            expected=", ".join(calendar_names()),
        )
    records = RecordBuilder(documents.packs, documents.records, problems)
    records.build()
    rules = RuleBuilder(records, [p for _, p in documents.packs], problems)
    for document, clause in documents.clauses:
        rules.add_clause(document, clause)
    clauses = tuple(_clause(c) for c in top.clauses)
    titles = {c.id: c.title for c in _flat(clauses)}
    titles.update({c.clause: Words(c.title.en, c.title.zh) for _, c in documents.clauses if c.clause not in titles})
    digest = documents.digests[-1]
    if len(documents.digests) > 1:
        digest = hashlib.sha256("".join(documents.digests).encode()).hexdigest()
    subjects: dict[str, tuple[str, ...]] = {}
    for _, pack in documents.packs:
        subjects.update({k: tuple(v) for k, v in pack.subjects.items()})
    return Pack(
        name=top.pack,
        version=top.version,
        sha256=digest,
        title=Words(top.title.en, top.title.zh),
        rules=rules.rules,
        records=records.types,
        enums=records.enums,
        derived=records.derived_nodes(),
        units=records.units,
        calendar=top.calendar,
        clauses=clauses,
        clause_titles=titles,
        document=top.document.model_dump(mode="json", exclude_none=True),
        cases_as_of=top.cases.as_of,
        subjects=subjects,
        field_types=records.plain_types(),
        source=source,
    )


def _clause(part: model.ClausePart) -> Clause:
    reason = Words(part.no_rules.en, part.no_rules.zh) if part.no_rules else None
    return Clause(part.id, Words(part.title.en, part.title.zh), reason, tuple(_clause(c) for c in part.clauses))


def _flat(clauses: tuple[Clause, ...]) -> list[Clause]:
    return [c for clause in clauses for c in (clause, *_flat(clause.clauses))]
