-- Text is compared byte by byte everywhere, as in the other engine and in the code.
-- `epoch`: the life of every log in this database. `timeline`: the server's, when that life began.
CREATE TABLE meta (key text COLLATE "C" PRIMARY KEY, value text NOT NULL);

-- A room has a row once it has been written to. Updated in place: no index holds its head.
CREATE TABLE room (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name       text   COLLATE "C" NOT NULL UNIQUE,
    head       bigint NOT NULL DEFAULT 0,     -- seq of the newest event; 0: nothing was stored yet
    floor      bigint NOT NULL DEFAULT 0,     -- seq below the oldest event that is kept
    last_at_ms bigint NOT NULL DEFAULT 0,
    name_key   text   COLLATE "C",            -- of public rooms: `store/names.rs`
    look_key   text   COLLATE "C"
) WITH (fillfactor = 70);
CREATE INDEX room_by_time ON room (last_at_ms DESC, id DESC) WHERE name_key IS NOT NULL;
CREATE INDEX room_by_name ON room (name_key) WHERE name_key IS NOT NULL;
CREATE INDEX room_by_look ON room (look_key) WHERE look_key IS NOT NULL;

CREATE TABLE event (
    room_id   bigint   NOT NULL REFERENCES room (id),
    seq       bigint   NOT NULL,
    kind      smallint NOT NULL,              -- `store/columns.rs`
    target    bigint,                         -- seq of the message that is changed
    user_id   text     COLLATE "C" NOT NULL,
    user_name text     NOT NULL,              -- at that time
    client_id text     COLLATE "C",           -- the sender's `id`
    content   bytea,                          -- UTF-8; `text` cannot hold U+0000. For a reaction, the emoji
    data      text,                           -- JSON, as it was sent
    at_ms     bigint   NOT NULL,
    PRIMARY KEY (room_id, seq)
);
CREATE INDEX event_message ON event (room_id, seq) WHERE kind = 0;
CREATE INDEX event_by_target ON event (room_id, target, seq) WHERE target IS NOT NULL;

-- A message that is sent again is found by its author and `id`, for a day, whatever retention drops.
CREATE TABLE sent (
    user_id   text     COLLATE "C" NOT NULL,
    client_id text     COLLATE "C" NOT NULL,
    room_id   bigint   NOT NULL,
    seq       bigint   NOT NULL,
    kind      smallint NOT NULL,
    target    bigint,
    at_ms     bigint   NOT NULL,
    PRIMARY KEY (user_id, client_id)
);
CREATE INDEX sent_by_time ON sent (at_ms);

-- How far a user has read a room.
CREATE TABLE marker (
    user_id text   COLLATE "C" NOT NULL,
    room    text   COLLATE "C" NOT NULL,
    epoch   text   COLLATE "C" NOT NULL,
    seq     bigint NOT NULL,
    PRIMARY KEY (user_id, room)
);

CREATE TABLE guest (
    secret_hash bytea  PRIMARY KEY,           -- SHA-256
    user_id     text   COLLATE "C" NOT NULL UNIQUE,
    name        text   NOT NULL,
    name_key    text   COLLATE "C" NOT NULL UNIQUE,
    look_key    text   COLLATE "C" NOT NULL,
    seen_at_ms  bigint NOT NULL
);
CREATE INDEX guest_by_look ON guest (look_key);

CREATE TABLE account (
    user_id       text     COLLATE "C" PRIMARY KEY,
    name          text     NOT NULL,
    name_key      text     COLLATE "C" NOT NULL UNIQUE,
    look_key      text     COLLATE "C" NOT NULL UNIQUE,
    password      text     NOT NULL,          -- PHC string
    role          smallint NOT NULL,
    disabled      boolean  NOT NULL,
    created_at_ms bigint   NOT NULL
);

-- A user's stay on one device. Hashes are SHA-256.
CREATE TABLE sign_in (
    id              text   COLLATE "C" PRIMARY KEY,
    user_id         text   COLLATE "C" NOT NULL REFERENCES account (user_id) ON DELETE CASCADE,
    label           text   NOT NULL,
    created_at_ms   bigint NOT NULL,
    seen_at_ms      bigint NOT NULL,          -- last refreshed
    expires_at_ms   bigint NOT NULL,
    family_hash     bytea  NOT NULL UNIQUE,   -- the half of its refresh tokens that stays
    access_hash     bytea  NOT NULL UNIQUE,
    access_until_ms bigint NOT NULL,
    refresh_hash    bytea  NOT NULL,          -- the half that changes
    previous_hash   bytea,                    -- the one before
    previous_salt   bytea,                    -- with which the one after it was made
    replaced_at_ms  bigint
);
CREATE INDEX sign_in_by_user ON sign_in (user_id, seen_at_ms);
CREATE INDEX sign_in_by_end ON sign_in (expires_at_ms);

CREATE TABLE api_key (
    id            text     COLLATE "C" PRIMARY KEY,
    user_id       text     COLLATE "C" NOT NULL UNIQUE,
    name          text     NOT NULL,
    name_key      text     COLLATE "C" NOT NULL UNIQUE,
    look_key      text     COLLATE "C" NOT NULL UNIQUE,
    secret_hash   bytea    NOT NULL UNIQUE,
    scopes        smallint NOT NULL,          -- bits: `auth/scope.rs`
    created_at_ms bigint   NOT NULL
);

-- What running nodes must learn of. Numbers become visible in their order: see `postgres/database.rs`.
CREATE TABLE notice (
    id      bigint   GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind    smallint NOT NULL,                -- `store/columns.rs`
    subject text     NOT NULL,                -- a user's id, or a name
    part    text,
    at_ms   bigint   NOT NULL,
    by_id   text                              -- who did it
);
CREATE INDEX notice_by_time ON notice (at_ms);

-- Who did what, for admins to read. Never a secret in it.
CREATE TABLE audit (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at_ms      bigint NOT NULL,
    act        text   NOT NULL,
    actor_id   text,                          -- none: the command line, or somebody unknown
    actor_name text,
    subject    text,                          -- whom or what it was done to
    origin     text                           -- an address, or a network of one
);
CREATE INDEX audit_by_time ON audit (at_ms);

-- What was set of rooms: one that nobody has set anything of has no row here.
CREATE TABLE room_record (
    name          text     COLLATE "C" PRIMARY KEY,
    door          smallint NOT NULL,          -- 0 public, 1 private, 2 direct
    title         text,
    topic         text,
    locked        boolean  NOT NULL,
    archived      boolean  NOT NULL,
    slow_mode_ms  bigint   NOT NULL,          -- between two messages of one user
    created_at_ms bigint   NOT NULL,
    pair          text     COLLATE "C" UNIQUE, -- of a direct conversation: both ids, the lesser first
    name_key      text     COLLATE "C",       -- of public rooms
    look_key      text     COLLATE "C"
);
CREATE INDEX room_record_by_time ON room_record (created_at_ms) WHERE door = 0;
CREATE INDEX room_record_by_name ON room_record (name_key) WHERE name_key IS NOT NULL;
CREATE INDEX room_record_by_look ON room_record (look_key) WHERE look_key IS NOT NULL;

CREATE TABLE member (
    room      text     COLLATE "C" NOT NULL REFERENCES room_record (name),
    user_id   text     COLLATE "C" NOT NULL,
    user_name text     COLLATE "C" NOT NULL,  -- at that time
    standing  smallint NOT NULL,              -- 1 member, 2 moderator, 3 owner
    since_ms  bigint   NOT NULL,
    PRIMARY KEY (room, user_id)
);
CREATE INDEX member_by_user ON member (user_id, since_ms);

CREATE TABLE sanction (
    id        text     COLLATE "C" PRIMARY KEY,
    room      text     COLLATE "C" NOT NULL,  -- empty: the whole node
    user_id   text     COLLATE "C" NOT NULL,
    user_name text     NOT NULL,
    kind      smallint NOT NULL,              -- 0 ban, 1 mute
    by_id     text     NOT NULL,
    by_name   text     NOT NULL,
    at_ms     bigint   NOT NULL,
    until_ms  bigint,                         -- none: for good
    reason    text,
    addresses bigint[] NOT NULL,              -- it holds for these, too: `limits::Subnet`
    UNIQUE (room, user_id, kind)
);

CREATE TABLE invitation (
    id            text   COLLATE "C" PRIMARY KEY,
    code_hash     bytea  NOT NULL UNIQUE,     -- SHA-256
    room          text   COLLATE "C" NOT NULL REFERENCES room_record (name),
    by_id         text   NOT NULL,
    by_name       text   NOT NULL,
    created_at_ms bigint NOT NULL,
    expires_at_ms bigint NOT NULL,
    uses_left     bigint,                     -- none: any number
    used          bigint NOT NULL
);
CREATE INDEX invitation_by_room ON invitation (room);
