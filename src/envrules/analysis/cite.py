"""The citations of a pack looked up in the user's own copy of the document: clause, key phrase, sentence, numbers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from envrules.analysis.amounts import Amount, amounts
from envrules.analysis.document import DocumentClause, SourceDocument, plain
from envrules.analysis.limits import Limit, rule_limits, same_kind, stands
from envrules.pack.pack import Pack, Rule
from envrules.records.types import Words
from envrules.units import Units

#: `no-phrase`: nothing to look up; `clause`: there is no such clause; `moved`: the phrase stands in another sentence or
#: clause; `missing`: it stands nowhere; `number`: a limit of the rule does not stand in the clause.
Kind = Literal["no-phrase", "clause", "moved", "missing", "number"]

#: How alike a passage must be to be shown as what the phrase may have become.
_ALIKE = 0.6
_MOST_NAMED = 4


@dataclass(frozen=True)
class Drift:
    """One thing in which a rule and the document differ, in words."""

    kind: Kind
    what: Words


@dataclass(frozen=True)
class Standing:
    """A limit of a rule, and the number of the document that says it (empty where none does)."""

    limit: str
    stands_as: str


@dataclass(frozen=True)
class CitationCheck:
    """A rule's citation beside the document.

    Args:
        found: the clause and the sentence in which the phrase stands; None where it stands nowhere.
        numbers: the rule's limits; empty where the phrase stands nowhere.
        drifts: in what the two differ; empty where they agree.
    """

    rule: str
    clause: str
    phrase: str
    place: int
    found: tuple[str, int] | None = None
    numbers: tuple[Standing, ...] = ()
    drifts: tuple[Drift, ...] = ()

    @property
    def ok(self) -> bool:
        return not self.drifts


def check_citations(
    pack: Pack, document: SourceDocument, rules: Mapping[str, Rule] | None = None
) -> tuple[CitationCheck, ...]:
    """The citations of a pack's rules (or of those given), each compared with the document, in the pack's order."""
    return tuple(_check(rule, document, pack.units) for rule in (rules or pack.rules).values())


@dataclass(frozen=True)
class _Place:
    clause: DocumentClause
    sentence: int

    def __str__(self) -> str:
        return f"{self.clause.id}, sentence {self.sentence}" if self.clause.id else "the text before the first clause"

    @property
    def zh(self) -> str:
        return f"{self.clause.id}第{self.sentence}句" if self.clause.id else "第一条之前的正文"


def _check(rule: Rule, document: SourceDocument, units: Units) -> CitationCheck:
    citation = rule.citation
    if not citation.phrase:
        words = Words("the rule names no key phrase, so nothing can be looked up", "规则未注明关键短语，无从核对")
        return CitationCheck(rule.id, rule.clause, "", citation.place, drifts=(Drift("no-phrase", words),))
    cited = document.find(_locator(rule.clause))
    places = [p for clause in cited for p in _places(citation.phrase, clause)]
    elsewhere = [p for c in document.clauses if c not in cited for p in _places(citation.phrase, c)]
    drifts: list[Drift] = []
    home: _Place | None = next((p for p in places if p.sentence == citation.place), None)
    if home is None:
        home = next(iter([*places, *elsewhere]), None)
        drifts.append(_phrase_drift(rule, cited, places, elsewhere, document))
    numbers: tuple[Standing, ...] = ()
    if home is not None:
        numbers = tuple(_standings(rule, home.clause, units))
    elif cited:
        # The limits are looked for too, so that a changed number is named beside the phrase it is part of.
        numbers = tuple(_standings(rule, cited[0], units))
    clause = home.clause if home is not None else cited[0] if cited else None
    for standing in numbers:
        if clause is not None and not standing.stands_as:
            drifts.append(_number_drift(rule, standing, clause, units))
    found = (home.clause.id, home.sentence) if home is not None else None
    return CitationCheck(rule.id, rule.clause, citation.phrase, citation.place, found, numbers, tuple(drifts))


def _locator(clause: str) -> str:
    return plain(clause)


def _places(phrase: str, clause: DocumentClause) -> list[_Place]:
    """The sentences of a clause in which a phrase stands, each once."""
    sentences = [clause.sentence_at(start) for start in _positions(plain(phrase), clause.text)]
    return [_Place(clause, n) for n in dict.fromkeys(sentences)]


def _positions(phrase: str, text: str) -> Iterator[int]:
    """Where a phrase stands; 0.8% does not stand in 10.8%, nor 10 in 100."""
    before = r"(?<![\d.])" if phrase[:1].isdigit() else ""
    after = r"(?!\.?\d)" if phrase[-1:].isdigit() else ""
    yield from (m.start() for m in re.finditer(before + re.escape(phrase) + after, text))


def _phrase_drift(
    rule: Rule, cited: list[DocumentClause], places: list[_Place], elsewhere: list[_Place], document: SourceDocument
) -> Drift:
    phrase, place = rule.citation.phrase, rule.citation.place
    if places:
        now, zh = ", ".join(str(p.sentence) for p in places), "、".join(f"第{p.sentence}句" for p in places)
        return Drift(
            "moved",
            Words(
                f"“{phrase}” was cited from sentence {place} of {rule.clause} and stands in sentence {now} of it",
                f"“{phrase}”原引自{rule.clause}第{place}句，现位于该条{zh}",
            ),
        )
    if elsewhere:
        shown = elsewhere[:_MOST_NAMED]
        now, zh = "; ".join(map(str, shown)), "、".join(p.zh for p in shown)
        gone, gone_zh = ("", "") if cited else (", which is not in the document", "（文件中无此条）")
        return Drift(
            "moved",
            Words(
                f"“{phrase}” was cited from {rule.clause}{gone}, and stands in {now}",
                f"“{phrase}”原引自{rule.clause}{gone_zh}，现位于{zh}",
            ),
        )
    if not cited:
        return Drift(
            "clause",
            Words(
                f"the document has no clause {rule.clause}, and “{phrase}” stands nowhere in it",
                f"文件中无{rule.clause}，且通篇未见“{phrase}”",
            ),
        )
    near = _nearest(phrase, cited)
    now, zh = (f"; the nearest there is “{near}”", f"，该条中相近的表述为“{near}”") if near else ("", "")
    return Drift(
        "missing",
        Words(
            f"“{phrase}” stands neither in {rule.clause} nor anywhere else{now}",
            f"{rule.clause}及其他条款均未见“{phrase}”{zh}",
        ),
    )


def _nearest(phrase: str, clauses: Iterable[DocumentClause]) -> str:
    """The passage most like a phrase, numbers in it whole; empty where none is like it."""
    wanted, best, found = plain(phrase), _ALIKE, ""
    pairs = [(wanted[i : i + 2], i) for i in range(len(wanted) - 1)]
    for clause in clauses:
        starts = {max(0, m.start() - i) for pair, i in pairs for m in re.finditer(re.escape(pair), clause.text)}
        for start in sorted(starts):
            for length in range(max(2, len(wanted) - 2), len(wanted) + 3):
                passage = clause.text[start : start + length]
                ratio = SequenceMatcher(None, wanted, passage, autojunk=False).ratio()
                if ratio > best and not re.search("[。;\n].", passage):
                    best, found = ratio, _whole_numbers(clause.text, start, start + length)
    return found


def _whole_numbers(text: str, start: int, end: int) -> str:
    while start > 0 and re.match(r"[\d.]", text[start]) and re.match(r"[\d.]", text[start - 1]):
        start -= 1
    while end < len(text) and re.match(r"[\d.]", text[end - 1]) and re.match(r"[\d.%]", text[end]):
        end += 1
    return text[start:end]


def _standings(rule: Rule, clause: DocumentClause, units: Units) -> Iterator[Standing]:
    """What a rule's limits, or the numbers that it says it takes from the clause, stand as there."""
    if rule.citation.numbers is not None:
        for text in rule.citation.numbers:
            yield Standing(text, text if any(True for _ in _positions(plain(text), clause.text)) else "")
        return
    said = amounts(clause.text, units)
    for limit in rule_limits(rule):
        standing = next((a for a in said if stands(limit, a, clause.text, units)), None)
        yield Standing(limit.text, standing.text if standing else "")


def _number_drift(rule: Rule, standing: Standing, clause: DocumentClause, units: Units) -> Drift:
    limit = next((one for one in rule_limits(rule) if one.text == standing.limit), None)
    others = _others(rule, limit, clause, units)
    listed = ", ".join(others)
    now = f"; the clause has {listed}" if others else ", nor any other of its kind"
    zh = f"；该条中为{'、'.join(others)}" if others else "，也无同类数值"
    where = clause.id or rule.clause
    return Drift(
        "number",
        Words(
            f"the rule's number {standing.limit} does not stand in {where}{now}",
            f"规则中的数值{standing.limit}未见于{where}{zh}",
        ),
    )


def _others(rule: Rule, limit: Limit | None, clause: DocumentClause, units: Units) -> list[str]:
    """The numbers that may stand in a limit's place: in the cited sentence where there are some, else in the clause."""
    if limit is None:
        return []
    kept = [one for one in rule_limits(rule) if one != limit]
    said: list[Amount] = [
        a
        for a in amounts(clause.text, units)
        if same_kind(limit, a) and not any(stands(one, a, clause.text, units) for one in kept)
    ]
    here = [a for a in said if clause.sentence_at(a.start) == rule.citation.place]
    near = _nearest(rule.citation.phrase, [clause])
    closest = [a for a in here or said if near and a.text in near]
    return list(dict.fromkeys(a.text for a in closest or here or said))[:_MOST_NAMED]
