"""Calls of functions and aggregates: their arguments, the set an aggregate ranges over."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from envrules.diagnostics import nearest
from envrules.lang import ast
from envrules.lang import syntax as sx
from envrules.lang.functions import SignatureError, functions
from envrules.lang.naming import Naming


class Calling(Naming):
    """Types calls."""

    def call(self, part: sx.Call) -> ast.Node | None:
        if part.function == "bounded":
            return self.bounded(part)
        function = functions().get(part.function)
        if function is None:
            self.fault(
                "unknown-function",
                part,
                f"{part.function} is not a function",
                hint=nearest(part.function, [*functions(), "bounded"])
                or "functions: " + ", ".join(sorted(functions())),
            )
            return None
        if function.aggregate:
            return self.aggregate(part)
        arguments = [self.value(a) for a in part.arguments]
        nodes = [a for a in arguments if a is not None]
        if len(nodes) < len(arguments):
            return None
        try:
            result = function.returns(tuple(n.type for n in nodes))
        except SignatureError as error:
            self.refuse(part, error, nodes)
            return None
        if function.same_unit:
            same = self.alike(nodes, part)
            if same is None:
                return None
            nodes, result = same, same[0].type
        return ast.Call(function=part.function, arguments=tuple(nodes), type=result, span=part.span)

    def refuse(self, part: sx.Call, error: SignatureError, nodes: Sequence[ast.Node]) -> None:
        if error.position is None:
            what, place, found = f"{part.function} takes {error}", part, f"{len(nodes)}"
        else:
            what = f"{part.function} does not take this as argument {error.position + 1}"
            place, found = cast(sx.Call, nodes[error.position]), nodes[error.position].type.describe()
        self.fault("type-mismatch", place, what, expected=str(error), found=found)

    def bounded(self, part: sx.Call) -> ast.Node | None:
        if len(part.arguments) != 1 or not isinstance(part.arguments[0], sx.Name):
            self.fault("type-mismatch", part, "bounded takes one field", expected="bounded(field)")
            return None
        name = part.arguments[0]
        of = self.value(name)
        if of is None:
            return None
        schema = self.scope.related[name.name].schema if name.member else self.scope.schema
        if not isinstance(of, ast.FieldValue) or of.type.kind != "quantity":
            self.fault("type-mismatch", part, "bounded takes a field that is a number", found=of.type.describe())
            return None
        return ast.Bounded(of=of, bounds=schema[of.name].bounds, type=of.type, span=part.span)

    def aggregate(self, part: sx.Call) -> ast.Node | None:
        function = functions()[part.function]
        if self.inside is not None:
            self.fault(
                "nested-aggregate", part, "an aggregate cannot stand inside another", hint="derive the inner one first"
            )
            return None
        arguments = part.arguments
        sets = [n.name for a in arguments for n in _names(a) if n.name in self.scope.related and n.member]
        whole_set = bool(arguments) and isinstance(arguments[0], sx.Name) and arguments[0].name in self.scope.related
        if whole_set and not cast(sx.Name, arguments[0]).member:
            sets, arguments = [cast(sx.Name, arguments[0]).name], ()
        strangers = [n for a in arguments for n in _names(a) if n.member and n.name not in self.scope.related]
        if strangers:
            self.related_field(strangers[0])
            return None
        if not sets and not self.scope.group:
            self.fault(
                "aggregate-without-group",
                part,
                f"{part.function} ranges over records, and this rule is about one record",
                hint="give the rule a `group:`, or name a set declared under `related:`",
            )
            return None
        over = sets[0] if sets else ""
        argument: ast.Node | None = None
        if arguments:
            self.inside = over
            argument = self.value(arguments[0])
            self.inside = None
            if argument is None:
                return None
        elif not function.optional:
            self.fault("type-mismatch", part, f"{part.function} needs an argument")
            return None
        types = (
            () if argument is None else (argument.type,) if len(arguments) == 1 else (argument.type,) * len(arguments)
        )
        try:
            result = function.returns(types)
        except SignatureError as error:
            self.refuse(part, error, [argument] if argument is not None else [])
            return None
        if isinstance(argument, ast.FieldValue) and argument.type.kind == "quantity":
            # A record without a value could hold anything its field allows, so sums and means stay bounded.
            schema = self.scope.related[over].schema if over else self.scope.schema
            argument = ast.Bounded(
                of=argument, bounds=schema[argument.name].bounds, type=argument.type, span=argument.span
            )
        return ast.Aggregate(function=part.function, over=over, argument=argument, type=result, span=part.span)


def _names(part: sx.Syntax) -> list[sx.Name]:
    """Every name in a part, in the order written."""
    if isinstance(part, sx.Name):
        return [part]
    found: list[sx.Name] = []
    for value in vars(part).values():
        for item in value if isinstance(value, tuple) else (value,):
            if isinstance(item, sx.Syntax):
                found.extend(_names(item))
    return found
