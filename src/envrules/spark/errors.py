"""What Spark says when something fails, in our words."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec

from envrules.diagnostics import CallError, Diagnostic, EnvrulesError, InputError


def need_spark() -> None:
    """Refuse where PySpark or pyarrow is not installed."""
    missing = [name for name in ("pyspark", "pyarrow") if find_spec(name) is None]
    if missing:
        what = f"checks on a cluster need {' and '.join(missing)}, which is not installed"
        raise CallError([Diagnostic("extra-missing", "spark", what, hint="pip install 'envrules[spark]'")])


@contextmanager
def in_our_words() -> Iterator[None]:
    """Within it an error of Spark becomes one of ours, with Spark's own as its cause."""
    try:
        with warnings.catch_warnings():
            # PySpark warns of new releases of pandas whenever Arrow is used; nothing here goes through pandas.
            warnings.filterwarnings("ignore", message=".*pandas", category=FutureWarning, module="pyspark")
            warnings.filterwarnings(
                "ignore", message="PySpark does not yet fully support pandas", category=FutureWarning
            )
            yield
    except EnvrulesError:
        raise
    except Exception as error:
        if not _of_spark(error):
            raise
        raise translated(error) from error


def _of_spark(error: Exception) -> bool:
    return any(c.__module__.partition(".")[0] in ("pyspark", "py4j") for c in type(error).__mro__)


def translated(error: Exception) -> EnvrulesError:
    """An error of Spark as one of ours, told by its condition."""
    condition = _condition(error)
    if condition == "PATH_NOT_FOUND":
        return InputError([Diagnostic("file-not-found", _said(error), "the cluster finds no such file or folder")])
    if condition == "PATH_ALREADY_EXISTS":
        what, hint = "the folder for the findings exists already", "name another folder, or remove that one"
        return CallError([Diagnostic("output-not-writable", "--out", what, found=_said(error), hint=hint)])
    if condition == "JAVA_GATEWAY_EXITED":
        what, hint = "Spark did not start", "Spark 4 needs Java 17 or newer: install one, or set JAVA_HOME"
        return CallError([Diagnostic("spark-failed", "engine", what, found=_said(error), hint=hint)])
    what = "Spark gave up; what it said last is found below"
    hint = "every worker needs Python with envrules of this release, polars and pyarrow: see docs/spark.md"
    return CallError([Diagnostic("spark-failed", "engine", what, found=_said(error), hint=hint)])


def _condition(error: Exception) -> str:
    tell = getattr(error, "getCondition", None)
    return str(tell() or "") if tell is not None else ""


def _said(error: Exception) -> str:
    """What a person can use of an error: of a traceback from a worker its last line, else the first line."""
    text = str(error)
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if not lines:
        return type(error).__name__
    if "Traceback (most recent call last):" not in text:
        return lines[0][:300]
    traceback = text[text.rindex("Traceback (most recent call last):") :].splitlines()[1:]
    raised = [line for line in traceback if line and not line.startswith((" ", "\t"))]
    return (raised[0] if raised else lines[0])[:300]
