"""What the findings of a rule show, all together: the numbers as columns, all else from one finding of each kind.

Findings are of one kind where every condition of the rule has the same truth and every field the same state. What such
findings show differs only in numbers, so the interpreter judges one of each kind, and the numbers are worked out in
columns. A finding that has ranges or open aggregates in it is a kind of its own. Each run thus holds the two engines
against each other.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import polars as pl

from envrules.engines.columnar.evaluate import Evaluator
from envrules.engines.columnar.placing import place
from envrules.engines.columnar.session import Judged
from envrules.engines.columnar.subjects import Columns
from envrules.engines.columnar.worth import Bits, Number, Ranges, Worth, full, points_of, simplest_words, single
from envrules.engines.reference.evaluate import Env
from envrules.engines.reference.evidence import NEGATED, Evidence, comparisons, evidence
from envrules.engines.reference.message import message
from envrules.interval import TOLERANCE, round_number
from envrules.lang import ast
from envrules.pack.pack import Pack, Rule
from envrules.records.columns.field import NUMERIC, where
from envrules.verdict import OUTCOMES, Verdict, is_number

_SMALL, _LARGE = 1e-9, 1e12  # between which polars rounds to 12 digits as Python does

#: The interpreter's verdicts on subjects by their places, each with its environment.
Interpret = Callable[[Sequence[int]], Iterator[tuple[Verdict, Env]]]


@dataclass
class Shown:
    """The findings of one rule: observed values, limits and margins that are numbers, and all else by kind.

    Args:
        kinds: of each finding the place of the verdict that says all else of it.
        sentences: of each kind, where they were asked for.
    """

    observed: pl.Series
    limit: pl.Series
    margin: pl.Series
    kinds: pl.Series
    verdicts: list[Verdict]
    sentences: list[str] | None = None


def show(judged: Judged, env: Env, interpret: Interpret, sentences: bool = False) -> Shown:
    """What the listed subjects of a rule show.

    Args:
        sentences: also say the sentence of each kind, with `message.HOLES` where the numbers of a finding stand.

    Raises:
        AssertionError: where the two engines differ; one of them is wrong then, and neither may be believed.
    """
    subjects = judged.subjects.part(judged.rows)
    evaluator = Evaluator(subjects, env)
    kinds, first = _kinds(judged, subjects, evaluator, env.pack)
    sizes = np.bincount(kinds, minlength=len(first))
    numbers = _Numbers(judged.one.require, evaluator, kinds)
    verdicts: list[Verdict] = []
    said: list[str] = []
    told_apart: list[Any] = []
    while len(verdicts) < len(sizes):
        waiting, told_apart = told_apart, []
        firsts = [int(members[0]) for members in waiting] if waiting else first.tolist()
        for row, (verdict, own) in zip(firsts, interpret(judged.rows[firsts].to_list()), strict=True):
            agree(verdict, judged.codes[row])
            kind = len(verdicts)
            verdicts.append(verdict)
            other = numbers.take(kind, verdict, own, alone=bool(sizes[kind] == 1))
            if other is not None:
                told_apart.append(other)
            if sentences:
                said.append(_sentence(judged.one.rule, verdict, own) if sizes[kind] > 1 else verdict.message)
        for kind, members in enumerate(told_apart, len(verdicts)):
            numbers.tell_apart(kind, members)
        sizes = np.concatenate([sizes, np.array([len(members) for members in told_apart], dtype=sizes.dtype)])
    observed, limit, margin = (_series(n) for n in numbers.all())
    return Shown(observed, limit, margin, pl.Series(kinds), verdicts, said if sentences else None)


def _sentence(rule: Rule, verdict: Verdict, own: Env) -> str:
    """What findings of one kind say, with holes for their numbers."""
    if verdict.outcome not in ("violation", "not_due"):
        return verdict.message
    found = evidence(rule.require, own)
    return message(rule, found, verdict.outcome, verdict.missing, own.pack, own.language, holes=True)


def _series(values: Any) -> pl.Series:
    nothing = np.isnan(values)
    if not nothing.any():
        return pl.Series(values)
    return where(pl.Series(~nothing), pl.Series(values))


def agree(verdict: Verdict, code: int) -> None:
    """Refuse a verdict of the interpreter that is not the outcome found over columns."""
    if verdict.outcome != OUTCOMES[code]:
        where = verdict.record_id or verdict.subject
        raise AssertionError(f"{verdict.rule} on {where}: columnar {OUTCOMES[code]}, interpreter {verdict.outcome}")


# --- kinds of findings ------------------------------------------------------------------------------------------------


def _kinds(judged: Judged, subjects: Columns, evaluator: Evaluator, pack: Pack) -> tuple[Any, Any]:
    """For each finding which kind it is of, and of each kind the first finding."""
    size = len(judged.rows)
    key = judged.codes.to_numpy().astype(np.uint32)
    base = len(OUTCOMES)
    alone: Any = None
    for mark, lonely in _marks(judged, subjects, evaluator, pack):
        if lonely is not None:
            alone = lonely if alone is None else alone | lonely
        if mark is None:
            continue
        number, count = _numbered(mark)
        if count > 1:
            if base * count > _WIDEST:
                key, base = _narrowed(key)
            if base * count > _WIDEST:
                key = key.astype(np.int64)
            key = key * key.dtype.type(count)
            key += number
            base *= count
    if alone is not None and alone.any():
        key, base = _narrowed(key)
        key = key.astype(np.int64)
        key[alone] = base + np.arange(int(alone.sum()))
    kinds, count = _narrowed(key)
    first = np.empty(count, dtype=np.int64)
    first[kinds[::-1]] = np.arange(size)[::-1]
    order = np.argsort(first)
    place = np.empty(count, dtype=np.uint32)
    place[order] = np.arange(count)
    return place[kinds], first[order]


_WIDEST = 1 << 22


def _narrowed(key: Any) -> tuple[Any, int]:
    """Keys as the smallest numbers that tell them apart, and how many there are."""
    most = int(key.max()) + 1 if len(key) else 0
    if most > max(len(key), 1 << 16) * 4:
        different, narrow = np.unique(key, return_inverse=True)
        return narrow.astype(np.uint32), len(different)
    there = np.bincount(key, minlength=most) > 0
    return (np.cumsum(there) - 1).astype(np.uint32)[key], int(there.sum())


def _numbered(mark: pl.Series) -> tuple[Any, int]:
    """The different values of a mark as numbers from 0 on, and how many numbers there are: 1 where all are the same."""
    if mark.dtype == pl.Boolean:
        nothing = mark.null_count()
        if nothing == len(mark) or (not nothing and (mark.all() or not mark.any())):
            return 0, 1
        if not nothing:
            return _ONE.zip_with(mark, _ZERO).to_numpy(), 2
        return _ZERO.zip_with(~mark, _ONE.zip_with(mark, _TWO)).to_numpy(), 3
    ranks = mark.rank("dense").fill_null(0).to_numpy()
    return ranks, int(ranks.max()) + 1 if len(ranks) else 1


_ZERO, _ONE, _TWO = (pl.Series([n], dtype=pl.UInt8) for n in range(3))


def _marks(
    judged: Judged, subjects: Columns, evaluator: Evaluator, pack: Pack
) -> Iterator[tuple[pl.Series | None, Any | None]]:
    """What tells kinds of findings apart: a column each, and which findings are a kind of their own."""
    one, size = judged.one, len(judged.rows)
    dates = place(subjects, one.rule.record, pack).dates if judged.placed is None else judged.placed.dates
    if dates is not None and dates.null_count():
        yield (dates if judged.placed is None else dates[judged.rows]).is_null(), None
    if isinstance(judged.exists, pl.Series):
        yield judged.exists[judged.rows], None
    shown = {id(p) for p in _own_parts([one.require, *one.given_out])}
    parts = _own_parts([n for n in one.nodes if judged.groups is None or n is not one.when])
    divisors = {id(p.right) for p in parts if isinstance(p, ast.Arithmetic) and p.op == "/"}
    for node in parts:
        if isinstance(node, ast.FieldValue) and node.scope == subjects.scope:
            yield from _field_marks(node, subjects, id(node) in shown)
        elif isinstance(node, ast.FieldValue | ast.Aggregate):
            yield from _linked_marks(evaluator.worth(node), size)
        elif isinstance(node, ast.Key):
            yield _value_mark(evaluator.worth(node), size), None
        elif node.type.kind == "bool":
            if not isinstance(node, ast.And | ast.Or | ast.Not):  # what these are their parts tell
                yield full(evaluator.truth(node), size), None
            if isinstance(node, ast.Filled) and id(node) in shown:
                # What stands in the field is shown, whatever it is.
                yield _value_mark(evaluator.worth(node.of), size), None
        elif isinstance(node, ast.Derived | ast.Case):
            yield from _worth_marks(evaluator.worth(node), size)
        if id(node) in divisors:
            yield from _worth_marks(evaluator.worth(node), size)
        if isinstance(node, ast.Compare) and id(node) in shown and node.left.type.enum is None:
            for side in (node.left, node.right):
                yield from _side_marks(side, evaluator.number(side), size)
    for node in one.given_out:
        yield _value_mark(evaluator.worth(node), size), None
    for name in _read_inside([n for n in (one.when, one.require) if n is not None], subjects, parts):
        yield subjects.fields(name).absent, None


def _side_marks(side: ast.Node, x: Number, size: int) -> Iterator[tuple[pl.Series | None, Any | None]]:
    """A side of a comparison that is shown: ranges are shown as texts, and so are days and periods."""
    if isinstance(x, Ranges):
        yield pl.Series(x.unknown), ~x.known & ~x.unknown
    if side.type.kind in ("date", "period"):
        yield points_of(x, size), None


def _own_parts(nodes: Sequence[ast.Node]) -> list[ast.Node]:
    """Every different part of some expressions that has a value for a subject: not those inside of aggregates."""
    seen: dict[int, ast.Node] = {}
    stack = list(nodes)
    while stack:
        node = stack.pop()
        if id(node) not in seen:
            seen[id(node)] = node
            if not isinstance(node, ast.Aggregate):
                stack.extend(node.parts)
    return list(seen.values())


def _read_inside(nodes: Sequence[ast.Node], subjects: Columns, outside: Sequence[ast.Node]) -> list[str]:
    """The subjects' own fields that only aggregates read, as far as a note says that their value was assumed."""
    fields = {n.name for node in nodes for n in node.reads if n.scope == subjects.scope}
    fields -= {n.name for n in outside if isinstance(n, ast.FieldValue) and n.scope == subjects.scope}
    return sorted(name for name in fields if subjects.declared[name].assume is not None)


def _field_marks(node: ast.FieldValue, subjects: Columns, shown: bool) -> Iterator[tuple[pl.Series | None, Any | None]]:
    declared = subjects.declared[node.name]
    column = subjects.fields(node.name)
    # What cannot be used is as unknown as what is missing, but where a value is assumed or a word is what is missing.
    if column.unusable is not None and (declared.assume is not None or declared.unit_of):
        yield column.unusable, None
    # A field that is true or false is a condition of its own; other words count by what is compared with them.
    if declared.kind == "bool" or (declared.kind not in NUMERIC and shown):
        yield column.values, None
        return
    if column.values.null_count():
        yield column.values.is_null(), None
    if column.ends is not None:
        yield column.ends.low.is_not_null(), None


def _linked_marks(worth: Worth, size: int) -> Iterator[tuple[pl.Series | None, Any | None]]:
    """What is read of other records: where it is open, why hangs on those, and each such finding is of its own kind."""
    if worth is None:
        yield None, np.ones(size, dtype=np.bool_)
    elif isinstance(worth, Ranges):
        yield None, ~worth.known
    elif isinstance(worth, Bits):
        yield None, ~single(worth.bits)
    elif isinstance(worth, pl.Series):
        yield worth if worth.dtype != pl.Float64 else None, worth.is_null().to_numpy()


def _worth_marks(worth: Worth, size: int) -> Iterator[tuple[pl.Series | None, Any | None]]:
    """Whether a value is known, and whether it is a zero that nothing can be divided by."""
    if isinstance(worth, Ranges):
        yield pl.Series(worth.known), None
        worth = points_of(worth, size)
    if isinstance(worth, Bits):
        yield pl.Series(single(worth.bits)), None
    elif isinstance(worth, pl.Series):
        yield worth.is_null(), None
        yield (worth == 0) if worth.dtype == pl.Float64 else worth, None


def _value_mark(worth: Worth, size: int) -> pl.Series:
    if isinstance(worth, Ranges):
        return pl.Series(worth.low)
    if isinstance(worth, Bits):
        words = simplest_words(worth)
        return pl.Series(words.bits) if isinstance(words, Bits) else cast(pl.Series, words)
    return worth if isinstance(worth, pl.Series) else pl.Series([worth]).new_from_index(0, size)


# --- numbers ----------------------------------------------------------------------------------------------------------


class _Numbers:
    """Observed values, limits and margins of the findings of a rule.

    Args:
        kinds: of each finding its kind; those that are told apart later get another.
    """

    def __init__(self, require: ast.Node, evaluator: Evaluator, kinds: Any) -> None:
        self.require, self.evaluator, self.kinds = require, evaluator, kinds
        self._points: dict[int, Any] = {}
        self._told: list[Verdict] = []
        #: Kinds that show one and the same comparison with a limit that all share.
        self._alike: dict[tuple[int, bool], tuple[ast.Compare, list[int]]] = {}
        #: Findings of other kinds with their numbers.
        self._apart: list[tuple[Any, Sequence[Any]]] = []
        self._members: dict[int, Any] = {}
        self._sorted: tuple[Any, Any] | None = None

    def take(self, kind: int, verdict: Verdict, own: Env, alone: bool) -> Any | None:
        """Take the numbers of a kind from its verdict, or from the columns of what is compared.

        Returns:
            Its findings that show another comparison than the first of them does, so that its unit or words are not
            theirs; None where none does.
        """
        self._told.append(verdict)
        if alone or verdict.outcome in ("not_applicable", "not_in_force"):
            return None
        found = comparisons(self.require, own)
        if len(found) == 1:
            atom, negated, _ = found[0]
            if not _is_measured(atom):
                return None
            assert isinstance(atom, ast.Compare)
            # Margins are rounded by the limits they are held against, so kinds whose limits vary stay apart.
            if isinstance(self._side(atom.right), float):
                self._alike.setdefault((id(atom), negated), (atom, []))[1].append(kind)
                return None
        return self._fill(self._of_kind(kind), found)

    def tell_apart(self, kind: int, members: Any) -> None:
        """Give findings a kind of their own."""
        self.kinds[members] = kind
        self._members[kind] = members

    def _of_kind(self, kind: int) -> Any:
        """The findings of a kind: of the first kinds before any is told apart, since those are taken first."""
        if kind in self._members:
            return self._members[kind]
        if self._sorted is None:
            self._sorted = _by_kind(self.kinds)
        order, ends = self._sorted
        return order[ends[kind - 1] if kind else 0 : ends[kind]]

    def all(self) -> list[Any]:
        """The three numbers of each finding."""
        count = len(self.kinds)
        told = [
            np.array(
                [getattr(v, name) if is_number(getattr(v, name)) else np.nan for v in self._told], dtype=np.float64
            )
            for name in ("observed", "limit", "margin")
        ]
        sizes = np.bincount(self.kinds, minlength=len(self._told))
        alone = np.flatnonzero(sizes == 1)
        alike = list(self._alike.items())
        if len(alike) == 1 and len(alike[0][1][1]) + len(alone) == len(sizes):
            (_, negated), (atom, _) = alike[0]
            found = [np.array(np.broadcast_to(n, count)) for n in self._compared(atom, negated, slice(None), count)[1:]]
            if len(alone):
                first = np.flatnonzero(np.isin(self.kinds, alone))
                for column, values in zip(found, told, strict=True):
                    column[first] = values[self.kinds[first]]
            return found
        found = [n[self.kinds] for n in told]
        if alike:
            order, ends = _by_kind(self.kinds)
            for (_, negated), (atom, kinds) in alike:
                members = np.concatenate([order[ends[k] - sizes[k] : ends[k]] for k in kinds])
                self._apart.append((members, self._compared(atom, negated, members, len(members))[1:]))
        for members, numbers in self._apart:
            for column, values in zip(found, numbers, strict=True):
                column[members] = values
        return found

    def _fill(self, members: Any, found: Sequence[tuple[ast.Node, bool, Evidence]]) -> Any | None:
        """Take the numbers of findings of one kind by the comparison furthest on the wrong side of each."""
        plain = next((i for i, (_, _, shown) in enumerate(found) if shown.limit is not None), 0)
        chosen = np.full(len(members), plain)
        best: list[Any] | None = None
        for i, (atom, negated, _) in enumerate(found):
            if not _is_measured(atom):
                continue
            assert isinstance(atom, ast.Compare)
            fresh = self._compared(atom, negated, members, len(members))
            if best is None:
                best = [np.full(len(members), np.nan) for _ in fresh]
            # Where no comparison has a margin, the first that has a limit is shown.
            closer = ~np.isnan(fresh[0]) & ~(fresh[0] >= best[0])
            if i == plain:
                closer |= np.isnan(best[0])
            chosen[closer] = i
            best = [np.where(closer, new, old) for new, old in zip(fresh, best, strict=True)]
        if best is None:
            return None
        forms = np.array([_form(i, atom, shown) for i, (atom, _, shown) in enumerate(found)])[chosen]
        other = forms != forms[0]
        if not other.any():
            self._apart.append((members, best[1:]))
            return None
        self._apart.append((members[~other], [n[~other] for n in best[1:]]))
        return members[other]

    def _compared(self, atom: ast.Compare, negated: bool, members: Any, count: int) -> tuple[Any, Any, Any, Any]:
        """A comparison for some findings: margins as a part of their limits, observed values, limits, margins.

        A limit that all share is a number.
        """
        x, limit = self._of(atom.left, members), self._of(atom.right, members)
        x = np.full(count, x) if isinstance(x, float) else x
        op = NEGATED[atom.op] if negated else atom.op
        factor, shift = (1.0, 0.0) if atom.left.type.kind == "date" else atom.display
        margin: Any
        shown_x: Any
        shown_limit: Any
        with np.errstate(over="ignore", invalid="ignore"):
            margin, shown_x, shown_limit = _margins(op, x, limit), x, limit
            if (factor, shift) != (1.0, 0.0):
                margin, shown_x, shown_limit = margin * factor, x * factor + shift, limit * factor + shift
        margin, shown_x, shown_limit = _finite(margin), _finite(shown_x), _finite(shown_limit)
        margin = _rounded(margin)
        size = _sizes(shown_limit)
        if atom.left.type.kind == "date":
            # Days are shown as dates, which the kind has to say; only the margin is a number.
            shown_x, shown_limit, size = np.full_like(x, np.nan), math.nan, 1.0
        with np.errstate(over="ignore"):
            relative = margin / size
        return relative, _rounded(shown_x), _rounded_alike(shown_limit), margin

    def _of(self, side: ast.Node, members: Any) -> Any:
        """One side of a comparison for some findings: a number that all share, or an array."""
        values = self._side(side)
        return values if isinstance(values, float) else values[members]

    def _side(self, side: ast.Node) -> Any:
        """One side of a comparison for all findings."""
        if id(side) not in self._points:
            x = self.evaluator.number(side)
            same = isinstance(x, float | int)
            self._points[id(side)] = float(x) if same else points_of(x, self.evaluator.length).to_numpy()  # type: ignore[arg-type]
        return self._points[id(side)]


def _by_kind(kinds: Any) -> tuple[Any, Any]:
    """The findings kind after kind, and where those of each end."""
    sizes = np.bincount(kinds)
    # Small numbers are sorted several times faster.
    small = kinds.astype(np.uint16) if len(sizes) <= 1 << 16 else kinds
    return np.argsort(small, kind="stable"), np.cumsum(sizes)


def _is_measured(atom: ast.Node) -> bool:
    """Whether it is a comparison of numbers or dates, which has a margin."""
    return isinstance(atom, ast.Compare) and atom.left.type.kind in ("quantity", "date")


def _form(place: int, atom: ast.Node, shown: Evidence) -> str:
    """What tells comparisons apart that show more than numbers: of quantities unit and relation, else their place."""
    if isinstance(atom, ast.Compare) and atom.left.type.kind == "quantity":
        return f"{shown.relation} {shown.unit}"
    return str(place)


def _finite(x: Any) -> Any:
    """Without what overflowed, which says nothing."""
    if isinstance(x, float):
        return x if math.isfinite(x) else math.nan
    beyond = np.isinf(x)
    return np.where(beyond, np.nan, x) if beyond.any() else x


def _rounded_alike(limit: Any) -> Any:
    """A limit that all share as one number, rounded as the interpreter shows it."""
    if isinstance(limit, float):
        return float(round_number(limit)) if math.isfinite(limit) else limit
    return _rounded_alike(float(limit[0])) if len(limit) and (limit == limit[0]).all() else _rounded(limit)


def _rounded(values: Any) -> Any:
    """Numbers as the interpreter shows them: what is beyond 12 digits is noise of binary floats."""
    found = pl.Series(values).round_sig_figs(12).to_numpy()
    sizes = np.abs(values)
    # Of very large and small numbers polars leaves noise in the last digit.
    odd = ~((sizes > _SMALL) & (sizes < _LARGE)) & (sizes > 0)
    if odd.any():
        found = found.copy()
        found[odd] = [float(round_number(v)) for v in values[odd].tolist()]
    return found


def _sizes(limit: Any) -> Any:
    """What margins are parts of: the limit, or 1 where that is 0 or not known."""
    if isinstance(limit, float):
        return abs(limit) if limit != 0 and math.isfinite(limit) else 1.0
    return np.where((limit != 0) & np.isfinite(limit), np.abs(limit), 1.0)


def _margins(op: str, x: Any, limit: Any) -> Any:
    """How far x lies on the right side of the limit; 0 for what counts as equal."""
    with np.errstate(invalid="ignore", over="ignore"):
        if op in ("<", "<="):
            distance = limit - x
        elif op in (">", ">="):
            distance = x - limit
        else:
            distance = np.abs(x - limit) * (-1 if op == "==" else 1)
        return np.where(np.abs(distance) < TOLERANCE * np.abs(limit), 0.0, distance)
