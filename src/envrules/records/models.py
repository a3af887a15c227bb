"""Record types as pydantic models, for those who build records in Python with an editor's help.

A model checks kinds and words; ranges, units and bounds are read when its records are given to `read_inputs`.
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, create_model

from envrules.records.types import Field as RecordField
from envrules.records.types import RecordType

_MONTH = Annotated[str, Field(pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])$")]
_KINDS: dict[str, Any] = {
    "id": str,
    "text": str,
    "bool": bool,
    "int": int,
    "number": float | str,
    "quantity": float | str,
    "date": dt.date,
    "month": _MONTH,
    "year": int,
}


class RecordModel(BaseModel):
    """What the models of all record types share; `envrules_record` is the name of the record type."""

    model_config = ConfigDict(extra="forbid", protected_namespaces=(), use_enum_values=True)
    envrules_record: ClassVar[str] = ""


def record_model(record_type: RecordType) -> type[RecordModel]:
    """The model of a record type: every field may be left out, but for an id that is not made of other fields.

    A quantity is a number in the field's unit, or a text such as `14 MW` or `<10`.

    Examples:
        >>> from envrules.records.types import Enumeration, EnumValue
        >>> zone = Enumeration("zone", (EnumValue("built_up"), EnumValue("other")))
        >>> fields = {"id": RecordField("id", "id"), "zone": RecordField("zone", "enum", enum=zone)}
        >>> model = record_model(RecordType("coal_lot", fields))
        >>> model.__name__, model.model_validate({"id": "A", "zone": "other"}).model_dump()
        ('CoalLot', {'id': 'A', 'zone': 'other'})
    """
    definitions: dict[str, Any] = {}
    for one in record_type.fields.values():
        about = Field(None, description=_description(one))
        if one.kind == "id" and not record_type.id_from:
            definitions[one.name] = (str, Field(description=_description(one)))
        else:
            definitions[one.name] = (_annotation(one) | None, about)
    model: type[RecordModel] = create_model(
        "".join(part.capitalize() for part in record_type.name.split("_")),
        __base__=RecordModel,
        __doc__=" / ".join(record_type.label.both()) or record_type.name,
        **definitions,
    )
    model.envrules_record = record_type.name
    return model


def _annotation(one: RecordField) -> Any:
    if one.enum is not None:
        return Literal[one.enum.names]
    return _KINDS[one.kind]


def _description(one: RecordField) -> str:
    parts = [" / ".join(one.label.both()) or one.name, " / ".join(one.meaning.both())]
    if one.kind == "quantity":
        parts.append(f"in {one.unit.text}" if not one.unit_of else f"in the unit of its {one.unit_of}")
    return "; ".join(p for p in parts if p)
