"""Related records for many subjects: their pairs by key, and the looked-up values and aggregates over them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

import polars as pl

from envrules.engines.columnar.aggregate import Elements, aggregate, joined
from envrules.engines.columnar.evaluate import Evaluator
from envrules.engines.columnar.pairs import Pairs, key_column, match
from envrules.engines.columnar.subjects import Columns
from envrules.engines.columnar.worth import Truth, Worth, flags, full, part, surely, surely_not
from envrules.engines.reference.evaluate import Env
from envrules.lang import ast
from envrules.lang.types import BOOL
from envrules.pack.pack import Related

#: The columns of a record type, or None where no records of it were given.
ColumnsOf = Callable[[str], "Columns | None"]


@dataclass
class Linked:
    """Finds what rules read of related records, for one set of subjects."""

    env: Env
    columns_of: ColumnsOf

    def prepare(
        self,
        nodes: Sequence[ast.Node],
        related: Mapping[str, Related],
        subjects: Columns,
        own: Callable[[ast.Aggregate], Worth] | None = None,
    ) -> None:
        """Work out every aggregate and looked-up field in some expressions, and put them with the subjects.

        Args:
            own: works out an aggregate over the subjects' own records, where these are groups.
        """
        if not related and own is None:
            return
        pairs: dict[str, Pairs | None] = {}
        for node in innermost_first(nodes):
            if node in subjects.worths:
                continue
            if isinstance(node, ast.FieldValue):
                if node.scope in related:
                    self._look_up(node, related, subjects, pairs)
            elif node.over:
                subjects.worths[node] = self._aggregate(node, related, subjects, pairs)
            elif own is not None:
                subjects.worths[node] = own(node)

    def _related(
        self, name: str, related: Mapping[str, Related], subjects: Columns, pairs: dict[str, Pairs | None]
    ) -> Pairs | None:
        """The pairs of a related set; None where its type was not given."""
        if name not in pairs:
            link = related[name]
            others = self.columns_of(link.record)
            if others is None:
                pairs[name] = None
                return None
            keys = [node for _, node in link.keys]
            self.prepare(keys, related, subjects)
            evaluator = Evaluator(subjects, self.env)
            left = [key_column(evaluator.worth(node), len(subjects)) for node in keys]
            right = [key_column(others.key(name_), len(others)) for name_, _ in link.keys]
            own = Evaluator(others, self.env)
            belongs: Truth = True if link.where is None else own.truth(link.where)
            sure = full(surely(belongs), len(others))
            out = surely_not(belongs)
            if out is not False:
                kept = (~full(out, len(others))).arg_true()
                found = match(left, [k.gather(kept) for k in right], sure.gather(kept), len(subjects))
                pairs[name] = Pairs(found.left, kept.gather(found.right), found.certain, found.subjects)
            else:
                pairs[name] = match(left, right, sure, len(subjects))
        return pairs[name]

    def _look_up(
        self,
        node: ast.FieldValue,
        related: Mapping[str, Related],
        subjects: Columns,
        pairs: dict[str, Pairs | None],
    ) -> None:
        found = self._related(node.scope, related, subjects, pairs)
        if found is None:
            subjects.worths[node], subjects.states[node] = None, None
            return
        others = self.columns_of(related[node.scope].record)
        assert others is not None
        own = ast.FieldValue(type=node.type, name=node.name)
        worth, state = others.field(own), others.filled(own)
        if found.one_each:
            subjects.worths[node], subjects.states[node] = (
                part(worth, found.right),
                cast(Truth, part(state, found.right)),
            )
            return
        certain = flags(found.certain, len(found.certain))
        values = Elements(found.left, certain, part(worth, found.right), node.type, found.subjects)
        states = Elements(found.left, certain, part(state, found.right), BOOL, found.subjects)
        subjects.worths[node], subjects.states[node] = joined(values), cast(Truth, joined(states))

    def _aggregate(
        self,
        node: ast.Aggregate,
        related: Mapping[str, Related],
        subjects: Columns,
        pairs: dict[str, Pairs | None],
    ) -> Worth:
        found = self._related(node.over, related, subjects, pairs)
        if found is None:
            return None
        others = self.columns_of(related[node.over].record)
        assert others is not None
        worth: Worth = True
        type_ = BOOL
        if node.argument is not None:
            worth = Evaluator(Paired(subjects, others, found, node.over), self.env).worth(node.argument)
            type_ = node.argument.type
        certain = flags(found.certain, len(found.certain))
        return aggregate(node.function, Elements(found.left, certain, worth, type_, found.subjects))


def innermost_first(nodes: Sequence[ast.Node]) -> list[ast.FieldValue | ast.Aggregate]:
    """What some expressions read for their subject: its fields and aggregates, each after those that it reads itself.

    An aggregate may read another through a derived value. The fields of the records that it runs over are not the
    subject's.
    """
    found: dict[int, ast.FieldValue | ast.Aggregate] = {}
    seen: set[tuple[int, str | None]] = set()

    def visit(node: ast.Node, over: str | None) -> None:
        if (id(node), over) in seen:
            return
        seen.add((id(node), over))
        if isinstance(node, ast.Aggregate):
            if node.argument is not None:
                visit(node.argument, node.over)
        elif isinstance(node, ast.FieldValue):
            if node.scope == over:
                return
        else:
            for part_ in node.parts:
                visit(part_, over)
            return
        found.setdefault(id(node), node)

    for node in nodes:
        visit(node, None)
    return list(found.values())


@dataclass
class Paired:
    """Pairs of a subject and a related record as what an expression reads."""

    subjects: Columns
    others: Columns
    pairs: Pairs
    scope: str

    def __len__(self) -> int:
        return len(self.pairs.left)

    def field(self, node: ast.FieldValue) -> Worth:
        """The values of a field of either."""
        if node.scope == self.scope:
            own = ast.FieldValue(type=node.type, name=node.name)
            return part(self.others.field(own), self.pairs.right)
        return part(self.subjects.field(node), self.pairs.left)

    def places(self, node: ast.FieldValue) -> Mapping[str, pl.Series]:
        """Nothing: where words stand is not known of pairs."""
        return {}

    def filled(self, node: ast.FieldValue) -> Truth:
        """Whether anything stands in a field of either."""
        if node.scope == self.scope:
            own = ast.FieldValue(type=node.type, name=node.name)
            return cast(Truth, part(self.others.filled(own), self.pairs.right))
        return cast(Truth, part(self.subjects.filled(node), self.pairs.left))

    def ready(self, node: ast.Node) -> Worth:
        """A key of the subject's group."""
        return part(self.subjects.ready(node), self.pairs.left)
