from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from pydantic import ValidationError

from envrules.interval import Interval, point
from envrules.records.dataset import Dataset
from envrules.records.models import record_model
from envrules.records.types import RecordType


def test_a_model_of_a_record_type(types: dict[str, RecordType]) -> None:
    model = record_model(types["boiler"])
    assert model.__name__ == "Boiler"
    one = model.model_validate({"id": "A", "zone": "built_up", "capacity": "14 MW", "commissioned_on": "2018-03-22"})
    assert one.model_dump(exclude_none=True) == {
        "id": "A",
        "zone": "built_up",
        "capacity": "14 MW",
        "commissioned_on": dt.date(2018, 3, 22),
    }
    schema = model.model_json_schema()
    assert schema["properties"]["capacity"]["description"] == "capacity / 额定蒸发量; in t/h"
    assert schema["required"] == ["id"]
    for wrong in (
        {"id": "A", "zone": "rural"},
        {"id": "A", "capcity": 1},
        {"zone": "other"},
        {"id": "A", "upgraded": "maybe"},
    ):
        with pytest.raises(ValidationError):
            model.model_validate(wrong)


def test_every_type_has_a_model(types: dict[str, RecordType]) -> None:
    for record_type in types.values():
        assert set(record_model(record_type).model_fields) == set(record_type.fields)
    assert not record_model(types["indicator"]).model_fields["id"].is_required()


def test_models_are_records_and_name_their_type(types: dict[str, RecordType], read: Callable[..., Dataset]) -> None:
    boiler, lot = record_model(types["boiler"]), record_model(types["coal_lot"])
    found = read([(None, [boiler.model_validate({"id": "A", "capacity": "<10", "fuel": "coal"})]),
                  (None, (lot.model_validate({"id": str(n), "ash": n}) for n in range(2)))])  # fmt: skip
    assert found.records["boiler"][0].value("capacity") == Interval(0, 10, True, True)
    assert [r.value("ash") for r in found.records["coal_lot"]] == [point(0), point(1)]
    assert not found.warnings
