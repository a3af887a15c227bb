"""Two packs beside each other, and one pack at two dates: for a terminal, and as JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from rich.padding import Padding
from rich.text import Text

from envrules.report.json import dump
from envrules.report.phrases import brief, number, outcome_words
from envrules.report.terminal import Page, grid, shown

#: A person reads so many rows; the JSON lists all.
ROWS: Final = 100
_STYLES: Final = {"stricter": "bold red", "laxer": "green", "mixed": "yellow", "undecided": "yellow", "same": "dim"}
_SAYS: Final = {
    "stricter": "b is stricter: whatever violates a violates b",
    "laxer": "b is laxer: whatever violates b violates a",
    "mixed": "b is stricter in one part and laxer in another",
    "undecided": "which is stricter cannot be shown",
    "same": "no outcome can differ",
}
_SAYS_ON_RECORDS: Final = {
    "stricter": "b is stricter on these records",
    "laxer": "b is laxer on these records",
    "mixed": "on these records each finds violations the other does not",
    "undecided": "which is stricter cannot be shown",
    "same": "the same violations on these records",
}
_ORDER: Final = ("violation", "ended", "other")
_EFFECTS: Final = {"violation": "bold red", "ended": "green", "other": ""}


def comparison_json(data: Mapping[str, Any]) -> str:
    """A comparison as one JSON object; each item of a list stands on a line of its own."""
    parts = []
    for key, value in data.items():
        if isinstance(value, list) and value:
            lines = ",\n".join(f"    {dump(item)}" for item in value)
            parts.append(f'  "{key}": [\n{lines}\n  ]')
        else:
            parts.append(f'  "{key}": {dump(value)}')
    return "{\n" + ",\n".join(parts) + "\n}\n"


def diff_table(data: Mapping[str, Any], width: int = 120, color: bool = False) -> str:
    """What differs between two packs as text of at most so many columns."""
    page = Page(width, color)
    for side in ("a", "b"):
        pack = data[side]
        page.print(Text.assemble((f"{side}  ", "dim"), (f"{pack['name']} {pack['version']}", "bold")))
    for change in ("added", "removed"):
        rules = [r for r in data["rules"] if r["change"] == change]
        if rules:
            page.heading(f"{number(len(rules), 'rule')} {change} in b")
            for rule in rules:
                line = Text.assemble(shown(rule["rule"]), ("  ", ""), shown(rule["clause"], "dim"))
                page.print(line.append_text(_on_records(rule)))
    changed = [r for r in data["rules"] if r["change"] == "changed"]
    if changed:
        page.heading(f"{number(len(changed), 'rule')} changed")
        for rule in changed:
            _changed(page, rule)
    if data["declared"]:
        page.heading("Record types and enumerations")
        for line in data["declared"]:
            page.print(shown(line))
    if data["changes"]:
        page.heading(f"{number(len(data['changes']), 'outcome')} that {_differ(data['changes'])}")
        _changes(page, data["changes"], ("a", "b"), {})
    page.print()
    page.print(shown(_verdict(data), _STYLES[data["strictness"]]))
    return page.text()


def _differ(items: Sequence[Any]) -> str:
    return "differs" if len(items) == 1 else "differ"


def _verdict(data: Mapping[str, Any]) -> str:
    if not (data["rules"] or data["declared"] or data["changes"]):
        return f"The packs say the same: {number(data['unchanged'], 'rule')}."
    said = (_SAYS_ON_RECORDS if data["by"] == "records" else _SAYS)[data["strictness"]]
    return f"As a whole: {said}. {number(data['unchanged'], 'rule')} unchanged."


def _changed(page: Page, rule: Mapping[str, Any]) -> None:
    page.print()
    head = Text.assemble(("■ ", _STYLES[rule["strictness"]]), shown(rule["rule"], "bold"), ("  ", ""))
    page.print(head.append_text(shown(rule["clause"], "dim")))
    table = grid()
    for name in ("part", "a", "b", "effect"):
        table.add_column(name, overflow="fold")
    for part, texts in rule["parts"].items():
        effect = rule["effects"].get(part, "")
        table.add_row(
            shown(part), *(_text(part, texts[side]) for side in ("a", "b")), shown(effect, _STYLES.get(effect, ""))
        )
    page.print(Padding(table, (0, 0, 0, 2)))
    said = (_SAYS_ON_RECORDS if rule["by"] == "records" else _SAYS)[rule["strictness"]]
    line = shown(said, _STYLES[rule["strictness"]])
    if rule["why"]:
        line.append(f"; by the rules alone: {rule['why']}" if rule["by"] == "records" else f": {rule['why']}", "dim")
    page.print(Padding(line.append_text(_on_records(rule)), (0, 0, 0, 2)))


def _text(part: str, text: str) -> Text:
    """What a part says; of what decides nothing only the beginning."""
    whole = part in ("when", "require", "due") or len(text) <= 50
    return shown(text if whole else text[:49] + "…")


def _on_records(rule: Mapping[str, Any]) -> Text:
    seen = rule["records"]
    if seen is None or not any(seen.values()):
        return Text()
    more = number(seen["violation"], "more violation")
    text = f"  ({more}, {seen['ended']:,} fewer, {number(seen['other'], 'other change')})"
    return Text(text, style="dim")


def between_table(data: Mapping[str, Any], due: Mapping[str, str], width: int = 120, color: bool = False) -> str:
    """What changes between two dates as text; `due` are the due dates of rules that have one."""
    page = Page(width, color)
    head = Text(f"{data['pack']['name']} {data['pack']['version']}", style="bold")
    page.print(head.append(f" · as of {data['as_of']} and as of {data['and_as_of']}", style="not bold"))
    _changes(page, data["changes"], (data["as_of"], data["and_as_of"]), due)
    page.print()
    counts = data["counts"]
    style = "bold red" if counts["violation"] else "green"
    if not data["changes"]:
        page.print(shown("Nothing changes between the two dates.", style))
        page.print(shown("两个判定日期之间没有变化。", style))
    else:
        becomes = number(counts["violation"], "becomes a violation", "become violations")
        ends = number(counts["ended"], "stops being one", "stop being one")
        page.print(shown(f"{becomes}; {ends}; {number(counts['other'], 'other change')}.", style))
        zh = f"新增不符合{counts['violation']}项；不再不符合{counts['ended']}项；其他变化{counts['other']}项。"
        page.print(shown(zh, style))
    return page.text()


def _changes(page: Page, changes: Sequence[Mapping[str, Any]], names: tuple[str, str], due: Mapping[str, str]) -> None:
    by_rule: dict[str, list[Mapping[str, Any]]] = {}
    for change in changes:
        by_rule.setdefault(change["rule"], []).append(change)
    for rule, rows in sorted(by_rule.items(), key=lambda item: min(_ORDER.index(c["effect"]) for c in item[1])):
        page.print()
        head = Text.assemble(shown(rule, "bold"), ("  ", ""), shown(rows[0]["clause"], "dim"))
        if rule in due:
            head.append(f"  due {due[rule]}", style="dim")
        page.print(head)
        table = grid()
        columns = ("", *names, "observed", "limit", "margin", "unit", "missing")
        for name in columns:
            table.add_column(name, overflow="fold", justify="right" if name in ("margin", "limit") else "left")
        for row in rows[:ROWS]:
            judged = row["record_id"] if row["record_id"] is not None else row["subject"] or "(all)"
            table.add_row(
                shown(judged),
                shown(_outcome(row["before"])),
                shown(_outcome(row["after"]), _EFFECTS[row["effect"]]),
                shown(brief(row["observed"])),
                shown(_both(row["limit_before"], row["limit_after"])),
                shown(_both(row["margin_before"], row["margin_after"])),
                shown(row["unit"]),
                shown(", ".join(row["missing"]), "yellow"),
            )
        page.print(Padding(table, (0, 0, 0, 2)))
        if len(rows) > ROWS:
            text = f"and {len(rows) - ROWS:,} more: the format json lists all of them"
            page.print(Padding(shown(text, "dim"), (0, 0, 0, 2)))


def _outcome(outcome: str | None) -> str:
    return "—" if outcome is None else outcome_words(outcome).en


def _both(before: Any, after: Any) -> str:
    """One value where both are the same or only one is there, else both."""
    texts = [brief(v) for v in (before, after) if v is not None]
    return " -> ".join(dict.fromkeys(texts))
