"""Whole packs drawn at random: documents of record types and rules, written to a folder and loaded as anyone's are."""

from __future__ import annotations

import atexit
import json
import re
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from drawn.fields import ENUMS, UNITS, Document, record_type
from drawn.rules import FORMS, derived, rule
from envrules import api
from envrules.pack.pack import Pack


@st.composite
def documents(draw: st.DrawFn, most_rules: int = 5, forms: Sequence[str] = FORMS) -> Document:
    """`{pack, records, rules}`: the documents of a pack."""
    kinds = tuple(draw(st.lists(st.sampled_from(tuple(UNITS)), min_size=1, max_size=2, unique=True)))
    records: Document = {}
    for name in ("plant", "cap", "boiler"):
        document = record_type(draw, name, kinds)
        records[name] = {**document, **derived(draw, document)}
    rules = draw(st.lists(rule(records, forms), min_size=1, max_size=most_rules))
    head: Document = {"enums": ENUMS, "calendar": draw(st.sampled_from(("china", "weekdays")))}
    if draw(st.booleans()):
        head["effective"] = "2018-03-22"
    return pruned({"pack": head, "records": records, "rules": rules})


def names_used(made: Mapping[str, Any]) -> set[str]:
    """The names of fields that the rules and derived fields of a pack's documents speak of."""
    parts = [[d.get("derived", {}), d.get("id", {})] for d in made["records"].values()]
    used = set(re.findall(r"[a-z_]\w*", json.dumps([made["rules"], parts])))
    used |= {d["date"] for d in made["records"].values() if "date" in d}
    return used | ({"e1", "u1"} if "v1" in used else set())


def pruned(made: Document) -> Document:
    """The documents without record types and fields that no rule speaks of: quicker to load, shorter to read."""
    used = names_used(made)
    types = {r["record"] for r in made["rules"]}
    types |= {link["record"] for r in made["rules"] for link in r.get("related", {}).values()}
    records: Document = {}
    for name in (n for n in made["records"] if n in types):
        document = {k: v for k, v in made["records"][name].items() if k != "derived kinds"}
        fields = {n: f for n, f in document["fields"].items() if n in used}
        records[name] = {**document, "fields": fields or {"b1": {"kind": "bool"}}}
    return {**made, "records": records}


@lru_cache(maxsize=1)
def _folder() -> Path:
    """One folder for all packs of a run: making and removing one costs as much as loading a pack from it."""
    folder = Path(tempfile.mkdtemp())
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def loaded(made: Mapping[str, Any]) -> Pack:
    """The pack of the documents; a rule without an id is `r` and its number."""
    folder = _folder()
    (folder / "records").mkdir(exist_ok=True)
    for old in (folder / "records").iterdir():
        old.unlink()
    _write(folder / "pack.yaml", {"pack": "drawn", "version": "1", **made["pack"]})
    for record, document in made["records"].items():
        _write(folder / "records" / f"{record}.yaml", {"record": record, **document})
    rules = [{"id": f"r{i}", "title": {"en": "rule", "zh": "规则"}, **r} for i, r in enumerate(made["rules"])]
    _write(folder / "clause.yaml", {"clause": "1", "rules": rules})
    return api.load_pack(folder)


def _write(path: Path, document: Mapping[str, Any]) -> None:
    path.write_text(json.dumps({"schema": "envrules/1", **document}, ensure_ascii=False, default=str), "utf-8")
