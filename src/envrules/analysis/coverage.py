"""The clauses of a pack's document: which have rules, why the others have none, and what was forgotten."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from envrules.analysis.document import SourceDocument, plain
from envrules.pack.pack import Clause, Pack
from envrules.records.types import Words

#: `rules`: rules cite it; `reason`: it says why there are none; `heading`: what it demands stands in the clauses below;
#: `gap`: neither rules nor a reason; `both`: it says there are none, and there are.
State = Literal["rules", "reason", "heading", "gap", "both"]

STATE_WORDS: Final[dict[State, Words]] = {
    "rules": Words("with rules", "有规则"),
    "reason": Words("with a reason", "注明理由"),
    "heading": Words("headings", "标题"),
    "gap": Words("gaps", "遗漏"),
    "both": Words("with rules and a reason for none", "既有规则又注明无规则"),
}


@dataclass(frozen=True)
class ClauseCoverage:
    """A clause with what stands for it.

    Args:
        depth: 0 for a clause at the top.
        rules: the ids of those that cite it, in the pack's order.
        reason: why no record can show it; None where it gives none.
        leaf: whether no clause stands below it.
    """

    id: str
    title: Words
    depth: int
    rules: tuple[str, ...]
    reason: Words | None
    leaf: bool

    @property
    def state(self) -> State:
        if self.rules:
            return "both" if self.reason else "rules"
        if self.reason:
            return "reason"
        return "gap" if self.leaf else "heading"


@dataclass(frozen=True)
class Coverage:
    """The coverage of a pack.

    Args:
        strays: (rule, clause) of the rules whose clause is not in the tree.
        absent: clauses of the document that the tree lacks; `surplus`: those of the tree that the document lacks.
            Both are None where there was no document.
    """

    pack: str
    version: str
    clauses: tuple[ClauseCoverage, ...]
    strays: tuple[tuple[str, str], ...] = ()
    absent: tuple[str, ...] | None = None
    surplus: tuple[str, ...] | None = None
    counts: dict[State, int] = field(init=False)

    def __post_init__(self) -> None:
        count = Counter(c.state for c in self.clauses)
        object.__setattr__(self, "counts", {state: count[state] for state in STATE_WORDS})

    @property
    def ok(self) -> bool:
        return not any(True for _ in self.faults())

    def share(self, state: State) -> float:
        """The percentage of the clauses that are no mere headings that are in a state; 0 where there are none."""
        judged = len(self.clauses) - self.counts["heading"]
        return 100 * self.counts[state] / judged if judged else 0.0

    def faults(self) -> Iterator[Words]:
        """What is wrong, in words."""
        for clause in self.clauses:
            if clause.state == "gap":
                yield Words(
                    f"{clause.id} has neither rules nor a reason for none", f"{clause.id}既无规则，也未注明理由"
                )
            elif clause.state == "both":
                yield Words(
                    f"{clause.id} gives a reason for having no rules, but has {', '.join(clause.rules)}",
                    f"{clause.id}注明无规则，但已有{'、'.join(clause.rules)}",
                )
        for rule, id in self.strays:
            yield Words(f"{rule} cites {id}, which is not in the clause tree", f"{rule}引用的{id}不在条款目录中")
        for id in self.absent or ():
            yield Words(f"the document has {id}, the clause tree has not", f"文件中的{id}不在条款目录中")
        for id in self.surplus or ():
            yield Words(f"the clause tree has {id}, the document has not", f"条款目录中的{id}在文件中不存在")


def coverage(pack: Pack, document: SourceDocument | None = None) -> Coverage:
    """The coverage of a pack's clause tree; with a document also where the tree and the document differ."""
    cited: dict[str, list[str]] = {}
    for rule in pack.rules.values():
        cited.setdefault(plain(rule.clause), []).append(rule.id)
    clauses = tuple(_rows(pack.clauses, cited, 0))
    known = {plain(c.id) for c in clauses}
    strays = tuple((r.id, r.clause) for r in pack.rules.values() if plain(r.clause) not in known)
    if document is None:
        return Coverage(pack.name, pack.version, clauses, strays)
    # What an annex holds needs no entries where its own entry says why there are no rules.
    closed = tuple(plain(c.id) for c in clauses if c.state == "reason" and c.id.startswith("附件"))
    absent = tuple(id for id in document.ids if id not in known and not id.startswith(closed))
    surplus = tuple(c.id for c in clauses if plain(c.id) not in document.ids)
    return Coverage(pack.name, pack.version, clauses, strays, absent, surplus)


def _rows(clauses: tuple[Clause, ...], cited: dict[str, list[str]], depth: int) -> Iterator[ClauseCoverage]:
    for clause in clauses:
        rules = tuple(cited.get(plain(clause.id), ()))
        yield ClauseCoverage(clause.id, clause.title, depth, rules, clause.no_rules, not clause.clauses)
        yield from _rows(clause.clauses, cited, depth + 1)


def summary(found: Coverage) -> Words:
    """How many clauses have rules, have a reason for none, or neither."""
    judged = len(found.clauses) - found.counts["heading"]
    rules = sum(len(c.rules) for c in found.clauses)
    states: list[State] = [s for s in ("rules", "reason", "gap", "both") if s in ("rules", "reason") or found.counts[s]]
    said = [f"{found.counts[s]} {STATE_WORDS[s].en} ({found.share(s):.0f} %)" for s in states]
    zh = [f"{STATE_WORDS[s].zh}的{found.counts[s]}条（{found.share(s):.0f}%）" for s in states]
    none = [] if found.counts["gap"] else ["no gap"]
    none_zh = [] if found.counts["gap"] else ["无遗漏"]
    return Words(
        f"{judged} clauses, {rules} rules: {', '.join([*said, *none])}",
        f"共{judged}条，规则{rules}条：{'，'.join([*zh, *none_zh])}",
    )


def as_dict(found: Coverage) -> dict[str, Any]:
    """The coverage as `envrules coverage --format json` gives it."""
    return {
        "pack": {"name": found.pack, "version": found.version},
        "ok": found.ok,
        "counts": found.counts,
        "percent": {s: round(found.share(s), 1) for s in found.counts if s != "heading"},
        "clauses": [
            {
                "id": c.id,
                "title": {"en": c.title.en, "zh": c.title.zh},
                "state": c.state,
                "rules": list(c.rules),
                "no_rules": {"en": c.reason.en, "zh": c.reason.zh} if c.reason else None,
            }
            for c in found.clauses
        ],
        "strays": [{"rule": rule, "clause": clause} for rule, clause in found.strays],
        "document": None
        if found.absent is None
        else {"not_in_tree": list(found.absent), "not_in_document": list(found.surplus or ())},
        "faults": [{"en": f.en, "zh": f.zh} for f in found.faults()],
    }


def coverage_page(pack: Pack) -> str:
    """The page `docs/coverage.md`: every clause with its rules, or why it has none."""
    return coverage_markdown(coverage(pack), pack.title)


def coverage_markdown(found: Coverage, title: Words) -> str:
    """The coverage as a page of Markdown."""
    said = summary(found)
    lines = [
        f"# Coverage of {found.pack}",
        "",
        f"<!-- Made by `envrules coverage {found.pack} --format md`; changes belong in the pack. -->",
        "",
        *(f"{text}  " for text in title.both()),
        f"{said.en}.  ",
        f"{said.zh}。",
        "",
    ]
    lines += [f"- {fault.en}. {fault.zh}。" for fault in found.faults()]
    for clause in found.clauses:
        if not clause.depth:
            lines += ["", f"## {clause.id} {_titles(clause.title)}", "", "| Clause | Title | Rules, or why none |"]
            lines += ["| --- | --- | --- |"]
        if clause.depth or clause.state != "heading":
            lines.append(f"| {clause.id} | {_cell(_titles(clause.title))} | {_stands_for(clause)} |")
    return "\n".join(lines).replace("\n\n\n", "\n\n").rstrip() + "\n"


def _titles(title: Words) -> str:
    return " · ".join(title.both())


def _stands_for(clause: ClauseCoverage) -> str:
    parts = [", ".join(f"`{rule}`" for rule in clause.rules)] if clause.rules else []
    if clause.reason:
        parts.append(_cell(f"No rules: {' '.join(clause.reason.both())}"))
    return "<br>".join(parts) or ("**gap**" if clause.state == "gap" else "")


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
