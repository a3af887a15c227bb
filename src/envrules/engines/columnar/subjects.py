"""What is judged, as columns: the records of a type, or the groups of a rule, with all that their rules read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import polars as pl

from envrules.engines.columnar.worth import Number, Ranges, Truth, Word, Worth, part, ranges_of, simplest
from envrules.lang import ast
from envrules.records.columns.field import NUMERIC, FieldColumn, where
from envrules.records.types import Field


class Subjects(Protocol):
    """Where an evaluator finds what an expression reads."""

    def __len__(self) -> int: ...

    def field(self, node: ast.FieldValue) -> Worth:
        """The values of a field, its assumption put in for empty cells."""
        ...

    def places(self, node: ast.FieldValue) -> Mapping[str, pl.Series]:
        """Of some words where each is a field's value, null where that has none."""
        ...

    def filled(self, node: ast.FieldValue) -> Truth:
        """Whether anything stands in a field."""
        ...

    def ready(self, node: ast.Node) -> Worth:
        """The value of an aggregate or a key, worked out before."""
        ...


@dataclass
class Columns:
    """Subjects whose fields are columns.

    Args:
        fields: gives the column of a field, or None where it is a field of a related record, which `looked_up` has.
        parts: gives the column of a field for some of the subjects, where that is faster than from the whole column.
        worths: of aggregates, keys and looked-up fields, by what they are.
    """

    length: int
    fields: Callable[[str], FieldColumn]
    declared: Mapping[str, Field]
    worths: dict[ast.Node, Worth] = field(default_factory=dict)
    states: dict[ast.FieldValue, Truth] = field(default_factory=dict)
    scope: str = ""
    parts: Callable[[str, slice | pl.Series], FieldColumn] | None = None

    def __len__(self) -> int:
        return self.length

    def field(self, node: ast.FieldValue) -> Worth:
        """The values of a field, its assumption put in for empty cells."""
        if node.scope != self.scope:
            return self.worths[node]
        return worth_of_column(self.fields(node.name), self.declared[node.name])

    def places(self, node: ast.FieldValue) -> Mapping[str, pl.Series]:
        """Of some words where each is a field's value, null where that has none."""
        if node.scope != self.scope or self.declared[node.name].assume is not None:
            return {}
        return self.fields(node.name).places

    def filled(self, node: ast.FieldValue) -> Truth:
        """Whether anything stands in a field; unknown where it cannot be read."""
        if node.scope != self.scope:
            return self.states[node]
        column = self.fields(node.name)
        present = column.present
        if column.unusable is None:
            return present
        return where(~column.unusable, present)

    def ready(self, node: ast.Node) -> Worth:
        """The value of an aggregate or a key, worked out before."""
        return self.worths[node]

    def key(self, name: str) -> pl.Series:
        """A field as a part of a key: what it is known to be, nothing assumed."""
        return self.fields(name).values

    def part(self, rows: slice | pl.Series) -> Columns:
        """Some of the subjects."""
        length = rows.stop - rows.start if isinstance(rows, slice) else len(rows)
        taken: dict[str, FieldColumn] = {}

        def fields(name: str) -> FieldColumn:
            if name not in taken:
                of_parts = self.parts
                taken[name] = of_parts(name, rows) if of_parts else part_of_column(self.fields(name), rows)
            return taken[name]

        worths = {node: part(worth, rows) for node, worth in self.worths.items()}
        states = {node: _truth(part(state, rows)) for node, state in self.states.items()}
        return Columns(length, fields, self.declared, worths, states, self.scope)


def _truth(worth: Worth) -> Truth:
    assert worth is None or isinstance(worth, bool | pl.Series)
    return worth


def part_of_column(column: FieldColumn, rows: slice | pl.Series) -> FieldColumn:
    """A field's column for some of the subjects."""
    if isinstance(rows, slice):
        return column.slice(rows.start, rows.stop - rows.start)
    return column.gather(rows)


def worth_of_column(column: FieldColumn, declared: Field) -> Worth:
    """A field's column as an expression's value: what `worth_of` of the interpreter does for one record."""
    values: pl.Series = column.values
    assumed = None if declared.assume is None else declared.assume.value
    if column.ends is not None:
        e = column.ends
        ranged = e.low.is_not_null().to_numpy()
        points = values.to_numpy()
        number = simplest(
            Ranges(
                np.where(ranged, e.low.to_numpy(), points),
                np.where(ranged, e.high.to_numpy(), points),
                e.low_open.fill_null(False).to_numpy(),
                e.high_open.fill_null(False).to_numpy(),
            )
        )
        return number if assumed is None else _filled_in(number, column, float(assumed))
    if assumed is not None:
        put = float(assumed) if declared.kind in NUMERIC else assumed
        if column.unusable is None and len(values) and values.null_count() == len(values):
            return put
        if column.unusable is None:
            values = values.fill_null(put)
        else:
            values = values.zip_with(~column.absent, pl.Series([put], dtype=values.dtype))
    if len(values) and values.null_count() == len(values):
        return None
    return values


def _filled_in(number: Number | Word, column: FieldColumn, value: float) -> Worth:
    ranges = ranges_of(number, len(column))  # type: ignore[arg-type]
    gone = column.absent.to_numpy()
    low, high = np.where(gone, value, ranges.low), np.where(gone, value, ranges.high)
    return simplest(Ranges(low, high, ranges.low_open, ranges.high_open))
