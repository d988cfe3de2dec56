-- `sent` knows every send now, not only what retention dropped, and is written behind the log: a
-- unique index over the log cost a page of the file for nearly every message.
ALTER TABLE room ADD COLUMN indexed INTEGER NOT NULL DEFAULT 0;  -- seq up to which `sent` knows its events

-- Sends whose event retention has dropped: when they may be forgotten.
CREATE TABLE dropped_send (
    at_ms     INTEGER NOT NULL,
    user_id   TEXT    NOT NULL,
    client_id TEXT    NOT NULL,
    PRIMARY KEY (at_ms, user_id, client_id)
) STRICT, WITHOUT ROWID;
INSERT INTO dropped_send SELECT at_ms, user_id, client_id FROM sent;
DROP INDEX sent_by_time;

INSERT OR IGNORE INTO sent (user_id, client_id, room_id, seq, kind, target, at_ms)
SELECT user_id, client_id, room_id, seq, kind, target, at_ms FROM event
WHERE client_id IS NOT NULL ORDER BY user_id, client_id;
UPDATE room SET indexed = head;
DROP INDEX event_by_send;
