"""The syntax tree to the typed tree: names resolved, kinds and dimensions checked, conversions written in.

Every fault is an `Issue`; a part with a fault gives None and its parents stay silent about it, so that one run finds
all of them and none twice.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Literal, cast

from envrules.interval import FLIPPED, CompareOp, negate, point
from envrules.lang import ast
from envrules.lang import syntax as sx
from envrules.lang.calling import Calling
from envrules.lang.fitting import interval_of
from envrules.lang.scope import Issue, Scope
from envrules.lang.types import BOOL, DATE, NUMBER, Type
from envrules.units import Unit

_DAY = "day"
_PERIODS = {"month": "2018-03", "quarter": "2018-Q2", "half_year": "2018-H1", "two_months": "2018-03/04"}


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


class _Checker(Calling):
    """The whole checker: conditions, arithmetic and comparisons over names, literals and calls."""

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

    # --- arithmetic ---------------------------------------------------------------------------------------------------

    def negative(self, part: sx.Negative) -> ast.Node | None:
        of = self.value(part.of)
        if of is None:
            return None
        if of.type.kind != "quantity":
            self.fault("type-mismatch", part, "only a number has a negative", found=of.type.describe())
            return None
        if isinstance(of, ast.Const):
            return replace(of, value=negate(interval_of(of)), span=part.span)
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
            if left.type.unit.shift or right.type.unit.shift:
                return self.temperatures(part, left, right)
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

    def temperatures(self, part: sx.Arithmetic, left: ast.Node, right: ast.Node) -> ast.Node | None:
        """Degrees are points on a scale: two of them have a difference, and one may be moved by a difference."""
        scale = left.type.unit
        text = "K" if scale.factor == 1.0 else scale.text
        step = Type("quantity", unit=Unit(text, scale.factor, 0.0, scale.dimension), difference=True)
        if scale.shift and right.type.unit.shift and part.op == "-":
            lower = self.fit(right, left.type)
            return None if lower is None else self._arith(part, left, lower, step)
        # A field in K that is taken away could be either: a temperature, or a difference.
        certain = part.op == "+" or right.type.difference or isinstance(right, ast.Const)
        if scale.shift and not right.type.unit.shift and certain:
            moved = self.fit(right, step)
            return None if moved is None else self._arith(part, left, moved, left.type)
        self.fault(
            "type-mismatch",
            part,
            f"{left.type.describe()} {part.op} {right.type.describe()} has no meaning",
            expected="two temperatures with -, or a temperature and then a difference in K",
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
                hint=_period_hint(left.type) if right.type.bare else "",
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


def _period_hint(type_: Type) -> str:
    """How a period is written, for one who wrote a number."""
    example = _PERIODS.get(type_.period or "")
    return f'a {type_.period} is written in double quotes, with its year: "{example}"' if example else ""
