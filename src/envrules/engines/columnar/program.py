"""The rules of a job with their equal parts shared, so that each different comparison is worked out once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from typing import Any, TypeVar

from envrules.lang import ast
from envrules.pack.pack import Rule

N = TypeVar("N", bound=ast.Node)


@dataclass(frozen=True)
class Compiled:
    """A rule's expressions as they are evaluated; equal parts of all of them are one object."""

    rule: Rule
    when: ast.Node | None
    require: ast.Node
    due: ast.Node | None
    #: Everything else that a finding may show: conditions of severity and notes, derived values that are given out.
    shown: tuple[ast.Node, ...]
    #: The derived values that findings give out or name in their notes.
    given_out: tuple[ast.Node, ...] = ()

    @property
    def nodes(self) -> tuple[ast.Node, ...]:
        """All its expressions."""
        return tuple(n for n in (self.when, self.require, self.due, *self.shown) if n is not None)


class Shared:
    """Makes equal expressions one object."""

    def __init__(self) -> None:
        self._known: dict[ast.Node, ast.Node] = {}

    def node(self, node: N) -> N:
        """The one object that stands for all expressions equal to this one."""
        found = self._known.get(node)
        if found is None:
            found = self._known[node] = self._rebuilt(node)
        return found  # type: ignore[return-value]

    def _rebuilt(self, node: ast.Node) -> ast.Node:
        changes: dict[str, Any] = {}
        for item in fields(node):
            value = getattr(node, item.name)
            if isinstance(value, ast.Node):
                changes[item.name] = self.node(value)
            elif isinstance(value, tuple) and value and isinstance(value[0], ast.Node | ast.Row):
                changes[item.name] = tuple(self._part(p) for p in value)
        return replace(node, **changes) if changes else node

    def _part(self, part: ast.Node | ast.Row) -> ast.Node | ast.Row:
        if isinstance(part, ast.Node):
            return self.node(part)
        return ast.Row(when=None if part.when is None else self.node(part.when), then=self.node(part.then))


def compile_rule(rule: Rule, shared: Shared) -> Compiled:
    """A rule with its parts shared."""
    named = [n for n in rule.derive if any("{" + n + "}" in text for _, words in rule.notes for text in words.both())]
    given_out = [rule.derive[n].node for n in rule.derive if n == rule.output or n in named]
    conditions = [node for _, node in rule.severities] + [when for when, _ in rule.notes if when is not None]
    return Compiled(
        rule,
        None if rule.when is None else shared.node(rule.when),
        shared.node(rule.require),
        None if rule.due is None else shared.node(rule.due),
        tuple(shared.node(n) for n in (*conditions, *given_out)),
        tuple(shared.node(n) for n in given_out),
    )


def parts_of(nodes: Iterable[ast.Node]) -> list[ast.Node]:
    """Every different part of some expressions, each once."""
    seen: dict[int, ast.Node] = {}
    stack = list(nodes)
    while stack:
        node = stack.pop()
        if id(node) not in seen:
            seen[id(node)] = node
            stack.extend(node.parts)
    return list(seen.values())
