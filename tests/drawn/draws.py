"""A pack and its records drawn together, and an engine held on them against the interpreter."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hypothesis import assume
from hypothesis import strategies as st

from drawn.keep import kept
from drawn.law import faults, outcome
from drawn.packs import documents, loaded
from drawn.records import AS_OF, Tables, tables
from drawn.sources import SOURCES
from envrules.diagnostics import PackError
from envrules.pack.pack import Pack

#: What else may be asked for in a run.
ASKED = st.fixed_dictionaries(
    {},
    optional={"outcomes": st.just("findings"), "language": st.just("zh"), "subjects": st.just({"plant.unit": ["Z"]})},
)


class Drawn:
    """A pack, its tables and the date, with a folder for the files of the tables."""

    def __init__(self, data: st.DataObject, folder: Path, wild: bool = False, form: str = "") -> None:
        self.data, self.folder = data, folder
        self.made = data.draw(documents(most_rules=8, forms=[form]) if form else documents())
        try:
            self.pack: Pack = loaded(self.made)
        except PackError as error:
            # Dates out of order are the one fault that is drawn; any other is one of this test or of the loader.
            assume(any(d.code != "date-order" for d in error.diagnostics))
            raise
        self.tables: Tables = data.draw(tables(self.pack, self.made, wild, beside=form == "limit"))
        self.more: dict[str, Any] = {"as_of": data.draw(st.sampled_from(AS_OF)), **data.draw(ASKED)}
        if not any(f"{r.record}.{k.name}" == "plant.unit" for r in self.pack.rules.values() for k in r.group or ()):
            self.more.pop("subjects", None)

    @property
    def has_ids(self) -> bool:
        """Whether every record has an id of its own."""
        ids = [t.columns["id"].cells for t in self.tables.values()]
        return all(None not in cells and len(set(cells)) == len(cells) for cells in ids)

    @property
    def infinite(self) -> bool:
        columns = [c for t in self.tables.values() for c in t.columns.values()]
        return any(isinstance(v, float) and abs(v) == float("inf") for c in columns for v in c.cells)

    def inputs(self, source: str) -> dict[str, Any]:
        return {name: SOURCES[source](table, self.folder) for name, table in self.tables.items()}

    def check(self, inputs: dict[str, Any], engine: str, rules: list[str], way: str) -> None:
        """Hold an engine on these inputs against the interpreter."""
        with kept(self.made, self.tables, self.more, engine):
            wanted = outcome(self.pack, inputs, "reference", rules, **{**self.more, "outcomes": "all"})
            found = outcome(self.pack, inputs, engine, rules, way, **self.more)
            assert faults(wanted, found, frames=self.data.draw(st.integers(0, 4)) == 4) == []
