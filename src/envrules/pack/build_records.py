"""Enumerations, record types and derived fields from their documents."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from envrules.diagnostics import Problems, nearest
from envrules.interval import Interval
from envrules.lang import ast
from envrules.lang.scope import Scope
from envrules.lang.types import BOOL, DATE, NUMBER, TEXT, EnumType, FieldType, Type
from envrules.pack import model
from envrules.pack.document import Document, Path
from envrules.pack.expressions import NamedExpressions
from envrules.pack.tables import compile_derived
from envrules.records.types import Assumption, Enumeration, EnumValue, Field, RecordType, Words
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
                problems.error("duplicate-id", document.place(("record",)), f"{record.record} is declared twice")
            known.append((document, record))
        self.units = self._units()
        self.enums: dict[str, Enumeration] = {}
        self.types: dict[str, RecordType] = {}
        self.schemas: dict[str, dict[str, FieldType]] = {}
        self.derived: dict[str, NamedExpressions] = {}

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
            for name in pack.enums:
                self._pack_enum(document, pack, name, ())
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

    def _pack_enum(self, document: Document, pack: model.PackDocument, name: str, above: tuple[str, ...]) -> None:
        part = pack.enums[name]
        path: Path = ("enums", name)
        if name in above:
            self.problems.error("cycle", document.place(path, key=True), f"{name} extends itself")
            return
        first: tuple[EnumValue, ...] = ()
        if part.extends:
            if part.extends in pack.enums and part.extends not in self.enums:
                self._pack_enum(document, pack, part.extends, (*above, name))
            base = self.enums.get(part.extends)
            if base is None:
                self._unknown(document, (*path, "extends"), part.extends, self.enums, "an enumeration")
            else:
                first = base.values
        self.enums[name] = enumeration(name, part.values, part.ordered, first)
        if not self.enums[name].values:
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
        first = parts[0][1]
        for document, record in parts:
            aliases += record.aliases
            for field_name, part in record.fields.items():
                built = self._field(document, name, field_name, part, record)
                if built is not None:
                    fields[field_name] = built
            if record.date and record.date not in record.fields and record.date not in fields:
                self._unknown(document, ("date",), record.date, record.fields, "a field")
            elif record.date in fields and fields[record.date].kind not in ("date", "month", "year"):
                self.problems.error(
                    "type-mismatch", document.place(("date",)), f"{record.date} does not place a record in time",
                    expected="a date, month or year",
                )  # fmt: skip
            for i, source in enumerate(record.id.from_ if record.id else []):
                if source not in record.fields and source not in fields:
                    self._unknown(document, ("id", "from", i), source, record.fields, "a field")
        self.types[name] = RecordType(
            name=name,
            fields=fields,
            label=words(first.label),
            aliases=tuple(aliases),
            date=next((r.date for _, r in parts if r.date), "") or "",
            id_from=tuple(first.id.from_) if first.id else (),
        )
        self.schemas[name] = {n: _field_type(f) for n, f in fields.items()}

    def _field(
        self, document: Document, record: str, name: str, part: model.FieldPart, whole: model.RecordDocument
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
            by = whole.fields.get(part.unit_of)
            if by is None or by.kind != "enum":
                self._unknown(document, (*path, "unit_of"), part.unit_of, whole.fields, "an enumeration field")
        if part.unit_field and part.unit_field not in whole.fields:
            self._unknown(document, (*path, "unit_field"), part.unit_field, whole.fields, "a field")
        if len(self.problems.errors) > before:
            return None
        return Field(
            name=name,
            kind=part.kind,
            unit=unit,
            context=part.context or "",
            enum=enum,
            bounds=self._bounds(document, path, part, unit),
            label=words(part.label),
            meaning=words(part.meaning),
            aliases=tuple(part.aliases),
            empty_is_answer=part.empty is not None,
            assume=Assumption(part.assume.value, words(part.assume.note)) if part.assume else None,
            unit_of=part.unit_of or "",
            units=units,
            unit_field=part.unit_field or "",
            detection_limit=part.detection_limit,
        )

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
        sources = {n: (document, part) for document, record in parts for n, part in record.derived.items()}
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


def _none(name: str) -> None:
    """The resolver of a record type without derived fields."""


def words(part: model.WordsPart) -> Words:
    """A document's text in both languages."""
    return Words(part.en, part.zh)


def enumeration(
    name: str, values: Mapping[str, model.EnumValuePart], ordered: bool, first: tuple[EnumValue, ...] = ()
) -> Enumeration:
    """An enumeration from its words."""
    own = tuple(EnumValue(n, Words(v.en, v.zh), tuple(v.aliases)) for n, v in values.items())
    return Enumeration(name, first + own, ordered)


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
