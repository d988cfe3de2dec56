//! Events that arrived before those that precede them: on several nodes, this node's own commit may be
//! published before it is known what another node has committed to the same room just before.
//!
//! They wait until the gap is filled, by a hint of the other node or by reading the store. Otherwise the
//! tail would begin anew at each of them, and every member read the store.

use common::ids::Seq;
use std::collections::BTreeMap;

/// Events that may wait in one room; beyond, they are read from the store in their turn.
const EVENTS_MAX: usize = 512;

/// Their bytes.
const BYTES_MAX: usize = 256 * 1024;

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Early {
    frames: BTreeMap<Seq, Box<[u8]>>,
    bytes: usize,
    /// The newest that is known to exist, whether or not it waits here.
    newest: Seq,
}

impl Early {
    /// Adds an event that has no predecessor yet.
    pub(super) fn insert(&mut self, seq: Seq, frame: &[u8]) {
        self.newest = self.newest.max(seq);
        if self.frames.len() < EVENTS_MAX && self.bytes + frame.len() <= BYTES_MAX {
            self.bytes += frame.len();
            let before = self.frames.insert(seq, frame.into());
            self.bytes -= before.map_or(0, |frame| frame.len());
        }
    }

    /// Notes that there is an event, which is somewhere else.
    pub(super) fn note(&mut self, seq: Seq) {
        self.newest = self.newest.max(seq);
    }

    /// Takes the event at `seq`, and forgets those before it.
    pub(super) fn take(&mut self, seq: Seq) -> Option<Box<[u8]>> {
        while let Some(first) = self.frames.first_entry()
            && *first.key() <= seq
        {
            let (at, frame) = first.remove_entry();
            self.bytes -= frame.len();
            if at == seq {
                return Some(frame);
            }
        }
        None
    }

    /// Puts another frame in the place of one that waits.
    pub(super) fn replace(&mut self, seq: Seq, frame: &[u8]) {
        if let Some(known) = self.frames.get_mut(&seq) {
            self.bytes = self.bytes - known.len() + frame.len();
            *known = frame.into();
        }
    }

    /// The newest event that is known to exist beyond `head`.
    pub(super) fn newest_beyond(&self, head: Seq) -> Option<Seq> {
        (self.newest > head).then_some(self.newest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_wait_for_their_predecessor_and_are_bounded() {
        let mut early = Early::default();
        for seq in [5, 3, 4] {
            early.insert(Seq(seq), seq.to_string().as_bytes());
        }
        early.insert(Seq(4), b"four");
        early.replace(Seq(5), b"FIVE");
        early.replace(Seq(9), b"nothing");
        assert_eq!(early.take(Seq(2)), None);
        assert_eq!(early.take(Seq(4)).as_deref(), Some(&b"four"[..]));
        assert_eq!(early.newest_beyond(Seq(4)), Some(Seq(5)));
        assert_eq!(early.take(Seq(5)).as_deref(), Some(&b"FIVE"[..]));
        assert_eq!((early.bytes, early.newest_beyond(Seq(5))), (0, None));

        for seq in 1..=2000 {
            early.insert(Seq(seq), &[b'x'; 1000]);
        }
        assert!(early.bytes <= BYTES_MAX && early.frames.len() <= EVENTS_MAX);
        assert_eq!(early.newest_beyond(Seq(9)), Some(Seq(2000)), "known to be");
    }
}
