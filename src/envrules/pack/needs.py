"""The data that a rule reads: which fields of which record types."""

from __future__ import annotations

from collections.abc import Iterator

from envrules.lang import ast
from envrules.pack.pack import Pack, Rule


def needs(pack: Pack, rule: Rule) -> dict[str, tuple[str, ...]]:
    """Record type -> the fields of it that the rule reads, in the order of the record type; its own type first.

    The field that dates a record is among them, since a rule holds from one day on.

    Examples:
        >>> from envrules.pack.load import load_pack
        >>> pack = load_pack("jiuquan-2018")
        >>> needs(pack, pack.rules["boiler.retire.built-up"])
        {'boiler': ('zone', 'fuel', 'capacity', 'status')}
    """
    found: dict[str, set[str]] = {name: set() for name in rule.records_used}
    own = found[rule.record]
    for node in _nodes(rule):
        for part in ast.walk(node):
            if isinstance(part, ast.FieldValue):
                scope = rule.related.get(part.scope)
                found[scope.record if scope else rule.record].add(part.name)
    for related in rule.related.values():
        found[related.record].update(name for name, _ in related.keys)
        if related.where is not None:
            paths = (p for p in ast.walk(related.where) if isinstance(p, ast.FieldValue) and not p.scope)
            found[related.record].update(p.name for p in paths)
    if rule.coverage is not None:
        own.add(rule.coverage.of)
    for name, fields in found.items():
        record = pack.records[name]
        if record.date:
            fields.add(record.date)
        for one in [record.fields[f] for f in fields if f in record.fields]:
            fields.update(f for f in (one.unit_of, one.unit_field) if f)
    return {name: tuple(f for f in pack.records[name].fields if f in fields) for name, fields in found.items()}


def _nodes(rule: Rule) -> Iterator[ast.Node]:
    yield from (n for n in (rule.when, rule.require, rule.due) if n is not None)
    yield from (node for _, node in rule.severities)
    yield from (node for node, _ in rule.notes if node is not None)
    yield from (key.node for key in rule.group or ())
    yield from (node for related in rule.related.values() for _, node in related.keys)
    for table in rule.derive.values():
        yield table.node
        if table.requirement is not None:
            yield table.requirement
