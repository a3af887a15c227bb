"""What would settle a case: whether an open one is lost whatever is answered, and what has to be asked, in which order.

Everything here is a search over classes of values, made with the interpreter, and bounded. It never claims more than it
found: beyond the bound a case stays open, and every input is asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

from envrules.records.values import Value
from envrules.screening.case import Case, Input, Pair
from envrules.screening.inputs import open_inputs
from envrules.screening.partition import classes

#: How many outcomes one search may ask the interpreter for.
BUDGET = 20_000
_DEEP = 3


class _SpentError(Exception):
    """A search came to its bound."""


@dataclass(frozen=True)
class Branch:
    """One way in which what is missing may turn out, and the rules that are broken then."""

    values: tuple[tuple[Input, Value], ...]
    broken: tuple[Pair, ...]


@dataclass(frozen=True)
class Component:
    """Open outcomes that hang together by the inputs they wait for."""

    pairs: tuple[Pair, ...]
    inputs: tuple[Input, ...]


def components(case: Case, pairs: Iterable[Pair]) -> list[Component]:
    """The open outcomes in groups that share no input, so that each group is decided by itself."""
    groups: list[tuple[list[Pair], list[Input]]] = []
    for pair in pairs:
        inputs = list(open_inputs(case, pair))
        joined = [g for g in groups if set(g[1]) & set(inputs)]
        first = joined[0] if joined else ([], [])
        if not joined:
            groups.append(first)
        for other in joined[1:]:
            first[0].extend(other[0])
            first[1].extend(other[1])
            groups.remove(other)
        first[0].append(pair)
        first[1].extend(inputs)
    return [Component(tuple(p), tuple(dict.fromkeys(i))) for p, i in groups]


class Search:
    """Searches over the inputs of one component."""

    def __init__(self, case: Case, component: Component, budget: int = BUDGET) -> None:
        self.case, self.component, self.left = case, component, budget
        self._classes = {i: classes(case, i, component.pairs) for i in component.inputs}

    def lost(self) -> tuple[Branch, ...] | None:
        """The ways what is missing may turn out where every one breaks a rule; None where one does not, or may not."""
        found: list[Branch] = []
        try:
            return tuple(found) if self._no_escape(self.case, (), found) else None
        except _SpentError:
            return None

    def _no_escape(self, case: Case, values: tuple[tuple[Input, Value], ...], found: list[Branch]) -> bool:
        broken, open_ = self._state(case)
        if broken:
            found.append(Branch(values, broken))
            return True
        given = {i for i, _ in values}
        waiting = [open_inputs(case, pair) for pair in open_]
        count = {i: sum(i in w for w in waiting) for w in waiting for i in w if i not in given and self._classes.get(i)}
        if not count:
            return False
        chosen = max(count, key=lambda i: (count[i], -len(self._classes[i])))
        return all(
            self._no_escape(case.with_value(chosen, value), (*values, (chosen, value)), found)
            for value in self._classes[chosen]
        )

    def _state(self, case: Case) -> tuple[tuple[Pair, ...], tuple[Pair, ...]]:
        """The broken and the open pairs."""
        self.left -= len(self.component.pairs)
        if self.left < 0:
            raise _SpentError
        outcomes = [(pair, case.outcome(pair)) for pair in self.component.pairs]
        return tuple(p for p, o in outcomes if o == "violation"), tuple(p for p, o in outcomes if o == "indeterminate")

    def shortest(self) -> tuple[Input, ...]:
        """The fewest inputs that decide the component whatever their values; all of them beyond the bound."""
        every = self.component.inputs
        try:
            needed = [i for i in every if not self._settles([j for j in every if j != i])]
            if self._settles(needed):
                return tuple(needed)
            others = [i for i in every if i not in needed]
            for size in range(1, len(others)):
                for more in combinations(others, size):
                    chosen = [i for i in every if i in needed or i in more]
                    if self._settles(chosen):
                        return tuple(chosen)
        except _SpentError:
            pass
        return every

    def _settles(self, inputs: Sequence[Input]) -> bool:
        return self._decides(self.case, list(inputs), frozenset(inputs))

    def _decides(self, case: Case, left: list[Input], given: frozenset[Input]) -> bool:
        broken, open_ = self._state(case)
        if broken or not open_:
            return True
        waiting = {i for pair in open_ for i in open_inputs(case, pair)}
        while left and left[0] not in waiting:
            left = left[1:]
        if not left:
            # What is still open then waits for values that are given by then, though no class of them decides.
            return waiting <= given
        first, rest = left[0], left[1:]
        return all(self._decides(case.with_value(first, v), rest, given) for v in self._values(first, case))

    def _values(self, at: Input, case: Case) -> tuple[Value, ...]:
        return self._classes.get(at) or (case.value(at),)

    def soonest(self, asked: Sequence[Input]) -> dict[Input, tuple[int, int, float]]:
        """For each input asked: answers until a rule may be broken, until all may hold, and how often it alone decides.

        The first two are the fewest answers, this one first; beyond the bound they are as many as are asked.
        """
        found = {}
        for first in asked:
            lose = win = len(asked) + (0 if len(asked) <= _DEEP else 1)
            alone = 0.0
            try:
                for size in range(1, min(_DEEP, len(asked)) + 1):
                    for more in combinations([i for i in asked if i != first], size - 1):
                        ends = [self._end(self.case, (first, *more), v) for v in self._values(first, self.case)]
                        if size == 1:
                            alone = sum(bool(e) for e in ends) / len(ends)
                        lose = min(lose, size) if any("lost" in e for e in ends) else lose
                        win = min(win, size) if any("clear" in e for e in ends) else win
            except _SpentError:
                pass
            found[first] = (lose, win, alone)
        return found

    def _end(
        self, case: Case, inputs: tuple[Input, ...], value: Value, given: frozenset[Input] = frozenset()
    ) -> set[str]:
        """What the answers to some inputs, the first one being this, can come to."""
        case = case.with_value(inputs[0], value)
        broken, open_ = self._state(case)
        if broken:
            return {"lost"}
        if not open_:
            return {"clear"}
        given = given | {inputs[0]}
        if len(inputs) == 1:
            # Where nothing else is waited for, two values that are compared with one another may come to either end.
            waiting = {i for pair in open_ for i in open_inputs(case, pair)}
            return {"lost", "clear"} if waiting <= given else set()
        ends: set[str] = set()
        for v in self._values(inputs[1], case):
            ends |= self._end(case, inputs[1:], v, given)
        return ends


def in_order(case: Case, asked: Sequence[tuple[Component, tuple[Input, ...]]]) -> list[Input]:
    """The inputs in the order to ask: the one first that can end the questioning soonest.

    A broken rule ends it at once; that all holds ends it only where every other component holds too.
    """
    keys: dict[Input, tuple[float, ...]] = {}
    soonest = [Search(case, component).soonest(inputs) for component, inputs in asked]
    to_clear = [min((win for _, win, _ in found.values()), default=0) for found in soonest]
    position = 0
    for n, found in enumerate(soonest):
        others = sum(to_clear) - to_clear[n]
        for at, (lose, win, alone) in found.items():
            keys[at] = (min(lose, win + others), -alone, position)
            position += 1
    return sorted(keys, key=lambda at: keys[at])
