"""Outcomes of a check that is larger than memory: frames set aside rule by rule, and the files made of them.

The files are those that `report.parquet`, `report.csv` and `report.jsonl` give of the same outcomes.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import IO, Any, Final

import polars as pl
from polars.io.plugins import register_io_source

from envrules.diagnostics import CellPlace
from envrules.interval import format_number, round_number
from envrules.records.columns.spill import Spill
from envrules.report.inert import defused
from envrules.report.json import dump
from envrules.report.parquet import text_of
from envrules.report.rows import COLUMNS
from envrules.verdict import OUTCOMES, Outcome, OutcomeTable, Verdict, is_number

#: The formats that outcomes can be written in while they are found.
FORMATS: Final = ("parquet", "csv", "jsonl")
_LISTS: Final = ("missing", "fields", "notes")
_MIXED: Final = ("observed", "limit", "value")
_HOLE = re.compile("\x00([olm])\x00")
_HOLES: Final = {"o": "observed", "l": "limit", "m": "margin"}
_TEXTS: Final = ("rule", "clause", "record_type", "record_id", "subject", "outcome", "severity", "unit", "message")
_COLUMNS: dict[str, Any] = {
    **dict.fromkeys(_TEXTS, pl.String),
    **dict.fromkeys([*_MIXED, "margin"], pl.Float64),
    **{f"{name}_text": pl.String for name in _MIXED},
    **dict.fromkeys(_LISTS, pl.List(pl.String)),
    "source": pl.String,
    "sheet": pl.String,
    "row": pl.Int64,
}
_SCHEMA: Final = pl.Schema(_COLUMNS)
_CONTROL = "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]"
_FORMULA = r"^(?:[\t\r\n]|\s*[=+\-@＝＋－＠])"


class Outcomes:
    """The outcomes that are listed, set aside rule by rule.

    Args:
        spill: where to.
        rules: ids, in the order in which they are given back.
        json: whether what is no number is kept as JSON, not as the text that tables show.
        language: of the sentences.
    """

    def __init__(self, spill: Spill, rules: Sequence[str], json: bool = False, language: str = "en") -> None:
        self._spill, self._rules, self._json = spill, rules, json
        self._unknown = "未知" if language == "zh" else "nothing known"
        #: The fields for want of which outcomes are open -> how many of them.
        self.missing: Counter[str] = Counter()

    def __len__(self) -> int:
        return sum(self._spill.rows(("outcomes", rule)) for rule in self._rules)

    def add_table(self, rule: str, table: OutcomeTable, places: pl.DataFrame | None) -> None:
        """Add the outcomes of a rule; `places` has the source, sheet and row of each, None for groups."""
        say = dump if self._json else text_of
        told = {
            f"{n}_text": pl.Series([None if is_number(v) or v is None else say(v) for v in values], dtype=pl.String)
            for n, values in table.plain.items()
        }
        kinds = table.kinds.with_columns(**told)
        whole = table.rows.drop("place", strict=False).hstack(kinds[table.rows["kind"]])
        if places is None:
            places = pl.select(
                pl.repeat(None, len(whole), dtype=kind).alias(name)
                for name, kind in (("source", pl.String), ("sheet", pl.String), ("row", pl.Int64))
            )
        frame = _with_numbers(whole, self._unknown).hstack(places).select(_SCHEMA.names())
        self._add(rule, frame.cast(_SCHEMA))

    def add_verdicts(self, verdicts: Sequence[Verdict], places: Mapping[str, CellPlace]) -> None:
        """Add the outcomes of a rule that were made one by one; `places` has those of records by their ids."""
        if not verdicts:
            return
        say = dump if self._json else text_of
        rows = []
        for verdict in verdicts:
            row = verdict.as_dict()
            for name in _MIXED:
                value = row[name]
                row[f"{name}_text"] = None if value is None or is_number(value) else say(value)
                row[name] = None if value is None or not is_number(value) else float(value)
            place = places.get(verdict.record_id or "")
            row |= {"source": None, "sheet": None, "row": None}
            if place is not None:
                row |= {"source": place.source, "sheet": place.sheet or None, "row": place.row}
            rows.append([row[n] for n in _SCHEMA.names()])
        self._add(verdicts[0].rule, pl.DataFrame(rows, schema=_SCHEMA, orient="row", strict=False))

    def _add(self, rule: str, frame: pl.DataFrame) -> None:
        self._spill.add(("outcomes", rule), frame)
        fields = frame.filter(pl.col("outcome") == "indeterminate")["missing"].explode().drop_nulls()
        self.missing.update(dict(fields.value_counts().rows()))

    def frames(self) -> Iterator[pl.DataFrame]:
        """All outcomes, rule by rule."""
        for rule in self._rules:
            yield from self._spill.frames(("outcomes", rule))

    def verdicts(self, rule: str | None = None) -> Iterator[Verdict]:
        """The outcomes as verdicts, of all rules or of one."""
        frames = self.frames() if rule is None else self._spill.frames(("outcomes", rule))
        for frame in frames:
            for row in frame.iter_rows(named=True):
                yield _verdict(row, self._json)

    def samples(self, most: int) -> list[Verdict]:
        """The first outcomes of each rule, so many of each kind at most."""
        found: list[Verdict] = []
        for rule in self._rules:
            left: dict[Outcome, int] = dict.fromkeys(OUTCOMES, most)
            for frame in self._spill.frames(("outcomes", rule)):
                for outcome in OUTCOMES:
                    if not left[outcome]:
                        continue
                    some = frame.filter(pl.col("outcome") == outcome).head(left[outcome])
                    left[outcome] -= len(some)
                    found += [_verdict(row, self._json) for row in some.iter_rows(named=True)]
        return found

    def chosen(self, outcomes: Sequence[Outcome]) -> pl.LazyFrame:
        """Those with some outcomes as a lazy frame."""
        every = self.scan()
        return every if set(outcomes) == set(OUTCOMES) else every.filter(pl.col("outcome").is_in(list(outcomes)))

    def scan(self) -> pl.LazyFrame:
        """All outcomes as a lazy frame, read in pieces."""

        def pieces(
            columns: list[str] | None, predicate: pl.Expr | None, rows: int | None, batch: int | None
        ) -> Iterator[pl.DataFrame]:
            left = rows
            for frame in self.frames():
                part = frame if left is None else frame.head(left)
                left = None if left is None else left - len(part)
                part = part if predicate is None else part.filter(predicate)
                yield part if columns is None else part.select(columns)
                if left == 0:
                    return

        return register_io_source(pieces, schema=_SCHEMA, is_pure=True)


def _with_numbers(frame: pl.DataFrame, unknown: str) -> pl.DataFrame:
    """The sentences with their numbers put in."""
    message = frame["message"]
    holed = message.str.contains("\x00", literal=True).fill_null(False)
    if not holed.any():
        return frame
    texts = frame.select(message=message, **{n: number_texts(frame[n]) for n in _HOLES.values()}).with_row_index("at")
    filled = [texts.filter(~holed).select("at", "message")]
    for part in texts.filter(holed).partition_by("message", maintain_order=True):
        pieces = _HOLE.split(part["message"][0])
        values = [pl.col(_HOLES[p]).fill_null(unknown) if i % 2 else pl.lit(p, pl.String) for i, p in enumerate(pieces)]
        filled.append(part.select("at", message=pl.concat_str(values)))
    return frame.with_columns(pl.concat(filled).sort("at")["message"])


def number_texts(numbers: pl.Series) -> pl.Series:
    """Numbers as people write them, null where there is none; negative zero is zero."""
    different = numbers.drop_nulls().unique()
    known = pl.DataFrame({"n": different, "text": [format_number(v + 0.0) for v in different.to_list()]})
    frame = pl.DataFrame({"n": numbers})
    return frame.join(known.cast({"text": pl.String}), on="n", how="left", maintain_order="left")["text"]


def _verdict(row: Mapping[str, Any], as_json: bool) -> Verdict:
    def value(name: str) -> Any:
        if row[name] is not None:
            return round_number(row[name])
        text = row[f"{name}_text"]
        return json.loads(text) if as_json and text is not None else text

    return Verdict(
        rule=row["rule"],
        clause=row["clause"],
        record_type=row["record_type"],
        record_id=row["record_id"],
        subject=row["subject"] or "",
        outcome=row["outcome"],
        fields=tuple(row["fields"]),
        observed=value("observed"),
        limit=value("limit"),
        margin=None if row["margin"] is None else round_number(row["margin"]),
        unit=row["unit"],
        value=value("value"),
        missing=tuple(row["missing"]),
        notes=tuple(row["notes"]),
        severity=row["severity"],
        message=row["message"],
    )


# --- files ------------------------------------------------------------------------------------------------------------

Titles = Mapping[str, tuple[str, str]]


def write(
    outcomes: Outcomes,
    format_: str,
    file: IO[bytes],
    titles: Titles,
    metadata: Mapping[str, str],
    advance: Callable[[int], None],
) -> None:
    """Write all outcomes in one of `FORMATS`.

    Args:
        titles: rule id -> its title in English and Chinese.
        advance: called with the number of outcomes written since the last call.

    Raises:
        OSError: where the file cannot be written.
    """
    if format_ == "parquet":
        _write_parquet(outcomes, file, titles, metadata, advance)
    elif format_ == "csv":
        _write_csv(outcomes, file, titles, advance)
    else:
        for verdicts in _pieces(outcomes.verdicts(), 10_000):
            file.write("".join(f"{dump(v.as_dict())}\n" for v in verdicts).encode("utf-8", "backslashreplace"))
            advance(len(verdicts))


def _pieces(items: Iterator[Verdict], size: int) -> Iterator[list[Verdict]]:
    held: list[Verdict] = []
    for item in items:
        held.append(item)
        if len(held) == size:
            yield held
            held = []
    if held:
        yield held


def _titled(frame: pl.DataFrame, titles: Titles) -> pl.DataFrame:
    """The outcomes with the titles of their rules, which are all of one."""
    en, zh = titles.get(frame["rule"][0], ("", "")) if len(frame) else ("", "")
    return frame.with_columns(title_en=pl.lit(en, pl.String), title_zh=pl.lit(zh, pl.String))


def _write_parquet(
    outcomes: Outcomes, file: IO[bytes], titles: Titles, metadata: Mapping[str, str], advance: Callable[[int], None]
) -> None:
    columns: list[pl.Expr] = []
    for name in COLUMNS:
        if name in _MIXED:
            columns.append(pl.coalesce(f"{name}_text", f"{name}_number_text").alias(name))
            columns.append(pl.col(name).alias(f"{name}_number"))
        else:
            columns.append(pl.col(name))

    def shaped(frame: pl.DataFrame) -> pl.DataFrame:
        texts = {f"{n}_number_text": number_texts(frame[n]) for n in _MIXED}
        return _titled(frame, titles).with_columns(**texts).select(columns)

    schema = shaped(_SCHEMA.to_frame()).schema

    def pieces(
        wanted: list[str] | None, predicate: pl.Expr | None, rows: int | None, batch: int | None
    ) -> Iterator[pl.DataFrame]:
        for frame in outcomes.frames():
            for part in frame.iter_slices(1 << 17):
                yield shaped(part) if wanted is None else shaped(part).select(wanted)
                advance(len(part))

    try:
        register_io_source(pieces, schema=schema, is_pure=True).sink_parquet(file, metadata=dict(metadata))
    except pl.exceptions.ComputeError as error:
        raise _as_os_error(error) from None


def _as_os_error(error: Exception) -> Exception:
    """What the system said, where polars tells it in its own error."""
    found = re.search(r"(?P<what>[^:]+) \(os error (?P<number>\d+)\)", str(error))
    return OSError(int(found["number"]), found["what"].strip()) if found else error


def _write_csv(outcomes: Outcomes, file: IO[bytes], titles: Titles, advance: Callable[[int], None]) -> None:
    file.write("\ufeff".encode() + ",".join(COLUMNS).encode() + b"\r\n")
    for frame in outcomes.frames():
        for part in frame.iter_slices(1 << 17):
            cells = []
            whole = _titled(part, titles)
            for name in COLUMNS:
                if name in _MIXED:
                    texts = _defused(whole[f"{name}_text"])
                    cells.append(pl.select(pl.coalesce(texts, number_texts(whole[name]))).to_series().alias(name))
                elif name == "margin":
                    cells.append(number_texts(whole[name]).alias(name))
                elif name == "row":
                    cells.append(whole[name])
                else:
                    text = whole[name].list.join("; ") if name in _LISTS else whole[name]
                    cells.append(_defused(text).alias(name))
            made = pl.DataFrame(cells).with_columns(pl.col(pl.String).replace("", None))
            made.write_csv(file, include_header=False, line_terminator="\r\n")
            advance(len(part))


def _defused(texts: pl.Series) -> pl.Series:
    """Texts as cells of a CSV file: each different one that may do harm once."""
    doubtful = texts.str.contains(_FORMULA) | texts.str.contains(_CONTROL)
    rows = doubtful.fill_null(False).arg_true()
    return texts.clone().scatter(rows, [defused(t) for t in texts.gather(rows).to_list()]) if len(rows) else texts
