"""How the command ends: help, defects, interruptions, streams that are closed, full or of another encoding."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from envrules import __version__, api
from envrules.cli.arguments import parse_inputs
from envrules.cli.run import BUG, INTERRUPTED

COMMAND = [sys.executable, "-c", "from envrules.cli import main; main()"]
SOURCE = Path(__file__).parents[3] / "src"


def spawn(*arguments: str, **options: Any) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "PYTHONPATH": str(SOURCE), **options.pop("env", {})}
    return subprocess.Popen([*COMMAND, *arguments], stderr=subprocess.PIPE, env=environment, **options)


def test_help_and_version(run: Any) -> None:
    ran = run("--help")
    assert ran.code == 0
    for command in ("check", "explain", "rules", "test", "lint", "schema"):
        assert f"\n  {command}" in ran.out
        assert run(command, "--help").code == 0
    assert run("--version").out == f"envrules {__version__}\n"
    assert run().code == 2
    assert run("chekc").code == 2


def broken(*arguments: object, **options: object) -> None:
    raise ZeroDivisionError("a made-up defect\nin two lines")


def test_a_defect_is_owned_up_to(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api, "check", broken)
    ran = run("check", "x.csv")
    assert ran.code == BUG
    assert "internal error: ZeroDivisionError: a made-up defect at test_run.py:" in ran.err
    assert "--debug" in ran.err


def test_debug_shows_the_traceback(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    from envrules.cli.run import run as run_command

    monkeypatch.setattr(api, "check", broken)
    assert run_command(["check", "x.csv", "--debug"]) == BUG
    assert "Traceback" in capsys.readouterr().err


def test_debug_after_two_dashes_is_a_file(run: Any) -> None:
    ran = run("check", "--", "--debug")
    assert ran.code == 2
    assert "--debug: error[file-not-found]" in ran.err


def test_an_interruption_ends_quietly(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*arguments: object, **options: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(api, "check", interrupt)
    ran = run("check", "x.csv")
    assert ran.code == INTERRUPTED
    assert ran.err == "interrupted\n"


@pytest.mark.skipif(sys.platform == "win32", reason="pipes end otherwise on Windows")
def test_a_reader_that_goes_away_is_no_error() -> None:
    process = spawn("rules", "--format", "json", stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.read(10)
    process.stdout.close()
    error = process.stderr.read()
    process.stderr.close()
    assert process.wait() == 0
    assert error == b""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is full here")
def test_a_full_disk_is_an_error() -> None:
    with open("/dev/full", "wb") as full:
        process = spawn("rules", stdout=full)
        _, error = process.communicate()
    assert process.returncode == 2
    assert b"output-not-writable" in error


def test_chinese_in_a_locale_that_has_none() -> None:
    plain = {"LC_ALL": "C", "LANG": "C", "PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii", "PYTHONCOERCECLOCALE": "0"}
    process = spawn("explain", "coal.sulfur.built-up", stdout=subprocess.PIPE, env=plain)
    out, error = process.communicate()
    assert process.returncode == 0, error
    assert "建成区煤炭硫分" in out.decode("utf-8")


def test_inputs_are_taken_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("a=b.csv", "one.csv", "two.csv", "x[1].csv"):
        Path(name).touch()
    assert parse_inputs(["a=b.csv"]) == [(None, "a=b.csv")]
    assert parse_inputs(["boiler=one.csv", "data/锅炉=1.csv"]) == [("boiler", "one.csv"), (None, "data/锅炉=1.csv")]
    assert parse_inputs(["boiler=*o*.csv"]) == [("boiler", "one.csv"), ("boiler", "two.csv")]
    assert parse_inputs(["x[1].csv", "none*.csv"]) == [(None, "x[1].csv"), (None, "none*.csv")]
    assert parse_inputs(["boiler=a.xlsx#Sheet1"]) == [("boiler", "a.xlsx#Sheet1")]


@pytest.mark.parametrize(
    "arguments",
    [
        ("check", "{long}.csv"),
        ("check", "boiler={long}.csv"),
        ("check", "a.csv", "--out", "{long}.html"),
        ("check", "a.csv", "--out", "a.json", "--map", "{long}.yaml"),
        ("schema", "--out", "{long}"),
        ("template", "boiler", "--out", "{long}.csv"),
    ],
)
def test_a_name_longer_than_any_file_has(run: Any, arguments: tuple[str, ...]) -> None:
    ran = run(*(a.format(long="a" * 300) for a in arguments))
    assert ran.code == 2, ran.err
    assert "File name too long" in ran.err or "no such file" in ran.err


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="no device that never ends here")
def test_a_list_of_subjects_that_never_ends(run: Any) -> None:
    ran = run("check", "a.csv", "--subjects", "report.unit=/dev/zero")
    assert (ran.code, "file-too-large" in ran.err) == (2, True)


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="no device that never ends here")
def test_a_mapping_that_never_ends(run: Any, lots: Path) -> None:
    ran = run("check", lots, "--map", "/dev/zero")
    assert (ran.code, "mapping-limit" in ran.err) == (2, True)
