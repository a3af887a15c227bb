"""The chain from facts to answer as a graph, left to right: values, what derives from them, rules, the answer."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Literal

from envrules.report.inert import visible
from envrules.screening.answer import ANSWER_WORDS, Answered
from envrules.screening.case import Pair
from envrules.screening.facts import Fact, facts_of
from envrules.screening.words import record_words

Kind = Literal["fact", "unknown", "derived", "kept", "broken", "open", "answer"]
_KINDS: dict[str, Kind] = {"violation": "broken", "indeterminate": "open"}


@dataclass(frozen=True)
class Node:
    """A box: what it says, line by line, and in which column it stands (0 is leftmost)."""

    name: str
    lines: tuple[str, ...]
    kind: Kind
    column: int


@dataclass
class Graph:
    """Boxes and the arrows between them, by name."""

    nodes: dict[str, Node] = field(default_factory=dict)
    edges: dict[tuple[str, str], None] = field(default_factory=dict)

    def add(self, key: str, lines: tuple[str, ...], kind: Kind, column: int) -> str:
        """Add a box, once for each key; its name."""
        if key not in self.nodes:
            shown = tuple(visible(line) for line in lines if line)
            self.nodes[key] = Node(f"n{len(self.nodes)}", shown, kind, column)
        return key


def chain(decision: Answered, language: str = "en") -> Graph:
    """The graph of a decision: the rules that decided it; where it is clear, those that were checked."""
    return _Builder(decision, language).build()


class _Builder:
    def __init__(self, decision: Answered, language: str) -> None:
        self.decision, self.case, self.language = decision, decision.case, language
        self.graph = Graph()

    def build(self) -> Graph:
        decision = self.decision
        verdicts = decision.judgement.verdicts
        lost = {rule for reason in decision.reasons for rule in reason.rules}
        shown = [(p, v.outcome) for p, v in verdicts if v.outcome in _KINDS]
        if decision.decision == "refuse":
            shown = [(p, o) for p, o in shown if o == "violation" or p.rule.id in lost]
        shown = shown or [(p, v.outcome) for p, v in verdicts if v.outcome == "pass"]
        ends = [(self._rule(pair, outcome), pair) for pair, outcome in shown]
        column = max((self.graph.nodes[key].column for key, _ in ends), default=0)
        for key, _ in ends:
            old = self.graph.nodes[key]
            self.graph.nodes[key] = Node(old.name, old.lines, old.kind, column)
        words = ANSWER_WORDS[decision.decision].either(self.language)
        answer = self.graph.add(
            "answer", (f"{decision.id}{'：' if self.language == 'zh' else ': '}{words}",), "answer", column + 1
        )
        for key, _ in ends:
            self.graph.edges[key, answer] = None
        self._draw_near()
        return self.graph

    def _draw_near(self) -> None:
        """Put each value just before what first rests on it, so that no arrow has to pass a box."""
        for key, node in list(self.graph.nodes.items()):
            targets = [self.graph.nodes[b].column for a, b in self.graph.edges if a == key]
            if node.kind in ("fact", "unknown") and targets:
                self.graph.nodes[key] = replace(node, column=min(targets) - 1)

    def _lost(self, rule: str, record_id: str) -> tuple[str, ...]:
        """The ways in which what is missing breaks a rule, where every way breaks one."""
        return tuple(
            way.words.either(self.language)
            for reason in self.decision.reasons
            for way in reason.ways
            if rule in way.rules and reason.record_id == record_id
        )

    def _rule(self, pair: Pair, outcome: str) -> str:
        verdict = self.case.verdict(pair, self.language)
        sources = [self._fact(fact) for fact in facts_of(self.case, pair)]
        column = max((self.graph.nodes[s].column for s in sources), default=0) + 1
        record = self.case.records[pair.rule.record][pair.index]
        who = record_words(self.case.pack.records[record.type], record.id, self.language)
        head = f"{pair.rule.clause} {pair.rule.id}"
        lost = (
            self._lost(pair.rule.id, record.id) if self.decision.decision == "refuse" and outcome != "violation" else ()
        )
        kind = "broken" if lost else _KINDS.get(outcome, "kept")
        lines = (head, who, *(lost or (verdict.message,)))
        key = self.graph.add(f"rule {pair.rule.id} {pair.index}", lines, kind, column)
        self._point(sources, key)
        return key

    def _fact(self, fact: Fact) -> str:
        """The box of a fact, with those of all that it came from."""
        who = record_words(self.case.pack.records[fact.record_type], fact.record_id, self.language)
        key = f"fact {fact.record_type} {fact.record_id} {fact.rule} {fact.name}"
        if not fact.derived:
            return self.graph.add(key, (who, fact.said(self.language)), "fact" if fact.known else "unknown", 0)
        sources = [self._fact(source) for source in fact.sources]
        column = max((self.graph.nodes[s].column for s in sources), default=0) + 1
        lines = (who, fact.said(self.language), fact.rule, fact.meaning.either(self.language))
        self.graph.add(key, lines, "derived", column)
        self._point(sources, key)
        return key

    def _point(self, sources: Iterable[str], target: str) -> None:
        for source in sources:
            self.graph.edges[source, target] = None


_STYLES = {
    "fact": "fill:#eef3f8,stroke:#5b7a99",
    "unknown": "fill:#fff6dd,stroke:#b58900,stroke-dasharray:4 3",
    "derived": "fill:#f1eef8,stroke:#7a68a6",
    "kept": "fill:#e9f5ec,stroke:#3c8d56",
    "broken": "fill:#fdeaea,stroke:#b33a3a",
    "open": "fill:#fff6dd,stroke:#b58900",
    "answer": "fill:#ffffff,stroke:#222222,stroke-width:2px",
}


def mermaid(graph: Graph) -> str:
    """The graph as a Mermaid flowchart.

    Examples:
        >>> graph = Graph()
        >>> a, b = graph.add("a", ("fuel: coal",), "fact", 0), graph.add("b", ("refuse",), "answer", 1)
        >>> graph.edges[a, b] = None
        >>> print(mermaid(graph).splitlines()[1].strip())
        n0["fuel: coal"]:::fact
    """
    lines = ["flowchart LR"]
    for node in graph.nodes.values():
        text = "<br/>".join(_quoted(line) for line in node.lines)
        lines.append(f'  {node.name}["{text}"]:::{node.kind}')
    lines += [f"  {graph.nodes[a].name} --> {graph.nodes[b].name}" for a, b in graph.edges]
    used = {node.kind for node in graph.nodes.values()}
    lines += [f"  classDef {kind} {style}" for kind, style in _STYLES.items() if kind in used]
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    """A text that neither ends a label nor is read as markup."""
    named = {"#": "#35;", "&": "#amp;", "<": "#lt;", ">": "#gt;", '"': "#quot;"}
    return "".join(named.get(c, c) for c in text)
