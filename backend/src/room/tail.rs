//! The newest part of a room's log, encoded and ready to send.
//!
//! Readers hold a cursor, the seq of the last event they were given, and take what lies behind it.
//! A reader whose cursor has fallen off the tail reads the store until it is back.

use super::Frame;
use common::ids::Seq;
use std::collections::VecDeque;

/// Bytes a tail may hold; the oldest events make room.
pub const TAIL_BYTES_MAX: usize = 256 * 1024;

/// Frames given to a reader at once.
const READ_FRAMES_MAX: usize = 256;

/// See the module.
#[derive(Debug, Default)]
pub struct Tail {
    /// Consecutive events, the newest last.
    frames: VecDeque<Frame>,
    /// The newest event's place, also when `frames` is empty.
    head: Seq,
    /// Sum of the frames' lengths.
    bytes: usize,
}

/// What lies behind a cursor.
#[derive(Debug, PartialEq, Eq)]
pub enum TailRead {
    /// Nothing yet.
    UpToDate,
    /// These, up to and including `cursor`.
    Frames {
        /// The frames, in order.
        frames: Vec<Frame>,
        /// The reader's cursor once it has them.
        cursor: Seq,
    },
    /// Events that are no longer here: read the store.
    Behind,
    /// The log has begun anew: the cursor means nothing any more.
    Lost,
}

impl Tail {
    /// The newest event's place.
    #[must_use]
    pub fn head(&self) -> Seq {
        self.head
    }

    /// Adds the event at `seq`. One that is here already is dropped; one beyond the next place
    /// starts the tail anew, and readers fetch what lies between from the store.
    ///
    /// Returns whether the head moved.
    pub fn append(&mut self, seq: Seq, frame: Frame) -> bool {
        if seq <= self.head {
            return false;
        }
        if seq != self.head.next() {
            self.frames.clear();
            self.bytes = 0;
        }
        self.head = seq;
        self.bytes += frame.len();
        self.frames.push_back(frame);
        while self.bytes > TAIL_BYTES_MAX && self.frames.len() > 1 {
            if let Some(oldest) = self.frames.pop_front() {
                self.bytes -= oldest.len();
            }
        }
        true
    }

    /// Moves the head up to `head`, leaving to the store what lies below.
    pub fn open_at(&mut self, head: Seq) {
        if head > self.head {
            *self = Self {
                head,
                ..Self::default()
            };
        }
    }

    /// Puts another frame in the place of one that is here.
    pub fn replace(&mut self, seq: Seq, frame: Frame) {
        let newer = usize::try_from(self.head.0.saturating_sub(seq.0)).unwrap_or(usize::MAX);
        let place = self
            .frames
            .len()
            .checked_sub(1)
            .and_then(|last| last.checked_sub(newer));
        if let Some(old) = place.and_then(|at| self.frames.get_mut(at))
            && seq <= self.head
        {
            self.bytes = self.bytes - old.len() + frame.len();
            *old = frame;
        }
    }

    /// What lies behind a cursor.
    #[must_use]
    pub fn read(&self, cursor: Seq) -> TailRead {
        let missing = self.head.0.saturating_sub(cursor.0);
        let missing = usize::try_from(missing).unwrap_or(usize::MAX);
        if missing == 0 {
            return TailRead::UpToDate;
        }
        let Some(skip) = self.frames.len().checked_sub(missing) else {
            return TailRead::Behind;
        };
        let frames: Vec<_> = self
            .frames
            .range(skip..)
            .take(READ_FRAMES_MAX)
            .cloned()
            .collect();
        let cursor = Seq(cursor.0 + frames.len() as u64);
        TailRead::Frames { frames, cursor }
    }
}

#[cfg(test)]
mod tests;
