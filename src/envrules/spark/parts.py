"""What runs in workers for rules on several records: what records state of groups, where they go, one part judged."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from envrules.records.dataset import Dataset
from envrules.spark.rounds import Plan, Round
from envrules.spark.rows import row_schema
from envrules.spark.worker import Reading, Work, found_rows, gathered, place_of, spare_threads

if TYPE_CHECKING:
    from envrules.engines.base import KeyPart
    from envrules.records.values import Record

#: What a survey gives: `rows` (how many records), `rest` (how many of them belong to no part), `value` and `open` (keys
#: as JSON).
SURVEY: Final = "`round` int, `what` string, `rule` string, `key` string, `n` bigint"
HELD: Final = "`round` int, `rule` string, `key` string"
#: What goes with each record that is shuffled: its part, whether it is judged there or only looked up, the source it is
#: of, and its row there.
EXTRAS: Final = (("part", "int32"), ("own", "bool"), ("source", "int32"), ("row", "int64"))


def survey(work: Work, reading: Reading, rounds: Sequence[Round], batches: Iterable[Any]) -> Iterator[Any]:
    """What the records of one partition state of the groups of rules, and how many they are."""
    import pyarrow as pa

    from envrules.engines.columnar.placed import Placing

    spare_threads()
    pack = work.loaded()
    first = place_of(0)
    for table in gathered(batches):
        dataset = reading.read(table, pack, range(first, first + table.num_rows))
        placing = Placing(work.job(dataset.records), 1)
        found: list[tuple[int, str, str, str, int]] = []
        for number, one in enumerate(rounds):
            if reading.record_type not in one.types:
                continue
            found.append((number, "rows", "", "", len(dataset.records[reading.record_type])))
            if one.record != reading.record_type or one.why_whole:
                continue
            for rule_id, parted in one.partitionings.items():
                rule = pack.rules[rule_id]
                if not one.groups:
                    found.append((number, "rest", "", "", placing.by_rule(rule, parted).null_count()))
                    break
                stated = placing.survey(rule)
                for i, values in enumerate(stated.values):
                    found += [(number, "value", rule_id, json.dumps([i, v]), 1) for v in values]
                found += [(number, "open", rule_id, json.dumps(k), 1) for k in stated.open_keys]
        first += table.num_rows
        columns = list(zip(*found, strict=True))
        names = ("round", "what", "rule", "key", "n")
        types = (pa.int32(), pa.string(), pa.string(), pa.string(), pa.int64())
        arrays = [pa.array(c, t) for c, t in zip(columns, types, strict=True)]
        yield pa.RecordBatch.from_arrays(arrays, list(names))


def held_keys(
    work: Work,
    reading: Reading,
    asked: Sequence[tuple[int, str, Sequence[tuple[KeyPart, ...]]]],
    batches: Iterable[Any],
) -> Iterator[Any]:
    """Which open keys could be a whole key that records of this partition state.

    Args:
        asked: round, rule and its open keys.
    """
    import pyarrow as pa

    from envrules.engines.columnar.placed import Placing

    spare_threads()
    pack = work.loaded()
    for table in gathered(batches):
        placing = Placing(work.job(reading.read(table, pack, range(table.num_rows)).records), 1)
        found = [
            (number, rule, json.dumps(key))
            for number, rule, keys in asked
            for key, could in zip(keys, placing.could_hold(pack.rules[rule], keys), strict=True)
            if could
        ]
        if found:
            rounds, rules, keys = zip(*found, strict=True)
            yield pa.RecordBatch.from_pydict({"round": pa.array(rounds, pa.int32()), "rule": rules, "key": keys})


def key_of(text: str) -> tuple[KeyPart, ...]:
    """A key as a survey writes it."""
    return tuple(json.loads(text))


def sent(work: Work, reading: Reading, plan: Plan, source: int, batches: Iterable[Any]) -> Iterator[Any]:
    """The rows of one partition, each once for every part where it is needed, with what goes with them.

    Args:
        source: the number of the source among those of the shuffle.
    """
    import pyarrow as pa

    spare_threads()
    pack = work.loaded()
    first = place_of(0)
    for table in gathered(batches):
        dataset = reading.read(table, pack, range(first, first + table.num_rows))
        found = _targets(work, reading.record_type, dataset.records, plan)
        rows = _raw_rows(dataset.records[reading.record_type], found["record"], first)
        own = [
            pa.array(found["part"].to_list(), pa.int32()),
            pa.array(found["own"].to_list(), pa.bool_()),
            pa.array([source] * len(rows), pa.int32()),
            pa.array([first + r for r in rows], pa.int64()),
        ]
        taken = table.take(pa.array(rows, pa.int64()))
        names = [*(n for n, _ in EXTRAS), *(f"s{source}_c{i}" for i in range(table.num_columns))]
        first += table.num_rows
        yield from pa.Table.from_arrays([*own, *taken.columns], names).to_batches()


def _targets(work: Work, record_type: str, records: Mapping[str, Sequence[Record]], plan: Plan) -> Any:
    """Where records go, as a frame of polars: record (its place), part, own."""
    import polars as pl

    from envrules.engines.columnar.placed import Placing

    one, count = plan.round, plan.count
    length = len(records[record_type])
    every = pl.DataFrame({"record": pl.Series(range(length), dtype=pl.UInt32)})
    if one.why_whole:
        return every.with_columns(part=pl.lit(0, pl.Int32), own=pl.lit(True))
    job = work.job(records)
    placing = Placing(job, count)
    anywhere = pl.DataFrame({"part": pl.Series(range(plan.parts), dtype=pl.Int32)})
    frames = []
    if one.record == record_type:
        rule = job.pack.rules[one.rules[0]]
        own = every.with_columns(part=placing.by_rule(rule, one.partitionings[rule.id]).cast(pl.Int32))
        if one.groups:
            member = pl.concat([placing.members(job.pack.rules[r]) for r in one.rules]).unique()
            own = own.filter(pl.col("record").is_in(member.implode()))
            spread = own.filter(pl.col("part").is_null()).drop("part").join(anywhere, how="cross")
            frames += [own.drop_nulls(), spread]
        else:
            frames.append(own.with_columns(pl.col("part").fill_null(count)))
        frames = [f.with_columns(own=pl.lit(True)) for f in frames]
    for fields in sorted(one.roles.get(record_type, ())):
        there = every.with_columns(part=placing.by_fields(record_type, fields).cast(pl.Int32))
        spread = there.filter(pl.col("part").is_null()).drop("part").join(anywhere, how="cross")
        looked_up = [there.drop_nulls(), spread]
        looked_up += [every.with_columns(part=pl.lit(count, pl.Int32))] if plan.rest else []
        frames += [f.with_columns(own=pl.lit(False)) for f in looked_up]
    return pl.concat(frames).group_by("record", "part").agg(pl.col("own").any()).sort("record", "part")


def _raw_rows(records: Sequence[Record], places: Any, first: int) -> list[int]:
    """The rows of a table that some of its records come from."""
    from envrules.records.columns.table import ColumnRecords

    if isinstance(records, ColumnRecords):
        return (places if records.rows is None else records.rows[places]).to_list()  # type: ignore[no-any-return]
    rows = [record.place.row for record in records]
    return [(rows[i] or 0) - first for i in places.to_list()]


def judge_part(work: Work, readings: Sequence[tuple[int, Reading]], plan: Plan, key: Any, table: Any) -> Any:
    """The rows of what is found in one part.

    Args:
        readings: the sources of the shuffle with their numbers.
        key: the part's number, as Spark gives it; `table`: its rows, with one of no source, so that every part is seen.
    """
    import pyarrow as pa

    from envrules.engines.partition import Part

    spare_threads()
    pack = work.loaded()
    one = plan.round
    number = key[0].as_py()
    dataset = Dataset({t: [] for t in one.types})
    judged = 0
    for own in (True, False):
        for source, reading in readings:
            some = _of_source(table, source, own, len(reading.headers))
            if not some.num_rows:
                continue
            rows = some.column("row").to_pylist()
            bare = some.select(some.column_names[len(EXTRAS) :])
            read = reading.read(bare, pack, rows)
            for name, records in read.records.items():
                dataset.add(name, records)
                judged += len(records) if own and name == one.record else 0
    job = replace(work.job(dataset.records), rules=[pack.rules[r] for r in one.rules])
    if not one.why_whole:
        share = Part(number, plan.count, one.partitionings, plan.surveys, plan.open_groups_of)
        job = replace(job, share=share) if one.groups else replace(job, own={one.record: judged})
    return pa.Table.from_batches([*found_rows(job)], row_schema())


def _of_source(table: Any, source: int, own: bool, width: int) -> Any:
    """The rows of one source that are judged, or only looked up, in their order."""
    import pyarrow.compute as pc

    names = [*(n for n, _ in EXTRAS), *(f"s{source}_c{i}" for i in range(width))]
    chosen = (pc.field("source") == source) & (pc.field("own") == own)
    return table.select(names).filter(chosen).sort_by("row")
