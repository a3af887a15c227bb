"""Why an outcome is what it is: a tree of every part of a rule with its value, down to the cells it came from."""

from __future__ import annotations

import html
from dataclasses import dataclass, field

from envrules.engines.reference.aggregates import covered_days
from envrules.engines.reference.evaluate import Env, Worth, condition, evaluate
from envrules.engines.reference.evidence import show
from envrules.interval import Interval
from envrules.lang import ast
from envrules.lang.render import render, with_unit
from envrules.lang.types import Type
from envrules.pack.pack import Rule
from envrules.records.values import Nothing
from envrules.verdict import Verdict


@dataclass(frozen=True, repr=False)
class Explanation:
    """A part of a judgement: what it says, what it is worth, why, and the parts below it.

    Prints as a tree, and shows as one in a notebook.
    """

    label: str
    value: str = ""
    source: str = ""
    parts: tuple[Explanation, ...] = field(default=())

    def text(self) -> str:
        """The tree as text."""
        return "\n".join(self._lines("", ""))

    def __repr__(self) -> str:
        return self.text()

    def _lines(self, first: str, rest: str) -> list[str]:
        lines = [
            first
            + self.label
            + (f" = {self.value}" if self.value else "")
            + (f"   [{self.source}]" if self.source else "")
        ]
        for i, part in enumerate(self.parts):
            last = i == len(self.parts) - 1
            lines += part._lines(rest + ("└─ " if last else "├─ "), rest + ("   " if last else "│  "))
        return lines

    def _repr_html_(self) -> str:
        head = html.escape(self.label) + (f" = <b>{html.escape(self.value)}</b>" if self.value else "")
        source = f' <small style="color:#777">{html.escape(self.source)}</small>' if self.source else ""
        if not self.parts:
            return f"<div>{head}{source}</div>"
        inside = "".join(p._repr_html_() for p in self.parts)
        return f'<details open style="margin-left:1em"><summary>{head}{source}</summary>{inside}</details>'


def explain(rule: Rule, verdict: Verdict, env: Env) -> Explanation:
    """The tree of one verdict."""
    who = verdict.record_id if verdict.record_id is not None else (verdict.subject or "the whole set")
    parts: list[Explanation] = [Explanation("clause", f"{rule.clause} {rule.citation.phrase}".strip())]
    if rule.group is not None:
        parts.append(
            Explanation(
                "group",
                f"{len(env.members)} records",
                "; ".join(f"{k} = {say(v, Type('text'))}" for k, v in env.keys.items()),
            )
        )
    if rule.when is not None and rule.group is None:
        parts.append(Explanation("when", truth(condition(rule.when, env)), parts=(_part(rule.when, env),)))
    if verdict.outcome not in ("not_in_force", "not_applicable"):
        parts.append(Explanation("require", truth(condition(rule.require, env)), parts=(_part(rule.require, env),)))
    if rule.due is not None:
        parts.append(Explanation("due", say(evaluate(rule.due, env), rule.due.type)))
    dates = [f"{n} {d.isoformat()}" for n, d in (("effective", rule.effective), ("expires", rule.expires)) if d]
    if dates:
        parts.append(Explanation("in force", ", ".join(dates)))
    if verdict.margin is not None:
        parts.append(Explanation("margin", f"{verdict.margin} {verdict.unit or ''}".strip()))
    if verdict.value is not None:
        parts.append(Explanation(rule.output, str(verdict.value)))
    if verdict.missing:
        parts.append(Explanation("missing", ", ".join(verdict.missing)))
    parts += [Explanation("note", note) for note in verdict.notes]
    parts += [Explanation("reading", reading.either()) for reading in rule.readings]
    return Explanation(f"{rule.id} on {who}", verdict.outcome, parts=tuple(parts))


def truth(value: bool | None) -> str:
    """True, false or unknown, as explanations write it."""
    return "unknown" if value is None else "true" if value else "false"


def say(worth: Worth, type_: Type) -> str:
    """A value in words."""
    if isinstance(worth, Interval):
        return with_unit(worth, type_)
    if worth is None or isinstance(worth, bool):
        return truth(worth)
    return str(show(worth, type_))


def _part(node: ast.Node, env: Env) -> Explanation:
    """The tree of an expression; what a table did not come to is left out."""
    if isinstance(node, ast.Convert):
        inner = _part(node.of, env)
        return Explanation(
            inner.label, f"{inner.value} = {say(evaluate(node, env), node.type)}", inner.source, inner.parts
        )
    value = say(evaluate(node, env), node.type)
    if isinstance(node, ast.FieldValue):
        return Explanation(node.path, *_cell(node, env, value))
    if isinstance(node, ast.Bounded):
        return Explanation(render(node), value, parts=(_part(node.of, env),))
    if isinstance(node, ast.Const | ast.AsOf | ast.Key):
        return Explanation(render(node), "" if isinstance(node, ast.Const) else value)
    if isinstance(node, ast.Case):
        return Explanation("table", value, parts=tuple(_rows(node, env)))
    if isinstance(node, ast.Aggregate):
        return Explanation(render(node), value, _counted(node, env))
    parts = tuple(_part(c, env) for c in ast.children(node) if not isinstance(c, ast.Const))
    return Explanation(render(node), value, parts=parts)


def _rows(node: ast.Case, env: Env) -> list[Explanation]:
    found: list[Explanation] = []
    for row in node.rows:
        holds = True if row.when is None else condition(row.when, env)
        label = "otherwise" if row.when is None else render(row.when)
        then = () if holds is False else (_part(row.then, env),)
        why = () if row.when is None else (_part(row.when, env),)
        found.append(Explanation(label, truth(holds), parts=(*why, *then)))
        if holds and not node.unique:
            break
    return found


def _counted(node: ast.Aggregate, env: Env) -> str:
    members = env.related_to(node.over) if node.over else env.members
    text = f"{len(members)} records"
    open_ = sum(belongs is None for _, belongs in members)
    if open_:
        text += f", {open_} of them perhaps"
    if env.coverage is not None and not node.over:
        text += f"; {covered_days(node, env)} of {env.coverage.days} days have a value, {env.coverage.least} are needed"
    return text


def _cell(node: ast.FieldValue, env: Env, value: str) -> tuple[str, str]:
    record = env.own(node.scope)
    if record is None:
        matches = env.related_to(node.scope) if node.scope else []
        return value, f"{len(matches)} related records"
    cell = record.cells.get(node.name)
    where = str(record.place)
    if cell is None or cell.value is Nothing.ABSENT:
        return f"{value} (nothing given)" if value == "unknown" else f"{value} (assumed)", where
    if cell.derivation is not None:
        return value, f"{where}, {cell.derivation.either(env.language)} ({cell.raw})"
    read = f"read as {cell.raw!r}" + (f" in {cell.unit}" if cell.unit else "") if cell.raw is not None else ""
    if cell.value is Nothing.UNUSABLE:
        return "unknown (unusable)", f"{where}, {read}"
    return value, f"{where}, {read}" if read else where
