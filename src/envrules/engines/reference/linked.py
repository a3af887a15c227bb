"""Records by type, and those related to a record by key: found by index, never by a walk over all of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from envrules.engines.base import KeyPart
from envrules.interval import Interval
from envrules.records.values import Nothing, Record, Value

#: A record and whether it belongs: True, or None where a missing value leaves it open.
Member: TypeAlias = "tuple[Record, bool | None]"


@dataclass
class _Index:
    """Records of one type by some of their fields; those without a usable key apart."""

    known: dict[tuple[KeyPart, ...], list[Record]] = field(default_factory=dict)
    partly: list[tuple[tuple[KeyPart, ...], Record]] = field(default_factory=list)


class LinkedRecords:
    """The records of a job with their indexes."""

    def __init__(self, records: Mapping[str, Sequence[Record]]) -> None:
        self.records = records
        self._indexes: dict[tuple[str, tuple[str, ...]], _Index] = {}

    def matching(self, record_type: str, fields: tuple[str, ...], values: tuple[KeyPart, ...]) -> list[Member]:
        """The records whose fields equal the values; None in either leaves it open whether they do."""
        index = self._index(record_type, fields)
        if None not in values:
            found: list[Member] = [(r, True) for r in index.known.get(values, ())]
        else:
            found = [(r, None) for key, rows in index.known.items() if _agree(key, values) for r in rows]
        return found + [(r, None) for key, r in index.partly if _agree(key, values)]

    def _index(self, record_type: str, fields: tuple[str, ...]) -> _Index:
        name = (record_type, fields)
        if name not in self._indexes:
            index = self._indexes[name] = _Index()
            for record in self.records.get(record_type, ()):
                key = tuple(key_part(record.value(f)) for f in fields)
                if None in key:
                    index.partly.append((key, record))
                else:
                    index.known.setdefault(key, []).append(record)
        return self._indexes[name]


def key_part(value: Value) -> KeyPart:
    """A value as a part of a key; None where it is not known."""
    if isinstance(value, Interval):
        return value.lo if value.known else None
    return None if isinstance(value, Nothing | frozenset) else value


def _agree(key: tuple[KeyPart, ...], values: tuple[KeyPart, ...]) -> bool:
    return all(k is None or v is None or k == v for k, v in zip(key, values, strict=True))
