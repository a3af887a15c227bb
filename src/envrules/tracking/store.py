"""The file of a tracker: opened, made, brought up to date, written to whole transactions at a time, asked.

Every way in which SQLite refuses becomes a diagnostic here; nothing above knows SQLite.
"""

from __future__ import annotations

import contextlib
import functools
import os
import sqlite3
import stat
import time
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from envrules.diagnostics import CallError, Diagnostic, EnvrulesError, InputError
from envrules.tracking.schema import APPLICATION_ID, STEPS, VERSION

# Later in time wins, and of one day what was recorded later: the rows come in that order, which is that of the key, and
# the last of a task stays.
_LATEST: Final = (
    "SELECT task, value FROM fact WHERE field = :field {} AND valid_on <= :as_of AND recorded_on <= :known_on "
    "ORDER BY task, valid_on, event"
)
_CORRECTED: Final = "(SELECT corrects FROM event WHERE corrects IS NOT NULL AND recorded_on <= :known_on)"
_OF_TASK: Final = f"AND task = :task AND event NOT IN {_CORRECTED}"
_OF_CORRECTED: Final = f"AND task IN (SELECT task FROM event WHERE id IN {_CORRECTED}) AND event NOT IN {_CORRECTED}"
_WITH_CORRECTED: Final = f"SELECT DISTINCT task FROM event WHERE id IN {_CORRECTED}"

#: In a damaged file even what SQLite says of it may be no text.
_REFUSALS: Final = (sqlite3.Error, UnicodeDecodeError)


class Store:
    """One open file. A transaction that was committed survives a crash of the process and of the machine.

    Args:
        create: make the file where there is none.
        read_only: open it without ever writing, also where another program may.
        timeout: how many seconds to wait for another process that is writing.

    Raises:
        InputError: `file-not-found`, `file-not-readable`, `tracker-file`, `tracker-version`.
        CallError: `tracker-not-writable`, `tracker-busy`.
    """

    def __init__(self, path: str | os.PathLike[str], *, create: bool, read_only: bool, timeout: float) -> None:
        self.path = os.fspath(path)
        self._timeout = timeout
        target = Path(self.path)
        missing = self._is_missing(target)
        if missing and (not create or read_only):
            hint = f"envrules track init --db {self.path}"
            raise InputError([Diagnostic("file-not-found", self.path, "there is no such file", hint=hint)])
        if missing and not target.absolute().parent.is_dir():
            what = f"there is no folder {target.parent} in which the file could be made"
            raise CallError([Diagnostic("tracker-not-writable", self.path, what, hint="make the folder first")])
        #: Whether there was no such file before.
        self.made = missing
        self.read_only = read_only or not (missing or _may_write(target))
        try:
            self._connection = self._connect(target)
        except _REFUSALS as error:
            raise self._refusal(error, writing=missing) from None
        try:
            self._prepare(create)
        except BaseException:
            self._connection.close()
            raise

    # --- opening ------------------------------------------------------------------------------------------------------

    def _is_missing(self, target: Path) -> bool:
        """Whether there is no such file.

        Raises:
            InputError: `file-not-readable` for what is no ordinary file, or no name of one.
        """
        try:
            mode = target.stat().st_mode
        except FileNotFoundError:
            return True
        except (OSError, ValueError) as error:
            reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
            what = f"the file cannot be read: {reason}"
            raise InputError([Diagnostic("file-not-readable", self.path, what)]) from None
        if stat.S_ISREG(mode):
            return False
        what = "this is a folder, not a tracker's file" if stat.S_ISDIR(mode) else "this is no ordinary file"
        raise InputError([Diagnostic("file-not-readable", self.path, what)])

    def _connect(self, target: Path) -> sqlite3.Connection:
        address = "file:" + quote(str(target.absolute()))
        if not self.read_only:
            try:
                return self._open(address + "?mode=rwc")
            except sqlite3.OperationalError as error:
                if self.made or _is_busy(error):
                    raise
                # On a full disk there is no room for the log, but what is there can be read.
                self.read_only = True
        try:
            return self._open(address + "?mode=ro")
        except sqlite3.OperationalError:
            # In a folder that takes no files, SQLite can read only what has no log beside it, and has to be told so.
            log = Path(f"{target}-wal")
            if log.exists() and log.stat().st_size:
                raise
            return self._open(address + "?mode=ro&immutable=1")

    def _open(self, address: str) -> sqlite3.Connection:
        connection = sqlite3.connect(address, uri=True, timeout=self._timeout, isolation_level=None)
        try:
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA cache_size = -65536")
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        except BaseException:
            connection.close()
            raise
        return connection

    def _prepare(self, create: bool) -> None:
        version = self._version(create)
        # A copy that was made of the file may have lost the log.
        if not self.read_only and (version == 0 or not self._logs_ahead()):
            self._log_ahead()
        if version == VERSION:
            self._check_tables(version)
            return
        if self.read_only:
            what = f"the file has the tables of version {version}, and cannot be brought to {VERSION} without writing"
            raise InputError(
                [Diagnostic("tracker-version", self.path, what, hint="open it once where it can be written")]
            )
        with self.writing():
            # Another process may have been faster.
            version = self._version(create)
            self._check_tables(version)
            for step in STEPS[version:]:
                for statement in step:
                    self._connection.execute(statement)
            self._connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            self._connection.execute(f"PRAGMA user_version = {VERSION}")

    def _version(self, create: bool) -> int:
        """The version of the file's tables; 0 for an empty file, where one may be made.

        Raises:
            InputError: for a file that is not a tracker's, or one of a newer version.
        """
        with self._asking():
            ((mark,),) = self._connection.execute("PRAGMA application_id")
            ((version,),) = self._connection.execute("PRAGMA user_version")
            ((objects,),) = self._connection.execute("SELECT count(*) FROM sqlite_master")
        if not mark and not version and not objects:
            if create and not self.read_only:
                return 0
            hint = f"envrules track init --db {self.path}"
            raise InputError([Diagnostic("tracker-file", self.path, "the file is empty", hint=hint)])
        if mark != APPLICATION_ID or version < 1:
            what = "this is a database, but not a tracker's; it was left as it is"
            raise InputError([Diagnostic("tracker-file", self.path, what, hint="name another file")])
        if version > VERSION:
            what = f"the file was written by a newer envrules: its tables are of version {version}"
            expected = f"version {VERSION} or older"
            raise InputError([Diagnostic("tracker-version", self.path, what, expected, hint="update envrules")])
        return int(version)

    def _check_tables(self, version: int) -> None:
        """Refuse a file whose tables are not those of its version, or in which anything else would act on a write.

        Raises:
            InputError: `tracker-file`.
        """
        with self._asking():
            there = set(self._connection.execute("SELECT type, name, sql FROM sqlite_master"))
        wanted = _tables(version)
        missing = sorted(name for _, name, _ in wanted - there)
        foreign = sorted(name for kind, name, _ in there - wanted if kind == "trigger")
        if missing:
            raise self.damaged(f"{missing[0]} is missing, or is not as it was made")
        if foreign:
            raise self.damaged(f"it has a trigger of its own, {foreign[0]}")

    def damaged(self, reason: str) -> InputError:
        """The problem of a file that holds what no tracker writes."""
        what = f"this is no tracker's file, or it is damaged: {reason}"
        return InputError([Diagnostic("tracker-file", self.path, what, hint="name another file, or restore a copy")])

    def _logs_ahead(self) -> bool:
        with self._asking():
            return bool(self._connection.execute("PRAGMA journal_mode").fetchone() == ("wal",))

    def _log_ahead(self) -> None:
        """Turn the write-ahead log on: readers then never wait for a writer. The file remembers it."""
        until = time.monotonic() + self._timeout
        while True:
            try:
                self._connection.execute("PRAGMA journal_mode = WAL")
                return
            except sqlite3.OperationalError as error:
                # Two processes that make the file at once: this change waits for nobody by itself.
                if not _is_busy(error) or time.monotonic() > until:
                    raise self._refusal(error, writing=True) from None
                time.sleep(0.02)

    def close(self) -> None:
        """Close the file; asking again raises `sqlite3.ProgrammingError`."""
        self._connection.close()

    # --- transactions -------------------------------------------------------------------------------------------------

    @contextlib.contextmanager
    def writing(self) -> Iterator[None]:
        """A transaction: what is added within it is there as a whole and for good when it ends, or not at all.

        Raises:
            CallError: `tracker-not-writable` or `tracker-busy`; nothing was written.
        """
        if self.read_only:
            what = "the file cannot be written here; nothing was recorded"
            hint = "see that the disk has room, and that you may write the file and its folder"
            raise CallError([Diagnostic("tracker-not-writable", self.path, what, hint=hint)])
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            yield
            self._connection.execute("COMMIT")
        except _REFUSALS as error:
            self._undo()
            if isinstance(error, sqlite3.IntegrityError | sqlite3.ProgrammingError):
                raise
            raise self._refusal(error, writing=True) from None
        except BaseException:
            self._undo()
            raise

    @contextlib.contextmanager
    def reading(self) -> Iterator[None]:
        """A view of the file as it is now, whatever others write meanwhile."""
        if self._connection.in_transaction:
            yield
            return
        with self._asking():
            self._connection.execute("BEGIN")
            try:
                yield
            finally:
                self._undo()

    @contextlib.contextmanager
    def _asking(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.ProgrammingError:
            raise
        except _REFUSALS as error:
            raise self._refusal(error, writing=False) from None

    def _undo(self) -> None:
        with contextlib.suppress(*_REFUSALS):
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")

    def _refusal(self, error: sqlite3.Error | UnicodeDecodeError, *, writing: bool) -> EnvrulesError:
        reason = str(error)
        if not isinstance(error, sqlite3.OperationalError):
            return self.damaged(reason)
        if _is_busy(error):
            what = f"another process has been writing for {self._timeout:g} s; nothing was recorded"
            return CallError([Diagnostic("tracker-busy", self.path, what, hint="try again")])
        if not writing:
            return InputError([Diagnostic("file-not-readable", self.path, f"the file cannot be read: {reason}")])
        what = f"the file cannot be written: {reason}; nothing was recorded"
        return CallError([Diagnostic("tracker-not-writable", self.path, what, hint="see that the disk has room")])

    # --- adding -------------------------------------------------------------------------------------------------------

    def task_number(self, name: str) -> int | None:
        """The number of a task, which is also that of one whose opening was withdrawn."""
        found = self._connection.execute("SELECT id FROM task WHERE name = ?", (name,)).fetchone()
        return None if found is None else int(found[0])

    def add_task(self, name: str) -> int:
        """The number of a task, new or known."""
        known = self.task_number(name)
        if known is not None:
            return known
        return int(self._connection.execute("INSERT INTO task (name) VALUES (?)", (name,)).lastrowid or 0)

    def add_events(self, rows: Iterable[Sequence[Any]]) -> None:
        """Append events: task, kind, valid_on, recorded_on, recorded_at, fields as JSON, note, corrects."""
        columns = "task, kind, valid_on, recorded_on, recorded_at, fields, note, corrects"
        self._connection.executemany(f"INSERT INTO event ({columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)

    def last_event(self) -> int:
        """The id of the newest event; 0 where there is none."""
        return int(self._connection.execute("SELECT coalesce(max(id), 0) FROM event").fetchone()[0])

    def add_list(self, sha256: str, source: str, recorded_on: int, recorded_at: str) -> None:
        """Remember that a list was read."""
        self._connection.execute("INSERT INTO list VALUES (?, ?, ?, ?)", (sha256, source, recorded_on, recorded_at))

    # --- asking -------------------------------------------------------------------------------------------------------

    def list_known(self, sha256: str) -> int | None:
        """The day on which a list of this content was read."""
        found = self._connection.execute("SELECT recorded_on FROM list WHERE sha256 = ?", (sha256,)).fetchone()
        return None if found is None else int(found[0])

    def events(self, task: int) -> list[tuple[Any, ...]]:
        """All events of a task, in the order recorded, each with the id and day of what corrected it."""
        with self._asking():
            return self._connection.execute(
                "SELECT e.id, e.kind, e.valid_on, e.recorded_on, e.recorded_at, e.fields, e.note, e.corrects, c.id, "
                "c.recorded_on FROM event AS e LEFT JOIN event AS c ON c.corrects = e.id "
                "WHERE e.task = ? ORDER BY e.id",
                (task,),
            ).fetchall()

    def names(self) -> dict[int, str]:
        """Task number -> name; one that is not there is a damage of the file."""
        with self._asking():
            return _Names(self, self._connection.execute("SELECT id, name FROM task"))

    def latest(self, field: str, as_of: int, known_on: int, task: int | None = None) -> dict[int, Any]:
        """Task number -> the last value of a field on a day, by what was known on another.

        The field `""` is there for the tasks that were open. A value that could not be read comes as bytes.
        """
        given = {"field": field, "as_of": as_of, "known_on": known_on, "task": task}
        ask = self._connection.execute
        with self.reading():
            if task is not None:
                return dict(ask(_LATEST.format(_OF_TASK), given))
            # Few tasks have corrected events; looking for them in every row would take half as long again.
            found = dict(ask(_LATEST.format(""), given))
            for (number,) in ask(_WITH_CORRECTED, given):
                found.pop(number, None)
            found.update(ask(_LATEST.format(_OF_CORRECTED), given))
            return found

    def execute(self, sql: str) -> list[tuple[Any, ...]]:
        """The rows of a statement, for looking after the file (`PRAGMA integrity_check`)."""
        with self._asking():
            return self._connection.execute(sql).fetchall()


class _Names(dict[int, str]):
    def __init__(self, store: Store, rows: Iterable[tuple[int, str]]) -> None:
        super().__init__(rows)
        self._store = store
        if not set(map(type, self.values())) <= {str}:
            raise store.damaged("a task has no name that is a text")

    def __missing__(self, number: int) -> str:
        raise self._store.damaged(f"the events of task {number} are there, but not the task")


@functools.cache
def _tables(version: int) -> frozenset[tuple[str, str, str]]:
    """The tables, indexes and triggers of a version: type, name and statement."""
    with contextlib.closing(sqlite3.connect(":memory:")) as connection:
        for statement in chain(*STEPS[:version]):
            connection.execute(statement)
        rows = connection.execute("SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL")
        return frozenset(row for row in rows if not row[1].startswith("sqlite_"))


def _may_write(target: Path) -> bool:
    # The log stands beside the file, so its folder has to take new files too.
    return os.access(target, os.W_OK) and os.access(target.absolute().parent, os.W_OK)


def _is_busy(error: sqlite3.Error) -> bool:
    # Python 3.10 does not say which error it is; it then counts as any other refusal.
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in (5, 6)
