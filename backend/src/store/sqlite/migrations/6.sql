-- Public rooms whose names look alike are found by the keys that `store/names.rs` makes of them.
ALTER TABLE room ADD COLUMN name_key TEXT;
ALTER TABLE room ADD COLUMN look_key TEXT;
UPDATE room SET name_key = name_key(name), look_key = look_key(name) WHERE substr(name, 1, 1) <> '$';
CREATE INDEX room_by_name ON room (name_key) WHERE name_key IS NOT NULL;
CREATE INDEX room_by_look ON room (look_key) WHERE look_key IS NOT NULL;

ALTER TABLE room_record ADD COLUMN name_key TEXT;
ALTER TABLE room_record ADD COLUMN look_key TEXT;
UPDATE room_record SET name_key = name_key(name), look_key = look_key(name) WHERE door = 0;
CREATE INDEX room_record_by_name ON room_record (name_key) WHERE name_key IS NOT NULL;
CREATE INDEX room_record_by_look ON room_record (look_key) WHERE look_key IS NOT NULL;
