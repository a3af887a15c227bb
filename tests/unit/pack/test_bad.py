"""Every bad file beside the exact output it gets; `ACCEPT=1` takes today's output for the expected one."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from envrules.diagnostics import EnvrulesError
from envrules.pack.load import load_pack

HERE = Path(__file__).parent
BAD = sorted((HERE / "bad").glob("*.yaml"))


@pytest.mark.parametrize("bad", BAD, ids=lambda p: p.stem)
def test_bad_file_gets_its_exact_output(bad: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pack = tmp_path / "base"
    shutil.copytree(HERE / "base", pack)
    first = bad.read_text("utf-8").splitlines()[0]
    name = first.removeprefix("# file: ") if first.startswith("# file: ") else "clause.yaml"
    (pack / name).write_bytes(bad.read_bytes())
    monkeypatch.chdir(tmp_path)
    with pytest.raises(EnvrulesError) as caught:
        load_pack("base")
    output = str(caught.value) + "\n"
    expected = bad.with_suffix(".out")
    if os.environ.get("ACCEPT"):
        expected.write_text(output, "utf-8")
    assert output == expected.read_text("utf-8")
    # The file is named for what is wrong with it, so that no fixture drifts into testing something else.
    codes = {d.code for d in caught.value.diagnostics}
    assert any(bad.stem.startswith(c) for c in codes) or ("-" in bad.stem and len(codes) >= 1)


def test_base_pack_is_good(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(HERE)
    assert list(load_pack("base").records) == ["boiler", "shift"]
