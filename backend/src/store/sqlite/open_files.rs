//! Whether the database's files are still the ones that are open. A file that was removed or replaced
//! under the server still accepts writes, which are lost when the process ends: nothing written there
//! may be acknowledged.

use crate::store::StoreError;
use std::path::{Path, PathBuf};

/// The files that were open at the start: the database, its write-ahead log, and the index of that.
pub(super) struct OpenFiles(Vec<(PathBuf, FileId)>);

/// What the file system knows a file by: device and inode.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct FileId(u64, u64);

impl OpenFiles {
    /// The files of a database that a connection has just opened, and read from.
    pub(super) fn of(database: &Path) -> Self {
        let files = ["", "-wal", "-shm"].into_iter().filter_map(|suffix| {
            let mut path = database.as_os_str().to_owned();
            path.push(suffix);
            let path = PathBuf::from(path);
            let id = identify(&path)?;
            Some((path, id))
        });
        Self(files.collect())
    }

    /// Checks that each is still in its place.
    ///
    /// # Errors
    /// One was removed or replaced.
    pub(super) fn check(&self) -> Result<(), StoreError> {
        for (path, id) in &self.0 {
            if identify(path) != Some(*id) {
                let why = format!(
                    "{} was removed or replaced while the server was using it; restore it if you \
                     can, and restart the server",
                    path.display()
                );
                return Err(StoreError::Unavailable(why.into()));
            }
        }
        Ok(())
    }
}

#[cfg(unix)]
fn identify(path: &Path) -> Option<FileId> {
    use std::os::unix::fs::MetadataExt as _;
    let metadata = std::fs::metadata(path).ok()?;
    Some(FileId(metadata.dev(), metadata.ino()))
}

/// Windows does not let an open database be removed.
#[cfg(not(unix))]
fn identify(path: &Path) -> Option<FileId> {
    path.exists().then_some(FileId(0, 0))
}
