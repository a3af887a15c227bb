"""`envrules check --engine spark`: what is written, what is shown, how it ends."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import envrules as er
from clustered import DAY, PACK, lots
from envrules.cli.run import run


def checked(capfdbinary: Any, *arguments: str) -> tuple[int, str, str]:
    code = run(["check", "--as-of", DAY, "--engine", "spark", *arguments])
    out, err = capfdbinary.readouterr()
    return code, out.decode(), err.decode()


def test_workers_write_a_folder_and_the_counts_are_shown(spark: Any, tmp_path: Path, capfdbinary: Any) -> None:
    file, out = tmp_path / "coal_lot.parquet", tmp_path / "found"
    pq.write_table(lots(450), file)
    code, shown, said = checked(capfdbinary, str(file), "--rule", "coal.*", "--out", str(out))
    here = er.check(PACK, {"coal_lot": str(file)}, as_of=DAY, rules="coal.*")
    assert code == here.exit_code() == 1
    assert "engine spark" in shown
    sulfur = next(line for line in shown.splitlines() if line.startswith("coal.sulfur.built-up"))
    assert str(here.counts["coal.sulfur.built-up"]["violation"]) in sulfur.split()
    assert {"coal_lot", "450", "449", "1"} <= set(shown.split())
    assert pq.read_table(out / "kind=outcome").num_rows == len(here.verdicts)
    listed = len([p for p in here.problem_list if p.code != "duplicate-id"])
    assert f"{out}: {len(here.verdicts)} rows in kind=outcome, {listed} rows in kind=problem" in said
    assert "1 id that several records have" in said


def test_small_tables_of_other_kinds_are_read_here(spark: Any, tmp_path: Path, capfdbinary: Any) -> None:
    pq.write_table(pa.table({"id": ["A"], "capacity": [5.0]}), tmp_path / "boiler.parquet")
    (tmp_path / "coal_lot.csv").write_text("id,zone,activity,total_sulfur\nL1,built_up,use,0.9 %\n", "utf-8")
    files = [str(tmp_path / n) for n in ("boiler.parquet", "coal_lot.csv")]
    code, shown, said = checked(capfdbinary, *files, "--rule", "coal.sulfur.*", "--rule", "boiler.*")
    assert code == 1
    assert "coal.sulfur.built-up" in shown
    assert "The findings were counted and are gone" in said


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["coal_lot=lots.parquet", "--format", "xlsx", "--out", "x.xlsx"], "unknown-format"),
        (["coal_lot=lots.parquet", "--format", "parquet"], "output-not-writable"),
        (["coal_lot=lots.parquet", "--rejects", "r.csv"], "unknown-format"),
        (["coal_lot=no/such.parquet"], "file-not-found"),
        (["coal_lot=/no/such.csv"], "file-not-found"),
    ],
)
def test_what_cannot_be_done_ends_in_a_message(spark: Any, capfdbinary: Any, arguments: list[str], said: str) -> None:
    code, shown, told = checked(capfdbinary, *arguments)
    assert (code, shown) == (2, "")
    assert f"error[{said}]" in told
    assert "Traceback" not in told
