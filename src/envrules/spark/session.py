"""The session of Spark that the command uses, and the files that it lets the cluster read."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from envrules.spark.errors import in_our_words, need_spark
from envrules.spark.sources import Given


@contextmanager
def session(shows_progress: bool = False) -> Iterator[Any]:
    """Within it there is a session of Spark, which ends with it where it was not there before.

    Args:
        shows_progress: whether Spark may draw its bars on stderr.

    Raises:
        CallError: `extra-missing` without PySpark, `spark-failed` where it does not start.
    """
    need_spark()
    from pyspark.sql import SparkSession

    running = SparkSession.getActiveSession()
    own = running or _start(shows_progress)
    try:
        yield own
    finally:
        if running is None:
            own.stop()


def _start(shows_progress: bool = False) -> Any:
    """A session as Spark's own settings say, on this machine by default."""
    from pyspark.sql import SparkSession

    # The workers of this machine take the Python that runs here, unless they were told another.
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    with in_our_words():
        bars = str(shows_progress).lower()
        own = SparkSession.builder.appName("envrules").config("spark.ui.showConsoleProgress", bars).getOrCreate()
        own.sparkContext.setLogLevel("ERROR")
    return own


def is_for_cluster(path: str) -> bool:
    """Whether a file is read by the cluster: Parquet files, folders of them, and whatever has a scheme.

    Examples:
        >>> [is_for_cluster(p) for p in ("lots.parquet", "s3a://bucket/lots", "boilers.xlsx")]
        [True, True, False]
    """
    return "://" in path or path.lower().endswith(".parquet") or Path(path).is_dir()


def opened(inputs: Sequence[tuple[str | None, Any]], files: bool) -> list[Given]:
    """The inputs of a run.

    Args:
        files: whether files for the cluster are read there, as frames; else every path is one of this machine.
    """
    found = []
    for kind, source in inputs:
        path = str(source) if files and isinstance(source, str | Path) else ""
        if path and is_for_cluster(path):
            from pyspark.sql import SparkSession

            spark = SparkSession.getActiveSession() or _start()
            found.append(Given(kind, spark.read.parquet(path), path))
        else:
            found.append(Given(kind, source))
    return found
