"""Classes by limits: the class of a water, from the worst of its parameters (single-factor assessment)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from envrules.interval import Interval, compare, order, point
from envrules.records.standards.remembered import Remembered
from envrules.records.types import Derived, Enumeration, Field, Words
from envrules.records.values import ABSENT, Cell, Derivation

Direction = str


@dataclass(frozen=True)
class Limits:
    """The limits of one parameter for the classes in order, the best first, in the parameter's own unit.

    Args:
        least: whether a value has to be at least the limit (dissolved oxygen) instead of at most.
        within: both ends that hold for every class (pH); `values` is then empty.
    """

    values: tuple[float, ...] = ()
    least: bool = False
    within: tuple[float, float] | None = None


@dataclass(frozen=True)
class LimitTable:
    """A table of limits.

    Args:
        parameters: field -> word of `by` -> limits; the word is empty where they hold for all.
        by: the field on which the limits depend, such as whether the water is a river or a lake.
        needed: the parameters without which the class is only known from below.
        complete_if: the field that says that the parameters given are all that are assessed.
    """

    title: Words
    source: Words
    parameters: Mapping[str, Mapping[str, Limits]]
    by: str = ""
    needed: tuple[str, ...] = ()
    complete_if: str = ""


class LimitReader:
    """Completes records of one type with the class of their parameters."""

    def __init__(self, table: LimitTable, gives: Field, fields: Mapping[str, Field]) -> None:
        assert gives.enum is not None
        self.table, self.field, self.fields = table, gives, fields
        self.classes: Enumeration = gives.enum
        self.source = table.source
        self.reads = frozenset(table.parameters)
        self.gives = frozenset([gives.name])
        asked = [*table.parameters, *filter(None, (table.by, table.complete_if))]
        self._remembered = Remembered(asked, self._derive)

    def derive(self, cells: Mapping[str, Cell]) -> Iterable[Derived]:
        """The class of the parameters given; of which only the best possible is known where some are missing."""
        return self._remembered(cells)

    def _derive(self, cells: Mapping[str, Cell]) -> Iterable[Derived]:
        kinds, assumed = self._kinds(cells)
        given: list[str] = []
        best = worst = 0
        deciding: list[str] = []
        for name, by_kind in self.table.parameters.items():
            cell = cells.get(name)
            limits = [by_kind.get(kind) or by_kind.get("") for kind in kinds]
            if cell is None or not isinstance(cell.value, Interval) or None in limits:
                continue
            given.append(name)
            ranks = [rank_of(cell.value, one, len(self.classes.values)) for one in limits if one is not None]
            low, high = min(r[0] for r in ranks), max(r[1] for r in ranks)
            if high > worst:
                deciding = [name]
            elif high == worst:
                deciding.append(name)
            best, worst = max(best, low), max(worst, high)
        if not given:
            return ()
        whole = self.table.complete_if and (cells.get(self.table.complete_if) or Cell(ABSENT)).value is True
        missing = [] if whole else [n for n in self.table.needed if n not in given]
        if missing:
            worst = len(self.classes.values) - 1
        names = self.classes.names[best : worst + 1]
        value = names[0] if len(names) == 1 else frozenset(names)
        raw = ", ".join(f"{n} {cells[n].value}" for n in given)
        note = self._note(names, deciding, missing, assumed)
        return (Derived(self.field.name, Cell(value, raw, None, None, note)),)

    def _kinds(self, cells: Mapping[str, Cell]) -> tuple[list[str], str]:
        """The words of `by` that the record may have, and the one that was assumed."""
        if not self.table.by:
            return [""], ""
        declared = self.fields[self.table.by]
        cell = cells.get(self.table.by)
        if cell is not None and isinstance(cell.value, str):
            return [cell.value], ""
        if (cell is None or cell.value is ABSENT) and declared.assume is not None:
            return [str(declared.assume.value)], str(declared.assume.value)
        return list(declared.enum.names if declared.enum else ()), ""

    def _note(self, names: tuple[str, ...], deciding: list[str], missing: list[str], assumed: str) -> Derivation:
        label = {v.name: v.label for v in self.classes.values}
        en = names[0] if len(names) == 1 else f"{names[0]}..{names[-1]}"
        first, last = (label[n].zh or n for n in (names[0], names[-1]))
        zh = first if len(names) == 1 else f"{first}至{last}"
        by = self.fields[self.table.by] if assumed else None
        word = next((v.label for v in by.enum.values if v.name == assumed), Words()) if by and by.enum else Words()
        as_en, as_zh = (f", as a {word.en or assumed}", f"（按{word.zh or assumed}）") if assumed else ("", "")
        what_en = f"{self.field.name} is not given; {en} from the parameters by {self.source.either()}{as_en}"
        what_zh = (
            f"未填{self.field.label.zh or self.field.name}，按{self.source.either('zh')}由监测项目浓度推定为{zh}{as_zh}"
        )
        if missing:
            what_en += f"; without {', '.join(missing)} it is only known from below"
            listed = "、".join(self.fields[n].label.zh or n for n in missing)
            what_zh += f"；缺{listed}，只能确定不优于{first}"
        elif deciding and names[0] != self.classes.names[0]:
            what_en += f", decided by {', '.join(deciding)}"
            what_zh += f"，定类项目：{'、'.join(self.fields[n].label.zh or n for n in deciding)}"
        return Derivation(what_en, what_zh)


def rank_of(value: Interval, limits: Limits, classes: int) -> tuple[int, int]:
    """The best and worst class that a value may be in, by their places; the last is beyond every limit.

    Examples:
        >>> ammonia = Limits((0.15, 0.5, 1.0, 1.5, 2.0))
        >>> rank_of(point(0.5), ammonia, 6), rank_of(point(2.1), ammonia, 6), rank_of(Interval(0, 1), ammonia, 6)
        ((1, 1), (5, 5), (0, 2))
    """
    if limits.within is not None:
        low, high = compare(">=", value, point(limits.within[0])), compare("<=", value, point(limits.within[1]))
        if low and high:
            return 0, 0
        return (classes - 1, classes - 1) if low is False or high is False else (0, classes - 1)
    if value.known:
        side = -1 if limits.least else 1
        rank = next((i for i, limit in enumerate(limits.values) if order(value.lo, limit) * side <= 0), classes - 1)
        return rank, rank
    held = [compare(">=" if limits.least else "<=", value, point(limit)) for limit in limits.values]
    best = next((i for i, holds in enumerate(held) if holds is not False), classes - 1)
    worst = next((i for i, holds in enumerate(held) if holds), classes - 1)
    return best, worst
