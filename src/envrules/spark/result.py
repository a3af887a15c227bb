"""The result of a check on a cluster: counts here, all else as frames of Spark."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NoReturn, overload

from envrules.diagnostics import CallError, Diagnostic
from envrules.report.arrow import COLUMNS
from envrules.report.base import ReportData
from envrules.result import Result
from envrules.spark.errors import in_our_words
from envrules.spark.rows import OUTCOME, PROBLEM, PROBLEM_COLUMNS
from envrules.verdict import FINDINGS, OUTCOMES, Outcome, Verdict


def _on_cluster(what: str) -> NoReturn:
    hint = "use result.findings, or collect some of it and check those records"
    raise CallError([Diagnostic("spark-result", what, f"{what} would bring every outcome to the driver", hint=hint)])


class OnCluster(Sequence[Verdict]):
    """Verdicts that stay where they are."""

    def __len__(self) -> int:
        _on_cluster("verdicts")

    @overload
    def __getitem__(self, index: int) -> Verdict: ...

    @overload
    def __getitem__(self, index: slice) -> list[Verdict]: ...

    def __getitem__(self, index: int | slice) -> Verdict | list[Verdict]:
        _on_cluster("verdicts")

    def __repr__(self) -> str:
        return "<verdicts on the cluster>"


@dataclass(frozen=True, repr=False)
class SparkResult(Result):
    """The outcomes of one run on a cluster.

    `violations`, `findings`, `outcomes` and `problems` are frames of Spark, with the columns of the Arrow findings:
    a number in `observed`, anything else in `observed_text`. Nothing of them is collected. `summary`, `counts` and
    `exit_code` are here. What needs every verdict in one place (`verdicts`, `explain`, reports) is refused.
    """

    #: Every row that the workers gave.
    rows: Any = field(default=None, repr=False, compare=False)
    duplicates: Any = field(default=None, repr=False, compare=False)
    #: How many cells could not be used.
    unusable: int = 0

    def _frame(self, outcomes: tuple[Outcome, ...]) -> Any:
        found = self.rows.filter(self.rows["kind"] == OUTCOME)
        if set(outcomes) != set(OUTCOMES):
            found = found.filter(found["outcome"].isin(list(outcomes)))
        return found.select(*COLUMNS)

    @property
    def findings(self) -> Any:
        """A row for each violation, open case and duty not yet due."""
        return self._frame(FINDINGS)

    @property
    def summary(self) -> Any:
        """A row for each rule: how many outcomes of each kind, or `no_data`."""
        import pyarrow as pa

        texts = ("rule", "clause", "record_type", "severity", "status")
        schema = pa.schema(
            [*((t, pa.string()) for t in texts), *((o, pa.int64()) for o in OUTCOMES), ("title", pa.string())]
        )
        rows = [{**r.as_dict(), "title": r.title_en or r.title_zh} for r in self.summary_rows]
        with in_our_words():
            return self.rows.sparkSession.createDataFrame(pa.Table.from_pylist(rows, schema))

    @property
    def problems(self) -> Any:
        """A row for each cell that could not be used, with the record's id, and for each id that stands twice."""
        found = self.rows.filter(self.rows["kind"] == PROBLEM).select(*PROBLEM_COLUMNS)
        return found.unionByName(self.duplicates)

    @property
    def problem_list(self) -> Any:
        """Refused: the problems stay on the cluster."""
        _on_cluster("problem_list")

    def lists(self, outcome: Outcome) -> bool:
        """Whether the rows hold each outcome of this kind, and not only its count."""
        return self.listed == "all" or outcome in FINDINGS

    def count_duplicates(self) -> int:
        """How many ids several records have; a shuffle of all ids on the cluster."""
        with in_our_words():
            return int(self.duplicates.count())

    def counted_data(self, lenient: bool = False) -> ReportData:
        """What was counted, as a report takes it, without a single outcome."""
        return self._reported(lenient, verdicts=(), problems=())

    def release(self) -> None:
        """Let the cluster forget the outcomes, which it keeps so that they are worked out once."""
        self.rows.unpersist()

    def explain(self, record: str, rule: str) -> Any:
        """Refused: collect the record and explain it from a check of it alone."""
        _on_cluster("explain")

    def report_data(self, lenient: bool = False) -> Any:
        """Refused: a report shows every finding."""
        _on_cluster("a report")

    def _repr_html_(self) -> str:
        import html

        return f"<p>{html.escape(repr(self))}</p>"
