"""Encodings told apart by the characters that a text would hold; doubt is an error, never a choice."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envrules.diagnostics import InputError, TextPlace
from envrules.records.encodings import find_encoding

SIMPLIFIED = "编号,县区,燃料种类,额定蒸发量（t/h）\nB-1,肃州区,燃煤,10\nB-2,玉门市,天然气,20\n"
TRADITIONAL = "編號,縣區,燃料種類,額定蒸發量（t/h）\nB-1,肅州區,燃煤,10\nB-2,玉門市,天然氣,20\n"
WESTERN = "Straße;Größe;µg/m³;°C\nSüd;1;2;3\nFläche;±1;2;3\n"


def encoding_of(folder: Path, data: bytes) -> str:
    path = folder / "a.csv"
    path.write_bytes(data)
    return find_encoding(path, "a.csv")


@pytest.mark.parametrize(
    ("text", "encoding", "found"),
    [
        (SIMPLIFIED, "utf-8", "utf-8"),
        (SIMPLIFIED, "utf-8-sig", "utf-8-sig"),
        (SIMPLIFIED, "utf-16", "utf-16"),
        (SIMPLIFIED, "gb2312", "gb18030"),
        (SIMPLIFIED, "gb18030", "gb18030"),
        (TRADITIONAL, "big5", "big5hkscs"),
        (TRADITIONAL, "utf-8", "utf-8"),
        (WESTERN, "latin-1", "cp1252"),
        (WESTERN, "cp1252", "cp1252"),
        ("id,name\n1,a\n", "ascii", "utf-8"),
        ("编号\n" + "㐀㐁㐂䶵" * 5, "gb18030", "gb18030"),
        ("溫度,25±1\n煤,μg/m³\n", "gb18030", "gb18030"),
    ],
)
def test_encodings(text: str, encoding: str, found: str, tmp_path: Path) -> None:
    assert encoding_of(tmp_path, text.encode(encoding)) == found


WORDS = "编号县区燃料煤锅炉额定蒸发量单位名称酒泉市肃州玉门天然气在用停备"


@given(text=st.text(WORDS + "。，（）0123456789tMW/%", max_size=60))
def test_common_characters_are_never_taken_for_another_encoding(
    text: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    data = f"{text},锅炉编号,额定蒸发量".encode("gb18030")
    assert encoding_of(tmp_path_factory.mktemp("e"), data) == "gb18030"


def test_a_few_characters_may_be_either(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        encoding_of(tmp_path, "单".encode("gb18030"))
    assert "gb18030 or big5hkscs" in caught.value.diagnostics[0].what


def test_mixed_encodings_name_the_line(tmp_path: Path) -> None:
    data = SIMPLIFIED.encode("utf-8") + SIMPLIFIED.encode("gb18030")
    with pytest.raises(InputError) as caught:
        encoding_of(tmp_path, data)
    (fault,) = caught.value.diagnostics
    assert fault.code == "file-encoding"
    assert isinstance(fault.where, TextPlace)
    assert fault.where.line == 4
    assert "mixed" in fault.what


@pytest.mark.parametrize("data", [b"\xff\xff\xff,\xff\n", b"\xef\xbb\xbf\xff\xff\n", b"\x80\x81,a\n"])
def test_what_is_in_no_encoding(data: bytes, tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        encoding_of(tmp_path, data)
    assert [d.code for d in caught.value.diagnostics] == ["file-encoding"]
