"""The typed tree to expressions over columns, on two rails: surely true, surely false; neither is unknown.

Never a negated comparison without its rail, never NaN: a number is finite or null. What a column cannot say exactly (a
range, a table whose row is open) marks the row as hard, and the interpreter judges it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, cast

import polars as pl

from envrules.engines.columnar.prelude import filled_column, range_column, value_column
from envrules.engines.reference.evaluate import Env, evaluate
from envrules.interval import TOLERANCE, Interval
from envrules.lang import ast

TRUE, FALSE = pl.lit(True), pl.lit(False)


class Unsupported(Exception):  # noqa: N818 - it is an answer, not an error
    """A part of a rule that this engine leaves to the interpreter, in words."""


@dataclass(frozen=True)
class Truth:
    """A condition: where it is surely true, and where surely false. Neither expression is ever null."""

    true: pl.Expr
    false: pl.Expr


@dataclass
class Compiler:
    """Compiles the expressions of one rule; `hard` collects the rows it leaves to the interpreter.

    Args:
        env: an environment without a record, for what does not depend on one.
    """

    env: Env
    hard: list[pl.Expr] = field(default_factory=list)
    fields: set[str] = field(default_factory=set)
    _done: dict[tuple[str, ast.Node], tuple[Any, list[pl.Expr]]] = field(default_factory=dict)

    def truth(self, node: ast.Node) -> Truth:
        """A condition on its two rails."""
        return cast(Truth, self._once("truth", node, self._truth))

    def value(self, node: ast.Node) -> pl.Expr:
        """A number or word; null where it is unknown."""
        return cast(pl.Expr, self._once("value", node, self._value if reads_records(node) else self._constant))

    def _once(self, kind: str, node: ast.Node, make: Callable[[Any], Any]) -> Any:
        """Compile a part once; each use of it adds the rows that are hard because of it."""
        if (kind, node) not in self._done:
            outer, self.hard = self.hard, []
            made = make(node)
            self._done[kind, node] = (made, self.hard)
            self.hard = outer
        made, hard = self._done[kind, node]
        self.hard.extend(hard)
        return made

    def _where(self, guard: pl.Expr, kind: str, node: ast.Node) -> Any:
        """A part that counts only where the guard holds: only there can it make a row hard."""
        outer, self.hard = self.hard, []
        made = self.truth(node) if kind == "truth" else self.value(node)
        inner, self.hard = self.hard, outer
        if inner:
            self.hard.append(guard & pl.any_horizontal(inner))
        return made

    # --- conditions ---------------------------------------------------------------------------------------------------

    def _truth(self, node: ast.Node) -> Truth:
        match node:
            case ast.Const(value=bool() as value):
                return Truth(pl.lit(value), pl.lit(not value))
            case ast.FieldValue():
                column = self._column(node)
                return Truth(column.fill_null(False), (~column).fill_null(False))
            case ast.Filled():
                self._read(node.of)
                column = pl.col(filled_column(node.of.name))
                return Truth(column.fill_null(False), (~column).fill_null(False))
            case ast.Derived():
                return self.truth(node.of)
            case ast.Not():
                inner = self.truth(node.of)
                return Truth(inner.false, inner.true)
            case ast.And():
                items = [self.truth(i) for i in node.items]
                return Truth(pl.all_horizontal([i.true for i in items]), pl.any_horizontal([i.false for i in items]))
            case ast.Or():
                items = [self.truth(i) for i in node.items]
                return Truth(pl.any_horizontal([i.true for i in items]), pl.all_horizontal([i.false for i in items]))
            case ast.Compare():
                return self._compare(node)
            case ast.Equal():
                return self._equal(node)
            case ast.Member():
                column = self.value(node.of)
                inside = column.is_in(list(node.words))
                return Truth(inside.fill_null(False), (~inside).fill_null(False))
            case ast.Case():
                return self._truth_of_table(node)
        raise Unsupported(_why(node))

    def _compare(self, node: ast.Compare) -> Truth:
        left, right = self._measure(node.left), self._measure(node.right)
        equal = (left == right) | ((left - right).abs() < TOLERANCE * right.abs())
        holds = {
            "<=": (left < right) | equal,
            ">=": (left > right) | equal,
            "<": (left < right) & ~equal,
            ">": (left > right) & ~equal,
            "==": equal,
            "!=": ~equal,
        }[node.op]
        return Truth(holds.fill_null(False), (~holds).fill_null(False))

    def _measure(self, node: ast.Node) -> pl.Expr:
        """What a comparison of size compares: a number, or the place of an ordered word."""
        found = self.value(node)
        if node.type.enum is None:
            return found
        places = {word: float(i) for i, word in enumerate(node.type.enum.values)}
        return found.replace_strict(places, default=None, return_dtype=pl.Float64)

    def _equal(self, node: ast.Equal) -> Truth:
        if node.left.type.kind == "bool":
            a, b = self.truth(node.left), self.truth(node.right)
            return Truth((a.true & b.true) | (a.false & b.false), (a.true & b.false) | (a.false & b.true))
        equal = self.value(node.left) == self.value(node.right)
        return Truth(equal.fill_null(False), (~equal).fill_null(False))

    def _truth_of_table(self, node: ast.Case) -> Truth:
        true, false = FALSE, FALSE
        for taken, then in reversed(self._rows(node, "truth")):
            true = pl.when(taken).then(then.true).otherwise(true)
            false = pl.when(taken).then(then.false).otherwise(false)
        return Truth(true, false)

    # --- values -------------------------------------------------------------------------------------------------------

    def _value(self, node: ast.Node) -> pl.Expr:
        match node:
            case ast.FieldValue():
                return self._column(node)
            case ast.Bounded():
                column = self._column(node.of)
                self.hard.append(column.is_null())
                return column
            case ast.Derived():
                return self.value(node.of)
            case ast.Convert():
                return _finite(self.value(node.of) * node.factor + node.shift)
            case ast.Arithmetic():
                return self._arithmetic(node)
            case ast.Case():
                found = pl.lit(None)
                for taken, then in reversed(self._rows(node, "value")):
                    found = pl.when(taken).then(then).otherwise(found)
                return found
            case ast.Call(function="abs"):
                return self.value(node.arguments[0]).abs()
        raise Unsupported(_why(node))

    def _arithmetic(self, node: ast.Arithmetic) -> pl.Expr:
        left, right = self.value(node.left), self.value(node.right)
        if node.op == "/":
            return _finite(pl.when(right != 0).then(left / right))
        return _finite({"+": left + right, "-": left - right, "*": left * right}[node.op])

    def _rows(self, node: ast.Case, kind: str) -> list[tuple[pl.Expr, Any]]:
        """Where each row of a table is taken, with what it gives.

        Records of which it is open which row is taken are hard: what the table could give has to be joined.
        """
        if node.unique:
            raise Unsupported("a table with hit: unique")
        found: list[tuple[pl.Expr, Any]] = []
        reached = TRUE
        for row in node.rows:
            when = self._where(reached, "truth", row.when) if row.when is not None else Truth(TRUE, FALSE)
            self.hard.append(reached & ~when.true & ~when.false)
            taken = reached & when.true
            found.append((taken, self._where(taken, kind, row.then)))
            reached = reached & when.false
        return found

    def _column(self, node: ast.FieldValue) -> pl.Expr:
        self._read(node)
        return pl.col(value_column(node.name))

    def _read(self, node: ast.FieldValue) -> None:
        if node.scope:
            raise Unsupported(f"it reads {node.path} of a related record")
        self.fields.add(node.name)
        if node.type.kind in ("quantity", "date", "period"):
            self.hard.append(pl.col(range_column(node.name)))

    def _constant(self, node: ast.Node) -> pl.Expr:
        """What reads no record is worked out once, by the interpreter."""
        worth = evaluate(node, self.env)
        if isinstance(worth, Interval):
            if not worth.known and not worth.unknown:
                raise Unsupported("a range that no record states")
            return pl.lit(worth.lo if worth.known else None, dtype=pl.Float64)
        if isinstance(worth, frozenset) and len(worth) == 1:
            return pl.lit(next(iter(worth)))
        raise Unsupported(_why(node))


def reads_records(node: ast.Node) -> bool:
    """Whether an expression depends on a record, so is not worked out once for all."""
    return any(isinstance(p, ast.FieldValue | ast.Aggregate | ast.Key) for p in ast.walk(node))


def _finite(value: pl.Expr) -> pl.Expr:
    return pl.when(value.is_finite()).then(value)


def _why(node: ast.Node) -> str:
    if isinstance(node, ast.Aggregate):
        return f"the aggregate {node.function}"
    if isinstance(node, ast.Call):
        return f"the function {node.function}"
    return f"a {type(node).__name__.lower()} here"
