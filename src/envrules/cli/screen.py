"""`envrules screen`: construction projects with what belongs to them, to refuse, ask or clear."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from envrules.cli.arguments import DEFAULT_PACK, AsOf, Pack
from envrules.cli.streams import put, say
from envrules.diagnostics import CallError, Diagnostic

if TYPE_CHECKING:
    from envrules.records.values import Value
    from envrules.screening.answer import Question
    from envrules.screening.decision import Decision
    from envrules.screening.screen import Screened


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
    diagram: Annotated[
        str | None,
        typer.Option(
            "--diagram",
            metavar="FILE",
            help="Draw the chain from facts to answer: .svg, or .mmd for Mermaid. Of one project.",
            show_default=False,
        ),
    ] = None,
    lenient: Annotated[bool, typer.Option("--lenient", help="Exit 0 also where something is open.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No messages but errors.")] = False,
) -> None:
    """Screen construction projects before approval: refuse, ask or clear.

    Exits with 0 where all are clear, 1 where one is refused, 2 where the input, the pack or the call is wrong, 3 where
    none is refused but something has to be asked.
    """
    for name, value, known in (("--format", format, ("table", "json")), ("--language", language, ("en", "zh"))):
        if value not in known:
            raise CallError([Diagnostic("call-value", name, f"{value!r} is no choice", ", ".join(known))])
    if diagram is not None and not diagram.lower().endswith((".svg", ".mmd")):
        raise CallError([Diagnostic("call-value", "--diagram", f"{diagram} is neither", "a name in .svg or .mmd")])
    from envrules.report.output import refuse_early, write_output

    for file in (out, diagram):
        if file is not None:
            refuse_early(file)
    from dataclasses import replace

    from envrules.cli.progress import progress
    from envrules.report.inert import visible
    from envrules.screening.screen import screen_all

    with progress(not quiet) as advance:
        found = screen_all(pack, projects, as_of=as_of, engine=engine, progress=advance)
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
        one = found.decisions[0]
        write_output(diagram, one.to_svg(language) if diagram.lower().endswith(".svg") else one.to_mermaid(language))
    text = _render(found, format, language, explain)
    if out is None:
        put(text)
    else:
        write_output(out, text)
    raise typer.Exit(found.exit_code(lenient))


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
        say(error.diagnostics[0].what)
        return None
    records = dataset.records[question.record_type]
    value = records[0].value(question.field) if records else Nothing.ABSENT
    if not isinstance(value, Nothing):
        return value
    reasons = [p.reason for p in dataset.problems if p.field == question.field]
    say(reasons[0] if reasons else ("看不懂这个回答" if language == "zh" else "this answer says nothing"))
    return None
