-- What was set of rooms: one that nobody has set anything of has no row here.
CREATE TABLE room_record (
    name          TEXT    PRIMARY KEY,
    door          INTEGER NOT NULL,           -- 0 public, 1 private, 2 direct
    title         TEXT,
    topic         TEXT,
    locked        INTEGER NOT NULL,           -- 1: only those write who look after it
    archived      INTEGER NOT NULL,           -- 1: nobody writes any more
    slow_mode_ms  INTEGER NOT NULL,           -- between two messages of one user
    created_at_ms INTEGER NOT NULL,
    pair          TEXT    UNIQUE              -- of a direct conversation: both ids, the lesser first
) STRICT, WITHOUT ROWID;
CREATE INDEX room_record_by_time ON room_record (created_at_ms) WHERE door = 0;

CREATE TABLE member (
    room      TEXT    NOT NULL REFERENCES room_record (name),
    user_id   TEXT    NOT NULL,
    user_name TEXT    NOT NULL,               -- at that time
    standing  INTEGER NOT NULL,               -- 1 member, 2 moderator, 3 owner
    since_ms  INTEGER NOT NULL,
    PRIMARY KEY (room, user_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX member_by_user ON member (user_id, since_ms);

CREATE TABLE sanction (
    id        TEXT    PRIMARY KEY,
    room      TEXT    NOT NULL,               -- empty: the whole node
    user_id   TEXT    NOT NULL,
    user_name TEXT    NOT NULL,
    kind      INTEGER NOT NULL,               -- 0 ban, 1 mute
    by_id     TEXT    NOT NULL,
    by_name   TEXT    NOT NULL,
    at_ms     INTEGER NOT NULL,
    until_ms  INTEGER,                        -- none: for good
    reason    TEXT,
    UNIQUE (room, user_id, kind)
) STRICT, WITHOUT ROWID;

-- Addresses that a sanction also holds for: an IPv4 address, or the upper half of an IPv6 one.
CREATE TABLE sanction_address (
    sanction TEXT    NOT NULL REFERENCES sanction (id) ON DELETE CASCADE,
    address  INTEGER NOT NULL,
    PRIMARY KEY (sanction, address)
) STRICT, WITHOUT ROWID;

CREATE TABLE invitation (
    id            TEXT    PRIMARY KEY,
    code_hash     BLOB    NOT NULL UNIQUE,    -- SHA-256
    room          TEXT    NOT NULL REFERENCES room_record (name),
    by_id         TEXT    NOT NULL,
    by_name       TEXT    NOT NULL,
    created_at_ms INTEGER NOT NULL,
    expires_at_ms INTEGER NOT NULL,
    uses_left     INTEGER,                    -- none: any number
    used          INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX invitation_by_room ON invitation (room);

-- Who did it.
ALTER TABLE notice ADD COLUMN by_id TEXT;
