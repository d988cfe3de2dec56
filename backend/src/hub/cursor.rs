//! Where a join places the reader's cursor in a room's log.

use crate::store::RoomHead;
use common::ids::{Epoch, Seq};

/// Where a join places its cursor, and whether everything the client asked for follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    /// The first event to follow is the one behind it.
    pub after: Seq,
    /// Whether `since` was honoured; true where none was named.
    pub complete: bool,
}

impl Cursor {
    /// Places a cursor: at `since` where it belongs to this epoch and the log has all events after it,
    /// or at the first event that is kept where `since` names no epoch, which only 0 may do; else
    /// `last` events before the head, or at the head.
    #[must_use]
    pub fn place(at: &RoomHead, since: Option<(Seq, Option<&Epoch>)>, last: Option<u64>) -> Self {
        let fallback = at.head.back(last.unwrap_or(0)).max(at.floor);
        match since {
            Some((_, None)) => Self {
                after: at.floor,
                complete: at.floor == Seq::ZERO,
            },
            Some((seq, Some(epoch)))
                if *epoch == at.epoch && (at.floor..=at.head).contains(&seq) =>
            {
                Self {
                    after: seq,
                    complete: true,
                }
            }
            Some(_) => Self {
                after: fallback,
                complete: false,
            },
            None => Self {
                after: fallback,
                complete: true,
            },
        }
    }
}
