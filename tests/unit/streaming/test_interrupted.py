"""A run that is killed, interrupted or out of room leaves neither half an output nor anything set aside."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import polars as pl
import pytest

from envrules.cli.run import run

PACK = Path(__file__).parents[3] / "benchmarks" / "coal" / "coal-limits"
ROWS = 120_000


@pytest.fixture(scope="module")
def lots(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Lots of which most violate something, their ids in no order, so that every stage takes a while."""
    path = tmp_path_factory.mktemp("lots") / "lots.parquet"
    ids = pl.int_range(ROWS, eager=True).shuffle(seed=1).cast(pl.String)
    pl.DataFrame(
        {
            "id": ids,
            "zone": ["built_up", "elsewhere", None, "built_up"] * (ROWS // 4),
            "activity": ["use", "sale"] * (ROWS // 2),
            "total_sulfur": [float(i % 40) / 10 for i in range(ROWS)],
            "ash": [float(i % 50) for i in range(ROWS)],
            "sampled_on": pl.Series(["2019-05-01"] * ROWS).str.to_date(),
        }
    ).write_parquet(path)
    return path


def begin(lots: Path, folder: Path, name: str) -> subprocess.Popen[str]:
    (folder / "tmp").mkdir(exist_ok=True)
    line = ["check", "--stream", "--as-of", "2020-12-31", "--pack", PACK, "--out", folder / name, f"coal_lot={lots}"]
    return subprocess.Popen(
        [sys.executable, "-c", "from envrules.cli import main; main()", *map(str, line)],
        env={**os.environ, "TMPDIR": str(folder / "tmp")},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has files without a name")
def test_a_kill_at_any_moment_leaves_nothing_half(lots: Path, tmp_path: Path) -> None:
    began = time.monotonic()
    whole = begin(lots, tmp_path, "whole.parquet")
    whole.communicate()
    taken = time.monotonic() - began
    assert whole.returncode == 1
    wanted = pl.read_parquet(tmp_path / "whole.parquet")
    chance = random.Random(5)
    for number in range(4):
        name = ("a.csv", "a.parquet")[number % 2]
        (tmp_path / name).unlink(missing_ok=True)
        process = begin(lots, tmp_path, name)
        time.sleep(chance.uniform(0.3, 1.0) * taken)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        left = {p.name for p in tmp_path.iterdir()} - {"tmp", "whole.parquet", "a.csv", "a.parquet"}
        assert (left, list((tmp_path / "tmp").iterdir())) == (set(), [])
        if (tmp_path / name).exists():
            read = pl.read_parquet if name.endswith("parquet") else pl.read_csv
            assert len(read(tmp_path / name)) == len(wanted)


def test_an_interruption_says_so_and_leaves_the_old_file(lots: Path, tmp_path: Path) -> None:
    (tmp_path / "old.csv").write_text("old")
    process = begin(lots, tmp_path, "old.csv")
    time.sleep(1.6)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    if process.returncode == 1:
        pytest.skip("it was done before it could be interrupted")
    assert (process.returncode, said.splitlines()[-1]) == (130, "interrupted")
    assert (tmp_path / "old.csv").read_text() == "old"
    assert {p.name for p in tmp_path.iterdir()} == {"old.csv", "tmp"}
    assert list((tmp_path / "tmp").iterdir()) == []


@pytest.mark.skipif(sys.platform != "linux", reason="/dev/full is Linux's")
@pytest.mark.parametrize("kind", ["parquet", "csv", "jsonl"])
def test_a_full_disk_is_said(lots: Path, capfd: pytest.CaptureFixture[str], kind: str) -> None:
    line = ["check", "--stream", "--quiet", "--as-of", "2020-12-31", "--pack", str(PACK), "--format", kind]
    assert run([*line, "--rule", "coal.ash.*", "--out", "/dev/full", f"coal_lot={lots}"]) == 2
    said = capfd.readouterr().err
    assert "error[output-not-writable] the output file cannot be written: No space left on device" in said


def test_no_room_to_set_aside_is_said(
    lots: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    class Full:
        def __init__(self, **more: object) -> None: ...

        def seek(self, at: int) -> None: ...

        def write(self, data: bytes) -> int:
            raise OSError(28, "No space left on device")

        def close(self) -> None: ...

    monkeypatch.setattr("envrules.records.columns.spill.tempfile.TemporaryFile", Full)
    monkeypatch.setattr("envrules.records.columns.spill._HELD", 1000)
    out = tmp_path / "out.parquet"
    line = ["check", "--stream", "--quiet", "--as-of", "2020-12-31", "--pack", str(PACK), "--out", str(out)]
    assert run([*line, f"coal_lot={lots}"]) == 2
    assert "error[spill-not-writable] records cannot be set aside on disk: No space left" in capfd.readouterr().err
    assert list(tmp_path.iterdir()) == []
