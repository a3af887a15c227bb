"""The words of `envrules track` on a terminal, in English and Chinese; those of tasks come from the pack."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from envrules.pack.pack import Pack, Rule
from envrules.records.types import RecordType, Words
from envrules.report.phrases import number
from envrules.tracking.events import Event
from envrules.tracking.judging import levelled_rules, levels
from envrules.tracking.kinds import WITHDRAWN, kinds_of

#: Headers, and what stands in cells that are empty or cannot be read.
_WORDS: Final = {
    "level": Words("level", "预警等级"),
    "task": Words("task", "任务"),
    "unit": Words("unit", "责任单位"),
    "due on": Words("due on", "整改时限"),
    "completed on": Words("completed on", "完成日期"),
    "days overdue": Words("days overdue", "超时限天数"),
    "days left": Words("days left", "剩余天数"),
    "clause": Words("clause", "条款"),
    "missing": Words("missing", "缺少的信息"),
    "on": Words("on", "发生日期"),
    "event": Words("event", "事件"),
    "id": Words("id", "序号"),
    "says": Words("says", "内容"),
    "recorded on": Words("recorded on", "登记日期"),
    "note": Words("note", "备注"),
    "undecided": Words("undecided", "待定"),
    "tasks": Words("tasks", "任务数"),
    "all": Words("all", "合计"),
    "rule": Words("rule", "规则"),
    "no unit": Words("(no unit)", "（未填责任单位）"),
    "from the start": Words("from the start", "自始"),
    "yes": Words("yes", "是"),
    "no": Words("no", "否"),
    "not known": Words("not known", "不详"),
}


class TrackWords:
    """What is said of tasks in one language.

    Args:
        language: `en` or `zh`.
    """

    def __init__(self, pack: Pack, record: RecordType, language: str) -> None:
        self.zh = language == "zh"
        self._language, self._pack, self._record = language, pack, record
        self._kinds = kinds_of(record)
        rules = levelled_rules(pack, record.name)
        self._levels = {w: label for r in rules for w, label in _level_words(pack, r).items()}
        #: Level -> how many worse ones its rule has.
        self.ranks = {name: n for r in rules for n, name in enumerate(reversed(levels(r)))}

    def word(self, name: str) -> str:
        """A header or a word of a cell."""
        return _WORDS[name].either(self._language)

    def level(self, level: str) -> str:
        """A level, or the bounds of one that is open."""
        if not self.zh:
            return level
        return "～".join(self._levels.get(part, Words(part, part)).either("zh") for part in level.split(".."))

    def kind(self, name: str) -> str:
        """A kind of event; in English as it is given to the command."""
        found = self._kinds.get(name)
        return found.label.either("zh") if self.zh and found is not None else name

    def field(self, name: str) -> str:
        """A field of a task; in English as it is given to the command."""
        found = self._record.fields.get(name)
        return (found.label.either("zh") or name) if self.zh and found is not None else name

    def said(self, event: Event) -> list[str]:
        """What an event says of its task beside its day, in lines."""
        equals = "：" if self.zh else " = "
        kind = self._kinds.get(event.kind)
        step = kind.step if kind is not None else ""
        said = [(name, value) for name, value in event.fields.items() if name != step]
        says = [f"{self.field(name)}{equals}{self._value(value)}" for name, value in said]
        if event.kind == WITHDRAWN:
            says.insert(0, f"撤销事件{event.corrects}" if self.zh else f"takes back {event.corrects}")
        elif event.corrects is not None:
            says.insert(0, f"代替事件{event.corrects}" if self.zh else f"instead of {event.corrects}")
        if event.corrected_by is not None:
            by = event.corrected_by
            says.append(f"（已由事件{by}更正或撤销）" if self.zh else f"(does not count: see {by})")
        return says

    def _value(self, value: Any) -> str:
        if isinstance(value, Mapping):
            text = value.get("unusable")
            return f"{text}（无法识别）" if self.zh else f"{text} (cannot be read)"
        if value is None or isinstance(value, bool):
            return self.word({True: "yes", False: "no", None: "not known"}[value])
        return str(value)

    # --- sentences ----------------------------------------------------------------------------------------------------

    def as_of(self, day: object, known_on: object) -> str:
        """The days that an answer is of, as a sentence begins with them."""
        if self.zh:
            return f"截至{day}" + (f"（按{known_on}已登记的情况）：" if known_on else "：")
        return f"As of {day}" + (f", by what was known on {known_on}: " if known_on else ": ")

    def alerts(self, levels: Sequence[str]) -> str:
        """How many alerts there are, and of which level."""
        counts = [(self.level(level), count) for level, count in Counter(levels).items()]
        if self.zh:
            of = "、".join(f"{level}{count}" for level, count in counts)
            return f"预警{len(levels)}项" + (f"（{of}）。" if of else "。")
        of = ", ".join(f"{count:,} {level}" for level, count in counts)
        return number(len(levels), "alert") + (f" ({of})." if of else ".")

    def undecided(self, count: int, listed: bool) -> str:
        """How many tasks are left open."""
        if self.zh:
            return f"另有{count}项任务资料不全，无法判定是否预警" + ("。" if listed else "（用 --undecided 列出）。")
        hint = "" if listed else " (--undecided lists them)"
        return f"Whether {number(count, 'more task')} should have one is left open{hint}."

    def more(self, count: int) -> str:
        """How many rows are not shown."""
        if self.zh:
            return f"其余{count}行未显示：用 --format csv 或 json 列出全部。"
        return f"and {count:,} more: --format csv or json lists all of them"

    def due(self, count: int, within: int) -> str:
        """How many tasks come due."""
        if self.zh:
            return f"{within}天内到期的任务{count}项。"
        return f"{number(count, 'task')} due within {number(within, 'day')}."

    def board(self, any_task: bool) -> str:
        """What stands under the table of counts."""
        if self.zh:
            return "“待定”指资料不全，无法确定等级。" if any_task else "没有任务。"
        return "undecided is a level that hangs on something not known." if any_task else "no task is open."

    def levels(self, task: str, levels: Mapping[str, str], day: object) -> list[str]:
        """The levels of one task, each on a line; with the rule where several give one."""
        several = len(levels) > 1
        colon = "：" if self.zh else ": "
        head = f"{task}，截至{day}" if self.zh else f"{task} as of {day}"
        return [f"{head}{f' ({r})' if several else ''}{colon}{self.level(v)}" for r, v in levels.items()]

    def nothing_known(self, task: str) -> str:
        """That nothing had been recorded of a task by then."""
        return f"{task}：当时尚无登记。" if self.zh else f"{task}: nothing had happened or was known by then."


def _level_words(pack: Pack, rule: Rule) -> dict[str, Words]:
    enum = rule.derive[rule.output].node.type.enum
    values: Iterable[Any] = pack.enums[enum.name].values if enum is not None and enum.name in pack.enums else ()
    return {v.name: v.label for v in values}
