"""The process that reads hostile files, so that the tests outlive what it does not."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(scope="module")
def reader() -> Iterator[Callable[[Path], dict[str, Any]]]:
    """What reading a file comes to, as `reader.py` says it."""
    command = [sys.executable, str(Path(__file__).with_name("reader.py"))]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin
        assert process.stdout
        to, out = process.stdin, process.stdout

        def ask(path: Path) -> dict[str, Any]:
            to.write(f"{path}\n")
            to.flush()
            answer: dict[str, Any] = json.loads(out.readline())
            return answer

        yield ask
        to.close()
