"""A pack's files to a checked Pack: the driver. Everything wrong in any file is found in one run.

files -> documents with positions -> models -> enumerations and record types -> derived fields -> rules.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from envrules.calendars import calendar_names
from envrules.diagnostics import PackError, Problems, nearest
from envrules.pack import model
from envrules.pack.build_records import RecordBuilder
from envrules.pack.build_rules import RuleBuilder
from envrules.pack.build_screening import build_screening
from envrules.pack.build_standards import complete_types
from envrules.pack.document import Document, read_document
from envrules.pack.document import Path as DocumentPath
from envrules.pack.pack import Clause, Pack, Screening
from envrules.pack.source import PackFiles, find_pack
from envrules.records.types import Words

M = TypeVar("M", bound=BaseModel)
MAX_EXTENDS = 5


@dataclass
class Documents:
    """The documents of a pack and of those it builds on, the lowest first; a clause with the level of its pack."""

    packs: list[tuple[Document, model.PackDocument]] = field(default_factory=list)
    records: list[tuple[Document, model.RecordDocument]] = field(default_factory=list)
    clauses: list[tuple[int, Document, model.ClauseDocument]] = field(default_factory=list)
    screenings: list[tuple[Document, model.ScreeningPart]] = field(default_factory=list)
    standards: list[tuple[Document, model.StandardDocument]] = field(default_factory=list)
    digests: list[str] = field(default_factory=list)


def load_pack(source: str | Path) -> Pack:
    """The checked pack of a folder, a zip, or a shipped name.

    Raises:
        PackError: with everything that is wrong in it.
    """
    return pack_of_files(find_pack(source), str(source))


def pack_of_files(files: PackFiles, source: str) -> Pack:
    """The checked pack of these files; those of the packs that it builds on are found, unless they are with them.

    Raises:
        PackError: with everything that is wrong in it.
    """
    problems = Problems()
    documents = Documents()
    whole = _gather(files, documents, problems, ())
    problems.raise_errors(PackError)
    pack = _build(documents, source, problems)
    problems.raise_errors(PackError)
    assert pack is not None
    return pack.made_by(pack_of_files, whole, source)


def _gather(files: PackFiles, documents: Documents, problems: Problems, above: tuple[PackFiles, ...]) -> PackFiles:
    """Read the files of a pack, those of the pack it builds on first; the files with those of all these packs."""
    read = {name: read_document(f"{files.where}/{name}", content, problems) for name, content in files.files.items()}
    head = read.get("pack.yaml")
    top = _model(head, model.PackDocument, problems) if head else None
    if top is not None and top.extends:
        below = files.base or (_base(files, head, top.extends, (*above, files), problems) if head else None)
        if below is not None:
            files = replace(files, base=_gather(below, documents, problems, (*above, files)))
    level = len(documents.packs)
    if head is not None and top is not None:
        documents.packs.append((head, top))
        if top.screening is not None:
            documents.screenings.append((head, top.screening))
    for name, document in sorted(read.items()):
        if document is None or name == "pack.yaml":
            continue
        if name == "screening.yaml":
            screening = _model(document, model.ScreeningDocument, problems)
            if screening is not None:
                documents.screenings.append((document, screening.screening))
        elif name.startswith("records/"):
            record = _model(document, model.RecordDocument, problems)
            if record is not None:
                documents.records.append((document, record))
        elif name.startswith("standards/"):
            standard = _model(document, model.StandardDocument, problems)
            if standard is not None:
                documents.standards.append((document, standard))
        else:
            clause = _model(document, model.ClauseDocument, problems)
            if clause is not None:
                documents.clauses.append((level, document, clause))
    documents.digests.append(files.sha256)
    return files


def _base(
    files: PackFiles, head: Document, extends: str, chain: tuple[PackFiles, ...], problems: Problems
) -> PackFiles | None:
    """The files of the pack that a pack builds on; None with the fault at the place that names it."""
    place = head.place(("extends",))
    try:
        found = find_pack(extends, files.root)
    except PackError as error:
        for fault in error.diagnostics:
            same = fault.where == extends or not isinstance(fault.where, str)
            problems.add(replace(fault, where=place, what=fault.what if same else f"{fault.where}: {fault.what}"))
        return None
    if found.sha256 in {f.sha256 for f in chain}:
        way = " -> ".join([*(f.where for f in chain), found.where])
        problems.error("cycle", place, "a pack cannot build on itself", found=way, hint="break the chain")
        return None
    if len(chain) > MAX_EXTENDS:
        problems.error("cycle", place, f"a pack builds on {MAX_EXTENDS} others in a row at the most")
        return None
    return found


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
            named = fault["type"] in ("missing", "extra_forbidden")
            path = tuple(p for p in fault["loc"][: -1 if named else None] if not (isinstance(p, str) and "[" in p))
            # The last part is then the word itself, whatever it looks like, and not pydantic's name of a step.
            path += fault["loc"][-1:] if named else ()
            # A part that may have several forms has a fault for each; the first says enough.
            form = path[:-1] if path and str(path[-1]) in _FORMS and not named else path
            if form not in places or named:
                places.add(form)
                _add_fault(document, fault, form, problems)
        return None


_FORMS = frozenset({"str", "dict", "list", "all", "int", "float"})


def _add_fault(document: Document, fault: Any, path: DocumentPath, problems: Problems) -> None:
    if fault["type"] == "extra_forbidden":
        word = str(path[-1])
        # What follows a comma inside { } is a key without a value to YAML.
        comma = "a text with a comma in it needs quotes inside { }" if fault["input"] is None else ""
        problems.error(
            "unknown-key",
            document.place(path, key=True),
            f"{word} is not a word of the format here",
            hint=nearest(word, sorted(_format_words())) or comma,
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
    for document, pack in documents.packs:
        if pack.calendar not in calendar_names():
            problems.error(
                "unknown-calendar",
                document.place(("calendar",)),
                f"{pack.calendar} is not a calendar known here",
                expected=", ".join(calendar_names()),
            )
    records = RecordBuilder(documents.packs, documents.records, problems)
    records.build()
    complete_types(records.types, documents.records, documents.standards, records.units, problems)
    rules = RuleBuilder(records, [p for _, p in documents.packs], problems)
    for level, document, clause in documents.clauses:
        rules.add_clause(document, clause, level)
    clauses: tuple[Clause, ...] = ()
    for _, pack in documents.packs:
        clauses = _merged(clauses, tuple(_clause(c) for c in pack.clauses))
    titles = {c.id: c.title for c in _flat(clauses)}
    titles.update({c.clause: Words(c.title.en, c.title.zh) for *_, c in documents.clauses if c.clause not in titles})
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
        derived_labels=records.derived_labels,
        units=records.units,
        calendar=_stated(documents, "calendar").calendar,
        clauses=clauses,
        clause_titles=titles,
        document=_stated(documents, "document").document.model_dump(mode="json", exclude_none=True),
        cases_as_of=_stated(documents, "cases").cases.as_of,
        subjects=subjects,
        field_types=records.plain_types(),
        source=source,
        screening=_screening(documents, records, rules, problems),
    )


def _screening(
    documents: Documents, records: RecordBuilder, rules: RuleBuilder, problems: Problems
) -> Screening | None:
    """What the highest pack that speaks of screening says of it."""
    if not documents.screenings:
        return None
    document, part = documents.screenings[-1]
    return build_screening(document, part, records.types, rules.rules, problems)


def _stated(documents: Documents, key: str) -> model.PackDocument:
    """The highest pack that states a key itself; what a pack does not say it takes from the one it builds on."""
    packs = [p for _, p in reversed(documents.packs)]
    return next((p for p in packs if key in p.model_fields_set), packs[0])


def _merged(below: tuple[Clause, ...], above: tuple[Clause, ...]) -> tuple[Clause, ...]:
    """Two clause trees as one: what the higher pack says of a clause stands, with the clauses of both under it."""
    own = {c.id: c for c in above}
    merged = [
        replace(own[c.id], title=own[c.id].title if own[c.id].title.both() else c.title,
                clauses=_merged(c.clauses, own[c.id].clauses))
        if c.id in own else c for c in below
    ]  # fmt: skip
    known = {c.id for c in below}
    return (*merged, *(c for c in above if c.id not in known))


def _clause(part: model.ClausePart) -> Clause:
    reason = Words(part.no_rules.en, part.no_rules.zh) if part.no_rules else None
    return Clause(part.id, Words(part.title.en, part.title.zh), reason, tuple(_clause(c) for c in part.clauses))


def _flat(clauses: tuple[Clause, ...]) -> list[Clause]:
    return [c for clause in clauses for c in (clause, *_flat(clause.clauses))]
