"""A pack goes to other processes as its texts; one that was changed in memory does not."""

from __future__ import annotations

import pickle
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

import envrules as er
from envrules.pack.source import shipped_folder

BASE = shipped_folder() / "jiuquan-2018"


def again(pack: er.Pack) -> er.Pack:
    return pickle.loads(pickle.dumps(pack))  # type: ignore[no-any-return]  # noqa: S301 - made in this line


def test_a_pack_is_the_same_after_its_files_are_gone(tmp_path: Path) -> None:
    city = shutil.copytree(BASE, tmp_path / "city")
    county = tmp_path / "county"
    county.mkdir()
    text = "schema: envrules/1\npack: county\nversion: 1.0.0\ntitle: {zh: 县, en: County}\nextends: ../city\n"
    (county / "pack.yaml").write_text(text, "utf-8")
    pack = er.load_pack(county)
    sent = pickle.dumps(pack)
    shutil.rmtree(city)
    shutil.rmtree(county)
    found = pickle.loads(sent)  # noqa: S301 - made above
    assert (found.name, found.sha256, found.source) == (pack.name, pack.sha256, pack.source)
    assert list(found.rules.values()) == list(pack.rules.values())
    assert again(found).sha256 == pack.sha256


def test_a_pack_that_was_changed_is_refused() -> None:
    pack = er.load_pack("jiuquan-2018")
    with pytest.raises(er.CallError, match="changed after it was loaded"):
        pickle.dumps(replace(pack, rules={}))
