"""A rule as productions on facts: which records belong together, what holds, and the outcome that follows.

Strata, each after what it may find absent: conditions of related records, links by key, what is asked of each linked
record, what holds of sets, the rule's own conditions, the outcome by the table of the semantics.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from envrules.engines.durable.formula import ALWAYS, NEVER, All, Atoms, Exists, Formula, Literal, Quantified, Rails
from envrules.engines.durable.session import (
    MOST_KINDS,
    MOST_PATTERNS,
    MOST_RULES,
    Pattern,
    Production,
    Session,
    kinds_of,
)
from envrules.lang import ast
from envrules.pack.pack import Rule
from envrules.verdict import OUTCOMES, Outcome

WHERE, LINK, ASKED, OPEN, SETTLED, OWN, OUTCOME, REST = range(1, 9)
NEVER_KIND = "never"


@dataclass
class Program:
    """What a rule compiles to.

    Args:
        own: the atoms of the rule's own conditions; `sets`: what is asked of related sets.
        where: link -> the atoms that decide which of its records are meant.
        links: the names of the links, in the order of their kinds.
    """

    rule: Rule
    productions: tuple[Production, ...]
    own: tuple[ast.Node, ...]
    sets: tuple[Quantified, ...]
    links: tuple[str, ...]
    where: tuple[tuple[ast.Node, ...], ...]
    _sessions: list[Session] = field(default_factory=list)

    @property
    def session(self) -> Session:
        """The compiled ruleset, made when it is first needed and used again for every case."""
        if not self._sessions:
            self._sessions.append(Session(self.productions))
        return self._sessions[0]

    def unsupported(self) -> str:
        """Why it is too large for durable-rules; an empty text when it is not."""
        rules, kinds = len(self.productions), len(kinds_of(self.productions))
        if rules > MOST_RULES or kinds > MOST_KINDS:
            return f"it needs {rules} durable rules and {kinds} kinds of fact, of which {MOST_RULES} are safe"
        return ""


@dataclass
class _Place:
    """Where conditions stand: their facts begin with a letter of their own and have the code of one record in `r`."""

    letter: str
    base: str
    stratum: int
    into: list[Production]
    made: dict[Formula, str] = field(default_factory=dict)
    named: int = 0

    def kind(self, formula: Formula) -> str:
        """The kind of fact that says that a formula holds; its productions are added when it is first asked for."""
        if formula == ALWAYS:
            return self.base
        if formula == NEVER:
            return NEVER_KIND
        if isinstance(formula, Literal):
            return f"{self.letter}{formula.atom}{'t' if formula.truth else 'f'}"
        if isinstance(formula, Exists):
            return f"q{formula.number}{'t' if formula.truth else 'f'}"
        if formula not in self.made:
            self.made[formula] = name = self._name()
            kinds = [self.kind(i) for i in formula.items]
            if isinstance(formula, All):
                self._conjunction(name, kinds)
            else:
                for kind in kinds:
                    self._conjunction(name, [kind])
        return self.made[formula]

    def _name(self) -> str:
        self.named += 1
        return f"{self.letter}n{self.named}"

    def _conjunction(self, name: str, kinds: list[str]) -> None:
        most = MOST_PATTERNS - 2
        if len(kinds) > most:
            # A long conjunction in steps, each of which the library takes.
            first = self._name()
            self._conjunction(first, kinds[:most])
            self._conjunction(name, [first, *kinds[most:]])
            return
        patterns = [Pattern(kinds[0]), *(Pattern(k, (("r", (0, "r")),)) for k in kinds[1:])]
        self.into.append(Production(self.stratum, tuple(patterns), name, (("r", (0, "r")),)))


def compile_rule(rule: Rule) -> Program:
    """A rule on one record as productions."""
    own = Atoms()
    applies = Rails(ALWAYS, NEVER) if rule.when is None else own.rails(rule.when)
    required = own.rails(rule.require)
    made: list[Production] = []
    where = [_link(i, link.where, made) for i, link in enumerate(rule.related.values())]
    for number, asked in enumerate(own.sets):
        _settle(number, asked, made)
    place = _Place("a", "o", OWN, made)
    excluded, holds = place.kind(applies.false), place.kind(required.true)
    concerns, broken = place.kind(applies.true), place.kind(required.false)
    made += _outcomes(excluded, holds, concerns, broken)
    return Program(rule, tuple(made), tuple(own.atoms), tuple(own.sets), tuple(rule.related), tuple(where))


def _link(number: int, where: ast.Node | None, made: list[Production]) -> tuple[ast.Node, ...]:
    """The productions that find the records of a link, surely (`s` is 1) or perhaps; gives the atoms they need."""
    atoms = Atoms()
    rails = Rails(ALWAYS, NEVER) if where is None else atoms.rails(where)
    place = _Place(f"w{number}x", f"m{number}", WHERE, made)
    meant, not_meant = place.kind(rails.true), place.kind(rails.false)
    own, same = Pattern(f"k{number}"), Pattern(f"m{number}", (("k", (0, "k")),))
    perhaps = Pattern(f"g{number}", (("a", (0, "k")),))

    def found(sure: int, at: int, *patterns: Pattern) -> Production:
        return Production(LINK, patterns, f"l{number}", (("o", (0, "r")), ("r", (at, "r")), ("s", sure)))

    def member(at: int, kind: str, absent: bool = False) -> Pattern:
        return Pattern(kind, (("r", (at, "r")),), absent)

    made.append(found(1, 1, own, same, *([member(1, meant)] if rails.true != ALWAYS else [])))
    if where is not None:
        made.append(found(0, 1, own, same, member(1, meant, True), member(1, not_meant, True)))
    agreeing = Pattern(f"m{number}", (("k", (1, "b")),))
    made.append(found(0, 2, own, perhaps, agreeing, *([member(2, not_meant, True)] if rails.false != NEVER else [])))
    return tuple(atoms.atoms)


def _settle(number: int, asked: Quantified, made: list[Production]) -> None:
    """What is known of a set: one sure record settles it one way, the absence of any that could the other."""
    place = _Place(f"e{number}x", f"p{number}", ASKED, made)
    rails = asked.rails.turned() if asked.every else asked.rails
    hit, miss = place.kind(rails.true), place.kind(rails.false)
    with_one, without = (f"q{number}f", f"q{number}t") if asked.every else (f"q{number}t", f"q{number}f")
    sure, pair = Pattern(f"p{number}", (("s", 1),)), Pattern(f"p{number}")
    owner, same = (("r", (0, "o")),), (("r", (0, "r")),)
    if rails.true != NEVER:
        patterns = (sure,) if rails.true == ALWAYS else (sure, Pattern(hit, same))
        made.append(Production(OPEN, patterns, with_one, owner))
    if rails.false != ALWAYS:
        made.append(Production(OPEN, (pair, Pattern(miss, same, absent=True)), f"h{number}", owner))
    made.append(Production(SETTLED, (Pattern("o"), Pattern(f"h{number}", same, absent=True)), without, same))


def _outcomes(excluded: str, holds: str, concerns: str, broken: str) -> Iterable[Production]:
    """The table of the semantics, in its order."""

    def row(outcome: Outcome, there: tuple[str, ...], absent: tuple[str, ...]) -> Production:
        same = (("r", (0, "r")),)
        # One fact never matches two patterns, and what always holds needs no second one.
        patterns = [
            Pattern("o"),
            *(Pattern(k, same) for k in there if k != "o"),
            *(Pattern(k, same, True) for k in absent),
        ]
        return Production(OUTCOME, tuple(patterns), f"z{OUTCOMES.index(outcome)}", same)

    yield row("not_applicable", (excluded,), ())
    yield row("not_in_force", ("out",), (excluded,))
    yield row("not_due", ("future",), (excluded, "out"))
    yield row("pass", (holds,), (excluded, "out", "future"))
    yield row("not_due", ("waits",), (excluded, "out", "future", holds))
    yield row("violation", (concerns, broken, "reached"), ("out", "future"))
    other = [Pattern(f"z{OUTCOMES.index(o)}", (("r", (0, "r")),), True) for o in OUTCOMES if o != "indeterminate"]
    left = f"z{OUTCOMES.index('indeterminate')}"
    yield Production(REST, (Pattern("o"), *other), left, (("r", (0, "r")),))
