//! The book of one room: what its writers have written, and what each reader was sent. It finds
//! what is lost, doubled or out of order, and how long the last reader had to wait.

use super::presence::PresenceBook;
use crate::wire::{Mark, mark, room_prefix};
use common::text::RoomName;
use std::collections::{BTreeSet, VecDeque};
use std::ops::AddAssign;
use std::sync::Arc;
use tokio::sync::Notify;
use tokio::time::Instant;

/// See the module.
pub(super) struct Ledger {
    /// How its messages begin.
    prefix: Box<[u8]>,
    /// By seat.
    writers: Vec<Writer>,
    /// By seat.
    readers: Vec<Reader>,
    /// Readers who are waited for.
    timed: usize,
    /// Messages of nobody in this run.
    foreign: u64,
    /// Who is there, as members are told; where it is watched.
    pub(super) presence: Option<PresenceBook>,
}

/// Somebody who writes.
#[derive(Default)]
struct Writer {
    /// Its next message's number.
    next: u32,
    /// On their way, the oldest first.
    flights: VecDeque<Flight>,
    acked: u32,
    /// Rung when one has arrived.
    arrived: Arc<Notify>,
}

struct Flight {
    sent_at: Instant,
    /// Readers who do not have it yet.
    remaining: usize,
}

/// Somebody who reads.
#[derive(Default)]
struct Reader {
    /// The newest event it was sent.
    seq: u64,
    /// Of each writer: the number of the message that comes next, and whether it is not known
    /// because the server has said that some are missing.
    next: Vec<(u32, bool)>,
    /// Messages that were passed over: writer and number.
    missing: BTreeSet<(usize, u32)>,
    is_stalling: bool,
    faults: Faults,
}

/// What went wrong for readers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Faults {
    /// Never came.
    pub(crate) lost: u64,
    /// Came again.
    pub(crate) doubled: u64,
    /// Came late, or with a place in the log that is not behind the last one's.
    pub(crate) reordered: u64,
    /// Are of nobody in this run.
    pub(crate) foreign: u64,
    /// Never came, but the server has said so (`complete: false`): no fault.
    pub(crate) told: u64,
}

impl AddAssign for Faults {
    fn add_assign(&mut self, other: Self) {
        self.lost += other.lost;
        self.doubled += other.doubled;
        self.reordered += other.reordered;
        self.foreign += other.foreign;
        self.told += other.told;
    }
}

/// What a text was to a room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Seen {
    /// One of its messages. If that was the last reader to get it: when it was sent.
    Message { last_of: Option<Instant> },
    /// Something else.
    Other,
}

impl Ledger {
    /// A room with nobody in it yet but these many seats.
    pub(super) fn new(room: &RoomName, members: usize, writers: usize) -> Self {
        let reader = || Reader {
            next: vec![(0, false); writers],
            ..Reader::default()
        };
        Self {
            prefix: room_prefix(room),
            writers: (0..writers).map(|_| Writer::default()).collect(),
            readers: (0..members).map(|_| reader()).collect(),
            timed: members,
            foreign: 0,
            presence: None,
        }
    }

    /// The reader on this seat will stop reading: it is not waited for.
    pub(super) fn will_stall(&mut self, seat: usize) {
        if let Some(reader) = self.readers.get_mut(seat)
            && !std::mem::replace(&mut reader.is_stalling, true)
        {
            self.timed -= 1;
        }
    }

    /// Rung when a message of this writer has arrived.
    pub(super) fn arrived(&self, seat: usize) -> Arc<Notify> {
        let writer = self.writers.get(seat);
        writer.map_or_else(Arc::default, |writer| writer.arrived.clone())
    }

    /// Messages of this writer that have not arrived.
    pub(super) fn on_the_way(&self, seat: usize) -> usize {
        self.writers
            .get(seat)
            .map_or(0, |writer| writer.flights.len())
    }

    /// A message sets out; returns its number.
    pub(super) fn set_out(&mut self, seat: usize, sent_at: Instant) -> u32 {
        let remaining = self.timed;
        let Some(writer) = self.writers.get_mut(seat) else {
            return 0;
        };
        writer.flights.push_back(Flight { sent_at, remaining });
        writer.next += 1;
        writer.next - 1
    }

    /// The oldest message of this writer that waits for its `ack` has it; returns when it was sent.
    pub(super) fn acked(&mut self, seat: usize) -> Option<Instant> {
        let writer = self.writers.get_mut(seat)?;
        writer.acked += 1;
        writer.flights.pop_front().map(|flight| flight.sent_at)
    }

    /// The reader on this seat has joined, with its cursor behind `after`. Where that is not
    /// `complete`, the server has told it that some messages are missing.
    pub(super) fn joined(&mut self, seat: usize, after: u64, complete: bool) {
        if let Some(reader) = self.readers.get_mut(seat) {
            reader.seq = after;
            if !complete {
                reader.next.iter_mut().for_each(|next| next.1 = true);
            }
        }
    }

    /// The newest event that the reader on this seat has.
    pub(super) fn newest(&self, seat: usize) -> u64 {
        self.readers.get(seat).map_or(0, |reader| reader.seq)
    }

    /// The reader on this seat was sent a text. With `by_ack` messages arrive with their `ack`, and
    /// not here.
    pub(super) fn see(&mut self, seat: usize, text: &[u8], by_ack: bool) -> Seen {
        let Some(mark) = mark(&self.prefix, text) else {
            if text.starts_with(&self.prefix) {
                self.foreign += 1;
            }
            return Seen::Other;
        };
        let Some(reader) = self.readers.get_mut(seat) else {
            return Seen::Other;
        };
        let is_new = reader.take(mark);
        let last_of = match is_new && !by_ack && !reader.is_stalling {
            true => self.arrive(mark),
            false => None,
        };
        Seen::Message { last_of }
    }

    /// One more reader has it.
    fn arrive(&mut self, mark: Mark) -> Option<Instant> {
        let writer = self.writers.get_mut(mark.writer)?;
        let first = writer.next - u32::try_from(writer.flights.len()).unwrap_or(u32::MAX);
        let at = usize::try_from(mark.number.checked_sub(first)?).ok()?;
        let flight = writer.flights.get_mut(at)?;
        flight.remaining = flight.remaining.saturating_sub(1);
        if flight.remaining > 0 {
            return None;
        }
        let sent_at = flight.sent_at;
        while writer.flights.front().is_some_and(|f| f.remaining == 0) {
            writer.flights.pop_front();
        }
        writer.arrived.notify_one();
        Some(sent_at)
    }

    /// Whether every reader has all that was written, and every writer its acks.
    pub(super) fn is_settled(&self, by_ack: bool) -> bool {
        let acked = |writer: &Writer| !by_ack || writer.acked == writer.next;
        let written = self.written();
        let read = |reader: &Reader| {
            let mut each = self.writers.iter().zip(&reader.next);
            let is_read = each.all(|(writer, (next, is_told))| *is_told || *next == writer.next);
            is_read && reader.seq >= written && reader.missing.is_empty()
        };
        self.writers.iter().all(acked) && self.readers.iter().all(read)
    }

    /// The faults of those who read on, and of those who stalled.
    pub(super) fn faults(&self) -> (Faults, Faults) {
        let (mut steady, mut stalling) = (Faults::default(), Faults::default());
        steady.foreign = self.foreign;
        for reader in &self.readers {
            let faults = if reader.is_stalling {
                &mut stalling
            } else {
                &mut steady
            };
            *faults += reader.faults;
            faults.lost += u64::try_from(reader.missing.len()).unwrap_or(u64::MAX);
            for (writer, (next, is_told)) in self.writers.iter().zip(&reader.next) {
                let behind = u64::from(writer.next.saturating_sub(*next));
                let count = if *is_told {
                    &mut faults.told
                } else {
                    &mut faults.lost
                };
                *count += behind;
            }
        }
        (steady, stalling)
    }

    /// Messages that were written.
    pub(super) fn written(&self) -> u64 {
        let written = self.writers.iter().map(|writer| u64::from(writer.next));
        written.sum()
    }

    /// Messages whose `ack` has not come.
    pub(super) fn unacked(&self) -> u64 {
        let unacked = |writer: &Writer| u64::from(writer.next.saturating_sub(writer.acked));
        self.writers.iter().map(unacked).sum()
    }
}

impl Reader {
    /// Writes a message down. Returns whether it is one that had not come before.
    fn take(&mut self, mark: Mark) -> bool {
        let in_place = mark.seq > self.seq;
        self.seq = self.seq.max(mark.seq);
        let Some((next, is_told)) = self.next.get_mut(mark.writer) else {
            self.faults.foreign += 1;
            return false;
        };
        if mark.number < *next {
            // It came late, if it was missed; otherwise it came again.
            let was_missing = self.missing.remove(&(mark.writer, mark.number));
            match was_missing {
                true => self.faults.reordered += 1,
                false => self.faults.doubled += 1,
            }
            return was_missing;
        }
        if !in_place {
            self.faults.reordered += 1;
        }
        if std::mem::take(is_told) {
            self.faults.told += u64::from(mark.number - *next);
        } else {
            let passed_over = (*next..mark.number).map(|number| (mark.writer, number));
            self.missing.extend(passed_over);
        }
        *next = mark.number + 1;
        true
    }
}

#[cfg(test)]
mod tests;
