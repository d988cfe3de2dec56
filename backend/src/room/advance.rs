//! Advancing a room's tail by reading the store: for events stored by another node or process, of which
//! only the position is known here.

use super::{Room, encode};
use crate::store::{Body, Range, RoomHead, StoreError};
use common::ids::Seq;

/// A room that is further behind than this does not read the events one by one: its tail starts at
/// the new head, and members read what lies between from the backlog.
const ADVANCE_EVENTS_MAX: u64 = 512;

/// Whether a room and the store still have the same log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogState {
    /// They do.
    Same,
    /// The log has been replaced: the room's members are told that they have lost it, and nobody
    /// may join the room any more.
    Replaced,
}

impl Room {
    /// The state of the log is known: the tail advances to its head, or the room has lost its log.
    ///
    /// # Errors
    /// See [`Room::advance_to`].
    pub async fn catch_up_with(&self, at: &RoomHead) -> Result<LogState, StoreError> {
        if !self.is_same_log(&at.epoch) {
            self.state.lock().lose();
            return Ok(LogState::Replaced);
        }
        self.raise_floor(at.floor);
        self.advance_to(at.head).await
    }

    /// Reads the store until the tail has reached `head`, or the end of the log. [`Room::mark`] is
    /// to follow. Repeated, late and wrong positions do no harm, nor does a commit of this node that
    /// comes in between: each event enters the tail once, in order.
    ///
    /// # Errors
    /// The store cannot be read. The tail is at some position up to `head`; the next call goes on
    /// from there.
    pub async fn advance_to(&self, head: Seq) -> Result<LogState, StoreError> {
        self.open().await?;
        while self.head() < head {
            let (before, at) = (self.head(), self.store.head(&self.name).await?);
            if at.head.0.saturating_sub(before.0) > ADVANCE_EVENTS_MAX {
                if !self.is_same_log(&at.epoch) {
                    self.state.lock().lose();
                    return Ok(LogState::Replaced);
                }
                self.skip_to(at.head);
            } else if self.read_forward(before).await? == LogState::Replaced {
                return Ok(LogState::Replaced);
            }
            if self.head() == before {
                // The log ends before `head`.
                break;
            }
        }
        Ok(LogState::Same)
    }

    /// Appends one page of what lies behind a position.
    async fn read_forward(&self, after: Seq) -> Result<LogState, StoreError> {
        let limit = usize::try_from(ADVANCE_EVENTS_MAX).unwrap_or(usize::MAX);
        let page = self
            .store
            .read(&self.name, Range::After(after), limit)
            .await?;
        let (mut frame, mut erases) = (Vec::new(), false);
        for stored in page.events {
            erases |= matches!(stored.event.body, Body::Delete { .. });
            frame.clear();
            encode::encode_into(&mut frame, stored.event, stored.seq);
            if !self.append(&page.at.epoch, stored.seq, &frame) {
                return Ok(LogState::Replaced);
            }
        }
        if erases {
            // The tail may contain what was deleted; the store does not.
            self.forget();
        }
        Ok(LogState::Same)
    }

    /// Starts the tail anew at a later position.
    fn skip_to(&self, head: Seq) {
        let gone = self.state.lock().open_at(head);
        self.spill_over(&gone);
        // What was deleted in between is unknown.
        self.backlog.clear();
    }

    /// Drops the bytes that are held of the log, so that members read them from the store.
    fn forget(&self) {
        self.state.lock().forget();
        self.backlog.clear();
    }
}
