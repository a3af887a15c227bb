"""The outcomes of rules as a table of Arrow whose columns and types are the same whatever was found.

What is observed, needed or given out is a number, or else a text in the column of the name and `_text`: the parts of a
large check, made one by one, then fit together.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from envrules.report.frame import chosen_outcomes, outcome_table
from envrules.verdict import Outcome, OutcomeTable, Verdict

_TEXTS: Final = ("rule", "clause", "record_type", "record_id", "subject", "outcome", "severity")
_LISTS: Final = ("missing", "fields", "notes")
#: The columns, in order.
COLUMNS: Final = (
    *_TEXTS,
    *("observed", "observed_text", "limit", "limit_text", "margin", "unit", "value", "value_text"),
    *_LISTS,
)
_NUMBERS: Final = ("observed", "limit", "margin", "value")


def outcome_schema() -> Any:
    """The Arrow schema of a table of outcomes.

    Examples:
        >>> outcome_schema().field("margin").type, outcome_schema().field("missing").type
        (DataType(double), ListType(list<element: string>))
    """
    import pyarrow as pa

    texts = pa.list_(pa.field("element", pa.string()))
    return pa.schema([(c, pa.float64() if c in _NUMBERS else texts if c in _LISTS else pa.string()) for c in COLUMNS])


def whole_table(batch: Any) -> Any:
    """A record batch as a table; anything else as it is."""
    if type(batch).__name__ != "RecordBatch" or not type(batch).__module__.startswith("pyarrow"):
        return batch
    import pyarrow as pa

    return pa.Table.from_batches([batch])


def outcomes_as_arrow(parts: Sequence[OutcomeTable | Sequence[Verdict]], outcomes: Sequence[Outcome]) -> Any:
    """One table of the outcomes of several rules, with the columns of `outcome_schema`.

    Args:
        parts: for each rule its outcomes as a table, or as verdicts.
        outcomes: those that are wanted.
    """
    import polars as pl

    schema = outcome_schema()
    tables = []
    for part in parts:
        if not isinstance(part, OutcomeTable):
            rows = [v.as_dict() for v in part]
            if not rows:
                continue
            part = outcome_table(rows)
        tables.append(chosen_outcomes(part, outcomes))
    frames = [t.frame.select(COLUMNS) for t in tables if len(t.rows)]
    if not frames:
        return schema.empty_table()
    return pl.concat(frames, how="vertical_relaxed", rechunk=True).to_arrow().cast(schema)
