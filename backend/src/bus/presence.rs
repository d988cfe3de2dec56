//! What nodes tell each other about who is online in a room, and its bytes on the bus.

use super::HintError;
use super::hint::{decode_json, encode_json};
use bytes::Bytes;
use common::ids::UserId;
use common::user::User;
use serde::{Deserialize, Serialize};

/// The first byte of such a message.
pub(super) const KIND: u8 = 2;

/// Who is online in a room on the node that says so.
///
/// Each node numbers what it says about a room. A node that misses a number asks for the whole list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PresenceHint {
    /// The others are asked for their lists.
    Request,
    /// The whole list.
    All {
        /// The number of the last changes that are in it.
        version: u64,
        /// The users.
        users: Vec<User>,
    },
    /// What has changed.
    Changes {
        /// One more than that of the changes before.
        version: u64,
        /// Users who were not online there before.
        joined: Vec<User>,
        /// Users who are not any more.
        left: Vec<UserId>,
    },
}

impl PresenceHint {
    /// The bytes: the kind, the node, and JSON.
    #[must_use]
    pub fn encode(&self, node: u64) -> Vec<u8> {
        encode_json(KIND, node, self)
    }

    /// Reads what follows the kind. Returns the node that says so, too.
    ///
    /// # Errors
    /// It is something else.
    pub fn decode(bytes: Bytes) -> Result<(u64, Self), HintError> {
        decode_json(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_told_is_read_as_it_was_written_and_nothing_else() {
        let ada = User {
            id: "u1".parse().unwrap(),
            name: "Ada".parse().unwrap(),
        };
        for hint in [
            PresenceHint::Request,
            PresenceHint::All {
                version: 3,
                users: vec![ada.clone()],
            },
            PresenceHint::Changes {
                version: 4,
                joined: vec![ada],
                left: vec!["u2".parse().unwrap()],
            },
        ] {
            let bytes = Bytes::from(hint.encode(7));
            assert_eq!(bytes[0], KIND);
            assert_eq!(PresenceHint::decode(bytes.slice(1..)), Ok((7, hint)));
            for cut in 1..bytes.len() {
                let read = PresenceHint::decode(bytes.slice(1..cut));
                assert_eq!(read, Err(HintError::Damaged), "{cut}");
            }
        }
    }
}
