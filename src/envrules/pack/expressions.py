"""An expression of a document to its typed tree, its faults placed in the file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from envrules.diagnostics import Problems
from envrules.lang import ast
from envrules.lang.check import check
from envrules.lang.parse import ExpressionError, parse
from envrules.lang.scope import Issue, Resolver, Scope
from envrules.lang.types import Type
from envrules.pack.document import Document, Path

#: Stands for a named expression whose own fault has been reported already.
SILENT = Issue("", (0, 0), "")


def compile_expression(
    document: Document, path: Path, text: str, scope: Scope, problems: Problems, expected: Type | None = None
) -> ast.Node | None:
    """The typed expression, or None with its faults added at their places in the file."""
    try:
        syntax = parse(text)
    except ExpressionError as error:
        problems.error(
            error.code, document.place_in(path, text, error.span), error.what, expected=error.expected, hint=error.hint
        )
        return None
    node, issues = check(syntax, scope, expected)
    for issue in issues:
        if issue.code:
            problems.error(
                issue.code,
                document.place_in(path, text, issue.span),
                issue.what,
                expected=issue.expected,
                found=issue.found,
                hint=issue.hint,
            )
    return None if issues else node


@dataclass
class NamedExpressions:
    """Named expressions that may use each other, compiled when first asked for; a cycle is a fault.

    Args:
        compile: from a name to its node; None when it has a fault that was reported.
        below: the resolver of names that are not here.
    """

    names: Mapping[str, object]
    compile: Callable[[str], ast.Node | None]
    below: Resolver
    done: dict[str, ast.Node | None] = field(default_factory=dict)
    open: list[str] = field(default_factory=list)

    def resolve(self, name: str) -> ast.Node | Issue | None:
        """The node of a name; None for a name that is not here; an `Issue` where it cannot be had."""
        if name not in self.names:
            return self.below(name)
        if name in self.open:
            chain = " -> ".join([*self.open[self.open.index(name) :], name])
            return Issue("cycle", (0, 0), f"{name} is derived from itself", found=chain, hint="break the chain")
        if name not in self.done:
            self.open.append(name)
            self.done[name] = self.compile(name)
            self.open.pop()
        return self.done[name] or SILENT
