//! The newest part of a room's log, as bytes that are ready to send.
//!
//! Events stand one behind the other in a few chunks, each a run of whole frames. A reader holds a
//! cursor, the seq of the last event it was given, and takes what lies behind it: mostly one piece
//! of one chunk, shared by all who stand at the same place, however many events it spans. A reader
//! whose cursor has fallen off the tail reads the store until it is back.

use super::Frame;
use bytes::BytesMut;
use common::ids::Seq;
use std::collections::VecDeque;

/// Bytes a tail may hold; the oldest events make room, a chunk at a time.
pub const TAIL_BYTES_MAX: usize = 256 * 1024;

/// Bytes after which a chunk takes no more events.
const CHUNK_BYTES: usize = 32 * 1024;

/// Bytes given to a reader at once, one event at the least: what may wait for a slow socket.
pub const READ_BYTES_MAX: usize = 64 * 1024;

/// Pieces given to a reader at once.
const READ_PIECES_MAX: usize = 32;

/// See the module.
#[derive(Debug, Default)]
pub struct Tail {
    /// Consecutive runs of events, the newest last.
    chunks: VecDeque<Chunk>,
    /// What was added since somebody last read: it becomes a chunk when the next reader comes.
    open: BytesMut,
    /// Where each event in `open` ends.
    open_ends: Vec<u32>,
    /// The newest event's place, also when nothing is held.
    head: Seq,
    /// Bytes held.
    bytes: usize,
}

/// A run of events.
#[derive(Debug)]
struct Chunk {
    first: Seq,
    bytes: Frame,
    /// Where each event ends.
    ends: Box<[u32]>,
}

/// What lies behind a cursor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TailRead {
    /// Nothing yet.
    UpToDate,
    /// These, up to and including `cursor`.
    Pieces {
        /// Whole frames, in order, one or more in each piece.
        pieces: Vec<Frame>,
        /// The reader's cursor once it has them.
        cursor: Seq,
        /// Whether there is more behind them.
        more: bool,
    },
    /// Events that are no longer here: read the store.
    Behind,
    /// The log has begun anew: the cursor means nothing any more.
    Lost,
}

impl Chunk {
    fn last(&self) -> Seq {
        Seq(self.first.0 + self.ends.len() as u64 - 1)
    }

    /// Where the event at this place begins. It is in the chunk, or is the one behind it.
    fn start_of(&self, seq: Seq) -> usize {
        let before = usize::try_from(seq.0 - self.first.0).unwrap_or(usize::MAX);
        let end = before.checked_sub(1).and_then(|at| self.ends.get(at));
        end.map_or(0, |end| *end as usize)
    }

    /// The events behind the cursor, as many as `bytes_max` allows and `count_min` at the least; and
    /// the last of them.
    fn behind(&self, cursor: Seq, bytes_max: usize, count_min: usize) -> (Frame, Seq) {
        let start = self.start_of(cursor.next());
        let skip = usize::try_from(cursor.0 + 1 - self.first.0).unwrap_or(usize::MAX);
        let fits = |end: &&u32| **end as usize - start <= bytes_max;
        let count = self
            .ends
            .iter()
            .skip(skip)
            .take_while(fits)
            .count()
            .max(count_min);
        let last = Seq(cursor.0 + count as u64);
        (self.bytes.slice(start..self.start_of(last.next())), last)
    }
}

impl Tail {
    /// The newest event's place.
    #[must_use]
    pub fn head(&self) -> Seq {
        self.head
    }

    /// Adds the event at `seq`, one whole frame. One that is here already is dropped; one beyond
    /// the next place starts the tail anew, and readers fetch what lies between from the store.
    ///
    /// Returns whether the head moved.
    pub fn append(&mut self, seq: Seq, frame: &[u8]) -> bool {
        if seq <= self.head {
            return false;
        }
        if seq != self.head.next() {
            self.clear();
        }
        self.open.extend_from_slice(frame);
        // A chunk is closed long before its length would not fit.
        self.open_ends
            .push(u32::try_from(self.open.len()).unwrap_or(u32::MAX));
        self.head = seq;
        self.bytes += frame.len();
        if self.open.len() >= CHUNK_BYTES {
            self.seal();
        }
        while self.bytes > TAIL_BYTES_MAX && (self.chunks.len() > 1 || !self.open.is_empty()) {
            let Some(oldest) = self.chunks.pop_front() else {
                break;
            };
            self.bytes -= oldest.bytes.len();
        }
        true
    }

    /// Moves the head up to `head`, leaving to the store what lies below.
    pub fn open_at(&mut self, head: Seq) {
        if head > self.head {
            self.clear();
            self.head = head;
        }
    }

    fn clear(&mut self) {
        self.chunks.clear();
        self.open = BytesMut::new();
        self.open_ends.clear();
        self.bytes = 0;
    }

    /// Makes a chunk of what was added last.
    fn seal(&mut self) {
        if self.open.is_empty() {
            return;
        }
        let ends: Box<[u32]> = self.open_ends.as_slice().into();
        self.open_ends.clear();
        self.chunks.push_back(Chunk {
            first: Seq(self.head.0 + 1 - ends.len() as u64),
            bytes: self.open.split().freeze(),
            ends,
        });
    }

    /// Puts another frame in the place of one that is here.
    pub fn replace(&mut self, seq: Seq, frame: &[u8]) {
        self.seal();
        let at = self.chunks.partition_point(|chunk| chunk.last() < seq);
        let Some(chunk) = self.chunks.get_mut(at) else {
            return;
        };
        if seq < chunk.first {
            return;
        }
        let (start, end) = (chunk.start_of(seq), chunk.start_of(seq.next()));
        let mut bytes = BytesMut::with_capacity(chunk.bytes.len() - (end - start) + frame.len());
        bytes.extend_from_slice(&chunk.bytes.slice(..start));
        bytes.extend_from_slice(frame);
        bytes.extend_from_slice(&chunk.bytes.slice(end..));
        self.bytes = self.bytes - chunk.bytes.len() + bytes.len();
        for moved in &mut chunk.ends {
            if *moved as usize >= end {
                *moved =
                    u32::try_from(*moved as usize - end + start + frame.len()).unwrap_or(u32::MAX);
            }
        }
        chunk.bytes = bytes.freeze();
    }

    /// What lies behind a cursor.
    #[must_use]
    pub fn read(&mut self, cursor: Seq) -> TailRead {
        if cursor >= self.head {
            return TailRead::UpToDate;
        }
        self.seal();
        let mut at = self.chunks.partition_point(|chunk| chunk.last() <= cursor);
        let is_here = |chunk: &Chunk| chunk.first <= cursor.next();
        if !self.chunks.get(at).is_some_and(is_here) {
            return TailRead::Behind;
        }
        let (mut pieces, mut bytes, mut cursor) = (Vec::new(), 0, cursor);
        while let Some(chunk) = self.chunks.get(at)
            && pieces.len() < READ_PIECES_MAX
            && bytes < READ_BYTES_MAX
        {
            let count_min = usize::from(pieces.is_empty());
            let (piece, last) = chunk.behind(cursor, READ_BYTES_MAX - bytes, count_min);
            if last == cursor {
                break;
            }
            bytes += piece.len();
            pieces.push(piece);
            at += usize::from(last == chunk.last());
            cursor = last;
        }
        TailRead::Pieces {
            pieces,
            cursor,
            more: cursor < self.head,
        }
    }
}

#[cfg(test)]
mod tests;
