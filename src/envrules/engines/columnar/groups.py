"""The groups of a rule with all their records at once: what `engines.reference.groups` makes one by one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
import polars as pl

from envrules import calendars
from envrules.engines.base import Job
from envrules.engines.columnar.aggregate import Elements, aggregate, joined
from envrules.engines.columnar.evaluate import Evaluator
from envrules.engines.columnar.pairs import MOST_PAIRS, Pairs, TooManyPairs, key_column
from envrules.engines.columnar.program import parts_of
from envrules.engines.columnar.subjects import Columns
from envrules.engines.columnar.worth import (
    Bits,
    Ranges,
    Truth,
    Word,
    Worth,
    bits_of,
    distinct_words,
    flags,
    full,
    part,
    ranges_of,
    simplest,
    simplest_words,
    surely,
    surely_not,
)
from envrules.engines.reference.evaluate import Env
from envrules.engines.reference.groups import Keys, could_be, generated_groups, is_generated, open_groups, sort_key
from envrules.interval import Interval
from envrules.lang import ast
from envrules.lang.types import BOOL
from envrules.pack.pack import Coverage, GroupKey, Rule


@dataclass(frozen=True)
class Grouped:
    """The groups of a rule.

    Args:
        keys: of each group; None for a part that no record states.
        exists: whether each surely is one.
        pairs: the groups with their records.
        dates, dated: where each stands in time; days: how many days its period has, where coverage counts.
    """

    keys: list[Keys]
    exists: Truth
    pairs: Pairs
    dates: pl.Series | None
    dated: bool
    days: pl.Series | None


def placed_records(when: Truth, keys: Sequence[Worth], dates: pl.Series | None, length: int, job: Job) -> pl.DataFrame:
    """The records that may belong to groups: `right` (their places), `k0`, `k1` ... (their keys), `sure`.

    Args:
        when: whether each record belongs; keys: the parts of its group's key; dates: where it stands in time.
    """
    frame = pl.DataFrame(
        {
            **{f"k{i}": key_column(k, length) for i, k in enumerate(keys)},
            "sure": full(surely(when), length),
            "out": full(surely_not(when), length),
        },
        height=length,
    ).with_row_index("right")
    if dates is not None:
        frame = frame.filter((dates <= job.as_of.toordinal()).fill_null(True))
    return frame.filter(~pl.col("out")).drop("out")


def make_groups(rule: Rule, frame: pl.DataFrame, job: Job) -> Grouped:
    """The groups of a rule over the records of its type.

    Args:
        frame: where the records stand, as `placed_records` gives it.

    Raises:
        TooManyPairs: where too many records may belong to too many groups.
    """
    of = rule.group or ()
    names = [f"k{i}" for i in range(len(of))]
    whole = frame.filter(pl.all_horizontal([pl.col(n).is_not_null() for n in names])) if names else frame
    partly = frame.filter(pl.any_horizontal([pl.col(n).is_null() for n in names])) if names else frame.head(0)
    stated = (whole.group_by(names).agg(pl.col("sure").any()) if names else whole.head(0)).rows()
    open_keys = [_key(row) for row in (partly.select(names).unique(maintain_order=True).rows() if names else [])]
    groups = _groups(rule, [(_key(row[:-1]), bool(row[-1])) for row in stated], open_keys, job)
    places = {key: i for i, key in enumerate(groups)}
    pairs = _pairs(whole, partly, names, places)
    exists = [groups[k] for k in groups]
    dated, period_dates, days = _in_time(list(groups), of, rule.coverage)
    return Grouped(
        list(groups),
        True if all(e is True for e in exists) else pl.Series(exists, dtype=pl.Boolean),
        pairs,
        period_dates,
        dated,
        days,
    )


def _key(row: Sequence[object]) -> Keys:
    return cast(Keys, tuple(row))


def _groups(
    rule: Rule, stated: Sequence[tuple[Keys, bool]], open_keys: Sequence[Keys], job: Job
) -> dict[Keys, bool | None]:
    """The groups in their order, with whether each surely exists."""
    if is_generated(rule):
        return dict.fromkeys(generated_groups(rule, [*(key for key, _ in stated), *open_keys], job), True)
    share = job.share
    found: dict[Keys, bool | None] = {
        key: True if sure else None for key, sure in stated if share is None or share.owns(rule, key)
    }
    found.update(dict.fromkeys(open_groups(rule, found, open_keys, job)))
    return {key: found[key] for key in sorted(found, key=sort_key)}


def _pairs(whole: pl.DataFrame, partly: pl.DataFrame, names: Sequence[str], places: dict[Keys, int]) -> Pairs:
    """Every group with the records that belong to it, or may."""
    if not names:
        left = pl.Series([0], dtype=pl.UInt32).new_from_index(0, len(whole))
        return Pairs(left, whole["right"], whole["sure"], 1)
    complete = {key: i for key, i in places.items() if None not in key}
    table = pl.DataFrame(
        {
            **{n: pl.Series([key[i] for key in complete], dtype=whole.schema[n]) for i, n in enumerate(names)},
            "left": pl.Series(list(complete.values()), dtype=pl.UInt32),
        }
    )
    found = [whole.join(table, on=list(names), how="inner").select("left", "right", certain="sure")]
    if len(partly):
        found.append(_may_belong(partly, names, places))
    every = pl.concat(found).sort("left", "right")
    return Pairs(every["left"], every["right"], every["certain"], len(places))


def _may_belong(partly: pl.DataFrame, names: Sequence[str], places: dict[Keys, int]) -> pl.DataFrame:
    """The groups that a record with a part of its key open may belong to."""
    found = []
    pairs = 0
    for part_ in partly.partition_by(names, maintain_order=True):
        key = _key(part_.select(names).row(0))
        fitting = pl.DataFrame({"left": pl.Series([i for k, i in places.items() if could_be(key, k)], dtype=pl.UInt32)})
        pairs += len(fitting) * len(part_)
        if pairs > MOST_PAIRS:
            raise TooManyPairs
        found.append(part_.join(fitting, how="cross").select("left", "right", certain=pl.lit(False)))
    return pl.concat(found)


def _in_time(
    groups: Sequence[Keys], keys: tuple[GroupKey, ...], coverage: Coverage | None
) -> tuple[bool, pl.Series | None, pl.Series | None]:
    """A group stands at the end of its period."""
    at = next((i for i, key in enumerate(keys) if key.period is not None), None)
    if at is None:
        return False, None, None
    kind = keys[at].period
    assert kind is not None
    ends: dict[float, tuple[float, float]] = {}
    for part_ in {key[at] for key in groups}:
        if isinstance(part_, float):
            last = float(calendars.last_day(kind, int(part_)).toordinal())
            ends[part_] = (last, float(calendars.days_in(kind, int(part_))) if coverage is not None else 0.0)
    found = [ends.get(cast(float, key[at])) for key in groups]
    dates = pl.Series([None if f is None else f[0] for f in found], dtype=pl.Float64)
    days = pl.Series([None if f is None else f[1] for f in found], dtype=pl.Float64) if coverage is not None else None
    return True, dates, days


def subjects_of(grouped: Grouped, keys: tuple[GroupKey, ...], records: Columns) -> Columns:
    """The groups as subjects, with their keys as values."""
    found = Columns(len(grouped.keys), records.fields, records.declared, scope="\0")
    for i, key in enumerate(keys):
        parts = [k[i] for k in grouped.keys]
        node = ast.Key(type=key.node.type, name=key.name)
        words = key.node.type.kind not in ("quantity", "date", "period", "bool")
        values = [float(p) if isinstance(p, bool) else p for p in parts]
        found.worths[node] = pl.Series(values, dtype=pl.String if words else pl.Float64)
    return found


def aggregate_over(
    node: ast.Aggregate, rule: Rule, grouped: Grouped, groups: Columns, records: Columns, env: Env
) -> Worth:
    """An aggregate over the groups' own records, for each group."""
    return aggregate(node.function, _elements(node, rule, grouped, groups, records, env))


@dataclass
class Members:
    """The records of groups, a row for each pair, as what an aggregate's argument reads."""

    groups: Columns
    records: Columns
    pairs: Pairs

    def __len__(self) -> int:
        return len(self.pairs.left)

    def field(self, node: ast.FieldValue) -> Worth:
        """The values of a field of the record, or of what the group looks up."""
        if node.scope:
            return part(self.groups.field(node), self.pairs.left)
        return part(self.records.field(node), self.pairs.right)

    def places(self, node: ast.FieldValue) -> Mapping[str, pl.Series]:
        """Nothing: where words stand is not known of pairs."""
        return {}

    def filled(self, node: ast.FieldValue) -> Truth:
        """Whether anything stands in a field."""
        own = self.records.filled(node) if not node.scope else self.groups.filled(node)
        return cast(Truth, part(own, self.pairs.left if node.scope else self.pairs.right))

    def ready(self, node: ast.Node) -> Worth:
        """A key of the group."""
        return part(self.groups.ready(node), self.pairs.left)


def _elements(
    node: ast.Aggregate, rule: Rule, grouped: Grouped, groups: Columns, records: Columns, env: Env
) -> Elements:
    pairs = grouped.pairs
    members = Members(groups, records, pairs)
    worth: Worth = True if node.argument is None else Evaluator(members, env).worth(node.argument)
    type_ = BOOL if node.argument is None else node.argument.type
    found = Elements(pairs.left, flags(pairs.certain, len(pairs.certain)), worth, type_, pairs.subjects)
    if rule.coverage is None or grouped.days is None:
        return found
    return _by_day(node, rule.coverage, grouped.days, found, pairs, records)


def _by_day(
    node: ast.Aggregate, coverage: Coverage, days: pl.Series, found: Elements, pairs: Pairs, records: Columns
) -> Elements:
    """The days of the groups' periods as elements, as far as each group has a period."""
    given = _given(node, records).gather(pairs.right)
    spans = days.is_not_null().gather(pairs.left)
    day = records.fields(coverage.of).values.gather(pairs.right)
    certain = pl.Series(found.certain)
    dated = spans & given & certain & day.is_not_null()
    loose = spans & given & ~(certain & day.is_not_null())
    plain = ~spans
    # The records of one day count once.
    by_day = pl.DataFrame({"left": pairs.left.filter(dated), "day": day.filter(dated)})
    slots = by_day.unique().sort("left", "day").with_row_index("slot")
    slot = by_day.join(slots, on=["left", "day"], how="left", maintain_order="left")["slot"]
    order = slot.arg_sort()
    chosen = dated.arg_true().gather(order)
    of_days = Elements(
        slot.gather(order), np.ones(len(chosen), dtype=np.bool_), part(found.worth, chosen), found.type, len(slots)
    )
    rest = (loose | plain).arg_true()
    have = np.bincount(slots["left"].to_numpy(), minlength=found.subjects)
    least = coverage.least
    spanned = days.is_not_null().to_numpy()
    short = np.flatnonzero(spanned & (have < least))
    needed = least - have[short]
    further = np.maximum(0, days.fill_null(0).to_numpy()[short].astype(np.int64) - least)
    extra = np.concatenate([np.repeat(short, needed), np.repeat(short, further)])
    extra_sure = np.concatenate(
        [np.ones(int(needed.sum()), dtype=np.bool_), np.zeros(int(further.sum()), dtype=np.bool_)]
    )
    anything = _anything(node)
    subject = pl.concat([slots["left"], pairs.left.gather(rest), pl.Series(extra, dtype=pl.UInt32)])
    rest_sure = plain.gather(rest).to_numpy() & found.certain[rest.to_numpy()]
    sure = np.concatenate([np.ones(len(slots), dtype=np.bool_), rest_sure, extra_sure])
    worth = _below_one_another(
        [(joined(of_days), len(slots)), (part(found.worth, rest), len(rest)), (anything, len(extra))], found
    )
    by_subject = subject.arg_sort()
    return Elements(
        subject.gather(by_subject), sure[by_subject.to_numpy()], part(worth, by_subject), found.type, found.subjects
    )


def _given(node: ast.Aggregate, records: Columns) -> pl.Series:
    """Whether a record has something usable in every field that the argument reads."""
    found = pl.Series([True], dtype=pl.Boolean).new_from_index(0, len(records))
    if node.argument is None:
        return found
    for read in parts_of([node.argument]):
        if isinstance(read, ast.FieldValue) and not read.scope and records.declared[read.name].assume is None:
            found = found & records.fields(read.name).present
    return found


def _anything(node: ast.Aggregate) -> Interval | None:
    return node.argument.bounds if isinstance(node.argument, ast.Bounded) else None


def _below_one_another(parts: Sequence[tuple[Worth | Interval, int]], like: Elements) -> Worth:
    """Several worths of one type as one."""
    kind = like.type.kind
    if kind == "bool":
        return pl.concat([full(cast(Truth, worth), n) for worth, n in parts])
    if kind in ("quantity", "date", "period"):
        all_ = [ranges_of(cast("Ranges", worth), n) for worth, n in parts]
        ends = (np.concatenate([getattr(x, name) for x in all_]) for name in ("low", "high", "low_open", "high_open"))
        return simplest(Ranges(*ends))
    words = tuple(sorted({w for worth, _ in parts for w in distinct_words(cast(Word, worth))}))
    bits = [bits_of(cast(Word, worth), words, n).bits for worth, n in parts]
    return simplest_words(Bits(np.concatenate(bits), words))
