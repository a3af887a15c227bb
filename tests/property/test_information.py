"""More information never turns a decided outcome into another, on packs and records drawn at random."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from drawn.draws import Drawn
from drawn.keep import kept
from drawn.law import outcome
from drawn.records import Column, Table, Tables
from envrules.pack.pack import Pack

#: What each decided outcome may still become. One that passes whoever it concerns may turn out not to be concerned.
STAYS = {"pass": {"pass", "not_applicable"}, "violation": {"violation"}, "not_applicable": {"not_applicable"}}


def open_fields(pack: Pack, record: str) -> list[str]:
    """The fields of a type whose empty cells are unknown: no answer, not assumed, not what places a record in time.

    Of a share the whole column says on which scale it is, so that one more cell may say something of all the others.
    """
    of = pack.records[record]
    return [
        f.name
        for f in of.fields.values()
        if not f.empty_is_answer and f.assume is None and f.name != of.date and f.unit.text != "%" and not f.unit_of
    ]


def filled_in(pack: Pack, tables: Tables, data: st.DataObject) -> Tables:
    """The same tables with what may have stood in some of their empty cells."""
    found: Tables = {}
    for record, table in tables.items():
        columns = dict(table.columns)
        for name in open_fields(pack, record):
            column = columns.get(name)
            there = [] if column is None else [c for c in column.cells if c is not None]
            if column is not None and there:
                cells = [data.draw(st.sampled_from([None, *there])) if c is None else c for c in column.cells]
                columns[name] = Column(column.store, cells)
        found[record] = Table(columns, table.size)
    return found


@settings(max_examples=settings().max_examples)
@given(data=st.data())
def test_more_information_never_turns_what_was_decided(data: st.DataObject) -> None:
    with TemporaryDirectory() as name:
        drawn = Drawn(data, Path(name))
        pack = drawn.pack
        rules = [r.id for r in pack.rules.values() if r.group is None]
        assume(rules)
        known = filled_in(pack, drawn.tables, data)
        assume(known != drawn.tables)
        more = {**drawn.more, "outcomes": "all"}
        with kept(drawn.made, drawn.tables, drawn.more, "reference"):
            before, after = (
                outcome(pack, {n: t.rows() for n, t in tables.items()}, "reference", rules, **more).verdicts
                for tables in (drawn.tables, known)
            )
            # A record may get another id by what is filled in, but it keeps its place.
            for one, other in zip(before, after, strict=True):
                if one.outcome in STAYS:
                    assert other.outcome in STAYS[one.outcome], (one, other, known)
