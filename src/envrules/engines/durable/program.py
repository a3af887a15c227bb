"""Rules as productions on facts: which records belong together, what holds of sets of them, what outcome follows.

A record is one fact, the *sheet*, with the codes of all that its rules ask of it; the outcome of each rule follows from
the sheet by the table of the semantics. A rule on related records has before it: members, the pairs that are linked by
key, what holds of each pair, and what therefore holds of the set, by what there is and what there is not.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from envrules.engines.durable.asked import Asked
from envrules.engines.durable.formula import (
    ALWAYS,
    FALSE,
    NEVER,
    TRUE,
    All,
    Any,
    Atoms,
    Formula,
    Quantified,
    Rails,
    every,
    length,
    matches,
    opposite,
    some,
    test,
    width,
)
from envrules.engines.durable.session import (
    MOST_LENGTH,
    MOST_MATCHES,
    MOST_WIDTH,
    Pattern,
    Production,
    Session,
    Source,
)
from envrules.lang import ast
from envrules.pack.pack import Rule
from envrules.verdict import OUTCOMES, Outcome

#: What a sheet says besides its atoms and sets: whether the record is dated after the evaluation date; by the number of
#: a pair of dates whether it lies outside them; by the number of a due day whether that has been reached.
AHEAD, OUTSIDE, DUE = "f", "d", "u"

Fields = tuple[tuple[str, Source], ...]
Dates = tuple[dt.date | None, dt.date | None]


@dataclass
class Unit:
    """Rules on one type of record that share a sheet: those without related records, or one with.

    Args:
        atoms: what the sheet says of the record, by place; `sets`: what is asked of related sets.
        links: the names of the links, in the order of their kinds, and for each the atoms that narrow it.
        dates, dues: when the rules are in force, and the days by which they have to be met.
        copies: how often a fact of a kind is asserted, where that is more than once.
    """

    number: int
    rules: tuple[Rule, ...]
    atoms: tuple[Asked, ...]
    sets: tuple[Quantified, ...]
    links: tuple[str, ...]
    narrowed: tuple[tuple[ast.Node, ...], ...]
    dates: tuple[Dates, ...]
    dues: tuple[ast.Node, ...]
    productions: tuple[Production, ...]
    copies: Mapping[str, int]

    @property
    def record(self) -> str:
        """The type of record that it judges."""
        return self.rules[0].record


@dataclass
class Program:
    """Units that run together, in one session for each case."""

    units: tuple[Unit, ...]
    _sessions: list[Session] = field(default_factory=list)

    @property
    def productions(self) -> list[Production]:
        """All that may follow."""
        return [p for unit in self.units for p in unit.productions]

    @property
    def session(self) -> Session:
        """The compiled ruleset, made when it is first needed and used again for every case."""
        if not self._sessions:
            copies = {k: copies_of(k, n) for unit in self.units for k, n in unit.copies.items() if n > 1}
            self._sessions.append(Session(self.productions, copies))
        return self._sessions[0]


@dataclass
class _Productions:
    """Productions as they are made.

    A condition too long for one is split into facts of its own; a kind of fact that would have to satisfy too many
    conditions at once is asserted in copies, each of which has some of them.
    """

    found: list[Production] = field(default_factory=list)
    copies: dict[str, list[int]] = field(default_factory=dict)
    named: dict[tuple[str, Formula, Fields], str] = field(default_factory=dict)

    def add(self, patterns: tuple[Pattern, ...], derive: str, fields: Fields, fact: bool = False) -> None:
        """Add a production."""
        self.found.append(Production(patterns, derive, fields, fact))

    def follow(self, kind: str, where: Formula, derive: str, fields: Fields, fact: bool = False) -> None:
        """What follows from a fact of a kind for which a condition holds."""
        if length(where) <= MOST_LENGTH and matches(where) <= MOST_MATCHES:
            self.add((Pattern(self._copy(kind, width(where)), where),), derive, fields, fact)
        elif isinstance(where, All):
            half = len(where.items) // 2
            parts = (every(where.items[:half]), every(where.items[half:]))
            own = tuple((f, (0, f)) for f in dict.fromkeys(["r", *(s[1] for _, s in fields if not isinstance(s, int))]))
            first, second = (self._named(kind, part, own) for part in parts)
            self.add((Pattern(first), Pattern(second, equal=(("r", (0, "r")),))), derive, fields, fact)
        else:
            assert isinstance(where, Any)
            for item in where.items:
                self.follow(kind, item, derive, fields, fact)

    def _copy(self, kind: str, needed: int) -> str:
        """The copy of a kind of fact that has room for a condition."""
        taken = self.copies.setdefault(kind, [0])
        if taken[-1] + needed > MOST_WIDTH:
            taken.append(0)
        taken[-1] += needed
        return copies_of(kind, len(taken))[-1]

    def _named(self, kind: str, where: Formula, fields: Fields) -> str:
        """The kind of fact that says that a condition holds of a fact, with some of its fields."""
        name = (kind, where, fields)
        if name not in self.named:
            self.named[name] = derive = f"{kind}t{len(self.named)}"
            self.follow(kind, where, derive, fields, fact=True)
        return self.named[name]


def copies_of(kind: str, count: int) -> tuple[str, ...]:
    """The names of the copies of a kind of fact.

    Examples:
        >>> copies_of("s0", 2)
        ('s0', 's0c1')
    """
    return tuple(f"{kind}c{n}" if n else kind for n in range(count))


def compile_unit(number: int, rules: Sequence[Rule]) -> Unit:
    """Rules that share a sheet as productions."""
    atoms = Atoms("a")
    dates: list[Dates] = []
    dues: list[ast.Node] = []
    made = _Productions()
    for i, rule in enumerate(rules):
        applies = Rails(ALWAYS, NEVER) if rule.when is None else atoms.rails(rule.when)
        required = atoms.rails(rule.require)
        for outcome, where in _table(applies, required, *_time(rule, dates, dues)):
            if where != NEVER:
                told: Fields = (("u", number), ("i", i), ("z", OUTCOMES.index(outcome)), ("r", (0, "r")))
                made.follow(f"s{number}", where, "z", told)
    narrowed = [_link(f"{number}_{n}", link.where, made) for n, link in enumerate(rules[0].related.values())]
    for n, asked in enumerate(atoms.sets):
        _settle(f"{number}_{n}", number, n, asked, made)
    return Unit(
        number,
        tuple(rules),
        tuple(map(Asked, atoms.atoms)),
        tuple(atoms.sets),
        tuple(rules[0].related),
        tuple(narrowed),
        tuple(dates),
        tuple(dues),
        tuple(made.found),
        {kind: len(taken) for kind, taken in made.copies.items()},
    )


def _time(rule: Rule, dates: list[Dates], dues: list[ast.Node]) -> tuple[Formula, Formula, Formula]:
    """That a rule is in force, that its due day is surely not reached, and that it surely is."""
    inside: Formula = ALWAYS
    if rule.effective is not None or rule.expires is not None:
        pair = (rule.effective, rule.expires)
        if pair not in dates:
            dates.append(pair)
        inside = test(f"{OUTSIDE}{dates.index(pair)}", FALSE)
    if rule.due is None:
        return inside, NEVER, ALWAYS
    if rule.due not in dues:
        dues.append(rule.due)
    name = f"{DUE}{dues.index(rule.due)}"
    return inside, test(name, FALSE), test(name, TRUE)


def _table(
    applies: Rails, required: Rails, inside: Formula, waits: Formula, reached: Formula
) -> Iterator[tuple[Outcome, Formula]]:
    """The table of the semantics, in its order: of these exactly one holds of a sheet."""
    ahead = test(AHEAD, TRUE)
    concerned = opposite(applies.false)
    now = every([opposite(ahead), inside, concerned])
    broken = every([applies.true, required.false, reached])
    yield "not_applicable", applies.false
    yield "not_in_force", every([opposite(inside), concerned])
    yield "not_due", some([every([ahead, inside, concerned]), every([now, waits, opposite(required.true)])])
    yield "pass", every([now, required.true])
    yield "violation", every([now, broken])
    yield "indeterminate", every([now, opposite(required.true), opposite(waits), opposite(broken)])


def _link(number: str, where: ast.Node | None, made: _Productions) -> tuple[ast.Node, ...]:
    """The productions that find the pairs of a link, surely (`s` is 1) or perhaps; gives the atoms that narrow it.

    `o` is a record that has the link, with its key in `k`; `m` a record that it may lead to, with its own; `n` one that
    is not excluded by what narrows the link; `g` says of two keys with a gap that they may be equal.
    """
    atoms = Atoms("a")
    rails = Rails(ALWAYS, NEVER) if where is None else atoms.rails(where)
    for sure, meant in ((1, rails.true), (0, every([opposite(rails.true), opposite(rails.false)]))):
        if meant != NEVER:
            fields: Fields = (("r", (0, "r")), ("k", (0, "k")), ("s", sure))
            made.follow(f"m{number}", meant, f"n{number}", fields, fact=True)
    own = Pattern(f"o{number}")
    same = (own, Pattern(f"n{number}", equal=(("k", (0, "k")),)))
    perhaps = (own, Pattern(f"g{number}", equal=(("a", (0, "k")),)), Pattern(f"n{number}", equal=(("k", (1, "b")),)))
    made.add(same, f"l{number}", (("o", (0, "r")), ("r", (1, "r")), ("s", (1, "s"))))
    made.add(perhaps, f"l{number}", (("o", (0, "r")), ("r", (2, "r")), ("s", 0)))
    return tuple(atoms.atoms)


def _settle(name: str, unit: int, number: int, asked: Quantified, made: _Productions) -> None:
    """What is known of a set: one sure record settles it one way, the absence of any that could the other.

    `p` is a pair of a record and one of its set, with what is asked of it; `e` a record that has the set; `h` says that
    some record of the set could still settle it.
    """
    rails = asked.rails.turned() if asked.every else asked.rails
    told: Fields = (("u", unit), ("n", number))
    with_one, without = (FALSE, TRUE) if asked.every else (TRUE, FALSE)
    sure = every([test("s", TRUE), rails.true])
    if sure != NEVER:
        made.follow(f"p{name}", sure, "q", (*told, ("r", (0, "o")), ("c", with_one)))
    could = opposite(rails.false)
    if could != NEVER:
        made.follow(f"p{name}", could, f"h{name}", (("r", (0, "o")),), fact=True)
    none = Pattern(f"h{name}", equal=(("r", (0, "r")),), absent=True)
    made.add((Pattern(f"e{name}"), none), "q", (*told, ("r", (0, "r")), ("c", without)))
