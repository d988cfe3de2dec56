//! How far the user has read a room, and what the server knows of it.

use super::input::Millis;
use crate::ids::Seq;
use crate::reply::Joined;

/// A read marker of one life of the room's log; it only moves forward. The server has no `ack` for
/// it: what a connection did not bring there for certain is sent again on the next.
#[derive(Debug, Clone, Default)]
pub(super) struct ReadMarker {
    /// What others said behind this is unread.
    seen: Seq,
    /// How far the user has said here to have read. Less than `seen` where a room that was never
    /// read counts from its head on.
    marked: Seq,
    /// How far the server is known to have it.
    told: Seq,
    /// The next is sent no sooner.
    due: Millis,
}

impl ReadMarker {
    pub(super) fn seen(&self) -> Seq {
        self.seen
    }

    /// The user has seen everything up to here. Says whether that is anything new.
    pub(super) fn mark(&mut self, seq: Seq) -> bool {
        self.marked = self.marked.max(seq);
        self.see(seq)
    }

    /// The server says that the user has read up to here, on another device perhaps. Says whether
    /// that is anything new.
    pub(super) fn heard(&mut self, seq: Seq) -> bool {
        self.told = self.told.max(seq);
        self.see(seq)
    }

    fn see(&mut self, seq: Seq) -> bool {
        let new = seq > self.seen;
        self.seen = self.seen.max(seq);
        new
    }

    /// The room is joined. In another log all begins anew: from the server's marker, or where it
    /// has none, from the head.
    pub(super) fn joined(&mut self, joined: &Joined, new_log: bool) {
        // A log that has lost its end may be shorter than what was read of it.
        let read = joined.read.map(|read| read.min(joined.head));
        if new_log {
            self.seen = read.unwrap_or(joined.head);
            self.marked = Seq::ZERO;
        }
        // What was told before may not have come there; telling it twice does no harm.
        self.told = Seq::ZERO;
        self.heard(read.unwrap_or_default());
    }

    /// The connection is gone. On the next, nothing was told yet.
    pub(super) fn disconnected(&mut self) {
        self.due = Millis::default();
    }

    /// When the server is to be told, if there is something to tell.
    pub(super) fn due(&self) -> Option<Millis> {
        (self.marked > self.told).then_some(self.due)
    }

    /// What to tell the server now.
    pub(super) fn tell(&mut self, next: Millis) -> Seq {
        self.told = self.marked;
        self.due = next;
        self.marked
    }
}
