"""What runs in the workers of a cluster: batches of records in, rows of what was found out.

Knows nothing of Spark but the number of the partition at hand.
"""

from __future__ import annotations

import datetime as dt
import os
import pickle
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from envrules.diagnostics import CallError, Diagnostic
from envrules.spark.rows import account_rows, count_rows, outcome_rows, problem_rows
from envrules.verdict import FINDINGS, OUTCOMES
from envrules.version import __version__

if TYPE_CHECKING:
    from envrules.engines.base import Job
    from envrules.pack.pack import Pack
    from envrules.records.dataset import Dataset
    from envrules.records.mapping import TableMapping
    from envrules.records.values import Record

#: Records judged together: enough that what is done once for a batch weighs little, few enough for small memories.
AT_A_TIME: Final = 50_000


@dataclass(frozen=True)
class Reading:
    """How the rows of a frame are read as records.

    Args:
        headers: of the columns that come, in their order.
        used: header -> field, as the whole table was understood.
        mapping: which column is which field; an empty one where headers say it all.
    """

    name: str
    record_type: str
    headers: tuple[str, ...]
    used: Mapping[str, str]
    mapping: TableMapping

    def read(self, table: Any, pack: Pack, rows: Sequence[int]) -> Dataset:
        """The records of some rows.

        Args:
            table: of Arrow, with the columns of `headers`.
            rows: their numbers, which name records without an id.
        """
        from envrules.records.frames import frame_table
        from envrules.records.read import read_inputs

        raw = frame_table(table.rename_columns(list(self.headers)), self.name, rows)
        types = {self.record_type: pack.records[self.record_type]}
        dataset = read_inputs([(self.record_type, raw)], types, pack.units, (self.mapping,))
        # A batch is recognised anew; one that is understood otherwise than the whole would be judged by other rules.
        assert [dict(a.columns_used) for a in dataset.accounts] == [dict(self.used)], dataset.accounts
        return dataset


@dataclass(frozen=True)
class Work:
    """What is asked of every worker.

    Args:
        pack: the pack, packed by `packed`; `held`: records that every worker has whole, packed too.
        rules: the ids of the rules that are judged.
        version: of envrules, which has to be the worker's own.
    """

    pack: bytes
    held: bytes
    as_of: dt.date
    rules: tuple[str, ...]
    subjects: Mapping[str, Sequence[str]]
    everything: bool
    language: str
    version: str = __version__

    def loaded(self) -> Pack:
        """The pack.

        Raises:
            CallError: `spark-version` where this worker has another release.
        """
        if self.version != __version__:
            what = f"this worker has envrules {__version__}, and the driver {self.version}"
            raise CallError([Diagnostic("spark-version", "worker", what, hint="install the same release on both")])
        pack: Pack = unpacked(self.pack)
        return pack

    def job(self, records: Mapping[str, Sequence[Record]]) -> Job:
        """The rules on these records and on those that every worker has."""
        from envrules.engines.base import Job

        pack = self.loaded()
        rules = [pack.rules[r] for r in self.rules]
        every = {**unpacked(self.held), **records}
        return Job(pack, every, self.as_of, rules, self.subjects, self.everything, language=self.language)


def packed(thing: object) -> bytes:
    """A thing as bytes that can be sent."""
    return zlib.compress(pickle.dumps(thing))


@lru_cache(maxsize=8)
def unpacked(sent: bytes) -> Any:
    """The thing that was sent; made once in a process, which does many tasks."""
    return pickle.loads(zlib.decompress(sent))  # noqa: S301 - Spark sends it with the code that is run


def judge_apart(work: Work, reading: Reading, batches: Iterable[Any]) -> Iterator[Any]:
    """The rows of what is found on the records of one partition, each judged by itself.

    Args:
        batches: record batches of Arrow, as `DataFrame.mapInArrow` gives them.
    """
    spare_threads()
    pack = work.loaded()
    first = place_of(0)
    for table in gathered(batches):
        dataset = reading.read(table, pack, range(first, first + table.num_rows))
        first += table.num_rows
        yield from account_rows(reading.name, reading.record_type, dataset.accounts[0]).to_batches()
        yield from problem_rows(p for p in dataset.problems if p.code != "duplicate-id").to_batches()
        yield from found_rows(work.job(dataset.records))


def found_rows(job: Job) -> Iterator[Any]:
    """What is found on the records of a job, as batches of rows."""
    from envrules.engines.base import judge
    from envrules.engines.columnar import ENGINE
    from envrules.report.arrow import outcomes_as_arrow

    found = judge(ENGINE, job)
    yield from count_rows(found.counts).to_batches()
    parts = [found.table(rule) or found.verdicts(rule) for rule in job.rules]
    outcomes = outcomes_as_arrow(parts, OUTCOMES if job.everything else FINDINGS)
    yield from outcome_rows(outcomes).to_batches(max_chunksize=AT_A_TIME)


def gathered(batches: Iterable[Any]) -> Iterator[Any]:
    """Small batches as tables of about `AT_A_TIME` rows, whatever size Spark was told to make them."""
    import pyarrow as pa

    kept: list[Any] = []
    rows = 0
    for batch in batches:
        if not batch.num_rows:
            continue
        kept.append(batch)
        rows += batch.num_rows
        if rows >= AT_A_TIME:
            yield pa.Table.from_batches(kept)
            kept, rows = [], 0
    if kept:
        yield pa.Table.from_batches(kept)


def place_of(row: int) -> int:
    """The number of a row of the partition at hand among all of the frame, as `monotonically_increasing_id` has it."""
    from pyspark import TaskContext

    context = TaskContext.get()
    return ((context.partitionId() if context is not None else 0) << 33) + row


def spare_threads() -> None:
    """Let polars take no more threads than the task has processors, where nobody said how many.

    A worker is one of several on its machine. Only before polars is imported does this have an effect.
    """
    from pyspark import TaskContext

    context = TaskContext.get()
    if context is not None:
        os.environ.setdefault("POLARS_MAX_THREADS", str(max(1, context.cpus())))


def ids_apart(work: Work, reading: Reading, batches: Iterable[Any]) -> Iterator[Any]:
    """The ids of the records of one partition, but for those that have none of their own."""
    import pyarrow as pa

    spare_threads()
    pack = work.loaded()
    made = f"{Path(reading.name).name}:"
    for table in gathered(batches):
        records = reading.read(table, pack, range(table.num_rows)).records[reading.record_type]
        ids = [i for i in _ids(records) if not i.startswith(made)]
        yield pa.RecordBatch.from_pydict({"record_type": [reading.record_type] * len(ids), "record_id": ids})


def _ids(records: Sequence[Record]) -> list[str]:
    from envrules.records.columns.table import ColumnRecords

    return records.ids().to_list() if isinstance(records, ColumnRecords) else [r.id for r in records]
