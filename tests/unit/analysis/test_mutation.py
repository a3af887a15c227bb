"""Which mutants a rule has, and that one survives exactly where no case would notice it."""

from __future__ import annotations

from pathlib import Path

import pytest

from envrules.analysis.mutants import moved
from envrules.analysis.mutation import mutants, survivors, try_mutants
from envrules.interval import point
from envrules.pack.load import load_pack
from envrules.pack.pack import Pack

PACK = """\
schema: envrules/1
pack: small
version: 1.0.0
title: {en: A small pack, zh: 小规则包}
effective: 2018-03-22
calendar: weekdays
cases: {as_of: 2020-12-31}
enums:
  fuel: {values: {coal: {}, slurry: {}, gas: {}}}
  grade: {ordered: true, values: {low: {}, middle: {}, top: {}}}
clauses: [{id: '1', title: {en: One, zh: 一}}]
"""
KILN = """\
schema: envrules/1
record: kiln
date: day
fields:
  id: {kind: id}
  day: {kind: date}
  fuel: {kind: enum, enum: fuel}
  grade: {kind: enum, enum: grade}
  sulfur: {kind: quantity, unit: '%'}
  closed: {kind: bool}
  done_on: {kind: date, empty: not done}
derived:
  dirty: {value: 'fuel in {coal, slurry}'}
"""
CLAUSE = """\
schema: envrules/1
clause: '1'
rules:
  - id: rule
    title: {en: A rule, zh: 规则}
    record: kiln
"""


def small(tmp_path: Path, rule: str, cases: str = "[]") -> Pack:
    folder = tmp_path / "small"
    (folder / "records").mkdir(parents=True)
    (folder / "pack.yaml").write_text(PACK, "utf-8")
    (folder / "records" / "kiln.yaml").write_text(KILN, "utf-8")
    lines = "".join(f"    {line}\n" for line in [*rule.splitlines(), f"cases: {cases}"])
    (folder / "1.yaml").write_text(CLAUSE + lines, "utf-8")
    return load_pack(folder)


def described(tmp_path: Path, rule: str) -> list[str]:
    pack = small(tmp_path, rule)
    return [what for what, _ in mutants(pack.rules["rule"], pack) if not what.startswith("effective")]


@pytest.mark.parametrize(
    ("require", "expected"),
    [
        (
            "sulfur <= 0.8 %",
            [
                "require: sulfur <= 0.8 % -> sulfur < 0.8 %",
                "require: sulfur <= 0.8 % -> sulfur >= 0.8 %",
                "require: sulfur <= 0.8 % -> sulfur <= 0.7 %",
                "require: sulfur <= 0.8 % -> sulfur <= 0.9 %",
            ],
        ),
        ("closed", ["require: closed -> not closed"]),
        ("not closed", ["require: not closed -> closed"]),
        (
            "closed or day > 2019-01-01",
            [
                "require: closed or day > 2019-01-01 -> closed and day > 2019-01-01",
                "require: closed or day > 2019-01-01 -> day > 2019-01-01",
                "require: closed or day > 2019-01-01 -> closed",
                "require: closed -> not closed",
                "require: day > 2019-01-01 -> day >= 2019-01-01",
                "require: day > 2019-01-01 -> day < 2019-01-01",
                "require: day > 2019-01-01 -> day > 2018-12-31",
                "require: day > 2019-01-01 -> day > 2019-01-02",
            ],
        ),
        (
            "grade >= middle",
            [
                "require: grade >= middle -> grade > middle",
                "require: grade >= middle -> grade <= middle",
                "require: grade >= middle -> grade >= low",
                "require: grade >= middle -> grade >= top",
            ],
        ),
        (
            "fuel in {coal, gas}",
            [
                "require: fuel in {coal, gas} -> not fuel in {coal, gas}",
                "require: fuel in {coal, gas} -> fuel in {gas}",
                "require: fuel in {coal, gas} -> fuel in {coal}",
                "require: fuel in {coal, gas} -> fuel in {coal, gas, slurry}",
            ],
        ),
        (
            "done_on is filled",
            ["require: done_on is filled -> not done_on is filled", "require: done_on is filled -> true"],
        ),
        (
            "dirty",
            [
                "require: dirty -> not dirty",
                "dirty: fuel in {coal, slurry} -> not fuel in {coal, slurry}",
                "dirty: fuel in {coal, slurry} -> fuel in {slurry}",
                "dirty: fuel in {coal, slurry} -> fuel in {coal}",
                "dirty: fuel in {coal, slurry} -> fuel in {coal, slurry, gas}",
            ],
        ),
    ],
)
def test_a_requirement_changes_in_one_thing(tmp_path: Path, require: str, expected: list[str]) -> None:
    assert described(tmp_path, f"require: {require}") == expected


def test_dates_conditions_and_severities_change(tmp_path: Path) -> None:
    rule = (
        "when: closed\nrequire: 'true'\nexpires: 2020-06-30\ndue: 2019-12-31\nseverity: {high: dirty, otherwise: low}"
    )
    pack = small(tmp_path, rule)
    found = [what for what, _ in mutants(pack.rules["rule"], pack)]
    assert found[:12] == [
        "when: closed -> not closed",
        "when: dropped",
        "effective: 2018-03-22 -> 2018-03-21",
        "expires: 2020-06-30 -> 2020-06-29",
        "effective: 2018-03-22 -> 2018-03-23",
        "expires: 2020-06-30 -> 2020-07-01",
        "due: dropped",
        "due: 2019-12-31 -> 2019-12-30",
        "due: 2019-12-31 -> 2020-01-01",
        "severity high: dropped",
        "severity high: dirty -> not dirty",
        "dirty: fuel in {coal, slurry} -> not fuel in {coal, slurry}",
    ]


def test_a_due_date_that_is_a_field_moves_too(tmp_path: Path) -> None:
    found = described(tmp_path, "require: closed\ndue: done_on")
    assert found[-3:] == ["due: dropped", "due: done_on -> done_on - 1", "due: done_on -> done_on + 1"]


def test_groups_and_related_records_change(tmp_path: Path) -> None:
    rule = (
        "group: {fuel: {key: fuel, values: all}, year: {key: year(day), from: 2019}}\n"
        "coverage: {of: day, least: 3}\n"
        "related: {other: {record: kiln, keys: {fuel: fuel}, where: closed}}\n"
        "require: share(sulfur <= 1 %) > 50 %"
    )
    found = described(tmp_path, rule)
    assert [what for what in found if not what.startswith("require")] == [
        "other: key fuel dropped",
        "other: where: dropped",
        "other: where: closed -> not closed",
        "coverage: 3 -> 2",
        "coverage: 3 -> 4",
        "group fuel: without coal",
        "group fuel: without slurry",
        "group fuel: without gas",
        "group year: from 2019 -> 2018",
        "group year: from 2019 -> 2020",
    ]


def test_rows_of_a_table_change_together_with_what_they_require(tmp_path: Path) -> None:
    rule = (
        "derive:\n"
        "  step:\n"
        "    enum: grade\n"
        "    rows:\n"
        "      - {when: closed, then: top}\n"
        "      - {when: fuel == coal, then: middle, require: done_on is filled}\n"
        "      - {then: low}\n"
        "require: step\n"
        "output: step"
    )
    pack = small(tmp_path, rule)
    by_name = dict(mutants(pack.rules["rule"], pack))
    assert [what for what in by_name if "row" in what] == [
        "step: row 1 dropped",
        "step: row 1: closed -> not closed",
        "step: row 2 dropped",
        "step: row 2: fuel == coal -> not fuel == coal",
        "step: row 2 requires: done_on is filled -> not done_on is filled",
        "step: row 2 requires: done_on is filled -> true",
        "step: row 3 dropped",
        "step: rows 1 and 2 swapped",
        "step: results of rows 1 and 2 swapped",
        "step: demands of rows 1 and 2 swapped",
        "step: results of rows 2 and 3 swapped",
        "step: demands of rows 2 and 3 swapped",
    ]
    table = by_name["step: row 1 dropped"].derive["step"]
    assert table.requirement is not None
    assert repr(by_name["step: row 1 dropped"].require).count("Row(") == 2


def test_every_mutant_has_a_name_of_its_own_and_differs_from_the_rule() -> None:
    pack = load_pack("jiuquan-2018")
    for name in ("coal.sulfur.built-up", "scattered.disposition", "air.good-days", "report.progress"):
        rule = pack.rules[name]
        found = list(mutants(rule, pack))
        assert len({what for what, _ in found}) == len(found)
        assert all(mutant != rule for _, mutant in found)


ENOUGH = """
      - {name: at the limit, record: {sulfur: 0.8, day: 2018-03-22}, outcome: pass}
      - {name: above, record: {sulfur: 0.81, day: 2018-03-22}, outcome: violation}
      - {name: far below, record: {sulfur: 0.75, day: 2018-03-22}, outcome: pass}
      - {name: before the plan, record: {sulfur: 0.9, day: 2018-03-21}, outcome: not_in_force}"""


def test_cases_at_the_boundary_leave_no_survivor(tmp_path: Path) -> None:
    pack = small(tmp_path, "require: sulfur <= 0.8 %", ENOUGH)
    assert list(survivors(pack)) == []
    killers = {r.mutant: r.killed_by for r in try_mutants(pack.rules["rule"], pack)}
    assert killers["require: sulfur <= 0.8 % -> sulfur < 0.8 %"] == "at the limit"


def test_a_case_that_is_missing_leaves_a_survivor(tmp_path: Path) -> None:
    cases = "\n".join(line for line in ENOUGH.splitlines() if "at the limit" not in line)
    pack = small(tmp_path, "require: sulfur <= 0.8 %", cases)
    assert [r.mutant for r in survivors(pack)] == ["require: sulfur <= 0.8 % -> sulfur < 0.8 %"]


@pytest.mark.parametrize(
    ("value", "text", "expected"),
    [
        (0.8, "0.8 %", [0.7, 0.9]),
        (10.0, "10 t/h", [9, 11]),
        (7.0, "10 t/h", [6.3, 7.7]),
        (25.22, "25.22e8 m**3", [25.21, 25.23]),
        (8.7e6, "870e4 mu", [8.69e6, 8.71e6]),
        (-0.1, "-10 %", [-0.11, -0.09]),
        (0.0, "0", [-1, 1]),
        (0.5, "", [0.4, 0.6]),
    ],
)
def test_a_literal_moves_by_its_last_written_place(value: float, text: str, expected: list[float]) -> None:
    assert [x.lo for x in moved(point(value), text)] == pytest.approx(expected)
