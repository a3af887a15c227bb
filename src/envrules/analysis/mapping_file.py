"""A mapping file proposed for a person to mend: every column named, with what it is taken for and how certain that is.

Only what is certain is written as if it were so. A guess stands in a comment beside `null`, and nothing is read by it.
"""

from __future__ import annotations

import calendar
import datetime as dt
import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import PurePath

from envrules.analysis.propose import Proposal, propose
from envrules.analysis.survey import ColumnFacts, TableFacts
from envrules.diagnostics import Problems
from envrules.records.cells import enum_words
from envrules.records.plan import key_of, plan_table
from envrules.records.recognise import bracket_of, unit_of_header
from envrules.records.steps import column_sample
from envrules.records.tables import header_text
from envrules.records.types import Field, RecordType
from envrules.records.unfold import Unfolding, Wide, cannot_be_zero, month_number, name_of_pattern
from envrules.records.values import Fault
from envrules.records.words import WordTable, emptiness
from envrules.units import Units

_PLAIN = re.compile(r"[A-Za-z\u4e00-\u9fff][\w\u4e00-\u9fff]*")
_RESERVED = frozenset("null true false yes no on off y n".split())
_UNWRITABLE = re.compile("[\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")
_MOST_WORDS = 30
_COMMENT = 46  # the column where comments begin


def mapping_text(facts: TableFacts, record_type: RecordType, units: Units, least: float = 1.0) -> str:
    """The mapping file of one table.

    Args:
        least: how certain a proposal has to be to be written as if it were so, from 0 to 1.

    Returns:
        YAML with a line for every column; `load_mapping` reads it.
    """
    return "\n".join(_Writer(facts, record_type, units, least).lines()) + "\n"


class _Writer:
    def __init__(self, facts: TableFacts, record_type: RecordType, units: Units, least: float) -> None:
        self.facts, self.record_type, self.units, self.least = facts, record_type, units, least
        self.taken = {c.field for c in facts.columns if c.field}
        self.wide_columns = {i for parts in (facts.wide.columns.values() if facts.wide else ()) for i in parts.values()}

    def lines(self) -> Iterator[str]:
        """The lines of the file."""
        table = self.facts.table
        name = PurePath(table.source).name
        yield f"# A proposal for {name}. Mend it, then: envrules check {name} --map THIS-FILE"
        yield "# What is not certain is null, with the proposal behind it: put the field there to have it read."
        yield "# 映射建议：请逐列核对；不确定的列写作 null，注释中给出建议，确认后改为字段名。"
        yield f"record: {self.record_type.name}"
        yield f"file: {_quoted(name)}"
        if table.sheet:
            yield f"sheet: {_quoted(table.sheet)}"
        if len(table.header_rows) == 1:
            yield f"header_row: {table.header_rows[0]}"
        elif table.header_rows:
            yield f"header_row: [{', '.join(map(str, table.header_rows))}]"
        if self.facts.wide is not None:
            yield from self._wide(self.facts.wide)
        yield "columns:"
        yield from self._columns()
        yield from self._missing()
        yield "other_columns: ignore"

    def _columns(self) -> Iterator[str]:
        twice = {h for h, count in Counter(self.facts.table.headers).items() if count > 1}
        for column in self.facts.columns:
            if column.index in self.wide_columns:
                continue
            if not column.header or column.header in twice:
                why = "has no header" if not column.header else "has the header of another"
                shown = f": {_comment(column.header)}" if column.header else ""
                yield f"  # column {column.index + 1} {why}, so a mapping cannot name it{shown}"
                continue
            yield from self._column(column)
        yield from self._made()

    def _column(self, column: ColumnFacts) -> Iterator[str]:
        if column.field:
            one = self.record_type.fields[column.field]
            yield _line(column.header, self._rule(column, one), f"certain: {_called(column, one)}")
            yield from self._unknown_words(column, one)
            return
        first = next(iter(column.proposals), None)
        if first is None:
            sample = f"; it holds {', '.join(map(_comment, column.examples[:2]))}" if column.examples else ""
            yield _line(column.header, "null", f"no field is like it{sample}")
            return
        rule = self._rule(column, first.field)
        if first.certainty >= self.least and first.field.name not in self.taken:
            self.taken.add(first.field.name)
            yield _line(column.header, rule, f"{first.word}, {first.certainty:.0%} certain: {_comment(first.why)}")
            yield from self._unknown_words(column, first.field)
            return
        yield _line(column.header, "null", _proposals(column.proposals, rule))

    def _rule(self, column: ColumnFacts, one: Field) -> str:
        """The field, with the unit of its numbers where that is not its own."""
        if column.unit_column:
            return f"{{field: {one.name}, unit_column: {_quoted(column.unit_column)}}}"
        if one.kind != "quantity" or one.unit_of:
            return one.name
        unit = column.unit
        if not column.field:
            found = unit_of_header(column.header, one, self.units)
            unit = f"what is {bracket_of(column.header)}?" if isinstance(found, Fault) else (found or one.unit).text
        return (
            one.name
            if column.field and unit in ("", one.unit.text)
            else f"{{field: {one.name}, unit: {_quoted(unit)}}}"
        )

    def _unknown_words(self, column: ColumnFacts, one: Field) -> Iterator[str]:
        """Words that the enumeration does not know, each with the nearest value."""
        if one.enum is None:
            return
        words = enum_words(one.enum)
        rows = [r for r in self.facts.table.rows if r[0] not in self.facts.table.left_out]
        texts = dict.fromkeys(key_of(c) for c in column_sample(rows, column.index))
        unknown = [t for t in texts if t and not emptiness(t) and len(words.find(t)) != 1]
        if not unknown:
            return
        yield f"  #   its words that are none of {one.name} ({', '.join(one.enum.names)}); to translate them:"
        pairs = [f"{_quoted(t)}: {_value(words.near(t), words)}" for t in unknown[:_MOST_WORDS]]
        more = f"  # and {len(unknown) - _MOST_WORDS} more" if len(unknown) > _MOST_WORDS else ""
        yield f"  #   {_quoted(column.header)}: {{field: {one.name}, values: {{{', '.join(pairs)}}}}}{more}"

    def _missing(self) -> Iterator[str]:
        """The fields that no column is, so that a constant can be given where one value holds for all."""
        written = self.taken | {"id"}
        open_fields = [f.name for f in self.record_type.fields.values() if f.name not in written]
        if open_fields:
            yield "# No column is certain to be: " + ", ".join(open_fields) + "."
            yield "# Where one value holds for all records: constants: {" + f"{open_fields[0]}: ..." + "}"
        if "id" not in self.taken:
            yield "# No column is the id; columns that make one together: id: [column, column]"

    def _wide(self, wide: Wide) -> Iterator[str]:
        """The columns side by side as rows of their own; the new columns are among the columns below as comments."""
        yield f"# {len(wide.parts)} {wide.kind}s stand side by side; each becomes a record of its own:"
        yield "wide_to_long:"
        yield f"  name: {wide.kind}"
        yield "  columns:"
        for pattern, name in _names(wide).items():
            yield f"    {_quoted(name)}: {_quoted(pattern)}"
        if wide.kind == "month":
            year = _year(self.facts)
            days = (f"{_key(p)}: {_last_day(year, month_number(p))}" for p in wide.parts)
            yield f"  values: {{{', '.join(days)}}}  # the last day of each month; is {year} the year?"

    def _made(self) -> Iterator[str]:
        """The columns that become rows, as the new columns that they make."""
        wide = self.facts.wide
        if wide is None:
            return
        certain = self._unfolded()
        dated = self.record_type.date
        if certain and dated:
            yield _line(wide.kind, dated, "certain: the end of each")
        else:
            yield _line(wide.kind, "null", f"likely {dated}" if dated else "no field of this type is a date")
        rows = [r for r in self.facts.table.rows if r[0] not in self.facts.table.left_out]
        without: list[tuple[str, list[str]]] = []
        for pattern, name in _names(wide).items():
            cells = column_sample(rows, next(iter(wide.columns[pattern].values())))
            if name in certain:
                one, rule = certain[name]
                self.taken |= {one.name, dated}
                yield _line(name, rule, "certain")
                if cannot_be_zero(one):
                    nothing = dict.fromkeys(key_of(c) for c in cells if emptiness(header_text(c)) == "empty")
                    without.append((name, ["0", "null", *(_quoted(t) for t in nothing if t)]))
                continue
            found = propose(name, cells[:200], self.record_type, self.units, frozenset(self.taken))
            yield _line(name, "null", _proposals(found, found[0].field.name) if found else "no field is like it")
        if without:
            yield f"# A {wide.kind} without any has no record:"
            conditions = [f"{_quoted(n)}: [{', '.join(words)}]" for n, words in without]
            yield f"skip_rows_where: {{{', '.join(conditions)}}}"

    def _unfolded(self) -> dict[str, tuple[Field, str]]:
        """New column -> its field and rule, where the table is read so without a mapping too."""
        table = Unfolding(self.facts.table, self.units).read_as(self.record_type)
        plan = plan_table(table, self.record_type, self.units, None, Problems()) if table.parts > 1 else None
        if plan is None:
            return {}
        made = {}
        for slot in plan.slots:
            beside = plan.unit_columns.get(slot.index)
            column = ColumnFacts(
                slot.index,
                slot.header,
                slot.field.name,
                slot.unit.text if slot.unit else "",
                unit_column=table.headers[beside] if beside is not None else "",
            )
            made[slot.header] = slot.field, self._rule(column, slot.field)
        return made


def _names(wide: Wide) -> dict[str, str]:
    """Pattern -> the new column: what is left of it without its hole."""
    return {p: name_of_pattern(p) or f"column {n}" for n, p in enumerate(wide.columns, 1)}


def _year(facts: TableFacts) -> int:
    match = re.search(r"(?:19|20)\d\d", f"{facts.table.title} {facts.table.sheet} {PurePath(facts.table.source).name}")
    return int(match[0]) if match else dt.date.today().year


def _last_day(year: int, month: int) -> str:
    return dt.date(year, month, calendar.monthrange(year, month)[1]).isoformat()


def _proposals(proposals: Sequence[Proposal], rule: str) -> str:
    first = proposals[0]
    others = "".join(f"; or {p.field.name} ({p.certainty:.0%})" for p in proposals[1:])
    return f"{first.word} {rule} ({first.certainty:.0%}): {_comment(first.why)}{others}"


def _called(column: ColumnFacts, one: Field) -> str:
    label = one.label.zh or one.label.en
    unit = f" in {column.unit}" if column.unit else ""
    return f"{label}{unit}"


def _value(near: str, words: WordTable) -> str:
    found = words.find(near) if near else ()
    return found[0] if len(found) == 1 else "null"


def _line(header: str, rule: str, comment: str) -> str:
    start = f"  {_key(header)}: {rule}"
    return f"{start:<{_COMMENT}}  # {comment}"


def _key(text: str) -> str:
    return text if _PLAIN.fullmatch(text) and text.casefold() not in _RESERVED else _quoted(text)


def _quoted(text: str) -> str:
    """A text as YAML holds it whatever stands in it: what JSON makes of it is YAML, but for a few characters."""
    return _UNWRITABLE.sub(lambda m: f"\\u{ord(m[0]):04x}", json.dumps(text, ensure_ascii=False))


def _comment(text: str) -> str:
    """A text that stays on the line of its comment."""
    return "".join(c if c.isprintable() else " " for c in text)[:60]
