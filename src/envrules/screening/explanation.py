"""How a decision came about, as a tree: the answer, its reasons and open points, each rule down to the cells."""

from __future__ import annotations

from envrules.engines.reference.explain import Explanation
from envrules.engines.reference.explain import explain as explain_rule
from envrules.screening.answer import Answered

_SHOWN = ("violation", "indeterminate")


def explain(decision: Answered) -> Explanation:
    """The tree of a decision."""
    parts: list[Explanation] = []
    for reason in decision.reasons:
        inside = [Explanation("could be cleared by", str(cure)) for cure in reason.cures if not cure.breaks]
        inside += [Explanation("way", way.words.either()) for way in reason.ways]
        parts.append(Explanation(f"reason {', '.join(reason.clauses)}", reason.words.either(), parts=tuple(inside)))
    for n, question in enumerate(decision.questions, 1):
        parts.append(Explanation(f"question {n}", question.words.either(), ", ".join(question.rules)))
    verdicts = decision.judgement.verdicts
    shown = [pair for pair, v in verdicts if v.outcome in _SHOWN] or [p for p, v in verdicts if v.outcome == "pass"]
    for pair in shown:
        _, env = decision.case.environment(pair)
        parts.append(explain_rule(pair.rule, decision.case.verdict(pair), env))
    parts += [Explanation("note", note.either()) for note in decision.notes]
    return Explanation(decision.id, decision.decision, parts=tuple(parts))
