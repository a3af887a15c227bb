"""What a sheet asks of a record: the code of one atom, which the interpreter works out once for the same values."""

from __future__ import annotations

from collections.abc import Callable

from envrules.engines.durable.formula import CODE_OF
from envrules.engines.reference.evaluate import Env, condition
from envrules.lang import ast
from envrules.records.values import ABSENT, Record, Value

#: How many different values an atom keeps the code of.
KEPT = 4096


class Asked:
    """An atom of a sheet.

    What it is worth hangs on the values of the fields it reads, unless it speaks of other records or the evaluation
    date; for these values it is remembered.
    """

    def __init__(self, node: ast.Node) -> None:
        self.node = node
        parts = list(ast.walk(node))
        alone = not any(
            isinstance(p, ast.Aggregate | ast.AsOf) or (isinstance(p, ast.FieldValue) and p.scope) for p in parts
        )
        self._fields = tuple(dict.fromkeys(p.name for p in node.reads)) if alone else None
        self._known: dict[tuple[Value, ...], int] = {}

    def code(self, record: Record, env: Callable[[], Env]) -> int:
        """The code of the atom for a record, in its environment."""
        if self._fields is None:
            return CODE_OF[condition(self.node, env())]
        cells = record.cells
        values = tuple([cells[f].value if f in cells else ABSENT for f in self._fields])
        found = self._known.get(values)
        if found is None:
            if len(self._known) >= KEPT:
                self._known.clear()
            found = self._known[values] = CODE_OF[condition(self.node, env())]
        return found
