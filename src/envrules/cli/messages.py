"""What the command says of its inputs while the result goes elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from envrules.cli.streams import say

if TYPE_CHECKING:
    from envrules.report.base import ReportData


def messages(data: ReportData, in_report: bool) -> None:
    """Say what a person should know of the inputs."""
    from envrules.report.inert import visible
    from envrules.report.phrases import account_text, number

    for warning in data.warnings:
        say(visible(warning.line()))
    if not in_report:
        for account in data.accounts:
            say(visible(account_text(account, data.judged(account))))
    if data.problems and not in_report:
        say(
            f"{number(data.problems_in_all, 'problem')} in the data: "
            "what cannot be used counts as unknown, never as zero"
        )
