"""One raw column to the values of one field: plain types all together, anything else each different cell once.

Whatever is not plainly of the field's own type goes through the reader of single cells, so both read the same.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import cast

import polars as pl

from envrules.records.cells import CellReader
from envrules.records.columns.field import FieldColumn, joined, nothing, of_values, where
from envrules.records.columns.numbers import read_numbers
from envrules.records.columns.raw import RawColumn, plain_cells
from envrules.records.plan import Read, Slot
from envrules.records.values import ABSENT, UNUSABLE, Fault, Value
from envrules.units import Unit

#: All that `str.strip` takes away.
BLANKS = "".join(c for c in map(chr, range(0x3001)) if c.isspace())
#: A text that is nothing but itself: no blank around it, no word for nothing (none has a digit), no error of a sheet.
_PLAIN_TEXT = r"^(?:[!\"$-~][!-~]*)?[0-9]$"
_EPOCH = dt.date(1970, 1, 1).toordinal()
_TICKS_A_DAY = {unit: 86_400 * per_second for unit, per_second in (("ms", 10**3), ("us", 10**6), ("ns", 10**9))}
#: Types whose equal values are one and the same cell.
_HASHED = (
    pl.String, pl.Int64, pl.Int32, pl.Int16, pl.Int8, pl.UInt64, pl.UInt32, pl.UInt16, pl.UInt8, pl.Boolean, pl.Date,
)  # fmt: skip
_FIRST = 1000  # cells that are looked at before all are
_MOST_COMPARED = 6  # words compared one after the other faster than they are hashed


def read_column(raw: RawColumn, slot: Slot) -> FieldColumn:
    """The values of one column, by its slot in the plan."""
    found = read_plain(raw, slot) if isinstance(raw, pl.Series) else _mixed_numbers(raw, slot)
    return each_once(raw, slot, slot.read) if found is None else found


def read_plain(raw: pl.Series, slot: Slot) -> FieldColumn | None:
    """The column read all together, where its type is one that the field has; else None."""
    # A reader of its own kind has more to say of a number than its value.
    if slot.translation or type(slot.reader) is not CellReader:
        return None
    kind, dtype = slot.field.kind, raw.dtype
    if dtype == pl.Null:
        return nothing(slot.field, len(raw))
    if isinstance(dtype, pl.Categorical | pl.Enum):
        raw = raw.cast(pl.String)
        dtype = raw.dtype
    if kind in ("quantity", "number", "int"):
        unit, target = slot.unit, slot.reader.target
        if dtype.is_numeric():
            return read_numbers(raw, slot.field, slot.reader.units, unit, target)
        return _number_texts(raw, slot, unit, target) if dtype == pl.String else None
    if kind == "bool":
        return FieldColumn(raw) if dtype == pl.Boolean else None
    if kind == "date":
        return _dates(raw)
    if kind == "enum" and dtype == pl.String:
        return _words(raw, slot)
    if kind in ("id", "text") and dtype == pl.String:
        return _texts(raw, slot)
    return None


def _mixed_numbers(raw: Sequence[object], slot: Slot) -> FieldColumn | None:
    """Numbers together, and what else stands among them each once, where it is less than half."""
    if slot.field.kind not in ("quantity", "number", "int"):
        return None
    odd = [i for i, cell in enumerate(raw) if type(cell) is not float and cell is not None and cell != ""]
    if 2 * len(odd) > len(raw):
        return None
    numbers = read_plain(pl.Series([c if type(c) is float else None for c in raw], dtype=pl.Float64), slot)
    if numbers is None:
        return None
    rest = each_once([raw[i] for i in odd], slot, slot.read)
    return put(numbers, pl.Series(odd, dtype=pl.UInt32), rest) if odd else numbers


def _number_texts(raw: pl.Series, slot: Slot, unit: Unit | None, target: Unit) -> FieldColumn | None:
    """Texts that are plain numbers together; those with units, marks or words each once."""
    values = raw.cast(pl.Float64, strict=False)
    plain = values.is_finite().fill_null(False)
    if plain.sum() < len(raw) // 2:
        return None
    numbers = read_numbers(where(plain, values), slot.field, slot.reader.units, unit, target)
    if numbers is None:
        return None
    rest = (raw.is_not_null() & ~plain).arg_true()
    return numbers if not len(rest) else put(numbers, rest, each_once(raw.gather(rest), slot, slot.read))


def _dates(raw: pl.Series) -> FieldColumn | None:
    dtype = raw.dtype
    if isinstance(dtype, pl.Datetime) and dtype.time_zone is None:
        # The days that `dt.date` gives, in half its time.
        whole = raw.to_physical() // _TICKS_A_DAY[dtype.time_unit]
    elif dtype == pl.Date:
        whole = raw.to_physical()
    else:
        return None
    days = whole.cast(pl.Float64) + float(_EPOCH)
    if len(days) and not ((days.min() or 1.0) >= 1 and (days.max() or 1.0) <= dt.date.max.toordinal()):  # type: ignore[operator]
        return None
    return FieldColumn(days)


def _words(raw: pl.Series, slot: Slot) -> FieldColumn | None:
    """Texts all of which are the names that the enumeration declares."""
    assert slot.field.enum is not None
    names = slot.field.enum.names
    there = len(raw) - raw.null_count()
    found = 0
    places: dict[str, pl.Series] = {}
    if len(names) <= _MOST_COMPARED:
        for name in names:
            places[name] = raw == name
            found += cast(int, places[name].sum())
            if found == there:
                break
    else:
        found = cast(int, raw.is_in(pl.Series(names, dtype=pl.String).implode()).sum())
    own = found == there and slot.names_read_as_they_are
    return FieldColumn(raw, places=places) if own else None


def _texts(raw: pl.Series, slot: Slot) -> FieldColumn:
    """Texts without the blanks around them; those that may stand for nothing are read each once."""
    if _all_digits(raw) or raw.str.contains(_PLAIN_TEXT).all():
        return FieldColumn(raw)
    kept = raw.str.strip_chars(BLANKS)
    # Every word for nothing and for what is not known is without a digit; spreadsheet errors begin with #.
    doubtful = (~kept.str.contains("[0-9]") | kept.str.starts_with("#")).fill_null(False)
    rest = doubtful.arg_true()
    column = FieldColumn(kept)
    return column if not len(rest) else put(column, rest, each_once(raw.gather(rest), slot, slot.read))


def _all_digits(raw: pl.Series) -> bool:
    """Whether they are all whole numbers, as ids often are, which is told in a fraction of the time."""
    if not len(raw) or not (raw[0] or "").isdigit():
        return False
    return raw.cast(pl.Int64, strict=False).null_count() == raw.null_count()


def put(column: FieldColumn, rows: pl.Series, there: FieldColumn) -> FieldColumn:
    """The column with other values in these rows."""
    order = pl.Series(range(len(column)), dtype=pl.UInt32).scatter(rows, pl.Series(range(len(rows))) + len(column))
    return joined([column, there]).gather(order)


def each_once(raw: RawColumn, slot: Slot, read: Read) -> FieldColumn:
    """Every different cell through the reader of cells, once."""
    cells, codes = different(raw)
    values = [value_of(read, cell) for cell in cells]
    return of_values(values, slot.field).gather(codes)


def value_of(read: Read, cell: object) -> Value:
    """The value of a raw cell as a record holds it."""
    if cell is None or (type(cell) is str and not cell):
        return ABSENT
    found = read(cell)
    return UNUSABLE if isinstance(found, Fault) else found.value


def telling(raw: RawColumn) -> Iterator[object]:
    """The different cells of a column, in an order in which the first may suffice; some of them come twice."""
    if isinstance(raw, pl.Series):
        yield from plain_cells(raw.head(_FIRST))
        yield from plain_cells(raw.slice(_FIRST).unique())
    else:
        yield from raw


def different(raw: RawColumn) -> tuple[Sequence[object], pl.Series]:
    """The different cells of a column, and for each row which of them it holds."""
    if isinstance(raw, pl.Series) and raw.dtype in _HASHED:
        seen = raw.unique()
        frame = pl.DataFrame({"cell": raw}).join(
            pl.DataFrame({"cell": seen, "code": range(len(seen))}, schema_overrides={"code": pl.UInt32}),
            on="cell", how="left", nulls_equal=True, maintain_order="left",
        )  # fmt: skip
        return plain_cells(seen), frame["code"]
    cells: dict[tuple[type, object], int] = {}
    kept: list[object] = []
    codes: list[int] = []
    for cell in plain_cells(raw) if isinstance(raw, pl.Series) else raw:
        if type(cell) is float and cell != cell:
            cell = None
        try:
            code = cells.setdefault((type(cell), cell), len(kept))
        except TypeError:  # a list or dict in a cell, which is its own kind of wrong
            code = len(kept)
        if code == len(kept):
            kept.append(cell)
        codes.append(code)
    return kept, pl.Series(codes, dtype=pl.UInt32)
