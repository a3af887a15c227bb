"""What a notebook, a pipeline and the command call: load a pack, check records against it, explain.

Knows no file format and no output format.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from envrules.diagnostics import CallError, Diagnostic, nearest
from envrules.request import (
    Inputs,
    Request,
    engine_of,
    evaluation_date,
    load_pack,
    loaded_pack,
    made_certain,
    select_rules,
    subjects_of,
)

__all__ = [
    "Inputs", "between", "check", "compare", "evaluation_date", "load_pack", "record_model", "schema", "select_rules",
]  # fmt: skip

if TYPE_CHECKING:
    from envrules.analysis.changes import Between
    from envrules.analysis.diff import PackDiff
    from envrules.pack.pack import Pack
    from envrules.result import Result


def check(
    pack: Pack | str | Path,
    inputs: Inputs,
    *,
    as_of: dt.date | str | None = None,
    engine: str = "auto",
    mapping: str | Path | Mapping[str, Any] | None = None,
    subjects: Mapping[str, Iterable[str]] | None = None,
    outcomes: Literal["findings", "all"] = "findings",
    rules: str | Iterable[str] | None = None,
    places: Mapping[str, Any] | None = None,
    language: Literal["en", "zh"] = "en",
    progress: Callable[[int, int], None] | None = None,
    out: str | Path | None = None,
    stream: bool | None = None,
) -> Result:
    """The outcomes of a pack's rules on records.

    Args:
        pack: a loaded pack, or what `load_pack` takes.
        inputs: record type -> records.
        as_of: the evaluation date; today where none is given.
        engine: `auto`, or the name of an engine. Frames of Spark are judged on their cluster by `auto` and `spark`,
            and the result is then a `SparkResult`; any other engine brings their rows here.
        mapping: how the columns of a table map to fields, where its headers do not say it.
        subjects: `type.key` -> values a generated group takes besides those in the records (units that must report).
        outcomes: keep the findings only, or every outcome.
        rules: ids or patterns (`boiler.*`) of the rules to run; all that fit the inputs otherwise.
        places: field -> file of polygons (GeoJSON, GeoPackage, shapefile) that gives it to records with coordinates,
            or {"file", "system", "by"}; "system" of the records' coordinates, their "accuracy" in metres.
        language: of messages and notes.
        progress: called with (pairs judged, pairs in all) from time to time.
        out: a new folder into which the workers of a cluster write what they find.
        stream: whether files are read in batches, as `check_stream` does it, or at once; by default those are for which
            memory is too small. The result is then a `StreamResult`.

    Raises:
        PackError, InputError, CallError: with everything that is wrong with what was given.

    Examples:
        >>> lot = {"zone": "built_up", "activity": "use", "total_sulfur": "0.9 %", "sampled_on": "2020-01-05"}
        >>> result = check("jiuquan-2018", {"coal_lot": [lot]}, as_of="2020-12-31", rules="coal.sulfur.*")
        >>> [(v.rule, v.outcome, v.margin, v.unit) for v in result.verdicts]
        [('coal.sulfur.built-up', 'violation', -0.1, '%')]
    """
    from envrules.records.frames import on_cluster
    from envrules.records.read import read_inputs
    from envrules.report.frame import frame_kind
    from envrules.result import Result

    pairs = _pairs(inputs)
    if stream or (
        stream is None and out is None and engine not in ("durable", "spark") and _too_large([s for _, s in pairs])
    ):
        from envrules.streaming.check import check_stream

        told = None if progress is None else lambda what, done, total: progress(done, total)
        return check_stream(
            pack, pairs, as_of=as_of, engine=engine, mapping=mapping, subjects=subjects, outcomes=outcomes,
            rules=rules, places=places, language=language, progress=told,
        )  # fmt: skip
    cluster = engine == "spark" or (engine == "auto" and any(on_cluster(s) for _, s in pairs))
    runner = None if cluster else engine_of(engine)
    if cluster and places is not None:
        what, hint = "places are not looked up on a cluster", "join the field to the frame before"
        raise CallError([Diagnostic("engine-unsupported", "places", what, hint=hint)])
    asked = made_certain(
        pack, as_of=as_of, rules=rules, subjects=subjects, outcomes=outcomes, places=places, language=language
    )
    if runner is None:
        return _checked_on_cluster(asked, pairs, mapping, out, files=engine == "spark")
    if out is not None:
        what, hint = "only what is judged on a cluster is written while it is judged", "write the result's findings"
        raise CallError([Diagnostic("call-value", "out", what, hint=hint)])
    dataset = read_inputs(pairs, asked.types, asked.pack.units, mapping)
    dataset.warnings.extend(asked.warnings)
    kinds = [k for _, s in pairs if (k := frame_kind(s))]
    empty = Result(
        pack=asked.pack,
        as_of=asked.as_of,
        engine=runner.name,
        verdicts=(),
        counts={},
        dataset=dataset,
        rules=asked.rules,
        listed=asked.listed,
        frame_kind=kinds[0] if kinds else "pandas",
        subjects=asked.subjects,
    )
    return _judged(empty, runner, language, progress)


def _pairs(inputs: Inputs) -> list[tuple[str | None, Any]]:
    return list(inputs.items()) if isinstance(inputs, Mapping) else list(inputs)


def _checked_on_cluster(
    asked: Request,
    pairs: Sequence[tuple[str | None, Any]],
    mapping: str | Path | Mapping[str, Any] | None,
    out: str | Path | None,
    files: bool,
) -> Result:
    from envrules.spark.run import check_on_spark

    return check_on_spark(asked, pairs, mapping=mapping, out=None if out is None else str(out), files=files)


def _refuse_cluster(inputs: Inputs, what: str) -> None:
    """Refuse frames of Spark where every verdict is needed here."""
    from envrules.records.frames import on_cluster

    on = [t or "inputs" for t, s in _pairs(inputs) if on_cluster(s)]
    if on:
        text, hint = f"{what} needs every outcome in one place, not on a cluster", "check both, and join the findings"
        raise CallError([Diagnostic("spark-result", name, text, hint=hint) for name in on])


def _too_large(sources: Sequence[object]) -> bool:
    """Whether some files are too large to be judged at once."""
    if not any(isinstance(s, str | Path) for s in sources):
        return False
    from envrules.streaming.memory import is_large

    return is_large(sources, to_file=False)


def _judged(result: Result, runner: Any, language: str, progress: Callable[[int, int], None] | None = None) -> Result:
    """The same run with the outcomes of its rules on its records at its date."""
    from envrules.engines.base import Job, judge
    from envrules.result import Verdicts

    dataset = result.dataset
    given = [r for r in result.rules if r.record in dataset.records]
    total = sum(len(dataset.records[r.record]) for r in given)
    done = 0

    def advance(count: int) -> None:
        nonlocal done
        done += count
        if progress is not None:
            progress(done, total)

    refused = [(r.id, why) for r in given if (why := runner.unsupported(r))]
    if refused:
        raise CallError(
            [
                Diagnostic("engine-unsupported", rule, f"the engine {runner.name} cannot run this rule: {why}")
                for rule, why in refused
            ]
        )
    everything = result.listed == "all"
    counted = advance if progress else None
    job = Job(result.pack, dataset.records, result.as_of, given, result.subjects, everything, counted, language)
    found = judge(runner, job)
    verdicts = Verdicts([found.verdicts(rule) for rule in given])
    return replace(result, verdicts=verdicts, counts=found.counts, judgement=found, engine=runner.describe(job))


def between(
    pack: Pack | str | Path,
    inputs: Inputs,
    as_of: dt.date | str | None,
    and_as_of: dt.date | str,
    *,
    engine: str = "auto",
    mapping: str | Path | Mapping[str, Any] | None = None,
    subjects: Mapping[str, Iterable[str]] | None = None,
    rules: str | Iterable[str] | None = None,
    places: Mapping[str, Any] | None = None,
    language: Literal["en", "zh"] = "en",
    progress: Callable[[int, int], None] | None = None,
) -> Between:
    """What becomes a violation between two evaluation dates, and all else whose outcome differs.

    Args:
        as_of, and_as_of: the dates; today where `as_of` is None. The others are as for `check`.

    Raises:
        PackError, InputError, CallError: as `check` does.

    Examples:
        >>> county = {"id": "subei", "county": "subei"}
        >>> found = between("jiuquan-2018", {"county_status": [county]}, "2018-12-31", "2019-01-01", rules="redline.*")
        >>> [(c.rule, c.before, c.after) for c in found.change_list]
        [('redline.delineated', 'not_due', 'violation')]
    """
    from envrules.analysis.changes import Between, changes_between

    _refuse_cluster(inputs, "a comparison of two dates")
    second = evaluation_date(and_as_of)
    first = check(
        pack, inputs, as_of=as_of, engine=engine, mapping=mapping, subjects=subjects, outcomes="all", rules=rules,
        places=places, language=language, progress=progress, stream=False,
    )  # fmt: skip
    later = _judged(replace(first, as_of=second), engine_of(engine), language, progress)
    changes = changes_between(first.verdicts, later.verdicts)
    return Between(first.pack, first.as_of, second, changes, first.dataset, first.frame_kind)


def compare(
    pack_a: Pack | str | Path,
    pack_b: Pack | str | Path,
    records: Inputs | None = None,
    *,
    as_of: dt.date | str | None = None,
    engine: str = "auto",
    mapping: str | Path | Mapping[str, Any] | None = None,
    subjects: Mapping[str, Iterable[str]] | None = None,
    rules: str | Iterable[str] | None = None,
    places: Mapping[str, Any] | None = None,
    language: Literal["en", "zh"] = "en",
) -> PackDiff:
    """What differs between two packs, which is stricter, and on records whose outcome changes.

    Args:
        records: as the inputs of `check`; a type that only one of the packs has is judged by that one.
        rules: ids or patterns of the rules to look at, of either pack. The others are as for `check`.

    Raises:
        PackError, InputError, CallError: as `check` does.

    Examples:
        >>> compare("jiuquan-2018", "jiuquan-2018").strictness
        'same'
    """
    from envrules.analysis.diff import compare_packs
    from envrules.records.places import places_of_one

    a, b = (loaded_pack(p) for p in (pack_a, pack_b))
    chosen = _rules_of_both(a, b, rules)
    if records is None:
        return compare_packs(a, b, rules=chosen)
    _refuse_cluster(records, "a comparison of two packs")
    day = evaluation_date(as_of)
    pairs = [(t, _kept(s)) for t, s in _pairs(records)]
    runs = []
    for one, other in ((a, b), (b, a)):
        own = [(t, s) for t, s in pairs if t is None or t in one.records or t not in other.records]
        known = {k: v for k, v in (subjects or {}).items() if k in subjects_of(one) or k not in subjects_of(other)}
        wanted = None if rules is None else [r for r in chosen if r in one.rules]
        located = places_of_one(places, one.records, other.records)
        runs.append(
            check(one, own, as_of=day, engine=engine, mapping=mapping, subjects=known, outcomes="all", rules=wanted,
                  places=located, language=language, stream=False)
        )  # fmt: skip
    found = compare_packs(a, b, (runs[0].verdicts, runs[1].verdicts), chosen)
    return replace(found, frame_kind=runs[0].frame_kind, datasets=(runs[0].dataset, runs[1].dataset))


def _kept(source: Any) -> Any:
    """A source that can be read twice."""
    return list(source) if isinstance(source, Iterator) else source


def _rules_of_both(a: Pack, b: Pack, rules: str | Iterable[str] | None) -> list[str]:
    """The ids that are chosen in either pack; a pattern has to fit a rule of one of them."""
    patterns = None if rules is None else [rules] if isinstance(rules, str) else list(rules)
    ids = list(dict.fromkeys([*a.rules, *b.rules]))
    if patterns is None:
        return ids
    unknown = [p for p in patterns if not any(fnmatchcase(i, p) for i in ids)]
    if unknown:
        raise CallError(
            [
                Diagnostic("unknown-rule", "rules", f"{p} is a rule of neither pack", hint=nearest(p, ids))
                for p in unknown
            ]
        )
    return [i for i in ids if any(fnmatchcase(i, p) for p in patterns)]


def record_model(pack: Pack | str | Path, record_type: str) -> Any:
    """The pydantic model of a record type: for building records in code, with its fields' kinds checked.

    Raises:
        CallError: `unknown-record`.
    """
    from envrules.records.models import record_model as build

    loaded = loaded_pack(pack)
    if record_type not in loaded.records:
        raise CallError(
            [
                Diagnostic(
                    "unknown-record",
                    record_type,
                    f"{record_type} is not a record type of {loaded.name}",
                    hint=nearest(record_type, loaded.records),
                )
            ]
        )
    return build(loaded.records[record_type])


def schema() -> dict[str, Any]:
    """The JSON schema of a pack's files, for editors: one schema that fits pack.yaml, a record type or a clause."""
    from envrules.pack.schema import documents_schema

    return documents_schema()
