"""Runs the command inside the test's own process."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from envrules.cli import main


@dataclass(frozen=True)
class Ran:
    """What a command printed and how it ended."""

    code: int
    out: str
    err: str
    raw: bytes


Run = Callable[..., Ran]


@pytest.fixture
def run(capsysbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch) -> Run:
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "120")

    def go(*arguments: object) -> Ran:
        capsysbinary.readouterr()
        with pytest.raises(SystemExit) as ended:
            main([str(a) for a in arguments])
        out, err = capsysbinary.readouterr()
        assert isinstance(ended.value.code, int)
        assert b"Traceback" not in err
        return Ran(ended.value.code, out.decode("utf-8", "replace"), err.decode(), out)

    return go


@pytest.fixture
def lots(tmp_path: Path) -> Path:
    """An inventory with a violation, a lot of unknown zone, one that passes, and a note no field reads."""
    file = tmp_path / "煤质台账.csv"
    file.write_text(
        "批号,区域,环节,全硫(%),灰分(%),基准,采样日期,备注\n"
        "L1,建成区,使用,0.9,12,干燥基,2019-05-01,\n"
        "L2,,使用,0.9,12,干燥基,2019-05-01,\n"
        "L3,建成区,使用,0.5,12,干燥基,2019-05-01,无\n",
        "utf-8",
    )
    return file
