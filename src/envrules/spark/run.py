"""A check on a cluster from inputs to result: sources understood, rules parted, rows made by workers, counted there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial, reduce
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from envrules.diagnostics import CallError, Diagnostic
from envrules.records.dataset import Dataset, SourceAccount
from envrules.spark import rows as kinds
from envrules.spark.errors import in_our_words, need_spark
from envrules.spark.result import OnCluster, SparkResult
from envrules.spark.rounds import Round, rounds
from envrules.spark.rows import row_schema, spark_schema
from envrules.spark.session import opened
from envrules.spark.shuffle import judged_together
from envrules.spark.sources import Source, Sources, find_sources, made_types
from envrules.spark.worker import Work, found_rows, ids_apart, judge_apart, packed
from envrules.verdict import FINDINGS, OUTCOMES, Outcome

if TYPE_CHECKING:
    from envrules.pack.pack import Pack, Rule
    from envrules.request import Request


def check_on_spark(
    asked: Request,
    inputs: Sequence[tuple[str | None, Any]],
    *,
    mapping: str | Path | Mapping[str, Any] | None = None,
    out: str | None = None,
    files: bool = False,
) -> SparkResult:
    """The outcomes of rules on records of which some are on a cluster.

    Args:
        inputs: pairs (record type or None, source); what is not on the cluster is read here and sent to every worker.
        files: whether the cluster reads Parquet files, folders and whatever has a scheme.
        out: a folder that must not exist yet, local to the cluster; the rows are written there and read back. Without
            it the cluster keeps them in memory and on its disks until `release`.

    Raises:
        InputError, CallError: with everything that is wrong with what was given, before any record is judged;
            `spark-failed` where the cluster gives up.
    """
    need_spark()
    with in_our_words():
        sources = find_sources(opened(inputs, files), asked.pack, mapping)
        if not sources.on_cluster:
            what = "none of the inputs is on the cluster"
            hint = "give a frame of Spark, or a Parquet file by its path"
            raise CallError([Diagnostic("spark-source", "engine", what, hint=hint)])
        given = {*sources.held.records, *(s.reading.record_type for s in sources.on_cluster)}
        held = packed({t: list(r) for t, r in sources.held.records.items()})
        everything = asked.listed == "all"
        work = Work(packed(asked.pack), held, asked.as_of, (), dict(asked.subjects), everything, asked.language)
        chosen = [r for r in asked.rules if r.record in given]
        made = reduce(lambda a, b: a.unionByName(b), _parts(sources, chosen, work))
        made = _kept(made, out)
        result = SparkResult(
            pack=asked.pack,
            as_of=asked.as_of,
            engine="spark",
            verdicts=OnCluster(),
            counts={},
            dataset=Dataset(),
            rules=asked.rules,
            listed=asked.listed,
            frame_kind="pyspark",
            subjects=asked.subjects,
            rows=made,
            duplicates=_duplicates(sources, work),
        )
        return _counted(result, sources, chosen)


def _parts(sources: Sources, rules: Sequence[Rule], work: Work) -> Iterator[Any]:
    """Frames of rows, which together are all that is found."""
    here = frozenset(s.reading.record_type for s in sources.on_cluster)
    pack = work.loaded()
    _refuse(rules, pack, here)
    there = [r for r in rules if r.record in here]
    together = rounds(there, here, pack.records.keys() - here)
    _refuse_reshaped(together, sources)
    shuffled = {name for one in together for name in one.rules}
    for source in sources.on_cluster:
        own = tuple(r.id for r in there if r.record == source.reading.record_type and r.id not in shuffled)
        judge = partial(judge_apart, replace(work, rules=own), source.reading)
        yield source.frame.mapInArrow(judge, spark_schema(row_schema()))
    yield from judged_together(sources.on_cluster, together, work)
    held = tuple(r.id for r in rules if r.record not in here)
    if held:
        yield _judged_here(sources, replace(work, rules=held))


def _judged_here(sources: Sources, work: Work) -> Any:
    """The rows of rules whose records are all held here."""
    import pyarrow as pa

    found = pa.Table.from_batches([*found_rows(work.job({}))], row_schema())
    return sources.on_cluster[0].frame.sparkSession.createDataFrame(found, spark_schema(row_schema()))


def _refuse(rules: Sequence[Rule], pack: Pack, here: frozenset[str]) -> None:
    """Refuse by name what the cluster cannot judge as it is judged here."""
    made = made_types(pack, here)
    found = []
    for rule in rules:
        why = [f"{t} is made of the whole of {made[t]}" for t in rule.records_used if t in made]
        if rule.record not in here:
            why += [f"its records are held here, and {t} is on the cluster" for t in rule.records_used[1:] if t in here]
        if why:
            what = f"this rule cannot be judged on the cluster: {'; '.join(why)}"
            found.append(Diagnostic("engine-unsupported", rule.id, what, hint="leave it out by `rules`"))
    if found:
        raise CallError(found)


def _refuse_reshaped(together: Sequence[Round], sources: Sources) -> None:
    """Refuse rules on several records where a row of a frame is several of them: rows are what is shuffled."""
    long = {s.reading.record_type for s in sources.on_cluster if s.reading.mapping.wide_to_long is not None}
    found = []
    for one in together:
        for name in long.intersection(one.types):
            what = f"this rule cannot be judged on the cluster: wide_to_long makes several {name} of one row"
            hint = "make the frame long before"
            found += [Diagnostic("engine-unsupported", rule, what, hint=hint) for rule in one.rules]
    if found:
        raise CallError(found)


def _kept(rows: Any, out: str | None) -> Any:
    """The rows where they stay, so that they are made once."""
    if out is None:
        from pyspark import StorageLevel

        return rows.persist(StorageLevel.MEMORY_AND_DISK)
    rows.write.partitionBy("kind").parquet(out)
    # A kind of which there is nothing has no file to tell its columns.
    return rows.sparkSession.read.schema(rows.schema).parquet(out)


def _counted(result: SparkResult, sources: Sources, rules: Sequence[Rule]) -> SparkResult:
    """The result with what was counted on the cluster."""
    from pyspark.sql import functions as f

    rows = result.rows
    of_rows = [f.when(rows["kind"] == kinds.ROWS, rows[c]).alias(c) for c in ("source", "reason")]
    keys = ["kind", "rule", "outcome", "record_type", "code"]
    counted = rows.groupBy(*keys, *of_rows).agg(f.sum("count").alias("count"), f.count(f.lit(1)).alias("size"))
    counts: dict[str, dict[Outcome, int]] = {r.id: {} for r in rules}
    listed: dict[tuple[str, str], int] = {}
    accounts: dict[tuple[str, str], dict[str, int]] = {}
    unusable = 0
    for row in counted.collect():
        if row["kind"] == kinds.COUNT:
            counts[row["rule"]][cast(Outcome, row["outcome"])] = row["count"]
        elif row["kind"] == kinds.OUTCOME:
            key = (row["rule"], row["outcome"])
            listed[key] = listed.get(key, 0) + row["size"]
        elif row["kind"] == kinds.ROWS:
            accounts.setdefault((row["source"], row["record_type"]), {})[row["reason"]] = row["count"]
        elif row["kind"] == kinds.PROBLEM:
            unusable += row["size"]
    wanted = OUTCOMES if result.listed == "all" else FINDINGS
    expected = {(r, o): n for r, own in counts.items() for o, n in own.items() if o in wanted}
    assert listed == expected, "the cluster lost outcomes, or gave some twice"
    in_order = {r: {o: own[o] for o in OUTCOMES if o in own} for r, own in counts.items()}
    return replace(result, counts=in_order, dataset=_dataset(sources, accounts), unusable=unusable)


def _dataset(sources: Sources, counted: Mapping[tuple[str, str], Mapping[str, int]]) -> Dataset:
    """What was read: the account of every source. The records of the cluster are not in it."""
    held = sources.held
    records = {**held.records, **{s.reading.record_type: () for s in sources.on_cluster}}
    dataset = Dataset(records, held.warnings, list(held.accounts))
    for source in sources.on_cluster:
        reading = source.reading
        own = counted.get((reading.name, reading.record_type), {})
        skipped = {r.removeprefix("skipped: "): n for r, n in own.items() if r.startswith("skipped: ")}
        dataset.accounts.append(
            SourceAccount(
                reading.name,
                "",
                reading.record_type,
                None,
                own.get("read", 0),
                own.get("used", 0),
                skipped,
                reading.used,
                source.unused,
                decisions=source.decisions,
            )
        )
    return dataset


def _duplicates(sources: Sources, work: Work) -> Any:
    """The ids that several records have, as rows; worked out when it is asked for."""
    from pyspark.sql import functions as f

    def ids(source: Source) -> Any:
        return source.frame.mapInArrow(partial(ids_apart, work, source.reading), "record_type string, record_id string")

    every = reduce(lambda a, b: a.union(b), map(ids, sources.on_cluster))
    twice = every.groupBy("record_type", "record_id").count().filter("count > 1")
    reason = f.concat(f.lit("the id "), "record_id", f.lit(" is that of "), "count", f.lit(" records"))
    nothing = f.lit(None).cast("string")
    own = {"value_text": f.col("record_id"), "reason": reason, "field": f.lit("id"), "code": f.lit("duplicate-id")}
    own |= {"row": f.lit(None).cast("bigint"), "record_type": f.col("record_type"), "record_id": f.col("record_id")}
    return twice.select(*(own.get(c, nothing).alias(c) for c in kinds.PROBLEM_COLUMNS))
