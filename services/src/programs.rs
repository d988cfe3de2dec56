//! Finding programs that are installed.

use crate::ServiceError;
use std::path::{Path, PathBuf};

/// A program on `PATH`, or in one of these folders.
pub(crate) fn find(
    program: &'static str,
    package: &'static str,
    folders: impl IntoIterator<Item = PathBuf>,
) -> Result<PathBuf, ServiceError> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let known = std::env::split_paths(&path).chain(folders);
    let mut files = known.map(|folder| folder.join(program));
    files
        .find(|file| file.is_file())
        .ok_or(ServiceError::Missing { program, package })
}

/// The folders of PostgreSQL's own programs, the newest version first. Debian keeps them off `PATH`.
pub(crate) fn postgres_folders() -> Vec<PathBuf> {
    let root = Path::new("/usr/lib/postgresql");
    let mut versions: Vec<(u32, PathBuf)> = std::fs::read_dir(root)
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            let version = entry.file_name().to_str()?.parse().ok()?;
            Some((version, entry.path().join("bin")))
        })
        .collect();
    versions.sort();
    versions.into_iter().rev().map(|(_, bin)| bin).collect()
}
