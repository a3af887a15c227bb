"""A few records through the installed command, from a folder without the source: the wheel is whole."""

from __future__ import annotations

import json
import platform
import subprocess
import sys
import tempfile
from pathlib import Path


def run(*arguments: str, expect: int) -> str:
    """What the command prints, after a look at its exit code."""
    command = [str(Path(sys.executable).parent / "envrules"), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
    if done.returncode != expect:
        sys.exit(f"{' '.join(command)}: exit {done.returncode}, not {expect}\n{done.stdout}\n{done.stderr}")
    return done.stdout


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        lots = Path(folder, "煤质台账.csv")
        lots.write_text("id,区域,activity,total_sulfur,basis,sampled_on\nL1,建成区,use,0.9,d,2019-05-01\n", "utf-8")
        found = json.loads(run("check", "--as-of", "2020-12-31", "--format", "json", f"coal_lot={lots}", expect=1))
        violated = [o["rule"] for o in found["outcomes"] if o["outcome"] == "violation"]
        if violated != ["coal.sulfur.built-up"]:
            sys.exit(f"expected one violation, of coal.sulfur.built-up, got {violated}")
    if "unit" not in run("explain", "unit-mismatch", expect=0):
        sys.exit("the pages of the errors are not in the wheel")
    print(f"smoke: Python {platform.python_version()}: passed")


if __name__ == "__main__":
    main()
