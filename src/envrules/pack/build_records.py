"""Enumerations, record types and derived fields from their documents."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from envrules.diagnostics import Problems, nearest
from envrules.interval import Interval
from envrules.lang import ast
from envrules.lang.scope import Scope
from envrules.lang.types import BOOL, DATE, NUMBER, TEXT, EnumType, FieldType, Type
from envrules.pack import model
from envrules.pack.document import Document, Path
from envrules.pack.expressions import NamedExpressions
from envrules.pack.tables import compile_derived
from envrules.records.cells import CellReader
from envrules.records.types import Assumption, Enumeration, EnumValue, Field, PlaceWords, RecordType, Words
from envrules.records.values import Fault, Nothing
from envrules.units import ONE, Unit, UnitError, Units, registry


class RecordBuilder:
    """Builds what records look like: `enums`, `types`, and the scope of each type for expressions."""

    def __init__(
        self,
        packs: Sequence[tuple[Document, model.PackDocument]],
        documents: Sequence[tuple[Document, model.RecordDocument]],
        problems: Problems,
    ) -> None:
        self.packs, self.problems = packs, problems
        self.documents: dict[str, list[tuple[Document, model.RecordDocument]]] = {}
        for document, record in documents:
            known = self.documents.setdefault(record.record, [])
            if known and not record.extends:
                problems.error(
                    "duplicate-id", document.place(("record",)), f"{record.record} is declared twice",
                    hint="to add to the record type of the pack below write `extends: true`",
                )  # fmt: skip
            elif record.extends and not known:
                problems.error(
                    "unknown-record", document.place(("record",)),
                    f"{record.record} extends no record type of a pack below",
                    hint=nearest(record.record, [n for n in self.documents if n != record.record]),
                )  # fmt: skip
            elif not record.extends and "fields" not in record.model_fields_set:
                problems.error("missing-key", document.place(()), "fields is missing here", expected="fields: ...")
            known.append((document, record))
        self.enum_parts: dict[str, list[tuple[Document, model.EnumPart]]] = {}
        self.units = self._units()
        self.enums: dict[str, Enumeration] = {}
        self.types: dict[str, RecordType] = {}
        self.schemas: dict[str, dict[str, FieldType]] = {}
        self.derived: dict[str, NamedExpressions] = {}
        self.derived_labels: dict[str, dict[str, Words]] = {}

    def _units(self) -> Units:
        good: list[str] = []
        for document, pack in self.packs:
            for i, line in enumerate(pack.units):
                try:
                    registry((*good, line))
                    good.append(line)
                except UnitError as error:
                    self.problems.error(error.code, document.place(("units", i)), str(error), hint=error.hint)
        return registry(tuple(good))

    def build(self) -> None:
        """Build everything; faults go to the problems."""
        for document, pack in self.packs:
            for name, part in pack.enums.items():
                known = self.enum_parts.setdefault(name, [])
                if known and part.extends != name:
                    self.problems.error(
                        "duplicate-id", document.place(("enums", name), key=True),
                        f"{name} is an enumeration of the pack below",
                        hint=f"to add words to it write `extends: {name}`",
                    )  # fmt: skip
                    continue
                known.append((document, part))
        for name in self.enum_parts:
            self._pack_enum(name, ())
        for name, parts in self.documents.items():
            self._record(name, parts)
        for name, parts in self.documents.items():
            self.derived[name] = self._derived(name, parts)
        for name in self.derived:
            for derived in self.derived[name].names:
                self.derived[name].resolve(derived)

    def derived_nodes(self) -> dict[str, dict[str, ast.Node]]:
        """The derived fields that compiled, by record type."""
        return {t: {n: node for n, node in d.done.items() if node is not None} for t, d in self.derived.items()}

    def plain_types(self) -> dict[str, dict[str, Type]]:
        """The types of the declared fields, by record type."""
        return {t: {n: f.type for n, f in schema.items()} for t, schema in self.schemas.items()}

    def scope(self, record: str, *, related: Mapping[str, Scope] | None = None) -> Scope:
        """The scope of expressions over one record of a type."""
        derived = self.derived.get(record)
        return Scope(
            record=record,
            schema=self.schemas.get(record, {}),
            units=self.units,
            derived=derived.resolve if derived else _none,
            derived_names=tuple(derived.names) if derived else (),
            related=related or {},
        )

    # --- enumerations -------------------------------------------------------------------------------------------------

    def _pack_enum(self, name: str, above: tuple[str, ...]) -> None:
        """Build an enumeration from all that the packs say of it, those it extends first."""
        if name in self.enums:
            return
        document, first = self.enum_parts[name][0]
        path: Path = ("enums", name)
        if name in above:
            self.problems.error("cycle", document.place(path, key=True), f"{name} extends itself")
            return
        found = Enumeration(name, ())
        if first.extends in self.enum_parts:
            self._pack_enum(first.extends, (*above, name))
            found = self.enums.get(first.extends, found)
        elif first.extends:
            others = {n: None for n in self.enum_parts if n != name}
            self._unknown(document, (*path, "extends"), first.extends, others, "an enumeration")
        for _, part in self.enum_parts[name]:
            found = enumeration(name, part.values, part.ordered or found.ordered, found.values)
        self.enums[name] = found
        if not found.values:
            self.problems.error("empty-enum", document.place(path, key=True), f"{name} has no words")

    def _unknown(self, document: Document, path: Path, name: str, names: Mapping[str, object], what: str) -> None:
        self.problems.error(
            "unknown-name",
            document.place(path),
            f"{name} is not {what} of this pack",
            expected=", ".join(list(names)[:12]),
            hint=nearest(name, names),
        )

    # --- record types -------------------------------------------------------------------------------------------------

    def _record(self, name: str, parts: Sequence[tuple[Document, model.RecordDocument]]) -> None:
        fields: dict[str, Field] = {"id": Field("id", "id", label=Words("id", "编号"))}
        aliases: list[str] = []
        declared = self._declared(parts)
        plain = {n: part for n, (_, part) in declared.items()}
        for field_name, (document, part) in declared.items():
            built = self._field(document, name, field_name, part, plain)
            if built is not None:
                fields[field_name] = built
        for document, record in parts:
            aliases += [a for a in record.aliases if a not in aliases]
            if record.date and record.date not in plain and record.date not in fields:
                self._unknown(document, ("date",), record.date, plain, "a field")
            elif record.date in fields and fields[record.date].kind not in ("date", "month", "year"):
                self.problems.error(
                    "type-mismatch", document.place(("date",)), f"{record.date} does not place a record in time",
                    expected="a date, month or year",
                )  # fmt: skip
            for i, source in enumerate(record.id.from_ if record.id else []):
                if source not in plain and source not in fields:
                    self._unknown(document, ("id", "from", i), source, plain, "a field")
            for i, telling in enumerate(record.told_by):
                if telling not in plain:
                    self._unknown(document, ("told_by", i), telling, plain, "a field")
            for key in ("longitude", "latitude") if record.coordinates else ():
                named = getattr(record.coordinates, key)
                if named not in fields or fields[named].kind not in ("number", "quantity"):
                    self._unknown(document, ("coordinates", key), named, fields, "a field of a number")
        highest = [record for _, record in reversed(parts)]
        self.types[name] = RecordType(
            name=name,
            fields=fields,
            label=next((words(r.label) for r in highest if words(r.label).both()), Words()),
            aliases=tuple(aliases),
            date=next((r.date for r in highest if r.date), "") or "",
            id_from=next((tuple(r.id.from_) for r in highest if r.id), ()),
            told_by=next((tuple(r.told_by) for r in highest if r.told_by), ()),
            coordinates=next(
                ((r.coordinates.longitude, r.coordinates.latitude) for r in highest if r.coordinates), None
            ),
        )
        self.schemas[name] = {n: _field_type(f) for n, f in fields.items()}

    def _declared(
        self, parts: Sequence[tuple[Document, model.RecordDocument]]
    ) -> dict[str, tuple[Document, model.FieldPart]]:
        """The fields of all documents of a record type; a later one may add names and words to a field, no more."""
        declared: dict[str, tuple[Document, model.FieldPart]] = {}
        for document, record in parts:
            for name, part in record.fields.items():
                if name not in declared:
                    declared[name] = (document, part)
                    continue
                origin, below = declared[name]
                own_words = {"values"} if below.values is not None else set()
                if part.kind != below.kind or part.model_fields_set - _ADDED - own_words:
                    self.problems.error(
                        "duplicate-id", document.place(("fields", name), key=True),
                        f"{name} is a field of the pack below, whose rules rest on what it is there",
                        expected=f"kind: {below.kind} and no more than {', '.join(sorted(_ADDED | own_words))}",
                        hint="give a new field another name",
                    )  # fmt: skip
                    continue
                declared[name] = (origin, _with_more(below, part))
        return declared

    def _field(
        self,
        document: Document,
        record: str,
        name: str,
        part: model.FieldPart,
        fields: Mapping[str, model.FieldPart],
    ) -> Field | None:
        path: Path = ("fields", name)
        before = len(self.problems.errors)
        if name == "as_of" or name in ("true", "false", "and", "or", "not", "in", "is", "if", "else", "filled"):
            self.problems.error("reserved-name", document.place(path, key=True), f"{name} has a meaning of its own")
        enum = self._field_enum(document, record, name, part)
        unit = ONE
        if part.kind == "quantity":
            if part.unit is None and part.unit_of is None:
                self.problems.error(
                    "missing-key", document.place(path), f"{name} is a quantity and has no unit", expected="unit: ..."
                )
            unit = self._unit(document, (*path, "unit"), part.unit) if part.unit else ONE
        elif part.unit or part.units or part.context:
            self.problems.error(
                "document-value", document.place((*path, "unit")), f"only a quantity has a unit, {name} is {part.kind}"
            )
        if part.context and part.context not in self.units.contexts():
            self._unknown(
                document, (*path, "context"), part.context, dict.fromkeys(self.units.contexts()), "an equivalence"
            )
        units = {w: self._unit(document, (*path, "units", w), u) for w, u in (part.units or {}).items()}
        if part.unit_of:
            by = fields.get(part.unit_of)
            if by is None or by.kind != "enum":
                self._unknown(document, (*path, "unit_of"), part.unit_of, fields, "an enumeration field")
        if part.unit_field and part.unit_field not in fields:
            self._unknown(document, (*path, "unit_field"), part.unit_field, fields, "a field")
        if part.beside and (part.beside not in fields or fields[part.beside].kind != "enum"):
            self._unknown(document, (*path, "beside"), part.beside, fields, "an enumeration field")
        for i, alias in enumerate(part.aliases):
            if not isinstance(alias, model.AliasPart):
                continue
            unknown = [w for w in alias.answers.values() if enum is None or w not in enum.names]
            if unknown or len(alias.answers) == 1:
                self.problems.error(
                    "document-value", document.place((*path, "aliases", i)),
                    f"{alias.name} does not say what yes and no stand for in {name}",
                    expected="answers: {yes: ..., no: ...}, words of the field's enumeration",
                )  # fmt: skip
            for stated in alias.states:
                if stated not in fields or fields[stated].kind != "enum":
                    self._unknown(document, (*path, "aliases", i), stated, fields, "an enumeration field")
        if len(self.problems.errors) > before:
            return None
        built = Field(
            name=name,
            kind=part.kind,
            unit=unit,
            context=part.context or "",
            enum=enum,
            bounds=self._bounds(document, path, part, unit),
            label=words(part.label),
            meaning=words(part.meaning),
            aliases=tuple(alias_name(a) for a in part.aliases),
            empty_is_answer=part.empty is not None,
            unit_of=part.unit_of or "",
            units=units,
            unit_field=part.unit_field or "",
            detection_limit=part.detection_limit,
            typical=self._typical(document, (*path, "typical"), part),
            states={a.name: a.states for a in part.aliases if isinstance(a, model.AliasPart)},
            beside=part.beside or "",
            answers={
                a.name: (a.answers["yes"], a.answers["no"])
                for a in part.aliases
                if isinstance(a, model.AliasPart) and len(a.answers) == 2
            },
            deadline=part.deadline,
            angle=part.angle,
        )
        for word, meant in part.words.items():
            found = CellReader(built, self.units)(meant)
            if isinstance(found, Fault):
                self.problems.error(found.code, document.place((*path, "words", word)), found.reason)
        place = self._place(document, path, part, built) if part.place is not None else None
        assume = self._assumption(document, (*path, "assume", "value"), part.assume, built) if part.assume else None
        return replace(built, words=dict(part.words), place=place, assume=assume)

    def _assumption(self, document: Document, path: Path, part: model.AssumePart, field: Field) -> Assumption | None:
        """What an empty cell stands for, read as a cell of the field would be."""
        found = CellReader(field, self.units)(part.value)
        if isinstance(found, Fault):
            self.problems.error(found.code, document.place(path), found.reason)
            return None
        value = found.value
        if isinstance(value, Nothing | frozenset) or (isinstance(value, Interval) and value.lo != value.hi):
            self.problems.error(
                "document-value", document.place(path), f"{field.name} has to be assumed to be one value",
                expected="one value that a cell may hold",
            )  # fmt: skip
            return None
        return Assumption(value.lo if isinstance(value, Interval) else value, words(part.note))

    def _place(self, document: Document, path: Path, part: model.FieldPart, built: Field) -> PlaceWords:
        """What the place of a record says of a field; its words have to be the field's."""
        assert part.place is not None
        for key, word in (("inside", part.place.inside), ("outside", part.place.outside)):
            found = CellReader(built, self.units)(word) if word is not None else None
            if isinstance(found, Fault):
                self.problems.error(found.code, document.place((*path, "place", key)), found.reason)
        return PlaceWords(part.place.inside or "", tuple(part.place.by), part.place.outside or "")

    def _field_enum(self, document: Document, record: str, name: str, part: model.FieldPart) -> Enumeration | None:
        path: Path = ("fields", name)
        if part.kind != "enum":
            if part.enum or part.values:
                self.problems.error(
                    "document-value", document.place(path), f"only an enum has words, {name} is {part.kind}"
                )
            return None
        if part.values is not None:
            enum = enumeration(f"{record}.{name}", part.values, part.ordered)
            self.enums[enum.name] = enum
            return enum
        if part.enum in self.enums:
            return self.enums[part.enum]
        if part.enum:
            self._unknown(document, (*path, "enum"), part.enum, self.enums, "an enumeration")
        else:
            self.problems.error(
                "missing-key", document.place(path), f"{name} is an enum without words", expected="enum: or values:"
            )
        return None

    def _unit(self, document: Document, path: Path, text: str) -> Unit:
        try:
            return self.units.parse(text)
        except UnitError as error:
            self.problems.error(error.code, document.place(path), str(error), hint=error.hint)
            return ONE

    def _typical(self, document: Document, path: Path, part: model.FieldPart) -> tuple[float, float] | None:
        if part.typical is None:
            return None
        low, high = part.typical
        if part.kind not in ("quantity", "number", "int") or not 0 < low <= high < math.inf:
            what = "values usually lie between two numbers above 0, the lower one first"
            self.problems.error("document-value", document.place(path), what, expected="typical: [0.5, 200]")
            return None
        return low, high

    def _bounds(self, document: Document, path: Path, part: model.FieldPart, unit: Unit) -> Interval:
        given = part.model_fields_set
        lo, lo_open, hi, hi_open = -math.inf, True, math.inf, True
        if part.kind == "quantity" and not unit.shift:
            # A physical quantity is not negative and a share not above 100 %, unless the field says so itself.
            lo, lo_open = 0.0, False
            # Plain counts and ratios are numbers too, but no shares: only a unit such as % or mg/g makes one.
            if unit.dimensionless and unit.factor != 1.0:
                hi, hi_open = 1.0 / unit.factor, False
        if "least" in given or "above" in given:
            value = part.above if part.above is not None else part.least
            lo, lo_open = (-math.inf, True) if value is None else (value, part.above is not None)
        if "most" in given or "below" in given:
            value = part.below if part.below is not None else part.most
            hi, hi_open = (math.inf, True) if value is None else (value, part.below is not None)
        if lo > hi or (lo == hi and (lo_open or hi_open)):
            self.problems.error("document-value", document.place(path), "the bounds leave no value at all")
            return Interval(-math.inf, math.inf)
        return Interval(lo, hi, lo_open, hi_open)

    # --- derived fields -----------------------------------------------------------------------------------------------

    def _derived(self, name: str, parts: Sequence[tuple[Document, model.RecordDocument]]) -> NamedExpressions:
        sources: dict[str, tuple[Document, model.DerivedPart]] = {}
        for document, record in parts:
            for n, part in record.derived.items():
                if n in sources:
                    self.problems.error(
                        "duplicate-id", document.place(("derived", n), key=True), f"{n} is derived by the pack below",
                        hint="give another name",
                    )  # fmt: skip
                else:
                    sources[n] = (document, part)
                    self.derived_labels.setdefault(name, {})[n] = Words(part.label.en, part.label.zh)
        for n, (document, _) in sources.items():
            if n in self.schemas[name]:
                self.problems.error("duplicate-id", document.place(("derived", n), key=True), f"{n} is a field already")

        def compile_one(derived: str) -> ast.Node | None:
            document, part = sources[derived]
            table = compile_derived(
                document, ("derived", derived), f"{name}.{derived}", part, self.scope(name), self.enums, self.problems
            )
            return table.node if table else None

        return NamedExpressions(sources, compile_one, _none)


#: What an extension may say of a field that is there already.
_ADDED = frozenset({"kind", "label", "meaning", "aliases", "words"})


def _with_more(below: model.FieldPart, above: model.FieldPart) -> model.FieldPart:
    """A field with the names and words that a pack above adds to it."""
    known = {alias_name(a) for a in below.aliases}
    more: dict[str, Any] = {"aliases": [*below.aliases, *(a for a in above.aliases if alias_name(a) not in known)]}
    more["words"] = {**above.words, **below.words}
    more.update({key: getattr(above, key) for key in ("label", "meaning") if key in above.model_fields_set})
    if below.values is not None and above.values is not None:
        more["values"] = {**below.values, **above.values}
        for name in below.values.keys() & above.values.keys():
            old, new = below.values[name], above.values[name]
            merged = {"en": new.en or old.en, "zh": new.zh or old.zh, "aliases": [*old.aliases, *new.aliases]}
            more["values"][name] = old.model_copy(update=merged)
    return below.model_copy(update=more)


def alias_name(alias: str | model.AliasPart) -> str:
    """The name that an alias is, whatever it states beside."""
    return alias if isinstance(alias, str) else alias.name


def _none(name: str) -> None:
    """The resolver of a record type without derived fields."""


def words(part: model.WordsPart) -> Words:
    """A document's text in both languages."""
    return Words(part.en, part.zh)


def enumeration(
    name: str, values: Mapping[str, model.EnumValuePart], ordered: bool, first: tuple[EnumValue, ...] = ()
) -> Enumeration:
    """An enumeration from its words, after those of another; a word that is there already gets the new names too."""
    found = {v.name: v for v in first}
    for n, v in values.items():
        below = found.get(n, EnumValue(n))
        names = [*below.aliases, *(a for a in v.aliases if a not in below.aliases)]
        found[n] = EnumValue(n, Words(v.en or below.label.en, v.zh or below.label.zh), tuple(names))
    return Enumeration(name, tuple(found.values()), ordered)


def enum_type(enum: Enumeration) -> EnumType:
    """An enumeration as expressions see it."""
    return EnumType(enum.name, enum.names, enum.ordered)


def _field_type(field: Field) -> FieldType:
    simple = {"id": TEXT, "text": TEXT, "bool": BOOL, "int": NUMBER, "number": NUMBER, "date": DATE}
    if field.kind == "enum" and field.enum:
        found = Type("enum", enum=enum_type(field.enum))
    elif field.kind == "quantity":
        found = Type("quantity", unit=field.unit, context=field.context)
    elif field.kind in ("month", "year"):
        found = Type("period", period="month" if field.kind == "month" else "year")
    else:
        found = simple[field.kind]
    return FieldType(found, field.empty_is_answer, field.bounds, field.unit_of, field.units)
