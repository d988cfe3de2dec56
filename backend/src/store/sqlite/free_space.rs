//! Free disk space. A full disk harms more than this server, so below a bound the server accepts no
//! further messages.

use crate::store::StoreError;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// The disk of the database.
pub(super) struct FreeSpace {
    folder: PathBuf,
    min: AtomicU64,
    /// The outcome of the last check.
    is_low: AtomicBool,
}

impl FreeSpace {
    /// The disk that holds `database`; no bound yet.
    pub(super) fn new(database: &Path) -> Self {
        Self {
            folder: database.parent().unwrap_or(Path::new(".")).to_owned(),
            min: AtomicU64::new(0),
            is_low: AtomicBool::new(false),
        }
    }

    /// So many bytes are to stay free; 0 is no bound.
    pub(super) fn keep_free(&self, bytes: u64) {
        self.min.store(bytes, Ordering::Relaxed);
        // What is found is kept for the first message.
        drop(self.check());
    }

    /// Asks the file system.
    pub(super) fn check(&self) -> Result<(), StoreError> {
        let min = self.min.load(Ordering::Relaxed);
        let is_low = min > 0 && free_bytes(&self.folder).is_some_and(|free| free < min);
        self.is_low.store(is_low, Ordering::Relaxed);
        self.check_last()
    }

    /// The outcome of the last check; asks nobody.
    pub(super) fn check_last(&self) -> Result<(), StoreError> {
        match self.is_low.load(Ordering::Relaxed) {
            false => Ok(()),
            true => Err(StoreError::Unavailable(
                format!(
                    "fewer than {} bytes are free on the disk of {}; free some, or lower \
                     `store.free_bytes_min`",
                    self.min.load(Ordering::Relaxed),
                    self.folder.display()
                )
                .into(),
            )),
        }
    }
}

/// Bytes that this process may still write there; none where the system does not say.
#[cfg(target_os = "linux")]
fn free_bytes(folder: &Path) -> Option<u64> {
    let stat = nix::sys::statvfs::statvfs(folder).ok()?;
    let blocks = stat.blocks_available();
    Some(blocks.saturating_mul(stat.fragment_size()))
}

#[cfg(not(target_os = "linux"))]
fn free_bytes(_folder: &Path) -> Option<u64> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disk_with_too_little_room_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("hubbub.sqlite");
        for (min, is_low) in [(0, false), (1, false), (u64::MAX, true)] {
            let space = FreeSpace::new(&database);
            space.keep_free(min);
            assert_eq!(space.check_last().is_err(), is_low, "{min}");
            assert_eq!(space.check().is_err(), is_low, "{min}");
        }
    }
}
