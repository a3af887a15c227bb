"""Values made to fit together: quantities converted into one unit, bare numbers given theirs, kinds compared.

The lowest layer of the checker; `naming`, `calling` and `check` stand on it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import cast

from envrules.interval import Interval
from envrules.lang import ast
from envrules.lang import syntax as sx
from envrules.lang.scope import Issue, Scope
from envrules.lang.types import Type
from envrules.units import ONE, Unit, describe_dimension


class Fitting:
    """Collects what is wrong with an expression, and fits typed parts to one another."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.issues: list[Issue] = []

    def fault(self, code: str, part: sx.Syntax | ast.Node, what: str, **more: str) -> None:
        """Add an issue at a part."""
        self.issues.append(Issue(code, part.span, what, **more))

    def period_literal(self, node: ast.Node, wanted: Type) -> ast.Node:
        """A whole plain number beside a year is a year."""
        if wanted.kind == "period" and wanted.period == "year" and isinstance(node, ast.Const) and node.type.bare:
            return replace(node, type=wanted)
        return node

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
        if (found.difference and wanted.unit.shift) or (wanted.difference and found.unit.shift):
            self.fault(
                "unit-mismatch",
                node,
                "a temperature and a difference of temperatures are not one thing",
                expected=wanted.describe(),
                found=found.describe(),
                hint="a difference is written in K" if wanted.difference else "",
            )
            return None
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
            return replace(node, value=interval_of(node).scaled(factor, shift), type=result)
        return ast.Convert(of=node, factor=factor, shift=shift, type=result, span=node.span)

    @staticmethod
    def _likely_unit(unit: Unit) -> str:
        return f"did you mean {unit}?" if unit.text and unit != ONE else ""


def interval_of(node: ast.Const) -> Interval:
    """The number, date or period that a literal is."""
    assert isinstance(node.value, Interval)
    return node.value
