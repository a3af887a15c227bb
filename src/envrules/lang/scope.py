"""What names mean in an expression: the fields of a record, derived values, keys of a group, related records."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from envrules.lang.ast import Node
from envrules.lang.types import Schema, Type
from envrules.units import Units


@dataclass(frozen=True)
class Issue:
    """Something wrong in an expression; `span` is its place in the expression's text."""

    code: str
    span: tuple[int, int]
    what: str
    expected: str = ""
    found: str = ""
    hint: str = ""


#: A name's expression; None for a name that is not derived; `Issue` for one that cannot be had (a cycle, a fault).
Resolver = Callable[[str], "Node | Issue | None"]


def nothing_derived(name: str) -> None:
    """The resolver of a scope without derived values."""


@dataclass(frozen=True)
class Scope:
    """The names an expression may use.

    Args:
        record: the record type, for messages.
        schema: its fields.
        units: the registry that reads unit texts and converts.
        derived, derived_names: named expressions over the fields, or of the rule.
        keys: the keys of a group rule. Where `group` is true, fields are known inside aggregates only.
        member_derived: derived fields of the group's records, known inside aggregates.
        related: the scopes of related records by the name the rule gives them.
        fixed: fields whose value the rule's condition settles, with the words they may be then.
    """

    record: str
    schema: Schema
    units: Units
    derived: Resolver = nothing_derived
    derived_names: tuple[str, ...] = ()
    keys: Mapping[str, Type] = field(default_factory=dict)
    group: bool = False
    member_derived: Resolver = nothing_derived
    related: Mapping[str, Scope] = field(default_factory=dict)
    fixed: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def names(self) -> list[str]:
        """Everything that may be written, for suggestions."""
        fields = [] if self.group else [*self.schema]
        return [*self.keys, *fields, *self.derived_names, *self.related, "as_of"]
