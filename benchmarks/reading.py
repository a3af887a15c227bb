"""How long a workbook and a csv take to be read, mapped and checked, beside what their readers alone take."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

from benchmarks.child import Stopwatch
from benchmarks.coal.task import WARM
from benchmarks.measure import interleaved
from benchmarks.report import Mark, Section, Table, number

#: The columns of the workbook as a laboratory heads them; the rules on other fields are left out.
HEADERS = {
    "id": "批次编号",
    "zone": "所在区域",
    "activity": "环节",
    "total_sulfur": "全硫(%)",
    "ash": "灰分（%）",
    "moisture_ar": "全水分 %",
    "volatile_matter": "挥发分(%)",
    "calorific_value": "发热量(MJ/kg)",
    "mercury": "汞(μg/g)",
    "arsenic": "砷(mg/kg)",
    "chlorine": "氯(%)",
    "sampled_on": "采样日期",
}
WORDS = {"built_up": "城市建成区", "other": "其他地区", "sale": "销售", "use": "使用", "production": "生产"}
RULES = ("coal.sulfur.*", "coal.ash.*", "coal.[mv]*", "coal.calorific-value", "coal.chlorine", "coal.arsenic")


def reading(quick: bool, rounds: int) -> Section:
    """An xlsx of 200,000 rows x 12 columns and a csv of 10 million lots."""
    section = Section("reading")
    rows = 20_000 if quick else 200_000
    path = str(workbook(rows))
    jobs = {
        "python-calamine alone": {"task": "reading:calamine", "path": path},
        "envrules, read, mapped and checked": {"task": "reading:check", "path": path, "rules": list(RULES)},
    }
    title = f"An xlsx of {rows:,} rows x {len(HEADERS)} columns"
    _measured(section, title, jobs, rounds, {"python-calamine alone": 1.5})
    rows = 200_000 if quick else 10_000_000
    path = str(csv(rows))
    jobs = {
        "polars, as text and cast": {"task": "reading:polars_cast", "path": path},
        "polars, told the types": {"task": "reading:polars_typed", "path": path},
        "envrules, read and checked": {"task": "reading:check", "path": path},
    }
    _measured(section, f"A csv of {rows:,} lots, 14 columns", jobs, rounds, {"polars, as text and cast": 1.5})
    section.notes.append(
        "Told the types, polars stops at the first cell that is none of its type; as text and cast, it makes it null."
    )
    return section


def _measured(
    section: Section, title: str, jobs: dict[str, dict[str, Any]], rounds: int, at_most: dict[str, float]
) -> None:
    found = interleaved(jobs, rounds)
    last = list(jobs)[-1]
    rows = []
    for name, m in found.items():
        if m.failed:
            rows.append((name, m.failed, "-", "-"))
            continue
        rows.append((name, number(m.time), number(found[last].time / m.time), number(m.peak)))
    section.tables.append(Table(title, ("", "seconds", "envrules takes times that", "peak MB"), rows))
    for other, most in at_most.items():
        ratio = None if found[last].failed or found[other].failed else found[last].time / found[other].time
        section.marks.append(Mark(f"{title}: against {other}", most, ratio))


# --- what runs in a process of its own --------------------------------------------------------------------------------


def calamine(watch: Stopwatch, path: str) -> Any:
    """Every cell of the first sheet as a Python value."""
    from python_calamine import CalamineWorkbook

    with watch:
        cells = CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()
    return len(cells)


def check(watch: Stopwatch, path: str, rules: list[str] | None = None) -> Any:
    """The file checked and its counts taken; its first rows have been checked before, in another file."""
    from benchmarks.coal.by_envrules import counts

    counts(str(_beginning(Path(path))), rules=rules)
    with watch:
        found = counts(path, rules=rules)
    return found


def polars_cast(watch: Stopwatch, path: str) -> Any:
    """Every column read as text and cast; what is none of the type becomes null."""
    import polars as pl
    from benchmarks.coal.records import MEASURED

    with watch:
        frame = (
            pl.scan_csv(path, infer_schema=False)
            .with_columns(
                pl.col(*MEASURED).cast(pl.Float64, strict=False),
                pl.col("sampled_on").str.to_date("%Y-%m-%d", strict=False),
            )
            .collect()
        )
    return len(frame)


def polars_typed(watch: Stopwatch, path: str) -> Any:
    """Every column read as what it is to be."""
    import polars as pl
    from benchmarks.coal.records import MEASURED

    types = dict.fromkeys(MEASURED, pl.Float64) | {"id": pl.String, "sampled_on": pl.Date}
    with watch:
        frame = pl.read_csv(path, schema_overrides=types)
    return len(frame)


# --- the files --------------------------------------------------------------------------------------------------------


def csv(rows: int) -> Path:
    """The csv of so many lots, made when it is not there."""
    from benchmarks.coal.records import data_folder, pieces

    path = data_folder() / f"lots-{rows}.csv"
    if not path.exists():
        part = path.with_suffix(".part")
        with part.open("wb") as file:
            for number_, piece in enumerate(pieces(rows)):
                piece.write_csv(file, include_header=number_ == 0)
        part.rename(path)
    return path


def workbook(rows: int) -> Path:
    """The workbook of so many lots: Chinese headers with their units, and a few cells as people type them."""
    import xlsxwriter
    from benchmarks.coal.records import data_folder, lots

    path = data_folder() / f"lots-{rows}.xlsx"
    if path.exists():
        return path
    part = path.with_suffix(".part")
    with xlsxwriter.Workbook(str(part), {"constant_memory": True, "nan_inf_to_errors": True}) as book:
        sheet = book.add_worksheet("煤质台账")
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write_row(0, 0, list(HEADERS.values()))
        for row, lot in enumerate(lots(rows).select(*HEADERS).iter_rows(), 1):
            for column, value in enumerate(lot):
                if value is None:
                    continue
                if isinstance(value, dt.date):
                    sheet.write_datetime(row, column, dt.datetime.combine(value, dt.time()), day)
                else:
                    sheet.write(row, column, _typed(value, row, column))
    part.rename(path)
    return path


def _typed(value: object, row: int, column: int) -> object:
    """The cell as it is typed: words in Chinese, and one number in some thousands with its unit or below a limit."""
    if isinstance(value, str):
        return WORDS.get(value, value)
    if column == 3 and row % 2003 == 0:
        return f"{value}%"
    if column == 8 and row % 3001 == 0:
        return f"<{value}"
    return value


def _beginning(path: Path) -> Path:
    """A file of the same kind with a few thousand rows."""
    return csv(WARM) if path.suffix == ".csv" else workbook(WARM)
