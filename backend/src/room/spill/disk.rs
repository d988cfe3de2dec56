//! The node's side of spilling: the files, the bytes they may take, and the thread that writes.

use super::Spill;
use parking_lot::Mutex;
use std::fs::File;
use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Weak, mpsc};

/// Bytes that may wait for the disk; beyond, nothing more is kept: the disk hangs.
const WAITING_BYTES_MAX: u64 = 8 * 1024 * 1024;

/// See the module. Files have no name, so that nothing of them outlives the node, however it ends.
pub struct SpillDisk {
    folder: PathBuf,
    bytes_max: u64,
    /// Bytes kept, on disk or on their way to it.
    bytes: AtomicU64,
    /// Of these, on their way.
    waiting: AtomicU64,
    spills: Mutex<mpsc::Sender<Weak<Spill>>>,
}

impl SpillDisk {
    /// Keeps up to `bytes_max` bytes in `folder`.
    ///
    /// # Errors
    /// The system refuses a thread.
    pub fn start(folder: PathBuf, bytes_max: u64) -> io::Result<Arc<Self>> {
        let (spills, work) = mpsc::channel::<Weak<Spill>>();
        // It ends when the disk, and with it the sender, is dropped.
        let thread = std::thread::Builder::new().name("spill".into());
        thread.spawn(move || {
            for spill in work {
                if let Some(spill) = spill.upgrade() {
                    spill.write();
                }
            }
        })?;
        Ok(Arc::new(Self {
            folder,
            bytes_max,
            bytes: AtomicU64::new(0),
            waiting: AtomicU64::new(0),
            spills: Mutex::new(spills),
        }))
    }

    /// Bytes kept now.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    pub(super) fn open(&self) -> io::Result<File> {
        tempfile::tempfile_in(&self.folder)
    }

    /// Whether there is room for these; then they are counted.
    pub(super) fn reserve(&self, bytes: u64) -> bool {
        let all = self.bytes.fetch_add(bytes, Ordering::Relaxed) + bytes;
        let waiting = self.waiting.fetch_add(bytes, Ordering::Relaxed) + bytes;
        let is_room = all <= self.bytes_max && waiting <= WAITING_BYTES_MAX;
        if !is_room {
            self.forget(bytes, true);
        }
        is_room
    }

    /// These are kept no longer; they were on their way to the disk, or on it.
    pub(super) fn forget(&self, bytes: u64, is_waiting: bool) {
        self.bytes.fetch_sub(bytes, Ordering::Relaxed);
        if is_waiting {
            self.arrived(bytes);
        }
    }

    /// These are on disk.
    pub(super) fn arrived(&self, bytes: u64) {
        self.waiting.fetch_sub(bytes, Ordering::Relaxed);
    }

    /// Something is to be written.
    pub(super) fn wake(&self, spill: Weak<Spill>) {
        // The thread lives as long as the sender.
        drop(self.spills.lock().send(spill));
    }
}
