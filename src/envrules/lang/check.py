"""The syntax tree to the typed tree: names resolved, kinds and dimensions checked, conversions written in.

Every fault is an `Issue`; a part with a fault gives None and its parents stay silent about it, so that one run finds
all of them and none twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal, cast

from envrules.calendars import parse_period
from envrules.diagnostics import nearest
from envrules.interval import FLIPPED, CompareOp, Interval, negate, point
from envrules.lang import ast
from envrules.lang import syntax as sx
from envrules.lang.functions import SignatureError, functions
from envrules.lang.scope import Issue, Scope
from envrules.lang.types import BOOL, DATE, NUMBER, TEXT, Type
from envrules.units import ONE, Unit, UnitError, describe_dimension

_DAY = "day"


def check(expression: sx.Syntax, scope: Scope, expected: Type | None = None) -> tuple[ast.Node | None, list[Issue]]:
    """The typed expression, or None, with everything that is wrong with it.

    Args:
        expected: the type the expression has to have; a quantity is converted into its unit, a bare word is read as a
            word of its enumeration.
    """
    checker = _Checker(scope)
    node = checker.value(expression, expected)
    if node is not None and expected is not None:
        node = checker.fit(node, expected)
    return node, checker.issues


def fixed_words(condition: ast.Node | None) -> dict[str, frozenset[str]]:
    """The fields that a condition settles: `code == pm10 and ...` leaves one word for `code`."""
    found: dict[str, frozenset[str]] = {}
    items = condition.items if isinstance(condition, ast.And) else (condition,) if condition else ()
    for item in items:
        if isinstance(item, ast.Equal) and isinstance(item.right, ast.Const) and isinstance(item.left, ast.FieldValue):
            found[item.left.path] = frozenset({str(item.right.value)})
        elif isinstance(item, ast.Member) and isinstance(item.of, ast.FieldValue):
            found[item.of.path] = frozenset(item.words)
    return found


class _Checker:
    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.issues: list[Issue] = []
        self.fixed: dict[str, frozenset[str]] = dict(scope.fixed)
        self.inside: str | None = None  # the set that the aggregate at hand ranges over; "" is the group

    def fault(self, code: str, part: sx.Syntax | ast.Node, what: str, **more: str) -> None:
        self.issues.append(Issue(code, part.span, what, **more))

    # --- values -------------------------------------------------------------------------------------------------------

    def value(self, part: sx.Syntax, expected: Type | None = None) -> ast.Node | None:
        """The typed form of any part. `expected` only helps bare words and texts to be read as what they stand for."""
        match part:
            case sx.Number():
                return ast.Const(value=point(part.value), type=replace(NUMBER, bare=True), span=part.span)
            case sx.Quantity():
                return self.quantity(part)
            case sx.Date():
                return ast.Const(value=point(float(part.value.toordinal())), type=DATE, span=part.span)
            case sx.Text():
                return self.text(part, expected)
            case sx.Truth():
                return ast.Const(value=part.value, type=BOOL, span=part.span)
            case sx.Name():
                return self.name(part, expected)
            case sx.Call():
                return self.call(part)
            case sx.Negative():
                return self.negative(part)
            case sx.Arithmetic():
                return self.arithmetic(part)
            case sx.Comparison():
                return self.comparison(part)
            case sx.In():
                return self.membership(part)
            case sx.IsFilled():
                return self.filled(part)
            case sx.Not():
                inner = self.condition(part.of)
                return None if inner is None else ast.Not(of=inner, span=part.span)
            case sx.And() | sx.Or():
                return self.connective(part)
            case sx.Conditional():
                return self.conditional(part, expected)
        raise AssertionError(part)

    def condition(self, part: sx.Syntax) -> ast.Node | None:
        node = self.value(part)
        if node is not None and node.type.kind != "bool":
            self.fault(
                "type-mismatch",
                part,
                "a condition is needed here",
                expected="true or false",
                found=node.type.describe(),
            )
            return None
        return node

    def connective(self, part: sx.And | sx.Or) -> ast.Node | None:
        before = dict(self.fixed)
        items: list[ast.Node] = []
        whole = True
        for item in part.items:
            node = self.condition(item)
            if node is None:
                whole = False
            elif isinstance(part, sx.And):
                items.extend(node.items if isinstance(node, ast.And) else (node,))
                self.fixed.update(fixed_words(node))
            else:
                items.extend(node.items if isinstance(node, ast.Or) else (node,))
        self.fixed = before
        if not whole:
            return None
        return (ast.And if isinstance(part, sx.And) else ast.Or)(items=tuple(items), span=part.span)

    def conditional(self, part: sx.Conditional, expected: Type | None) -> ast.Node | None:
        condition = self.condition(part.condition)
        then = self.value(part.then, expected)
        otherwise = self.value(part.otherwise, expected or (then.type if then else None))
        if condition is None or then is None or otherwise is None:
            return None
        both = self.alike([then, otherwise], part)
        if both is None:
            return None
        rows = (ast.Row(when=condition, then=both[0]), ast.Row(when=None, then=both[1]))
        return ast.Case(rows=rows, type=both[0].type, span=part.span)

    # --- literals and names -------------------------------------------------------------------------------------------

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
            hint=nearest(part.name, [*scope.names(), *scope.schema]),
        )
        return None

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

    # --- functions and aggregates -------------------------------------------------------------------------------------

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

    # --- arithmetic ---------------------------------------------------------------------------------------------------

    def negative(self, part: sx.Negative) -> ast.Node | None:
        of = self.value(part.of)
        if of is None:
            return None
        if of.type.kind != "quantity":
            self.fault("type-mismatch", part, "only a number has a negative", found=of.type.describe())
            return None
        if isinstance(of, ast.Const):
            return replace(of, value=negate(_interval(of)), span=part.span)
        zero = ast.Const(value=point(0.0), type=of.type, span=part.span)
        return ast.Arithmetic(op="-", left=zero, right=of, type=of.type, span=part.span)

    def arithmetic(self, part: sx.Arithmetic) -> ast.Node | None:
        left, right = self.value(part.left), self.value(part.right)
        if left is None or right is None:
            return None
        if part.op in "*/":
            return self.product(part, left, right)
        kinds = (left.type.kind, right.type.kind)
        if kinds == ("quantity", "quantity"):
            both = self.alike([left, right], part)
            if both is None:
                return None
            return self._arith(part, both[0], both[1], replace(both[0].type, bare=left.type.bare and right.type.bare))
        if kinds == ("date", "date") and part.op == "-":
            return self._arith(part, left, right, Type("quantity", unit=self.scope.units.parse(_DAY)))
        if kinds == ("date", "quantity"):
            days = self.fit(right, Type("quantity", unit=self.scope.units.parse(_DAY)))
            return None if days is None else self._arith(part, left, days, DATE)
        if kinds == ("period", "quantity") and right.type.bare:
            return self._arith(part, left, right, left.type)
        if kinds == ("period", "period") and part.op == "-" and left.type == right.type:
            return self._arith(part, left, right, NUMBER)
        self.fault(
            "type-mismatch",
            part,
            f"{left.type.describe()} {part.op} {right.type.describe()} has no meaning",
            expected="two quantities, two dates, a date and a number of days, or a period and a plain number",
        )
        return None

    def _arith(self, part: sx.Arithmetic, left: ast.Node, right: ast.Node, type_: Type) -> ast.Node:
        op = cast(Literal["+", "-", "*", "/"], part.op)
        return ast.Arithmetic(op=op, left=left, right=right, type=type_, span=part.span)

    def product(self, part: sx.Arithmetic, left: ast.Node, right: ast.Node) -> ast.Node | None:
        for side in (left, right):
            if side.type.kind != "quantity":
                self.fault(
                    "type-mismatch", side, f"only numbers can be used with {part.op}", found=side.type.describe()
                )
                return None
            if side.type.unit.shift:
                self.fault("type-mismatch", side, f"a temperature in {side.type.unit} cannot be used with {part.op}")
                return None
        sign = 1 if part.op == "*" else -1
        a, b = left.type.unit, right.type.unit
        powers: dict[str, float] = dict(a.dimension)
        for name, power in b.dimension:
            powers[name] = powers.get(name, 0.0) + sign * power
        dimension = tuple(sorted((n, p) for n, p in powers.items() if p))
        plain = left.type.bare or (a.dimensionless and a.factor == 1.0)
        if right.type.bare or (b.dimensionless and b.factor == 1.0):
            result = replace(left.type, bare=left.type.bare and right.type.bare)
            return self._arith(part, left, right, result)
        if plain and sign == 1:
            return self._arith(part, left, right, replace(right.type, bare=False))
        factor = a.factor * b.factor**sign
        joined = Unit(f"{a}{'*' if sign == 1 else '/'}{b}", factor, 0.0, dimension)
        if dimension:
            return self._arith(part, left, right, Type("quantity", unit=joined))
        # A quotient of like quantities is a plain number, whatever units they were in.
        raw = self._arith(part, left, right, Type("quantity", unit=joined))
        return raw if factor == 1.0 else ast.Convert(of=raw, factor=factor, type=NUMBER, span=part.span)

    # --- comparisons --------------------------------------------------------------------------------------------------

    def comparison(self, part: sx.Comparison) -> ast.Node | None:
        nodes: list[ast.Node | None] = []
        types: list[Type | None] = []
        for operand in part.operands:
            node = self.value(operand) if self.is_value(operand) else None
            nodes.append(node)
            types.append(node.type if node else None)
        if any(n is None and self.is_value(o) for n, o in zip(nodes, part.operands, strict=True)):
            return None  # what a bare word beside a fault was meant to be cannot be told
        known = next((t for t in types if t is not None), None)
        for i, operand in enumerate(part.operands):
            if nodes[i] is None and not self.is_value(operand):
                nodes[i] = self.value(operand, known)
        if any(n is None for n in nodes):
            return None
        whole = cast("list[ast.Node]", nodes)
        pairs = [self.pair(whole[i], cast(CompareOp, op), whole[i + 1], part) for i, op in enumerate(part.ops)]
        if any(p is None for p in pairs):
            return None
        done = cast("list[ast.Node]", pairs)
        return done[0] if len(done) == 1 else ast.And(items=tuple(done), span=part.span)

    def pair(self, left: ast.Node, op: CompareOp, right: ast.Node, part: sx.Comparison) -> ast.Node | None:
        if isinstance(left, ast.Const) and not isinstance(right, ast.Const):
            left, op, right = right, FLIPPED[op], left
        right = self.period_literal(right, left.type)
        if "quantity" == left.type.kind == right.type.kind:
            return self.quantities(left, op, right, part)
        if left.type.kind != right.type.kind or (left.type.kind == "period" and left.type.period != right.type.period):
            self.fault(
                "type-mismatch",
                right,
                f"{left.type.describe()} cannot be compared with {right.type.describe()}",
                expected=left.type.describe(),
                found=right.type.describe(),
            )
            return None
        if left.type.kind in ("date", "period"):
            return ast.Compare(op=op, left=left, right=right, span=part.span)
        if left.type.kind == "enum" and left.type.enum and right.type.enum:
            if left.type.enum.values != right.type.enum.values:
                self.fault(
                    "type-mismatch",
                    right,
                    f"words of {left.type.enum.name} and of {right.type.enum.name} are not of one enumeration",
                )
                return None
            if op not in ("==", "!="):
                if left.type.enum.ordered:
                    return ast.Compare(op=op, left=left, right=right, span=part.span)
                self.fault(
                    "not-ordered", part, f"{left.type.enum.name} has no order", hint="declare it `ordered: true`"
                )
                return None
        elif op not in ("==", "!="):
            self.fault("type-mismatch", part, f"{left.type.describe()} has no size to compare", expected="== or !=")
            return None
        equal = ast.Equal(left=left, right=right, span=part.span)
        return equal if op == "==" else ast.Not(of=equal, span=part.span)

    def period_literal(self, node: ast.Node, wanted: Type) -> ast.Node:
        """A whole plain number beside a year is a year."""
        if wanted.kind == "period" and wanted.period == "year" and isinstance(node, ast.Const) and node.type.bare:
            return replace(node, type=wanted)
        return node

    def quantities(self, left: ast.Node, op: CompareOp, right: ast.Node, part: sx.Comparison) -> ast.Node | None:
        limit = right.type
        both = self.alike([left, right], part)
        if both is None:
            return None
        shown = self.scope.units.conversion(both[0].type.unit, limit.unit, both[0].type.context or limit.context)
        return ast.Compare(
            op=op,
            left=both[0],
            right=both[1],
            unit=limit.unit,
            display=shown or (1.0, 0.0),
            span=part.span,
        )

    def membership(self, part: sx.In) -> ast.Node | None:
        of = self.value(part.of)
        if of is None:
            return None
        if of.type.kind in ("enum", "text"):
            members = [self.value(m, of.type) for m in part.members]
            for m in members:
                if m is not None and (not isinstance(m, ast.Const) or m.type.kind != of.type.kind):
                    self.fault(
                        "type-mismatch",
                        m,
                        "only words can stand here",
                        expected=of.type.describe(),
                        found=m.type.describe(),
                    )
                    return None
            if any(m is None for m in members):
                return None
            words = tuple(dict.fromkeys(str(cast(ast.Const, m).value) for m in members))
            node: ast.Node = ast.Member(of=of, words=words, span=part.span)
        else:
            equal = [sx.Comparison(m.span, (part.of, m), ("==",)) for m in part.members]
            items = [self.comparison(e) for e in equal]
            if any(i is None for i in items):
                return None
            node = ast.Or(items=tuple(cast("list[ast.Node]", items)), span=part.span)
            node = node.items[0] if len(items) == 1 and isinstance(node, ast.Or) else node
        return ast.Not(of=node, span=part.span) if part.negated else node

    def filled(self, part: sx.IsFilled) -> ast.Node | None:
        of = self.value(part.of)
        if of is None:
            return None
        scope = self.scope.related[of.scope] if isinstance(of, ast.FieldValue) and of.scope else self.scope
        if not isinstance(of, ast.FieldValue) or not scope.schema[of.name].empty_is_answer:
            self.fault(
                "not-an-answer",
                part,
                "emptiness of this is not an answer: a missing value is unknown, never false",
                hint="declare `empty: not done` on the field where an empty cell means that it has not happened",
            )
            return None
        node = ast.Filled(of=of, span=part.span)
        return ast.Not(of=node, span=part.span) if part.negated else node

    # --- fitting types together ---------------------------------------------------------------------------------------

    def fit(self, node: ast.Node, wanted: Type) -> ast.Node | None:
        """The node as a value of the wanted type: converted into its unit where it is a quantity."""
        node = self.period_literal(node, wanted)
        found = node.type
        if found.kind == "quantity" and wanted.kind == "quantity":
            return self.converted(node, wanted)
        if found.kind != wanted.kind or (found.kind == "period" and found.period != wanted.period):
            self.fault(
                "type-mismatch",
                node,
                "this is of another kind than needed",
                expected=wanted.describe(),
                found=found.describe(),
            )
            return None
        if found.enum and wanted.enum and found.enum.values != wanted.enum.values:
            self.fault(
                "type-mismatch",
                node,
                "this is of another enumeration",
                expected=wanted.enum.name,
                found=found.enum.name,
            )
            return None
        return node

    def alike(self, nodes: Sequence[ast.Node], part: sx.Syntax) -> list[ast.Node] | None:
        """The nodes as values of one type: quantities in one unit, that of the first that is not a bare number."""
        lead = next((n.type for n in nodes if n.type.kind == "quantity" and not isinstance(n, ast.Const)), None)
        lead = lead or next((n.type for n in nodes if not n.type.bare), nodes[0].type)
        fitted = [self.fit(n, lead) for n in nodes]
        return None if any(n is None for n in fitted) else cast("list[ast.Node]", fitted)

    def converted(self, node: ast.Node, wanted: Type) -> ast.Node | None:
        found = node.type
        plain = wanted.unit.dimensionless and wanted.unit.factor == 1.0
        if found.bare and not wanted.bare and not plain:
            text = f"{node.value!r}" if isinstance(node, ast.Const) else "this"
            self.fault(
                "bare-number",
                node,
                f"{text} has no unit beside {wanted.describe()}",
                expected=f"a number with its unit, such as {text} {wanted.unit}",
                hint=f"write {text} {wanted.unit}",
            )
            return None
        if found.bare:
            return replace(node, type=replace(wanted, bare=wanted.bare))
        steps = self.scope.units.conversion(found.unit, wanted.unit, wanted.context or found.context)
        if steps is None:
            self.fault(
                "unit-mismatch",
                node,
                f"{describe_dimension(wanted.unit.dimension)} is needed here, and {found.unit} is "
                f"{describe_dimension(found.unit.dimension)}",
                expected=f"a unit like {wanted.unit}",
                found=str(found.unit),
                hint=self._likely_unit(wanted.unit),
            )
            return None
        factor, shift = steps
        result = replace(wanted, bare=False)
        if (factor, shift) == (1.0, 0.0):
            return replace(node, type=result) if isinstance(node, ast.Const) else node
        if isinstance(node, ast.Const):
            return replace(node, value=_interval(node).scaled(factor, shift), type=result)
        return ast.Convert(of=node, factor=factor, shift=shift, type=result, span=node.span)

    @staticmethod
    def _likely_unit(unit: Unit) -> str:
        return f"did you mean {unit}?" if unit.text and unit != ONE else ""


def _interval(node: ast.Const) -> Interval:
    assert isinstance(node.value, Interval)
    return node.value


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
