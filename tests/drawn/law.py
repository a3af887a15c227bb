"""The law: an engine gives the interpreter's outcomes, counts, problems and evidence, in the interpreter's order."""

from __future__ import annotations

import math
from ast import literal_eval
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import fields
from typing import Any
from unittest.mock import patch

import narwhals as nw

from envrules import api
from envrules.engines.base import engine_named
from envrules.pack.pack import Pack
from envrules.result import Result
from envrules.verdict import FINDINGS, Verdict

EVIDENCE = tuple(f.name for f in fields(Verdict))
MARGIN = 1e-9


def supported(pack: Pack, engine: str) -> list[str]:
    """The rules of a pack that an engine can run."""
    return [r.id for r in pack.rules.values() if not engine_named(engine).unsupported(r)]


@contextmanager
def few_are_many(way: str) -> Iterator[None]:
    """Read and judge small tables as large ones are: `columns`, or `rows` for the way of small ones."""
    many = {"rows": 10**9, "columns": 1}[way]
    with patch("envrules.records.read.MANY", many), patch("envrules.engines.auto.MANY", 1):
        yield


def outcome(
    pack: Pack, inputs: Mapping[str, Any], engine: str, rules: Sequence[str], way: str = "rows", **more: Any
) -> Result:
    """A run that lists everything, unless it is asked for less."""
    with few_are_many(way):
        result = api.check(pack, inputs, engine=engine, rules=list(rules), **{"outcomes": "all", **more})
        # What is found when it is asked for is asked for now.
        result.problem_list  # noqa: B018
        return result


def faults(wanted: Result, found: Result, frames: bool = False) -> list[str]:
    """Where a result differs from the interpreter's; `frames`: also in all that it gives as frames."""
    names = ("findings", "violations", "summary", "problems") if frames else ("findings",)
    return [*_listed(wanted, found), *_of_frames(wanted, found, names)]


def _listed(wanted: Result, found: Result) -> Iterator[str]:
    ours = [v for v in wanted.verdicts if found.listed == "all" or v.outcome in FINDINGS]
    theirs = list(found.verdicts)
    if [_key(v) for v in ours] != [_key(v) for v in theirs]:
        yield f"outcomes: wanted {[_key(v) for v in ours]}, found {[_key(v) for v in theirs]}"
        return
    for one, other in zip(ours, theirs, strict=True):
        yield from (f"{_key(one)}: {fault}" for fault in _evidence(one, other))
    counts = [{r: {o: n for o, n in c.items() if n} for r, c in x.counts.items()} for x in (wanted, found)]
    if counts[0] != counts[1]:
        yield f"counts: wanted {counts[0]}, found {counts[1]}"
    problems = [[p.as_dict() for p in r.problem_list] for r in (wanted, found)]
    if not same(problems[0], problems[1]):
        yield f"problems: wanted {problems[0]}, found {problems[1]}"
    warnings = [[str(w) for w in r.dataset.warnings] for r in (wanted, found)]
    if warnings[0] != warnings[1]:
        yield f"warnings: wanted {warnings[0]}, found {warnings[1]}"
    if wanted.exit_code() != found.exit_code():
        yield f"exit code: wanted {wanted.exit_code()}, found {found.exit_code()}"


def _evidence(one: Verdict, other: Verdict) -> Iterator[str]:
    """What a verdict says otherwise. The evidence of what is no finding may be left out, but not be another."""
    left_out = one.outcome not in FINDINGS and not other.fields
    for name in EVIDENCE:
        a, b = getattr(one, name), getattr(other, name)
        if not same(a, b) and not (left_out and b in (None, (), "", "medium")):
            yield f"{name} wanted {a!r}, found {b!r}"


def _of_frames(wanted: Result, found: Result, names: Sequence[str]) -> Iterator[str]:
    for name in names:
        one, other = (rows_of(getattr(r, name)) for r in (wanted, found))
        if not same(one, other):
            yield f"{name} as a frame: wanted {one}, found {other}"


def rows_of(frame: Any) -> list[dict[str, Any]]:
    """The rows of any frame as dicts, with lists as one text; NaN is what pandas has for nothing."""
    native = nw.from_native(frame)
    if isinstance(native, nw.LazyFrame):
        native = native.collect()
    return [{k: _plain(v) for k, v in row.items()} for row in native.iter_rows(named=True)]


def _plain(value: Any) -> Any:
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, float) and math.isnan(value):
        return None
    if isinstance(value, bool) or value in ("True", "False"):
        # Where a column has one type, what was found may be a text: false beside 0.5.
        return str(value).lower()
    if isinstance(value, str):
        value = literal_eval(value) if value.startswith("['") else value
        with suppress(ValueError, TypeError):
            return float(value)
    # A choice of words is a text there too.
    return "; ".join(map(str, value)) if isinstance(value, tuple | list) else value


def _key(verdict: Verdict) -> tuple[str, str | None, str, str]:
    return (verdict.rule, verdict.record_id, verdict.subject, verdict.outcome)


def same(one: Any, other: Any) -> bool:
    """Whether two values are the same; numbers within a part in 10^9 of what they are."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, int | float) and isinstance(other, int | float):
        return one == other or (one != one and other != other) or math.isclose(one, other, rel_tol=MARGIN)
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(v, other[k]) for k, v in one.items())
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    return bool(one == other)


def in_any_order(wanted: Result, found: Result) -> list[str]:
    """Where two results of the same records differ, whatever their order."""
    counts = [sorted((r, o, n) for r, c in x.counts.items() for o, n in c.items()) for x in (wanted, found)]
    if counts[0] != counts[1]:
        return [f"counts: {counts[0]} and {counts[1]}"]
    ours, theirs = (
        sorted(x.verdicts, key=lambda v: (*_key(v)[:1], v.record_id or "", v.subject)) for x in (wanted, found)
    )
    pairs = zip(ours, theirs, strict=True)
    return [
        f"{_key(a)} and {_key(b)}: {name} {getattr(a, name)!r} and {getattr(b, name)!r}"
        for a, b in pairs
        for name in (
            "rule",
            "record_id",
            "subject",
            "outcome",
            "observed",
            "limit",
            "margin",
            "unit",
            "value",
            "severity",
        )
        if not same(getattr(a, name), getattr(b, name))
    ]
