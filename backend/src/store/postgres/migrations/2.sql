-- Which node does what is done once, not once a node.
CREATE TABLE lease (
    task   text        COLLATE "C" PRIMARY KEY,
    holder bigint      NOT NULL,              -- a random number of the node
    until  timestamptz NOT NULL
);

-- Token buckets that all nodes share. Not worth keeping over a crash of the server.
CREATE UNLOGGED TABLE token_bucket (
    key        text   COLLATE "C" PRIMARY KEY,
    full_at_us bigint NOT NULL                -- when it will be full again
);
CREATE INDEX token_bucket_by_time ON token_bucket (full_at_us);
