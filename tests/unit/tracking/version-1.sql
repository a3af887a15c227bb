PRAGMA application_id = 1701738100;
PRAGMA user_version = 1;
BEGIN TRANSACTION;
CREATE TABLE event (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            task INTEGER NOT NULL REFERENCES task (id),
            kind TEXT NOT NULL CHECK (kind <> ''),
            valid_on INTEGER NOT NULL CHECK (valid_on = 0 OR valid_on BETWEEN 10101 AND 99991231),
            recorded_on INTEGER NOT NULL CHECK (recorded_on BETWEEN 10101 AND 99991231),
            recorded_at TEXT NOT NULL,
            fields TEXT NOT NULL CHECK (json_valid(fields)),
            note TEXT NOT NULL DEFAULT '',
            corrects INTEGER REFERENCES event (id) CHECK (corrects < id));
INSERT INTO "event" VALUES(1,1,'opened',20180401,20180401,'2018-04-01T01:00:00.000000+00:00','{"complaints_concentrated":false,"due_on":"2018-05-31","outstanding_problems":false,"unit":"市水务局"}','台账第3行',NULL);
INSERT INTO "event" VALUES(2,2,'opened',0,20180401,'2018-04-01T01:00:00.000000+00:00','{"due_on":"2018-06-30"}','',NULL);
INSERT INTO "event" VALUES(3,1,'completed',20180520,20180520,'2018-05-20T01:00:00.000000+00:00','{"completed_on":"2018-05-20","target_met":true}','',NULL);
INSERT INTO "event" VALUES(4,1,'completed',20180603,20180610,'2018-06-10T01:00:00.000000+00:00','{"completed_on":"2018-06-03","target_met":true}','笔误',3);
INSERT INTO "event" VALUES(5,1,'complaint',20180605,20180610,'2018-06-10T01:00:00.000000+00:00','{}','',NULL);
INSERT INTO "event" VALUES(6,1,'reported',20180609,20180610,'2018-06-10T01:00:00.000000+00:00','{}','逗号，引号''；',NULL);
CREATE TABLE fact (
            field TEXT NOT NULL,
            task INTEGER NOT NULL REFERENCES task (id),
            valid_on INTEGER NOT NULL,
            event INTEGER NOT NULL REFERENCES event (id),
            recorded_on INTEGER NOT NULL,
            value,
            PRIMARY KEY (field, task, valid_on, event)) WITHOUT ROWID;
INSERT INTO "fact" VALUES('',1,20180401,1,20180401,1);
INSERT INTO "fact" VALUES('',2,0,2,20180401,1);
INSERT INTO "fact" VALUES('complaints_concentrated',1,20180401,1,20180401,0);
INSERT INTO "fact" VALUES('completed_on',1,20180520,3,20180520,'2018-05-20');
INSERT INTO "fact" VALUES('completed_on',1,20180603,4,20180610,'2018-06-03');
INSERT INTO "fact" VALUES('due_on',1,20180401,1,20180401,'2018-05-31');
INSERT INTO "fact" VALUES('due_on',2,0,2,20180401,'2018-06-30');
INSERT INTO "fact" VALUES('outstanding_problems',1,20180401,1,20180401,0);
INSERT INTO "fact" VALUES('target_met',1,20180520,3,20180520,1);
INSERT INTO "fact" VALUES('target_met',1,20180603,4,20180610,1);
INSERT INTO "fact" VALUES('unit',1,20180401,1,20180401,'市水务局');
CREATE TABLE task (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE CHECK (name <> ''));
INSERT INTO "task" VALUES(1,'T1');
INSERT INTO "task" VALUES(2,'任务''2"');
CREATE INDEX event_of_task ON event (task, id);
CREATE UNIQUE INDEX event_corrected ON event (corrects) WHERE corrects IS NOT NULL;
CREATE TRIGGER event_facts AFTER INSERT ON event BEGIN
            INSERT INTO fact (field, task, valid_on, event, recorded_on, value)
            SELECT part.key, NEW.task, NEW.valid_on, NEW.id, NEW.recorded_on,
                CASE part.type WHEN 'object' THEN CAST(json_extract(part.value, '$.unusable') AS BLOB)
                ELSE part.value END
            FROM json_each(NEW.fields) AS part;
            INSERT INTO fact (field, task, valid_on, event, recorded_on, value)
            SELECT '', NEW.task, NEW.valid_on, NEW.id, NEW.recorded_on, 1 WHERE NEW.kind = 'opened';
        END;
CREATE TRIGGER task_no_update BEFORE UPDATE ON task BEGIN SELECT RAISE(ABORT, 'what was recorded is never changed'); END;
CREATE TRIGGER task_no_delete BEFORE DELETE ON task BEGIN SELECT RAISE(ABORT, 'what was recorded is never changed'); END;
CREATE TRIGGER task_no_replace BEFORE INSERT ON task WHEN EXISTS (SELECT 1 FROM task WHERE id = NEW.id OR name = NEW.name) BEGIN SELECT RAISE(ABORT, 'what was recorded is never changed'); END;
CREATE TRIGGER event_no_update BEFORE UPDATE ON event BEGIN SELECT RAISE(ABORT, 'what was recorded is never changed'); END;
CREATE TRIGGER event_no_delete BEFORE DELETE ON event BEGIN SELECT RAISE(ABORT, 'what was recorded is never changed'); END;
CREATE TRIGGER event_no_replace BEFORE INSERT ON event WHEN EXISTS (SELECT 1 FROM event WHERE id = NEW.id OR corrects = NEW.corrects) BEGIN SELECT RAISE(ABORT, 'what was recorded is never changed'); END;
CREATE TRIGGER fact_no_update BEFORE UPDATE ON fact BEGIN SELECT RAISE(ABORT, 'what was recorded is never changed'); END;
CREATE TRIGGER fact_no_delete BEFORE DELETE ON fact BEGIN SELECT RAISE(ABORT, 'what was recorded is never changed'); END;
CREATE TRIGGER fact_no_replace BEFORE INSERT ON fact WHEN EXISTS (SELECT 1 FROM fact WHERE field = NEW.field AND task = NEW.task AND valid_on = NEW.valid_on AND event = NEW.event) BEGIN SELECT RAISE(ABORT, 'what was recorded is never changed'); END;
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('event',6);
COMMIT;
