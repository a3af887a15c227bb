"""How fast a cluster judges: Parquet in, findings as Parquet out, in processor time of all its processes.

    python benchmarks/cluster.py [--rows 1000000] [--master local-cluster[2,1,2048]]

Processor time is that of the driver, the executors and their Python workers together, less that of the same run on
1,000 records: what starting costs does not grow with the rows.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

RULES = {"coal_lot": "coal.*", "report": "report.progress"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--master", default="local-cluster[2,1,2048]")
    given = parser.parse_args()
    spark = _session(given.master)
    with tempfile.TemporaryDirectory() as folder:
        for record_type, rules in RULES.items():
            print(_row(spark, Path(folder), record_type, rules, given.rows), flush=True)
    spark.stop()


def _row(spark: Any, folder: Path, record_type: str, rules: str, rows: int) -> str:
    files = {}
    for size in (1000, rows):
        files[size] = folder / f"{record_type}-{size}.parquet"
        _write(record_type, size, files[size])
    _judge(spark, record_type, rules, files[1000], folder / f"{record_type}-warm")
    runs = []
    for number in range(3):
        for size, file in files.items():
            runs.append((size, *_judge(spark, record_type, rules, file, folder / f"{record_type}-{size}-{number}")))
    few, many = ([sorted(r[i] for r in runs if r[0] == size)[1] for i in (1, 2)] for size in files)
    checks = next(r[3] for r in runs if r[0] == rows)
    found = next(r[4] for r in runs if r[0] == rows)
    cpu, wall = many[1] - few[1], many[0] - few[0]
    done = f"{record_type}: {rows:,} records, {checks:,} checks, {found:,} findings"
    rates = f"{rows / cpu / 1e6:.2f} M records and {checks / cpu / 1e6:.2f} M checks a second and core"
    return f"{done}; {wall:.1f} s, {cpu:.1f} s of processor time; {rates}"


def _judge(spark: Any, record_type: str, rules: str, file: Path, out: Path) -> tuple[float, float, int, int]:
    import envrules as er

    start, spent = time.perf_counter(), _processor_time()
    found = er.check(
        "jiuquan-2018", {record_type: spark.read.parquet(str(file))}, as_of="2020-12-31", rules=rules, out=out
    )
    wall, cpu = time.perf_counter() - start, _processor_time() - spent
    totals = [n for own in found.counts.values() for n in own.values()]
    listed = sum(n for own in found.counts.values() for o, n in own.items() if o in ("violation", "indeterminate"))
    return wall, cpu, sum(totals), listed


def _write(record_type: str, rows: int, file: Path) -> None:
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq

    some = np.random.default_rng(1)
    ids = pa.array([f"R{i}" for i in range(rows)])
    if record_type == "coal_lot":
        columns = {
            "id": ids,
            "zone": some.choice(["built_up", "other"], rows),
            "activity": some.choice(["use", "sale"], rows),
            "total_sulfur": some.choice([0.3, 0.5, 0.75, 1.2], rows, p=[0.4, 0.3, 0.27, 0.03]),
            "ash": some.uniform(5, 15.3, rows),
            "basis": ["d"] * rows,
            "sampled_on": pa.array(np.datetime64("2018-04-01") + some.integers(0, 900, rows).astype("timedelta64[D]")),
        }
    else:
        # Units that report each month, in any order.
        months = np.array([f"{2018 + m // 12}-{m % 12 + 1:02d}" for m in range(3, 36)])
        month = some.choice(months, rows)
        columns = {
            "id": ids,
            "unit": np.char.add("unit ", some.integers(0, 3000, rows).astype(str)),
            "month": month,
            "kind": ["progress"] * rows,
            "submitted_on": np.char.add(month, some.choice(["-10", "-20", "-25"], rows)),
        }
    pq.write_table(pa.table(columns), file, row_group_size=250_000)


def _processor_time() -> float:
    import psutil

    spent = 0.0
    for process in [psutil.Process(), *psutil.Process().children(recursive=True)]:
        try:
            times = process.cpu_times()
        except psutil.Error:
            continue
        spent += times.user + times.system + times.children_user + times.children_system
    return spent


def _session(master: str) -> Any:
    import pyspark
    from pyspark.sql import SparkSession

    os.environ.setdefault("SPARK_HOME", str(Path(pyspark.__file__).parent))
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    settings = {
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.sql.shuffle.partitions": "8",
    }
    builder = SparkSession.builder.master(master).appName("envrules benchmark")
    for name, value in settings.items():
        builder = builder.config(name, value)
    spark = builder.getOrCreate()
    spark.sparkContext.setLogLevel("OFF")
    return spark


if __name__ == "__main__":
    main()
