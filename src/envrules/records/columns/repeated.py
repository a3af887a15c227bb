"""Which records of large tables have an id that another has too."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import polars as pl

from envrules.records.columns.spill import Spill
from envrules.records.columns.table import ColumnRecords
from envrules.records.values import Record


def repeated_rows(tables: Sequence[Sequence[Record]]) -> list[list[int]]:
    """Of each table the rows whose id stands in another row of any of them too."""
    ids = [_ids(t) for t in tables]
    every = pl.concat(ids)
    if every.n_unique() == len(every):
        return [[] for _ in tables]
    twice = every.is_duplicated()
    found, start = [], 0
    for own in ids:
        found.append(twice.slice(start, len(own)).arg_true().to_list())
        start += len(own)
    return found


class RisingIds:
    """Watches whether ids rise from record to record, as those of an export do: then none can stand twice.

    Shorter ids come before longer ones, so that 9 comes before 10.
    """

    def __init__(self) -> None:
        self.rising = True
        self._last = ""

    def see(self, records: Sequence[Record]) -> None:
        """Look at the records that come next."""
        if not self.rising or not len(records):
            return
        ids = _ids(records)
        before = pl.concat([pl.Series([self._last], dtype=pl.String), ids.head(len(ids) - 1)])
        longer, same = ids.str.len_bytes() > before.str.len_bytes(), ids.str.len_bytes() == before.str.len_bytes()
        self.rising = bool((longer | (same & (ids > before))).all())
        self._last = ids[-1]


def repeated_in_batches(
    name: str, batches: Iterable[Sequence[Record]], total: int, spill: Spill, most: int
) -> tuple[pl.DataFrame, int]:
    """The records whose id an earlier one has: the first `most` of them as `place`, `first`, and how many there are.

    Ids are set aside by their hashes, and each part of them is looked through alone.

    Args:
        name: of the record type.
        batches: all records; their places are counted over all of them.
        total: about how many there are.
    """
    parts = max(1, -(-total // _TOGETHER))
    start = 0
    for records in batches:
        ids = _ids(records)
        frame = pl.DataFrame({"id": ids, "place": pl.int_range(start, start + len(ids), dtype=pl.UInt64, eager=True)})
        start += len(ids)
        if parts == 1:
            spill.add(("ids", name, 0), frame)
            continue
        frame = frame.with_columns(part=(pl.col("id").hash(0) % parts).cast(pl.UInt32))
        for (part,), own in frame.partition_by("part", as_dict=True, include_key=False).items():
            spill.add(("ids", name, part), own)
    found, count = [], 0
    for part in range(parts):
        frames = list(spill.frames(("ids", name, part)))
        if not frames:
            continue
        every = pl.concat(frames)
        first = every.group_by("id").agg(pl.col("place").min().alias("first"), pl.len()).filter(pl.col("len") > 1)
        again = every.join(first, on="id").filter(pl.col("place") > pl.col("first")).select("place", "first")
        count += len(again)
        found.append(again.bottom_k(most, by="place"))
    if not found:
        return pl.DataFrame(schema={"place": pl.UInt64, "first": pl.UInt64}), 0
    return pl.concat(found).sort("place").head(most), count


_TOGETHER = 2_000_000  # ids that are looked through together


def _ids(records: Sequence[Record]) -> pl.Series:
    if isinstance(records, ColumnRecords):
        return records.ids()
    return pl.Series([r.id for r in records], dtype=pl.String)
