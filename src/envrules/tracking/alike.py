"""How comparisons come out for very many cases: whole spans of dates are put before the interpreter at once.

The interpreter's values are ranges. Where each comparison comes out true or false for a span, it comes out so for every
case in it; where one does not, the span is halved. No meaning of any rule stands here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, cast

from envrules.engines.reference.evaluate import Env, evaluate
from envrules.interval import Interval, compare
from envrules.lang import ast
from envrules.records.types import RecordType
from envrules.records.values import Cell, Record

#: The values of some fields, as the file keeps them.
Case: TypeAlias = tuple[Any, ...]
#: Such values of many cases, by field; all of one length.
Columns: TypeAlias = Mapping[str, Sequence[Any]]
#: How comparisons come out.
Truths: TypeAlias = tuple["bool | None", ...]
#: An operator and its two sides.
Comparison: TypeAlias = tuple[Any, ast.Node, ast.Node]

#: A span of so few cases is not split; each is looked at.
_FEW = 4


class Span:
    """Stands for a date in what cases have in common."""


SPAN = Span()


class Comparisons:
    """Some comparisons on cases at an evaluation date.

    Args:
        cell: the cell of a field's value as the file keeps it.
    """

    def __init__(
        self,
        comparisons: Sequence[Comparison],
        record_type: RecordType,
        env: Env,
        cell: Callable[[str, Any], Cell],
    ) -> None:
        self._comparisons, self._type, self._env, self._cell = comparisons, record_type, env, cell
        #: The fields that the comparisons read: what a case is made of here.
        self.fields = fields_of([side for _, left, right in comparisons for side in (left, right)], record_type)
        self._places = {name: Places(record_type, cell, name) for name in self.fields}
        # What reads no field is the same for every case.
        sides = [side for _, *both in comparisons for side in both if not side.reads]
        nothing = env.of(Record(record_type.name, "", {}))
        self._fixed = {id(side): cast(Interval, evaluate(side, nothing)) for side in sides}

    def truths(self, cases: Iterable[Case]) -> tuple[dict[Case, int], list[Truths]]:
        """The class of each case, and how the comparisons come out for each class.

        The cases of a class differ in dates only, and the comparisons come out alike for them.
        """
        unique = list(set(cases))
        if not unique:
            return {}, []
        columns = list(zip(*unique, strict=True))
        placed = [[self._places[f][raw] for raw in column] for f, column in zip(self.fields, columns, strict=True)]
        axes = [[day for _, day in column] for column in placed]
        groups: dict[Case, list[int]] = {}
        for number, kind in enumerate(zip(*[[kind for kind, _ in column] for column in placed], strict=True)):
            groups.setdefault(kind, []).append(number)
        found: dict[Case, int] = {}
        classes: dict[tuple[Case, Truths], int] = {}
        for kind, members in groups.items():
            for truths, numbers in self._spans(self._alike(kind, cast("list[list[float]]", axes)), members):
                one = classes.setdefault((kind, truths), len(classes))
                for number in numbers:
                    found[unique[number]] = one
        return found, [truths for _, truths in classes]

    def _spans(self, alike: _Alike, members: list[int]) -> Iterator[tuple[Truths, list[int]]]:
        """How the comparisons come out, with the numbers of the cases for which they come out so."""
        waiting = [members]
        while waiting:
            span = waiting.pop()
            if len(span) > 1:
                ends = [_ends([axis[n] for n in span]) for axis in alike.axes]
                truths = self._truths(alike, ends)
                if None not in truths or all(low == high for low, high in ends):
                    yield truths, span
                    continue
                if len(span) > _FEW:
                    waiting += _split(span, alike.axes, ends)
                    continue
            for one in span:
                yield self._truths(alike, [(axis[one], axis[one]) for axis in alike.axes]), [one]

    def _truths(self, alike: _Alike, ends: Sequence[tuple[float, float]]) -> Truths:
        for name, (low, high) in zip(alike.spans, ends, strict=True):
            alike.cells[name] = Cell(Interval(low, high))
        # The environment is made once for all spans; what was worked out for the one before is forgotten.
        alike.env.worths.clear()
        values = self._fixed.copy()
        return tuple(
            [
                compare(op, _value(left, alike.env, values), _value(right, alike.env, values))
                for op, left, right in self._comparisons
            ]
        )

    def _alike(self, kind: Case, axes: Sequence[list[float]]) -> _Alike:
        parts = list(zip(self.fields, kind, axes, strict=True))
        cells = {f: self._cell(f, raw) for f, raw, _ in parts if raw is not None and raw is not SPAN}
        env = self._env.of(Record(self._type.name, "", cells))
        spans = [(f, axis) for f, raw, axis in parts if raw is SPAN]
        return _Alike([f for f, _ in spans], [axis for _, axis in spans], cells, env)


class Places(dict[Any, tuple[Any, float | None]]):
    """Where each value of one field lies, worked out once: `SPAN` and its day for a date, else the value itself."""

    def __init__(self, record_type: RecordType, cell: Callable[[str, Any], Cell], name: str) -> None:
        super().__init__()
        self._dated = record_type.fields[name].kind == "date"
        self._cell, self._name = cell, name

    def __missing__(self, raw: Any) -> tuple[Any, float | None]:
        value = None if raw is None or not self._dated else self._cell(self._name, raw).value
        known = isinstance(value, Interval) and value.known
        found = self[raw] = (SPAN, cast(Interval, value).lo) if known else (raw, None)
        return found


@dataclass(frozen=True)
class _Alike:
    """Cases that differ in some dates only: the fields with these, their days by number of case, and an environment
    that sees the cells, whatever is put into them.
    """

    spans: list[str]
    axes: list[list[float]]
    cells: dict[str, Cell]
    env: Env


def fields_of(nodes: Iterable[ast.Node], record_type: RecordType) -> tuple[str, ...]:
    """The fields of a record type that expressions read."""
    return tuple(dict.fromkeys(p for node in nodes for p in ast.field_paths(node) if p in record_type.fields))


def collect(node: ast.Node, found: dict[ast.Compare, None]) -> bool:
    """Gather the comparisons of numbers under a node; False where a number or date counts in another way."""
    if isinstance(node, ast.Compare) and node.left.type.enum is None:
        found[node] = None
        return True
    if isinstance(node, ast.Filled | ast.Const):
        return True
    if isinstance(node, ast.Aggregate) or node.type.kind in ("quantity", "date", "period"):
        return False
    return all(collect(child, found) for child in ast.children(node))


def _value(node: ast.Node, env: Env, values: dict[int, Interval]) -> Interval:
    # A derived value is compared with several limits; its expression is one object then.
    of = node.of if isinstance(node, ast.Derived) else node
    found = values.get(id(of))
    if found is None:
        found = values[id(of)] = cast(Interval, evaluate(node, env))
    return found


def _ends(values: list[float]) -> tuple[float, float]:
    return min(values), max(values)


def _split(span: list[int], axes: Sequence[Sequence[float]], ends: Sequence[tuple[float, float]]) -> list[list[int]]:
    """The two halves of a span along its widest side; every case lies in one of them, and neither is empty."""
    widest = max(range(len(ends)), key=lambda n: ends[n][1] - ends[n][0])
    axis, middle = axes[widest], (ends[widest][0] + ends[widest][1]) / 2
    return [[n for n in span if axis[n] <= middle], [n for n in span if axis[n] > middle]]
