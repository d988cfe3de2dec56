//! The tables that both engines have, with the same columns, and values of any of them.

use sha2::{Digest, Sha256};

/// What stands in a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// Nothing.
    Null,
    /// A whole number; of a flag, 0 or 1.
    Integer(i64),
    /// Text.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
    /// Whole numbers in ascending order.
    Integers(Vec<i64>),
}

/// The type of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Type {
    /// A whole number.
    Integer,
    /// A whole number in one engine, a boolean in the other.
    Flag,
    /// Text.
    Text,
    /// Text that may contain U+0000: text in one engine, bytes in the other.
    AnyText,
    /// Bytes.
    Bytes,
    /// Whole numbers: rows of a second table in one engine, an array in the other.
    Addresses,
}

/// Values in the order of the table's columns.
pub type Row = Vec<Value>;

/// A table.
#[derive(Debug, Clone, Copy)]
pub struct Table {
    /// Its name.
    pub name: &'static str,
    /// Its columns. The first ones are its key.
    pub columns: &'static [(&'static str, Type)],
    /// So many of them.
    pub key: usize,
}

use Type::{Addresses, AnyText, Bytes, Flag, Integer, Text};

/// Users, what is set of rooms, and who did what: in the order in which rows may refer to others. Not
/// among them: notices, which tell running nodes of changes, and leases.
pub(super) const TABLES: &[Table] = &[
    Table {
        name: "account",
        key: 1,
        columns: &[
            ("user_id", Text),
            ("name", Text),
            ("name_key", Text),
            ("look_key", Text),
            ("password", Text),
            ("role", Integer),
            ("disabled", Flag),
            ("created_at_ms", Integer),
        ],
    },
    Table {
        name: "sign_in",
        key: 1,
        columns: &[
            ("id", Text),
            ("user_id", Text),
            ("label", Text),
            ("created_at_ms", Integer),
            ("seen_at_ms", Integer),
            ("expires_at_ms", Integer),
            ("family_hash", Bytes),
            ("access_hash", Bytes),
            ("access_until_ms", Integer),
            ("refresh_hash", Bytes),
            ("previous_hash", Bytes),
            ("previous_salt", Bytes),
            ("replaced_at_ms", Integer),
        ],
    },
    Table {
        name: "api_key",
        key: 1,
        columns: &[
            ("id", Text),
            ("user_id", Text),
            ("name", Text),
            ("name_key", Text),
            ("look_key", Text),
            ("secret_hash", Bytes),
            ("scopes", Integer),
            ("created_at_ms", Integer),
        ],
    },
    Table {
        name: "guest",
        key: 1,
        columns: &[
            ("secret_hash", Bytes),
            ("user_id", Text),
            ("name", Text),
            ("name_key", Text),
            ("look_key", Text),
            ("seen_at_ms", Integer),
        ],
    },
    Table {
        name: "room_record",
        key: 1,
        columns: &[
            ("name", Text),
            ("door", Integer),
            ("title", Text),
            ("topic", Text),
            ("locked", Flag),
            ("archived", Flag),
            ("slow_mode_ms", Integer),
            ("created_at_ms", Integer),
            ("pair", Text),
            ("name_key", Text),
            ("look_key", Text),
        ],
    },
    Table {
        name: "member",
        key: 2,
        columns: &[
            ("room", Text),
            ("user_id", Text),
            ("user_name", Text),
            ("standing", Integer),
            ("since_ms", Integer),
        ],
    },
    Table {
        name: "sanction",
        key: 1,
        columns: &[
            ("id", Text),
            ("room", Text),
            ("user_id", Text),
            ("user_name", Text),
            ("kind", Integer),
            ("by_id", Text),
            ("by_name", Text),
            ("at_ms", Integer),
            ("until_ms", Integer),
            ("reason", Text),
            ("addresses", Addresses),
        ],
    },
    Table {
        name: "invitation",
        key: 1,
        columns: &[
            ("id", Text),
            ("code_hash", Bytes),
            ("room", Text),
            ("by_id", Text),
            ("by_name", Text),
            ("created_at_ms", Integer),
            ("expires_at_ms", Integer),
            ("uses_left", Integer),
            ("used", Integer),
        ],
    },
    Table {
        name: "marker",
        key: 2,
        columns: &[
            ("user_id", Text),
            ("room", Text),
            ("epoch", Text),
            ("seq", Integer),
        ],
    },
    Table {
        name: "audit",
        key: 1,
        columns: &[
            ("id", Integer),
            ("at_ms", Integer),
            ("act", Text),
            ("actor_id", Text),
            ("actor_name", Text),
            ("subject", Text),
            ("origin", Text),
        ],
    },
];

/// The events of a room; the room itself is said beside it.
pub const EVENT: Table = Table {
    name: "event",
    key: 1,
    columns: &[
        ("seq", Integer),
        ("kind", Integer),
        ("target", Integer),
        ("user_id", Text),
        ("user_name", Text),
        ("client_id", Text),
        ("content", AnyText),
        ("data", Text),
        ("at_ms", Integer),
    ],
};

/// Sends whose events are gone. `room` is a name here, and a number in the engines.
pub const SENT: Table = Table {
    name: "sent",
    key: 2,
    columns: &[
        ("user_id", Text),
        ("client_id", Text),
        ("room", Text),
        ("seq", Integer),
        ("kind", Integer),
        ("target", Integer),
        ("at_ms", Integer),
    ],
};

impl Table {
    /// The names of its columns, with commas between them.
    #[must_use]
    pub fn names(&self) -> String {
        let names: Vec<&str> = self.columns.iter().map(|(name, _)| *name).collect();
        names.join(", ")
    }

    /// The same of its key.
    #[must_use]
    pub fn key_names(&self) -> String {
        let names = self.columns.iter().take(self.key).map(|(name, _)| *name);
        names.collect::<Vec<&str>>().join(", ")
    }

    /// The key of a row.
    #[must_use]
    pub fn key_of(&self, row: &[Value]) -> Row {
        row.iter().take(self.key).cloned().collect()
    }
}

/// The columns of an event that make it a send: as far as its author's client gave it an `id`: author, `id`, position, kind,
/// target and time.
pub(in crate::store) fn send_of(event: &[Value]) -> Option<[Value; 6]> {
    let column = |name| {
        let at = EVENT.columns.iter().position(|(known, _)| *known == name);
        event.get(at?).cloned()
    };
    let client_id = column("client_id").filter(|id| *id != Value::Null)?;
    Some([
        column("user_id")?,
        client_id,
        column("seq")?,
        column("kind")?,
        column("target")?,
        column("at_ms")?,
    ])
}

/// The count and a hash of rows, fed in the order of their keys.
#[derive(Default)]
pub(super) struct Sum {
    count: u64,
    hash: Sha256,
}

impl Sum {
    pub(super) fn add(&mut self, row: &[Value]) {
        self.count += 1;
        for value in row {
            let mut piece = |kind: u8, bytes: &[u8]| {
                self.hash.update([kind]);
                self.hash.update((bytes.len() as u64).to_be_bytes());
                self.hash.update(bytes);
            };
            match value {
                Value::Null => piece(0, &[]),
                Value::Integer(number) => piece(1, &number.to_be_bytes()),
                Value::Text(text) => piece(2, text.as_bytes()),
                Value::Bytes(bytes) => piece(3, bytes),
                Value::Integers(numbers) => {
                    let bytes: Vec<u8> = numbers.iter().flat_map(|n| n.to_be_bytes()).collect();
                    piece(4, &bytes);
                }
            }
        }
    }

    pub(super) fn finish(self) -> (u64, [u8; 32]) {
        (self.count, self.hash.finalize().into())
    }
}
