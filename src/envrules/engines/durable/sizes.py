"""How much rules take of what the library has, and rules packed into programs that stay within it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from envrules.engines.durable.program import Program, compile_unit
from envrules.engines.durable.session import MOST_FIELDS, MOST_RULES, MOST_SHARED
from envrules.pack.pack import Rule

#: Fields of a sheet besides atoms, sets, dates and due days.
_OTHERS = 6


@dataclass(frozen=True)
class Size:
    """What rules take: durable rules, fields of a fact, questions for what is absent."""

    rules: int = 0
    fields: int = 0
    absences: int = 0

    def beside(self, other: Size) -> Size:
        """The size of both in one program, each with facts of its own."""
        return Size(self.rules + other.rules, max(self.fields, other.fields), self.absences + other.absences)

    def sharing(self, other: Size) -> Size:
        """The size of both on one sheet."""
        return Size(self.rules + other.rules, self.fields + other.fields, self.absences + other.absences)

    def too_large(self) -> str:
        """Why it is beyond what is safe; an empty text when it is not."""
        for found, most, what in (
            (self.rules, MOST_RULES, "durable rules"),
            (self.fields, MOST_FIELDS, "fields of a fact"),
            (self.absences, MOST_SHARED, "questions for what is absent"),
        ):
            if found > most:
                return f"it takes {found} {what}, of which {most} are safe"
        return ""


def size_of(rule: Rule) -> Size:
    """What a rule takes by itself."""
    unit = compile_unit(0, (rule,))
    inner = [len(s.atoms) for s in unit.sets] + [len(atoms) for atoms in unit.narrowed]
    return Size(
        rules=len(unit.productions),
        fields=max(len(unit.atoms) + len(unit.sets) + len(unit.dates) + len(unit.dues), *inner, 0) + _OTHERS,
        absences=sum(p.waits for p in unit.productions),
    )


def compile_rules(rules: Sequence[Rule]) -> list[Program]:
    """Rules on single records as programs, as few as their sizes allow; those that are too large are left out."""
    programs: list[Program] = []
    taken = Size()
    for group, size in _groups(rules):
        together = taken.beside(size)
        if not programs or together.too_large():
            programs.append(Program(()))
            together = size
        taken = together
        last = programs[-1]
        last.units = (*last.units, compile_unit(len(last.units), group))
    return programs


def _groups(rules: Sequence[Rule]) -> Iterator[tuple[tuple[Rule, ...], Size]]:
    """The rules that share a sheet: as many without related records as it can hold, one with."""
    plain: dict[str, tuple[list[Rule], Size]] = {}
    for rule in rules:
        size = size_of(rule)
        if size.too_large():
            continue
        if rule.related:
            yield (rule,), size
            continue
        held, taken = plain.get(rule.record, ([], Size()))
        together = taken.sharing(size)
        if held and together.too_large():
            yield tuple(held), taken
            held, together = [], size
        plain[rule.record] = ([*held, rule], together)
    yield from ((tuple(held), size) for held, size in plain.values())
