"""What Spark and workers say when something fails becomes a message of ours."""

from __future__ import annotations

import datetime as dt

import pytest

import envrules as er
from envrules.spark.errors import in_our_words, translated
from envrules.spark.worker import Work, packed

pyspark_errors = pytest.importorskip("pyspark.errors")

FAILED = """An exception was thrown from the Python worker:
Traceback (most recent call last):
  File "worker.py", line 1, in main
    import envrules
ModuleNotFoundError: No module named 'envrules'
\tat org.apache.spark.api.python.BasePythonRunner"""


@pytest.mark.parametrize(
    ("condition", "code"),
    [
        ("PATH_NOT_FOUND", "file-not-found"),
        ("PATH_ALREADY_EXISTS", "output-not-writable"),
        ("JAVA_GATEWAY_EXITED", "spark-failed"),
        ("", "spark-failed"),
    ],
)
def test_each_condition_has_its_code(condition: str, code: str) -> None:
    class SaidError(Exception):
        def getCondition(self) -> str:  # noqa: N802 - as PySpark calls it
            return condition

    (told,) = translated(SaidError("what it said\nand more")).diagnostics
    assert (told.code, "what it said" in f"{told.where}{told.found}") == (code, True)


def test_of_a_worker_s_traceback_the_last_line_is_told() -> None:
    (told,) = translated(RuntimeError(FAILED)).diagnostics
    assert told.found == "ModuleNotFoundError: No module named 'envrules'"


def test_defects_of_ours_stay_what_they_are() -> None:
    with pytest.raises(ZeroDivisionError), in_our_words():
        raise ZeroDivisionError
    with pytest.raises(er.CallError, match="spark-failed"), in_our_words():
        raise pyspark_errors.PySparkRuntimeError("it is over")


def test_a_worker_of_another_release_refuses() -> None:
    work = Work(packed(er.load_pack("jiuquan-2018")), packed({}), dt.date(2020, 12, 31), (), {}, False, "en", "0.0.1")
    with pytest.raises(er.CallError) as caught:
        work.loaded()
    assert [d.code for d in caught.value.diagnostics] == ["spark-version"]
