"""How a decision came about, as a tree: the answer, its reasons and open points, each rule down to the cells."""

from __future__ import annotations

from dataclasses import replace

from envrules.engines.reference.explain import Explanation
from envrules.engines.reference.explain import explain as explain_rule
from envrules.screening.answer import DECIDING, Answered, Reason, open_besides
from envrules.screening.case import Pair
from envrules.screening.facts import Fact, derived_facts, facts_of


def explain(decision: Answered) -> Explanation:
    """The tree of a decision: what decided it first, and below each reason the rules and facts that it rests on."""
    by_rule = {(p.rule.id, v.record_id or ""): p for p, v in decision.judgement.verdicts if v.outcome in DECIDING}
    parts = [_reason(decision, reason, by_rule) for reason in decision.reasons]
    parts += [Explanation(f"question {n}", q.words.either(), ", ".join(q.rules))
              for n, q in enumerate(decision.questions, 1)]  # fmt: skip
    if decision.decision == "refuse":
        parts += [Explanation("also open", rule) for rule in open_besides(decision)]
    else:
        parts += [_rule(decision, pair) for pair in by_rule.values()]
    if decision.decision == "clear":
        parts += [_rule(decision, p) for p, v in decision.judgement.verdicts if v.outcome == "pass"]
    parts += [Explanation("note", note.either()) for note in decision.notes]
    return Explanation(decision.id, decision.decision, f"judged by {decision.engine}", parts=tuple(parts))


def _reason(decision: Answered, reason: Reason, by_rule: dict[tuple[str, str], Pair]) -> Explanation:
    inside = [Explanation("could be cleared by", str(cure)) for cure in reason.cures if not cure.breaks]
    inside += [Explanation("way", way.words.either()) for way in reason.ways]
    pairs = [by_rule[rule, reason.record_id] for rule in reason.rules if (rule, reason.record_id) in by_rule]
    inside += [_rule(decision, pair) for pair in pairs]
    return Explanation(f"reason {', '.join(reason.clauses)}", reason.words.either(), parts=tuple(inside))


def _rule(decision: Answered, pair: Pair) -> Explanation:
    """The tree of a rule, with the facts that were derived for it."""
    _, env = decision.case.environment(pair)
    tree = explain_rule(pair.rule, decision.case.verdict(pair), env)
    derived = dict.fromkeys(derived_facts(facts_of(decision.case, pair)))
    return replace(tree, parts=(*tree.parts, *map(_derived, derived)))


def _derived(fact: Fact) -> Explanation:
    """A derived fact, with the rule that derived it and what it came from."""
    sources = tuple(
        Explanation(f"from {s.name} of {s.record_id}", s.value.either(), f"by {s.rule}" if s.rule else "")
        for s in fact.sources
    )
    return Explanation(f"derived {fact.name}", fact.value.either(), f"by {fact.rule}", sources)
