"""Expressions drawn at random, as the text of the rule language, well typed for the names at hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from hypothesis import strategies as st

from drawn.fields import UNITS, kind_of, words_of

DAYS = ("2018-03-21", "2018-03-22", "2018-12-31", "2019-01-01", "2019-06-30", "2020-02-29", "2020-12-31", "2021-01-01")
NUMBERS = ("1", "0", "0", "2", "10", "0.8", "0.1", "0.3", "2.5", "100", "5e-324", "1e308", "1e-9", "3")
TEXTS = ("甲", "b", "P0", "P1", "")
PERIODS: dict[str, tuple[str, ...]] = {
    "year": ("2018", "2019", "2020"),
    "half_year": ('"2018-H1"', '"2019-H2"'),
    "quarter": ('"2018-Q1"', '"2018-Q2"', '"2020-Q4"'),
    "two_months": ('"2018-03/04"', '"2020-11/12"'),
    "month": ('"2018-03"', '"2018-12"', '"2020-02"'),
}
OPS = ("<=", ">", ">=", "<", "==", "!=")

Kinds = Mapping[str, str]


@dataclass(frozen=True)
class Names:
    """What an expression may name: path -> kind.

    Args:
        own: fields, keys and derived values that stand for one value here.
        sets: related sets, with the names of their records; an aggregate ranges over one of them.
        members: the names of a group's records; None where the rule is about one record.
        answers: the fields of which `is filled` may be asked.
        bounded: the fields that may stand in `bounded(...)`: no derived values and no keys.
    """

    own: Kinds
    sets: Mapping[str, Names] = field(default_factory=dict)
    members: Names | None = None
    answers: tuple[str, ...] = ()
    bounded: tuple[str, ...] = ()

    def of(self, kind: str) -> list[str]:
        return [n for n, k in self.own.items() if k == kind]

    def kinds(self, start: str) -> list[str]:
        return sorted({k for k in self.own.values() if k.startswith(start)})

    def with_own(self, more: Kinds) -> Names:
        return replace(self, own={**self.own, **more})


def names_of(document: Mapping[str, Any], prefix: str = "") -> Names:
    """The names of a record type's own fields (and derived ones that come first), each after the prefix."""
    fields = document["fields"]
    own = {prefix + n: kind_of(f) for n, f in fields.items()}
    own = {n: k for n, k in own.items() if k != "quantity:?"}
    answers = tuple(prefix + n for n, f in fields.items() if "empty" in f)
    bounded = tuple(n for n, k in own.items() if k.startswith("quantity") or k == "number")
    return Names(own=own, answers=answers, bounded=bounded)


class Writer:
    """Writes one expression. What shrinks stands first: a field rather than arithmetic, a comparison rather than both.

    Args:
        depth: how many levels of operators may lie under an expression.
    """

    def __init__(self, draw: st.DrawFn, names: Names) -> None:
        self.draw, self.names = draw, names

    def pick(self, options: Any) -> Any:
        return self.draw(st.sampled_from(list(options)))

    # --- conditions ---------------------------------------------------------------------------------------------------

    def condition(self, depth: int = 2) -> str:
        names = self.names
        leaves: list[Callable[[int], str]] = [self.compared]
        if names.of("bool"):
            leaves.append(lambda d: str(self.pick(names.of("bool"))))
        if names.kinds("enum"):
            leaves += [self.worded, self.worded]
        if names.of("date") or names.kinds("period"):
            leaves.append(self.dated)
        if names.of("text"):
            leaves.append(self.texted)
        if names.answers:
            leaves.append(lambda d: f"{self.pick(names.answers)} is {self.pick(('filled', 'not filled'))}")
        if self.aggregates:
            leaves += [self.aggregated] * 3
        if depth <= 0:
            return self.pick(leaves)(depth)
        joined = (self.joined, self.inverse, self.either, self.chained, self.constant)
        return self.pick([*leaves, *leaves, *joined])(depth)

    def joined(self, depth: int) -> str:
        return f"({self.condition(depth - 1)} {self.pick(('and', 'or'))} {self.condition(depth - 1)})"

    def inverse(self, depth: int) -> str:
        return f"(not {self.condition(depth - 1)})"

    def either(self, depth: int) -> str:
        return f"({self.condition(depth - 1)} if {self.condition(0)} else {self.condition(depth - 1)})"

    def constant(self, depth: int) -> str:
        return str(self.pick(("true", "false")))

    def compared(self, depth: int) -> str:
        kind = self.numeric()
        return f"{self.number(kind, depth)} {self.pick(OPS)} {self.limit(kind, depth)}"

    def chained(self, depth: int) -> str:
        kind = self.numeric()
        return f"({self.literal(kind)} <= {self.number(kind, depth - 1)} < {self.limit(kind, depth - 1)})"

    def worded(self, depth: int) -> str:
        kind = self.pick(self.names.kinds("enum"))
        left, words = self.word(kind, depth), words_of(kind)
        form = self.pick(("==", "!=", "in", "not in", "order"))
        if form == "order":
            form = self.pick(OPS) if kind == "enum:grade" else "=="
        if form in ("in", "not in"):
            some = self.draw(st.lists(st.sampled_from(words), min_size=1, max_size=2, unique=True))
            return f"{left} {form} {{{', '.join(some)}}}"
        right = self.pick([*words, *self.names.of(kind)])
        return f"{left} {form} {right}"

    def word(self, kind: str, depth: int) -> str:
        of = self.names.of(kind)
        if depth > 1 and self.pick((False, False, False, True)):
            return f"({self.pick(of)} if {self.condition(0)} else {self.pick([*of, *words_of(kind)])})"
        return str(self.pick(of))

    def texted(self, depth: int) -> str:
        left = self.pick(self.names.of("text"))
        if self.pick((True, False)):
            return f'{left} {self.pick(("==", "!="))} "{self.pick(TEXTS)}"'
        return f'{left} in {{"{self.pick(TEXTS)}", "甲"}}'

    def dated(self, depth: int) -> str:
        periods = self.names.kinds("period")
        if periods and (not self.names.of("date") or self.pick((False, True))):
            return self.period_compared(self.pick(periods).partition(":")[2], depth)
        if depth > 0 and self.pick((False, False, False, True)):
            return self.period_compared(self.pick(PERIODS), depth)
        return f"{self.date(depth)} {self.pick(OPS)} {self.pick([*DAYS, self.date(depth - 1), 'as_of'])}"

    def period_compared(self, period: str, depth: int) -> str:
        left = self.period(period, depth)
        if period == "year" and self.pick((True, False)):
            return f"{left} in {{2018, 2020}}"
        return f"{left} {self.pick(OPS)} {self.pick(PERIODS[period])}"

    def period(self, period: str, depth: int) -> str:
        own = self.names.of(f"period:{period}")
        made = [f"{period}({d})" for d in self.names.of("date")] + [
            f"{period}({m})" for m in self.names.of("period:month") if period != "month"
        ]
        if period in ("year", "half_year"):
            made += [f"{period}({y})" for y in self.names.of("period:year")]
        one = self.pick([*own, *own, *made] or [f"{period}(as_of)"])
        return f"({one} {self.pick('+-')} 1)" if depth > 1 and self.pick((False, False, True)) else str(one)

    def date(self, depth: int) -> str:
        dates = self.names.of("date")
        periods = [*self.names.of("period:month"), *self.names.of("period:year")]
        if depth <= 0 or (dates and self.pick((True, True, False))):
            return str(self.pick([*dates, *DAYS[:1]]))
        if periods and self.pick((True, False)):
            form = self.pick(("last_day({0})", "first_day({0})", "day_of({0}, 21)", "day_of({0}, 31)"))
            return str(form.format(self.pick(periods)))
        one = self.pick(dates or ["as_of"])
        form = self.pick(
            ("({0} + 10 day)", "({0} - 1 day)", "working_days_after({0}, 7)", "lowest({0}, {1})", "highest({0}, {1})")
        )
        return str(form.format(one, self.pick([*dates, *DAYS])))

    # --- numbers ------------------------------------------------------------------------------------------------------

    def numeric(self) -> str:
        kinds = [k for k in sorted(set(self.names.own.values())) if k.startswith("quantity") or k == "number"]
        if self.aggregates:
            kinds = [*kinds, *["number"] * 3, *self.summed()]
        return str(self.pick(kinds or ["number"]))

    def limit(self, kind: str, depth: int) -> str:
        """The right side of a comparison: mostly a literal."""
        return self.literal(kind) if self.pick((True, True, True, False)) else self.number(kind, depth - 1)

    def literal(self, kind: str) -> str:
        number = self.pick(NUMBERS)
        return number if kind == "number" else f"{number} {self.pick(UNITS[kind.partition(':')[2]])}"

    def number(self, kind: str, depth: int) -> str:
        fields = self.names.of(kind)
        if self.aggregates and (not fields or self.pick((True, True, False))):
            found = self.aggregate_number(kind)
            if found:
                return found
        if depth <= 0 or self.pick((True, False)):
            return str(self.pick(fields or [self.literal(kind)]))
        forms: list[Callable[[int], str]] = [
            lambda d: f"lowest({self.number(kind, d)}, {self.number(kind, d)})",
            lambda d: f"highest({self.number(kind, d)}, {self.literal(kind)})",
            lambda d: f"({self.number(kind, d)} if {self.condition(0)} else {self.number(kind, d)})",
        ]
        if bounded := [f for f in fields if f in self.names.bounded]:
            forms.append(lambda d: f"bounded({self.pick(bounded)})")
        if kind != "quantity:heat":
            forms += [
                lambda d: f"({self.number(kind, d)} + {self.number(kind, d)})",
                lambda d: f"({self.number(kind, d)} - {self.number(kind, d)})",
                lambda d: f"({self.number(kind, d)} * {self.number('number', d)})",
                lambda d: f"({self.number(kind, d)} / {self.number('number', d)})",
                *[lambda d: f"abs({self.number(kind, d)})"] * 3,
                lambda d: f"(-{self.number(kind, d)})",
            ]
        if kind == "number":
            forms += [self.quotient, self.quotient]
        if kind == "quantity:span" and self.names.of("date"):
            forms.append(lambda d: f"({self.date(0)} - {self.date(0)})")
        return str(self.pick(forms)(depth - 1))

    def quotient(self, depth: int) -> str:
        # Of temperatures there is no quotient, and t/h over MW is no plain number.
        kinds = [k for k in self.names.kinds("quantity") if k not in ("quantity:heat", "quantity:steam")]
        kind = self.pick(kinds or ["number"])
        return f"({self.number(kind, depth)} / {self.number(kind, depth)})"

    # --- aggregates ---------------------------------------------------------------------------------------------------

    @property
    def aggregates(self) -> bool:
        return bool(self.names.sets) or self.names.members is not None

    def ranged(self) -> tuple[str, Writer, Writer]:
        """The set an aggregate ranges over, what writes of its records alone, and what writes of all names there."""
        over = self.pick([*([""] if self.names.members is not None else []), *self.names.sets])
        alone = self.names.members if over == "" else self.names.sets[over]
        assert alone is not None
        # Beside the records of the set, their own record and its related ones are in sight; a group has only keys.
        everything = alone.with_own({n: k for n, k in self.names.own.items() if "." not in n})
        return str(over), Writer(self.draw, alone), Writer(self.draw, everything)

    def summed(self) -> list[str]:
        """The kinds of quantities that the sets hold."""
        sets = [*self.names.sets.values(), *([self.names.members] if self.names.members is not None else [])]
        return sorted({k for s in sets for k in s.own.values() if k.startswith("quantity")})

    def member_condition(self, over: str, alone: Writer, everything: Writer) -> str:
        first = alone.condition(1)
        if over and f"{over}." not in first:
            first = f"{over}.b1"
        mixed = self.pick((False, False, True))
        # The first name in it says which set is meant.
        return f"{first} {self.pick(('and', 'or'))} {everything.condition(0)}" if mixed else first

    def aggregated(self, depth: int) -> str:
        return f"{self.pick(('any', 'all', 'none'))}({self.member_condition(*self.ranged())})"

    def aggregate_number(self, kind: str) -> str:
        over, alone, everything = self.ranged()
        if kind == "number":
            form = self.pick(("count", "count", "whole", "distinct", "share", "sum"))
            if form == "whole":
                return f"count({over})"
            if form in ("count", "share"):
                return f"{form}({self.member_condition(over, alone, everything)})"
            if form == "distinct":
                return f"distinct({self.pick(alone.names.own)})"
        if kind not in alone.names.own.values():
            return ""
        inner = alone.number(kind, self.pick((0, 0, 1)))
        if not any(n in inner for n in alone.names.own):
            inner = alone.names.of(kind)[0]
        forms = ("most", "least", "mean", "sum") if kind != "quantity:heat" else ("most", "least", "mean")
        return f"{self.pick(forms)}({inner})"
