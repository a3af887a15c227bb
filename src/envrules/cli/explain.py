"""`envrules explain`: why a rule has its outcome on a record, how a screened case was answered, what a code means."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from envrules.cli.arguments import (
    DEFAULT_PACK,
    AsOf,
    Mapping,
    Pack,
    Places,
    Subjects,
    parse_inputs,
    parse_places,
    parse_subjects,
)
from envrules.cli.screen import Diagram, check_call, draw
from envrules.cli.streams import color, is_terminal, put, width
from envrules.diagnostics import CallError, Diagnostic, nearest


def explain(
    what: Annotated[
        str,
        typer.Argument(
            metavar="RULE|CODE|PROJECT",
            help="A rule's id, the code of a problem, or the file of a project to screen.",
            show_default=False,
        ),
    ],
    files: Annotated[
        list[str] | None,
        typer.Argument(metavar="FILE", help="Tables of records, as for check.", show_default=False),
    ] = None,
    record: Annotated[
        str | None,
        typer.Option(
            "--record",
            "-r",
            metavar="ID",
            help="The record's id, or the group as findings name it; of several projects, which one.",
            show_default=False,
        ),
    ] = None,
    pack: Pack = DEFAULT_PACK,
    as_of: AsOf = None,
    mapping: Mapping = None,
    subjects: Subjects = None,
    places: Places = None,
    diagram: Diagram = None,
    language: Annotated[str, typer.Option("--language", metavar="en|zh", help="Of the diagram.")] = "en",
) -> None:
    """Explain an outcome, a screened project, a rule or a problem.

    `explain RULE --record ID FILE...` shows why a record has the outcome it has, `explain PROJECT` how the answer to a
    screened project came about (with `--diagram` also as a picture), `explain RULE` the rule, and `explain CODE` what
    the code of a problem means and how to mend it.
    """
    if _is_project(what):
        put(_screened([what, *(files or ())], pack, as_of, parse_places(places), record, diagram, language))
        return
    if diagram is not None:
        hint = "envrules explain PROJECT --diagram chain.svg"
        raise CallError([Diagnostic("call-value", "--diagram", "a diagram shows a screened project", hint=hint)])
    if record is None and not files:
        put(_page_or_rule(what, pack))
        return
    if record is None or not files:
        lacking = "which record (--record ID)" if record is None else "the files with the records"
        hint = f"envrules explain {what} --record ID FILE..."
        raise CallError([Diagnostic("call-value", "explain", f"to explain an outcome, say {lacking}", hint=hint)])

    from envrules import api
    from envrules.report.inert import visible

    result = api.check(
        pack,
        parse_inputs(files),
        as_of=as_of,
        mapping=mapping,
        subjects=parse_subjects(subjects),
        places=parse_places(places),
        rules=_literally(what),
    )
    text = result.explain(record, what).text()
    put(visible(text, keep="\n").rstrip("\n") + "\n")


def _is_project(what: str) -> bool:
    """Whether a word is a file of projects: a rule's id has dots too, but ends with none of these."""
    from envrules.records.files import SUFFIXES
    from envrules.screening.sources import DOCUMENT_SUFFIXES

    path = Path(what)
    return path.suffix.lower() in (*DOCUMENT_SUFFIXES, *SUFFIXES) or path.is_dir()


def _screened(
    sources: list[str],
    pack: str,
    as_of: str | None,
    places: dict[str, Any] | None,
    record: str | None,
    diagram: str | None,
    language: str,
) -> str:
    """The chain of one screened project as a tree; as a picture too, where one is asked for."""
    from envrules.report.inert import visible
    from envrules.screening.screen import screen_all

    check_call(language, diagram)
    decisions = screen_all(pack, sources, as_of=as_of, places=places).decisions
    chosen = [d for d in decisions if record in (None, d.id)]
    if len(chosen) != 1:
        ids = [d.id for d in decisions]
        what = f"there are {len(ids)} projects here; an explanation shows one" if record is None else (
            f"{record} is no project here"
        )  # fmt: skip
        hint = "--record ID" if record is None else nearest(record, ids)
        raise CallError([Diagnostic("call-value", "--record", what, expected=", ".join(ids[:9]), hint=hint)])
    if diagram is not None:
        draw(chosen[0], diagram, language)
    return visible(chosen[0].explain().text(), keep="\n") + "\n"


def _literally(rule: str) -> str:
    """A rule's id as a pattern that fits nothing else."""
    return rule.replace("[", "[[]").replace("*", "[*]").replace("?", "[?]")


def _page_or_rule(what: str, pack: str) -> str:
    from envrules.report.pages import codes, read_page, render_page

    # A page is looked for first, so that it is there when the pack itself cannot be loaded.
    page = read_page(what)
    if page is not None:
        return render_page(page, width(), color(sys.stdout)) if is_terminal(sys.stdout) else page
    from envrules import api
    from envrules.report.rulebook import rule_text

    loaded = api.load_pack(pack)
    if what in loaded.rules:
        return rule_text(loaded, loaded.rules[what], width(), color(sys.stdout))
    hint = nearest(what, [*loaded.rules, *codes()])
    wrong = f"{what!r} is neither a rule of {loaded.name} nor the code of a problem"
    raise CallError([Diagnostic("unknown-rule", "explain", wrong, hint=hint)])
