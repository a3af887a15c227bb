"""A pack of a few record types, and rules made up by the tests, loaded and run."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from envrules import api
from envrules.pack.pack import Pack

RECORDS: dict[str, Any] = {
    "thing": {
        "fields": {
            **{name: {"kind": "bool"} for name in "abc"},
            "x": {"kind": "quantity", "unit": "kg", "least": None},
            "y": {"kind": "quantity", "unit": "t", "least": None},
            "n": {"kind": "number"},
            "s": {"kind": "quantity", "unit": "%"},
            "fuel": {"kind": "enum", "values": {"coal": {}, "gas": {}, "oil": {}}},
            "grade": {"kind": "enum", "ordered": True, "values": {"I": {}, "II": {}, "III": {}}},
            "held_on": {"kind": "date"},
            "filed_on": {"kind": "date", "empty": "not done"},
        }
    },
    "day": {
        "date": "on",
        "fields": {
            "area": {"kind": "enum", "values": {"north": {}, "south": {}}},
            "on": {"kind": "date"},
            "aqi": {"kind": "number"},
            "real": {"kind": "bool"},
        },
    },
    "limit": {
        "fields": {
            "area": {"kind": "enum", "values": {"north": {}, "south": {}}},
            "most": {"kind": "number"},
        }
    },
}

Load = Callable[[Sequence[Mapping[str, Any]]], Pack]
Judge = Callable[[Pack, Mapping[str, Any]], dict[tuple[str, str], str]]


@pytest.fixture(scope="session")
def load() -> Load:
    """Loads a pack of these rules; what a rule leaves out is filled in, its id is `r` and its number."""

    def load_rules(rules: Sequence[Mapping[str, Any]]) -> Pack:
        named = [{"id": f"r{i}", "title": "rule", "record": "thing", **rule} for i, rule in enumerate(rules)]
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            (folder / "records").mkdir()
            _write(folder / "pack.yaml", {"pack": "random", "version": "1", "effective": "2000-01-01"})
            _write(folder / "clause.yaml", {"clause": "1", "rules": named})
            for record, document in RECORDS.items():
                _write(folder / "records" / f"{record}.yaml", {"record": record, **document})
            return api.load_pack(folder)

    return load_rules


@pytest.fixture(scope="session")
def judge() -> Judge:
    """The outcome of each rule on each record or group."""

    def outcomes(pack: Pack, inputs: Mapping[str, Any]) -> dict[tuple[str, str], str]:
        result = api.check(pack, inputs, as_of="2020-12-31", engine="reference", outcomes="all")
        return {(v.rule, v.record_id or v.subject): v.outcome for v in result.verdicts}

    return outcomes


def _write(path: Path, document: Mapping[str, Any]) -> None:
    path.write_text(json.dumps({"schema": "envrules/1", **document}, default=str), "utf-8")
