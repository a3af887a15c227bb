"""A check that holds no table whole.

Three passes at most. Each table is planned, by its header and the rows it leaves out. Its batches are judged by the
rules on one record, and what other rules have to bring together is set aside by key. Then the parts are judged. Where
ids do not rise from row to row, they are looked through once more.
"""

from __future__ import annotations

import datetime as dt
import os
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from envrules.diagnostics import CallError, CellPlace, Diagnostic
from envrules.engines.base import Engine, Job, Judgement, judge
from envrules.engines.partition import Partitioning, fields_read, partitioning
from envrules.records.dataset import Dataset, SourceAccount
from envrules.records.read import duplicate
from envrules.records.stream import WHOLE, Batch, StreamedTable, Streams, empty_account, joined_account, read_streams
from envrules.records.unusual import UnitWatch
from envrules.request import Inputs, Request, engine_of, made_certain
from envrules.streaming.memory import available_memory
from envrules.streaming.result import Kept, StreamedRecords, StreamedVerdicts, StreamResult
from envrules.verdict import Outcome

if TYPE_CHECKING:
    from envrules.engines.columnar.shuffle import Shuffle
    from envrules.pack.pack import Pack, Rule
    from envrules.records.columns.spill import Spill
    from envrules.records.values import CellProblem, Record
    from envrules.report.stream import Outcomes

#: Rows that are read and judged together.
BATCH = 1 << 19
#: Problems that are kept; all of them are counted.
MOST_PROBLEMS = 10_000
#: Records of a type in one part, about.
_PART = 1 << 20
_CELL = 24  # bytes that a cell takes while it is judged


@dataclass
class Limits:
    """How much is held at a time; tests take little.

    Args:
        batch: rows of a table that are read together.
        whole: records of a type that are held whole, if it has no more.
        part: records of a part that are judged together, about.
        problems: how many problems are kept.
    """

    batch: int = BATCH
    whole: int = WHOLE
    part: int = _PART
    problems: int = MOST_PROBLEMS


Progress = Callable[[str, int, int], None]


def check_stream(
    pack: Pack | str | Path,
    inputs: Inputs,
    *,
    as_of: dt.date | str | None = None,
    out: str | Path | None = None,
    out_format: str | None = None,
    engine: str = "auto",
    mapping: str | Path | Mapping[str, Any] | None = None,
    subjects: Mapping[str, Iterable[str]] | None = None,
    outcomes: Literal["findings", "all"] = "findings",
    rules: str | Iterable[str] | None = None,
    places: Mapping[str, Any] | None = None,
    language: Literal["en", "zh"] = "en",
    progress: Progress | None = None,
    limits: Limits | None = None,
) -> StreamResult:
    """The outcomes of a pack's rules on tables that may be larger than memory, csv and Parquet files above all.

    They are those of `check`, and so are the counts and the problems. Rules that look at several records have them
    brought together on disk, in a file without a name beside `out`, or in TMPDIR; nothing of it is left.

    Args:
        out: a file to write the findings to, whole or not at all.
        out_format: parquet, csv or jsonl; by default what the name of `out` says.
        progress: called with what is done, rows done and rows in all, from time to time.
        limits: how much is held at a time. The others are as for `check`.

    Raises:
        PackError, InputError, CallError: as `check` does; `stream-unsupported` for what cannot be judged in parts
            and is too large to be held, `stream-format` for an `out` of another kind, `spill-not-writable`.

    Examples:
        >>> import tempfile, pathlib
        >>> file = pathlib.Path(tempfile.mkdtemp()) / "lots.csv"
        >>> _ = file.write_text("id,zone,activity,total_sulfur(%)\\nA,built_up,use,0.9\\nB,built_up,use,0.3\\n")
        >>> result = check_stream("jiuquan-2018", {"coal_lot": file}, as_of="2020-12-31", rules="coal.sulfur.built-up")
        >>> result.counts
        {'coal.sulfur.built-up': {'pass': 1, 'violation': 1}}
        >>> result.violations.select("record_id", "observed", "limit").collect().rows()
        [('A', 0.9, 0.8)]
    """
    from envrules.report.formats import format_of_file
    from envrules.report.stream import FORMATS

    kind = out_format or ("" if out is None else format_of_file(out).name)
    if kind and kind not in FORMATS:
        raise unsupported_format(kind, str(out))
    runner = engine_of(engine)
    if runner.name == "durable":
        what = "durable holds all records of a case at once, and reads no table in batches"
        raise CallError([Diagnostic("engine-unsupported", "engine", what, hint="leave the engine to be chosen")])
    asked = made_certain(
        pack, as_of=as_of, rules=rules, subjects=subjects, outcomes=outcomes, places=places, language=language
    )
    run = _Run(asked, inputs, runner, mapping, limits or Limits(), progress)
    return run.whole_run(None if out is None else str(out), kind)


def unsupported_format(kind: str, where: str) -> CallError:
    """A report that is made in memory cannot be one of a table that is larger."""
    what = f"{kind} is made in memory as a whole, so it cannot hold the outcomes of a table that is read in batches"
    hint = "write .parquet, .csv or .jsonl; with --no-stream the table is read at once"
    return CallError([Diagnostic("stream-format", where, what, "parquet, csv, jsonl", hint=hint)])


@dataclass(frozen=True)
class _Run:
    asked: Request
    inputs: Inputs
    engine: Engine
    mapping: Any
    limits: Limits
    progress: Progress | None

    def whole_run(self, out: str | None, kind: str) -> StreamResult:
        """Read, judge, write."""
        from envrules.records.columns.spill import Spill
        from envrules.report.stream import Outcomes

        self._say("reading", 0, 0)
        streams = read_streams(self.inputs, self.asked.types, self.asked.pack.units, self.mapping, self.limits.whole)
        given = [r for r in self.asked.rules if r.record in streams.types]
        refused = [(r.id, why) for r in given if (why := self.engine.unsupported(r))]
        if refused:
            what = f"the engine {self.engine.name} cannot run this rule: "
            raise CallError([Diagnostic("engine-unsupported", rule, what + why) for rule, why in refused])
        folder = spill_folder(out)
        spill = Spill(folder)
        ids = [r.id for r in given]
        found = Outcomes(spill, ids, json=kind == "jsonl", language=self.asked.language)
        working = Spill(folder)
        try:
            judging = _Judging(self, streams, given, found, working)
            dataset, count = judging.run()
        finally:
            working.close()
        result = StreamResult(
            pack=self.asked.pack,
            as_of=self.asked.as_of,
            engine=judging.engines(),
            verdicts=StreamedVerdicts(found),
            counts=judging.counted(),
            dataset=dataset,
            rules=self.asked.rules,
            listed=self.asked.listed,
            frame_kind="polars",
            subjects=self.asked.subjects,
            problem_count=count,
            found=found,
        )
        if out is not None:
            from envrules.report.output import whole_file

            with whole_file(out) as file:
                result.write(file, kind, self.progress)
        return result

    def job(self, records: Mapping[str, Sequence[Record]], rules: Sequence[Rule]) -> Job:
        """Some of the work."""
        asked = self.asked
        return Job(
            asked.pack, records, asked.as_of, rules, asked.subjects, asked.listed == "all", language=asked.language,
            detailed=True,
        )  # fmt: skip

    def _say(self, what: str, done: int, total: int) -> None:
        if self.progress is not None:
            self.progress(what, done, total)


def spill_folder(out: str | None) -> str:
    """Where records are set aside: in TMPDIR where that is said, else beside the output, which needs room anyway."""
    if out is None or any(os.environ.get(name) for name in ("TMPDIR", "TEMP", "TMP")):
        return tempfile.gettempdir()
    folder = os.path.dirname(os.path.realpath(out))
    return folder if os.path.isdir(folder) and not folder.startswith("/dev") else tempfile.gettempdir()


class _Judging:
    """The work of one run."""

    def __init__(self, run: _Run, streams: Streams, rules: Sequence[Rule], found: Outcomes, working: Spill) -> None:
        self._run_of, self._streams, self._found, self._spill = run, streams, found, working
        self._rules = list(rules)
        self._counts: dict[str, Counter[Outcome]] = {r.id: Counter() for r in rules}
        self._engines: dict[str, None] = {}
        self._total = sum(t.rows or 0 for t in chain.from_iterable(streams.tables.values()))
        self._done = 0
        whole = streams.whole.records
        self._job = run.job(whole, [])
        self._apart: dict[str, list[Rule]] = {}
        self._at_once: list[Rule] = []
        together: dict[Any, list[tuple[Rule, Partitioning]]] = {}
        for rule in self._rules:
            if not streams.tables.keys() & set(rule.records_used):
                self._at_once.append(rule)
                continue
            parted = partitioning(rule, whole.keys())
            if parted.anywhere:
                self._apart.setdefault(rule.record, []).append(rule)
            else:
                links = tuple((n, rule.related[n].record, f) for n, f in parted.related.items())
                alike = (rule.record, rule.group is None, parted.by, parted.keys, links, parted.why_not)
                key = (rule.id,) if parted.why_not else alike
                together.setdefault(key, []).append((rule, parted))
        self._shuffles = [self._shuffle(some) for some in together.values()]

    def _shuffle(self, some: Sequence[tuple[Rule, Partitioning]]) -> Shuffle:
        from envrules.engines.columnar.shuffle import Shuffle

        rules, parted = [rule for rule, _ in some], some[0][1]
        used = set().union(*(r.records_used for r in rules))
        rows = sum(t.rows or 0 for name in used for t in self._streams.tables.get(name, ()))
        count = 1 if parted.why_not else max(1, -(-rows // self._run_of.limits.part))
        if parted.why_not:
            for rule in rules:
                self._refuse_too_many(rule, rows, parted.why_not)
        return Shuffle(rules, parted, count, self._spill, self._job)

    def _refuse_too_many(self, rule: Rule, rows: int, why: str) -> None:
        types = self._run_of.asked.pack.records
        cells = max(len(fields_read(rule, types[name])) for name in rule.records_used)
        if rows * cells * _CELL > available_memory() // 2:
            what = f"this rule cannot be judged in parts, since {why}, and {rows:,} records are too many to be held"
            hint = "leave the rule out, or give fewer records"
            raise CallError([Diagnostic("stream-unsupported", rule.id, what, hint=hint)])

    # --- the passes ---------------------------------------------------------------------------------------------------

    def run(self) -> tuple[Dataset, int]:
        """Judge everything; gives what a result holds of the records, and how many problems there are."""
        whole = self._streams.whole
        if self._at_once:
            self._judge(self._run_of.job(whole.records, self._at_once))
        for shuffle in self._shuffles:
            for name in shuffle.types:
                if name in whole.records:
                    shuffle.take(name, whole.records[name], None, -1)
        read = [self._read(name, tables) for name, tables in self._streams.tables.items()]
        for shuffle in self._shuffles:
            if shuffle.count > 1:
                for rule in shuffle.rules:
                    self._refuse_too_many(rule, shuffle.largest(), "most of its records have one key")
            for job in shuffle.jobs():
                self._judge(job)
        return self._dataset(read)

    def _read(self, name: str, tables: Sequence[StreamedTable]) -> _Read:
        from envrules.records.columns.repeated import RisingIds

        limits = self._run_of.limits
        found = _Read(name, tables)
        ids = RisingIds()
        for number, table in enumerate(tables):
            accounts, warnings, batches = [], Counter[Diagnostic](), 0
            kept, units = Kept(limits.problems), UnitWatch(table.plan)
            for batch in table.batches(limits.batch):
                batches += 1
                self._take(name, batch, number)
                ids.see(batch.records)
                units.see(batch.records)
                if kept.full:
                    kept.count += batch.problem_count()
                else:
                    kept.add(batch.problems())
                accounts.append(batch.account)
                warnings.update(batch.warnings)
                self._done += batch.account.rows_read
                self._run_of._say("judging", self._done, self._total)
            found.add(joined_account(accounts) if accounts else empty_account(table), kept, warnings, batches)
            found.warnings += units.warnings()
        found.rising = ids.rising
        return found

    def _take(self, name: str, batch: Batch, number: int) -> None:
        """Judge the records of a batch by the rules that need no others, and set them aside for the rest."""
        rules = self._apart.get(name)
        if rules:
            self._judge(self._run_of.job({**self._job.records, name: batch.records}, rules))
        for shuffle in self._shuffles:
            if name in shuffle.types:
                shuffle.take(name, batch.records, batch, number)

    def _judge(self, job: Job) -> None:
        from envrules.records.columns.places import places_of

        self._engines[self._run_of.engine.describe(job)] = None
        judgement: Judgement = judge(self._run_of.engine, job)
        for rule in job.rules:
            self._counts[rule.id].update(judgement.counts[rule.id])
            table = judgement.table(rule)
            records = job.records.get(rule.record, ())
            if table is not None:
                places = None if rule.group is not None else places_of(records, table.rows["place"])
                self._found.add_table(rule.id, table, places)
            else:
                verdicts = judgement.verdicts(rule)
                of: dict[str, CellPlace] = {}
                for record in job.subjects_of(rule) if verdicts and rule.group is None else ():
                    of.setdefault(record.id, record.place)
                self._found.add_verdicts(verdicts, of)

    # --- what is told of them -----------------------------------------------------------------------------------------

    def counted(self) -> dict[str, dict[Outcome, int]]:
        """Rule -> outcome -> how many, in the order of the outcomes."""
        from envrules.verdict import OUTCOMES

        return {rule: {o: own[o] for o in OUTCOMES if own[o]} for rule, own in self._counts.items()}

    def engines(self) -> str:
        """Which engines judged."""
        names = dict.fromkeys(name for said in self._engines for name in said.split(" and "))
        return " and ".join(names) or self._run_of.engine.name

    def _dataset(self, read: Sequence[_Read]) -> tuple[Dataset, int]:
        whole, limits = self._streams.whole, self._run_of.limits
        found_of = {one.name: one for one in read}
        records: dict[str, Sequence[Record]] = {}
        accounts: list[SourceAccount] = []
        warnings = [*self._run_of.asked.warnings, *self._streams.warnings]
        problems: list[CellProblem] = []
        count = len(whole.problems)
        for name in self._streams.order:
            one = found_of.get(name)
            if one is None:
                records[name] = whole.records.get(name, [])
                accounts += [a for a in whole.accounts if a.record_type == name]
                problems += [p for p in whole.problems if p.record_type == name]
                continue
            length = sum(a.rows_used for a in one.accounts)
            own = StreamedRecords(one.tables, limits.batch, length)
            records[name] = own
            accounts += one.accounts
            warnings += one.warnings
            for kept in [*one.kept, self._repeated(one, own, length)]:
                problems += kept.first
                count += kept.count
        records |= {name: made for name, made in whole.records.items() if name not in records}
        problems = problems[: limits.problems]
        dataset = Dataset(records, warnings, accounts)
        dataset.doubt(lambda: problems)
        return dataset, count

    def _repeated(self, read: _Read, records: StreamedRecords, length: int) -> Kept:
        """The records whose id an earlier one has."""
        from envrules.records.columns.repeated import repeated_in_batches

        kept = Kept(self._run_of.limits.problems)
        if read.rising:
            return kept
        self._run_of._say("looking for ids given twice", 0, 0)
        again, kept.count = repeated_in_batches(read.name, records.batches(), length, self._spill, kept.most)
        pairs = again.rows()
        wanted = sorted({place for pair in pairs for place in pair})
        of = dict(zip(wanted, records.at(wanted), strict=True))
        record_type = read.tables[0].record_type
        for place, first in pairs:
            column = next(t.plan.id_column for t in read.tables if t.plan.table.source == of[place].place.source)
            kept.first.append(duplicate(of[place], of[first], record_type, column))
        return kept


@dataclass
class _Read:
    """What reading the tables of a type gave."""

    name: str
    tables: Sequence[StreamedTable]
    accounts: list[SourceAccount] = field(default_factory=list)
    warnings: list[Diagnostic] = field(default_factory=list)
    kept: list[Kept] = field(default_factory=list)
    rising: bool = True

    def add(self, account: SourceAccount, kept: Kept, warnings: Counter[Diagnostic], batches: int) -> None:
        """Take what one table gave."""
        self.accounts.append(account)
        self.kept.append(kept)
        said: dict[tuple[str, str], Diagnostic] = {}
        for warning, count in warnings.items():
            # Of a whole column this is true only if it is true of each of its parts.
            if warning.code == "percent-format" and count < batches:
                continue
            said.setdefault((warning.code, warning.what), warning)
        self.warnings += said.values()


__all__ = ["Limits", "StreamResult", "check_stream"]
