"""What reports tell of a pack's rules and clauses, taken from the pack."""

from __future__ import annotations

from envrules.pack.pack import Pack
from envrules.report.base import RuleDetail


def rule_texts(pack: Pack) -> dict[str, tuple[str, str, str]]:
    """Rule id -> title in English, title in Chinese, key phrase of the citation."""
    return {rule.id: (rule.title.en, rule.title.zh, rule.citation.phrase) for rule in pack.rules.values()}


def clause_titles(pack: Pack) -> dict[str, tuple[str, str]]:
    """Clause -> title in English and in Chinese."""
    return {clause: (title.en, title.zh) for clause, title in pack.clause_titles.items()}


def rule_details(pack: Pack) -> dict[str, RuleDetail]:
    """Rule id -> the rule as its author wrote it."""
    return {
        rule.id: RuleDetail(
            when=rule.when_text,
            require=rule.require_text,
            due=rule.due_text,
            phrase=rule.citation.phrase,
            place=rule.citation.place,
            readings=tuple((reading.en, reading.zh) for reading in rule.readings),
            file=rule.file,
            line=rule.line,
        )
        for rule in pack.rules.values()
    }
