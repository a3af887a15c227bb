"""Keeps the smallest failure of the equivalence tests, and makes a conformance case of it: data alone.

    cd tests && ../.venv/bin/python -m drawn.keep "a name in plain words" >> conformance/found.yaml

The case states what the interpreter gives. Whether that is what the semantics say is for whoever keeps it to judge.
"""

from __future__ import annotations

import datetime as dt
import json
import math
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis.errors import StopTest, UnsatisfiedAssumption
from ruamel.yaml import YAML

from drawn.law import outcome
from drawn.packs import loaded
from drawn.records import Tables
from envrules.result import Result
from envrules.verdict import FINDINGS, Verdict

FAILURE = Path(__file__).parents[2] / ".hypothesis" / "failure.json"
EVIDENCE = ("observed", "limit", "margin", "unit", "value", "missing")


@contextmanager
def kept(made: Mapping[str, Any], tables: Tables, more: Mapping[str, Any], engine: str) -> Iterator[None]:
    """Write down what was drawn when what is held against it fails; what hypothesis tries last is the smallest."""
    try:
        yield
    except (StopTest, UnsatisfiedAssumption):
        raise
    except BaseException as error:
        records = {name: [_written(row) for row in table.rows()] for name, table in tables.items()}
        failure = {"made": made, "records": records, "more": more, "engine": engine, "said": str(error)[:2000]}
        FAILURE.parent.mkdir(exist_ok=True)
        FAILURE.write_text(json.dumps(failure, indent=1, default=str), "utf-8")
        raise


def _written(row: Mapping[str, Any]) -> dict[str, Any]:
    """A record as a case holds it: cells as a person would write them, empty ones left out."""
    return {name: _cell(value) for name, value in row.items() if value is not None}


def _cell(value: Any) -> Any:
    if isinstance(value, np.floating):
        return float(str(value))
    if isinstance(value, dt.datetime):
        return value.isoformat(" ")
    return str(value) if isinstance(value, Decimal | dt.date | bytes) else value


def cases(failure: Mapping[str, Any], name: str) -> Iterator[dict[str, Any]]:
    """A case for each rule of a failure, with what the interpreter gives."""
    made, more = failure["made"], dict(failure["more"])
    pack = loaded(made)
    for number, rule in enumerate(made["rules"]):
        title = name if len(made["rules"]) == 1 else f"{name} - {number + 1}"
        result = outcome(pack, failure["records"], "reference", [f"r{number}"], **{**more, "outcomes": "all"})
        case = {"name": title, "types": made["records"], "pack": made["pack"], "rule": rule, "as_of": more["as_of"]}
        if "subjects" in more:
            case["subjects"] = more["subjects"]
        case["records"] = failure["records"]
        if result.problem_list:
            case["problems"] = sorted(p.code for p in result.problem_list)
        yield {**case, "expect": expected(result)}


def expected(result: Result) -> dict[str, Any]:
    """The outcomes by record id or subject, with the evidence of findings."""
    return {v.record_id if v.record_id is not None else v.subject: _expectation(v) for v in result.verdicts}


def _expectation(verdict: Verdict) -> Any:
    if verdict.outcome not in FINDINGS:
        return verdict.outcome
    stated = {name: getattr(verdict, name) for name in EVIDENCE}
    shown = {n: list(v) if isinstance(v, tuple) else v for n, v in stated.items() if v not in (None, ())}
    return {"outcome": verdict.outcome, **{n: v for n, v in shown.items() if v == v and v not in (math.inf, -math.inf)}}


def main() -> None:
    """Write the cases of the last failure to standard output."""
    failure = json.loads(FAILURE.read_text("utf-8"))
    print("# " + failure["said"].replace("\n", "\n# "), file=sys.stderr)
    writer = YAML()
    writer.width = 1000
    writer.default_flow_style = None
    writer.indent(mapping=2, sequence=4, offset=2)
    writer.dump(list(cases(failure, sys.argv[1] if len(sys.argv) > 1 else "a case that was found")), sys.stdout)


if __name__ == "__main__":
    main()
