"""Which inputs are on the cluster and how their columns are read, settled by headers before a row is looked at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from envrules.diagnostics import CellPlace, EnvrulesError, InputError, Problems, nearest
from envrules.records.dataset import Dataset
from envrules.records.frames import on_cluster
from envrules.records.mapping import TableMapping, load_mapping
from envrules.records.plan import Plan, plan_table
from envrules.records.read import read_inputs
from envrules.records.sources import choose
from envrules.records.standards.hours import MadeOf
from envrules.records.tables import RawTable
from envrules.records.unfold import Unfolding
from envrules.spark.worker import Reading

if TYPE_CHECKING:
    from envrules.pack.pack import Pack


@dataclass(frozen=True)
class Source:
    """A frame on the cluster, with the columns that are read under the names `c0`, `c1` and so on.

    Args:
        unused: headers that are no field, or were not wanted; `decisions`: what was decided of columns, in words.
    """

    frame: Any
    reading: Reading
    unused: tuple[str, ...] = ()
    decisions: tuple[str, ...] = ()


@dataclass(frozen=True)
class Sources:
    """All inputs of a run: those on the cluster, and the records of the others, which are held here."""

    on_cluster: Sequence[Source]
    held: Dataset


@dataclass(frozen=True)
class Given:
    """One input as it was given.

    Args:
        record_type: which the caller named, or None where it is to be recognised.
        name: of the source, for messages and for records without an id; that of the record type where it has none.
    """

    record_type: str | None
    source: Any
    name: str = ""


def find_sources(inputs: Sequence[Given], pack: Pack, mapping: str | Path | Mapping[str, Any] | None) -> Sources:
    """The inputs of a run, each understood as a whole.

    Args:
        inputs: frames of Spark, and whatever else `check` takes.

    Raises:
        InputError: with everything that makes a source unusable.
    """
    mappings = load_mapping(mapping) if mapping is not None else ()
    problems = Problems()
    found: list[Source] = []
    for position, given in enumerate(inputs, 1):
        if on_cluster(given.source):
            try:
                found += _on_cluster(given, position, pack, mappings, problems)
            except EnvrulesError as error:
                problems.found.extend(error.diagnostics)
    there = {s.reading.record_type for s in found}
    elsewhere = [(g.record_type, g.source) for g in inputs if not on_cluster(g.source)]
    held = Dataset()
    if elsewhere:
        try:
            held = read_inputs(elsewhere, pack.records, pack.units, mapping)
        except EnvrulesError as error:
            problems.found.extend(error.diagnostics)
    for name in sorted(there & held.records.keys()):
        what = f"{name} is given as a frame of Spark and as another source: its records have to be in one place"
        problems.error("spark-source", name, what, hint="give all of them as frames of Spark")
    problems.raise_errors(InputError)
    held.warnings.extend(problems.found)
    return Sources(found, held)


def _on_cluster(
    given: Given, position: int, pack: Pack, mappings: tuple[TableMapping, ...], problems: Problems
) -> list[Source]:
    """A frame of Spark as the tables that are read of it; what is wrong is added to the problems."""
    declared, frame = given.record_type, given.source
    name = given.name or declared or f"input {position}"
    if declared is not None and declared not in pack.records:
        what = f"there is no record type {declared!r}"
        problems.error("unknown-record", declared, what, hint=nearest(declared, pack.records))
        return []
    if frame.isStreaming:
        what = "a stream has no end, and what is said of all records needs one"
        problems.error("spark-source", name, what, hint="check each batch of it, in foreachBatch")
        return []
    headers = list(frame.columns)
    twice = sorted({h for h in headers if headers.count(h) > 1})
    if twice:
        what = f"the frame has several columns called {', '.join(twice)}"
        problems.error("frame-columns", CellPlace(name), what)
        return []
    found = []
    empty = RawTable(name, headers, [])
    for chosen in choose(declared, empty, position, pack.records, pack.units, mappings, problems):
        before = len(problems.errors)
        plan = plan_table(chosen.table, chosen.record_type, pack.units, chosen.mapping, problems)
        if plan is None or not _settled(plan, chosen.mapping, headers, pack, problems) or len(problems.errors) > before:
            continue
        kept = _columns(plan, chosen.table, headers, chosen.mapping)
        own = frame.toDF(*[f"c{i}" for i in range(len(headers))]).select(*[f"c{i}" for i in kept])
        reading = Reading(
            name,
            chosen.record_type.name,
            tuple(headers[i] for i in kept),
            plan.used(),
            # Without a mapping too workers are to unfold nothing that was left as it stands here.
            chosen.mapping or TableMapping(record=chosen.record_type.name, header_row=[]),
        )
        found.append(Source(own, reading, plan.unused, (*chosen.table.decisions, *plan.decisions)))
    return found


def _columns(plan: Plan, table: RawTable, headers: Sequence[str], mapping: TableMapping | None) -> list[int]:
    """The columns that are needed to read records as the plan says."""
    if table.headers != headers or (mapping is not None and (mapping.split or mapping.wide_to_long)):
        return list(range(len(headers)))  # the plan is one of a table made of this one
    needed = {s.index for s in plan.slots} | {test[1] for test in plan.tests}
    needed |= {*plan.id_columns, *plan.unit_columns.values()}
    if mapping is not None:
        # A column that the mapping names has to be there, also where nothing is read of it.
        named = {h for h, rule in mapping.columns.items() if rule is None}
        needed |= {i for i, h in enumerate(headers) if h in named}
    return sorted(needed)


def _settled(plan: Plan, mapping: TableMapping | None, headers: Sequence[str], pack: Pack, problems: Problems) -> bool:
    """Whether nothing has to be told from rows, of which a worker sees a part only; else that is refused by name."""
    place = CellPlace(plan.table.source)
    before = len(problems.errors)
    if mapping is None and Unfolding(RawTable(plan.table.source, list(headers), []), pack.units).possible:
        what = "whether its columns of months, years or days are one record each is told from rows"
        hint = "make the frame long before, drop these columns, or say in a mapping what its columns are"
        problems.error("spark-source", place, what, hint=hint)
    for header in plan.by_rows:
        what = f"whether {header} holds units is told from rows, and no worker sees all of them"
        hint = f"say it in a mapping: unit_column: {header}, or {header}: null"
        problems.error("spark-source", place, what, hint=hint)
    if mapping is not None and mapping.skip_rows:
        what = "skip_rows names rows by number, and the rows of a frame of Spark have none"
        problems.error("spark-source", mapping.where("skip_rows"), what, hint="use skip_rows_where or filter")
    return len(problems.errors) == before


def made_types(pack: Pack, given: frozenset[str]) -> dict[str, str]:
    """The record types that are made of records on the cluster: their name -> that of what they are made of."""
    return {
        name: one.made_of.record
        for name, one in pack.records.items()
        if isinstance(one.made_of, MadeOf) and one.made_of.record in given
    }
