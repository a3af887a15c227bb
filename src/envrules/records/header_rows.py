"""The header of a table among the first rows of a sheet: which rows it is, and the text of each column.

Titles stand above it, groups and units in rows of their own inside it. What decides is how rows are filled, how cells
are merged, and which of their words name a field or a unit; no record type is chosen here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Protocol

from envrules.records.left_out import filled, is_labelled
from envrules.records.tables import Merge, Row, header_text

#: Rows that are looked at for a header.
LOOK = 60
_DEEPEST = 4
_NUMERIC = re.compile(r"[-+<>≤≥＜＞~～]?[\d.,，:/\-—年月日%％\s]+(?:E[+-]?\d+)?", re.IGNORECASE)
_PERIOD = re.compile(r"(?:1[0-2]|0?[1-9])\s*月份?|(?:19|20)\d\d\s*年度?|[一二三四1-4]季度")
_UNIT_LINE = re.compile(r"[(（]?(?:计量)?单位[:：]\s*(?P<unit>[^()（）\s]+(?:\([^()]*\))?)[)）]?\s*$")
_STROKES = frozenset("-—/／")


class Vocabulary(Protocol):
    """The words that may stand in a header.

    `decides` says that a row with several of them is the header, whatever stands above it.
    """

    decides: bool

    def fields(self, text: str) -> frozenset[str]:
        """The fields, of any record type, that a column called so may be, with or without a unit behind the name."""
        ...

    def is_value(self, text: str, header: str = "") -> bool:
        """Whether a text is a word that some enumeration has, so that a record may begin with it.

        Args:
            header: of its column, where only what a field of that name may hold is asked for.
        """
        ...

    def is_unit(self, text: str) -> bool:
        """Whether a text is a unit and nothing else, in brackets or not."""
        ...


@dataclass(frozen=True)
class Header:
    """The header of a table: its rows, a text for each column with the parts it is made of, and what stands above."""

    rows: tuple[int, ...]
    texts: tuple[str, ...]
    parts: tuple[frozenset[str], ...] = ()
    title: str = ""
    unit: str = ""


def count_names(cells: Iterable[object], words: Vocabulary) -> int:
    """How many different fields a row names; a row that says one name in two languages explains a field."""
    seen: list[frozenset[str]] = []
    for cell in cells:
        meant = words.fields(cell) if isinstance(cell, str) else frozenset()
        if meant and not any(meant & other for other in seen):
            seen.append(meant)
    return len(seen)


def find_header(
    rows: Sequence[Row], words: Vocabulary, merged: Sequence[Merge] = (), wanted: Sequence[int] = ()
) -> Header | None:
    """The header among the first rows of a sheet, or None where there is none.

    Args:
        wanted: the rows that are the header, where the caller knows.
    """
    given = dict(rows)
    if wanted:
        block = [n for n in wanted if n in given]
        if len(block) < len(wanted):
            return None
    else:
        start = _first_row(rows, words)
        if start is None:
            return None
        block = _block(given, start, words, merged)
    above = [cells for number, cells in rows if number < block[0] and filled(cells)]
    title, unit = _above(above)
    columns = _parts([given[n] for n in block], block, merged)
    texts = tuple(_text(parts, words) for parts in columns)
    return Header(tuple(block), texts, tuple(map(frozenset, columns)), title, unit)


def _first_row(rows: Sequence[Row], words: Vocabulary) -> int | None:
    """The row with the names of columns: the first that is as wide as the table and no data."""
    known = [(number, cells, filled(cells)) for number, cells in rows]
    known = [k for k in known if k[2]]
    if not known:
        return None
    wide = _first_wide(known)
    for position, (_, _, found) in enumerate(known):
        names = count_names((c for _, c in found), words)
        if names >= 2 and (2 * names >= len(found) or names >= 3):
            above = known[min(wide, position) : position]
            # Rows as wide as this one are data, unless they are the upper rows of the same header.
            data = [f for _, _, f in above if len(f) >= 0.6 * len(found) and not _is_words(f)]
            return known[wide if data and not words.decides else position][0]
    return known[wide][0]


def _first_wide(known: Sequence[tuple[int, Sequence[object], list[tuple[int, object]]]]) -> int:
    usual = median([len(found) for _, _, found in known])
    least = max(2 if usual >= 2 else 1, usual / 2)
    for position, (_, cells, found) in enumerate(known):
        texts = sum(1 for _, c in found if _is_word(c))
        if len(found) >= least and 2 * texts >= len(found) and not is_labelled(cells):
            return position
    return next((p for p, (_, _, found) in enumerate(known) if len(found) >= least), 0)


def _is_word(cell: object) -> bool:
    """Whether a cell is a word and no number or date; a month or a year alone may be the name of a column."""
    return isinstance(cell, str) and (
        _NUMERIC.fullmatch(cell.strip()) is None or _PERIOD.fullmatch(cell.strip()) is not None
    )


def _is_words(found: Sequence[tuple[int, object]]) -> bool:
    return all(_is_word(c) for _, c in found)


def _block(given: Mapping[int, Sequence[object]], start: int, words: Vocabulary, merged: Sequence[Merge]) -> list[int]:
    """The rows of the header that has names of columns in one row: those above with groups, those below."""
    block = [start]
    while block[0] - 1 in given and len(block) < _DEEPEST and _groups_above(given, block[0], words, merged):
        block.insert(0, block[0] - 1)
    # A cell merged over rows beside the table, in which nothing stands, says nothing of its header.
    named = {row: {i for i, _ in filled(given[row])} for row in block}
    deepest = max((m.bottom for m in merged if m.left in named.get(m.top, ()) and m.bottom > m.top), default=block[-1])
    while block[-1] + 1 in given and len(block) < _DEEPEST:
        below = block[-1] + 1
        if below > deepest and not _is_below(given[block[-1]], given[below], block[-1], words, merged):
            break
        block.append(below)
    return block


def _groups_above(given: Mapping[int, Sequence[object]], row: int, words: Vocabulary, merged: Sequence[Merge]) -> bool:
    """Whether the row above holds names of groups: several, and cells merged over columns or down into this row.

    Where nothing is merged, as in a text file, a name of a field above a cell in which nothing stands says so.
    """
    above = row - 1
    if len(filled(given[above])) < 2 or not _is_words(filled(given[above])):
        return False
    if any(m.top == above and (m.bottom >= row or m.right > m.left) for m in merged):
        return True
    named = {i for i, _ in filled(given[row])}
    return any(i not in named and words.fields(header_text(c)) for i, c in filled(given[above]))


def _is_below(
    upper: Sequence[object], lower: Sequence[object], row: int, words: Vocabulary, merged: Sequence[Merge]
) -> bool:
    """Whether a row goes on with the header above it: units, names under a group, or the names in another language."""
    found = [(i, header_text(c)) for i, c in filled(lower)]
    texts = [t for _, t in found if not _STROKES.issuperset(t)]
    if not texts or any(isinstance(c, (int, float)) for _, c in filled(lower)):
        return False
    units = sum(1 for t in texts if words.is_unit(t))
    # The first column names the records and has no unit: a letter there is an id, whatever it is the symbol of.
    first = next((i for i, _ in filled(upper)), 0)
    named = next((t for i, t in found if i == first and not _STROKES.issuperset(t)), "")
    if units == len(texts):
        return not named or named[0] in "(（[【"
    names = count_names(texts, words)
    above = {i: words.fields(header_text(c)) for i, c in filled(upper)}
    same = sum(1 for i, t in found if words.fields(t) & above.get(i, frozenset()))
    if same >= 2 and 2 * (same + units) >= len(texts):
        return True
    if not _is_words(found):
        return False
    groups = _grouped(upper, lower, row, merged)
    beside = [t for i, t in found if i not in groups and not words.is_unit(t)]
    if beside or not groups or (named and first not in groups):
        return False
    by_merging = any(m.top == row and m.right > m.left for m in merged)
    return by_merging or 2 * (names + units) >= len(texts)


def _grouped(upper: Sequence[object], lower: Sequence[object], row: int, merged: Sequence[Merge]) -> set[int]:
    """The columns under names of groups: merged over several columns, or followed by empty cells with text below."""
    columns = {c for m in merged if m.top <= row <= m.bottom and m.right > m.left for c in range(m.left, m.right + 1)}
    if columns:
        return columns
    head = {i for i, _ in filled(upper)}
    below = {i for i, _ in filled(lower)}
    start: int | None = None
    for i in range(len(lower)):
        if i in head:
            start = i
        elif i in below and start is not None:
            columns.update(range(start, i + 1))
    return columns


def _parts(rows: Sequence[Sequence[object]], numbers: Sequence[int], merged: Sequence[Merge]) -> list[list[str]]:
    """The texts of the header of each column, from the top."""
    width = max(map(len, rows))
    spread = [
        _spread(cells, number, width, rows[n + 1 :], merged)
        for n, (number, cells) in enumerate(zip(numbers, rows, strict=True))
    ]
    columns = []
    for column in range(width):
        parts: list[str] = []
        for texts in spread:
            text = texts[column]
            if text and not (len(rows) > 1 and _STROKES.issuperset(text)) and (not parts or parts[-1] != text):
                parts.append(text)
        columns.append(parts)
    return columns


def _text(parts: Sequence[str], words: Vocabulary) -> str:
    """The header of a column in one text, a unit in a row of its own in brackets behind it."""
    if len(parts) > 1 and words.is_unit(parts[-1]) and not words.fields(parts[-1]):
        return f"{'/'.join(parts[:-1])}({parts[-1].strip('()（）[]【】 ')})"
    return "/".join(parts)


def _spread(
    cells: Sequence[object], number: int, width: int, below: Sequence[Sequence[object]], merged: Sequence[Merge]
) -> list[str]:
    """The texts of one row of a header, the name of a group put over each of its columns."""
    texts = [header_text(c) for c in cells] + [""] * (width - len(cells))
    across = [m for m in merged if m.top == number and m.left < min(m.right, width)]
    for merge in across:
        texts[merge.left : min(merge.right, width - 1) + 1] = [texts[merge.left]] * (
            min(merge.right, width - 1) + 1 - merge.left
        )
    if below and not any(m.top <= number <= m.bottom for m in merged):
        lower = {i for cells in below for i, _ in filled(cells)}
        for i in range(1, width):
            if not texts[i] and i in lower:
                texts[i] = texts[i - 1]
    return texts


def _above(rows: Sequence[Sequence[object]]) -> tuple[str, str]:
    """(title, unit of the whole table) among the rows above a header."""
    texts = [header_text(c) for cells in rows for _, c in filled(cells)]
    units = [m["unit"] for t in texts if (m := _UNIT_LINE.search(t))]
    title = next((t for t in texts if not is_labelled([t])), "")
    return title, units[-1] if units else ""
