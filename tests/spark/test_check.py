"""A check on a cluster gives what a check here gives, row for row."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

import envrules as er
from clustered import DAY, PACK, faults, frame, inventory, is_apart, lots


def test_rules_on_one_record(spark: Any) -> None:
    pack = er.load_pack(PACK)
    types = ("boiler", "coal_lot", "farmland_plot")
    rules = [r.id for r in pack.rules.values() if is_apart(r) and r.record in types]
    tables = inventory(pack, rules)
    assert len(rules) > 6
    assert faults(spark, pack, tables, rules=rules, outcomes="all") == []


def test_cells_of_every_kind_ids_that_lack_and_ids_that_stand_twice(spark: Any) -> None:
    table = lots(600)
    found = er.check(PACK, {"coal_lot": frame(spark, table)}, as_of=DAY)
    here = er.check(PACK, {"coal_lot": table}, as_of=DAY, engine="columnar")
    assert isinstance(found, er.SparkResult)
    assert found.counts == here.counts
    assert found.exit_code() == here.exit_code() == 1
    assert (found.dataset.accounts[0].rows_read, found.dataset.accounts[0].skipped) == (600, {"empty": 1})
    problems = found.problems.toArrow().to_pylist()
    told = Counter((p["code"], p["column"], p["value_text"]) for p in problems if p["code"] != "duplicate-id")
    wanted = Counter((p.code, p.column, p.value) for p in here.problem_list if p.code != "duplicate-id")
    assert told == wanted
    assert found.unusable == sum(wanted.values())
    # Each is said of its record.
    wrong = {p["record_id"] for p in problems if p["code"] == "not-a-number"}
    assert wrong == {f"L{i}" for i in range(4, 600, 6) if i != 400}
    assert [p["record_id"] for p in problems if p["code"] == "duplicate-id"] == ["L3"]


def test_findings_are_frames_of_the_cluster_and_stay_there(spark: Any) -> None:
    found = er.check(PACK, {"coal_lot": frame(spark, lots(50))}, as_of=DAY, rules="coal.sulfur.*")
    assert found.findings.sparkSession is spark
    assert found.violations.count() == sum(own.get("violation", 0) for own in found.counts.values()) > 0
    assert found.summary.count() == 2
    for ask in (lambda: found.verdicts[0], lambda: found.to_html("x.html"), lambda: found.explain("L1", "coal.ash")):
        with pytest.raises(er.CallError) as caught:
            ask()
        assert {d.code for d in caught.value.diagnostics} == {"spark-result"}


def test_workers_write_what_they_find(spark: Any, tmp_path: Path) -> None:
    out = tmp_path / "found.parquet"
    found = er.check(PACK, {"coal_lot": frame(spark, lots(80))}, as_of=DAY, out=out)
    assert (out / "_SUCCESS").exists()
    assert {p.name for p in out.iterdir() if p.is_dir()} == {"kind=outcome", "kind=count", "kind=problem", "kind=rows"}
    assert found.counts == er.check(PACK, {"coal_lot": lots(80)}, as_of=DAY, engine="columnar").counts
    assert pq.read_table(out / "kind=outcome").num_rows == found.findings.count() > 0
    with pytest.raises(er.CallError) as caught:
        er.check(PACK, {"coal_lot": frame(spark, lots(5))}, as_of=DAY, out=out)
    assert {d.code for d in caught.value.diagnostics} == {"output-not-writable"}


def test_records_without_ids_are_named_by_their_row(spark: Any) -> None:
    table = lots(40).drop(["id"])
    found = er.check(
        PACK, {"coal_lot": frame(spark, table, parts=2)}, as_of=DAY, rules="coal.sulfur.built-up", outcomes="all"
    )
    names = [row["record_id"] for row in found.outcomes.select("record_id").collect()]
    # The numbers that Spark's own monotonically_increasing_id gives.
    assert sorted(names) == sorted(f"coal_lot:{(p << 33) + n}" for p in (0, 1) for n in range(20))
    assert "missing-id" in [d.code for d in found.dataset.warnings]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({"inputs": {"coal_lots": "lots"}}, "unknown-record"),
        ({"inputs": [("coal_lot", "lots"), ("coal_lot", [{"id": "A"}])]}, "spark-source"),
        ({"inputs": {"boiler": [{"id": "A"}]}, "engine": "spark"}, "spark-source"),
        ({"inputs": {"coal_lot": "units"}}, "spark-source"),
        ({"inputs": {"coal_lot": "lots"}, "mapping": {"record": "coal_lot", "skip_rows": 3}}, "spark-source"),
        ({"inputs": {"coal_lot": "nothing"}}, "no-known-column"),
        ({"inputs": {"coal_lot": "lots"}, "places": {"zone": "zones.geojson"}}, "engine-unsupported"),
        ({"inputs": {"coal_lot": "no/such.parquet"}, "engine": "spark"}, "file-not-found"),
    ],
)
def test_what_cannot_be_done_is_refused_before_anything_is_judged(
    spark: Any, arguments: dict[str, Any], code: str
) -> None:
    frames = {
        "lots": frame(spark, lots(3)),
        "units": spark.createDataFrame([("A", 3.0, "%")], "id string, total_sulfur double, `单位` string"),
        "nothing": spark.createDataFrame([(1,)], "xyz int"),
    }
    pairs = arguments["inputs"].items() if isinstance(arguments["inputs"], dict) else arguments["inputs"]
    inputs = [(t, frames.get(s, s) if isinstance(s, str) else s) for t, s in pairs]
    with pytest.raises(er.EnvrulesError) as caught:
        er.check(PACK, **{"as_of": DAY, **arguments, "inputs": inputs})
    assert {d.code for d in caught.value.diagnostics if d.level == "error"} == {code}


def test_an_error_of_the_cluster_is_said_in_our_words(spark: Any) -> None:
    from pyspark.sql import functions as f

    broken = frame(spark, lots(5)).withColumn("ash", f.raise_error(f.lit("the disk is gone")).cast("double"))
    with pytest.raises(er.CallError) as caught:
        er.check(PACK, {"coal_lot": broken}, as_of=DAY)
    (told,) = caught.value.diagnostics
    assert told.code == "spark-failed"
    assert "the disk is gone" in told.found


def test_two_dates_are_not_compared_on_a_cluster(spark: Any) -> None:
    with pytest.raises(er.CallError) as caught:
        er.between(PACK, {"coal_lot": frame(spark, lots(3))}, "2018-01-01", "2019-01-01")
    assert {d.code for d in caught.value.diagnostics} == {"spark-result"}


def test_a_task_that_is_run_again_counts_once(spark: Any, tmp_path: Path) -> None:
    def fails_first(batches: Any) -> Any:
        from pyspark import TaskContext

        context = TaskContext.get()
        yield from batches
        if context.attemptNumber() == 0 and context.partitionId() == 1:
            raise ValueError("this worker dies after its last batch")

    table = lots(120)
    plain = frame(spark, table)
    flaky = plain.mapInArrow(fails_first, plain.schema)
    here = er.check(PACK, {"coal_lot": table}, as_of=DAY, engine="columnar")
    found = er.check(PACK, {"coal_lot": flaky}, as_of=DAY, out=tmp_path / "found")
    assert found.counts == here.counts
    assert found.findings.count() == len(here.verdicts)
