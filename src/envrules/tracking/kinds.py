"""The kinds of events, as a pack's record type `task` makes them: its steps, and what may be said of its fields.

A date field that is empty while a step is not done (`accepted_on`, `empty: not done`) makes the kind `accepted`, so
that a pack with another step has another kind without a line of Python.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from envrules.records.types import RecordType, Words

OPENED: Final = "opened"
CORRECTION: Final = "correction"
WITHDRAWN: Final = "withdrawn"


@dataclass(frozen=True)
class Kind:
    """A kind of event.

    Args:
        step: the date field that it fills with the day on which it happened.
        states: fields and what it says of them; `needs`: fields that have to be given with it.
        repeats: the same may happen twice on one day, so it is recorded as often as it is given.
    """

    name: str
    label: Words = Words()
    step: str = ""
    states: Mapping[str, bool] = field(default_factory=dict)
    needs: tuple[str, ...] = ()
    repeats: bool = False

    def says(self) -> str:
        """What it says of a task by itself, in a few words."""
        if self.step:
            return f"{self.step} = the day"
        if self.needs:
            return f"needs {', '.join(self.needs)}"
        return ", ".join(f"{name} = {'yes' if value else 'no'}" for name, value in self.states.items())


_STATED: Final = (
    ("target_met", True, "target_met", Words("target met", "达到整改目标")),
    ("target_missed", False, "target_met", Words("target missed", "未达到整改目标")),
    ("complaints_concentrated", True, "complaints_concentrated", Words("complaints concentrated", "举报投诉集中")),
    ("complaints_settled", False, "complaints_concentrated", Words("complaints settled", "举报投诉已平息")),
    ("problems_outstanding", True, "outstanding_problems", Words("outstanding problems", "存在突出问题")),
    ("problems_settled", False, "outstanding_problems", Words("outstanding problems settled", "突出问题已解决")),
)
_REMARKS: Final = (
    ("reviewed", Words("reviewed", "调度")),
    ("reported", Words("progress reported", "报送进展")),
    ("complaint", Words("one complaint", "举报投诉")),
    ("noted", Words("noted", "备注")),
)


def kinds_of(record: RecordType) -> dict[str, Kind]:
    """The kinds of events that a task of this record type may have, in the order in which people look for them."""
    found = [Kind(OPENED, Words("opened", "立项"))]
    for name, declared in record.fields.items():
        if declared.kind == "date" and declared.empty_is_answer and name.endswith("_on"):
            label = Words(declared.label.en.removesuffix(" on"), declared.label.zh.removesuffix("日期"))
            found.append(Kind(name.removesuffix("_on"), label, step=name))
    found += [Kind(kind, label, states={name: value}) for kind, value, name, label in _STATED if name in record.fields]
    if "due_on" in record.fields:
        found.append(Kind("due_changed", Words("due date changed", "调整整改时限"), needs=("due_on",)))
    found += [Kind(kind, label, repeats=kind == "complaint") for kind, label in _REMARKS]
    found.append(Kind(CORRECTION, Words("correction", "更正")))
    found.append(Kind(WITHDRAWN, Words("withdrawn", "撤销")))
    return {kind.name: kind for kind in found}


def find_kind(kinds: Mapping[str, Kind], given: str) -> Kind | None:
    """The kind of a name, an English or a Chinese label; None where there is none.

    Examples:
        >>> find_kind({"self_checked": Kind("self_checked", Words("self-checked", "自验"))}, "self-checked").name
        'self_checked'
    """
    wanted = given.strip().lower().replace("-", "_").replace(" ", "_")
    if wanted in kinds:
        return kinds[wanted]
    return next((k for k in kinds.values() if given.strip() in k.label.both()), None)


def steps_of(kinds: Mapping[str, Kind]) -> dict[str, str]:
    """Date field -> the kind of event that fills it."""
    return {k.step: k.name for k in kinds.values() if k.step}
