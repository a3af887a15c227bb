"""The file of a tracker under hostile conditions: nothing lost, nothing doubled, a clear error."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

import envrules as er
from envrules.tracking import schema, store
from envrules.tracking.schema import APPLICATION_ID, STEPS, VERSION

TORTURE = Path(__file__).with_name("torture.py")
posix = pytest.mark.skipif(os.name != "posix", reason="kills and forks processes")


def start(*arguments: object) -> subprocess.Popen[str]:
    source = str(Path(er.__file__).parents[1])
    return subprocess.Popen(
        [sys.executable, str(TORTURE), *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": source},
    )


def finish(process: subprocess.Popen[str]) -> str:
    out, err = process.communicate(timeout=1200)
    assert process.returncode == 0, err
    return out


def codes(error: pytest.ExceptionInfo[er.EnvrulesError]) -> list[str]:
    return [d.code for d in error.value.diagnostics]


def rows(file: Path, sql: str) -> list[Any]:
    with closing(sqlite3.connect(file)) as connection:
        return connection.execute(sql).fetchall()


KILLS = pytest.mark.parametrize("rounds", [25, pytest.param(1000, marks=pytest.mark.nightly)])


@posix
@KILLS
def test_writers_that_are_killed_lose_nothing_and_double_nothing(file: Path, rounds: int) -> None:
    acknowledged = json.loads(finish(start("kill", file, rounds)))
    assert len(acknowledged) >= rounds
    there = [name for (name,) in rows(file, "SELECT name FROM task JOIN event ON event.task = task.id")]
    assert len(there) == len(set(there))
    assert set(acknowledged) <= set(there)
    # Of each writer at most the one event may be there that was on its way when it was killed.
    assert len(there) <= len(acknowledged) + rounds
    assert rows(file, "SELECT count(*) FROM task") == [(len(there),)]
    assert rows(file, "SELECT count(*) FROM fact WHERE field IN ('', 'due_on')") == [(2 * len(there),)]
    assert rows(file, "PRAGMA integrity_check") == [("ok",)]
    assert rows(file, "PRAGMA foreign_key_check") == []


@posix
@KILLS
def test_a_list_is_there_as_a_whole_or_not_at_all(file: Path, rounds: int) -> None:
    acknowledged = json.loads(finish(start("kill-import", file, rounds)))
    with er.Tracker(file):
        pass  # where the last one was killed before the tables were made
    names = [name for (name,) in rows(file, "SELECT name FROM task JOIN event ON event.task = task.id")]
    lists = Counter(name.rsplit("-", 1)[0] for name in names)
    assert set(lists.values()) <= {200}
    assert set(acknowledged) <= lists.keys()
    assert len(lists) <= len(acknowledged) + rounds
    assert rows(file, "SELECT count(*) FROM list") == [(len(lists),)]
    assert rows(file, "PRAGMA integrity_check") == [("ok",)]


def test_a_list_and_events_at_once(file: Path, pack: er.Pack) -> None:
    said = [
        finish(p) for p in [start("import", file, 3000), start("import", file, 3000), start("write", file, "A", 40)]
    ]
    # The list is read by one of the two, and known to the other.
    assert sorted(map(json.loads, said[:2])) == [[0, 0, True], [3000, 3000, False]]
    assert rows(file, "SELECT count(*), count(DISTINCT task) FROM event") == [(3040, 3040)]
    assert rows(file, "SELECT count(*) FROM task") == [(3040,)]


@posix
def test_a_disk_that_fills_up(file: Path) -> None:
    codes, acknowledged, there, after, opened, asked = json.loads(finish(start("full", file)))
    assert codes == ["tracker-not-writable"] * 3
    assert len(acknowledged) > 2
    assert there == after == acknowledged
    assert opened == 2000
    assert asked == opened + len(acknowledged)
    assert rows(file, "PRAGMA integrity_check") == [("ok",)]


def test_two_processes_write_at_once(file: Path) -> None:
    # Neither finds a file, so they make it at once too.
    for process in [start("write", file, "A", 60), start("write", file, "B", 60)]:
        finish(process)
    assert rows(file, "SELECT count(*), count(DISTINCT task) FROM event") == [(120, 120)]


def test_another_writer_that_does_not_end(tracker: Any, file: Path, pack: er.Pack) -> None:
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with er.Tracker(file, pack, timeout=0.1) as waiting:
            assert waiting.alerts() == []
            with pytest.raises(er.CallError) as error:
                waiting.open("T1")
        assert codes(error) == ["tracker-busy" if sys.version_info >= (3, 11) else "tracker-not-writable"]
        other.execute("ROLLBACK")
    assert tracker.states() == []


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE event SET note = 'x'",
        "DELETE FROM event",
        "INSERT OR REPLACE INTO event SELECT * FROM event",
        "UPDATE fact SET value = 'x'",
        "DELETE FROM fact",
        "INSERT OR REPLACE INTO fact SELECT * FROM fact",
        "UPDATE task SET name = 'x'",
        "DELETE FROM task",
        "INSERT OR REPLACE INTO task SELECT * FROM task",
        "DELETE FROM list",
    ],
)
def test_what_was_recorded_is_never_changed(tracker: Any, file: Path, sql: str) -> None:
    tracker.import_tasks([{"id": "T1", "due_on": "2018-06-30"}])
    with closing(sqlite3.connect(file)) as connection, pytest.raises(sqlite3.IntegrityError):
        connection.execute(sql)
    assert [e.kind for e in tracker.timeline("T1")] == ["opened"]


def test_a_full_disk_leaves_nothing_half_written(tracker: Any) -> None:
    tracker.open("T1", due_on="2018-06-30")
    pages = tracker._store.execute("PRAGMA page_count")[0][0]
    tracker._store.execute(f"PRAGMA max_page_count = {pages + 2}")
    rows = [{"id": f"L{n}", "unit": "市水务局" * 20, "due_on": "2018-06-30"} for n in range(500)]
    for act in (lambda: tracker.import_tasks(rows), lambda: tracker.open("T2", note="x" * 100_000)):
        with pytest.raises(er.CallError) as error:
            act()
        assert codes(error) == ["tracker-not-writable"]
        assert "nothing was recorded" in str(error.value)
    assert [r.id for r in tracker.states()] == ["T1"]
    assert tracker._store.execute("PRAGMA integrity_check") == [("ok",)]
    tracker._store.execute("PRAGMA max_page_count = 1000000")
    assert tracker.import_tasks(rows).opened == 500


def test_an_older_file_is_brought_up_to_date(file: Path, pack: er.Pack, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as old:
        for module in (schema, store):
            old.setattr(module, "STEPS", STEPS[:1])
            old.setattr(module, "VERSION", 1)
        with er.Tracker(file, pack) as tracker:
            tracker.open("T1", due_on="2018-06-30")
    assert rows(file, "PRAGMA user_version") == [(1,)]
    with pytest.raises(er.InputError) as error:
        er.Tracker(file, pack, read_only=True)
    assert codes(error) == ["tracker-version"]
    # A step that fails leaves the file as it was.
    with monkeypatch.context() as broken:
        broken.setattr(store, "STEPS", (*STEPS[:1], (*STEPS[1], "CREATE TABLE oops (")))
        with pytest.raises(er.CallError):
            er.Tracker(file, pack)
    assert rows(file, "PRAGMA user_version") == [(1,)]
    assert rows(file, "SELECT count(*) FROM sqlite_master WHERE name = 'list'") == [(0,)]
    with er.Tracker(file, pack) as tracker:
        assert [a.task for a in tracker.alerts("2018-07-01")] == ["T1"]
        assert tracker.import_tasks([{"id": "T2"}]).opened == 1
    assert rows(file, "PRAGMA user_version") == [(VERSION,)]


def test_a_file_of_a_newer_version_is_refused(tracker: Any, file: Path, pack: er.Pack) -> None:
    tracker.close()
    with closing(sqlite3.connect(file)) as connection:
        connection.execute(f"PRAGMA user_version = {VERSION + 1}")
    before = file.read_bytes()
    with pytest.raises(er.InputError) as error:
        er.Tracker(file, pack)
    assert codes(error) == ["tracker-version"]
    assert file.read_bytes() == before


@pytest.mark.parametrize("content", [b"id,due_on\nT1,2018-06-30\n" * 50, b"SQLite format 3\x00" + b"\xff" * 4000])
def test_what_is_no_tracker_is_left_alone(file: Path, pack: er.Pack, content: bytes) -> None:
    file.write_bytes(content)
    with pytest.raises(er.InputError) as error:
        er.Tracker(file, pack)
    assert codes(error) == ["tracker-file"]
    assert file.read_bytes() == content


def test_a_database_of_another_program_is_left_alone(file: Path, pack: er.Pack) -> None:
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("CREATE TABLE mine (x)")
    with pytest.raises(er.InputError) as error:
        er.Tracker(file, pack)
    assert codes(error) == ["tracker-file"]


def test_files_that_are_not_there(tmp_path: Path, file: Path, pack: er.Pack) -> None:
    for call, code in [
        (lambda: er.Tracker(file, pack, create=False), "file-not-found"),
        (lambda: er.Tracker(tmp_path, pack), "file-not-readable"),
        (lambda: er.Tracker(tmp_path / "no" / "such.sqlite", pack), "tracker-not-writable"),
    ]:
        with pytest.raises(er.EnvrulesError) as error:
            call()
        assert codes(error) == [code]
    file.touch()
    with pytest.raises(er.InputError) as error:
        er.Tracker(file, pack, create=False)
    assert codes(error) == ["tracker-file"]
    # What a writer leaves that is killed before it has made the tables.
    with er.Tracker(file, pack) as tracker:
        tracker.open("T1")


def test_an_empty_file_with_the_mark_of_a_tracker_only(file: Path, pack: er.Pack) -> None:
    with closing(sqlite3.connect(file)) as connection:
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    with pytest.raises(er.InputError):
        er.Tracker(file, pack)


@posix
def test_a_file_that_may_only_be_read_can_be_asked() -> None:
    # Not under pytest's folder, which only its owner may enter.
    folder = Path(tempfile.mkdtemp())
    try:
        folder.chmod(0o755)
        place = folder / "shelf"
        place.mkdir()
        alerts, refused = json.loads(finish(start("rights", place / "tasks.sqlite")))
        assert (alerts, refused) == (["T1"], ["tracker-not-writable"])
    finally:
        (folder / "shelf").chmod(0o755)
        shutil.rmtree(folder)


def test_a_reader_sees_what_another_process_wrote(tracker: Any, file: Path, pack: er.Pack) -> None:
    with er.Tracker(file, pack, read_only=True) as reader:
        assert reader.states() == []
        tracker.open("T1")
        assert [r.id for r in reader.states()] == ["T1"]
        with pytest.raises(er.CallError) as error:
            reader.open("T2")
        assert codes(error) == ["tracker-not-writable"]
