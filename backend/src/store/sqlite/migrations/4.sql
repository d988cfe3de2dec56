-- Who did what, for admins to read. Never a secret in it.
CREATE TABLE audit (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    at_ms      INTEGER NOT NULL,
    act        TEXT    NOT NULL,              -- `store/audit.rs`
    actor_id   TEXT,                          -- none: the command line, or somebody unknown
    actor_name TEXT,
    subject    TEXT,                          -- whom or what it was done to
    origin     TEXT                           -- an address, or a network of one
) STRICT;
CREATE INDEX audit_by_time ON audit (at_ms);
