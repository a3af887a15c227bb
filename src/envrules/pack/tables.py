"""Derived values and decision tables: a part of a document to one typed `Case`, or a named expression."""

from __future__ import annotations

from collections.abc import Mapping

from envrules.diagnostics import Problems, nearest
from envrules.lang import ast
from envrules.lang.scope import Scope
from envrules.lang.types import BOOL, EnumType, Type
from envrules.pack import model
from envrules.pack.document import Document, Path
from envrules.pack.expressions import compile_expression
from envrules.pack.pack import Table
from envrules.records.types import Enumeration, EnumValue, Words
from envrules.units import UnitError


def compile_derived(
    document: Document,
    path: Path,
    name: str,
    part: model.DerivedPart,
    scope: Scope,
    enums: Mapping[str, Enumeration],
    problems: Problems,
) -> Table | None:
    """A derived value as its expression, with what its rows require; None with the faults added."""
    before = len(problems.errors)
    enum = _enum(document, path, name, part, enums, problems)
    expected = _expected(document, path, part, enum, scope, problems)
    if len(problems.errors) > before:
        return None
    label = Words(part.label.en, part.label.zh)
    if part.value is not None:
        node = compile_expression(document, (*path, "value"), part.value, scope, problems, expected)
        return Table(node, enum=enum, label=label) if node is not None else None
    rows: list[ast.Row] = []
    required: list[ast.Row] = []
    parts = part.rows or []
    for i, row in enumerate(parts):
        at: Path = (*path, "rows", i)
        if row.when is None and i < len(parts) - 1:
            problems.error("table-row", document.place(at), "only the last row of a table may stand without `when`")
        when = compile_expression(document, (*at, "when"), row.when, scope, problems, BOOL) if row.when else None
        then = compile_expression(document, (*at, "then"), row.then, scope, problems, expected)
        expected = expected or (then.type if then else None)
        if then is not None:
            rows.append(ast.Row(when=when, then=then))
        if row.require is not None:
            demand = compile_expression(document, (*at, "require"), row.require, scope, problems, BOOL)
            if demand is not None:
                required.append(ast.Row(when=when, then=demand))
        else:
            nothing = ast.Const(value=True, type=BOOL)
            required.append(ast.Row(when=when, then=nothing))
    if len(problems.errors) > before or not rows:
        return None
    unique = part.hit == "unique"
    node = ast.Case(rows=tuple(rows), unique=unique, type=rows[0].then.type)
    demands = any(r.require is not None for r in parts)
    requirement = ast.Case(rows=tuple(required), unique=unique, type=BOOL) if demands else None
    return Table(node, requirement, enum, label)


def _enum(
    document: Document,
    path: Path,
    name: str,
    part: model.DerivedPart,
    enums: Mapping[str, Enumeration],
    problems: Problems,
) -> Enumeration | None:
    if part.values is not None:
        values = tuple(EnumValue(n, Words(v.en, v.zh), tuple(v.aliases)) for n, v in part.values.items())
        return Enumeration(name, values, part.ordered)
    if part.enum is not None:
        if part.enum not in enums:
            problems.error(
                "unknown-name",
                document.place((*path, "enum")),
                f"{part.enum} is not an enumeration of this pack",
                hint=nearest(part.enum, enums),
            )
            return None
        return enums[part.enum]
    return None


def _expected(
    document: Document, path: Path, part: model.DerivedPart, enum: Enumeration | None, scope: Scope, problems: Problems
) -> Type | None:
    if enum is not None:
        return Type("enum", enum=EnumType(enum.name, enum.names, enum.ordered))
    if part.unit is not None:
        try:
            return Type("quantity", unit=scope.units.parse(part.unit))
        except UnitError as error:
            problems.error(error.code, document.place((*path, "unit")), str(error), hint=error.hint)
    return None
