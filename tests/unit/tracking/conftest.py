"""A tracker in a folder of its own, with a clock that the test sets."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import envrules as er


@dataclass
class Clock:
    """What time it is recorded to be."""

    day: dt.date = dt.date(2018, 4, 1)

    def __call__(self) -> dt.datetime:
        return dt.datetime.combine(self.day, dt.time(9), dt.timezone(dt.timedelta(hours=8)))

    def set(self, day: str) -> None:
        self.day = dt.date.fromisoformat(day)


@pytest.fixture(scope="session")
def pack() -> er.Pack:
    return er.load_pack("jiuquan-2018")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "任务.sqlite"


@pytest.fixture
def tracker(file: Path, pack: er.Pack, clock: Clock) -> Iterator[er.Tracker]:
    with er.Tracker(file, pack, clock=clock, timeout=5) as one:
        yield one


#: Nothing is known against a task; without it every level would be open.
CALM: dict[str, Any] = {"complaints_concentrated": False, "outstanding_problems": False}


@pytest.fixture
def calm() -> dict[str, Any]:
    return dict(CALM)
