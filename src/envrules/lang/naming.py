"""What names and literals stand for: fields, keys, derived values, related records, words of an enumeration."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import replace

from envrules.calendars import parse_period
from envrules.diagnostics import nearest
from envrules.interval import point
from envrules.lang import ast
from envrules.lang import syntax as sx
from envrules.lang.fitting import Fitting
from envrules.lang.scope import Issue, Scope
from envrules.lang.types import TEXT, Type
from envrules.units import UnitError


class Naming(Fitting, ABC):
    """Gives names and literals their types."""

    def __init__(self, scope: Scope) -> None:
        super().__init__(scope)
        self.fixed: dict[str, frozenset[str]] = dict(scope.fixed)
        self.inside: str | None = None  # the set that the aggregate at hand ranges over; "" is the group

    @abstractmethod
    def value(self, part: sx.Syntax, expected: Type | None = None) -> ast.Node | None:
        """The typed form of any part, or None with its faults added."""

    def quantity(self, part: sx.Quantity) -> ast.Node | None:
        try:
            unit = self.scope.units.parse(part.unit)
        except UnitError as error:
            self.issues.append(Issue(error.code, part.unit_span, str(error), hint=error.hint))
            return None
        return ast.Const(value=point(part.value), type=Type("quantity", unit=unit), span=part.span)

    def text(self, part: sx.Text, expected: Type | None) -> ast.Node | None:
        if expected is not None and expected.kind == "enum":
            return self.word(part.value, part, expected)
        if expected is not None and expected.kind == "period" and expected.period:
            try:
                return ast.Const(value=point(parse_period(expected.period, part.value)), type=expected, span=part.span)
            except ValueError as error:
                self.fault("period-value", part, str(error))
                return None
        return ast.Const(value=part.value, type=TEXT, span=part.span)

    def word(self, word: str, part: sx.Syntax, expected: Type) -> ast.Node | None:
        assert expected.enum is not None
        if word in expected.enum.values:
            return ast.Const(value=word, type=expected, span=part.span)
        self.fault(
            "unknown-value",
            part,
            f"{word} is not a value of {expected.enum.name}",
            expected=", ".join(expected.enum.values[:12]) + (" ..." if len(expected.enum.values) > 12 else ""),
            hint=nearest(word, expected.enum.values),
        )
        return None

    def is_value(self, part: sx.Syntax) -> bool:
        """Whether a name stands for a value of its own, so not for a word of an enumeration."""
        if not isinstance(part, sx.Name) or part.member:
            return not isinstance(part, sx.Text)
        scope = self.scope
        return (
            part.name in scope.keys
            or part.name in scope.schema
            or part.name in scope.derived_names
            or (self.inside == "" and scope.member_derived(part.name) is not None)
            or part.name == "as_of"
        )

    def name(self, part: sx.Name, expected: Type | None) -> ast.Node | None:
        scope = self.scope
        if part.member:
            return self.related_field(part)
        if part.name in scope.keys:
            return ast.Key(name=part.name, type=scope.keys[part.name], span=part.span)
        if (
            expected is not None
            and expected.enum is not None
            and part.name in expected.enum.values
            and not self.is_value(part)
        ):
            return self.word(part.name, part, expected)
        derived = scope.derived(part.name) or (scope.member_derived(part.name) if self.inside == "" else None)
        if isinstance(derived, Issue):
            self.issues.append(replace(derived, span=part.span))
            return None
        if derived is not None:
            return ast.Derived(name=part.name, of=derived, type=derived.type, span=part.span)
        if part.name in scope.schema:
            if scope.group and self.inside != "":
                self.fault(
                    "group-field",
                    part,
                    f"{part.name} belongs to each record; outside an aggregate a group has only its keys",
                    expected=", ".join(scope.keys) or "an aggregate",
                    hint=f"write for example count({part.name} ...) or mean({part.name})",
                )
                return None
            return self.field(part.name, part, scope, "")
        if part.name == "as_of":
            return ast.AsOf(span=part.span)
        if expected is not None and expected.kind == "enum":
            return self.word(part.name, part, expected)
        if part.name in scope.related:
            self.fault(
                "unknown-name",
                part,
                f"{part.name} is a set of records",
                hint=f"write {part.name}.field, count({part.name})",
            )
            return None
        self.fault(
            "unknown-field",
            part,
            f"{part.name} is not a field of {scope.record}",
            hint=nearest(part.name, [*scope.names(), *scope.schema]) or self._meant(part.name, expected),
        )
        return None

    def _meant(self, name: str, expected: Type | None) -> str:
        """What a name that is no field may have been meant as."""
        if expected is not None and expected.kind == "text":
            return f'a text is written in double quotes: "{name}"'
        try:
            self.scope.units.parse(name)
        except UnitError:
            return ""
        return f"{name} is a unit; the unit of a number has no brackets in an expression: write m3/h/d for m3/(h*d)"

    def related_field(self, part: sx.Name) -> ast.Node | None:
        other = self.scope.related.get(part.name)
        if other is None:
            self.fault(
                "unknown-name",
                part,
                f"{part.name} is not declared under `related:`",
                expected=", ".join(self.scope.related) or "no related records are declared",
                hint=nearest(part.name, self.scope.related),
            )
            return None
        derived = other.derived(part.member)
        if isinstance(derived, Issue):
            self.issues.append(replace(derived, span=part.span))
            return None
        if derived is not None:
            node = ast.Derived(name=part.member, of=derived, type=derived.type, span=part.span)
            return ast.rebase(node, part.name)
        if part.member in other.schema:
            return self.field(part.member, part, other, part.name)
        self.fault(
            "unknown-field",
            part,
            f"{part.member} is not a field of {other.record}",
            hint=nearest(part.member, other.names()),
        )
        return None

    def field(self, name: str, part: sx.Syntax, scope: Scope, prefix: str) -> ast.Node | None:
        declared = scope.schema[name]
        found = declared.type
        if declared.unit_of:
            path = f"{prefix}.{declared.unit_of}" if prefix else declared.unit_of
            fixed = scope.fixed if prefix else self.fixed
            words = fixed.get(declared.unit_of if prefix else path, frozenset())
            units = {declared.units[w] for w in words if w in declared.units}
            if len(units) != 1 or not words <= declared.units.keys():
                self.fault(
                    "unit-open",
                    part,
                    f"the unit of {name} depends on {path}, which is not settled here",
                    expected=f"a condition such as {path} == {next(iter(declared.units), '...')}",
                    hint="say it in `when` (or in the keys of the related record)",
                )
                return None
            found = replace(found, unit=units.pop())
        return ast.FieldValue(name=name, scope=prefix, type=found, span=part.span)
