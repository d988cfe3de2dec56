//! The log as it must be: told of every answer of the store.

use common::ids::{RequestId, Seq, UserId};
use common::text::RoomName;
use common::time::Timestamp;
use std::collections::BTreeMap;

/// An event that is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) user: UserId,
    pub(crate) content: String,
}

#[derive(Default)]
pub(crate) struct Model {
    logs: BTreeMap<RoomName, Vec<Entry>>,
    times: BTreeMap<RoomName, Timestamp>,
    sent: BTreeMap<(UserId, RequestId), (RoomName, Seq)>,
}

impl Model {
    pub(crate) fn head(&self, room: &RoomName) -> Seq {
        let count = self.logs.get(room).map_or(0, Vec::len);
        Seq(u64::try_from(count).unwrap())
    }

    pub(crate) fn entry(&self, room: &RoomName, seq: u64) -> Option<&Entry> {
        let at = usize::try_from(seq).unwrap().checked_sub(1)?;
        self.logs.get(room)?.get(at)
    }

    /// The store has answered. Returns whether it was a repeat.
    pub(crate) fn stored(
        &mut self,
        room: &RoomName,
        id: RequestId,
        entry: Entry,
        (seq, at): (Seq, Timestamp),
    ) -> bool {
        let key = (entry.user.clone(), id);
        if let Some(known) = self.sent.get(&key) {
            assert_eq!(*known, (room.clone(), seq), "{key:?} is stored twice");
            return true;
        }
        assert_eq!(
            seq,
            self.head(room).next(),
            "the position of {key:?} in {room}"
        );
        let before = self.times.insert(room.clone(), at).unwrap_or_default();
        assert!(at >= before, "in {room} time goes back at {seq}");
        self.logs.entry(room.clone()).or_default().push(entry);
        self.sent.insert(key, (room.clone(), seq));
        false
    }
}
