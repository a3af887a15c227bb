"""The command, one file for each: takes arguments apart, calls `api`, `analysis` and `report`, gives an exit code.

Exit codes: 0 everything judged complies; 1 a violation; 2 the input, the pack or the call is wrong; 3 nothing violated,
but something could not be judged; 70 a defect of envrules itself; 130 interrupted.
"""

from __future__ import annotations

import gc
from collections.abc import Sequence
from typing import NoReturn


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command with these arguments, or with those of the process, and exit."""
    # A pack is hundreds of thousands of objects that stay; walking them again and again while it is loaded would be a
    # twentieth of the time that a small file takes.
    gc.set_threshold(50_000, 20, 20)
    from envrules.cli.run import run

    raise SystemExit(run(arguments))
