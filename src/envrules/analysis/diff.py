"""What differs between two packs: rules added, removed and changed, by part; which pack is stricter."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from envrules.analysis.changes import COLUMNS, Change, changes_between, tally
from envrules.analysis.order import Terms, same
from envrules.analysis.strictness import (
    Judgement,
    Strictness,
    different_fields,
    judge_pair,
    same_groups,
    same_links,
    together,
)
from envrules.pack.pack import Pack, Rule
from envrules.records.dataset import Dataset
from envrules.records.types import RecordType
from envrules.verdict import Verdict

#: Parts of a rule that an outcome does not rest on.
SILENT_PARTS = frozenset(
    {"severity", "citation", "clause", "title", "message", "notes", "readings", "wording", "output", "cases"}
)
_RULE_COLUMNS = ("rule", "clause", "change", "parts", "strictness", "by", "why")


@dataclass(frozen=True)
class OnRecords:
    """What a pair of rules does on given records: violations that only the second finds, only the first, the rest."""

    violation: int = 0
    ended: int = 0
    other: int = 0

    @property
    def strictness(self) -> Strictness:
        if self.violation and self.ended:
            return "mixed"
        return "stricter" if self.violation else "laxer" if self.ended else "same"


@dataclass(frozen=True)
class RuleDiff:
    """A rule that one pack has and the other has not, or has otherwise.

    Args:
        parts: what differs, with the text in both packs where it has one.
        strictness: of the second pack's rule; `by` says whether the rules themselves show it, or only the records.
        effects: what each part by itself does, where the rules show it.
        why: why the rules themselves do not show it.
    """

    rule: str
    clause: str
    change: Literal["added", "removed", "changed"]
    parts: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    strictness: Strictness = "same"
    by: Literal["rule", "records"] = "rule"
    effects: Mapping[str, Strictness] = field(default_factory=dict)
    why: str = ""
    records: OnRecords | None = None

    @property
    def text_only(self) -> bool:
        """Whether no outcome can differ."""
        return self.change == "changed" and set(self.parts) <= SILENT_PARTS

    def as_dict(self) -> dict[str, Any]:
        """The difference as the command's JSON output gives it."""
        return {
            "rule": self.rule,
            "clause": self.clause,
            "change": self.change,
            "parts": {name: {"a": a, "b": b} for name, (a, b) in self.parts.items()},
            "strictness": self.strictness,
            "by": self.by,
            "effects": dict(self.effects),
            "why": self.why,
            "records": None
            if self.records is None
            else {"violation": self.records.violation, "ended": self.records.ended, "other": self.records.other},
        }


@dataclass(frozen=True)
class PackDiff:
    """Two packs beside each other; everything is said of the second, b, as against the first, a.

    Args:
        rule_diffs: the rules that differ, in the order of the packs; `unchanged` counts the others.
        declared: differences of record types and enumerations, a line each.
        change_list: the outcomes that differ on the records; None where none were given.
        datasets: the records as each of the packs reads them, with the problems of their cells.
    """

    a: Pack
    b: Pack
    rule_diffs: Sequence[RuleDiff]
    unchanged: int
    declared: Sequence[str]
    change_list: Sequence[Change] | None = None
    frame_kind: str = "pandas"
    datasets: tuple[Dataset, ...] = ()

    @property
    def strictness(self) -> Strictness:
        """Of pack b: a rule added is stricter, one removed laxer."""
        return together(d.strictness for d in self.rule_diffs)

    @property
    def by(self) -> Literal["rule", "records"]:
        """Whether the rules themselves show it, or only the records."""
        return "records" if any(d.by == "records" for d in self.rule_diffs) else "rule"

    @property
    def rules(self) -> Any:
        """A frame with a row for each rule that differs."""
        from envrules.report.frame import to_frame

        rows = [{**d.as_dict(), "parts": list(d.parts)} for d in self.rule_diffs]
        return to_frame(rows, _RULE_COLUMNS, self.frame_kind)

    @property
    def changes(self) -> Any:
        """A frame with a row for each outcome that differs on the records; empty where none were given."""
        from envrules.report.frame import to_frame

        return to_frame([c.as_dict() for c in self.change_list or ()], COLUMNS, self.frame_kind)

    @property
    def differs(self) -> bool:
        """Whether anything at all differs."""
        return bool(self.rule_diffs or self.declared or self.change_list)

    def as_dict(self) -> dict[str, Any]:
        """The comparison as the command's JSON output gives it."""
        return {
            **{
                k: {"name": p.name, "version": p.version, "sha256": p.sha256} for k, p in (("a", self.a), ("b", self.b))
            },
            "strictness": self.strictness,
            "by": self.by,
            "unchanged": self.unchanged,
            "rules": [d.as_dict() for d in self.rule_diffs],
            "declared": list(self.declared),
            "changes": None if self.change_list is None else [c.as_dict() for c in self.change_list],
        }

    def __repr__(self) -> str:
        kinds = [d.change for d in self.rule_diffs]
        said = ", ".join(f"{kinds.count(k)} {k}" for k in ("added", "removed", "changed") if k in kinds)
        return f"PackDiff({self.a.name} -> {self.b.name}: {said or 'the same rules'}; {self.strictness})"


def compare_packs(
    a: Pack,
    b: Pack,
    outcomes: tuple[Iterable[Verdict], Iterable[Verdict]] | None = None,
    rules: Iterable[str] | None = None,
) -> PackDiff:
    """Two packs beside each other, and where all their outcomes on the same records are given, those too."""
    chosen = set(rules) if rules is not None else None
    ids = [i for i in [*a.rules, *(r for r in b.rules if r not in a.rules)] if chosen is None or i in chosen]
    found = [d for i in ids if (d := rule_diff(a, b, i)) is not None]
    changes = None if outcomes is None else changes_between(*outcomes)
    if changes is not None:
        by_rule: dict[str, list[Change]] = {}
        for change in changes:
            by_rule.setdefault(change.rule, []).append(change)
        known = {d.rule for d in found}
        found = [_with_records(d, by_rule.get(d.rule, [])) for d in found]
        # Equal rules may differ in outcome all the same: a cell that one pack can read the other may not.
        found += [
            _with_records(RuleDiff(i, b.rules[i].clause, "changed", {"fields": ("", "")}, "undecided"), by_rule[i])
            for i in ids if i in by_rule and i not in known
        ]  # fmt: skip
    return PackDiff(a, b, found, len(ids) - len(found), list(_declared(a, b)), changes)


def _with_records(diff: RuleDiff, changes: Sequence[Change]) -> RuleDiff:
    seen = OnRecords(**tally(changes))
    if diff.change == "changed" and diff.strictness == "undecided":
        return replace(diff, records=seen, strictness=seen.strictness, by="records")
    return replace(diff, records=seen)


def rule_diff(a: Pack, b: Pack, rule: str) -> RuleDiff | None:
    """How a rule differs between two packs; None where it does not."""
    one, other = a.rules.get(rule), b.rules.get(rule)
    if one is None or other is None:
        there = one or other
        assert there is not None
        if one is None:
            return RuleDiff(rule, there.clause, "added", strictness="stricter")
        return RuleDiff(rule, there.clause, "removed", strictness="laxer")
    parts = dict(_parts(a, one, b, other))
    if not parts:
        return None
    judged = Judgement("same") if set(parts) <= SILENT_PARTS else judge_pair(a, one, b, other)
    return RuleDiff(
        rule, other.clause, "changed", parts, judged.strictness, effects=judged.parts, why=judged.why
    )  # fmt: skip


def _parts(a: Pack, one: Rule, b: Pack, other: Rule) -> Iterator[tuple[str, tuple[str, str]]]:
    """The parts in which two rules differ, with their texts."""
    terms = Terms.of(a, b)
    reworded: list[tuple[str, str]] = []
    if one.record != other.record:
        yield "record", (one.record, other.record)
    for name in ("when", "require", "due"):
        texts = (getattr(one, f"{name}_text"), getattr(other, f"{name}_text"))
        if not same(getattr(one, name), getattr(other, name), terms):
            yield name, texts
        elif texts[0].split() != texts[1].split():
            reworded.append(texts)
    for name in ("effective", "expires"):
        if getattr(one, name) != getattr(other, name):
            yield name, (str(getattr(one, name) or ""), str(getattr(other, name) or ""))
    if not same_groups(one, other, terms):
        yield "group", (", ".join(k.name for k in one.group or ()), ", ".join(k.name for k in other.group or ()))
    if one.coverage != other.coverage:
        yield "coverage", tuple(str(r.coverage.least) if r.coverage else "" for r in (one, other))  # type: ignore[misc]
    if not same_links(one, other, terms):
        yield "related", (", ".join(one.related), ", ".join(other.related))
    fields = ", ".join(different_fields(a, one, b, other))
    if fields:
        yield "fields", (fields, fields)
    if reworded:
        yield "wording", reworded[0]
    yield from _texts(one, other, terms)


def _texts(one: Rule, other: Rule, terms: Terms) -> Iterator[tuple[str, tuple[str, str]]]:
    """The parts that say something and decide nothing."""
    levels = [[(level, terms, node) for level, node in r.severities] for r in (one, other)]
    alike = len(levels[0]) == len(levels[1]) and all(
        x[0] == y[0] and same(x[2], y[2], terms) for x, y in zip(*levels, strict=True)
    )
    if one.severity != other.severity or not alike:
        yield "severity", (_severity(one), _severity(other))
    if one.citation != other.citation:
        yield "citation", (one.citation.phrase, other.citation.phrase)
    if one.clause != other.clause:
        yield "clause", (one.clause, other.clause)
    if one.output != other.output:
        yield "output", (one.output, other.output)
    elif one.output and not same(one.derive[one.output].node, other.derive[one.output].node, terms):
        yield "output", (one.output, f"{other.output}, derived otherwise")
    for name in ("title", "message"):
        if getattr(one, name) != getattr(other, name):
            yield name, (getattr(one, name).either(), getattr(other, name).either())
    notes = [[w for _, w in r.notes] for r in (one, other)]
    if notes[0] != notes[1] or any(not same(x[0], y[0], terms) for x, y in zip(one.notes, other.notes, strict=True)):
        yield "notes", ("", "")
    if one.readings != other.readings:
        yield "readings", ("; ".join(r.either() for r in one.readings), "; ".join(r.either() for r in other.readings))
    if one.cases != other.cases:
        yield "cases", (str(len(one.cases)), str(len(other.cases)))


def _severity(rule: Rule) -> str:
    return ", ".join([*(level for level, _ in rule.severities), rule.severity])


def _declared(a: Pack, b: Pack) -> Iterator[str]:
    """What differs in record types and enumerations, a line each."""
    for name in [*a.records, *(n for n in b.records if n not in a.records)]:
        one, other = a.records.get(name), b.records.get(name)
        if one is None or other is None:
            yield f"record type {name}: {'added' if one is None else 'removed'}"
        else:
            yield from (f"record type {name}: {line}" for line in _record_lines(one, other))
    for name in [*a.enums, *(n for n in b.enums if n not in a.enums)]:
        words = [p.enums[name].names if name in p.enums else None for p in (a, b)]
        if words[0] is None or words[1] is None:
            yield f"enumeration {name}: {'added' if words[0] is None else 'removed'}"
            continue
        yield from (f"enumeration {name}: {line}" for line in _more_and_less("word", words[0], words[1]))
        if set(words[0]) == set(words[1]) and words[0] != words[1]:
            yield f"enumeration {name}: the words stand in another order"
    if a.calendar != b.calendar:
        yield f"calendar: {a.calendar} in a, {b.calendar} in b"


def _record_lines(one: RecordType, other: RecordType) -> Iterator[str]:
    yield from _more_and_less("field", one.fields, other.fields)
    yield from _more_and_less("alias", one.aliases, other.aliases)
    for name in one.fields.keys() & other.fields.keys():
        x, y = one.fields[name], other.fields[name]
        if replace(x, enum=None) != replace(y, enum=None):
            yield f"field {name} changed"
    if one.date != other.date:
        yield f"placed in time by {one.date or 'nothing'} in a, {other.date or 'nothing'} in b"
    if one.id_from != other.id_from:
        yield "ids are made of other fields"


def _more_and_less(what: str, one: Iterable[str], other: Iterable[str]) -> Iterator[str]:
    first, second = list(one), list(other)
    for names, change in (
        ([n for n in second if n not in first], "added"),
        ([n for n in first if n not in second], "removed"),
    ):
        if names:
            yield f"{what} {', '.join(names)} {change}"
