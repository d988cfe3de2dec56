//! What a node tells all others, and its bytes on the bus.

use super::HintError;
use bytes::{Buf as _, BufMut as _, Bytes};
use common::text::RoomName;

/// The kinds, in the byte behind the node's number.
mod kind {
    pub(super) const ALIVE: u8 = 0;
    pub(super) const INCOMPLETE: u8 = 1;
    pub(super) const INVALIDATED: u8 = 2;
    pub(super) const USAGE: u8 = 3;
    pub(super) const CONNECTIONS: u8 = 4;
    pub(super) const ONLINE: u8 = 5;
}

/// See the module. Of a kind that it does not know, a node only learns that the sender is alive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NodeMessage {
    /// It is there.
    Alive,
    /// What it has told may not be all: who is online on it is told anew.
    Incomplete,
    /// Invalidations were stored, and can be read.
    Invalidated,
    /// What was used up of limits since it was last told.
    Usage(Vec<Usage>),
    /// Who has many connections to it, in place of what it said of that before.
    Connections(Vec<Connections>),
    /// How many users are online in the rooms that are live on it, in place of what it said before; of
    /// many rooms, those with the most.
    Online(Vec<(RoomName, usize)>),
}

/// Tokens taken from a bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Usage {
    /// Whose: a hash that is the same on every node.
    pub payer: u64,
    /// Of which bucket: a number that the limits know.
    pub bucket: u8,
    /// How many.
    pub tokens: u32,
}

/// Open connections of a user or an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Connections {
    /// Whose: a hash that is the same on every node.
    pub owner: u64,
    /// How many.
    pub count: u32,
}

impl NodeMessage {
    /// The bytes: the node, the kind, and the entries one after the other, numbers big-endian; or, of
    /// rooms, JSON.
    #[must_use]
    pub fn encode(&self, node: u64) -> Vec<u8> {
        let mut bytes = Vec::from(node.to_be_bytes());
        match self {
            Self::Alive => bytes.put_u8(kind::ALIVE),
            Self::Incomplete => bytes.put_u8(kind::INCOMPLETE),
            Self::Invalidated => bytes.put_u8(kind::INVALIDATED),
            Self::Usage(entries) => {
                bytes.put_u8(kind::USAGE);
                for entry in entries {
                    bytes.put_u64(entry.payer);
                    bytes.put_u8(entry.bucket);
                    bytes.put_u32(entry.tokens);
                }
            }
            Self::Connections(entries) => {
                bytes.put_u8(kind::CONNECTIONS);
                for entry in entries {
                    bytes.put_u64(entry.owner);
                    bytes.put_u32(entry.count);
                }
            }
            Self::Online(rooms) => {
                bytes.put_u8(kind::ONLINE);
                // Writing to memory does not fail, and there are no keys.
                drop(serde_json::to_writer(&mut bytes, rooms));
            }
        }
        bytes
    }

    /// Reads the bytes. Returns the node that says so, too.
    ///
    /// # Errors
    /// They are cut off.
    pub fn decode(mut bytes: Bytes) -> Result<(u64, Self), HintError> {
        let damaged = |_| HintError::Damaged;
        let node = bytes.try_get_u64().map_err(damaged)?;
        let message = match bytes.try_get_u8().map_err(damaged)? {
            kind::INCOMPLETE => Self::Incomplete,
            kind::INVALIDATED => Self::Invalidated,
            kind::USAGE => Self::Usage(entries(&mut bytes, |bytes| {
                Ok(Usage {
                    payer: bytes.try_get_u64().map_err(damaged)?,
                    bucket: bytes.try_get_u8().map_err(damaged)?,
                    tokens: bytes.try_get_u32().map_err(damaged)?,
                })
            })?),
            kind::CONNECTIONS => Self::Connections(entries(&mut bytes, |bytes| {
                Ok(Connections {
                    owner: bytes.try_get_u64().map_err(damaged)?,
                    count: bytes.try_get_u32().map_err(damaged)?,
                })
            })?),
            kind::ONLINE => {
                Self::Online(serde_json::from_slice(&bytes).map_err(|_| HintError::Damaged)?)
            }
            // One of a later version, too.
            _ => Self::Alive,
        };
        Ok((node, message))
    }
}

fn entries<T>(
    bytes: &mut Bytes,
    read: impl Fn(&mut Bytes) -> Result<T, HintError>,
) -> Result<Vec<T>, HintError> {
    let mut entries = Vec::new();
    while bytes.has_remaining() {
        entries.push(read(bytes)?);
    }
    Ok(entries)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_read_as_they_were_written_and_unknown_ones_say_that_a_node_is_alive() {
        let usage = Usage {
            payer: u64::MAX,
            bucket: 3,
            tokens: 7,
        };
        let connections = Connections { owner: 5, count: 9 };
        for (message, entry_bytes) in [
            (NodeMessage::Alive, 1),
            (NodeMessage::Incomplete, 1),
            (NodeMessage::Invalidated, 1),
            (NodeMessage::Usage(vec![usage, usage]), 13),
            (NodeMessage::Connections(vec![connections]), 12),
        ] {
            let bytes = Bytes::from(message.encode(7));
            assert_eq!(NodeMessage::decode(bytes.clone()), Ok((7, message)));
            for cut in 0..bytes.len() {
                let is_whole = cut >= 9 && (cut - 9) % entry_bytes == 0;
                let read = NodeMessage::decode(bytes.slice(..cut));
                assert_eq!(read.is_ok(), is_whole, "{cut}");
            }
        }
        let online = NodeMessage::Online(vec![("a".parse().unwrap(), 5)]);
        let bytes = Bytes::from(online.encode(7));
        assert!(NodeMessage::decode(bytes.slice(..bytes.len() - 1)).is_err());
        assert_eq!(NodeMessage::decode(bytes), Ok((7, online)));
        let later = Bytes::from_static(b"\0\0\0\0\0\0\0\x07\xffwhatever");
        assert_eq!(NodeMessage::decode(later), Ok((7, NodeMessage::Alive)));
    }
}
