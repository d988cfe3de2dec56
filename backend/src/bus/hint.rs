//! A hint, and its bytes on the bus.
//!
//! Nodes of two versions run side by side during an upgrade. The first byte is the version of the format;
//! a node ignores hints of a version that it does not know, and reads the store instead.

use bytes::{Buf, BufMut, Bytes};
use common::ids::{Epoch, Seq};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// The version of the format.
const VERSION: u8 = 1;

/// Bytes of events that a hint carries; larger ones are read from the store.
pub const EVENTS_BYTES_MAX: usize = 64 * 1024;

/// Says that a room's log has grown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hint {
    /// The node that says so: a random number of its own.
    pub node: u64,
    /// The epoch of the log.
    pub epoch: Epoch,
    /// How far it goes.
    pub head: Seq,
    /// Some of the new events, encoded as frames for clients, in order. None where they are too large, or
    /// where one of them erases others: then the store is read.
    pub events: Vec<(Seq, Bytes)>,
}

/// Why bytes are not a hint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HintError {
    /// Written by a node of another version.
    #[error("a hint in an unknown format")]
    Version,
    /// Cut off, or something else.
    #[error("a hint that cannot be read")]
    Damaged,
}

impl Hint {
    /// The bytes: version, node, head, epoch, then each event's seq and frame; lengths before texts and
    /// frames, all numbers big-endian.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let frames: usize = self.events.iter().map(|(_, frame)| 12 + frame.len()).sum();
        let mut bytes = Vec::with_capacity(64 + frames);
        bytes.put_u8(VERSION);
        bytes.put_u64(self.node);
        bytes.put_u64(self.head.0);
        // An epoch is short: its type bounds it.
        bytes.put_u8(u8::try_from(self.epoch.as_str().len()).unwrap_or(u8::MAX));
        bytes.put_slice(self.epoch.as_str().as_bytes());
        for (seq, frame) in &self.events {
            bytes.put_u64(seq.0);
            bytes.put_u32(u32::try_from(frame.len()).unwrap_or(u32::MAX));
            bytes.put_slice(frame);
        }
        bytes
    }

    /// Reads the bytes.
    ///
    /// # Errors
    /// They are not a hint, or one of another version.
    pub fn decode(mut bytes: Bytes) -> Result<Self, HintError> {
        let damaged = |_| HintError::Damaged;
        if bytes.try_get_u8().map_err(damaged)? != VERSION {
            return Err(HintError::Version);
        }
        let node = bytes.try_get_u64().map_err(damaged)?;
        let head = Seq(bytes.try_get_u64().map_err(damaged)?);
        let length = usize::from(bytes.try_get_u8().map_err(damaged)?);
        let epoch = take(&mut bytes, length)?;
        let epoch = std::str::from_utf8(&epoch).ok();
        let epoch = epoch.and_then(|text| text.parse().ok());
        let mut hint = Self {
            node,
            epoch: epoch.ok_or(HintError::Damaged)?,
            head,
            events: Vec::new(),
        };
        while bytes.has_remaining() {
            let seq = Seq(bytes.try_get_u64().map_err(damaged)?);
            let length = bytes.try_get_u32().map_err(damaged)?;
            let length = usize::try_from(length).map_err(|_| HintError::Damaged)?;
            let is_in_order = hint.events.last().is_none_or(|(last, _)| *last < seq);
            if !is_in_order || seq > head {
                return Err(HintError::Damaged);
            }
            hint.events.push((seq, take(&mut bytes, length)?));
        }
        Ok(hint)
    }
}

/// The bytes of a message that is JSON: its kind, the node that says so, and the JSON.
pub(super) fn encode_json(kind: u8, node: u64, message: &impl Serialize) -> Vec<u8> {
    let mut bytes = vec![kind];
    bytes.put_u64(node);
    // Writing to memory does not fail, and every key is a string.
    drop(serde_json::to_writer(&mut bytes, message));
    bytes
}

/// Reads what follows the kind of such a message. Returns the node that says so, too.
///
/// # Errors
/// It is something else.
pub(super) fn decode_json<T: DeserializeOwned>(mut bytes: Bytes) -> Result<(u64, T), HintError> {
    let node = bytes.try_get_u64().map_err(|_| HintError::Damaged)?;
    let message = serde_json::from_slice(&bytes).map_err(|_| HintError::Damaged)?;
    Ok((node, message))
}

fn take(bytes: &mut Bytes, length: usize) -> Result<Bytes, HintError> {
    match length <= bytes.len() {
        true => Ok(bytes.split_to(length)),
        false => Err(HintError::Damaged),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hint() -> Hint {
        Hint {
            node: 7,
            epoch: "e1".parse().unwrap(),
            head: Seq(9),
            events: vec![(Seq(8), "one".into()), (Seq(9), "two".into())],
        }
    }

    #[test]
    fn a_hint_is_read_as_it_was_written() {
        let none = Hint {
            events: vec![],
            ..hint()
        };
        for hint in [hint(), none] {
            assert_eq!(Hint::decode(hint.encode().into()), Ok(hint));
        }
    }

    #[test]
    fn what_is_no_hint_is_refused_wherever_it_is_cut_or_changed() {
        let bytes = hint().encode();
        let whole = [20, bytes.len() - 15, bytes.len()];
        for cut in 0..bytes.len() {
            let read = Hint::decode(Bytes::copy_from_slice(&bytes[..cut]));
            assert_eq!(read.is_ok(), whole.contains(&cut), "{cut}");
        }
        for at in 0..bytes.len() {
            for value in [0, 1, 0x7f, 0xff] {
                let mut changed = bytes.clone();
                changed[at] = value;
                // Whatever comes of it, nothing panics, and order holds.
                if let Ok(read) = Hint::decode(changed.into()) {
                    assert!(read.events.is_sorted_by_key(|(seq, _)| seq.0));
                }
            }
        }
        assert_eq!(
            Hint::decode(Bytes::from_static(b"\x02whatever")),
            Err(HintError::Version)
        );
    }
}
