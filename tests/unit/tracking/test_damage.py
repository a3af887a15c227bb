"""Files that are damaged or not what they seem, and texts that no file can hold: a clear error, never a traceback."""

from __future__ import annotations

import os
import random
import sqlite3
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

import envrules as er
from envrules.tracking.schema import STEPS

SHA = "99c57304c102bd7db62eb71baa9b0982c1f9e3821e64f411a3076b4a8e169978"
OLDER = Path(__file__).with_name("version-1.sql")


def codes(error: pytest.ExceptionInfo[er.EnvrulesError]) -> list[str]:
    return [d.code for d in error.value.diagnostics]


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The content of a file with some hundred events."""
    file = tmp_path_factory.mktemp("filled") / "t.sqlite"
    with er.Tracker(file) as tracker:
        tracker.import_tasks(
            [
                {"id": f"T{n}", "unit": "市水务局", "due_on": "2018-06-30", "completed_on": "2018-06-02"}
                for n in range(150)
            ]
        )
        wrong = tracker.record("T1", "noted", "2018-06-01", note="x")
        tracker.record("T1", "withdrawn", corrects=wrong.id)
    return file.read_bytes()


def ask_everything(file: Path, pack: er.Pack) -> None:
    with er.Tracker(file, pack) as tracker:
        tracker.alerts("2018-08-01", undecided=True)
        tracker.due(9, "2018-06-25")
        tracker.board("2018-08-01")
        tracker.states()
        tracker.timeline("T1")
        tracker.record("T5", "noted", "2018-07-01")
        tracker.import_tasks([{"id": "T7", "unit": "x"}])


@pytest.mark.parametrize("size", [1, 50, 99, 100, 512, 4095, 4096, 4097, 20_000, 60_000])
def test_a_file_that_was_cut_short(file: Path, pack: er.Pack, filled: bytes, size: int) -> None:
    file.write_bytes(filled[:size])
    if size == 1:
        # SQLite takes a file of one byte for an empty one: nothing of a tracker is left in it.
        with pytest.raises(er.InputError) as error:
            er.Tracker(file, pack, create=False)
    else:
        with pytest.raises(er.InputError) as error:
            ask_everything(file, pack)
    assert codes(error) == ["tracker-file"]


@pytest.mark.parametrize(
    "seeds", [range(40), pytest.param(range(40, 1500), marks=pytest.mark.nightly)], ids=["some", "many"]
)
def test_bytes_that_changed_are_no_traceback(file: Path, pack: er.Pack, filled: bytes, seeds: range) -> None:
    refused = 0
    for seed in seeds:
        chance = random.Random(seed)
        content = bytearray(filled)
        for _ in range(chance.choice([1, 1, 3, 20])):
            place, count = chance.randrange(len(content)), chance.choice([1, 4, 40])
            content[place : place + count] = chance.randbytes(count)
        for end in ("", "-wal", "-shm"):
            Path(f"{file}{end}").unlink(missing_ok=True)
        file.write_bytes(content)
        try:
            ask_everything(file, pack)
        except er.EnvrulesError:
            refused += 1
    assert refused > len(seeds) / 4


@pytest.mark.parametrize(
    ("statements", "said"),
    [
        (["DROP TABLE fact"], "fact is missing"),
        (["DROP TRIGGER event_no_delete"], "event_no_delete is missing"),
        (["CREATE TRIGGER mine AFTER INSERT ON event BEGIN SELECT 1; END"], "a trigger of its own, mine"),
        (["DROP INDEX event_corrected", "CREATE INDEX event_corrected ON event (corrects)"], "event_corrected"),
    ],
)
def test_tables_that_are_not_as_they_were_made(
    tracker: Any, file: Path, pack: er.Pack, statements: Any, said: str
) -> None:
    tracker.open("T1", due_on="2018-06-30")
    tracker.close()
    with closing(sqlite3.connect(file)) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()
    with pytest.raises(er.InputError, match=said) as error:
        er.Tracker(file, pack)
    assert codes(error) == ["tracker-file"]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE event SET fields = '[1]'",
        "UPDATE event SET valid_on = 20180230",
        "UPDATE event SET recorded_on = 20180231",
        "UPDATE event SET recorded_on = 'soon'",
        "DELETE FROM task",
        "UPDATE task SET name = CAST(name AS BLOB)",
    ],
)
def test_rows_that_no_tracker_wrote(tracker: Any, file: Path, pack: er.Pack, statement: str) -> None:
    tracker.open("T1", due_on="2018-06-30")
    tracker.close()
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        guards = connection.execute("SELECT name, sql FROM sqlite_master WHERE name LIKE '%_no_%'").fetchall()
        for name, _ in guards:
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute("PRAGMA ignore_check_constraints = 1")
        connection.execute(statement)
        for _, sql in guards:
            connection.execute(sql)
    with er.Tracker(file, pack) as damaged, pytest.raises(er.EnvrulesError) as error:
        (damaged.alerts("2018-08-01"), damaged.timeline("T1"))
    assert codes(error) == ["tracker-file"]


def test_a_file_of_the_first_version_keeps_all_it_knew(file: Path, pack: er.Pack) -> None:
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript(OLDER.read_text("utf-8"))
    with er.Tracker(file, pack) as tracker:
        assert [(e.id, str(e.on), e.corrected_by) for e in tracker.timeline("T1")] == [
            (1, "2018-04-01", None),
            (3, "2018-05-20", 4),
            (4, "2018-06-03", None),
            (5, "2018-06-05", None),
            (6, "2018-06-09", None),
        ]
        assert [(a.task, a.level, a.days_overdue) for a in tracker.alerts("2018-06-12")] == [("T1", "yellow", 3)]
        assert tracker.alerts("2018-06-12", "2018-06-09") == []
        assert {r.id for r in tracker.states()} == {"T1", "任务'2\""}
        # What the newer tables are for works, and events go on where they were.
        assert tracker.import_tasks([{"id": "T3"}]).opened == 1
        assert tracker.import_tasks([{"id": "T3"}]).read_before is not None
        assert tracker.timeline("T3")[0].id == 7


def test_a_step_that_led_to_a_file_is_never_edited(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "old.sqlite")) as connection:
        connection.executescript(OLDER.read_text("utf-8"))
        old = dict(connection.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL"))
    with closing(sqlite3.connect(tmp_path / "new.sqlite")) as connection:
        for statement in STEPS[0]:
            connection.execute(statement)
        new = dict(connection.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL"))
    assert new == old
    # Nor is a later one, once files may have been made with it: add another step instead.
    assert sha256(repr(STEPS[:2]).encode()).hexdigest() == SHA


def test_a_copy_without_its_log_gets_one_again(tracker: Any, file: Path, tmp_path: Path, pack: er.Pack) -> None:
    tracker.open("T1", due_on="2018-06-30")
    tracker._store.execute(f"VACUUM INTO '{tmp_path / 'copy.sqlite'}'")
    with er.Tracker(tmp_path / "copy.sqlite", pack) as copy:
        assert copy._store.execute("PRAGMA journal_mode") == [("wal",)]
        assert [r.id for r in copy.states()] == ["T1"]


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("x" * 300, "file-not-readable"),
        ("a\0b", "file-not-readable"),
        ("no/such/folder.sqlite", "tracker-not-writable"),
        ("file.txt/t.sqlite", "file-not-readable"),
    ],
)
def test_names_of_no_file(tmp_path: Path, pack: er.Pack, name: str, code: str) -> None:
    (tmp_path / "file.txt").write_text("x")
    with pytest.raises(er.EnvrulesError) as error:
        er.Tracker(tmp_path / name, pack)
    assert codes(error) == [code]
    assert os.listdir(tmp_path) == ["file.txt"]


@pytest.mark.skipif(os.name != "posix", reason="has no such files")
def test_what_is_no_ordinary_file(pack: er.Pack) -> None:
    with pytest.raises(er.InputError, match="no ordinary file"):
        er.Tracker(os.devnull, pack)


@pytest.mark.parametrize(("text", "said"), [("a\0b", "NUL"), ("a\ud800", "half a character")])
def test_texts_that_no_file_can_hold(tracker: Any, text: str, said: str) -> None:
    tracker.open("T1", due_on="2018-06-30")
    for attempt in (
        lambda: tracker.open(text, due_on="2018-06-30"),
        lambda: tracker.record("T1", "noted", "2018-06-01", note=text),
        lambda: tracker.record("T1", "noted", "2018-06-01", unit=text),
    ):
        with pytest.raises(er.CallError, match=said) as error:
            attempt()
        assert codes(error) == ["unusable-cell"]
    # In a list it is kept as it stands, written so that it can be, and read again without being recorded again.
    done = tracker.import_tasks([{"id": "T2", "unit": text, "due_on": "2018-06-30"}])
    assert [p.code for p in done.problems] == ["unusable-cell"]
    assert tracker.timeline("T2")[0].fields["unit"] == {
        "unusable": text.replace("\0", r"\x00").replace("\ud800", r"\ud800")
    }
    assert tracker.import_tasks([{"id": "T2", "unit": text, "due_on": "2018-06-30"}], on="2018-06-01").events == 0
    with pytest.raises(er.InputError, match="cannot be read"):
        tracker.import_tasks([{"id": text}])


def test_texts_that_look_like_commands_or_markup(tracker: Any) -> None:
    names = ["'; DROP TABLE event; --", '"quoted"', "[red]x[/red]", "=1+1", "\x1b[31mred", "酒泉市'\"；", "x" * 100_000]
    for name in names:
        tracker.open(name, unit=name, due_on="2018-05-31", note=name)
    assert {(r.id, r.value("unit")) for r in tracker.states()} == {(name, name) for name in names}
    assert {a.task for a in tracker.alerts("2018-08-01")} == set(names)
    assert [tracker.timeline(name)[0].note for name in names] == names
