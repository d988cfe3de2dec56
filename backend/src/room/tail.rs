//! The newest part of a room's log, as bytes that are ready to send.
//!
//! Events are stored one after the other in a few chunks, each a run of whole frames. A reader holds a
//! cursor, the seq of the last event it was given, and receives the events after it: usually one slice
//! of one chunk, shared by all readers at the same position, however many events it spans. A reader
//! whose cursor is older than the tail reads the store until it has caught up.

mod span;

use super::Frame;
use bytes::BytesMut;
use common::ids::Seq;
use std::collections::VecDeque;

pub use span::Span;

/// Bytes a tail may hold, and a chunk's more; the oldest events make room, many at a time.
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
pub struct Chunk {
    /// Which, and where each of them is.
    pub span: Span,
    /// Whole frames.
    pub bytes: Frame,
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
    /// Returns what had to make room, the oldest first.
    pub fn append(&mut self, seq: Seq, frame: &[u8]) -> Vec<Chunk> {
        if seq <= self.head {
            return Vec::new();
        }
        if seq != self.head.next() {
            self.forget();
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
        if self.bytes > TAIL_BYTES_MAX + CHUNK_BYTES {
            self.evict()
        } else {
            Vec::new()
        }
    }

    fn evict(&mut self) -> Vec<Chunk> {
        let mut gone = Vec::new();
        while self.bytes > TAIL_BYTES_MAX && (self.chunks.len() > 1 || !self.open.is_empty()) {
            let Some(oldest) = self.chunks.pop_front() else {
                break;
            };
            self.bytes -= oldest.bytes.len();
            gone.push(oldest);
        }
        gone
    }

    /// Moves the head up to `head`, leaving to the store what lies below.
    pub fn open_at(&mut self, head: Seq) {
        if head > self.head {
            self.forget();
            self.head = head;
        }
    }

    /// Drops all bytes. The head stays: what lies below it is left to the store.
    pub fn forget(&mut self) {
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
        let first = Seq(self.head.0 + 1 - self.open_ends.len() as u64);
        self.chunks.push_back(Chunk {
            span: Span::new(first, &self.open_ends),
            bytes: self.open.split().freeze(),
        });
        self.open_ends.clear();
    }

    /// Puts another frame in the place of one that is here.
    pub fn replace(&mut self, seq: Seq, frame: &[u8]) {
        self.seal();
        let at = self.chunks.partition_point(|chunk| chunk.span.last() < seq);
        let Some(chunk) = self.chunks.get_mut(at) else {
            return;
        };
        if !chunk.span.holds(seq) {
            return;
        }
        let place = chunk.span.place(seq);
        let bytes_max = chunk.bytes.len() - place.len() + frame.len();
        let mut bytes = BytesMut::with_capacity(bytes_max);
        bytes.extend_from_slice(&chunk.bytes.slice(..place.start));
        bytes.extend_from_slice(frame);
        bytes.extend_from_slice(&chunk.bytes.slice(place.end..));
        self.bytes = self.bytes - chunk.bytes.len() + bytes.len();
        chunk.span.resize(seq, frame.len());
        chunk.bytes = bytes.freeze();
    }

    /// What lies behind a cursor.
    #[must_use]
    pub fn read(&mut self, cursor: Seq) -> TailRead {
        if cursor >= self.head {
            return TailRead::UpToDate;
        }
        self.seal();
        let mut at = self
            .chunks
            .partition_point(|chunk| chunk.span.last() <= cursor);
        let is_here = |chunk: &Chunk| chunk.span.first() <= cursor.next();
        if !self.chunks.get(at).is_some_and(is_here) {
            return TailRead::Behind;
        }
        let (mut pieces, mut bytes, mut cursor) = (Vec::new(), 0, cursor);
        while let Some(chunk) = self.chunks.get(at)
            && pieces.len() < READ_PIECES_MAX
            && bytes < READ_BYTES_MAX
        {
            let count_min = usize::from(pieces.is_empty());
            let (place, last) = chunk.span.behind(cursor, READ_BYTES_MAX - bytes, count_min);
            if last == cursor {
                break;
            }
            bytes += place.len();
            pieces.push(chunk.bytes.slice(place));
            at += usize::from(last == chunk.span.last());
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
