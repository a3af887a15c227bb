"""An output file is there whole or not at all."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import pytest

from envrules.diagnostics import CallError
from envrules.report.output import refuse_early, whole_file, write_output


def test_writes_text_and_bytes(tmp_path: Path) -> None:
    write_output(tmp_path / "a.txt", "环保\nx")
    write_output(tmp_path / "b.bin", b"\x00\x01")
    assert (tmp_path / "a.txt").read_bytes() == "环保\nx".encode()
    assert (tmp_path / "b.bin").read_bytes() == b"\x00\x01"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.txt", "b.bin"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no modes")
def test_rights_are_those_of_a_new_file_or_of_the_old_one(tmp_path: Path) -> None:
    mask = os.umask(0o022)
    try:
        write_output(tmp_path / "new", "x")
        assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o644
        (tmp_path / "old").write_text("old")
        (tmp_path / "old").chmod(0o600)
        write_output(tmp_path / "old", "x")
        assert stat.S_IMODE((tmp_path / "old").stat().st_mode) == 0o600
    finally:
        os.umask(mask)


def test_a_failure_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "report.json"
    file.write_text("old")

    def fail(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(CallError) as caught:
        write_output(file, "new")
    assert caught.value.diagnostics[0].code == "output-not-writable"
    assert "No space left" in str(caught.value)
    assert [p.name for p in tmp_path.iterdir()] == ["report.json"]
    assert file.read_text() == "old"


def test_an_interruption_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(source: str, target: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", interrupt)
    target = tmp_path / "report.csv"
    target.write_text("old")
    with pytest.raises(KeyboardInterrupt):
        write_output(target, "new")
    assert [(p.name, p.read_text()) for p in tmp_path.iterdir()] == [("report.csv", "old")]


def test_nothing_has_a_name_before_it_is_whole(tmp_path: Path) -> None:
    def fail() -> None:
        with whole_file(tmp_path / "report.csv") as file:
            file.write(b"half")
            if sys.platform == "linux":
                assert list(tmp_path.iterdir()) == []
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", [".", "nowhere/report.json"])
def test_what_cannot_be_written_is_refused_before_and_after(tmp_path: Path, name: str) -> None:
    for write in (refuse_early, lambda path: write_output(path, "x")):
        with pytest.raises(CallError) as caught:
            write(tmp_path / name)
        assert caught.value.diagnostics[0].code == "output-not-writable"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights on Windows")
def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real.csv").write_text("old")
    (tmp_path / "link.csv").symlink_to("real.csv")
    write_output(tmp_path / "link.csv", "new")
    assert (tmp_path / "link.csv").is_symlink()
    assert (tmp_path / "real.csv").read_text() == "new"


@pytest.mark.skipif(not Path("/dev/null").exists(), reason="no devices here")
def test_a_device_is_written_to() -> None:
    write_output("/dev/null", "x")
    refuse_early("/dev/null")
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode)
