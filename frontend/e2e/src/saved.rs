//! Saving a source file without changing it.

use crate::paths::root;
use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, Write};
use std::time::SystemTime;

/// A file of the source tree that looks as if somebody had saved it just now. Its time is put back
/// when this is dropped, so that cargo has nothing to compile afterwards.
///
/// Not done to a copy of the tree: cargo takes a workspace in another place for the same one when the
/// target directory is the same, and with another target directory everything is compiled twice. So
/// the owner's file is used, with care: its first byte is written over by itself, which every watcher
/// takes for an edit, and at no moment does the file hold anything but what it held.
pub struct Saved {
    file: File,
    before: SystemTime,
}

impl Saved {
    /// Saves a file, whose path is relative to the root.
    #[must_use]
    pub fn again(path: &str) -> Self {
        let path = root().join(path);
        let opened = OpenOptions::new().read(true).write(true).open(&path);
        let mut file = opened.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let before = file
            .metadata()
            .and_then(|data| data.modified())
            .expect("the file's time");
        let mut first = [0_u8; 1];
        file.read_exact(&mut first)
            .expect("a file that is not empty");
        file.rewind()
            .and_then(|()| file.write_all(&first))
            .expect("writing the same byte");
        Self { file, before }
    }
}

impl Drop for Saved {
    fn drop(&mut self) {
        // A time that stays new costs one more compilation, and nothing else.
        let _ = self.file.set_modified(self.before);
    }
}
