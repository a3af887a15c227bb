"""The value of a typed expression for many subjects at once: the interpreter's rules, node by node, over columns.

Each different part of the rules is worked out once. What a node means is said in `engines.reference.evaluate`; this
differs from it in nothing but speed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import polars as pl

from envrules.engines.columnar import ranges
from envrules.engines.columnar.functions import call_points
from envrules.engines.columnar.subjects import Subjects
from envrules.engines.columnar.worth import (
    Bits,
    Flags,
    Number,
    Ranges,
    Truth,
    Word,
    Worth,
    bits_of,
    both,
    decided,
    distinct_words,
    either,
    flags,
    full,
    inverse,
    is_open,
    mask_of,
    points_of,
    ranges_of,
    simplest,
    simplest_words,
    single,
    surely,
    surely_not,
)
from envrules.engines.reference.evaluate import Env
from envrules.interval import Interval
from envrules.lang import ast
from envrules.lang.types import Type
from envrules.records.columns.field import where

_MOST_COMPARED = 6  # words compared one after the other faster than they are hashed


class Evaluator:
    """Evaluates expressions for some subjects.

    Args:
        env: the interpreter's environment without a record: the evaluation date and the pack's calendar.
    """

    def __init__(self, subjects: Subjects, env: Env) -> None:
        self.subjects, self.env, self.as_of = subjects, env, env.as_of.lo
        self.length = len(subjects)
        # By identity: the expressions of a program share their equal parts.
        self._done: dict[int, Worth] = {}
        # Of columns of words where a word stands, by the identity of the column, which `_done` keeps.
        self._places: dict[tuple[int, str], pl.Series] = {}

    def truth(self, node: ast.Node) -> Truth:
        """A condition."""
        return cast(Truth, self.worth(node))

    def number(self, node: ast.Node) -> Number:
        """A number, date or period."""
        return cast(Number, self.worth(node))

    def word(self, node: ast.Node) -> Word:
        """A word or text."""
        return cast(Word, self.worth(node))

    def worth(self, node: ast.Node) -> Worth:
        """The value of an expression."""
        key = id(node)
        if key not in self._done:
            self._done[key] = _RULES[type(node)](self, node)
        return self._done[key]

    # --- plain values -------------------------------------------------------------------------------------------------

    def _const(self, node: ast.Const) -> Worth:
        if isinstance(node.value, Interval):
            if node.value.known:
                return node.value.lo
            return None if node.value.unknown else ranges_of(node.value, self.length)
        return node.value

    def _field(self, node: ast.FieldValue) -> Worth:
        worth = self.subjects.field(node)
        if isinstance(worth, pl.Series) and worth.dtype == pl.String:
            for word, place in self.subjects.places(node).items():
                self._places[id(worth), word] = place
        return worth

    def _bounded(self, node: ast.Bounded) -> Worth:
        found, bounds = self.number(node.of), node.bounds
        if bounds.unknown:
            return found
        if isinstance(found, pl.Series) and not found.null_count():
            return found
        x = ranges_of(found, self.length)
        open_ = x.unknown
        return simplest(
            Ranges(
                np.where(open_, bounds.lo, x.low),
                np.where(open_, bounds.hi, x.high),
                np.where(open_, bounds.lo_open, x.low_open),
                np.where(open_, bounds.hi_open, x.high_open),
            )
        )

    def _convert(self, node: ast.Convert) -> Worth:
        return ranges.scale(self.number(node.of), node.factor, node.shift, self.length)

    def _arithmetic(self, node: ast.Arithmetic) -> Worth:
        return ranges.arithmetic(node.op, self.number(node.left), self.number(node.right), self.length)

    def _call(self, node: ast.Call) -> Worth:
        given = [self.number(a) for a in node.arguments]
        if node.function == "abs":
            return ranges.magnitude(given[0], self.length)
        if node.function == "lowest":
            return ranges.lowest(given, self.length)
        if node.function == "highest":
            return ranges.highest(given, self.length)
        return call_points(node, [points_of(x, self.length) for x in given], self.env)

    # --- conditions ---------------------------------------------------------------------------------------------------

    def _filled(self, node: ast.Filled) -> Truth:
        return self.subjects.filled(node.of)

    def _and(self, node: ast.And) -> Truth:
        found: Truth = True
        for item in node.items:
            found = both(found, self.truth(item))
            if found is False:
                break
        return found

    def _or(self, node: ast.Or) -> Truth:
        found: Truth = False
        for item in node.items:
            found = either(found, self.truth(item))
            if found is True:
                break
        return found

    def _compare(self, node: ast.Compare) -> Truth:
        if node.left.type.enum is None:
            return ranges.compare(node.op, self.number(node.left), self.number(node.right), self.length)
        left, right = self.word(node.left), self.word(node.right)
        words = node.left.type.enum.values
        if isinstance(left, pl.Series) and isinstance(right, str):
            return self._any_of(left, _fitting(words, node.op, right))
        return ranges.compare(node.op, self._ranks(left, words), self._ranks(right, words), self.length)

    def _ranks(self, x: Word, words: tuple[str, ...]) -> Number:
        """Ordered words as their places in the order."""
        if x is None:
            return None
        if isinstance(x, str):
            return float(words.index(x))
        if isinstance(x, pl.Series):
            return x.replace_strict(dict(zip(words, map(float, range(len(words))), strict=True)), default=None)
        x = bits_of(x, words, self.length)
        low, high = np.full(self.length, np.nan), np.full(self.length, np.nan)
        for i in reversed(range(len(words))):
            low[x.bits & mask_of(words, [words[i]]) != 0] = i
        for i in range(len(words)):
            high[x.bits & mask_of(words, [words[i]]) != 0] = i
        shut = np.zeros(self.length, dtype=np.bool_)
        return simplest(Ranges(low, high, shut, shut))

    def _equal(self, node: ast.Equal) -> Truth:
        if node.left.type.kind == "bool":
            return self._same_truth(self.truth(node.left), self.truth(node.right))
        left, right = self.word(node.left), self.word(node.right)
        if left is None or right is None:
            return None
        if isinstance(left, Bits) or isinstance(right, Bits):
            words = tuple(sorted({*distinct_words(left), *distinct_words(right)}))
            a, b = bits_of(left, words, self.length).bits, bits_of(right, words, self.length).bits
            known = (a != 0) & (b != 0)
            same = known & single(a) & (a == b)
            return decided(cast(Flags, same), cast(Flags, known & ((a & b) == 0)))
        if isinstance(left, str):
            return left == right if isinstance(right, str) else self._is(right, left)
        return self._is(left, right) if isinstance(right, str) else left == right

    def _is(self, x: pl.Series, word: str) -> pl.Series:
        """Whether a text is a word; null where it is not known."""
        key = id(x), word
        if key not in self._places:
            self._places[key] = x == word
        return self._places[key]

    def _any_of(self, x: pl.Series, words: Sequence[str]) -> pl.Series:
        """Whether a text is one of the words; null where it is not known."""
        if not words:
            return where(x.is_not_null(), full(False, len(x)))
        if len(words) > _MOST_COMPARED:
            found = x.is_in(pl.Series(list(words), dtype=pl.String))
            return found if not x.null_count() else where(x.is_not_null(), found)
        result = self._is(x, words[0])
        for word in words[1:]:
            result = result | self._is(x, word)
        return result

    def _same_truth(self, a: Truth, b: Truth) -> Truth:
        if a is None or b is None:
            return None
        if isinstance(a, bool):
            return b if a else inverse(b)
        if isinstance(b, bool):
            return a if b else inverse(a)
        return a == b

    def _member(self, node: ast.Member) -> Truth:
        found = self.word(node.of)
        if found is None:
            return None
        if isinstance(found, str):
            return found in node.words
        if isinstance(found, pl.Series):
            return self._any_of(found, node.words)
        inside = mask_of(found.words, node.words)
        known = found.bits != 0
        within = (
            known & ((found.bits & ~inside) == 0)
            if found.bits.dtype != object
            else known & np.array([b & ~inside == 0 for b in found.bits], dtype=np.bool_)
        )
        return decided(cast(Flags, within), cast(Flags, known & ((found.bits & inside) == 0)))

    # --- tables -------------------------------------------------------------------------------------------------------

    def _case(self, node: ast.Case) -> Worth:
        """The value of the first row that holds; of several that may hold, what their values are together."""
        conditions = [True if r.when is None else _same_for_all(self.truth(r.when)) for r in node.rows]
        if not node.unique and not any(is_open(c) for c in conditions):
            chosen = self._first(node, conditions)
            if chosen is not _OPEN:
                return cast(Worth, chosen)
        rows = self._possible(node, conditions)
        if node.type.kind == "bool":
            return self._join_truths(node, rows)
        if node.type.kind in ("quantity", "date", "period"):
            return self._join_numbers(node, rows)
        return self._join_words(node, rows)

    def _first(self, node: ast.Case, conditions: Sequence[Truth]) -> object:
        """The value where no condition is open and no value is a range: one chain of choices."""
        worths: list[tuple[Truth, Any]] = []
        for row, holds in zip(node.rows, conditions, strict=True):
            if holds is False:
                continue
            worth = self.worth(row.then)
            if isinstance(worth, Ranges | Bits):
                return _OPEN
            worths.append((holds, worth))
            if holds is True:
                break
        if not worths:
            return None
        if worths[0][0] is True:
            return worths[0][1]
        dtype = _dtype(node.type)
        found = pl.lit(None, dtype=dtype)
        for holds, worth in reversed(worths):
            value = worth if isinstance(worth, pl.Series) else pl.lit(worth, dtype=dtype)
            found = cast(
                pl.Expr, value if holds is True else pl.when(cast(pl.Series, holds)).then(value).otherwise(found)
            )
        return pl.select(found).to_series()

    def _possible(self, node: ast.Case, conditions: Sequence[Truth]) -> list[_Row]:
        """The rows of a table with where they may hold."""
        n = self.length
        reached = np.ones(n, dtype=np.bool_)
        certain = np.zeros(n, dtype=np.bool_)
        found: list[_Row] = []
        for row, holds in zip(node.rows, conditions, strict=True):
            true = flags(surely(holds), n)
            false = flags(surely_not(holds), n)
            tried = reached & ~certain if row.when is None and node.unique else reached
            found.append(_Row(row.then, tried & ~false, tried & true, node.unique and row.when is not None))
            certain = certain | (tried & true)
            if not node.unique:
                reached = reached & ~true
        return found

    def _certain(self, rows: Sequence[_Row]) -> Flags:
        """Where some row surely holds."""
        found = np.zeros(self.length, dtype=np.bool_)
        for row in rows:
            found |= row.certain
        return found

    def _join_truths(self, node: ast.Case, rows: Sequence[_Row]) -> Truth:
        all_true = self._certain(rows)
        all_false = all_true.copy()
        for row in rows:
            worth = self.truth(row.then)
            all_true &= ~row.possible | flags(surely(worth), self.length)
            all_false &= ~row.possible | flags(surely_not(worth), self.length)
        return decided(all_true, all_false)

    def _join_numbers(self, node: ast.Case, rows: Sequence[_Row]) -> Number:
        n = self.length
        out = ~self._certain(rows)
        low, high = np.full(n, np.inf), np.full(n, -np.inf)
        low_open, high_open = np.ones(n, dtype=np.bool_), np.ones(n, dtype=np.bool_)
        first, stated = np.full(n, np.nan), np.zeros(n, dtype=np.bool_)
        for row in rows:
            x, possible = ranges_of(self.number(row.then), n), row.possible
            out = out | (possible & x.unknown)
            if row.alone:
                # Rows of which only one may hold have to say one and the same where two may.
                out = out | (possible & stated & ~(x.known & (x.low == first)))
                first = np.where(possible & ~stated & x.known, x.low, first)
                stated = stated | possible
            below = possible & (x.low < low)
            low_open = np.where(below, x.low_open, np.where(possible & (x.low == low), low_open & x.low_open, low_open))
            low = np.where(below, x.low, low)
            above = possible & (x.high > high)
            high_open = np.where(
                above, x.high_open, np.where(possible & (x.high == high), high_open & x.high_open, high_open)
            )
            high = np.where(above, x.high, high)
        return ranges.hull(np.where(out, np.nan, low), np.where(out, np.nan, high), low_open, high_open)

    def _join_words(self, node: ast.Case, rows: Sequence[_Row]) -> Word:
        worths = [(self.word(row.then), row) for row in rows]
        words = tuple(sorted({w for worth, _ in worths for w in distinct_words(worth)}))
        joined = bits_of(None, words, self.length).bits
        out = ~self._certain(rows)
        first, stated = joined.copy(), np.zeros(self.length, dtype=np.bool_)
        for worth, row in worths:
            bits, possible = bits_of(worth, words, self.length).bits, row.possible
            out = out | (possible & (bits == 0))
            if row.alone:
                point = single(bits)
                out = out | (possible & stated & ~(point & (bits == first)))
                first = np.where(possible & ~stated & point, bits, first)
                stated = stated | possible
            joined = np.where(possible, joined | bits, joined)
        return simplest_words(Bits(np.where(out, joined.dtype.type(0) if joined.dtype != object else 0, joined), words))


@dataclass(frozen=True)
class _Row:
    """A row of a table: where it may hold, where it surely does, and whether no other may hold beside it."""

    then: ast.Node
    possible: Flags
    certain: Flags
    alone: bool


_OPEN = object()


def _same_for_all(truth: Truth) -> Truth:
    """A truth that all subjects share as a plain value, so that rows of a table which never hold cost nothing."""
    if not isinstance(truth, pl.Series) or not len(truth) or truth.null_count():
        return truth
    if not truth.any():
        return False
    return True if truth.all() else truth


def _dtype(type_: Type) -> type[pl.DataType]:
    if type_.kind == "bool":
        return pl.Boolean
    return pl.Float64 if type_.kind in ("quantity", "date", "period") else pl.String


def _fitting(words: Sequence[str], op: str, limit: str) -> tuple[str, ...]:
    """The words of an ordered enumeration for which a comparison with one of them holds."""
    place = words.index(limit)
    holds: dict[str, Callable[[int], bool]] = {
        "<": lambda i: i < place,
        "<=": lambda i: i <= place,
        "==": lambda i: i == place,
        "!=": lambda i: i != place,
        ">=": lambda i: i >= place,
        ">": lambda i: i > place,
    }
    return tuple(w for i, w in enumerate(words) if holds[op](i))


_RULES: dict[type[ast.Node], Callable[[Evaluator, Any], Worth]] = {
    ast.Const: Evaluator._const,
    ast.FieldValue: Evaluator._field,
    ast.Bounded: Evaluator._bounded,
    ast.Key: lambda self, node: self.subjects.ready(node),
    ast.AsOf: lambda self, node: self.as_of,
    ast.Derived: lambda self, node: self.worth(node.of),
    ast.Convert: Evaluator._convert,
    ast.Arithmetic: Evaluator._arithmetic,
    ast.Compare: Evaluator._compare,
    ast.Equal: Evaluator._equal,
    ast.Member: Evaluator._member,
    ast.Filled: Evaluator._filled,
    ast.Not: lambda self, node: inverse(self.truth(node.of)),
    ast.And: Evaluator._and,
    ast.Or: Evaluator._or,
    ast.Case: Evaluator._case,
    ast.Call: Evaluator._call,
    ast.Aggregate: lambda self, node: self.subjects.ready(node),
}
