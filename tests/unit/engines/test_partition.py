"""By what the records of each kind of rule are brought together, and that equal keys have one owner."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envrules.engines.partition import key_text, owner, partitioning
from envrules.lang import ast
from envrules.pack.load import load_pack
from envrules.pack.pack import Rule


def rule(name: str) -> Rule:
    return load_pack("jiuquan-2018").rules[name]


@pytest.mark.parametrize(
    ("name", "whole", "by", "related"),
    [
        ("coal.sulfur.built-up", (), [], {}),
        # A constant parts nothing, and a year that is another for the related record parts the two.
        ("resource.productivity", (), ["code", "area"], {"base": ("code", "area")}),
        ("coal.consumption", (), ["code", "area"], {"previous": ("code", "area")}),
        ("groundwater.balance", (), ["area", "year"], {"recharge": ("area", "year")}),
        ("groundwater.balance", ("indicator",), [], {}),
        ("report.progress", (), ["unit", "month"], {}),
    ],
)
def test_what_a_rule_is_parted_by(
    name: str, whole: tuple[str, ...], by: list[str], related: dict[str, tuple[str, ...]]
) -> None:
    found = partitioning(rule(name), whole)
    assert [n.name for n in found.by if isinstance(n, ast.FieldValue)] == by
    assert (dict(found.related), found.whole, found.why_not) == (related, whole, "")
    assert found.anywhere == (not by)


def test_a_rule_on_all_records_says_why_it_cannot_be_parted() -> None:
    assert partitioning(rule("complaint.complete")).why_not == "it judges all records together"


PARTS = st.lists(st.one_of(st.none(), st.text(max_size=3), st.floats(allow_nan=False, width=16)), max_size=3)


@given(PARTS, PARTS, st.integers(1, 64))
def test_keys_are_owned_once(one: list[str | float | None], other: list[str | float | None], count: int) -> None:
    kinds = [type(p) for p in one], [type(p) for p in other]
    if kinds[0] == kinds[1]:
        separators = any(isinstance(p, str) and ("\x1f" in p or "\x00" in p) for p in [*one, *other])
        assert separators or (key_text(one) == key_text(other)) == (one == other)
    assert 0 <= owner(one, count) < count
    assert one != other or owner(one, count) == owner(other, count)
