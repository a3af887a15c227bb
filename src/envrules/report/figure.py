"""Margins as a figure: how far each finding lies on the wrong side of its limit. matplotlib is an extra."""

from __future__ import annotations

from typing import Any

from envrules.diagnostics import CallError, Diagnostic
from envrules.report.base import ReportData


def margins_figure(data: ReportData, rule: str | None = None) -> Any:
    """A matplotlib figure: a bar for each finding with a margin, relative to its limit, worst first.

    Raises:
        CallError: `extra-missing` without matplotlib, `nothing-to-plot` where no finding has a margin.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise CallError(
            [
                Diagnostic(
                    "extra-missing", "plot", "matplotlib is not installed", hint="pip install 'envrules[notebook]'"
                )
            ]
        ) from None

    class MarginsFigure(Figure):
        """A figure that shows itself in a notebook without a global plotting state."""

        def _repr_png_(self) -> bytes:
            from io import BytesIO

            out = BytesIO()
            self.savefig(out, format="png", dpi=110)
            return out.getvalue()

    rows = [
        (v, float(v.margin) / abs(float(v.limit)) * 100)
        for v in data.verdicts
        if v.margin is not None and isinstance(v.limit, int | float) and v.limit and rule in (None, v.rule)
    ]
    if not rows:
        raise CallError([Diagnostic("nothing-to-plot", "plot", "no finding has a margin to a number")])
    rows = sorted(rows, key=lambda r: r[1])[:40]
    figure = MarginsFigure(figsize=(8, max(2.0, 0.3 * len(rows) + 1)), layout="constrained")
    axes = figure.subplots()
    names = [f"{v.record_id or v.subject}  {v.rule}" for v, _ in rows]
    colours = ["#b3261e" if v.outcome == "violation" else "#b88400" for v, _ in rows]
    axes.barh(range(len(rows)), [m for _, m in rows], color=colours)
    axes.set_yticks(range(len(rows)), names, fontsize=8)
    axes.invert_yaxis()
    axes.axvline(0, color="#333", linewidth=0.8)
    axes.set_xlabel("margin, % of the limit (left of 0: on the wrong side)")
    axes.set_title(f"{data.pack_name}, as of {data.as_of}", fontsize=10)
    return figure
