"""The tables of standards from their documents, and the record types that they complete."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from envrules.diagnostics import Problems, nearest
from envrules.pack import model
from envrules.pack.document import Document, Path
from envrules.records.standards.codes import (
    PLAIN_PARTS,
    CodeReader,
    CodeTable,
    CodeWord,
    Form,
    FormError,
    faults_of,
    form_expression,
)
from envrules.records.standards.hours import Daily, MadeOf
from envrules.records.standards.index import IndexReader, IndexTable
from envrules.records.standards.limits import LimitReader, Limits, LimitTable
from envrules.records.types import Completion, Field, RecordType, Words
from envrules.units import ONE, Unit, UnitError, Units

Standards = Mapping[str, tuple[Document, model.StandardDocument]]


def complete_types(
    types: dict[str, RecordType],
    records: Sequence[tuple[Document, model.RecordDocument]],
    standards: Sequence[tuple[Document, model.StandardDocument]],
    units: Units,
    problems: Problems,
) -> None:
    """Give each record type the standards that its documents name; faults go to the problems."""
    known: dict[str, tuple[Document, model.StandardDocument]] = {}
    for document, standard in standards:
        if standard.standard in known:
            problems.error("duplicate-id", document.place(("standard",)), f"{standard.standard} is declared twice")
        known[standard.standard] = (document, standard)
    for document, record in records:
        for i, part in enumerate(record.complete):
            found = _completion(document, ("complete", i), part, types.get(record.record), known, units, problems)
            if found is not None:
                one = types[record.record]
                types[record.record] = replace(one, completions=(*one.completions, found))
        if record.made_of is not None and record.record in types:
            _make(document, record.made_of, types[record.record], types, problems)


def _make(
    document: Document,
    part: model.MadeOfPart,
    target: RecordType,
    types: dict[str, RecordType],
    problems: Problems,
) -> None:
    """Say of a record type of which hourly records it is made."""
    path: Path = ("made_of",)
    source = types.get(part.record)
    if source is None:
        what, hint = f"{part.record} is not a record type of the pack", nearest(part.record, types)
        problems.error("unknown-record", document.place((*path, "record")), what, hint=hint)
        return
    wanted = [(source, n, ("hour", "station")[i]) for i, n in enumerate((part.hour, part.station)) if n]
    wanted += [(t, getattr(part, key), key) for t in (source, target) for key in ("place", "day")]
    before = len(problems.errors)
    for record, name, key in wanted:
        if name not in record.fields:
            what, hint = f"{name} is not a field of {record.name}", nearest(name, record.fields)
            problems.error("unknown-field", document.place((*path, key)), what, hint=hint)
    for name, daily in part.fields.items():
        for record, field in ((target, name), (source, daily.of)):
            if field not in record.fields:
                what, hint = f"{field} is not a field of {record.name}", nearest(field, record.fields)
                problems.error("unknown-field", document.place((*path, "fields", name)), what, hint=hint)
            elif record.fields[field].kind not in ("quantity", "number", "int"):
                problems.error("type-mismatch", document.place((*path, "fields", name)), f"{field} is no number")
        if (
            name in target.fields
            and daily.of in source.fields
            and target.fields[name].unit != source.fields[daily.of].unit
        ):
            what = f"{name} is in {target.fields[name].unit.text}, {daily.of} in {source.fields[daily.of].unit.text}"
            problems.error("unit-mismatch", document.place((*path, "fields", name)), what)
    if len(problems.errors) > before:
        return
    fields = {name: Daily(**daily.model_dump()) for name, daily in part.fields.items()}
    made = MadeOf(
        part.record, part.place, part.day, part.hour, part.station or "", fields,
        Words(part.source.en, part.source.zh), part.stations_least,
    )  # fmt: skip
    types[target.name] = replace(target, made_of=made)


def _completion(
    document: Document,
    path: Path,
    part: model.CompletePart,
    record: RecordType | None,
    known: Standards,
    units: Units,
    problems: Problems,
) -> Completion | None:
    if record is None:
        return None  # its own faults have been said
    if part.by not in known:
        what, hint = f"{part.by} is not a standard of this pack", nearest(part.by, known)
        problems.error("unknown-name", document.place((*path, "by")), what, expected=", ".join(known), hint=hint)
        return None
    if part.field not in record.fields:
        what, hint = f"{part.field} is not a field of {record.name}", nearest(part.field, record.fields)
        problems.error("unknown-field", document.place((*path, "field")), what, hint=hint)
        return None
    builder = _Builder(*known[part.by], record, units, problems)
    found = builder.build(record.fields[part.field])
    if isinstance(found, str):
        problems.error("type-mismatch", document.place((*path, "field")), found)
    return None if isinstance(found, str) else found


class _Builder:
    """Builds one standard for one record type. A number without a unit is in the unit of its field."""

    def __init__(
        self, document: Document, standard: model.StandardDocument, record: RecordType, units: Units, problems: Problems
    ) -> None:
        self.document, self.standard, self.record = document, standard, record
        self.units, self.problems = units, problems
        self.title = Words(standard.title.en, standard.title.zh)
        self.source = Words(standard.source.en, standard.source.zh)

    def build(self, field: Field) -> Completion | str | None:
        """The completion; a text where the field does not fit it; None with the faults added."""
        before = len(self.problems.errors)
        found: Completion | str | None = None
        if self.standard.codes is not None:
            found = self._code(self.standard.codes, field)
        elif self.standard.limits is not None:
            found = self._limits(self.standard.limits, field)
        elif self.standard.index is not None:
            found = self._index(self.standard.index, field)
        return found if isinstance(found, str) or len(self.problems.errors) == before else None

    # --- codes --------------------------------------------------------------------------------------------------------

    def _code(self, part: model.CodePart, field: Field) -> Completion | str | None:
        if field.kind not in ("text", "id"):
            return f"a code is a text, {field.name} is {field.kind}"
        words: dict[str, dict[str, CodeWord]] = {}
        kinds: dict[str, str] = {}
        for name, one in part.parts.items():
            same = part.parts.get(one) if isinstance(one, str) and one not in PLAIN_PARTS else one
            if same is None or (isinstance(same, str) and same not in PLAIN_PARTS):
                expected = ", ".join((*PLAIN_PARTS, *(n for n, p in part.parts.items() if not isinstance(p, str))))
                place = self.document.place(("codes", "parts", name))
                self.problems.error("unknown-name", place, f"{one} is not a part with codes", expected=expected)
                continue
            kinds[name] = same if isinstance(same, str) else "words"
            words[name] = {} if isinstance(same, str) else {code: _word(word) for code, word in same.items()}
        forms = tuple(Form(f.form, _texts(f.gives), Words(f.en, f.zh)) for f in part.forms)
        table = CodeTable(self.title, self.source, words, kinds, forms, part.agreement)
        for i, form in enumerate(forms):
            try:
                form_expression(form.pattern, table)
            except FormError as error:
                self._error("document-value", ("codes", "forms", i, "form"), str(error))
        gives = {n for f in forms for n in f.gives} | {
            n for w in words.values() for one in w.values() for n in one.gives
        }
        self._known(gives, ("codes",))
        for where, name, fault in faults_of(table, self.record.fields, self.units):
            self._error(fault.code, ("codes",), f"{where} gives {name} what it cannot be: {fault.reason}")
        if self.problems.errors:
            return None
        return CodeReader(table, field, self.record.fields, self.units)

    # --- limits and indices -------------------------------------------------------------------------------------------

    def _limits(self, part: model.LimitsPart, field: Field) -> Completion | str | None:
        if field.enum is None or not field.enum.ordered:
            return f"limits give a class of an ordered enumeration, {field.name} is none"
        classes = len(field.enum.values)
        path: Path = ("limits",)
        extra = [n for n in (part.by, part.complete_if) if n]
        self._known([*part.parameters, *extra, *part.needed], path)
        by = self.record.fields.get(part.by or "")
        kinds = by.enum.names if by is not None and by.enum is not None else ()
        if part.by and not kinds:
            self._error("type-mismatch", (*path, "by"), f"{part.by} is no enumeration")
        if part.complete_if and (said := self.record.fields.get(part.complete_if)) and said.kind != "bool":
            self._error("type-mismatch", (*path, "complete_if"), f"{part.complete_if} does not say yes or no")
        parameters = {}
        for name, limit in part.parameters.items():
            if name in self.record.fields:
                parameters[name] = self._limit(name, limit, kinds, classes)
        if self.problems.errors:
            return None
        table = LimitTable(
            self.title, self.source, parameters, part.by or "", tuple(part.needed), part.complete_if or ""
        )
        return LimitReader(table, field, self.record.fields)

    def _limit(self, name: str, part: model.LimitPart, kinds: Sequence[str], classes: int) -> dict[str, Limits]:
        path: Path = ("limits", "parameters", name)
        convert = self._converter(name, part.unit, path)
        if part.within is not None:
            low, high = (convert(x) for x in part.within)
            return {"": Limits(within=(low, high))}
        least = part.least is not None
        given = part.least if part.least is not None else part.most
        by_kind = given if isinstance(given, dict) else {"": given or []}
        found = {}
        for kind, values in by_kind.items():
            if kind and kind not in kinds:
                self._error(
                    "unknown-value", (*path,), f"{kind} is no word that these limits depend on", nearest(kind, kinds)
                )
            if len(values) != classes - 1:
                what = f"{name} has {len(values)} limits for {classes} classes; the last class has none"
                self._error("document-value", path, what)
            if list(values) != sorted(values, reverse=least):
                self._error("document-value", path, f"the limits of {name} do not go from the best class to the worst")
            found[kind] = Limits(tuple(convert(v) for v in values), least)
        return found

    def _index(self, part: model.IndexPart, field: Field) -> Completion | str | None:
        if field.kind not in ("int", "number"):
            return f"an index is a number, {field.name} is {field.kind}"
        path: Path = ("index",)
        self._known([*part.parameters, *part.needed], path)
        if part.scale != sorted(set(part.scale)):
            self._error("document-value", (*path, "scale"), "the scale does not rise")
        parameters = {}
        for name, points in part.parameters.items():
            at: Path = (*path, "parameters", name)
            if len(points.points) > len(part.scale) or points.points != sorted(set(points.points)):
                self._error(
                    "document-value", at, f"the breakpoints of {name} do not rise, or are more than the scale has"
                )
            if name in self.record.fields:
                convert = self._converter(name, points.unit, at)
                parameters[name] = tuple(convert(p) for p in points.points)
        if self.problems.errors:
            return None
        table = IndexTable(self.title, self.source, tuple(part.scale), parameters, tuple(part.needed))
        return IndexReader(table, field, self.record.fields)

    # --- names and units ----------------------------------------------------------------------------------------------

    def _known(self, names: Iterable[str], path: Path) -> None:
        for name in dict.fromkeys(names):
            if name not in self.record.fields:
                what = f"{name} is not a field of {self.record.name}, which this standard completes"
                self._error("unknown-field", (*path, "parameters", name), what, nearest(name, self.record.fields))

    def _converter(self, name: str, text: str | None, path: Path) -> _Converter:
        field = self.record.fields[name]
        if field.kind not in ("quantity", "number", "int"):
            self._error("type-mismatch", path, f"{name} is no number")
        unit: Unit = field.unit
        if text is not None:
            try:
                unit = self.units.parse(text)
            except UnitError as error:
                self._error(error.code, (*path, "unit"), str(error), error.hint)
        pair = self.units.conversion(unit, field.unit if field.kind == "quantity" else ONE, field.context)
        if pair is None:
            self._error(
                "unit-mismatch", (*path, "unit"), f"{unit.text} does not convert to {name}, in {field.unit.text}"
            )
        return _Converter(*(pair or (1.0, 0.0)))

    def _error(self, code: str, path: Path, what: str, hint: str = "") -> None:
        self.problems.error(code, self.document.place(path), what, hint=hint)


class _Converter:
    def __init__(self, factor: float, shift: float) -> None:
        self.factor, self.shift = factor, shift

    def __call__(self, value: float) -> float:
        return value * self.factor + self.shift


def _word(part: model.CodeWordPart) -> CodeWord:
    return CodeWord(Words(part.en, part.zh), _texts(part.gives), _texts(part.agrees), tuple(part.aliases))


def _texts(given: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, ...]]:
    return {name: tuple(texts) for name, texts in given.items()}
