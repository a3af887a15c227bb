"""Records judged one batch after the other: what Spark, Ray, Dask and Daft workers call, and any program with a stream.

A batch is judged apart from all others, so only rules on one record at a time fit. Knows no cluster and no file.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from envrules.api import check
from envrules.diagnostics import CallError, Diagnostic, nearest
from envrules.request import made_certain
from envrules.verdict import FINDINGS, OUTCOMES, Outcome

if TYPE_CHECKING:
    from envrules.pack.pack import Pack, Rule
    from envrules.records.values import CellProblem
    from envrules.result import Result


@dataclass(frozen=True)
class Batch:
    """What was found on one batch.

    Args:
        findings: a `pyarrow.Table` with the columns of `BatchChecker.schema`, a row for each outcome that is listed,
            rule by rule, each rule's in the order of the records.
        counts: rule -> outcome -> how many records have it. Those of all batches are the sums of these.
    """

    findings: Any
    counts: Mapping[str, Mapping[Outcome, int]]
    _result: Result = field(repr=False)

    @property
    def problems(self) -> list[CellProblem]:
        """The cells that could not be used, and ids that stand twice in this batch; looked for when it is asked."""
        return self._result.problem_list


class BatchChecker:
    """Judges batches of one record type by the rules that need one record at a time, with the columnar engine.

    It can be pickled, with the texts of the pack: where it is unpickled the pack is checked again, which takes half a
    second, so let each process unpickle it once. Workers need no file of the pack.

    Every batch has to have the same columns, one of ids among them: a record without an id is named by its row of the
    batch. Numbers are in the units that the fields declare, or that the headers or `mapping` state; a column of units
    that no mapping names is recognised by the first rows of each batch. An id that two batches share is not noticed.

    Args:
        pack: a loaded pack, or what `load_pack` takes.
        record_type: of the records in all batches.
        as_of: the evaluation date, the same for all batches: there is no "today" here, which may differ from worker to
            worker.
        rules: ids or patterns of the rules to run. One that needs several records, or other records, is refused; where
            none are named, all others of the record type are run, and `left_out` lists the rest.
        mapping: how the columns map to fields.
        outcomes: list the findings only, or every outcome.
        language: of notes.

    Raises:
        PackError, CallError: with everything that is wrong with what was given; `engine-unsupported` names a rule that
            cannot be judged in batches.

    Examples:
        >>> import pyarrow as pa
        >>> checker = BatchChecker("jiuquan-2018", "coal_lot", as_of="2020-12-31", rules="coal.sulfur.built-up")
        >>> lots = pa.table({"id": ["A", "B"], "zone": ["built_up"] * 2, "activity": ["use"] * 2,
        ...                  "total_sulfur": [0.9, 0.3], "sampled_on": ["2020-01-05"] * 2})
        >>> batch = checker.judge(lots)
        >>> batch.findings.select(["record_id", "outcome", "observed", "limit", "margin", "unit"]).to_pylist()
        [{'record_id': 'A', 'outcome': 'violation', 'observed': 0.9, 'limit': 0.8, 'margin': -0.1, 'unit': '%'}]
        >>> batch.counts
        {'coal.sulfur.built-up': {'pass': 1, 'violation': 1}}
    """

    def __init__(
        self,
        pack: Pack | str | Path,
        record_type: str,
        *,
        as_of: dt.date | str,
        rules: str | Iterable[str] | None = None,
        mapping: str | Path | Mapping[str, Any] | None = None,
        outcomes: Literal["findings", "all"] = "findings",
        language: Literal["en", "zh"] = "en",
    ) -> None:
        named = None if rules is None else (rules,) if isinstance(rules, str) else tuple(rules)
        _need_pyarrow()
        asked = made_certain(pack, as_of=as_of, rules=named, outcomes=outcomes, language=language)
        self.as_of, self.pack = asked.as_of, asked.pack
        self._made_with = (self.pack, record_type, self.as_of, named, mapping, outcomes, language)
        if record_type not in self.pack.records:
            what = f"{record_type} is not a record type of {self.pack.name}"
            raise CallError(
                [Diagnostic("unknown-record", record_type, what, hint=nearest(record_type, self.pack.records))]
            )
        self.record_type, self.mapping = record_type, mapping
        self.outcomes: Literal["findings", "all"] = asked.listed
        self.language: Literal["en", "zh"] = asked.language
        own = [r for r in asked.rules if r.record == record_type]
        #: The rules that are run, and those of the record type that a batch cannot show.
        self.rules = tuple(r for r in own if not why_not_in_batches(r))
        self.left_out = tuple(r for r in own if why_not_in_batches(r))
        if named is not None:
            self._refuse([*self.left_out, *(r for r in asked.rules if r.record != record_type)])

    def _refuse(self, rules: Iterable[Rule]) -> None:
        found = []
        for rule in rules:
            why = why_not_in_batches(rule) or f"its records are {rule.record}, not {self.record_type}"
            found.append(Diagnostic("engine-unsupported", rule.id, f"this rule cannot be judged in batches: {why}"))
        if found:
            raise CallError(found)

    def __reduce__(self) -> Any:
        return _rebuilt, self._made_with

    @property
    def schema(self) -> Any:
        """The `pyarrow.Schema` of the findings, the same for every batch, with or without findings."""
        from envrules.report.arrow import outcome_schema

        return outcome_schema()

    def judge(self, batch: Any) -> Batch:
        """What is found on a batch: a table or record batch of Arrow, or any frame that `check` takes.

        Raises:
            InputError: where the columns cannot be told.
        """
        from envrules.report.arrow import outcomes_as_arrow, whole_table

        result = check(
            self.pack,
            {self.record_type: whole_table(batch)},
            as_of=self.as_of,
            engine="columnar",
            mapping=self.mapping,
            outcomes=self.outcomes,
            rules=[r.id for r in self.rules],
            language=self.language,
        )
        listed = OUTCOMES if self.outcomes == "all" else FINDINGS
        return Batch(outcomes_as_arrow([result.outcome_part(r) for r in self.rules], listed), result.counts, result)


def _rebuilt(
    pack: Any, record_type: str, as_of: dt.date, rules: Any, mapping: Any, outcomes: Any, language: Any
) -> BatchChecker:
    return BatchChecker(
        pack, record_type, as_of=as_of, rules=rules, mapping=mapping, outcomes=outcomes, language=language
    )


def _need_pyarrow() -> None:
    if find_spec("pyarrow") is None:
        what, hint = "tables of findings need pyarrow, which is not installed", "pip install 'envrules[arrow]'"
        raise CallError([Diagnostic("extra-missing", "batch", what, hint=hint)])


def why_not_in_batches(rule: Rule) -> str:
    """Why a rule cannot be judged on one record apart from all others; an empty text where it can."""
    if rule.group is not None:
        return "it judges the records of a group or period together"
    return "it looks at other records too" if rule.related else ""


def check_batch(
    pack: Pack | str | Path,
    record_type: str,
    batch: Any,
    *,
    as_of: dt.date | str,
    rules: str | Iterable[str] | None = None,
    mapping: str | Path | Mapping[str, Any] | None = None,
) -> Any:
    """The findings on one batch as a `pyarrow.Table`: `BatchChecker(...).judge(batch).findings`.

    For many batches make one `BatchChecker`, which loads the pack once.

    Raises:
        PackError, InputError, CallError: as `BatchChecker` and its `judge` do.

    Examples:
        >>> import pyarrow as pa
        >>> lots = pa.table({"id": ["A"], "zone": ["built_up"], "activity": ["use"], "total_sulfur": [None]})
        >>> found = check_batch("jiuquan-2018", "coal_lot", lots, as_of="2020-12-31", rules="coal.sulfur.built-up")
        >>> found.select(["outcome", "observed", "limit", "missing"]).to_pylist()
        [{'outcome': 'indeterminate', 'observed': None, 'limit': 0.8, 'missing': ['total_sulfur']}]
    """
    return BatchChecker(pack, record_type, as_of=as_of, rules=rules, mapping=mapping).judge(batch).findings
