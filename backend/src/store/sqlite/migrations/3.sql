-- Names that look alike are the same: `look_key` is what `store/names.rs` makes of one.
ALTER TABLE guest ADD COLUMN look_key TEXT NOT NULL DEFAULT '';
UPDATE guest SET look_key = look_key(name);
CREATE INDEX guest_by_look ON guest (look_key);

CREATE TABLE account (
    user_id       TEXT    PRIMARY KEY,
    name          TEXT    NOT NULL,
    name_key      TEXT    NOT NULL UNIQUE,    -- lower case
    look_key      TEXT    NOT NULL UNIQUE,
    password      TEXT    NOT NULL,           -- PHC string
    role          INTEGER NOT NULL,           -- 1 member, 2 moderator, 3 admin
    disabled      INTEGER NOT NULL,           -- 1: kept out
    created_at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- A user's stay on one device. Hashes are SHA-256.
CREATE TABLE sign_in (
    id              TEXT    PRIMARY KEY,
    user_id         TEXT    NOT NULL REFERENCES account (user_id) ON DELETE CASCADE,
    label           TEXT    NOT NULL,
    created_at_ms   INTEGER NOT NULL,
    seen_at_ms      INTEGER NOT NULL,         -- last refreshed
    expires_at_ms   INTEGER NOT NULL,
    family_hash     BLOB    NOT NULL UNIQUE,  -- the half of its refresh tokens that stays
    access_hash     BLOB    NOT NULL UNIQUE,
    access_until_ms INTEGER NOT NULL,
    refresh_hash    BLOB    NOT NULL,         -- the half that changes
    previous_hash   BLOB,                     -- the one before
    previous_salt   BLOB,                     -- with which the one after it was made
    replaced_at_ms  INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX sign_in_by_user ON sign_in (user_id, seen_at_ms);
CREATE INDEX sign_in_by_end ON sign_in (expires_at_ms);

CREATE TABLE api_key (
    id            TEXT    PRIMARY KEY,
    user_id       TEXT    NOT NULL UNIQUE,
    name          TEXT    NOT NULL,
    name_key      TEXT    NOT NULL UNIQUE,
    look_key      TEXT    NOT NULL UNIQUE,
    secret_hash   BLOB    NOT NULL UNIQUE,
    scopes        INTEGER NOT NULL,           -- bits: `auth/scope.rs`
    created_at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What running nodes must hear of. AUTOINCREMENT: a number is never given out twice.
CREATE TABLE notice (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    kind    INTEGER NOT NULL,                 -- `sqlite/notices.rs`
    subject TEXT    NOT NULL,                 -- a user's id, or a name
    part    TEXT,                             -- a sign-in's id
    at_ms   INTEGER NOT NULL
) STRICT;
CREATE INDEX notice_by_time ON notice (at_ms);
