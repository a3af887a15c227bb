"""Rules from their documents: names resolved against record types, expressions typed, dates put in order."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from envrules.calendars import parse_period
from envrules.diagnostics import Problems, TextPlace, nearest
from envrules.interval import Interval
from envrules.lang import ast
from envrules.lang.check import fixed_words
from envrules.lang.scope import Issue, Scope
from envrules.lang.types import BOOL, DATE, Type
from envrules.pack import model
from envrules.pack.build_records import RecordBuilder, words
from envrules.pack.document import Document, Path
from envrules.pack.expressions import NamedExpressions, compile_expression
from envrules.pack.model import CasePart
from envrules.pack.pack import Citation, Coverage, GroupKey, Related, Rule, Table
from envrules.pack.tables import compile_derived
from envrules.verdict import Severity


class RuleBuilder:
    """Builds `rules` by id from the documents of clauses, one document after the other."""

    def __init__(self, records: RecordBuilder, packs: Sequence[model.PackDocument], problems: Problems) -> None:
        self.records, self.problems = records, problems
        self.packs = packs
        self.rules: dict[str, Rule] = {}
        self.seen: dict[str, tuple[int, str]] = {}
        self.level = 0

    def stated(self, key: str) -> Any:
        """What the pack at hand says of its rules' dates, or where it is silent the nearest pack it builds on."""
        below = (getattr(p, key) for p in reversed(self.packs[: self.level + 1]))
        return next((value for value in below if value), None)

    def add_clause(self, document: Document, clause: model.ClauseDocument, level: int = 0) -> None:
        """Add the rules of one document of the pack at a level; 0 is the lowest pack."""
        self.level = level
        for i, part in enumerate(clause.rules):
            place = document.place(("rules", i, "id"))
            known = self.seen.get(part.id)
            if known is not None and not (part.overrides and known[0] < level):
                self.problems.error(
                    "duplicate-id", place, f"{part.id} is the id of two rules", found=f"also at {known[1]}",
                    hint="give another id; to override a rule of the pack below write `overrides: true` and a `reason`",
                )  # fmt: skip
                continue
            if part.overrides and known is None:
                below = [rule for rule, (at, _) in self.seen.items() if at < level]
                self.problems.error(
                    "unknown-name", place, f"{part.id} overrides no rule of a pack below", hint=nearest(part.id, below)
                )
            if part.overrides and not (part.reason.en or part.reason.zh):
                self.problems.error(
                    "missing-key", place, f"{part.id} overrides a rule without a reason", expected="reason: ..."
                )
            self.seen[part.id] = (level, f"{place.file}:{place.line}")
            rule = _RuleFromDocument(self, document, ("rules", i), clause, part).build()
            if rule is not None:
                self.rules[part.id] = rule


class _RuleFromDocument:
    """One rule's way from its document; faults go to the problems."""

    def __init__(
        self, builder: RuleBuilder, document: Document, path: Path, clause: model.ClauseDocument, part: model.RulePart
    ) -> None:
        self.builder, self.document, self.path, self.clause, self.part = builder, document, path, clause, part
        self.records, self.problems = builder.records, builder.problems
        self.tables: dict[str, Table] = {}

    def place(self, *path: str | int) -> TextPlace:
        return self.document.place((*self.path, *path))

    def build(self) -> Rule | None:
        part, before = self.part, len(self.problems.errors)
        if not self.known_record(part.record, "record"):
            return None
        base = self.records.scope(part.record)
        related = self.related(base)
        when_scope = replace(base, related={n: s for n, (_, s) in related.items()})
        scope, keys = self.scope(when_scope)
        when_scope = scope if part.group is None else when_scope
        # A first look at the condition, without the derived values, which may need what it settles.
        first = self.compile(("when",), part.when, when_scope, BOOL, Problems()) if part.when is not None else None
        # What the condition settles holds in the requirement: a unit that depends on a code is then known.
        fixed = {**scope.fixed, **fixed_words(first)}
        # A related record that shares a key with this one shares what the condition settles about it.
        related = self.related(replace(base, fixed=fixed), quiet=True) if fixed and related else related
        scope = replace(scope, fixed=fixed, related={n: s for n, (_, s) in related.items()})
        derive = self.derive(scope)
        scope = replace(scope, derived=derive.resolve, derived_names=(*scope.derived_names, *part.derive))
        for name in part.derive:
            derive.resolve(name)
        when = self.condition("when", part.when, scope if part.group is None else when_scope)
        require = self.requirement(scope)
        due = self.due(scope)
        notes = tuple((self.condition(("notes", i, "when"), n.when, scope), words(n)) for i, n in enumerate(part.notes))
        severity, severities = self.severity(scope)
        coverage = self.coverage(keys)
        if part.group is not None:
            told = [
                require,
                due,
                *(n for _, n in severities),
                *(n for n, _ in notes),
                *(t.node for t in self.tables.values()),
            ]
            self.refuse_keys_of_members(related, [n for n in told if n is not None])
        if part.output is not None and part.output not in part.derive:
            self.problems.error(
                "unknown-name", self.place("output"), f"{part.output} is not derived by this rule",
                expected=", ".join(part.derive), hint=nearest(part.output, part.derive),
            )  # fmt: skip
        effective = part.effective or self.builder.stated("effective")
        expires = part.expires or self.builder.stated("expires")
        self.dates(effective, expires, due)
        if len(self.problems.errors) > before or require is None:
            return None
        citation = part.citation
        place = self.place("id")
        return Rule(
            id=part.id,
            clause=self.clause.clause,
            title=words(part.title),
            record=part.record,
            citation=Citation(
                self.clause.clause,
                citation.phrase if citation else "",
                citation.place if citation else 1,
                tuple(citation.numbers) if citation and citation.numbers is not None else None,
            ),
            require=require,
            require_text=part.require,
            when=when,
            when_text=part.when or "",
            effective=effective,
            expires=expires,
            due=due,
            due_text=part.due or "",
            severity=severity,
            severities=severities,
            message=words(part.message),
            readings=tuple(words(r) for r in part.readings),
            notes=notes,
            related={n: r for n, (r, _) in related.items() if r is not None},
            group=keys,
            coverage=coverage,
            derive=self.tables,
            output=part.output or "",
            cases=self.cases(),
            reason=words(part.reason),
            pack=self.builder.packs[self.builder.level].pack if self.builder.packs else "",
            file=place.file,
            line=place.line,
        )

    def cases(self) -> tuple[CasePart, ...]:
        """The rule's cases, each with the evaluation date its own pack gives it, whatever pack builds on that one."""
        builder = self.builder
        dates = [p.cases.as_of for p in reversed(builder.packs[: builder.level + 1]) if p.cases.as_of]
        return tuple(c if c.as_of or not dates else c.model_copy(update={"as_of": dates[0]}) for c in self.part.cases)

    def known_record(self, name: str, *path: str | int) -> bool:
        if name in self.records.types:
            return True
        self.problems.error(
            "unknown-record", self.place(*path), f"{name} is not a record type of this pack",
            hint=nearest(name, self.records.types) or "record types: " + ", ".join(list(self.records.types)[:12]),
        )  # fmt: skip
        return False

    def compile(
        self, path: Path, text: str, scope: Scope, expected: Type | None = None, problems: Problems | None = None
    ) -> ast.Node | None:
        problems = self.problems if problems is None else problems
        return compile_expression(self.document, (*self.path, *path), text, scope, problems, expected)

    def condition(self, path: str | Path, text: str | None, scope: Scope) -> ast.Node | None:
        where: Path = (path,) if isinstance(path, str) else path
        return self.compile(where, text, scope, BOOL) if text is not None else None

    # --- scopes -------------------------------------------------------------------------------------------------------

    def related(self, base: Scope, quiet: bool = False) -> dict[str, tuple[Related | None, Scope]]:
        """The related records with their scopes; `quiet` the second time, when the faults have been reported."""
        problems = Problems() if quiet else self.problems
        found: dict[str, tuple[Related | None, Scope]] = {}
        for name, part in self.part.related.items():
            if part.record not in self.records.types:
                if not quiet:
                    self.known_record(part.record, "related", name, "record")
                continue
            if name in base.schema or name in base.derived_names:
                problems.error(
                    "duplicate-id", self.place("related", name), f"{name} is a field of {base.record} already"
                )
            other = self.records.scope(part.record)
            keys: list[tuple[str, ast.Node]] = []
            fixed: dict[str, frozenset[str]] = {}
            for key, text in part.keys.items():
                path: Path = (*self.path, "related", name, "keys", key)
                if key not in other.schema:
                    problems.error(
                        "unknown-field", self.document.place(path, key=True),
                        f"{key} is not a field of {part.record}", hint=nearest(key, other.schema),
                    )  # fmt: skip
                    continue
                scope = replace(base, related=found_scopes(found))
                node = compile_expression(self.document, path, text, scope, problems, other.schema[key].type)
                if node is None:
                    continue
                keys.append((key, node))
                if isinstance(node, ast.Const) and isinstance(node.value, str):
                    fixed[key] = frozenset({node.value})
                elif isinstance(node, ast.FieldValue) and node.path in base.fixed:
                    fixed[key] = base.fixed[node.path]
            other = replace(other, fixed=fixed)
            where = None
            if part.where is not None:
                path = (*self.path, "related", name, "where")
                where = compile_expression(self.document, path, part.where, other, problems, BOOL)
                other = replace(other, fixed={**fixed, **fixed_words(where)})
            found[name] = (Related(part.record, tuple(keys), where), other)
        return found

    def refuse_keys_of_members(self, related: dict[str, tuple[Related | None, Scope]], told: list[ast.Node]) -> None:
        """A group has no fields of its own, so what is said of it finds no related record by one."""
        parts = [part for node in told for part in ast.walk(node)]
        used = {p.scope for p in parts if isinstance(p, ast.FieldValue)}
        used |= {p.over for p in parts if isinstance(p, ast.Aggregate)}
        for name in [n for n in related if n in used]:
            link = related[name][0]
            for key, node in link.keys if link is not None else ():
                if node.reads:
                    self.problems.error(
                        "group-field", self.place("related", name, "keys", key),
                        f"{name} is found by {node.reads[0].path}, which belongs to each record; a group has none",
                        hint="find it by words that are written out, or use it in `when` alone",
                    )  # fmt: skip

    def scope(self, base: Scope) -> tuple[Scope, tuple[GroupKey, ...] | None]:
        """The scope of the requirement: of the record, or of the group with its keys."""
        if self.part.group is None:
            if self.part.coverage is not None:
                self.problems.error(
                    "document-value", self.place("coverage"), "only a rule with a `group:` has a coverage"
                )
            return base, None
        keys = tuple(k for n, p in self.part.group.items() if (k := self.group_key(n, p, base)) is not None)
        types = {k.name: k.node.type for k in keys}
        scope = replace(
            base,
            keys=types,
            group=True,
            derived=_none,
            derived_names=(),
            member_derived=base.derived,
        )
        return scope, keys

    def group_key(self, name: str, part: model.KeyPart, base: Scope) -> GroupKey | None:
        node = self.compile(
            ("group", name, "key") if self._is_mapping("group", name) else ("group", name), part.key, base
        )
        if node is None:
            return None
        if node.type.kind in ("quantity", "bool", "date"):
            self.problems.error(
                "type-mismatch", self.place("group", name), f"{name} is {node.type.describe()}, which makes no groups",
                expected="a word, a text or a calendar period", hint="write for example year(date)",
            )  # fmt: skip
            return None
        start: int | None = None
        if part.from_ is not None:
            if node.type.period is None:
                self.problems.error("type-mismatch", self.place("group", name, "from"), f"{name} is no calendar period")
                return None
            try:
                start = parse_period(node.type.period, part.from_)
            except ValueError as error:
                self.problems.error("period-value", self.place("group", name, "from"), str(error))
        values: tuple[str, ...] | None = None
        if part.values == "all":
            if node.type.enum is None:
                self.problems.error(
                    "type-mismatch", self.place("group", name, "values"), f"{name} has no list of all values"
                )
            else:
                values = node.type.enum.values
        elif part.values is not None:
            values = tuple(part.values)
            for i, value in enumerate(values):
                if node.type.enum is not None and value not in node.type.enum.values:
                    self.problems.error(
                        "unknown-value", self.place("group", name, "values", i),
                        f"{value} is not a value of {node.type.enum.name}", hint=nearest(value, node.type.enum.values),
                    )  # fmt: skip
        return GroupKey(name, node, values, start)

    def _is_mapping(self, *path: str | int) -> bool:
        data = self.document.data
        for step in (*self.path, *path):
            data = data[step]
        return isinstance(data, dict)

    # --- parts of the rule --------------------------------------------------------------------------------------------

    def derive(self, scope: Scope) -> NamedExpressions:
        """The rule's own derived values, over the fields and each other."""
        parts = self.part.derive

        def compile_one(name: str) -> ast.Node | None:
            own = replace(scope, derived=named.resolve, derived_names=(*scope.derived_names, *parts))
            path: Path = (*self.path, "derive", name)
            table = compile_derived(
                self.document, path, f"{self.part.id}.{name}", parts[name], own, self.records.enums, self.problems
            )
            if table is None:
                return None
            self.tables[name] = table
            return table.node

        for name in parts:
            if name in scope.schema or name in scope.derived_names or name in scope.keys:
                self.problems.error("duplicate-id", self.place("derive", name), f"{name} has a meaning here already")
        named = NamedExpressions(parts, compile_one, scope.derived)
        return named

    def requirement(self, scope: Scope) -> ast.Node | None:
        """The requirement; the name of a table stands for what its rows require."""
        text = self.part.require.strip()
        if text in self.part.derive:
            table = self.tables.get(text)
            if table is None:
                return None
            if table.requirement is not None:
                return ast.Derived(name=text, of=table.requirement, type=BOOL)
        return self.compile(("require",), self.part.require, scope, BOOL)

    def due(self, scope: Scope) -> ast.Node | None:
        return self.compile(("due",), self.part.due, scope, DATE) if self.part.due is not None else None

    def severity(self, scope: Scope) -> tuple[Severity, tuple[tuple[Severity, ast.Node], ...]]:
        given = self.part.severity
        if isinstance(given, str):
            return given, ()
        otherwise: Severity = "medium"
        rows: list[tuple[Severity, ast.Node]] = []
        for level, text in given.items():
            if level == "otherwise" and text in ("low", "medium", "high"):
                otherwise = text  # type: ignore[assignment]
            elif level in ("low", "medium", "high"):
                node = self.compile(("severity", level), text, scope, BOOL)
                if node is not None:
                    rows.append((level, node))  # type: ignore[arg-type]
            else:
                self.problems.error(
                    "document-value", self.place("severity", level), f"{level} is no severity",
                    expected="low, medium, high; otherwise",
                )  # fmt: skip
        return otherwise, tuple(rows)

    def coverage(self, keys: tuple[GroupKey, ...] | None) -> Coverage | None:
        part = self.part.coverage
        if part is None or keys is None:
            return None
        schema: Mapping[str, object] = self.records.schemas[self.part.record]
        if part.of not in schema or self.records.schemas[self.part.record][part.of].type.kind != "date":
            self.problems.error(
                "unknown-field", self.place("coverage", "of"), f"{part.of} is not a date field of {self.part.record}",
                hint=nearest(part.of, schema),
            )  # fmt: skip
        if sum(k.period is not None for k in keys) != 1:
            self.problems.error(
                "document-value", self.place("coverage"), "a coverage counts the days of one calendar period",
                expected="one key that is a calendar period, such as year: year(day)",
            )  # fmt: skip
        return Coverage(part.of, part.least)

    def dates(self, effective: dt.date | None, expires: dt.date | None, due: ast.Node | None) -> None:
        last = None
        if isinstance(due, ast.Const) and isinstance(due.value, Interval):
            last = dt.date.fromordinal(int(due.value.lo))
        for name, first, second in (("expires", effective, expires), ("due", effective, last)):
            if first is not None and second is not None and second < first:
                self.problems.error(
                    "date-order", self.place(name), f"{name} {second} lies before effective {first}",
                    hint="no record could ever be judged so",
                )  # fmt: skip


def found_scopes(found: Mapping[str, tuple[Related | None, Scope]]) -> dict[str, Scope]:
    """The scopes of the related records declared so far: a later one may use an earlier one's fields as keys."""
    return {name: scope for name, (_, scope) in found.items()}


def _none(name: str) -> ast.Node | Issue | None:
    """A group has no derived fields of its own outside aggregates."""
    return None
