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
from itertools import pairwise
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
from envrules.verdict import OUTCOMES, Verdict

_DIGITS = 14  # of a margin, counted from the first digit of its limit: what is beyond comes from binary floats alone

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
    numbers = [np.full(len(judged.rows), np.nan) for _ in range(3)]
    points: dict[int, Any] = {}
    verdicts: list[Verdict] = []
    said: list[str] = []
    order = np.argsort(kinds, kind="stable")
    starts = np.concatenate([[0], np.cumsum(np.bincount(kinds, minlength=len(first)))])
    waiting = [order[start:stop] for start, stop in pairwise(starts)]
    while waiting:
        firsts = [int(members[0]) for members in waiting]
        apart = []
        for members, (verdict, own) in zip(waiting, interpret(judged.rows[firsts].to_list()), strict=True):
            agree(verdict, judged.codes[int(members[0])])
            kinds[members] = len(verdicts)
            verdicts.append(verdict)
            for column, value in zip(numbers, (verdict.observed, verdict.limit, verdict.margin), strict=True):
                column[members] = value if is_number(value) else np.nan
            if len(members) > 1 and verdict.outcome not in ("not_applicable", "not_in_force"):
                other = _fill(numbers, members, judged.one.require, own, evaluator, points)
                if other is not None:
                    apart.append(members[other])
            if sentences:
                said.append(_sentence(judged.one.rule, verdict, own) if len(members) > 1 else verdict.message)
        waiting = apart
    observed, limit, margin = (_series(n) for n in numbers)
    return Shown(observed, limit, margin, pl.Series(kinds, dtype=pl.UInt32), verdicts, said if sentences else None)


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


def is_number(value: object) -> bool:
    """Whether a shown value is a number."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def text_of(value: Any) -> str | None:
    """A value that is no number as a text."""
    if value is None or is_number(value):
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    return "; ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


# --- kinds of findings ------------------------------------------------------------------------------------------------


def _kinds(judged: Judged, subjects: Columns, evaluator: Evaluator, pack: Pack) -> tuple[Any, Any]:
    """For each finding which kind it is of, and of each kind the first finding."""
    size = len(judged.rows)
    key = judged.codes.to_numpy().astype(np.int64)
    base = len(OUTCOMES)
    alone = np.zeros(size, dtype=np.bool_)
    for mark, lonely in _marks(judged, subjects, evaluator, pack):
        if lonely is not None:
            alone |= lonely
        if mark is None:
            continue
        if base > _WIDEST:
            key, base = _narrowed(key)
        number, count = _numbered(mark)
        key, base = key * count + number, base * count
    if alone.any():
        key, base = _narrowed(key)
        key[alone] = base + np.arange(int(alone.sum()))
    kinds, count = _narrowed(key)
    first = np.empty(count, dtype=np.int64)
    first[kinds[::-1]] = np.arange(size)[::-1]
    order = np.argsort(first)
    place = np.empty(count, dtype=np.int64)
    place[order] = np.arange(count)
    return place[kinds], first[order]


_WIDEST = 1 << 16


def _narrowed(key: Any) -> tuple[Any, int]:
    """Keys as the smallest numbers that tell them apart, and how many there are."""
    most = int(key.max()) + 1 if len(key) else 0
    if most > max(len(key), _WIDEST) * 4:
        different, narrow = np.unique(key, return_inverse=True)
        return narrow, len(different)
    there = np.bincount(key, minlength=most) > 0
    return (np.cumsum(there) - 1)[key], int(there.sum())


def _numbered(mark: pl.Series) -> tuple[Any, int]:
    """The different values of a mark as numbers from 0 on, and how many numbers there are."""
    if mark.dtype == pl.Boolean:
        plain = mark.cast(pl.UInt8)
        return (plain.fill_null(2) if plain.null_count() else plain).to_numpy().astype(np.int64), 3
    ranks = mark.rank("dense").fill_null(0).to_numpy().astype(np.int64)
    return ranks, int(ranks.max()) + 1 if len(ranks) else 1


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
    if column.unusable is not None:
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


def _fill(
    numbers: Sequence[Any], members: Any, require: ast.Node, own: Env, evaluator: Evaluator, points: dict[int, Any]
) -> Any | None:
    """Observed value, limit and margin of the findings of one kind, by the comparison furthest on the wrong side.

    Returns:
        Which of them show another comparison than the first of them does, so that its unit or words are not theirs;
        None where none does.
    """
    found = comparisons(require, own)
    plain = next((i for i, (_, _, shown) in enumerate(found) if shown.limit is not None), 0)
    chosen = np.full(len(members), plain)
    best: list[Any] | None = None
    for i, (atom, negated, _) in enumerate(found):
        if not isinstance(atom, ast.Compare) or atom.left.type.kind not in ("quantity", "date"):
            continue
        fresh = _compared(atom, negated, members, evaluator, points)
        if best is None:
            best = [np.full(len(members), np.nan) for _ in fresh]
        # Where no comparison has a margin, the first that has a limit is shown.
        closer = ~np.isnan(fresh[0]) & ~(fresh[0] >= best[0])
        if i == plain:
            closer |= np.isnan(best[0])
        chosen[closer] = i
        best = (
            list(fresh) if closer.all() else [np.where(closer, new, old) for new, old in zip(fresh, best, strict=True)]
        )
    if best is None:
        return None
    for column, values in zip(numbers, best[1:], strict=True):
        column[members] = values
    forms = np.array([_form(i, atom, shown) for i, (atom, _, shown) in enumerate(found)])[chosen]
    other = forms != forms[0]
    return other if other.any() else None


def _form(place: int, atom: ast.Node, shown: Evidence) -> str:
    """What tells comparisons apart that show more than numbers: of quantities unit and relation, else their place."""
    if isinstance(atom, ast.Compare) and atom.left.type.kind == "quantity":
        return f"{shown.relation} {shown.unit}"
    return str(place)


def _compared(
    atom: ast.Compare, negated: bool, members: Any, evaluator: Evaluator, points: dict[int, Any]
) -> tuple[Any, Any, Any, Any]:
    """A comparison for some findings: margins as a part of their limits, observed values, limits, margins."""
    x, limit = (_points(side, members, evaluator, points) for side in (atom.left, atom.right))
    op = NEGATED[atom.op] if negated else atom.op
    factor, shift = (1.0, 0.0) if atom.left.type.kind == "date" else atom.display
    with np.errstate(over="ignore", invalid="ignore"):
        margin = _margins(op, x, limit) * factor
        shown_x, shown_limit = (np.where(np.isinf(v), np.nan, v) for v in (x * factor + shift, limit * factor + shift))
    margin = _without_noise(np.where(np.isfinite(margin), margin, np.nan), shown_limit)
    size = np.where((shown_limit != 0) & np.isfinite(shown_limit), np.abs(shown_limit), 1.0)
    if atom.left.type.kind == "date":
        # Days are shown as dates, which the kind has to say; only the margin is a number.
        shown_x, shown_limit, size = np.full_like(x, np.nan), np.full_like(x, np.nan), np.ones_like(x)
    with np.errstate(over="ignore"):
        relative = margin / size
    if len(shown_limit) and (shown_limit == shown_limit[0]).all():
        shown_limit = np.full(len(members), round_number(float(shown_limit[0])))
    if (factor, shift) != (1.0, 0.0):
        shown_x = pl.Series(shown_x).round_sig_figs(12).to_numpy()
    return relative, shown_x, shown_limit, margin


def _without_noise(margin: Any, limit: Any) -> Any:
    """0.9 - 0.8 as 0.1: margins rounded where only the binary form of their limit speaks."""
    sizes = np.abs(limit[np.isfinite(limit)])
    most = float(sizes.max()) if len(sizes) else 0.0
    if not 1e-200 < most < 1e200:
        return margin
    decimals = _DIGITS - math.ceil(math.log10(most))
    with np.errstate(over="ignore", invalid="ignore"):
        rounded = np.round(margin, min(max(decimals, 0), 200))
        # A margin so small that this would change it stays as it is.
        return np.where(np.abs(rounded - margin) <= np.abs(margin) * 1e-10, rounded, margin)


def _points(side: ast.Node, members: Any, evaluator: Evaluator, known: dict[int, Any]) -> Any:
    """One side of a comparison for some findings; `known` has what was worked out for all of them."""
    if id(side) not in known:
        x = evaluator.number(side)
        same = isinstance(x, float | int)
        known[id(side)] = float(x) if same else points_of(x, evaluator.length).to_numpy()  # type: ignore[arg-type]
    values = known[id(side)]
    return np.full(len(members), values) if isinstance(values, float) else values[members]


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
