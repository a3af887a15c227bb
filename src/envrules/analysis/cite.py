"""The citations of a pack looked up in the user's own copy of the document: clause, key phrase, sentence, numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from envrules.analysis.amounts import Amount, amounts
from envrules.analysis.document import DocumentClause, SourceDocument, plain
from envrules.analysis.limits import Limit, limit_of, rule_limits, same_kind, stands
from envrules.pack.pack import Pack, Rule
from envrules.records.types import Words

#: `no-phrase`: nothing to look up; `clause`: there is no such clause; `moved`: the phrase stands in another sentence or
#: clause; `missing`: it stands nowhere; `number`: a number of the rule does not stand in the clause.
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
    """A number of a rule, and the words of the document that say it (empty where none do)."""

    number: str
    stands_as: str


@dataclass(frozen=True)
class CitationCheck:
    """A rule's citation beside the document.

    Args:
        found: the clause and the sentence in which the phrase stands; None where it stands nowhere.
        numbers: the rule's numbers, looked up where the phrase stands, else in the cited clause.
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
    comparison = _Comparison(pack, document)
    return tuple(comparison.check(rule) for rule in (rules or pack.rules).values())


@dataclass(frozen=True)
class _Place:
    clause: DocumentClause
    sentence: int
    position: int

    @property
    def words(self) -> Words:
        if not self.clause.id:
            return Words("the text before the first clause", "首条之前的文字")
        return Words(f"{self.clause.id}, sentence {self.sentence}", f"{self.clause.id}第{self.sentence}句")


class _Comparison:
    """A pack beside a document."""

    def __init__(self, pack: Pack, document: SourceDocument) -> None:
        self.units, self.document = pack.units, document
        self.limits = {rule.id: self._wanted(rule) for rule in pack.rules.values()}
        self.phrases = {rule.id: rule.citation.phrase for rule in pack.rules.values()}
        self.of_clause: dict[str, list[str]] = {}
        for rule in pack.rules.values():
            self.of_clause.setdefault(plain(rule.clause), []).append(rule.id)

    def _wanted(self, rule: Rule) -> tuple[Limit, ...]:
        """The numbers that must stand in the clause: those the citation lists, else the limits of the rule."""
        if rule.citation.numbers is None:
            return rule_limits(rule)
        return tuple(limit_of(text, amounts(plain(text), self.units)) for text in rule.citation.numbers)

    def check(self, rule: Rule) -> CitationCheck:
        citation = rule.citation
        if not citation.phrase:
            words = Words("the rule names no key phrase, so nothing can be looked up", "规则未注明关键短语，无从核对")
            return CitationCheck(rule.id, rule.clause, "", citation.place, drifts=(Drift("no-phrase", words),))
        cited = self.document.find(plain(rule.clause))
        here = [p for clause in cited for p in _places(citation.phrase, clause)]
        elsewhere = [p for c in self.document.clauses if c not in cited for p in _places(citation.phrase, c)]
        right = [p for p in here if p.sentence == citation.place]
        home = next(iter([*right, *here, *elsewhere]), None)
        drifts: list[Drift] = []
        if not right:
            near = "" if home else self._nearest(rule, cited)
            drifts.append(_phrase_drift(rule, cited, here, elsewhere, near))
        clause = home.clause if home else next(iter(cited), None)
        numbers: list[Standing] = []
        for limit in self.limits[rule.id] if clause else ():
            assert clause is not None
            said = self._said(rule, limit, clause, home.position if home else 0)
            numbers.append(Standing(limit.text, said))
            if not said:
                drifts.append(self._number_drift(rule, limit, clause))
        found = (home.clause.id, home.sentence) if home else None
        return CitationCheck(
            rule.id, rule.clause, citation.phrase, citation.place, found, tuple(numbers), tuple(drifts)
        )

    def _said(self, rule: Rule, limit: Limit, clause: DocumentClause, position: int) -> str:
        """The words of a clause that say a limit, the nearest to the phrase where several do."""
        if rule.citation.numbers is not None:
            return limit.text if any(True for _ in _positions(plain(limit.text), clause.text)) else ""
        said = [a for a in amounts(clause.text, self.units) if stands(limit, a, clause.text, self.units)]
        end = position + len(plain(rule.citation.phrase))
        return min(said, key=lambda a: max(position - a.start, a.end - end, 0)).text if said else ""

    def _number_drift(self, rule: Rule, limit: Limit, clause: DocumentClause) -> Drift:
        others = self._others(rule, limit, clause)
        where = clause.id or rule.clause
        now = ", ".join(dict.fromkeys(a.text + _no_fall(limit, a).en for a in others))
        zh = "、".join(dict.fromkeys(a.text + _no_fall(limit, a).zh for a in others))
        kind = Words("number", "数值") if limit.date is None else Words("date", "日期")
        return Drift(
            "number",
            Words(
                f"the rule's {kind.en} {limit.text} does not stand in {where}"
                + (f"; what stands there is {now}" if now else ", nor does another of its kind"),
                f"规则{kind.zh}{limit.text}未见于{where}" + (f"，该条现为{zh}" if zh else "，该条亦无同类数值"),
            ),
        )

    def _others(self, rule: Rule, limit: Limit, clause: DocumentClause) -> list[Amount]:
        """The numbers that may stand in a limit's place: like it, and of no other limit that is cited from the clause.

        Those in the passage nearest to the phrase come before those in the cited sentence, and these before the rest.
        """
        taken = [one for id in self.of_clause[plain(rule.clause)] for one in self.limits[id] if one != limit]

        def free(amount: Amount) -> bool:
            return same_kind(limit, amount) and not any(stands(t, amount, clause.text, self.units) for t in taken)

        like = [a for a in amounts(clause.text, self.units) if free(a)]
        near = self._nearest(rule, [clause])
        in_sentence = [a for a in like if clause.sentence_at(a.start) == rule.citation.place]
        in_passage = [a for a in in_sentence if a.text in near]
        return (in_passage or in_sentence or like)[:_MOST_NAMED]

    def _nearest(self, rule: Rule, clauses: list[DocumentClause]) -> str:
        """The passage most like a rule's phrase that is not what another rule cites; empty where none is like it."""
        wanted = plain(rule.citation.phrase)
        others = {plain(self.phrases[id]) for id in self.of_clause[plain(rule.clause)]} - {wanted, ""}
        best, found = _ALIKE, ""
        for clause in clauses:
            for ratio, passage in _alike(wanted, clause.text):
                if ratio > best and not any(other in passage for other in others):
                    best, found = ratio, passage
        return found


def _no_fall(limit: Limit, amount: Amount) -> Words:
    """A remark on a number that has the size of the limit, but does not say that something falls by it."""
    return Words(" (not a decrease)", "（非下降）") if limit.value < 0 and not amount.decrease else Words()


def _places(phrase: str, clause: DocumentClause) -> list[_Place]:
    """Where a phrase stands in a clause, once for each sentence."""
    found: dict[int, _Place] = {}
    for start in _positions(plain(phrase), clause.text):
        sentence = clause.sentence_at(start)
        found.setdefault(sentence, _Place(clause, sentence, start))
    return list(found.values())


def _positions(phrase: str, text: str) -> Iterator[int]:
    """Where a phrase stands; 0.8% does not stand in 10.8%, nor 10 in 100."""
    before = r"(?<![\d.])" if phrase[:1].isdigit() else ""
    after = r"(?!\.?\d)" if phrase[-1:].isdigit() else ""
    yield from (m.start() for m in re.finditer(before + re.escape(phrase) + after, text))


def _phrase_drift(
    rule: Rule, cited: list[DocumentClause], here: list[_Place], elsewhere: list[_Place], near: str
) -> Drift:
    phrase, place, clause = rule.citation.phrase, rule.citation.place, rule.clause
    if here:
        now, zh = ", ".join(str(p.sentence) for p in here), "、".join(f"第{p.sentence}句" for p in here)
        return Drift(
            "moved",
            Words(
                f"“{phrase}” is cited from sentence {place} of {clause}, and stands in its sentence {now}",
                f"“{phrase}”引自{clause}第{place}句，现位于该条{zh}",
            ),
        )
    gone = Words() if cited else Words(", which the document does not have", "（文件中无此条）")
    if elsewhere:
        shown = [p.words for p in elsewhere[:_MOST_NAMED]]
        now, zh = "; ".join(w.en for w in shown), "、".join(w.zh for w in shown)
        return Drift(
            "moved",
            Words(
                f"“{phrase}” is cited from {clause}{gone.en}{',' if gone.en else ''} and stands in {now}",
                f"“{phrase}”引自{clause}{gone.zh}，现位于{zh}",
            ),
        )
    if not cited:
        return Drift(
            "clause",
            Words(
                f"the document has no clause {clause}, and “{phrase}” stands nowhere in it",
                f"文件中无{clause}，通篇未见“{phrase}”",
            ),
        )
    return Drift(
        "missing",
        Words(
            f"“{phrase}” stands neither in {clause} nor elsewhere" + (f"; nearest to it is “{near}”" if near else ""),
            f"{clause}和其他各条均未见“{phrase}”" + (f"，该条中相近的为“{near}”" if near else ""),
        ),
    )


def _alike(wanted: str, text: str) -> Iterator[tuple[float, str]]:
    """Passages within a sentence that share two characters in a row with a phrase, with how alike they are."""
    pairs = [(wanted[i : i + 2], i) for i in range(len(wanted) - 1)]
    starts = {max(0, m.start() - i) for pair, i in pairs for m in re.finditer(re.escape(pair), text)}
    for start in sorted(starts):
        for length in range(max(2, len(wanted) - 2), len(wanted) + 3):
            passage = text[start : start + length]
            if not re.search("[。;\n].", passage, re.DOTALL):
                ratio = SequenceMatcher(None, wanted, passage, autojunk=False).ratio()
                yield ratio, _whole_numbers(text, start, start + length).strip("\n")


def _whole_numbers(text: str, start: int, end: int) -> str:
    """A passage of a text, longer where it would begin or end within a number."""
    while start > 0 and re.fullmatch(r"[\d.]{2}", text[start - 1 : start + 1]):
        start -= 1
    while re.fullmatch(r"[\d.][\d.%]", text[end - 1 : end + 1]):
        end += 1
    return text[start:end]
