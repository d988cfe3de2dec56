//! The node's side of spilling: the files, the limit of bytes, and the thread that writes.

use super::{Run, Spill};
use crate::supervisor::Supervisor;
use bytes::Bytes;
use parking_lot::Mutex;
use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Weak, mpsc};

/// Bytes that may wait for the disk; beyond, nothing more is kept: the disk hangs.
const WAITING_BYTES_MAX: u64 = 16 * 1024 * 1024;

/// Bytes after which a file takes no more: it goes as a whole, when nothing in it is wanted.
const SEGMENT_BYTES: u64 = 4 * 1024 * 1024;

/// Rooms that it takes to use up the disk's share.
const ROOMS_AT_LEAST: u64 = 8;

/// See the module. Files have no name, so that nothing of them outlives the node, however it ends.
pub struct SpillDisk {
    folder: PathBuf,
    bytes_max: u64,
    /// Bytes kept, on disk or on their way to it.
    bytes: Arc<AtomicU64>,
    /// Of these, on their way.
    waiting: Arc<AtomicU64>,
    work: Mutex<mpsc::Sender<Work>>,
    /// Whether the last that was to be kept found no room.
    is_full: AtomicBool,
}

enum Work {
    Write(Weak<Spill>),
    /// To be dropped by the thread: to close a file may take a while.
    Drop(Vec<Run>, Option<Arc<Segment>>),
}

/// Bytes that count for as long as this is held.
pub(super) struct Counted {
    bytes: u64,
    among: Arc<AtomicU64>,
}

impl Counted {
    fn new(bytes: u64, among: &Arc<AtomicU64>) -> Self {
        among.fetch_add(bytes, Ordering::Relaxed);
        let among = Arc::clone(among);
        Self { bytes, among }
    }

    fn absorb(&mut self, mut other: Self) {
        self.bytes += std::mem::take(&mut other.bytes);
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.among.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

/// What is counted of a run that is on its way.
pub(super) struct OnWay {
    kept: Counted,
    _waiting: Counted,
}

/// One file.
pub(super) struct Segment {
    file: Mutex<File>,
    /// Where the next run goes. Places are given out once.
    end: AtomicU64,
    counted: Mutex<Counted>,
}

impl Segment {
    pub(super) fn read(&self, offset: u64, length: usize) -> io::Result<Bytes> {
        let mut bytes = vec![0; length];
        let mut file = self.file.lock();
        file.seek(SeekFrom::Start(offset))?;
        file.read_exact(&mut bytes)?;
        Ok(bytes.into())
    }

    /// Writes behind what is there; returns where.
    pub(super) fn append(&self, bytes: &[u8]) -> io::Result<u64> {
        let offset = self.end.fetch_add(bytes.len() as u64, Ordering::Relaxed);
        self.write(offset, bytes)?;
        Ok(offset)
    }

    /// Nobody shall read there what was there.
    pub(super) fn wipe(&self, offset: u64, length: usize) -> io::Result<()> {
        self.write(offset, &vec![0; length])
    }

    fn write(&self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        let mut file = self.file.lock();
        file.seek(SeekFrom::Start(offset))?;
        file.write_all(bytes)
    }

    /// A disk that hangs for as long as this is held.
    #[cfg(test)]
    pub(super) fn lock(&self) -> parking_lot::MutexGuard<'_, File> {
        self.file.lock()
    }

    pub(super) fn is_full(&self) -> bool {
        self.end() >= SEGMENT_BYTES
    }

    /// Bytes written, overwritten ones among them.
    pub(super) fn end(&self) -> u64 {
        self.end.load(Ordering::Relaxed)
    }

    /// From now on this counts for as long as the file is there.
    pub(super) fn count(&self, OnWay { kept, .. }: OnWay) {
        self.counted.lock().absorb(kept);
    }
}

impl SpillDisk {
    /// Keeps up to `bytes_max` bytes in `folder`.
    ///
    /// # Errors
    /// The system refuses a thread.
    pub fn start(
        folder: PathBuf,
        bytes_max: u64,
        supervisor: &Supervisor,
    ) -> io::Result<Arc<Self>> {
        let (sender, work) = mpsc::channel();
        // It ends when the disk, and with it the sender, is dropped.
        let thread = std::thread::Builder::new().name("spill".into());
        let guard = supervisor.guard("the spill writer");
        thread.spawn(move || {
            let _guard = guard;
            for work in work {
                match work {
                    Work::Write(spill) => spill.upgrade().iter().for_each(|spill| spill.write()),
                    Work::Drop(runs, segment) => drop((runs, segment)),
                }
            }
        })?;
        Ok(Arc::new(Self {
            folder,
            bytes_max,
            bytes: Arc::default(),
            waiting: Arc::default(),
            work: Mutex::new(sender),
            is_full: AtomicBool::new(false),
        }))
    }

    /// Bytes kept now; those in files that are still wanted in part among them.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    pub(super) fn open(&self) -> io::Result<Arc<Segment>> {
        Ok(Arc::new(Segment {
            file: Mutex::new(tempfile::tempfile_in(&self.folder)?),
            end: AtomicU64::new(0),
            counted: Mutex::new(Counted::new(0, &self.bytes)),
        }))
    }

    /// Bytes that one room may keep.
    pub(super) fn room_bytes_max(&self) -> u64 {
        self.bytes_max / ROOMS_AT_LEAST
    }

    /// Counts these, where there is room for them.
    pub(super) fn reserve(&self, bytes: u64) -> Option<OnWay> {
        let on_way = self.count(bytes);
        let is_room = bytes <= self.room_bytes_max()
            && self.bytes() <= self.bytes_max
            && self.waiting.load(Ordering::Relaxed) <= WAITING_BYTES_MAX;
        is_room.then_some(on_way)
    }

    /// Counts these, whether or not there is room.
    pub(super) fn count(&self, bytes: u64) -> OnWay {
        OnWay {
            kept: Counted::new(bytes, &self.bytes),
            _waiting: Counted::new(bytes, &self.waiting),
        }
    }

    /// Says it once where readers begin to lose their places.
    pub(super) fn note_full(&self, is_full: bool) {
        if self.is_full.swap(is_full, Ordering::Relaxed) != is_full && is_full {
            tracing::warn!("no room to keep what slow readers of rooms in memory have not read");
        }
    }

    /// Something is to be written.
    pub(super) fn wake(&self, spill: Weak<Spill>) {
        self.send(Work::Write(spill));
    }

    /// These are wanted no more.
    pub(super) fn discard(&self, runs: Vec<Run>, segment: Option<Arc<Segment>>) {
        if !runs.is_empty() || segment.is_some() {
            self.send(Work::Drop(runs, segment));
        }
    }

    fn send(&self, work: Work) {
        // The thread lives as long as the sender; if it has died, what it is sent is dropped here.
        drop(self.work.lock().send(work));
    }
}
