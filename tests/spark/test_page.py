"""The examples of docs/spark.md run as they stand."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

import envrules as er
from clustered import DAY, PACK, lots

PAGE = Path(__file__).parents[2] / "docs" / "spark.md"


def blocks() -> list[str]:
    """The blocks that are run, from the top."""
    return re.findall(r"^```python\n(.*?)^```", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)


# Dask asks pandas for what its newest release advises against.
@pytest.mark.filterwarnings("ignore:The inplace keyword in")
def test_the_examples_find_what_a_check_here_finds(spark: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    pq.write_table(lots(90), "lots.parquet")
    names: dict[str, Any] = {"spark": spark.newSession()}
    # A relative path is one of the folder that the driver was started in, so it is made whole.
    texts = [text.replace('"lots.parquet"', repr(f"{tmp_path}/lots.parquet")) for text in blocks()]
    texts = [text.replace('"findings"', repr(f"{tmp_path}/findings")) for text in texts]
    for text in texts:
        exec(text, names)  # noqa: S102 - the page is ours
    here = er.check(PACK, {"coal_lot": pq.read_table("lots.parquet")}, as_of=DAY, rules="coal.*", engine="columnar")
    broken = sorted((v.rule, v.record_id) for v in here.verdicts if v.outcome == "violation")
    assert len(blocks()) == 2
    assert pq.read_table("findings").num_rows == len(here.verdicts)
    assert len(names["worst"]) == min(10, len(broken)) > 0
    found = names["violations"]
    assert sorted(zip(found.rule, found.record_id, strict=True)) == broken
