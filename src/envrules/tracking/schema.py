"""The tables of a tracker's file, as the steps from one version of them to the next.

An event is appended and never changed; the facts it states are laid out by a trigger, so that the two cannot differ.
Days are numbers such as 20180322, which sort and can be read; 0 is a day that was not given.
"""

from __future__ import annotations

from typing import Final

#: Marks a file as a tracker's (`envt`); SQLite keeps it in the header.
APPLICATION_ID: Final = 0x656E7674

_NEVER = "SELECT RAISE(ABORT, 'what was recorded is never changed')"


def _append_only(table: str, key: str) -> tuple[str, ...]:
    """Triggers that refuse to change, delete or replace a row, whoever asks."""
    refuse = f"BEGIN {_NEVER}; END"
    return (
        f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} {refuse}",
        f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} {refuse}",
        # INSERT OR REPLACE deletes without asking the trigger above.
        f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} "
        f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {key}) {refuse}",
    )


#: Statements that lead from version n to n + 1; a released step is never edited, only followed by another.
STEPS: Final[tuple[tuple[str, ...], ...]] = (
    (
        "CREATE TABLE task (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE CHECK (name <> ''))",
        """CREATE TABLE event (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            task INTEGER NOT NULL REFERENCES task (id),
            kind TEXT NOT NULL CHECK (kind <> ''),
            valid_on INTEGER NOT NULL CHECK (valid_on = 0 OR valid_on BETWEEN 10101 AND 99991231),
            recorded_on INTEGER NOT NULL CHECK (recorded_on BETWEEN 10101 AND 99991231),
            recorded_at TEXT NOT NULL,
            fields TEXT NOT NULL CHECK (json_valid(fields)),
            note TEXT NOT NULL DEFAULT '',
            corrects INTEGER REFERENCES event (id) CHECK (corrects < id))""",
        "CREATE INDEX event_of_task ON event (task, id)",
        "CREATE UNIQUE INDEX event_corrected ON event (corrects) WHERE corrects IS NOT NULL",
        # The key lays the facts of one field in the order of tasks, which is the order in which they are asked for.
        """CREATE TABLE fact (
            field TEXT NOT NULL,
            task INTEGER NOT NULL REFERENCES task (id),
            valid_on INTEGER NOT NULL,
            event INTEGER NOT NULL REFERENCES event (id),
            recorded_on INTEGER NOT NULL,
            value,
            PRIMARY KEY (field, task, valid_on, event)) WITHOUT ROWID""",
        """CREATE TRIGGER event_facts AFTER INSERT ON event BEGIN
            INSERT INTO fact (field, task, valid_on, event, recorded_on, value)
            SELECT part.key, NEW.task, NEW.valid_on, NEW.id, NEW.recorded_on,
                CASE part.type WHEN 'object' THEN CAST(json_extract(part.value, '$.unusable') AS BLOB)
                ELSE part.value END
            FROM json_each(NEW.fields) AS part;
            INSERT INTO fact (field, task, valid_on, event, recorded_on, value)
            SELECT '', NEW.task, NEW.valid_on, NEW.id, NEW.recorded_on, 1 WHERE NEW.kind = 'opened';
        END""",
        *_append_only("task", "id = NEW.id OR name = NEW.name"),
        *_append_only("event", "id = NEW.id OR corrects = NEW.corrects"),
        *_append_only(
            "fact", "field = NEW.field AND task = NEW.task AND valid_on = NEW.valid_on AND event = NEW.event"
        ),
    ),
    (
        # Which lists were read, by what they say, so that one that is read again adds nothing.
        """CREATE TABLE list (
            sha256 TEXT PRIMARY KEY NOT NULL,
            source TEXT NOT NULL,
            recorded_on INTEGER NOT NULL,
            recorded_at TEXT NOT NULL)""",
        *_append_only("list", "sha256 = NEW.sha256"),
    ),
)
VERSION: Final = len(STEPS)
