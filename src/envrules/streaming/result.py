"""What a check of a table larger than memory gives: a `Result` whose outcomes lie on disk and are read in pieces."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import IO, TYPE_CHECKING, Any

from envrules.records.values import CellProblem, Record
from envrules.result import Result
from envrules.sequences import MadeWhenAsked
from envrules.verdict import Outcome, Verdict

if TYPE_CHECKING:
    from envrules.records.stream import StreamedTable
    from envrules.report.base import ReportData
    from envrules.report.stream import Outcomes

#: Outcomes of one kind that a report for a person shows of a rule.
SHOWN = 100


@dataclass(frozen=True, repr=False)
class StreamResult(Result):
    """The outcomes of one run over tables that are larger than memory.

    It is what `check` gives, with these differences: `violations`, `findings` and `outcomes` are lazy frames of polars,
    read from disk when they are collected; `verdicts` are made one after the other when they are walked through;
    `problems` are the first of `problem_count`.

    Args:
        problem_count: how many problems there are in all.
    """

    problem_count: int = 0
    found: Outcomes | None = field(default=None, compare=False)

    def _frame(self, outcomes: tuple[Outcome, ...]) -> Any:
        assert self.found is not None
        return self.found.chosen(outcomes)

    def report_data(self, lenient: bool = False) -> ReportData:
        """The run as reports for people take it: with the first outcomes of each rule."""
        assert self.found is not None
        few = replace(self, verdicts=self.found.samples(SHOWN))
        data = super(StreamResult, few).report_data(lenient)
        return replace(data, problem_count=self.problem_count, missing=self.found.missing)

    def write(self, file: IO[bytes], kind: str, progress: Callable[[str, int, int], None] | None = None) -> None:
        """Write the outcomes that are listed to an open file, as parquet, csv or jsonl.

        Raises:
            OSError: where it cannot be written.
        """
        from envrules.report.from_pack import rule_texts
        from envrules.report.parquet import metadata
        from envrules.report.stream import write

        assert self.found is not None
        total, done = len(self.found), 0

        def advance(count: int) -> None:
            nonlocal done
            done += count
            if progress is not None:
                progress("writing", done, total)

        titles = {rule: (en, zh) for rule, (en, zh, _) in rule_texts(self.pack).items()}
        about = metadata(self.pack.name, self.pack.version, self.pack.sha256, self.as_of, self.listed)
        write(self.found, kind, file, titles, about, advance)

    def places(self) -> dict[Any, Any]:
        """Nothing: outcomes have their places with them."""
        return {}


class StreamedVerdicts(MadeWhenAsked[Verdict]):
    """Outcomes on disk as verdicts."""

    def __init__(self, found: Outcomes) -> None:
        self._found = found

    def __len__(self) -> int:
        return len(self._found)

    def made(self, places: Sequence[int]) -> Iterator[Verdict]:
        """Some of them, all up to the last of them being walked past."""
        wanted = set(places)
        found = {i: v for i, v in enumerate(islice(self, max(wanted) + 1 if wanted else 0)) if i in wanted}
        return (found[i] for i in places)

    def __iter__(self) -> Iterator[Verdict]:
        return self._found.verdicts()


class StreamedRecords(MadeWhenAsked[Record]):
    """The records of tables that are read in batches, each made when it is walked past."""

    def __init__(self, tables: Sequence[StreamedTable], size: int, length: int) -> None:
        self._tables, self._size, self._length = tables, size, length

    def __len__(self) -> int:
        return self._length

    def made(self, places: Sequence[int]) -> Iterator[Record]:
        """Some of the records, those before them being walked past."""
        rising = sorted(set(places))
        found = dict(zip(rising, self.at(rising), strict=True))
        return (found[i] for i in places)

    def __iter__(self) -> Iterator[Record]:
        for records in self.batches():
            yield from records

    def batches(self) -> Iterator[Sequence[Record]]:
        """The records in batches."""
        for table in self._tables:
            for batch in table.batches(self._size):
                yield batch.records

    def at(self, places: Sequence[int]) -> Iterator[Record]:
        """Some of the records, by rising places."""
        wanted = iter(places)
        place = next(wanted, None)
        start = 0
        for records in self.batches():
            while place is not None and place < start + len(records):
                yield records[place - start]
                place = next(wanted, None)
            if place is None:
                return
            start += len(records)


@dataclass
class Kept:
    """The first problems of a table, and how many there are."""

    most: int
    first: list[CellProblem] = field(default_factory=list)
    count: int = 0

    @property
    def full(self) -> bool:
        """Whether no more are kept."""
        return len(self.first) >= self.most

    def add(self, problems: Sequence[CellProblem]) -> None:
        """Take problems, as many as there is room for."""
        self.count += len(problems)
        self.first += problems[: self.most - len(self.first)]
