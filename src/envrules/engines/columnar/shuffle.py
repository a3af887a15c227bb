"""The records that rules look at together, parted on disk by their keys and judged part by part.

What is where is said by `engines.partition`. A part has the records that are its own, and all those of which an open
key does not say where they belong.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import polars as pl

from envrules.engines.base import Job, KeyPart
from envrules.engines.columnar.placed import Placing
from envrules.engines.partition import GroupSurvey, Part, Partitioning, fields_read, open_groups
from envrules.engines.reference.groups import is_generated
from envrules.pack.pack import Rule
from envrules.records.columns.parted import cells_frame, records_of_frame
from envrules.records.columns.spill import Spill
from envrules.records.columns.table import ColumnRecords
from envrules.records.dataset import Together
from envrules.records.plan import Plan
from envrules.records.stream import Batch
from envrules.records.values import Record

_AT = "at"  # the place of a record among all of its type
_OPEN = -1  # the part of a record of which an open key does not say where it belongs


@dataclass
class _Shelf:
    """Records of one type and part: on disk by table, or in memory where they are there anyway."""

    tables: dict[int, tuple[Plan, str]] = field(default_factory=dict)
    held: list[Sequence[Record]] = field(default_factory=list)
    rows: int = 0


class Shuffle:
    """Records brought together for rules that are parted alike.

    Args:
        rules: on records of one type, with one partitioning.
        count: how many parts there are; with one of them, all records are together.
        job: whose records are those of the small types, which every part is given whole.
    """

    def __init__(self, rules: Sequence[Rule], parted: Partitioning, count: int, spill: Spill, job: Job) -> None:
        self.rules, self.parted, self.count = list(rules), parted, count
        self.record_type = rules[0].record
        self._spill, self._job = spill, job
        self._grouped = rules[0].group is not None
        self._links: dict[str, list[tuple[str, ...]]] = {}
        for rule in rules:
            for name, link in rule.related.items():
                if link.record not in job.records:
                    own = self._links.setdefault(link.record, [])
                    fields = parted.related.get(name, ())
                    own += [fields] if fields not in own else []
        types = job.pack.records
        self._fields = {
            t: frozenset().union(*(fields_read(r, types[t]) for r in rules)) for t in (self.record_type, *self._links)
        }
        self._shelves: dict[tuple[str, str, int], _Shelf] = {}
        self._seen: dict[str, int] = {}
        self._surveys = {r.id: GroupSurvey([set() for _ in r.group or ()]) for r in rules if self._grouped}

    @property
    def types(self) -> list[str]:
        """The record types whose records it takes."""
        return list(dict.fromkeys([self.record_type, *self._links]))

    # --- taking records -----------------------------------------------------------------------------------------------

    def take(self, record_type: str, records: Sequence[Record], batch: Batch | None, table: int) -> None:
        """Set the records of a batch aside; `table` tells the tables of a type apart."""
        own = {record_type: records}
        placing = Placing(replace(self._job, records={**self._job.records, **own}, rules=self.rules), self.count)
        if record_type == self.record_type:
            self._take_own(record_type, records, batch, table, placing)
        else:
            parts = self._looked_up(record_type, len(records), placing)
            for part in parts["part"].unique().to_list():
                rows = parts.filter(pl.col("part") == part)["row"]
                self._put(record_type, "other", part, records, rows, batch, table)
        self._seen[record_type] = self._seen.get(record_type, 0) + len(records)

    def _take_own(
        self, name: str, records: Sequence[Record], batch: Batch | None, table: int, placing: Placing
    ) -> None:
        rows = pl.Series(range(len(records)), dtype=pl.UInt32)
        if self.count == 1:
            self._put(name, "own", 0, records, rows, batch, table)
            return
        of = placing.by_rule(self.rules[0], self.parted)
        if self._grouped:
            for rule in self.rules:
                self._surveys[rule.id].add(placing.survey(rule))
            of = of.fill_null(_OPEN)
            if name not in self._links:
                rows = pl.concat([placing.members(r) for r in self.rules]).unique().sort()
        else:
            of = of.fill_null(self.count)
        chosen = of.gather(rows)
        for part in chosen.unique().to_list():
            self._put(name, "own", part, records, rows.filter(chosen == part), batch, table)
        if not self._grouped and name in self._links:
            open_rows = rows.filter(self._looked_up(name, len(records), placing).sort("row")["part"] == _OPEN)
            # Those are everybody's, but for the part whose own they are.
            for part in of.gather(open_rows).unique().to_list():
                own = open_rows.filter(of.gather(open_rows) == part)
                self._put(name, f"open {part}", _OPEN, records, own, batch, table)

    def _looked_up(self, name: str, length: int, placing: Placing) -> pl.DataFrame:
        """The parts in which records are looked up: a row for each record and part."""
        rows = pl.Series("row", range(length), dtype=pl.UInt32)
        if self.count == 1:
            return pl.DataFrame([rows, pl.Series("part", [0], dtype=pl.Int32).new_from_index(0, length)])
        found = [
            pl.DataFrame([rows, placing.by_fields(name, fields).fill_null(_OPEN).alias("part")])
            for fields in self._links[name]
        ]
        every = pl.concat(found).unique()
        # What is everywhere need not be in one part besides.
        everywhere = every.filter(pl.col("part") == _OPEN)
        return pl.concat([everywhere, every.join(everywhere, on="row", how="anti")]).sort("row", "part")

    def _put(
        self,
        name: str,
        role: str,
        part: int,
        records: Sequence[Record],
        rows: pl.Series,
        batch: Batch | None,
        table: int,
    ) -> None:
        if not len(rows):
            return
        shelf = self._shelves.setdefault((name, role, part), _Shelf())
        shelf.rows += len(rows)
        at = None if batch is None else _raw_rows(records, rows, batch)
        frame = None if batch is None or at is None else cells_frame(batch.plan, batch.raw, at, self._fields[name])
        if batch is None or frame is None:
            shelf.held.append([records[i] for i in rows.to_list()])
            return
        shelf.tables.setdefault(table, (batch.plan, batch.name))
        at_all = (rows.cast(pl.Int64) + self._seen.get(name, 0)).alias(_AT)
        self._spill.add((id(self), name, role, part, table), frame.with_columns(at_all))

    # --- judging parts ------------------------------------------------------------------------------------------------

    def largest(self) -> int:
        """How many records the largest part has."""
        return max((s.rows for s in self._shelves.values()), default=0)

    def jobs(self) -> Iterator[Job]:
        """The job of each part, made one after the other."""
        opened = self._open_groups()
        for part in range(self.count):
            yield self._part(part, opened)
        if self.count > 1 and self._has_rest(opened):
            yield self._rest(opened)

    def _has_rest(self, opened: Mapping[str, Sequence[tuple[KeyPart, ...]]]) -> bool:
        if not self._grouped:
            return (self.record_type, "own", self.count) in self._shelves
        share = self._share(self.count, opened)
        return any(share.owns(r, key) for r in self.rules for key in opened.get(r.id, ()))

    def _share(self, part: int, opened: Mapping[str, Sequence[tuple[KeyPart, ...]]]) -> Part:
        parted = dict.fromkeys((r.id for r in self.rules), self.parted)
        return Part(part, self.count, parted, self._surveys, opened)

    def _part(self, part: int, opened: Mapping[str, Sequence[tuple[KeyPart, ...]]]) -> Job:
        name = self.record_type
        own = self._records(name, [("own", part)])
        found: dict[str, Sequence[Record]] = {}
        if self._grouped and self.count > 1:
            found[name] = self._records(name, [("own", part), ("own", _OPEN)])
        else:
            roles = [role for of, role, _ in self._shelves if of == name and role.startswith("open ")]
            others = self._records(name, [(role, _OPEN) for role in roles if role != f"open {part}"])
            found[name] = _together([own, others])
        for other in self._links:
            if other != name:
                found[other] = self._records(other, [("other", part), ("other", _OPEN)])
        return self._job_of(found, part, len(own), opened)

    def _rest(self, opened: Mapping[str, Sequence[tuple[KeyPart, ...]]]) -> Job:
        """What could belong anywhere, beside all that is looked up."""
        name = self.record_type
        own = self._records(name, [("own", _OPEN if self._grouped else self.count)])
        found = {name: own}
        if name in self._links:
            found[name] = _together([own, self._records(name, [("own", p) for p in range(self.count)])])
        for other in self._links:
            if other != name:
                found[other] = self._records(other, [("other", p) for p in (_OPEN, *range(self.count))])
        return self._job_of(found, self.count, len(own), opened)

    def _job_of(
        self,
        found: Mapping[str, Sequence[Record]],
        part: int,
        own: int,
        opened: Mapping[str, Sequence[tuple[KeyPart, ...]]],
    ) -> Job:
        records = {**self._job.records, **{t: r for t, r in found.items() if t in self._seen or t == self.record_type}}
        if self._grouped:
            share = self._share(part, opened) if self.count > 1 else None
            return replace(self._job, records=records, rules=self.rules, share=share)
        return replace(self._job, records=records, rules=self.rules, own={self.record_type: own})

    def _records(self, name: str, shelves: Sequence[tuple[str, int]]) -> Sequence[Record]:
        """The records of some shelves, in the order in which they were read."""
        plans: dict[int, tuple[Plan, str]] = {}
        held: list[Sequence[Record]] = []
        for role, part in shelves:
            shelf = self._shelves.get((name, role, part), _Shelf())
            plans |= shelf.tables
            held += shelf.held
        found: list[Sequence[Record]] = []
        for table, (plan, source) in sorted(plans.items()):
            frames = [f for role, part in shelves for f in self._spill.frames((id(self), name, role, part, table))]
            frame = pl.concat(frames, rechunk=True)
            found.append(records_of_frame(plan, source, frame if frame[_AT].is_sorted() else frame.sort(_AT)))
        return _together([*found, *held])

    def _open_groups(self) -> dict[str, Sequence[tuple[KeyPart, ...]]]:
        """The groups that records with an open key make, of each rule whose groups are made by records."""
        found: dict[str, Sequence[tuple[KeyPart, ...]]] = {}
        asked = [r for r in self.rules if self._grouped and not is_generated(r) and self._surveys[r.id].open_keys]
        if not asked:
            return found
        held: dict[str, dict[tuple[KeyPart, ...], bool]] = {r.id: {} for r in asked}
        for part in range(self.count):
            placing = Placing(self._part(part, {}), self.count)
            for rule in asked:
                keys = list(self._surveys[rule.id].open_keys)
                for key, there in zip(keys, placing.could_hold(rule, keys), strict=True):
                    held[rule.id][key] = held[rule.id].get(key, False) or there
        return {r.id: open_groups(self._surveys[r.id], held[r.id].__getitem__) for r in asked}


def _raw_rows(records: Sequence[Record], rows: pl.Series, batch: Batch) -> pl.Series | None:
    """The places of records among the raw rows of their batch; None where a row became several records."""
    if isinstance(records, ColumnRecords):
        return rows if records.rows is None else records.rows.gather(rows)
    places = {number: i for i, number in enumerate(batch.raw.numbers)}
    if len(places) < len(batch.raw):
        return None
    return pl.Series([places[records[i].place.row or 0] for i in rows.to_list()], dtype=pl.UInt32)


def _together(parts: Sequence[Sequence[Record]]) -> Sequence[Record]:
    """Records one below the other."""
    flat: list[Sequence[Record]] = []
    for part in parts:
        flat += part.parts if isinstance(part, Together) else [part] if len(part) else []
    if len(flat) == 1:
        return flat[0]
    if all(isinstance(p, list) for p in flat):
        return [r for p in flat for r in p]
    return Together(tuple(flat))
