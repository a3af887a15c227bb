"""The parts of a job, judged apart, give what the job gives: every subject once, with the same outcome."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envrules.engines import columnar, reference
from envrules.engines.base import Engine, Job
from envrules.engines.columnar.placed import Placing
from envrules.engines.partition import GroupSurvey, Part, open_groups, partitioning
from envrules.pack.load import load_pack
from envrules.pack.pack import Pack, Rule
from envrules.records.read import read_inputs
from envrules.records.values import Record

#: Groups that records make, that a calendar demands, with open keys; records that look up others of their own type.
RULES = ("air.good-days", "study.quarterly", "report.progress", "training.yearly", "resource.productivity",
         "coal.consumption", "groundwater.balance")  # fmt: skip
VALUES: dict[str, list[Any]] = {
    "area": ["suzhou", "yumen", "xxx", None, "jiuquan"],
    "day": ["2019-01-01", "2019-01-02", "2020-06-01", "2020", None],
    "aqi": [50, 120, None],
    "body": ["leading_group", "office", None],
    "unit": ["a", "b", None],
    "month": ["2018-04", "2018-05", "2020-12", None],
    "held_on": ["2018-05-01", "2018-08-01", "2020-02", None],
    "year": [2015, 2016, 2020, None],
    "code": ["construction_land_per_gdp", "energy_per_gdp", "coal_consumption", "groundwater_abstraction", None],
}


def rows(pack: Pack, rule: Rule) -> st.SearchStrategy[list[dict[str, Any]]]:
    def cells(name: str, field: Any) -> st.SearchStrategy[Any]:
        if field.kind == "enum" and name != "area":
            return st.sampled_from([*field.enum.names[:4], *field.enum.names[-4:], None])
        if name in VALUES:
            return st.sampled_from(VALUES[name])
        if field.kind in ("date", "month", "year"):
            return st.sampled_from(["2018-05-01", "2020-02-01", None])
        return st.sampled_from([1.0, 5.0, None]) if field.kind in ("quantity", "number", "int") else st.none()

    fields = {n: cells(n, f) for n, f in pack.records[rule.record].fields.items() if n != "id"}
    return st.lists(st.fixed_dictionaries(fields), min_size=1, max_size=12)


@pytest.mark.parametrize("name", RULES)
@pytest.mark.parametrize("engine", [reference.ENGINE, columnar.ENGINE], ids=lambda e: e.name)
def test_parts_give_what_the_whole_gives(name: str, engine: Engine) -> None:
    pack = load_pack("jiuquan-2018")
    rule = pack.rules[name]

    @settings(max_examples=25, deadline=None)
    @given(rows(pack, rule), st.integers(1, 4))
    def holds(given_rows: list[dict[str, Any]], count: int) -> None:
        data = [{"id": f"R{i}", **row} for i, row in enumerate(given_rows)]
        records = read_inputs({rule.record: data}, pack.records, pack.units).records
        job = Job(pack, records, dt.date(2020, 12, 31), [rule])
        wanted = sorted(map(repr, engine.run(job)))
        found = [repr(v) for part in parts(job, rule, count) for v in engine.run(part)]
        assert sorted(found) == wanted

    holds()


def parts(job: Job, rule: Rule, count: int) -> list[Job]:
    """The job in parts, as whoever moves its records between processes makes them."""
    parted = partitioning(rule)
    assert not parted.why_not
    records = list(job.records[rule.record])
    placing = Placing(job, count)
    own = placing.by_rule(rule, parted).to_list()
    if rule.group is None:
        (fields,) = {tuple(f) for f in parted.related.values()}
        looked_up = placing.by_fields(rule.record, fields).to_list()
        found = []
        for number in range(count + 1):
            mine = [r for r, p in zip(records, own, strict=True) if (count if p is None else p) == number]
            others = [r for r, p in zip(records, looked_up, strict=True) if p in (None, number) or number == count]
            found.append(one(job, rule, mine, [r for r in others if not any(r is m for m in mine)]))
        return found
    survey = GroupSurvey([set() for _ in rule.group])
    for start in range(0, len(records), 5):  # as if they came in batches
        batch = replace(job, records={rule.record: records[start : start + 5]})
        survey.add(Placing(batch, count).survey(rule))
    known = dict(zip(survey.open_keys, placing.could_hold(rule, list(survey.open_keys)), strict=True))
    opened = {rule.id: open_groups(survey, known.__getitem__)}
    found = []
    for number in range(count + 1):
        share = Part(number, count, {rule.id: parted}, {rule.id: survey}, opened)
        mine = [r for r, p in zip(records, own, strict=True) if p is None or p == number]
        found.append(replace(job, records={rule.record: mine}, share=share))
    return found


def one(job: Job, rule: Rule, mine: Sequence[Record], others: Sequence[Record]) -> Job:
    return replace(job, records={rule.record: [*mine, *others]}, own={rule.record: len(mine)})
