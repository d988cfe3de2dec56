-- `epoch`: the life of every log in this file.
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

-- A room has a row once it has been written to.
CREATE TABLE room (
    id         INTEGER PRIMARY KEY,
    name       TEXT    NOT NULL UNIQUE,
    head       INTEGER NOT NULL,              -- seq of the newest event
    floor      INTEGER NOT NULL DEFAULT 0,    -- seq below the oldest event that is kept
    last_at_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX room_by_time ON room (last_at_ms);

CREATE TABLE event (
    room_id   INTEGER NOT NULL REFERENCES room (id),
    seq       INTEGER NOT NULL,
    kind      INTEGER NOT NULL,               -- 0 message, 1 edit, 2 delete, 3 react, 4 unreact
    target    INTEGER,                        -- seq of the message that is changed
    user_id   TEXT    NOT NULL,
    user_name TEXT    NOT NULL,               -- at that time
    client_id TEXT,                           -- the sender's `id`
    content   TEXT,                           -- for a reaction, the emoji
    data      TEXT,                           -- JSON
    at_ms     INTEGER NOT NULL,
    PRIMARY KEY (room_id, seq)
) STRICT, WITHOUT ROWID;
-- A message sent again is found by its author and `id`.
CREATE UNIQUE INDEX event_by_send ON event (user_id, client_id) WHERE client_id IS NOT NULL;
-- Pages of messages skip what changes them, and then ask for just that.
CREATE INDEX event_message ON event (room_id, seq) WHERE kind = 0;
CREATE INDEX event_by_target ON event (room_id, target, seq) WHERE target IS NOT NULL;

-- What retention has dropped but a client may still send again.
CREATE TABLE sent (
    user_id   TEXT    NOT NULL,
    client_id TEXT    NOT NULL,
    room_id   INTEGER NOT NULL,
    seq       INTEGER NOT NULL,
    kind      INTEGER NOT NULL,
    target    INTEGER,
    at_ms     INTEGER NOT NULL,
    PRIMARY KEY (user_id, client_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX sent_by_time ON sent (at_ms);

-- How far a user has read a room.
CREATE TABLE marker (
    user_id TEXT    NOT NULL,
    room    TEXT    NOT NULL,
    epoch   TEXT    NOT NULL,
    seq     INTEGER NOT NULL,
    PRIMARY KEY (user_id, room)
) STRICT, WITHOUT ROWID;

CREATE TABLE guest (
    secret_hash BLOB    PRIMARY KEY,          -- SHA-256
    user_id     TEXT    NOT NULL UNIQUE,
    name        TEXT    NOT NULL,
    name_key    TEXT    NOT NULL UNIQUE,      -- lower case
    seen_at_ms  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
