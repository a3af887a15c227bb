"""`envrules track`: remediation tasks over time, in a file of their own."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import fields
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from envrules.cli.arguments import DEFAULT_PACK, AsOf, Mapping, Pack
from envrules.cli.streams import put, say
from envrules.diagnostics import CallError, Diagnostic, Problems, nearest
from envrules.request import choice

if TYPE_CHECKING:
    from envrules.cli.track_tables import Tables
    from envrules.pack.pack import Pack as Pack_
    from envrules.tracking.tracker import Tracker

app = typer.Typer(
    name="track",
    help="Follow remediation tasks over time. Events are appended to one file and never changed.",
    epilog="Exit codes of alerts: 0 none; 1 there are alerts; 2 wrong input or call; 3 only tasks left open.",
    no_args_is_help=True,
)

Db = Annotated[str, typer.Option("--db", metavar="FILE", help="The file of the tracker.")]
DEFAULT_DB = "tasks.sqlite"
KnownOn = Annotated[
    str | None,
    typer.Option(
        "--known-on",
        metavar="DATE",
        help="By what had been recorded by then; all that is known by default.",
        show_default=False,
    ),
]
Format = Annotated[str, typer.Option("--format", "-f", metavar="table|json", help="How to show it.")]
Listed = Annotated[str, typer.Option("--format", "-f", metavar="table|json|csv", help="How to show it.")]
Language = Annotated[str, typer.Option("--language", metavar="en|zh", help="Of tables and their words.")]
_FORMATS: Final = ("table", "json")
_LISTED: Final = ("table", "json", "csv")
On = Annotated[
    str | None, typer.Option("--on", metavar="DATE", help="The day on which it happened.", show_default=False)
]


def _open(db: str, pack: str, create: bool = False) -> Tracker:
    from envrules import api
    from envrules.tracking.tracker import Tracker

    return Tracker(db, api.load_pack(pack), create=create)


@contextmanager
def _ask(db: str, pack: str) -> Iterator[Tracker]:
    # A command asks once and ends; looking for cycles among a million values meanwhile would take a fifth longer.
    gc.disable()
    try:
        with _open(db, pack) as tracker:
            yield tracker
    finally:
        gc.enable()


def _show(
    format: str,
    as_dict: Callable[[], Any],
    as_table: Callable[[], str],
    columns: Sequence[str] = (),
    rows: Callable[[], Iterable[dict[str, Any]]] = list,
) -> None:
    """Put a result in the format asked for."""
    if format == "json":
        from envrules.report.json import dump

        put(dump(as_dict()) + "\n")
    elif format == "csv":
        from envrules.report.csv import table

        put(table(columns, ({name: row.get(name) for name in columns} for row in rows())))
    else:
        put(as_table())


def _tables(pack: Pack_, language: str) -> Tables:
    from envrules.cli.track_tables import Tables
    from envrules.cli.track_words import TrackWords

    return Tables(TrackWords(pack, pack.records["task"], language))


def _check_choices(format: str, language: str = "en", formats: Sequence[str] = _FORMATS) -> None:
    if format not in formats:
        what, hint = f"tasks are not shown as {format!r} here", nearest(format, formats)
        raise CallError([Diagnostic("unknown-format", "--format", what, ", ".join(formats), hint=hint)])
    choice("--language", language, ("en", "zh"))


@app.command("init")
def init(db: Db = DEFAULT_DB, pack: Pack = DEFAULT_PACK) -> None:
    """Make an empty file; one that is there already is left as it is."""
    from pathlib import Path

    there = Path(db).exists() and Path(db).stat().st_size > 0
    with _open(db, pack, create=True):
        say(f"{db}: it is a tracker's file already" if there else f"{db}: made; nothing is recorded in it")


@app.command("import")
def import_list(
    file: Annotated[str, typer.Argument(metavar="FILE", help="A list of tasks, such as tasks.xlsx.")],
    db: Db = DEFAULT_DB,
    pack: Pack = DEFAULT_PACK,
    on: Annotated[
        str | None,
        typer.Option(
            "--on",
            metavar="DATE",
            help="The day that the list is of. Without one, new tasks count from the start.",
            show_default=False,
        ),
    ] = None,
    mapping: Mapping = None,
) -> None:
    """Read a list of tasks: new ones are opened, of known ones what differs is recorded.

    A list that was read before adds nothing. Exits with 3 where a cell could not be read.
    """
    from envrules import api
    from envrules.report.inert import visible
    from envrules.report.phrases import number
    from envrules.tracking.tracker import Tracker, day_named

    loaded = api.load_pack(pack)
    # A list that cannot be read, or a day that is none, makes no file.
    found, day = Tracker.read_list(loaded, file, mapping), None if on is None else day_named(on, "--on")
    with Tracker(db, loaded) as tracker:
        made = tracker.made
        done = tracker.import_tasks(found, on=day)
    for warning in done.warnings:
        say(visible(warning.line()))
    for problem in done.problems:
        say(visible(f"{problem.source}:{problem.row}:{problem.column}: warning[{problem.code}] {problem.reason}"))
    if done.read_before is not None:
        say(
            f"a list with this content was read on {done.read_before}; nothing was added (a newer one has its own --on)"
        )
    else:
        counts = f"{done.opened} opened, {done.changed} changed, {done.unchanged} unchanged"
        new = " (a new file)" if made else ""
        say(visible(f"{db}{new}: {number(done.events, 'event')} added; tasks: {counts}"))
    raise typer.Exit(3 if done.problems else 0)


@app.command("event")
def event(
    task: Annotated[str, typer.Argument(metavar="TASK", help="The id of the task.")],
    kind: Annotated[str, typer.Argument(metavar="KIND", help="What happened, such as completed or 自验; see `kinds`.")],
    on: On = None,
    set_: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="FIELD=VALUE",
            help="What it says of the task: due_on=2021-06-30. May be repeated.",
            show_default=False,
        ),
    ] = None,
    note: Annotated[str, typer.Option("--note", metavar="TEXT", help="A remark.", show_default=False)] = "",
    corrects: Annotated[
        int | None,
        typer.Option("--corrects", metavar="ID", help="The event in whose place this one stands.", show_default=False),
    ] = None,
    db: Db = DEFAULT_DB,
    pack: Pack = DEFAULT_PACK,
    format: Format = "table",
    language: Language = "en",
) -> None:
    """Record that something happened to a task. It is on the disk when the command ends.

    `correction --corrects ID` puts another day or other fields in the place of an event, `withdrawn --corrects ID`
    takes it back; both stay in the timeline.
    """
    _check_choices(format, language)
    fields = _fields(set_ or [])
    with _open(db, pack) as tracker:
        done = tracker.record_fields(task, kind, on, fields, note=note, corrects=corrects)
        if done.repeated:
            say(f"this was recorded before, as event {done.id} on {done.recorded_on}; nothing was added")
        elif done.on is not None and done.on > tracker.today():
            say(f"event {done.id} lies in the future; it counts from {done.on} on")
        _show(format, done.as_dict, lambda: _tables(tracker.pack, language).timeline(task, [done], {}))


def _fields(given: list[str]) -> dict[str, str]:
    problems = Problems()
    found: dict[str, str] = {}
    for one in given:
        name, equals, value = one.partition("=")
        if not equals or not name.strip():
            what = f"{one!r} does not say which field has which value"
            problems.error("call-value", "--set", what, expected="FIELD=VALUE, such as due_on=2021-06-30")
        found[name.strip()] = value
    problems.raise_errors(CallError)
    return found


@app.command("kinds")
def kinds(pack: Pack = DEFAULT_PACK, format: Format = "table") -> None:
    """List the kinds of events that a pack's tasks may have."""
    _check_choices(format)
    from envrules import api
    from envrules.tracking.kinds import kinds_of
    from envrules.tracking.tracker import task_type

    loaded = api.load_pack(pack)
    found = list(kinds_of(task_type(loaded)).values())
    rows = [{"kind": k.name, "en": k.label.en, "zh": k.label.zh, "says": k.says()} for k in found]
    _show(format, lambda: rows, lambda: _tables(loaded, "en").kinds(rows))


@app.command("alerts")
def alerts(
    as_of: AsOf = None,
    known_on: KnownOn = None,
    undecided: Annotated[
        bool, typer.Option("--undecided", help="Also the tasks of which it cannot be said, with what is missing.")
    ] = False,
    open_only: Annotated[bool, typer.Option("--open", help="Only tasks that are not completed.")] = False,
    db: Db = DEFAULT_DB,
    pack: Pack = DEFAULT_PACK,
    format: Listed = "table",
    language: Language = "en",
) -> None:
    """List the tasks with an alert, the worst first, with days overdue and the clause."""
    _check_choices(format, language, _LISTED)
    from envrules.tracking.answers import Alert

    with _ask(db, pack) as tracker:
        day, known = tracker.day(as_of), tracker.known_on(known_on)
        found = tracker.alerts(day, known, undecided=undecided, open_only=open_only)
    raised = any(a.outcome == "violation" for a in found)
    _show(
        format,
        lambda: {
            "as_of": day, "known_on": known, "undecided": found.undecided, "alerts": [a.as_dict() for a in found]
        },
        lambda: _tables(tracker.pack, language).alerts(day, known, found, undecided),
        [f.name for f in fields(Alert)],
        lambda: [a.as_dict() for a in found],
    )  # fmt: skip
    raise typer.Exit(1 if raised else 3 if found.undecided else 0)


@app.command("due")
def due(
    within: Annotated[str, typer.Option("--within", metavar="DAYS", help="How far to look ahead: 30d, or 30.")] = "30d",
    as_of: AsOf = None,
    known_on: KnownOn = None,
    db: Db = DEFAULT_DB,
    pack: Pack = DEFAULT_PACK,
    format: Listed = "table",
    language: Language = "en",
) -> None:
    """List the tasks that will be overdue within so many days if nothing happens."""
    _check_choices(format, language, _LISTED)
    digits = within.strip().lower().removesuffix("天").removesuffix("d").strip()
    if not digits.isdecimal():
        what = f"{within!r} is no number of days"
        raise CallError([Diagnostic("call-value", "--within", what, "a whole number of days such as 30d")])
    days = int(digits[:20])
    from envrules.tracking.answers import Due

    with _ask(db, pack) as tracker:
        day, known = tracker.day(as_of), tracker.known_on(known_on)
        found = tracker.due(days, day, known)
    _show(
        format,
        lambda: {"as_of": day, "known_on": known, "within": days, "due": [d.as_dict() for d in found]},
        lambda: _tables(tracker.pack, language).due(day, known, days, found),
        [f.name for f in fields(Due)],
        lambda: [d.as_dict() for d in found],
    )


@app.command("timeline")
def timeline(
    task: Annotated[str, typer.Argument(metavar="TASK", help="The id of the task.")],
    as_of: Annotated[
        str | None,
        typer.Option("--as-of", metavar="DATE", help="Only what had happened by then.", show_default=False),
    ] = None,
    known_on: KnownOn = None,
    db: Db = DEFAULT_DB,
    pack: Pack = DEFAULT_PACK,
    format: Format = "table",
    language: Language = "en",
) -> None:
    """Show the events of a task in the order of their days, corrected ones too, and its level at the end."""
    _check_choices(format, language)
    with _ask(db, pack) as tracker:
        day, known = tracker.day(as_of), tracker.known_on(known_on)
        events = tracker.timeline(task, as_of, known)
        levels = tracker.levels(task, day, known)
    _show(
        format,
        lambda: {
            "task": task, "as_of": day, "known_on": known, "levels": levels, "events": [e.as_dict() for e in events]
        },
        lambda: _tables(tracker.pack, language).timeline(task, events, levels, day),
    )  # fmt: skip


@app.command("board")
def board(
    as_of: AsOf = None,
    known_on: KnownOn = None,
    db: Db = DEFAULT_DB,
    pack: Pack = DEFAULT_PACK,
    format: Listed = "table",
    language: Language = "en",
) -> None:
    """Count the tasks at each level, by unit."""
    _check_choices(format, language, _LISTED)
    with _ask(db, pack) as tracker:
        day, known = tracker.day(as_of), tracker.known_on(known_on)
        rows = tracker.board(day, known)
    _show(
        format,
        lambda: {"as_of": day, "known_on": known, "units": [r.as_dict() for r in rows]},
        lambda: _tables(tracker.pack, language).board(day, known, rows),
        ["rule", "clause", "unit", "tasks", "undecided", *(f"level_{name}" for name in tracker.level_names)],
        lambda: [r.as_dict() | {f"level_{name}": count for name, count in r.levels.items()} for r in rows],
    )
