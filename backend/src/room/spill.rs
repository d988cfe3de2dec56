//! What has left the tail of a room in memory, and a slow reader still wants.
//!
//! Such a room has no log on disk to feed a reader from that has fallen behind, and what it keeps in
//! memory is little, on purpose. So while a member's cursor stands before what leaves the tail, this
//! goes to a file without a name, as the bytes that are to be sent; and is dropped when the last who
//! wants it has it, or has gone. Where there is no room for it, or no disk, the reader has lost its
//! place, and is told.

mod disk;

use super::Frame;
use super::tail::{Chunk, READ_BYTES_MAX, Span};
use bytes::{Bytes, BytesMut};
use common::ids::Seq;
use parking_lot::{Mutex, MutexGuard};
use std::collections::{BTreeMap, VecDeque};
use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::ops::Range;
use std::sync::Arc;

pub use disk::SpillDisk;

/// See the module.
pub struct Spill {
    disk: Arc<SpillDisk>,
    moving: Mutex<()>,
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    /// Consecutive, the oldest first.
    runs: VecDeque<Run>,
    file: Option<Arc<Mutex<File>>>,
    /// Where the next run goes in the file.
    end: u64,
    /// What was taken back since it was kept, and what stands in its place.
    erased: BTreeMap<Seq, Erased>,
}

struct Run {
    span: Span,
    at: At,
}

enum At {
    /// On its way to the disk.
    Memory(Frame),
    /// At this place in the file.
    Disk(u64),
}

struct Erased {
    frame: Frame,
    /// Whether what it said is gone from the file, too.
    is_wiped: bool,
}

/// Where what a reader wants next is.
struct Found {
    source: Source,
    /// Parts of it in whose place other frames stand.
    erased: Vec<(Range<usize>, Frame)>,
    last: Seq,
}

enum Source {
    Memory(Frame),
    Disk(Arc<Mutex<File>>, u64, usize),
}

impl Spill {
    /// For a room; nothing is held until something is kept.
    #[must_use]
    pub fn new(disk: Arc<SpillDisk>) -> Self {
        Self {
            disk,
            moving: Mutex::default(),
            kept: Mutex::default(),
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
        if !self.disk.reserve(span.bytes() as u64) {
            tracing::warn!("no room to keep what slow readers have not read");
            return self.clear(&mut kept);
        }
        let mut bytes = BytesMut::with_capacity(span.bytes());
        for chunk in chunks {
            bytes.extend_from_slice(&chunk.bytes);
        }
        let at = At::Memory(bytes.freeze());
        kept.runs.push_back(Run { span, at });
        drop(kept);
        self.disk.wake(Arc::downgrade(self));
    }

    /// Whether nothing is kept.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.kept.lock().runs.is_empty()
    }

    /// All up to here is wanted no more.
    pub fn release(&self, upto: Seq) {
        let mut kept = self.kept.lock();
        while let Some(run) = kept.runs.front()
            && run.span.last() <= upto
        {
            self.forget(run);
            kept.runs.pop_front();
        }
        if kept.runs.is_empty() {
            self.clear(&mut kept);
        } else {
            kept.erased = kept.erased.split_off(&upto.next());
        }
    }

    fn clear(&self, kept: &mut Kept) {
        for run in &kept.runs {
            self.forget(run);
        }
        *kept = Kept::default();
    }

    fn forget(&self, run: &Run) {
        let is_waiting = matches!(run.at, At::Memory(_));
        self.disk.forget(run.span.bytes() as u64, is_waiting);
    }

    /// Puts another frame in the place of one that may be here.
    pub fn erase(self: &Arc<Self>, seq: Seq, frame: Frame) {
        let mut kept = self.kept.lock();
        if kept.runs.iter().any(|run| run.span.holds(seq)) {
            let is_wiped = false;
            kept.erased.insert(seq, Erased { frame, is_wiped });
            drop(kept);
            self.disk.wake(Arc::downgrade(self));
        }
    }

    /// What lies behind a cursor, bounded like a reading of the tail, and the cursor once that was
    /// read. None where it is not here.
    ///
    /// # Errors
    /// The disk cannot be read.
    pub async fn read(&self, cursor: Seq) -> io::Result<Option<(Vec<Frame>, Seq)>> {
        let Some(found) = self.find(cursor) else {
            return Ok(None);
        };
        let bytes = match found.source {
            Source::Memory(bytes) => bytes,
            Source::Disk(file, offset, length) => {
                let read = move || read_at(&file, offset, length);
                tokio::task::spawn_blocking(read).await??
            }
        };
        Ok(Some((pieces(&bytes, found.erased), found.last)))
    }

    fn find(&self, cursor: Seq) -> Option<Found> {
        let kept = self.kept.lock();
        let at = kept.runs.partition_point(|run| run.span.last() <= cursor);
        let run = kept.runs.get(at)?;
        if !run.span.holds(cursor.next()) {
            return None;
        }
        let (place, last) = run.span.behind(cursor, READ_BYTES_MAX, 1);
        let source = match &run.at {
            At::Memory(bytes) => Source::Memory(bytes.slice(place.clone())),
            At::Disk(offset) => {
                let offset = offset + place.start as u64;
                Source::Disk(Arc::clone(kept.file.as_ref()?), offset, place.len())
            }
        };
        let erased = kept.erased.range(cursor.next()..=last);
        let erased = erased.map(|(seq, erased)| {
            let Range { start, end } = run.span.place(*seq);
            let within = start - place.start..end - place.start;
            (within, erased.frame.clone())
        });
        Some(Found {
            source,
            erased: erased.collect(),
            last,
        })
    }

    /// Drops everything: the disk does not do its work.
    pub fn give_up(&self, error: &io::Error) {
        tracing::error!(%error, "what slow readers have not read cannot be kept on disk");
        self.clear(&mut self.kept.lock());
    }

    /// Writes what waits. Called on the thread of the disk.
    fn write(&self) {
        let written = self.write_runs().and_then(|()| self.wipe());
        if let Err(error) = written {
            self.give_up(&error);
        }
    }

    fn write_runs(&self) -> io::Result<()> {
        while let Some((first, bytes)) = self.next_unwritten() {
            let file = self.file()?;
            let offset = self.kept.lock().end;
            write_at(&file, offset, &bytes)?;
            let mut kept = self.kept.lock();
            // While it was written, all may have been dropped, and begun anew.
            let is_same = |known: &Arc<_>| Arc::ptr_eq(known, &file);
            if !kept.file.as_ref().is_some_and(is_same) {
                continue;
            }
            kept.end += bytes.len() as u64;
            let mut runs = kept.runs.iter_mut();
            if let Some(run) = runs.find(|run| run.span.first() == first) {
                run.at = At::Disk(offset);
                self.disk.arrived(bytes.len() as u64);
            }
        }
        Ok(())
    }

    fn next_unwritten(&self) -> Option<(Seq, Frame)> {
        let kept = self.kept.lock();
        kept.runs.iter().find_map(|run| match &run.at {
            At::Memory(bytes) => Some((run.span.first(), bytes.clone())),
            At::Disk(_) => None,
        })
    }

    /// The file, made where there is none: by this thread alone.
    fn file(&self) -> io::Result<Arc<Mutex<File>>> {
        if let Some(file) = &self.kept.lock().file {
            return Ok(Arc::clone(file));
        }
        let new = Arc::new(Mutex::new(self.disk.open()?));
        let mut kept = self.kept.lock();
        kept.end = 0;
        kept.file = Some(Arc::clone(&new));
        Ok(new)
    }

    /// Overwrites what was erased.
    fn wipe(&self) -> io::Result<()> {
        while let Some((seq, file, offset, length)) = self.next_unwiped() {
            write_at(&file, offset, &vec![0; length])?;
            if let Some(erased) = self.kept.lock().erased.get_mut(&seq) {
                erased.is_wiped = true;
            }
        }
        Ok(())
    }

    fn next_unwiped(&self) -> Option<(Seq, Arc<Mutex<File>>, u64, usize)> {
        let kept = self.kept.lock();
        let file = kept.file.as_ref()?;
        let mut unwiped = kept.erased.iter().filter(|(_, erased)| !erased.is_wiped);
        unwiped.find_map(|(seq, _)| {
            let run = kept.runs.iter().find(|run| run.span.holds(*seq))?;
            let place = run.span.place(*seq);
            match run.at {
                At::Memory(_) => None,
                At::Disk(offset) => {
                    let offset = offset + place.start as u64;
                    Some((*seq, Arc::clone(file), offset, place.len()))
                }
            }
        })
    }
}

impl Drop for Spill {
    fn drop(&mut self) {
        let mut kept = std::mem::take(self.kept.get_mut());
        self.clear(&mut kept);
    }
}

fn read_at(file: &Mutex<File>, offset: u64, length: usize) -> io::Result<Bytes> {
    let mut bytes = vec![0; length];
    let mut file = file.lock();
    file.seek(SeekFrom::Start(offset))?;
    file.read_exact(&mut bytes)?;
    Ok(bytes.into())
}

fn write_at(file: &Mutex<File>, offset: u64, bytes: &[u8]) -> io::Result<()> {
    let mut file = file.lock();
    file.seek(SeekFrom::Start(offset))?;
    file.write_all(bytes)
}

/// These bytes, with other frames in the place of some.
fn pieces(bytes: &Bytes, erased: Vec<(Range<usize>, Frame)>) -> Vec<Frame> {
    let (mut pieces, mut from) = (Vec::new(), 0);
    for (place, frame) in erased {
        pieces.push(bytes.slice(from..place.start));
        pieces.push(frame);
        from = place.end;
    }
    pieces.push(bytes.slice(from..));
    pieces.retain(|piece| !piece.is_empty());
    pieces
}

#[cfg(test)]
mod tests;
