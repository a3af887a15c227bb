"""`envrules track`: remediation tasks over time, in a file of their own."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from envrules.cli.arguments import DEFAULT_PACK, AsOf, Mapping, Pack
from envrules.cli.streams import put, say
from envrules.diagnostics import CallError, Diagnostic, Problems, nearest

if TYPE_CHECKING:
    from envrules.cli.track_tables import Tables
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
On = Annotated[
    str | None, typer.Option("--on", metavar="DATE", help="The day on which it happened.", show_default=False)
]


def _open(db: str, pack: str, create: bool = False, read_only: bool = False) -> Tracker:
    from envrules import api
    from envrules.tracking.tracker import Tracker

    return Tracker(db, api.load_pack(pack), create=create, read_only=read_only)


def _show(format: str, as_dict: Callable[[], Any], as_table: Callable[[Tables], str]) -> None:
    """Put a result in the format asked for."""
    if format == "json":
        from envrules.report.json import dump

        put(dump(as_dict()) + "\n")
    else:
        from envrules.cli.track_tables import Tables

        put(as_table(Tables()))


def _check_format(format: str) -> None:
    if format not in ("table", "json"):
        what, hint = f"tasks are not shown as {format!r}", nearest(format, ("table", "json"))
        raise CallError([Diagnostic("unknown-format", "--format", what, "table, json", hint=hint)])


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
    from envrules.report.inert import visible
    from envrules.report.phrases import number

    with _open(db, pack, create=True) as tracker:
        done = tracker.import_tasks(file, on=on, mapping=mapping)
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
        say(f"{db}: {number(done.events, 'event')} added; tasks: {counts}")
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
) -> None:
    """Record that something happened to a task. It is on the disk when the command ends.

    `correction --corrects ID` puts another day or other fields in the place of an event, `withdrawn --corrects ID`
    takes it back; both stay in the timeline.
    """
    _check_format(format)
    fields = _fields(set_ or [])
    with _open(db, pack) as tracker:
        done = tracker.record_fields(task, kind, on, fields, note=note, corrects=corrects)
        if done.on is not None and done.on > tracker.today():
            say(f"event {done.id} lies in the future; it counts from {done.on} on")
        _show(format, done.as_dict, lambda tables: tables.timeline(task, [done], ""))


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
    _check_format(format)
    from envrules import api
    from envrules.tracking.kinds import kinds_of

    found = list(kinds_of(api.load_pack(pack).records["task"]).values())
    rows = [{"kind": k.name, "en": k.label.en, "zh": k.label.zh, "says": k.says()} for k in found]
    _show(format, lambda: rows, lambda tables: tables.kinds(rows))


@app.command("alerts")
def alerts(
    as_of: AsOf = None,
    known_on: KnownOn = None,
    undecided: Annotated[
        bool, typer.Option("--undecided", help="Also the tasks of which it cannot be said, with what is missing.")
    ] = False,
    open_only: Annotated[bool, typer.Option("--open", help="Only tasks without a day of completion.")] = False,
    db: Db = DEFAULT_DB,
    pack: Pack = DEFAULT_PACK,
    format: Format = "table",
) -> None:
    """List the tasks with an alert, the worst first, with days overdue and the clause."""
    _check_format(format)
    with _open(db, pack) as tracker:
        found = tracker.alerts(as_of, known_on, undecided=True, open_only=open_only)
        day = tracker.day(as_of)
    raised = [a for a in found if a.outcome == "violation"]
    left = len(found) - len(raised)
    shown = found if undecided else raised
    _show(
        format,
        lambda: {"as_of": day, "known_on": known_on, "undecided": left, "alerts": [a.as_dict() for a in shown]},
        lambda tables: tables.alerts(day, shown, left, undecided),
    )
    raise typer.Exit(1 if raised else 3 if left else 0)


@app.command("due")
def due(
    within: Annotated[str, typer.Option("--within", metavar="DAYS", help="How far to look ahead: 30d, or 30.")] = "30d",
    as_of: AsOf = None,
    known_on: KnownOn = None,
    db: Db = DEFAULT_DB,
    pack: Pack = DEFAULT_PACK,
    format: Format = "table",
) -> None:
    """List the tasks that will be overdue within so many days if nothing happens."""
    _check_format(format)
    digits = within.strip().lower().removesuffix("天").removesuffix("d").strip()
    if not digits.isdecimal():
        what = f"{within!r} is no number of days"
        raise CallError([Diagnostic("call-value", "--within", what, "a whole number of days such as 30d")])
    with _open(db, pack) as tracker:
        found = tracker.due(int(digits), as_of, known_on)
        day = tracker.day(as_of)
    _show(
        format,
        lambda: {"as_of": day, "known_on": known_on, "within": int(digits), "due": [d.as_dict() for d in found]},
        lambda tables: tables.due(day, int(digits), found),
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
) -> None:
    """Show the events of a task in the order of their days, corrected ones too, and its level at the end."""
    _check_format(format)
    with _open(db, pack) as tracker:
        events = tracker.timeline(task, as_of, known_on)
        level = tracker.level(task, as_of, known_on)
    _show(
        format,
        lambda: {"task": task, "level": level, "events": [e.as_dict() for e in events]},
        lambda tables: tables.timeline(task, events, level),
    )


@app.command("board")
def board(
    as_of: AsOf = None,
    known_on: KnownOn = None,
    db: Db = DEFAULT_DB,
    pack: Pack = DEFAULT_PACK,
    format: Format = "table",
) -> None:
    """Count the tasks at each level, by unit."""
    _check_format(format)
    with _open(db, pack) as tracker:
        rows = tracker.board(as_of, known_on)
        day = tracker.day(as_of)
    _show(
        format,
        lambda: {"as_of": day, "known_on": known_on, "units": [r.as_dict() for r in rows]},
        lambda tables: tables.board(day, rows),
    )
