"""What a pack's rule says of very many tasks: judged by the interpreter, each case once and alike cases together.

The interpreter's values are ranges, so a whole span of dates can be put before it. Where every comparison of a rule
comes out true or false for a span, it comes out so for each task in it; tasks for which they all come out alike have
the same outcome, and one of them is judged for all. No meaning of any rule stands here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, cast

from envrules.engines.base import Job
from envrules.engines.reference import environment, record_subject
from envrules.engines.reference.evaluate import Env, evaluate
from envrules.engines.reference.judge import judge
from envrules.engines.reference.linked import LinkedRecords
from envrules.interval import Interval, compare, round_number
from envrules.lang import ast
from envrules.pack.pack import Pack, Rule
from envrules.records.types import RecordType
from envrules.records.values import Cell, Record
from envrules.tracking.events import restored
from envrules.verdict import Outcome, Verdict

#: The values of the rule's fields, as the file keeps them: tasks with the same ones are one case.
Case: TypeAlias = tuple[Any, ...]
#: How a rule's comparisons come out.
_Truths: TypeAlias = tuple["bool | None", ...]

#: A span of so few cases is not split; each is looked at.
_FEW = 4


@dataclass(frozen=True)
class Judged:
    """What a rule says of a case: its outcome, and the derived value it reports."""

    outcome: Outcome
    value: Any


def levelled_rules(pack: Pack, record_type: str) -> list[Rule]:
    """The rules that give single records of a type a level: a derived word, reported beside the outcome."""
    return [
        r
        for r in pack.rules.values()
        if r.record == record_type and r.group is None and not r.related and _levels(r) is not None
    ]


def _levels(rule: Rule) -> tuple[str, ...] | None:
    enum = rule.derive[rule.output].node.type.enum if rule.output else None
    return None if enum is None else enum.values


def levels(rule: Rule) -> tuple[str, ...]:
    """The words of the level that a rule reports, lowest first."""
    return _levels(rule) or ()


class Judge:
    """A rule on cases at an evaluation date."""

    def __init__(self, pack: Pack, rule: Rule, as_of: Any) -> None:
        self.rule = rule
        self._type = pack.records[rule.record]
        self._pack = pack
        job = Job(pack, {rule.record: ()}, as_of, [rule])
        self._env = environment(rule, job, LinkedRecords(job.records))
        roots = [n for n in (rule.when, rule.require, rule.due) if n is not None]
        derived = [table.node for table in rule.derive.values()]
        #: The fields that a case is made of.
        self.fields = _fields([*roots, *derived], self._type)
        self._days = rule.derive.get("days_overdue")
        self._days_fields = [self.fields.index(f) for f in _fields([self._days.node] if self._days else [], self._type)]
        self._comparisons = self._find_comparisons(roots)
        sides = [side for _, left, right in self._comparisons or () for side in (left, right)]
        #: The fields that the comparisons read; tasks that differ in others only are compared together.
        self._compared = [self.fields.index(f) for f in _fields(sides, self._type)]
        self._cells: dict[tuple[str, Any], Cell] = {}
        self._places = [_Places(self._place, name) for name in self.fields]
        self._known: dict[tuple[Any, ...], Judged] = {}
        self._days_known: dict[Case, Interval | None] = {}

    def _find_comparisons(self, roots: Sequence[ast.Node]) -> list[tuple[Any, ast.Node, ast.Node]] | None:
        """The comparisons that the outcome and the level rest on; None where they rest on more than those."""
        roots = [*roots, self.rule.derive[self.rule.output].node] if self.rule.output else roots
        found: dict[ast.Compare, None] = {}
        # A record type with a date is placed in time by it, and a due date by more than comparisons.
        if self._type.date or self.rule.due is not None:
            return None
        return [(c.op, c.left, c.right) for c in found] if all(_collect(r, found) for r in roots) else None

    def cell(self, field: str, value: Any) -> Cell:
        """The cell of a value as the file keeps it."""
        found = self._cells.get((field, value))
        if found is None:
            found = restored(value, self._type.fields[field], self._pack.units)
            self._cells[field, value] = found
        return found

    def _record(self, case: Case) -> Record:
        cells = {f: self.cell(f, v) for f, v in zip(self.fields, case, strict=True) if v is not None}
        return Record(self.rule.record, "", cells)

    def verdict(self, case: Case) -> Verdict:
        """The verdict of one case with all its evidence."""
        return judge(self.rule, *record_subject(self.rule, self._record(case), self._env))

    def days(self, case: Case) -> int | float | None:
        """The rule's `days_overdue` for a case; None where it has none, or it is not known."""
        found = self._days_of(case)
        return round_number(found.lo) if found is not None and found.known else None

    def most_days(self, case: Case) -> float | None:
        """The largest that `days_overdue` may be for a case; None where nothing bounds it."""
        found = self._days_of(case)
        return None if found is None or found.unknown else found.hi

    def _days_of(self, case: Case) -> Interval | None:
        if self._days is None or self._days.node.type.kind != "quantity":
            return None
        read = tuple([case[n] for n in self._days_fields])
        if read not in self._days_known:
            self._days_known[read] = cast(Interval, evaluate(self._days.node, self._env.of(self._record(case))))
        return self._days_known[read]

    # --- many at once -------------------------------------------------------------------------------------------------

    def judge_all(self, cases: Iterable[Case]) -> dict[Case, Judged]:
        """What the rule says of each case."""
        unique = list(set(cases))
        if not unique or not self._compared:
            return {case: self._judge_case(case) for case in unique}
        placed = [[p[raw] for raw in column] for p, column in zip(self._places, zip(*unique, strict=True), strict=True)]
        columns = [[kind for kind, _ in column] for column in placed]
        axes = {n: [x for _, x in placed[n]] for n in self._compared}
        groups: dict[tuple[Any, ...], list[int]] = {}
        for number, kind in enumerate(zip(*[columns[n] for n in self._compared], strict=True)):
            groups.setdefault(kind, []).append(number)
        kinds = list(zip(*columns, strict=True))
        found: dict[Case, Judged] = {}
        for kind, members in groups.items():
            for truths, alike in self._spans(kind, members, cast("dict[int, list[float]]", axes)):
                for number in alike:
                    case = unique[number]
                    found[case] = self._judge_alike(kinds[number], truths, case)
        return found

    def _place(self, name: str, raw: Any) -> tuple[Any, float | None]:
        value = None if raw is None else self.cell(name, raw).value
        if isinstance(value, Interval) and value.known and self._type.fields[name].kind == "date":
            return _SPAN, value.lo
        return raw, None

    def _spans(
        self, kind: tuple[Any, ...], members: list[int], axes: Mapping[int, list[float]]
    ) -> Iterator[tuple[_Truths, list[int]]]:
        """How the comparisons come out, with the numbers of the cases for which they come out so."""
        alike = self._alike(kind, axes)
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

    def _truths(self, alike: _Alike, ends: Sequence[tuple[float, float]]) -> _Truths:
        for name, (low, high) in zip(alike.spans, ends, strict=True):
            alike.cells[name] = Cell(Interval(low, high))
        # The environment is made once for all spans; what was worked out for the one before is forgotten.
        alike.env.worths.clear()
        values: dict[int, Interval] = {}
        return tuple(
            [
                compare(op, _value(left, alike.env, values), _value(right, alike.env, values))
                for op, left, right in self._comparisons or ()
            ]
        )

    def _alike(self, kind: tuple[Any, ...], axes: Mapping[int, list[float]]) -> _Alike:
        parts = list(zip(self._compared, kind, strict=True))
        cells = {
            self.fields[n]: self.cell(self.fields[n], raw) for n, raw in parts if raw is not None and raw is not _SPAN
        }
        spans = [n for n, raw in parts if raw is _SPAN]
        env = self._env.of(Record(self.rule.record, "", cells))
        return _Alike([self.fields[n] for n in spans], [axes[n] for n in spans], cells, env)

    def _judge_alike(self, kind: tuple[Any, ...], truths: _Truths, case: Case) -> Judged:
        known = self._known.get((kind, truths))
        if known is None:
            known = self._known[kind, truths] = self._judge_case(case)
        return known

    def _judge_case(self, case: Case) -> Judged:
        verdict = self.verdict(case)
        return Judged(verdict.outcome, verdict.value)


@dataclass(frozen=True)
class _Alike:
    """Cases that differ in some dates only: the fields with these, their days by number of case, and an environment
    that sees the cells, whatever is put into them.
    """

    spans: list[str]
    axes: list[list[float]]
    cells: dict[str, Cell]
    env: Env


class _Span:
    """Stands for a date in what cases have in common."""


_SPAN = _Span()


class _Places(dict[Any, tuple[Any, float | None]]):
    """Where each value of one field lies, worked out once."""

    def __init__(self, place: Callable[[str, Any], tuple[Any, float | None]], name: str) -> None:
        super().__init__()
        self._place, self._name = place, name

    def __missing__(self, raw: Any) -> tuple[Any, float | None]:
        found = self[raw] = self._place(self._name, raw)
        return found


def _value(node: ast.Node, env: Env, values: dict[int, Interval]) -> Interval:
    # A derived value is compared with several limits; its expression is one object then.
    of = node.of if isinstance(node, ast.Derived) else node
    found = values.get(id(of))
    if found is None:
        found = values[id(of)] = cast(Interval, evaluate(node, env))
    return found


def _ends(values: list[float]) -> tuple[float, float]:
    return min(values), max(values)


def _split(span: list[int], axes: list[list[float]], ends: Sequence[tuple[float, float]]) -> list[list[int]]:
    """The two halves of a span along its widest side; every case lies in one of them, and neither is empty."""
    widest = max(range(len(ends)), key=lambda n: ends[n][1] - ends[n][0])
    axis, middle = axes[widest], (ends[widest][0] + ends[widest][1]) / 2
    return [[n for n in span if axis[n] <= middle], [n for n in span if axis[n] > middle]]


def _fields(nodes: Iterable[ast.Node], record_type: RecordType) -> tuple[str, ...]:
    """The fields of a record type that expressions read."""
    return tuple(dict.fromkeys(p for node in nodes for p in ast.field_paths(node) if p in record_type.fields))


def _collect(node: ast.Node, found: dict[ast.Compare, None]) -> bool:
    """Gather the comparisons of numbers under a node; False where a number or date counts in another way."""
    if isinstance(node, ast.Compare) and node.left.type.enum is None:
        found[node] = None
        return True
    if isinstance(node, ast.Filled | ast.Const):
        return True
    if isinstance(node, ast.Aggregate) or node.type.kind in ("quantity", "date", "period"):
        return False
    return all(_collect(child, found) for child in ast.children(node))
