//! What nodes tell each other about how far users have read a room, and its bytes on the bus.

use super::HintError;
use super::hint::{decode_json, encode_json};
use bytes::Bytes;
use common::ids::{Epoch, Seq, UserId};
use serde::{Deserialize, Serialize};

/// The first byte of such a message.
pub(super) const KIND: u8 = 3;

/// Read markers that have moved, and are stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadHint {
    /// The epoch of the room's log.
    pub epoch: Epoch,
    /// Who has read up to where.
    pub read: Vec<(UserId, Seq)>,
}

impl ReadHint {
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
        let hint = ReadHint {
            epoch: "e1".parse().unwrap(),
            read: vec![("u1".parse().unwrap(), Seq(7))],
        };
        let bytes = Bytes::from(hint.encode(7));
        assert_eq!(bytes[0], KIND);
        assert_eq!(ReadHint::decode(bytes.slice(1..)), Ok((7, hint)));
        for cut in 1..bytes.len() {
            let read = ReadHint::decode(bytes.slice(1..cut));
            assert_eq!(read, Err(HintError::Damaged), "{cut}");
        }
    }
}
