"""`envrules check --stream`: what it prints and writes is what a check at once prints and writes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from envrules.cli.progress import rows_progress
from envrules.streaming.memory import is_large

AS_OF = ("--as-of", "2020-12-31", "--rule", "coal.*")


@pytest.fixture
def many(tmp_path: Path) -> Path:
    path = tmp_path / "coal_lot.csv"
    cells = ["0.9", "0.3", "", "n/a", "<1"]
    rows = "".join(f"L{i},built_up,use,{cells[i % 5]},2020-01-05\n" for i in range(40))
    path.write_text(f"id,zone,activity,total_sulfur(%),sampled_on\n{rows}L3,built_up,use,2,2020-01-05\n", "utf-8")
    return path


@pytest.mark.parametrize("form", ["csv", "jsonl", "table"])
def test_the_same_is_printed(run: Any, many: Path, form: str) -> None:
    wanted = run("check", "--no-stream", *AS_OF, "--format", form, many)
    found = run("check", "--stream", *AS_OF, "--format", form, many)
    assert (found.code, found.out) == (wanted.code, wanted.out)
    assert found.err == wanted.err


@pytest.mark.parametrize("name", ["found.csv", "found.jsonl"])
def test_the_same_is_written(run: Any, many: Path, tmp_path: Path, name: str) -> None:
    written = []
    for how in ("--stream", "--no-stream"):
        ran = run("check", how, *AS_OF, "--out", tmp_path / name, many)
        written.append((ran.code, ran.err, (tmp_path / name).read_bytes()))
    assert written[0] == written[1]


def test_the_same_parquet_is_written(run: Any, many: Path, tmp_path: Path) -> None:
    import polars as pl

    for how in ("--stream", "--no-stream"):
        run("check", how, *AS_OF, "--out", tmp_path / f"{how}.parquet", many)
    assert pl.read_parquet(tmp_path / "--stream.parquet").equals(pl.read_parquet(tmp_path / "--no-stream.parquet"))
    about = [pl.read_parquet_metadata(tmp_path / f"{h}.parquet")["envrules.as_of"] for h in ("--stream", "--no-stream")]
    assert about == ["2020-12-31"] * 2


@pytest.mark.parametrize(
    "more", [("--format", "html"), ("--out", "a.xlsx"), ("--rejects", "b.csv"), ("--format", "json")]
)
def test_what_needs_the_whole_table_is_refused(run: Any, many: Path, more: tuple[str, ...]) -> None:
    ran = run("check", "--stream", *AS_OF, *more, many)
    assert ran.code == 2
    assert "error[stream-format]" in ran.err


def test_a_file_is_streamed_where_memory_is_too_small(many: Path, run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not is_large([many], to_file=True)
    monkeypatch.setattr("envrules.streaming.memory.SMALL", 100)
    assert is_large([many], to_file=True)
    assert not is_large([many], to_file=False)
    monkeypatch.setattr("envrules.streaming.memory.available_memory", lambda: 100)
    assert is_large([many], to_file=False)
    assert "error[stream-format]" in run("check", *AS_OF, "--format", "json", many).err


def test_progress_shows_rows_rate_and_time_left_on_a_terminal(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    with rows_progress() as advance:
        assert advance is None  # nobody looks
    monkeypatch.setattr("envrules.cli.progress.is_terminal", lambda stream: True)
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "120")
    with rows_progress() as advance:
        assert advance is not None
        advance("judging", 0, 4000)
        advance("judging", 1000, 4000)
    said = capfd.readouterr().err
    assert "judging" in said
    assert "1,000 of 4,000 rows, " in said
    assert "a second" in said
