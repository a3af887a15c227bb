"""What the columnar engine leaves to the interpreter, known before anything is judged."""

from __future__ import annotations

from envrules.lang import ast
from envrules.pack.pack import Rule


def unsupported(rule: Rule) -> str:
    """Why a rule cannot be run over columns; an empty text where it can."""
    if rule.group is None:
        return ""
    own = [n for n in (rule.require, rule.due, *(t.node for t in rule.derive.values())) if n is not None]
    names = {part.scope for node in own for part in node.reads if part.scope}
    names |= {p.over for node in own for p in ast.walk(node) if isinstance(p, ast.Aggregate) and p.over}
    for name in sorted(names & rule.related.keys()):
        if any(node.reads for _, node in rule.related[name].keys):
            return f"it finds {name} by a field of each of a group's records"
    return ""
