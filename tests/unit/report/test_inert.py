"""Texts out of records must not act where they are shown."""

from __future__ import annotations

from unicodedata import bidirectional, category

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envrules.report.inert import defused, encodable, finite, is_formula, printable, visible

ANY_TEXT = st.text(st.characters())


@given(ANY_TEXT)
def test_visible_leaves_nothing_that_acts(text: str) -> None:
    shown = visible(text)
    assert not [
        c for c in shown if category(c) in ("Cc", "Cs") or bidirectional(c) in ("RLO", "LRO", "RLI", "LRI", "FSI")
    ]
    shown.encode("utf-8")


def test_visible_keeps_what_it_is_told_to() -> None:
    assert visible("a\n\tb\x00", keep="\n\t") == "a\n\tb\\x00"


@pytest.mark.parametrize("text", ["\u202egnp.exe", "a\u200bb", "\ud800", "\x9b31m", "\u2066x"])
def test_what_cannot_be_seen_is_written_out(text: str) -> None:
    assert "\\" in visible(text)


@given(ANY_TEXT)
def test_defused_is_no_formula(text: str) -> None:
    safe = defused(text)
    assert safe.startswith("'") or not is_formula(safe)
    safe.encode("utf-8")


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@x", "\t=1", "\r=1", " =1", "＝1", "\n-1"])
def test_formulas_are_known(text: str) -> None:
    assert is_formula(text)


def test_ordinary_texts_stay() -> None:
    for text in ("锅炉-1", "a=b", "B+", "", "x\ty", "第一行\n第二行"):
        assert visible(text, keep="\t\n") == defused(text) == encodable(text) == printable(text) == text


def test_finite_reaches_into_lists() -> None:
    assert finite((1, [float("nan")], {"a": float("-inf")})) == [1, ["nan"], {"a": "-inf"}]
