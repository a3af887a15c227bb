"""The rows that workers give: outcomes, counts of outcomes, cells that cannot be used, what became of the rows read.

All of one task stand in one table, told apart by `kind`, so that one pass over the records gives them all, and a task
that is run again gives them again as a whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, Final

from envrules.records.dataset import SourceAccount
from envrules.records.values import CellProblem
from envrules.report.arrow import outcome_schema
from envrules.verdict import Outcome

OUTCOME: Final = "outcome"
COUNT: Final = "count"
PROBLEM: Final = "problem"
ROWS: Final = "rows"

#: The columns of problems, in order; `row` is that in the part of the frame which `source` names.
PROBLEM_COLUMNS: Final = (
    *("record_type", "record_id", "source", "row", "column", "field", "value_text", "reason", "code"),
)
_MORE: Final = {"count": "int64", "source": "", "row": "int64", "column": "", "field": "", "reason": "", "code": ""}


@lru_cache(maxsize=1)
def row_schema() -> Any:
    """The Arrow schema of all rows."""
    import pyarrow as pa

    schema = pa.schema([("kind", pa.string()), *outcome_schema()])
    for name, type_ in _MORE.items():
        schema = schema.append(pa.field(name, pa.int64() if type_ else pa.string()))
    return schema


def spark_schema(schema: Any) -> str:
    """An Arrow schema in the words of Spark.

    Examples:
        >>> import pyarrow as pa
        >>> spark_schema(pa.schema([("rule", pa.string()), ("count", pa.int64()), ("margin", pa.float64())]))
        '`rule` string, `count` bigint, `margin` double'
    """
    words = {"string": "string", "int64": "bigint", "int32": "int", "double": "double"}
    return ", ".join(f"`{f.name}` {words.get(str(f.type), 'array<string>')}" for f in schema)


def outcome_rows(outcomes: Any) -> Any:
    """A table with the schema of outcomes, as rows."""
    return _filled(OUTCOME, {name: outcomes.column(name) for name in outcomes.column_names}, outcomes.num_rows)


def count_rows(counts: Mapping[str, Mapping[Outcome, int]]) -> Any:
    """How many subjects of each rule have each outcome, as rows."""
    found = [(rule, outcome, n) for rule, own in counts.items() for outcome, n in own.items()]
    columns = {"rule": [r for r, _, _ in found], "outcome": [o for _, o, _ in found], "count": [n for *_, n in found]}
    return _filled(COUNT, columns, len(found))


def problem_rows(problems: Iterable[CellProblem]) -> Any:
    """Cells that cannot be used, as rows."""
    found = [
        {
            "record_type": p.record_type,
            "record_id": p.record_id,
            "source": p.source,
            "row": p.row,
            "column": p.column,
            "field": p.field,
            "value_text": None if p.value is None else str(p.value),
            "reason": p.reason,
            "code": p.code,
        }
        for p in problems
    ]
    return _filled(PROBLEM, {name: [p[name] for p in found] for name in PROBLEM_COLUMNS}, len(found))


def account_rows(source: str, record_type: str, account: SourceAccount) -> Any:
    """How many rows were read, how many became records and how many were left out for each reason, as rows."""
    found = {"read": account.rows_read, "used": account.rows_used}
    found |= {f"skipped: {reason}": n for reason, n in account.skipped.items()}
    size = len(found)
    columns = {"source": [source] * size, "record_type": [record_type] * size}
    return _filled(ROWS, {**columns, "reason": list(found), "count": list(found.values())}, size)


def _filled(kind: str, columns: Mapping[str, Any], length: int) -> Any:
    """A table of rows, with nothing in the columns that are of other kinds."""
    import pyarrow as pa

    schema = row_schema()
    given = {"kind": [kind] * length, **columns}
    arrays = [_array(given[f.name], f.type) if f.name in given else pa.nulls(length, f.type) for f in schema]
    return pa.Table.from_arrays(arrays, schema=schema)


def _array(values: Any, type_: Any) -> Any:
    import pyarrow as pa

    return pa.array(values, type_) if isinstance(values, list) else values
