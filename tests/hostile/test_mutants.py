"""A messy file that was spoilt at random ends in a result or in an error of ours: no crash, no hang, no traceback."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from hostile.mutating import mutate
from messy.corpus import messy_files

FILES = list(messy_files())
PAGES = Path(__file__).parents[2] / "docs" / "errors"
#: Guards, far above what any of these files takes.
MEBIBYTES, SECONDS = 800, 60
BATCH = 100

Reader = Callable[[Path], dict[str, Any]]


def read_mutants(seeds: range, reader: Reader) -> None:
    """Reads the file of every seed; the failure names it, for `mutate(FILES, seed, folder)` to give the file again."""
    for seed in seeds:
        with TemporaryDirectory() as folder:
            path = mutate(FILES, seed, Path(folder))
            found = reader(path)
        assert found["end"] in ("refused", "read"), (seed, path.name, found["lines"])
        assert found.get("adds_up", True), (seed, path.name, "the rows of an account do not add up")
        assert found["codes"] or found["end"] == "read", (seed, path.name)
        assert all((PAGES / f"{code}.md").is_file() for code in found["codes"]), (seed, path.name, found["codes"])
        assert found["mebibytes"] <= MEBIBYTES, (seed, path.name)
        assert found["seconds"] <= SECONDS, (seed, path.name)


@pytest.mark.parametrize("first", range(0, 2 * BATCH, BATCH))
def test_spoilt_files(first: int, reader: Reader) -> None:
    read_mutants(range(first, first + BATCH), reader)


@pytest.mark.nightly
@pytest.mark.parametrize("first", range(2 * BATCH, 10_000, BATCH))
def test_many_spoilt_files(first: int, reader: Reader) -> None:
    read_mutants(range(first, first + BATCH), reader)


def test_a_seed_gives_the_same_file_again(tmp_path: Path) -> None:
    for seed in range(20):
        content = []
        for name in ("a", "b"):
            folder = tmp_path / f"{seed}{name}"
            folder.mkdir()
            path = mutate([f for f in FILES if "text" in f.content["file"]], seed, folder)
            content.append((path.name, path.read_bytes()))
        assert content[0] == content[1]
