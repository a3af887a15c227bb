"""The commands that the page on tracking shows, run one after the other on the days it names, print what it shows."""

from __future__ import annotations

import datetime as dt
import os
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from envrules import api
from envrules.cli import main
from envrules.tracking import tracker

PAGE = Path(__file__).parents[2] / "docs" / "tracking.md"
BLOCK = re.compile(r"```console\n(.*?)```", re.DOTALL)


class Clock:
    day = dt.date(2018, 5, 1)

    def __call__(self) -> dt.datetime:
        return dt.datetime.combine(self.day, dt.time(10), dt.timezone(dt.timedelta(hours=8)))


def answered(block: str, capfd: pytest.CaptureFixture[str], clock: Clock) -> Iterator[str]:
    """The lines of a block with what the commands in it print now."""
    for line in block.splitlines():
        if line.startswith("# "):
            clock.day = dt.date.fromisoformat(line[2:12])
            yield line
        elif line.startswith("$ "):
            yield line
            with pytest.raises(SystemExit) as ended:
                main(shlex.split(line)[2:])
            out, err = capfd.readouterr()
            assert ended.value.code in (0, 1, 3), err
            yield from (out + err).splitlines()


def test_the_walk_through_prints_what_the_page_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    pack, clock = api.load_pack("jiuquan-2018"), Clock()
    monkeypatch.setattr(api, "load_pack", lambda _: pack)
    monkeypatch.setattr(tracker, "local_time", clock)
    monkeypatch.setenv("COLUMNS", "100")
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    page = PAGE.read_text("utf-8")
    now = BLOCK.sub(
        lambda found: "```console\n" + "".join(f"{x}\n" for x in answered(found[1], capfd, clock)) + "```", page
    )
    if os.environ.get("ACCEPT"):
        PAGE.write_text(now, "utf-8")
    assert now == page
    assert len(re.findall(r"^\$ envrules track", page, re.MULTILINE)) >= 15


def test_what_it_shows_of_python_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (block,) = re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    names: dict[str, object] = {}
    exec(block, names)  # noqa: S102
    assert isinstance(names["tracker"], tracker.Tracker)
    assert (tmp_path / "tasks.sqlite").stat().st_size > 0
