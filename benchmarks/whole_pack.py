"""All rules of the shipped pack, on made-up records of every type it has: what a rule costs, beside one of the twelve.

The records of a type are drawn from a few thousand random ones: 97 % from those without a finding (or, where every one
has some, with the fewest), 3 % from the others.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import math
import random
from collections import Counter
from pathlib import Path
from typing import Any

from benchmarks.child import Stopwatch
from benchmarks.coal.by_envrules import PACK
from benchmarks.coal.sections import RULES, lots_file
from benchmarks.coal.task import WARM
from benchmarks.measure import OUT, interleaved
from benchmarks.report import Mark, Section, Table, number

SHIPPED = "jiuquan-2018"
AS_OF = dt.date(2020, 12, 31)
POOL = 2000
FIRST, LAST = dt.date(2018, 1, 1), dt.date(2020, 12, 31)


def whole_pack(quick: bool, rounds: int) -> Section:
    """Counts and findings of every rule, with so many records of each type."""
    size = 20_000 if quick else 200_000
    folder = records_folder(size)
    section = Section("whole_pack")
    rows = []
    for what in ("counts", "findings"):
        both: dict[str, dict[str, Any]] = {
            "all rules of the shipped pack": {"pack": SHIPPED, "paths": str(folder)},
            "twelve limits on coal": {"pack": str(PACK), "paths": str(lots_file(size))},
        }
        jobs = {name: {"task": "whole_pack:judge", "what": what, **job} for name, job in both.items()}
        found = interleaved(jobs, rounds)
        per_check = {}
        for name, m in found.items():
            if m.failed:
                rows.append((what, name, m.failed, "-", "-", "-", "-"))
                continue
            rules, checks, findings = m.given
            per_check[name] = m.time / checks
            cells = (number(m.time), number(checks / m.time / 1e6), f"{findings / checks:.1%}" if findings else "-")
            rows.append((what, name, str(rules), f"{checks:,}", *cells, number(m.peak)))
        whole, twelve = (per_check.get(name) for name in both)
        ratio = None if whole is None or twelve is None else whole / twelve
        section.marks.append(Mark(f"{what}: a check of the whole pack against one of {RULES} rules", 1.0, ratio))
    columns = ("", "", "rules", "checks", "seconds", "million checks/s", "findings", "peak MB")
    title = f"All rules of {SHIPPED}, {size:,} records of each type"
    section.tables.append(Table(title, columns, rows))
    section.notes.append("A check is one record under one rule; of a rule on groups, one record that it reads.")
    return section


def judge(watch: Stopwatch, pack: str, what: str, paths: str) -> Any:
    """How many rules, checks and findings: of all parquet files of a folder, or of one of coal lots."""
    import polars as pl

    import envrules as er

    loaded = er.load_pack(pack)
    given = Path(paths)
    files = {f.stem: f for f in sorted(given.glob("*.parquet"))} if given.is_dir() else {"coal_lot": given}
    frames = {record: pl.read_parquet(file).rechunk() for record, file in files.items()}

    def ask(inputs: dict[str, Any]) -> int:
        result = er.check(loaded, inputs, as_of=AS_OF)
        return 0 if what == "counts" and len(result.summary) else len(result.findings)

    ask({record: frame.head(WARM) for record, frame in frames.items()})
    with watch:
        findings = ask(frames)
    judged = [rule for rule in loaded.rules.values() if rule.record in frames]
    return len(judged), sum(len(frames[rule.record]) for rule in judged), findings


# --- the records ------------------------------------------------------------------------------------------------------


def records_folder(size: int) -> Path:
    """A folder with a parquet file for each record type that a rule reads, made when it is not there."""
    import numpy as np
    import polars as pl

    import envrules as er

    pack = er.load_pack(SHIPPED)
    version = hashlib.sha256(Path(__file__).read_bytes() + pack.sha256.encode()).hexdigest()[:8]
    folder = OUT / "data" / f"{SHIPPED}-{version}-{size}"
    if folder.exists():
        return folder
    part = folder.with_suffix(".part")
    part.mkdir(parents=True, exist_ok=True)
    for name, record in pack.records.items():
        rules = [r for r in pack.rules.values() if r.record == name]
        if not rules:
            continue
        chance = random.Random(f"{name} 18")
        pool = [_record(record, chance, n) for n in range(POOL)]
        clean, other = _sorted_out(pack, name, rules, pool)
        draw = np.random.default_rng((18, len(name), ord(name[0])))
        common, rare = draw.choice(clean, size), draw.choice(other, size)
        chosen = np.where(draw.random(size) < 0.97, common, rare)
        frame = pl.DataFrame(pool, infer_schema_length=None)[chosen]
        frame = frame.with_columns(pl.Series("id", [f"{n:09d}" for n in range(size)]))
        if record.id_from:
            frame = _one_each(frame, record.id_from, record.date)
        frame.write_parquet(part / f"{name}.parquet")
    part.rename(folder)
    return folder


def _record(record: Any, chance: random.Random, number_: int) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for field in record.fields.values():
        rare = 0.3 if field.empty_is_answer else 0.01
        made[field.name] = None if chance.random() < rare else _value(field, chance)
    made["id"] = str(number_)
    return made


def _value(field: Any, chance: random.Random) -> Any:
    day = FIRST + dt.timedelta(chance.randrange((LAST - FIRST).days + 1))
    if field.kind in ("id", "text"):
        return f"单位{chance.randrange(300)}"
    if field.kind == "enum":
        return chance.choice(field.enum.names)
    if field.kind == "bool":
        return chance.random() < 0.6
    if field.kind == "date":
        return day
    if field.kind == "month":
        return f"{day:%Y-%m}"
    if field.kind == "year":
        return day.year
    low, high = max(field.bounds.lo, 0.0), field.bounds.hi
    value = chance.uniform(low, high) if math.isfinite(high) else low + 10 ** chance.uniform(0, 2.5)
    return round(value) if field.kind == "int" else round(value, 2)


def _sorted_out(pack: Any, name: str, rules: list[Any], pool: list[dict[str, Any]]) -> tuple[list[int], list[int]]:
    """The places of records without a finding, and of the others, by the rules that ask of one record alone."""
    import envrules as er

    alone = [r.id for r in rules if r.group is None and not r.related]
    every = list(range(len(pool)))
    if not alone:
        return every, every
    found = er.check(pack, {name: pool}, as_of=AS_OF, rules=alone).verdicts
    per = Counter(int(v.record_id) for v in found if v.record_id is not None)
    clean = [n for n in every if not per[n]]
    if len(clean) < len(pool) // 50:
        clean = sorted(every, key=lambda n: per[n])[: len(pool) // 10]
    kept = set(clean)
    return clean, [n for n in every if n not in kept] or clean


def _one_each(frame: Any, keys: tuple[str, ...], year: str) -> Any:
    """One record for each of the keys that make its id, as a table of indicators has: over many years."""
    import polars as pl

    others = [k for k in keys if k != year]
    nth = pl.int_range(pl.len()).over(others)
    return frame.drop_nulls(others).with_columns((LAST.year - nth).cast(pl.Int64).alias(year)).filter(pl.col(year) > 0)
