"""What a pack that loads still lacks: cases, citations, words in a language; tables with gaps or overlaps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from envrules.analysis.tables import gaps_and_overlaps
from envrules.analysis.testing import CaseRun, run_case
from envrules.diagnostics import Diagnostic, EnvrulesError, TextPlace
from envrules.lang import ast
from envrules.pack.pack import Clause, Pack, Rule
from envrules.records.types import Words


def lint(pack: Pack, rules: Mapping[str, Rule] | None = None) -> list[Diagnostic]:
    """Everything a reviewer would send back, as errors; what is worth a look, as warnings."""
    found: list[Diagnostic] = []
    known = {c.id for c in clauses_of(pack.clauses)}
    for rule in (rules or pack.rules).values():
        found += _texts(rule)
        if known and rule.clause not in known:
            found.append(_fault(rule, "unknown-clause", f"clause {rule.clause} is not in the clause tree of pack.yaml"))
        found += _cases(pack, rule)
        found += _unused(rule)
        for name, table in rule.derive.items():
            found += [
                _fault(rule, code, f"table {name}: {what}", level)
                for code, what, level in gaps_and_overlaps(pack, rule.record, table.node, rule.related, rule.when)
            ]
    for record, derived in pack.derived.items():
        for name, node in derived.items():
            for code, what, _ in gaps_and_overlaps(pack, record, node, {}):
                if code == "table-overlap":
                    found.append(Diagnostic(code, f"{pack.name}/records/{record}.yaml", f"{name}: {what}"))
    return found


def clauses_of(clauses: tuple[Clause, ...]) -> Iterator[Clause]:
    """Every clause of a tree, each before those under it."""
    for clause in clauses:
        yield clause
        yield from clauses_of(clause.clauses)


def _fault(rule: Rule, code: str, what: str, level: str = "error", hint: str = "") -> Diagnostic:
    place = TextPlace(rule.file, rule.line, 1)
    return Diagnostic(code, place, f"{rule.id}: {what}", hint=hint, level="warning" if level == "warning" else "error")


def _texts(rule: Rule) -> Iterator[Diagnostic]:
    if not rule.citation.phrase:
        yield _fault(
            rule, "no-citation", "no key phrase says where the document demands this", hint="citation: {phrase: ...}"
        )
    texts: list[tuple[str, Words]] = [("title", rule.title), *(("a reading", r) for r in rule.readings)]
    for name, words in texts:
        for language, text in (("English", words.en), ("Chinese", words.zh)):
            if not text:
                yield _fault(rule, "no-words", f"{name} is missing in {language}")


def _cases(pack: Pack, rule: Rule) -> Iterator[Diagnostic]:
    runs: list[CaseRun] = []
    for case in rule.cases:
        try:
            runs.append(run_case(pack, rule, case))
        except EnvrulesError:
            continue  # `envrules test` tells what is wrong with it
    verdicts = [v for run in runs for v in run.verdicts]
    outcomes = {v.outcome for v in verdicts}
    for wanted in ("pass", "violation"):
        if wanted not in outcomes:
            yield _fault(rule, "case-missing", f"no case gets the outcome {wanted}")
    # Where emptiness is an answer nothing can be open: a violation that names the empty fields stands for it.
    answered = any(v.outcome == "violation" and v.missing for v in verdicts)
    if "indeterminate" not in outcomes and not answered and not _reads_only_ids(rule):
        yield _fault(rule, "case-missing", "no case lacks a value that would decide (indeterminate)")
    if _has_limit(rule.require) and not any(v.margin == 0 for v in verdicts):
        yield _fault(rule, "case-missing", "no case lies exactly at the limit (margin 0)")


def _has_limit(node: ast.Node) -> bool:
    """Whether a condition itself compares with a literal number or date that a value can be equal to."""
    if isinstance(node, ast.Compare):
        if node.left.type.kind not in ("quantity", "date") or not isinstance(node.right, ast.Const):
            return False
        # A ratio of counts jumps over most limits.
        counts = any(isinstance(p, ast.Aggregate) and p.function in ("count", "distinct") for p in ast.walk(node.left))
        return not (counts and isinstance(node.left, ast.Arithmetic | ast.Convert))
    if isinstance(node, ast.Not | ast.Derived):
        return _has_limit(node.of)
    if isinstance(node, ast.And | ast.Or):
        return any(_has_limit(i) for i in node.items)
    return isinstance(node, ast.Case) and any(_has_limit(row.then) for row in node.rows)


def _reads_only_ids(rule: Rule) -> bool:
    """Whether nothing that the rule reads can be missing: every record has an id."""
    nodes = [n for n in (rule.when, rule.require, *(k.node for k in rule.group or ())) if n is not None]
    return all(p.name == "id" for n in nodes for p in ast.walk(n) if isinstance(p, ast.FieldValue))


def _unused(rule: Rule) -> Iterator[Diagnostic]:
    nodes = [n for n in (rule.when, rule.require, rule.due, *(n for n, _ in rule.notes)) if n is not None]
    nodes += [t.node for t in rule.derive.values()]
    parts = [p for node in nodes for p in ast.walk(node)]
    links = {p.scope for p in parts if isinstance(p, ast.FieldValue | ast.Derived)}
    links |= {p.over for p in parts if isinstance(p, ast.Aggregate)}
    links |= {
        p.scope for r in rule.related.values() for _, n in r.keys for p in ast.walk(n) if isinstance(p, ast.FieldValue)
    }
    for name in rule.related:
        if name not in links:
            yield _fault(rule, "unused", f"the related records {name} are used nowhere", "warning")
    named = {p.name for p in parts if isinstance(p, ast.Derived)} | {rule.output}
    texts = " ".join(w.en + w.zh for _, w in rule.notes) + rule.message.en + rule.message.zh
    for name in rule.derive:
        if name not in named and "{" + name + "}" not in texts:
            yield _fault(rule, "unused", f"the derived value {name} is used nowhere", "warning")
