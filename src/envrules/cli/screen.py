"""`envrules screen`: construction projects with what belongs to them, to refuse, ask or clear."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from envrules.cli.arguments import DEFAULT_PACK, AsOf, Pack, Places, parse_places
from envrules.cli.streams import put, say
from envrules.diagnostics import CallError, Diagnostic
from envrules.request import choice

if TYPE_CHECKING:
    from envrules.records.values import Value
    from envrules.screening.answer import Question
    from envrules.screening.decision import Decision
    from envrules.screening.screen import Screened


Diagram = Annotated[
    str | None,
    typer.Option(
        "--diagram",
        metavar="FILE",
        help="Draw the chain from facts to answer: .svg, or .mmd for Mermaid. Of one project.",
        show_default=False,
    ),
]


def screen(
    projects: Annotated[
        list[str],
        typer.Argument(
            metavar="PROJECT",
            help="Projects: yaml, json, a workbook with a sheet for each record type, tables, or a folder of these.",
            show_default=False,
        ),
    ],
    pack: Pack = DEFAULT_PACK,
    as_of: AsOf = None,
    engine: Annotated[
        str,
        typer.Option(
            "--engine",
            metavar="auto|durable|reference",
            help="Which engine judges; auto: durable-rules where the case fits it.",
        ),
    ] = "auto",
    places: Places = None,
    format: Annotated[str, typer.Option("--format", "-f", metavar="table|json", help="What to write.")] = "table",
    out: Annotated[
        str | None,
        typer.Option("--out", "-o", metavar="FILE", help="Write there instead of to stdout.", show_default=False),
    ] = None,
    language: Annotated[str, typer.Option("--language", metavar="en|zh", help="Of the answers.")] = "en",
    interactive: Annotated[
        bool, typer.Option("--interactive", "-i", help="Ask for what is missing until the case is settled.")
    ] = False,
    explain: Annotated[bool, typer.Option("--explain", help="Show how each answer came about.")] = False,
    diagram: Diagram = None,
    lenient: Annotated[bool, typer.Option("--lenient", help="Exit 0 also where something is open.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No messages but errors.")] = False,
) -> None:
    """Screen construction projects before approval: refuse, ask or clear.

    Exits with 0 where all are clear, 1 where one is refused, 2 where the input, the pack or the call is wrong, 3 where
    none is refused but something has to be asked.
    """
    choice("--format", format, ("table", "json"))
    check_call(language, diagram)
    from envrules.report.output import refuse_early, write_output

    located = parse_places(places)
    if out is not None:
        refuse_early(out)
    from dataclasses import replace

    from envrules.cli.progress import progress
    from envrules.report.inert import visible
    from envrules.screening.screen import screen_all

    with progress(not quiet) as advance:
        found = screen_all(pack, projects, as_of=as_of, engine=engine, places=located, progress=advance)
    if not quiet:
        for warning in found.warnings:
            say(visible(warning.line()))
        for problem in found.problems:
            say(visible(f"{problem.source}:{problem.row}:{problem.column}: {problem.reason} (counts as unknown)"))
    if interactive:
        found = replace(found, decisions=[_asked(d, language) for d in found.decisions])
    if diagram is not None:
        if len(found.decisions) != 1:
            what = f"there are {len(found.decisions)} projects here; a diagram shows one"
            raise CallError([Diagnostic("call-value", "--diagram", what)])
        draw(found.decisions[0], diagram, language)
    text = _render(found, format, language, explain)
    if out is None:
        put(text)
    else:
        write_output(out, text)
    raise typer.Exit(found.exit_code(lenient))


def check_call(language: str, diagram: str | None) -> None:
    """Refuse a language or a diagram that cannot be, before anything is read.

    Raises:
        CallError: with what is wrong.
    """
    choice("--language", language, ("en", "zh"))
    if diagram is None:
        return
    if not diagram.lower().endswith((".svg", ".mmd")):
        raise CallError([Diagnostic("call-value", "--diagram", f"{diagram} is neither", "a name in .svg or .mmd")])
    from envrules.report.output import refuse_early

    refuse_early(diagram)


def draw(decision: Decision, file: str, language: str) -> None:
    """Write the chain of a decision as a picture, or as Mermaid."""
    from envrules.report.output import write_output

    picture = file.lower().endswith(".svg")
    write_output(file, decision.to_svg(language) if picture else decision.to_mermaid(language))


def _render(found: Screened, format: str, language: str, explain: bool) -> str:
    from envrules.report.inert import visible

    if format == "json":
        return found.to_json()
    text = found.text(language) + "\n"
    if explain:
        text += "".join("\n" + visible(d.explain().text(), keep="\n") + "\n" for d in found.decisions)
    return text


def _asked(decision: Decision, language: str) -> Decision:
    """The decision after its questions were asked on the terminal, one at a time, until it is settled."""
    from envrules.screening.screen import rescreen
    from envrules.screening.text import question_text

    passed: set[object] = set()
    zh = language == "zh"
    while decision.decision == "ask":
        question = next((q for q in decision.questions if q.at not in passed and q.record_id is not None), None)
        if question is None:
            break
        say(question_text(question, language))
        say("  （直接回车：不知道）" if zh else "  (Enter: not known)")
        line = sys.stdin.readline()
        if not line:
            break
        value = _value(decision, question, line.strip(), language) if line.strip() else None
        if value is not None:
            decision = rescreen(decision, {question.at: value})
        elif not line.strip():
            passed.add(question.at)
    return decision


def _value(decision: Decision, question: Question, text: str, language: str) -> Value | None:
    """What an answer says, read as a cell would be; None where it cannot be read, which is said."""
    from envrules.diagnostics import InputError
    from envrules.records.read import read_inputs
    from envrules.records.values import Nothing

    pack = decision.case.pack
    try:
        dataset = read_inputs({question.record_type: [{question.field: text}]}, pack.records, pack.units)
    except InputError as error:
        say(_not_understood(question, text, error.diagnostics[0].what, language))
        return None
    records = dataset.records[question.record_type]
    value = records[0].value(question.field) if records else Nothing.ABSENT
    if not isinstance(value, Nothing):
        return value
    reasons = [p.reason for p in dataset.problems if p.field == question.field]
    say(_not_understood(question, text, reasons[0] if reasons else "this answer says nothing", language))
    return None


def _not_understood(question: Question, text: str, reason: str, language: str) -> str:
    """That an answer could not be read, with what could be."""
    from envrules.report.inert import visible

    if language != "zh":
        return visible(reason)
    allowed = "、".join(words.either("zh") for _, words in question.answers)
    return visible(f"无法识别“{text}”" + (f"，可以回答：{allowed}" if allowed else ""))
