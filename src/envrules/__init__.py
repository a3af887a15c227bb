"""envrules: checks records against environmental rules that are data: cited, typed, unit-checked.

>>> import envrules as er
>>> pack = er.load_pack("jiuquan-2018")
>>> pack.rules["reclaimed-water.rate"].require_text
'value >= 20 %'
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from envrules.analysis.changes import Between
    from envrules.analysis.diff import PackDiff
    from envrules.api import between, check, compare, evaluation_date, load_pack, record_model, schema
    from envrules.batch import Batch, BatchChecker, check_batch
    from envrules.diagnostics import CallError, Diagnostic, EnvrulesError, InputError, PackError
    from envrules.pack.pack import Pack, Rule
    from envrules.result import Result
    from envrules.screening.decision import Decision
    from envrules.screening.screen import Screened, screen, screen_all
    from envrules.spark.result import SparkResult
    from envrules.streaming.check import check_stream
    from envrules.streaming.result import StreamResult
    from envrules.tracking.tracker import Tracker
    from envrules.verdict import SummaryRow, Verdict
from envrules.version import __version__

#: The public names; what is not here is private. Each is imported when first used, so that `import envrules` is fast.
__all__ = [
    "Batch",
    "BatchChecker",
    "Between",
    "CallError",
    "Decision",
    "Diagnostic",
    "EnvrulesError",
    "InputError",
    "Pack",
    "PackDiff",
    "PackError",
    "Result",
    "Rule",
    "Screened",
    "SparkResult",
    "StreamResult",
    "SummaryRow",
    "Tracker",
    "Verdict",
    "__version__",
    "between",
    "check",
    "check_batch",
    "check_stream",
    "compare",
    "evaluation_date",
    "load_pack",
    "record_model",
    "schema",
    "screen",
    "screen_all",
]
_HOMES = {
    **dict.fromkeys(("Batch", "BatchChecker", "check_batch"), "batch"),
    "Between": "analysis.changes",
    "PackDiff": "analysis.diff",
    **dict.fromkeys(("between", "check", "compare", "evaluation_date", "load_pack", "record_model", "schema"), "api"),
    **dict.fromkeys(("CallError", "Diagnostic", "EnvrulesError", "InputError", "PackError"), "diagnostics"),
    **dict.fromkeys(("Pack", "Rule"), "pack.pack"),
    "Result": "result",
    "SparkResult": "spark.result",
    "Decision": "screening.decision",
    **dict.fromkeys(("Screened", "screen", "screen_all"), "screening.screen"),
    "StreamResult": "streaming.result",
    "check_stream": "streaming.check",
    "Tracker": "tracking.tracker",
    **dict.fromkeys(("SummaryRow", "Verdict"), "verdict"),
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'envrules' has no attribute {name!r}")
    value = getattr(import_module(f"envrules.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
