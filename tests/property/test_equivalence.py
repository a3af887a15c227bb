"""Every engine gives the interpreter's outcomes on packs and records drawn at random, whatever holds the records.

`drawn` has what is drawn and the law. A shrunk failure is kept in .hypothesis/failure.json; `python -m drawn.keep` (in
tests/property) makes a case of tests/conformance of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from drawn.draws import Drawn
from drawn.keep import kept
from drawn.law import faults, in_any_order, outcome, supported
from drawn.packs import loaded
from drawn.sources import SOURCES, dicts, pandas_objects, polars_frame

ENGINES = st.sampled_from(("columnar", "columnar", "auto"))
WAYS = st.sampled_from(("columns", "rows"))


def few(part: int) -> settings:
    """A fraction of the cases that a property gets by day and by night, for what takes longer or needs fewer."""
    return settings(max_examples=max(10, settings().max_examples // part))


FULL = settings(max_examples=settings().max_examples * 10 if settings().max_examples >= 1000 else 300)


@pytest.fixture
def folder() -> Iterator[Path]:
    with TemporaryDirectory() as name:
        yield Path(name)


@FULL
@given(data=st.data())
def test_columns_give_the_interpreters_outcomes(data: st.DataObject) -> None:
    with TemporaryDirectory() as name:
        drawn = Drawn(data, Path(name))
        engine, way = data.draw(ENGINES), data.draw(WAYS)
        rules = list(drawn.pack.rules) if engine == "auto" else supported(drawn.pack, engine)
        drawn.check(drawn.inputs(data.draw(st.sampled_from(tuple(SOURCES)))), engine, rules, way)


@few(2)
@given(data=st.data())
def test_what_lies_beside_a_limit(data: st.DataObject) -> None:
    with TemporaryDirectory() as name:
        drawn = Drawn(data, Path(name), form="limit")
        drawn.check(drawn.inputs("polars"), "columnar", supported(drawn.pack, "columnar"), data.draw(WAYS))


@few(2)
@given(data=st.data())
def test_aggregates_over_what_may_belong(data: st.DataObject) -> None:
    with TemporaryDirectory() as name:
        drawn = Drawn(data, Path(name), form="total")
        drawn.check(drawn.inputs("dicts"), "columnar", supported(drawn.pack, "columnar"), data.draw(WAYS))


@few(10)
@given(data=st.data())
def test_every_source_gives_the_same(data: st.DataObject) -> None:
    with TemporaryDirectory() as name:
        drawn = Drawn(data, Path(name))
        rules = supported(drawn.pack, "columnar")
        plain = outcome(drawn.pack, drawn.inputs("dicts"), "reference", rules, **drawn.more)
        for source in SOURCES:
            inputs = drawn.inputs(source)
            drawn.check(inputs, "columnar", rules, "columns")
            read = outcome(drawn.pack, inputs, "reference", rules, **drawn.more)
            # A row without an id is called after its file, and text has no word for what is infinite.
            if drawn.has_ids and not (source == "csv" and drawn.infinite):
                assert list(read.verdicts) == list(plain.verdicts), source


@few(5)
@given(data=st.data())
def test_cells_of_any_kind(data: st.DataObject) -> None:
    with TemporaryDirectory() as name:
        drawn = Drawn(data, Path(name), wild=True)
        rules = supported(drawn.pack, "columnar")
        make = data.draw(st.sampled_from((dicts, pandas_objects)))
        inputs = {n: make(table, drawn.folder) for n, table in drawn.tables.items()}
        drawn.check(inputs, "columnar", rules, data.draw(WAYS))


@few(5)
@given(data=st.data())
def test_durable_gives_the_interpreters_outcomes(data: st.DataObject) -> None:
    pytest.importorskip("durable_rules_engine", reason="durable-rules is not installed")
    with TemporaryDirectory() as name:
        drawn = Drawn(data, Path(name))
        drawn.check(drawn.inputs("dicts"), "durable", supported(drawn.pack, "durable"), "rows")


@few(3)
@given(data=st.data())
def test_the_order_of_rows_does_not_matter(data: st.DataObject) -> None:
    with TemporaryDirectory() as name:
        drawn = Drawn(data, Path(name))
        engine = data.draw(st.sampled_from(("reference", "columnar")))
        rules = supported(drawn.pack, engine)
        mixed = {n: t.chosen(data.draw(st.permutations(range(t.size)))) for n, t in drawn.tables.items()}
        assume(drawn.has_ids)
        with kept(drawn.made, drawn.tables, drawn.more, engine):
            first, second = (
                outcome(drawn.pack, {n: t.rows() for n, t in given_.items()}, engine, rules, **drawn.more)
                for given_ in (drawn.tables, mixed)
            )
            assert in_any_order(first, second) == []


@few(5)
@given(data=st.data())
def test_records_in_parts_are_the_records(data: st.DataObject) -> None:
    """A rule on one record gives the same when its records come in parts, its related ones whole each time."""
    with TemporaryDirectory() as name:
        drawn = Drawn(data, Path(name))
        assume(drawn.has_ids)
        whole = drawn.inputs("polars")
        for record, table in drawn.tables.items():
            own = [r.id for r in drawn.pack.rules.values() if r.record == record and r.group is None]
            rules = [
                r
                for r in supported(drawn.pack, "columnar")
                if r in own and all(link.record != record for link in drawn.pack.rules[r].related.values())
            ]
            cut = data.draw(st.integers(0, table.size))
            parts = [table.chosen(range(cut)), table.chosen(range(cut, table.size))]
            first = outcome(drawn.pack, whole, "columnar", rules, "columns", **drawn.more)
            found = [
                outcome(
                    drawn.pack,
                    {**whole, record: polars_frame(p, drawn.folder)},
                    "columnar",
                    rules,
                    "columns",
                    **drawn.more,
                )
                for p in parts
            ]
            together = [v for r in rules for part in found for v in part.verdicts if v.rule == r]
            assert together == list(first.verdicts)


def test_a_fraction_beside_the_bound_of_a_whole_number() -> None:
    fields = {"k1": {"kind": "int", "least": -10}}
    pack = loaded(
        {"pack": {}, "records": {"plant": {"fields": fields}}, "rules": [{"record": "plant", "require": "k1 < 0"}]}
    )
    inputs = {"plant": [{"id": "P", "k1": -10.000000009}]}
    wanted, found = (outcome(pack, inputs, "reference", ["r0"], way, as_of="2020-12-31") for way in ("rows", "columns"))
    assert faults(wanted, found) == []
