"""Reading imports what it needs when it needs it."""

from __future__ import annotations

import subprocess
import sys

HEAVY = ["pandas", "polars", "pyarrow", "narwhals", "numpy", "python_calamine", "pint", "pydantic", "ruamel.yaml"]


def test_the_room_imports_nothing_heavy() -> None:
    code = (
        "import sys, envrules.records.read, envrules.records.cells, envrules.records.sources, envrules.records.rows;"
        f"print([m for m in {HEAVY} if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
