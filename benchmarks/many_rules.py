"""What a rule costs as packs grow: the twelve limits again with other numbers, and all rules of a shipped pack."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from benchmarks.child import Stopwatch
from benchmarks.coal.by_envrules import PACK
from benchmarks.coal.sections import RULES, lots_file
from benchmarks.coal.task import WARM
from benchmarks.measure import OUT, interleaved
from benchmarks.report import Mark, Section, Table, number

_LIMIT = re.compile(r"(require: .*[<>]= )([\d.]+)( \S+)$", re.MULTILINE)
_ID = re.compile(r"^(  - id: \S+)$", re.MULTILINE)


def rules(quick: bool, rounds: int) -> Section:
    """Counts and findings of 12, 24, 48 and 96 rules on the same lots."""
    lots = 100_000 if quick else 1_000_000
    times = (1, 4) if quick else (1, 2, 4, 8)
    section = Section("rules")
    rows = []
    for what in ("counts", "findings"):
        jobs: dict[str, dict[str, Any]] = {
            f"{RULES * n} rules": {
                "task": "many_rules:judge",
                "what": what,
                "pack": str(pack_of(n)),
                "path": str(lots_file(lots)),
            }
            for n in times
        }
        found = interleaved(jobs, rounds)
        first = found[f"{RULES} rules"]
        for n in times:
            m = found[f"{RULES * n} rules"]
            if m.failed:
                rows.append((what, str(RULES * n), m.failed, "-", "-", "-"))
                continue
            per = m.time / n / first.time
            rate = lots * RULES * n / m.time / 1e6
            rows.append((what, str(RULES * n), number(m.time), number(rate), number(per), number(m.peak)))
        last = found[f"{RULES * times[-1]} rules"]
        grown = None if last.failed or first.failed else last.time / times[-1] / first.time
        name = f"{what}: a rule of {RULES * times[-1]} against a rule of {RULES}"
        section.marks.append(Mark(name, 1.1, grown))
    columns = ("", "rules", "seconds", "million checks/s", "times a rule of 12", "peak MB")
    section.tables.append(Table(f"Packs of more rules, {lots:,} lots", columns, rows))
    return section


def judge(watch: Stopwatch, pack: str, what: str, path: str) -> Any:
    """The counts or findings of a pack on the lots of a file, as a polars frame."""
    import polars as pl
    from benchmarks.coal.outcomes import AS_OF

    import envrules as er

    loaded = er.load_pack(pack)
    lots = pl.read_parquet(path).rechunk()

    def ask(frame: pl.DataFrame) -> int:
        result = er.check(loaded, {"coal_lot": frame}, as_of=AS_OF)
        return len(result.summary if what == "counts" else result.findings)

    ask(lots.head(WARM))
    with watch:
        found = ask(lots)
    return found


def pack_of(times: int) -> Path:
    """The twelve limits so many times over, each time with limits half a percent further, so that none is another's."""
    name = f"coal-limits-{times}"
    folder = OUT / "packs" / name
    (folder / "records").mkdir(parents=True, exist_ok=True)
    head = (PACK / "pack.yaml").read_text(encoding="utf-8")
    (folder / "pack.yaml").write_text(head.replace("pack: coal-limits", f"pack: {name}"), encoding="utf-8")
    record = (PACK / "records" / "coal_lot.yaml").read_text(encoding="utf-8")
    (folder / "records" / "coal_lot.yaml").write_text(record, encoding="utf-8")
    for file in PACK.glob("[0-9]*.yaml"):
        top, _, rest = file.read_text(encoding="utf-8").partition("rules:\n")
        body = re.sub(r"    cases:\n(?:      .*\n)+", "", rest)
        copies = [_moved(body, n) for n in range(times)]
        (folder / file.name).write_text(top + "rules:\n" + "\n".join(copies), encoding="utf-8")
    return folder


def _moved(rules: str, number_: int) -> str:
    if number_ == 0:
        return rules

    def farther(m: re.Match[str]) -> str:
        most = 1 + number_ / 200
        return f"{m[1]}{float(m[2]) * (1 / most if '>=' in m[1] else most):.6g}{m[3]}"

    return _ID.sub(rf"\1.{number_}", _LIMIT.sub(farther, rules))
