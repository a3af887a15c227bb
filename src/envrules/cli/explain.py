"""`envrules explain`: why a rule has its outcome on a record, or what the code of a problem means."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from envrules.cli.arguments import DEFAULT_PACK, AsOf, Mapping, Pack, Subjects, parse_inputs, parse_subjects
from envrules.cli.streams import color, is_terminal, put, width
from envrules.diagnostics import CallError, Diagnostic, nearest


def explain(
    what: Annotated[
        str, typer.Argument(metavar="RULE|CODE", help="A rule's id, or the code of a problem.", show_default=False)
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
            help="The record's id, or the group as findings name it.",
            show_default=False,
        ),
    ] = None,
    pack: Pack = DEFAULT_PACK,
    as_of: AsOf = None,
    mapping: Mapping = None,
    subjects: Subjects = None,
) -> None:
    """Explain an outcome, a rule or a problem.

    `explain RULE --record ID FILE...` shows why a record has the outcome it has, `explain RULE` the rule, and
    `explain CODE` what the code of a problem means and how to mend it.
    """
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
        rules=_literally(what),
    )
    text = result.explain(record, what).text()
    put(visible(text, keep="\n").rstrip("\n") + "\n")


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
