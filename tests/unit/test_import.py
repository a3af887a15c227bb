"""What a fresh interpreter loads: an import or a look at the help must not wait for frames, units or a grammar."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = {
    "chinese_calendar",
    "duckdb",
    "durable",
    "lark",
    "narwhals",
    "numpy",
    "openpyxl",
    "pandas",
    "pint",
    "polars",
    "pyarrow",
    "pyspark",
    "python_calamine",
    "xlsxwriter",
}
HELP = """
sys.argv = ["envrules", *{arguments!r}]
from envrules.cli import main
try:
    main()
except SystemExit as ended:
    assert not ended.code, ended.code
"""


def loaded_by(code: str) -> set[str]:
    """The top-level modules that a fresh interpreter holds after it ran the code."""
    script = f"import sys\n{code}\nprint('\\nloaded:', *sorted({{name.partition('.')[0] for name in sys.modules}}))"
    done = subprocess.run(
        [sys.executable, "-X", "utf8", "-c", script], capture_output=True, text=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0, done.stderr
    return set(done.stdout.rpartition("loaded:")[2].split())


def test_importing_the_package_loads_nothing_heavy() -> None:
    assert loaded_by("import envrules") & HEAVY == set()


def test_help_loads_nothing_heavy() -> None:
    assert loaded_by(HELP.format(arguments=["--help"])) & (HEAVY | {"pydantic", "ruamel"}) == set()


@pytest.mark.parametrize("command", ["check", "explain", "rules"])
def test_help_of_a_command_loads_nothing_heavy(command: str) -> None:
    """typer itself asks pydantic to read arguments."""
    assert loaded_by(HELP.format(arguments=[command, "--help"])) & (HEAVY | {"ruamel"}) == set()


def test_every_room_is_a_package() -> None:
    """Without an `__init__.py` a folder imports all the same, but the import contracts do not see it."""
    source = Path(__file__).parents[2] / "src" / "envrules"
    assert [p.parent.name for p in source.rglob("*.py") if not (p.parent / "__init__.py").exists()] == []
