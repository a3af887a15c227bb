"""Whether a rule's cases would notice a mistake in it: the rule with one thing changed, run on its own cases.

A mutant is killed when a case fails. One that survives is a mistake that nobody would see.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from envrules.analysis.mutants import Mutant, mutants_of, put_in, table_mutants
from envrules.analysis.testing import case_job, compare
from envrules.calendars import format_period
from envrules.engines.base import Engine, Job
from envrules.engines.reference import ENGINE
from envrules.interval import point
from envrules.lang import ast
from envrules.lang.render import render
from envrules.lang.types import NUMBER
from envrules.pack.model import CasePart
from envrules.pack.pack import GroupKey, Pack, Related, Rule

_Change = tuple[str, Rule]
#: What stands where a derived value was.
_Replacements = Mapping[ast.Node, ast.Node]


@dataclass(frozen=True)
class MutantResult:
    """A mutant of a rule, and the case that killed it; empty for a survivor."""

    rule: str
    mutant: str
    killed_by: str = ""


def survivors(pack: Pack, rules: Mapping[str, Rule] | None = None, engine: Engine = ENGINE) -> Iterator[MutantResult]:
    """The mutants of a pack's rules (or of those given) that no case kills."""
    for rule in (rules or pack.rules).values():
        yield from (result for result in try_mutants(rule, pack, engine) if not result.killed_by)


def try_mutants(rule: Rule, pack: Pack, engine: Engine = ENGINE) -> Iterator[MutantResult]:
    """Every mutant of a rule, run on the rule's cases until one fails.

    Raises:
        InputError: for a case whose records name no field or type of the pack.
    """
    cases = [(case, case_job(pack, rule, case)[1]) for case in rule.cases]
    # Small cases are quick, and what killed one mutant often kills the next.
    cases.sort(key=lambda c: sum(map(len, c[1].records.values())))
    for what, mutant in mutants(rule, pack):
        killer = next((i for i, (case, job) in enumerate(cases) if _fails(mutant, case, job, engine)), None)
        if killer is None:
            yield MutantResult(rule.id, what)
        else:
            yield MutantResult(rule.id, what, cases[killer][0].name)
            cases.insert(0, cases.pop(killer))


def _fails(mutant: Rule, case: CasePart, job: Job, engine: Engine) -> bool:
    verdicts = tuple(engine.run(replace(job, rules=[mutant])))
    return next(compare(case, verdicts), None) is not None


def mutants(rule: Rule, pack: Pack) -> Iterator[tuple[str, Rule]]:
    """The rule with one thing changed, for each thing that can be: what was changed, and the changed rule.

    Limits and dates move by one unit of their last written place, comparisons and truths turn over, conditions, words,
    keys and rows of tables are left out. What a derived value stands for changes wherever the rule uses it.

    Examples:
        >>> from envrules.api import load_pack
        >>> pack = load_pack("jiuquan-2018")
        >>> [what for what, _ in mutants(pack.rules["fuel-station.stage-5"], pack) if what.startswith("require")][1:]
        ['require: fuel_stage >= 5 -> fuel_stage <= 5',
         'require: fuel_stage >= 5 -> fuel_stage >= 4',
         'require: fuel_stage >= 5 -> fuel_stage >= 6']
    """
    seen: dict[str, int] = {}
    for what, mutant in _changes(rule, pack):
        seen[what] = seen.get(what, 0) + 1
        yield (what if seen[what] == 1 else f"{what} ({seen[what]})"), mutant


def _changes(rule: Rule, pack: Pack) -> Iterator[_Change]:
    if rule.when is not None:
        yield from _of("when", mutants_of(rule.when, rule.when_text), lambda n: replace(rule, when=n))
        if not isinstance(rule.when, ast.And):
            yield "when: dropped", replace(rule, when=None)
    yield from _of("require", mutants_of(rule.require, rule.require_text), lambda n: replace(rule, require=n))
    yield from _dates(rule)
    yield from _severities(rule)
    for name, link in rule.related.items():
        for what, changed in _links(link):
            yield f"{name}: {what}", replace(rule, related={**rule.related, name: changed})
    yield from _groups(rule)
    yield from _definitions(rule)


def _of(part: str, found: Iterator[Mutant], put: Callable[[ast.Node], Rule]) -> Iterator[_Change]:
    return ((f"{part}: {what}", put(new)) for what, new in found)


def _dates(rule: Rule) -> Iterator[_Change]:
    """In force, out of force and due a day sooner or later; a due date left out."""
    for step in (dt.timedelta(days=-1), dt.timedelta(days=1)):
        if rule.effective is not None:
            day = rule.effective + step
            yield f"effective: {rule.effective} -> {day}", replace(rule, effective=day)
        if rule.expires is not None:
            day = rule.expires + step
            yield f"expires: {rule.expires} -> {day}", replace(rule, expires=day)
    if rule.due is None:
        return
    yield "due: dropped", replace(rule, due=None)
    if isinstance(rule.due, ast.Const):
        yield from _of("due", mutants_of(rule.due, rule.due_text), lambda n: replace(rule, due=n))
        return
    ops: tuple[Literal["-", "+"], ...] = ("-", "+")
    for op in ops:
        one = ast.Const(value=point(1.0), type=NUMBER)
        due = ast.Arithmetic(op=op, left=rule.due, right=one, type=rule.due.type)
        yield f"due: {render(rule.due)} -> {render(due)}", replace(rule, due=due)


def _severities(rule: Rule) -> Iterator[_Change]:
    for i, (level, when) in enumerate(rule.severities):
        before, after = rule.severities[:i], rule.severities[i + 1 :]
        yield f"severity {level}: dropped", replace(rule, severities=(*before, *after))
        for what, new in mutants_of(when):
            yield f"severity {level}: {what}", replace(rule, severities=(*before, (level, new), *after))


def _links(link: Related) -> Iterator[tuple[str, Related]]:
    for i, (name, node) in enumerate(link.keys):
        before, after = link.keys[:i], link.keys[i + 1 :]
        yield f"key {name} dropped", replace(link, keys=(*before, *after))
        for what, new in [*mutants_of(node), *_next_word(node)]:
            yield f"key {name}: {what}", replace(link, keys=(*before, (name, new), *after))
    if link.where is not None:
        yield "where: dropped", replace(link, where=None)
        for what, new in mutants_of(link.where):
            yield f"where: {what}", replace(link, where=new)


def _next_word(node: ast.Node) -> Iterator[Mutant]:
    enum = node.type.enum
    if isinstance(node, ast.Const) and isinstance(node.value, str) and enum is not None and len(enum.values) > 1:
        new = replace(node, value=enum.values[(enum.rank(node.value) + 1) % len(enum.values)])
        yield f"{node.value} -> {new.value}", new


def _groups(rule: Rule) -> Iterator[_Change]:
    if rule.coverage is not None:
        least = rule.coverage.least
        for new in (least - 1, least + 1):
            yield f"coverage: {least} -> {new}", replace(rule, coverage=replace(rule.coverage, least=new))
    keys = rule.group or ()
    for i, key in enumerate(keys):
        for what, changed in _group_keys(key):
            yield f"group {key.name}: {what}", replace(rule, group=(*keys[:i], changed, *keys[i + 1 :]))


def _group_keys(key: GroupKey) -> Iterator[tuple[str, GroupKey]]:
    if key.start is not None and key.period is not None:
        for start in (key.start - 1, key.start + 1):
            what = f"from {format_period(key.period, key.start)} -> {format_period(key.period, start)}"
            yield what, replace(key, start=start)
    for value in key.values or ():
        yield f"without {value}", replace(key, values=tuple(v for v in key.values or () if v != value))


# --- derived values ---------------------------------------------------------------------------------------------------


def _definitions(rule: Rule) -> Iterator[_Change]:
    """The rule with a derived value changed, its own or one of the record types it reads."""
    requirements = {t.requirement: t.node for t in rule.derive.values() if t.requirement is not None}
    for derived in dict.fromkeys(d for root in _roots(rule) for d in ast.walk(root) if isinstance(d, ast.Derived)):
        if derived.of in requirements:
            continue  # changed together with its table
        name = render(derived)
        table = rule.derive.get(derived.name) if not derived.scope else None
        if isinstance(derived.of, ast.Case):
            demanded = table.requirement if table is not None and table.node == derived.of else None
            for what, node, requirement in table_mutants(derived.of, _table(demanded)):
                changes: dict[ast.Node, ast.Node] = {derived.of: node}
                if demanded is not None and requirement is not None:
                    changes[demanded] = requirement
                yield f"{name}: {what}", _replaced(rule, changes)
        else:
            for what, new in mutants_of(derived.of):
                yield f"{name}: {what}", _replaced(rule, {derived.of: new})


def _table(node: ast.Node | None) -> ast.Case | None:
    return node if isinstance(node, ast.Case) else None


def _roots(rule: Rule) -> Iterator[ast.Node]:
    """The expressions that decide on an outcome; a table by its name, so that it is found though nothing uses it."""
    yield from (n for n in (rule.when, rule.require, rule.due) if n is not None)
    yield from (when for _, when in rule.severities)
    yield from (link.where for link in rule.related.values() if link.where is not None)
    yield from (node for link in rule.related.values() for _, node in link.keys)
    yield from (key.node for key in rule.group or ())
    for name, table in rule.derive.items():
        if table.requirement is not None or name == rule.output:
            yield ast.Derived(name=name, of=table.node, type=table.node.type)


def _replaced(rule: Rule, changes: _Replacements) -> Rule:
    """The rule with other trees in place of some that derived values stand for."""

    def change(node: ast.Node) -> ast.Node:
        if isinstance(node, ast.Derived) and node.of in changes:
            return replace(node, of=changes[node.of])
        return put_in(node, change)

    def root(node: ast.Node) -> ast.Node:
        return changes[node] if node in changes else change(node)

    return replace(
        rule,
        when=None if rule.when is None else change(rule.when),
        require=change(rule.require),
        due=None if rule.due is None else change(rule.due),
        severities=tuple((level, change(when)) for level, when in rule.severities),
        related={
            name: replace(
                link,
                keys=tuple((k, change(n)) for k, n in link.keys),
                where=None if link.where is None else change(link.where),
            )
            for name, link in rule.related.items()
        },
        group=None if rule.group is None else tuple(replace(k, node=change(k.node)) for k in rule.group),
        derive={
            name: replace(
                table,
                node=root(table.node),
                requirement=None if table.requirement is None else root(table.requirement),
            )
            for name, table in rule.derive.items()
        },
    )
