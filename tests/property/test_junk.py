"""Whatever is given, what is wrong is said: nothing raises but the library's own errors, with a place and a code."""

from __future__ import annotations

import copy
import json
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from envrules import api
from envrules.diagnostics import EnvrulesError, PackError
from envrules.lang.parse import ExpressionError, parse
from envrules.pack.pack import Pack

Load = Callable[[Sequence[Mapping[str, Any]]], Pack]

FILES: dict[str, Any] = {
    "pack.yaml": {
        "schema": "envrules/1",
        "pack": "junk",
        "version": "1",
        "effective": "2018-03-22",
        "calendar": "china",
        "units": ["jin = 500 * gram = 斤"],
        "enums": {"zone": {"values": {"in": {"zh": "内"}, "out": {"aliases": ["外"]}}, "ordered": True}},
        "clauses": [{"id": "1", "title": {"en": "One"}}],
    },
    "records/thing.yaml": {
        "schema": "envrules/1",
        "record": "thing",
        "date": "on",
        "id": {"from": ["zone", "on"]},
        "fields": {
            "zone": {"kind": "enum", "enum": "zone"},
            "x": {"kind": "quantity", "unit": "t/h", "above": 0, "context": "steam"},
            "code": {
                "kind": "enum",
                "values": {"p": {}, "q": {}},
                "assume": {"value": "p", "note": {"en": "taken as p"}},
            },
            "value": {"kind": "quantity", "unit_of": "code", "units": {"p": "%", "q": "t"}},
            "on": {"kind": "date"},
        },
        "derived": {
            "small": {"value": "x <= 10 t/h"},
            "size": {"values": {"s": {}, "l": {}}, "rows": [{"when": "small", "then": "s"}, {"then": "l"}]},
        },
    },
    "clause.yaml": {
        "schema": "envrules/1",
        "clause": "1",
        "rules": [
            {
                "id": "one",
                "title": {"en": "One", "zh": "一"},
                "citation": {"phrase": "one", "place": 1},
                "record": "thing",
                "related": {"other": {"record": "thing", "keys": {"zone": "zone"}, "where": "small"}},
                "derive": {"twice": {"value": "x * 2"}},
                "when": "zone == in and code == q",
                "require": "twice <= 10 t/h and value > 5 t",
                "due": "on",
                "output": "twice",
                "severity": {"high": "small", "otherwise": "low"},
                "notes": [{"when": "small", "en": "small"}],
                "cases": [{"name": "c", "record": {"zone": "in"}, "outcome": "pass"}],
            },
            {
                "id": "two",
                "title": "Two",
                "record": "thing",
                "group": {"zone": {"key": "zone", "values": "all"}, "month": {"key": "month(on)", "from": "2018-04"}},
                "coverage": {"of": "on", "least": 20},
                "require": "share(small) >= 50 %",
            },
        ],
    },
}

BROAD = settings(max_examples=max(200, settings().max_examples))

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**20), 10**20),
    st.floats(),
    st.text(max_size=12),
    st.sampled_from(
        ["x", "zone", "small", "twice", "on", "1e400", "2018-02-30", "t/h", "%", "thing", "x <= ", "all", "0/0"]
    ),
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6) | st.just("en"), inner, max_size=3),
    max_leaves=5,
)


def places(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    if isinstance(node, dict | list):
        for key, inner in node.items() if isinstance(node, dict) else enumerate(node):
            yield from places(inner, (*path, key))


PLACES = [place for place in places(FILES) if place]


def load_files(files: Mapping[str, bytes]) -> None:
    """Load a pack of these files: it loads, or says what is wrong."""
    with tempfile.TemporaryDirectory() as name:
        for path, content in files.items():
            target = Path(name) / path
            target.parent.mkdir(exist_ok=True)
            target.write_bytes(content)
        with suppress(EnvrulesError):
            api.load_pack(name)


def encoded(documents: Mapping[str, Any]) -> dict[str, bytes]:
    return {name: json.dumps(document, ensure_ascii=True).encode() for name, document in documents.items()}


def test_the_pack_that_is_spoilt_loads_unspoilt() -> None:
    with tempfile.TemporaryDirectory() as name:
        for path, content in encoded(FILES).items():
            (Path(name) / path).parent.mkdir(exist_ok=True)
            (Path(name) / path).write_bytes(content)
        assert len(api.load_pack(name).rules) == 2


@BROAD
@given(st.sampled_from(PLACES), values)
def test_a_spoilt_pack_says_what_is_wrong(place: tuple[Any, ...], value: Any) -> None:
    files = copy.deepcopy(FILES)
    part: Any = files
    for key in place[:-1]:
        part = part[key]
    part[place[-1]] = value
    load_files(encoded(files))


@BROAD
@given(st.sampled_from(PLACES), st.text(max_size=8) | st.sampled_from(("all", "str", "[", "id")))
def test_a_pack_that_lacks_a_part_says_so(place: tuple[Any, ...], name: str) -> None:
    files = copy.deepcopy(FILES)
    part: Any = files
    for key in place[:-1]:
        part = part[key]
    lost = part.pop(place[-1])
    if isinstance(part, dict) and len(place) > 1:
        part[name] = lost
    load_files(encoded(files))


marks = st.sampled_from(
    [*":-{}[],&*!|>'\"%@`#?~ \n\t", "\n  ", "- ", ": ", "<<", "!!python/object:", "---", "...", "a", "1"]
)


@BROAD
@given(
    st.sampled_from(sorted(FILES)),
    st.binary(max_size=60) | st.text(max_size=60).map(str.encode) | st.lists(marks).map(lambda m: "".join(m).encode()),
)
def test_a_file_of_junk_says_what_is_wrong(name: str, content: bytes) -> None:
    load_files({**encoded(FILES), name: content})
    load_files({**encoded(FILES), name: encoded(FILES)[name] + b"\n" + content})


TOKENS = """
    a b c x y n s fuel grade held_on coal II nothing true false and or not in is filled if else as_of
    ( ) { } , . < <= == != >= > + - * / = && ! ² ≤ ， （ ; \\ ' 1² x²
    1 0 2.5 1e400 1e-6 10kg 5% 80% 0.5t 3day 10蒸吨/小时 蒸吨 2018-12-31 2018-02-30 "text" "coal"
    abs( lowest( year( quarter( last_day( day_of( working_days_after( bounded( count( count() share( sum(
"""
tokens = st.sampled_from(TOKENS.split())
soups = st.lists(tokens, max_size=14).map(" ".join) | st.lists(tokens, max_size=6).map("".join) | st.text(max_size=40)


@BROAD
@given(soups)
def test_a_text_is_an_expression_or_said_to_be_none(text: str) -> None:
    found = None
    try:
        parse(text)
    except ExpressionError as error:
        found = error
    if found is not None:
        assert found.code
        assert 0 <= found.span[0] <= found.span[1] <= len(text) + 1


@BROAD
@given(texts=st.lists(soups, min_size=1, max_size=6))
def test_an_expression_that_means_nothing_is_said_to(load: Load, texts: list[str]) -> None:
    with suppress(PackError):
        load([{"require": text, "derive": {"value": {"value": text}}} for text in texts])


cells = st.one_of(
    scalars,
    st.binary(max_size=4),
    st.dates(),
    st.datetimes(),
    st.decimals(),
    st.complex_numbers(),
    st.lists(st.integers(), max_size=2),
    st.lists(st.sampled_from([*"0123456789.,-~<>≤±% eE/年月日", "t/h", "kg", "未检出", "约", "yes"]), max_size=8).map(
        "".join
    ),
)
FIELDS = ("id", "a", "x", "y", "n", "s", "fuel", "grade", "held_on", "filed_on")


@BROAD
@given(row=st.dictionaries(st.sampled_from(FIELDS), cells, max_size=10))
def test_a_cell_is_read_or_listed(load: Load, row: dict[str, Any]) -> None:
    pack = load(
        [{"require": "a and x <= y and n > 0 and s <= 5 % and fuel == coal and grade <= II and held_on <= as_of"}]
    )
    result = api.check(pack, {"thing": [row]}, as_of="2020-12-31", outcomes="all")
    skipped = sum(count for account in result.dataset.accounts for count in account.skipped.values())
    assert len(result.verdicts) + skipped == 1
