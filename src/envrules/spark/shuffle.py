"""The shuffles that bring together what rules on several records look at: surveyed first, then sent, then judged."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial, reduce
from typing import TYPE_CHECKING, Any, Final

from envrules.diagnostics import CallError, Diagnostic
from envrules.engines.partition import GroupSurvey, open_groups
from envrules.spark.parts import EXTRAS, HELD, SURVEY, held_keys, judge_part, key_of, sent, survey
from envrules.spark.rounds import Plan, Round
from envrules.spark.rows import row_schema, spark_schema
from envrules.spark.worker import Work

if TYPE_CHECKING:
    from envrules.engines.base import KeyPart
    from envrules.pack.pack import Pack
    from envrules.spark.sources import Source

#: Records that one part should have, and those that a worker can have where everything has to be in one part.
A_PART: Final = 500_000
ALL: Final = 5_000_000


def judged_together(sources: Sequence[Source], rounds: Sequence[Round], work: Work) -> Iterator[Any]:
    """The rows of rules on several records, a frame for each shuffle.

    Raises:
        CallError: `engine-unsupported` for a rule that would bring too many records together.
    """
    if not rounds:
        return
    for plan in _plans(sources, rounds, work):
        yield _judged(sources, plan, work)


def _plans(sources: Sequence[Source], rounds: Sequence[Round], work: Work) -> list[Plan]:
    """The shuffles with all that has to be known before."""
    from pyspark.sql import functions as f

    asked = [s for s in sources if any(s.reading.record_type in r.types for r in rounds)]
    frames = [s.frame.mapInArrow(partial(survey, work, s.reading, tuple(rounds)), SURVEY) for s in asked]
    whole = reduce(lambda a, b: a.union(b), frames).groupBy("round", "what", "rule", "key")
    pack = work.loaded()
    sizes = [0] * len(rounds)
    rest = [0] * len(rounds)
    surveys: list[dict[str, GroupSurvey]] = [
        {r: GroupSurvey([set() for _ in pack.rules[r].group or ()]) for r in one.rules} for one in rounds
    ]
    for row in whole.agg(f.sum("n").alias("n")).collect():
        number, of_rule = row["round"], surveys[row["round"]].get(row["rule"])
        if row["what"] == "rows":
            sizes[number] += row["n"]
        elif row["what"] == "rest":
            rest[number] += row["n"]
        elif of_rule is not None and row["what"] == "value":
            place, value = key_of(row["key"])
            of_rule.values[int(str(place))].add(value)
        elif of_rule is not None:
            of_rule.open_keys.add(key_of(row["key"]))
    _refuse_large(rounds, sizes, pack)
    opened = _open_groups(sources, rounds, surveys, work)
    some = int(asked[0].frame.sparkSession.conf.get("spark.sql.shuffle.partitions") or 200)
    plans = []
    for i, one in enumerate(rounds):
        count = 1 if one.why_whole else max(1, min(some, sizes[i]), -(-sizes[i] // A_PART))
        plans.append(Plan(one, count, bool(rest[i] or any(opened[i].values())), surveys[i], opened[i]))
    return plans


def _refuse_large(rounds: Sequence[Round], sizes: Sequence[int], pack: Pack) -> None:
    found = []
    for one, size in zip(rounds, sizes, strict=True):
        if one.why_whole and size > ALL:
            what = f"{one.why_whole}, {size:,} of them, and one worker is given at most {ALL:,}"
            found += [
                Diagnostic("engine-unsupported", r, f"this rule cannot be judged on the cluster: {what}",
                           hint="leave it out by `rules`, or filter the frame to what it needs")
                for r in one.rules if r in pack.rules
            ]  # fmt: skip
    if found:
        raise CallError(found)


def _open_groups(
    sources: Sequence[Source], rounds: Sequence[Round], surveys: Sequence[Mapping[str, GroupSurvey]], work: Work
) -> list[dict[str, list[tuple[KeyPart, ...]]]]:
    """For each shuffle and rule the groups that open keys make; the cluster is asked which of them could be others."""
    from envrules.engines.reference.groups import is_generated

    pack = work.loaded()
    asked = [
        (i, rule, tuple(own.open_keys))
        for i, of_rules in enumerate(surveys)
        for rule, own in of_rules.items()
        if own.open_keys and not is_generated(pack.rules[rule])
    ]
    known: set[tuple[int, str, tuple[KeyPart, ...]]] = set()
    frames = []
    for source in sources:
        own = [a for a in asked if rounds[a[0]].record == source.reading.record_type]
        if own:
            frames.append(source.frame.mapInArrow(partial(held_keys, work, source.reading, own), HELD))
    if frames:
        for row in reduce(lambda a, b: a.union(b), frames).distinct().collect():
            known.add((row["round"], row["rule"], key_of(row["key"])))
    found: list[dict[str, list[tuple[KeyPart, ...]]]] = [{} for _ in rounds]
    for i, rule, _ in asked:

        def could_be_one(key: tuple[KeyPart, ...], i: int = i, rule: str = rule) -> bool:
            return (i, rule, key) in known

        found[i][rule] = open_groups(surveys[i][rule], could_be_one)
    return found


def _judged(sources: Sequence[Source], plan: Plan, work: Work) -> Any:
    """The rows of one shuffle."""
    from pyspark.sql import functions as f

    asked = [(i, s) for i, s in enumerate(sources) if s.reading.record_type in plan.round.types]
    frames = [_sent(i, s, plan, work) for i, s in asked]
    # A group that a calendar demands is some part's own, whether or not a record is in that part.
    spark = asked[0][1].frame.sparkSession
    seen = spark.range(plan.parts).select(
        f.col("id").cast("int").alias("part"),
        f.lit(True).alias("own"),
        f.lit(-1).alias("source"),
        f.lit(0).cast("bigint").alias("row"),
    )
    every = reduce(lambda a, b: a.unionByName(b, allowMissingColumns=True), [*frames, seen])
    judge = partial(judge_part, work, tuple((i, s.reading) for i, s in asked), plan)
    # Spark looks at the signature to tell whether it gives the key too.
    return every.groupBy("part").applyInArrow(lambda key, table: judge(key, table), spark_schema(row_schema()))


def _sent(number: int, source: Source, plan: Plan, work: Work) -> Any:
    """The rows of one source, each with the parts it is needed in."""
    from pyspark.sql.types import BooleanType, IntegerType, LongType, StructField, StructType

    types = {"int32": IntegerType(), "bool": BooleanType(), "int64": LongType()}
    extras = [StructField(name, types[type_]) for name, type_ in EXTRAS]
    own = [StructField(f"s{number}_c{i}", one.dataType) for i, one in enumerate(source.frame.schema)]
    return source.frame.mapInArrow(partial(sent, work, source.reading, plan, number), StructType([*extras, *own]))
