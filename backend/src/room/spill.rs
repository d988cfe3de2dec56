//! Spill files: events that have left the tail of a room in memory while a slow reader still needs
//! them.
//!
//! Such a room has no log on disk for readers that have fallen behind, and it deliberately keeps little
//! in memory. While a member's cursor is behind the events that leave the tail, these are written to
//! unnamed files, encoded for sending, and dropped when the last reader that needs them has read them
//! or has left. Beyond the limit of bytes the oldest events are dropped; their readers have lost their
//! position and are told.

mod disk;
mod of_room;

use super::Frame;
use super::tail::{Chunk, READ_BYTES_MAX, Span};
use bytes::BytesMut;
use common::ids::Seq;
use disk::{OnWay, Segment};
use parking_lot::{Mutex, MutexGuard};
use std::collections::VecDeque;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

pub use disk::SpillDisk;

/// See the module.
pub struct Spill {
    disk: Arc<SpillDisk>,
    moving: Mutex<()>,
    kept: Mutex<Kept>,
    /// The last event that was dropped though somebody wanted it.
    lost: AtomicU64,
}

#[derive(Default)]
struct Kept {
    /// Consecutive, the oldest first.
    runs: VecDeque<Run>,
    /// Bytes of them.
    bytes: u64,
    /// Where the next is written.
    segment: Option<Arc<Segment>>,
    /// What is to be overwritten.
    wipes: Vec<(Arc<Segment>, u64, usize)>,
}

struct Run {
    span: Span,
    at: At,
}

enum At {
    /// On its way to the disk.
    Memory(Frame, OnWay),
    /// At this place in the file.
    Disk(Arc<Segment>, u64),
    /// The same, and these messages in it have been deleted: nobody reads it before they are replaced.
    Erasing(Arc<Segment>, u64, Vec<(Seq, Frame)>),
}

/// Where what a reader wants next is.
enum Source {
    Memory(Frame),
    Disk(Arc<Segment>, u64, usize),
    Erasing,
}

impl Kept {
    fn push(&mut self, run: Run) {
        self.bytes += run.span.bytes() as u64;
        self.runs.push_back(run);
    }

    /// The run that holds an event.
    fn run_with(&mut self, seq: Seq) -> Option<&mut Run> {
        let at = self.runs.partition_point(|run| run.span.last() < seq);
        self.runs.get_mut(at).filter(|run| run.span.holds(seq))
    }

    fn pop(&mut self) -> Option<Run> {
        let run = self.runs.pop_front()?;
        self.bytes -= run.span.bytes() as u64;
        Some(run)
    }
}

impl Spill {
    /// For a room; nothing is held until something is kept.
    #[must_use]
    pub fn new(disk: Arc<SpillDisk>) -> Self {
        Self {
            disk,
            moving: Mutex::default(),
            kept: Mutex::default(),
            lost: AtomicU64::new(0),
        }
    }

    /// To be held while something is on its way from the tail to here, when it is in neither.
    /// Taken before the room's state and its members' places, never after.
    pub fn moving(&self) -> MutexGuard<'_, ()> {
        self.moving.lock()
    }

    /// Keeps what has left the tail.
    pub fn keep(self: &Arc<Self>, chunks: &[Chunk]) {
        let Some(span) = Span::joined(chunks.iter().map(|chunk| &chunk.span)) else {
            return;
        };
        let mut kept = self.kept.lock();
        let is_next = |run: &Run| run.span.last().next() == span.first();
        if !kept.runs.back().is_none_or(is_next) {
            self.clear(&mut kept);
        }
        let (size, mut gone) = (span.bytes() as u64, Vec::new());
        while kept.bytes + size > self.disk.room_bytes_max()
            && let Some(oldest) = kept.pop()
        {
            gone.push(oldest);
        }
        let on_way = self.disk.reserve(size);
        self.disk.note_full(on_way.is_none() || !gone.is_empty());
        let lost = match on_way {
            Some(_) => gone.last().map(|run| run.span.last()),
            None => Some(span.last()),
        };
        self.lost
            .fetch_max(lost.unwrap_or_default().0, Ordering::Relaxed);
        self.disk.discard(gone, None);
        let Some(on_way) = on_way else {
            return self.clear(&mut kept);
        };
        let mut bytes = BytesMut::with_capacity(span.bytes());
        for chunk in chunks {
            bytes.extend_from_slice(&chunk.bytes);
        }
        let at = At::Memory(bytes.freeze(), on_way);
        kept.push(Run { span, at });
        drop(kept);
        self.disk.wake(Arc::downgrade(self));
    }

    /// The last event that was dropped though somebody wanted it: who stands before it has lost its
    /// place, and nothing more is kept on its account.
    #[must_use]
    pub fn lost(&self) -> Seq {
        Seq(self.lost.load(Ordering::Relaxed))
    }

    /// Whether nothing is kept.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.kept.lock().runs.is_empty()
    }

    /// Whether the oldest that is kept ends here or before.
    #[must_use]
    pub fn begins_by(&self, seq: Seq) -> bool {
        let kept = self.kept.lock();
        kept.runs.front().is_some_and(|run| run.span.last() <= seq)
    }

    /// All up to here is wanted no more.
    pub fn release(&self, upto: Seq) {
        let mut kept = self.kept.lock();
        let mut gone = Vec::new();
        while kept.runs.front().is_some_and(|run| run.span.last() <= upto) {
            gone.extend(kept.pop());
        }
        self.disk.discard(gone, None);
        if kept.runs.is_empty() {
            self.clear(&mut kept);
        }
    }

    fn clear(&self, kept: &mut Kept) {
        let Kept { runs, segment, .. } = std::mem::take(kept);
        self.disk.discard(runs.into(), segment);
    }

    /// Puts another frame in the place of one that may be here. Does not wait for the disk: a run that is
    /// there is rewritten by its thread, or by the next who wants to read it.
    pub fn erase(self: &Arc<Self>, seq: Seq, frame: &[u8]) {
        let mut kept = self.kept.lock();
        let Some(run) = kept.run_with(seq) else {
            return;
        };
        let length = run.span.bytes();
        let mut rewritten = length;
        match &mut run.at {
            At::Erasing(.., erasures) => erasures.push((seq, Frame::copy_from_slice(frame))),
            At::Disk(segment, offset) => {
                let erasures = vec![(seq, Frame::copy_from_slice(frame))];
                run.at = At::Erasing(Arc::clone(segment), *offset, erasures);
            }
            At::Memory(bytes, _) => {
                let bytes = with_frame(&mut run.span, bytes, seq, frame);
                rewritten = bytes.len();
                let on_way = self.disk.count(bytes.len() as u64);
                run.at = At::Memory(bytes, on_way);
            }
        }
        kept.bytes = kept.bytes - length as u64 + rewritten as u64;
        drop(kept);
        self.disk.wake(Arc::downgrade(self));
    }

    /// Rewrites the runs on disk in which something was deleted. Reads files: not for a worker's thread.
    fn apply_erasures(&self) -> io::Result<()> {
        while let Some((first, segment, offset, length)) = self.next_erasing() {
            let bytes = segment.read(offset, length)?;
            let mut kept = self.kept.lock();
            let Some(run) = kept.run_with(first) else {
                continue;
            };
            let At::Erasing(now, at, erasures) = &mut run.at else {
                continue;
            };
            if !Arc::ptr_eq(now, &segment) || *at != offset {
                continue;
            }
            let erasures = std::mem::take(erasures);
            let rewritten = erasures.iter().fold(bytes, |bytes, (seq, frame)| {
                with_frame(&mut run.span, &bytes, *seq, frame)
            });
            let count = rewritten.len() as u64;
            run.at = At::Memory(rewritten, self.disk.count(count));
            kept.bytes = kept.bytes - length as u64 + count;
            kept.wipes.push((segment, offset, length));
        }
        Ok(())
    }

    fn next_erasing(&self) -> Option<(Seq, Arc<Segment>, u64, usize)> {
        let kept = self.kept.lock();
        kept.runs.iter().find_map(|run| match &run.at {
            At::Erasing(segment, offset, _) => {
                let segment = Arc::clone(segment);
                Some((run.span.first(), segment, *offset, run.span.bytes()))
            }
            At::Memory(..) | At::Disk(..) => None,
        })
    }

    /// What lies behind a cursor, bounded like a reading of the tail, and the cursor once that was
    /// read. None where it is not here.
    ///
    /// # Errors
    /// The disk cannot be read.
    pub async fn read(self: &Arc<Self>, cursor: Seq) -> io::Result<Option<(Frame, Seq)>> {
        loop {
            let (segment, offset, length, last) = match self.find(cursor) {
                None => return Ok(None),
                Some((Source::Erasing, _)) => {
                    let spill = Arc::clone(self);
                    tokio::task::spawn_blocking(move || spill.apply_erasures()).await??;
                    continue;
                }
                Some((Source::Memory(bytes), last)) => return Ok(Some((bytes, last))),
                Some((Source::Disk(segment, offset, length), last)) => {
                    (segment, offset, length, last)
                }
            };
            let from = Arc::clone(&segment);
            let read = move || from.read(offset, length);
            let bytes = tokio::task::spawn_blocking(read).await??;
            // While it was read, something in it may have been erased, and overwritten.
            if let Some((Source::Disk(now, at, _), _)) = self.find(cursor)
                && Arc::ptr_eq(&now, &segment)
                && at == offset
            {
                return Ok(Some((bytes, last)));
            }
        }
    }

    fn find(&self, cursor: Seq) -> Option<(Source, Seq)> {
        let kept = self.kept.lock();
        let at = kept.runs.partition_point(|run| run.span.last() <= cursor);
        let run = kept.runs.get(at)?;
        if !run.span.holds(cursor.next()) {
            return None;
        }
        let (place, last) = run.span.behind(cursor, READ_BYTES_MAX, 1);
        let source = match &run.at {
            At::Memory(bytes, _) => Source::Memory(bytes.slice(place)),
            At::Disk(segment, offset) => {
                let offset = offset + place.start as u64;
                Source::Disk(Arc::clone(segment), offset, place.len())
            }
            At::Erasing(..) => Source::Erasing,
        };
        Some((source, last))
    }

    /// Drops everything: the disk does not do its work.
    pub fn give_up(&self, error: &io::Error) {
        tracing::error!(%error, "what slow readers have not read cannot be kept on disk");
        let mut kept = self.kept.lock();
        if let Some(run) = kept.runs.back() {
            self.lost.fetch_max(run.span.last().0, Ordering::Relaxed);
        }
        self.clear(&mut kept);
    }

    /// Writes what waits. Called on the thread of the disk.
    fn write(&self) {
        let written = self
            .apply_erasures()
            .and_then(|()| self.write_runs())
            .and_then(|()| self.wipe());
        if let Err(error) = written {
            self.give_up(&error);
        }
    }

    fn write_runs(&self) -> io::Result<()> {
        while let Some((first, bytes)) = self.next_unwritten() {
            let segment = self.segment()?;
            let offset = segment.append(&bytes)?;
            let mut kept = self.kept.lock();
            let is_it = |run: &&mut Run| match &run.at {
                At::Memory(now, _) => run.span.first() == first && now.as_ptr() == bytes.as_ptr(),
                At::Disk(..) | At::Erasing(..) => false,
            };
            match kept.runs.iter_mut().find(is_it) {
                Some(run) => {
                    let at = At::Disk(Arc::clone(&segment), offset);
                    if let At::Memory(_, on_way) = std::mem::replace(&mut run.at, at) {
                        segment.count(on_way);
                    }
                }
                // While it was written it was dropped, or something in it erased.
                None => kept.wipes.push((segment, offset, bytes.len())),
            }
        }
        Ok(())
    }

    fn next_unwritten(&self) -> Option<(Seq, Frame)> {
        let kept = self.kept.lock();
        kept.runs.iter().find_map(|run| match &run.at {
            At::Memory(bytes, _) => Some((run.span.first(), bytes.clone())),
            At::Disk(..) | At::Erasing(..) => None,
        })
    }

    /// The file that the next run goes to: another than the last where that is full.
    fn segment(&self) -> io::Result<Arc<Segment>> {
        if let Some(segment) = &self.kept.lock().segment
            && !segment.is_full()
        {
            return Ok(Arc::clone(segment));
        }
        let new = self.disk.open()?;
        self.kept.lock().segment = Some(Arc::clone(&new));
        Ok(new)
    }

    /// Overwrites what was erased.
    fn wipe(&self) -> io::Result<()> {
        loop {
            let next = self.kept.lock().wipes.pop();
            let Some((segment, offset, length)) = next else {
                return Ok(());
            };
            segment.wipe(offset, length)?;
        }
    }
}

/// The bytes of a run with another frame in the place of one.
fn with_frame(span: &mut Span, bytes: &Frame, seq: Seq, frame: &[u8]) -> Frame {
    let place = span.place(seq);
    span.resize(seq, frame.len());
    let mut anew = BytesMut::with_capacity(span.bytes());
    anew.extend_from_slice(&bytes.slice(..place.start));
    anew.extend_from_slice(frame);
    anew.extend_from_slice(&bytes.slice(place.end..));
    anew.freeze()
}

impl Drop for Spill {
    fn drop(&mut self) {
        let mut kept = std::mem::take(self.kept.get_mut());
        self.clear(&mut kept);
    }
}

#[cfg(test)]
mod tests;
