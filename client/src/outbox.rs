//! The outbox on disk: what was sent and is not yet on the server's disk outlives the program.
//!
//! A file of JSON lines that is only appended to, and written anew when it is opened or has grown
//! over [`COMPACT_BYTES`]. A line is written before its message is sent, without waiting for the
//! disk (`fsync`): an outbox survives the end of the program, and what was written in the last
//! seconds before a power failure may be missing from it.

use common::client::OutboxEntry;
use common::ids::{RequestId, UserId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, BufRead, BufReader, Seek, Write};
use std::path::{Path, PathBuf};

/// The file is written anew when it is larger and most of it is out of date.
const COMPACT_BYTES: u64 = 1 << 20;

/// The layout of the file.
const VERSION: u32 = 1;

/// Why an outbox cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum OutboxError {
    /// Another client has it open.
    #[error("the outbox {0} is in use by another client")]
    InUse(PathBuf),
    /// The file cannot be read or written.
    #[error("cannot use the outbox {path}: {reason}")]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: io::Error,
    },
    /// The file is not an outbox, or is damaged.
    #[error(
        "the outbox {path} cannot be read at line {line}: repair the line, or move the file away"
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Which line, from 1.
        line: usize,
    },
    /// The file was written by a newer version.
    #[error("the outbox {0} was written by a newer version of this program")]
    Newer(PathBuf),
}

/// One line of the file.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Line {
    /// The first one.
    Outbox {
        version: u32,
    },
    /// Whose the sends are.
    User(UserId),
    Put(OutboxEntry),
    Remove(RequestId),
}

/// An outbox that is open, and locked until it is dropped.
#[derive(Debug)]
pub(crate) struct OutboxFile {
    path: PathBuf,
    file: File,
    user: Option<UserId>,
    entries: BTreeMap<RequestId, OutboxEntry>,
    /// Bytes in the file, and how many when it was last written anew.
    bytes: u64,
    compact_bytes: u64,
}

impl OutboxFile {
    /// Opens an outbox, or makes an empty one. Its folder must exist.
    pub(crate) fn open(path: &Path) -> Result<Self, OutboxError> {
        let io = |reason| OutboxError::Io {
            path: path.to_owned(),
            reason,
        };
        let mut options = OpenOptions::new();
        let file = options.read(true).append(true).create(true);
        let file = file.open(path).map_err(io)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(OutboxError::InUse(path.to_owned())),
            Err(TryLockError::Error(reason)) => return Err(io(reason)),
        }
        let mut outbox = Self {
            path: path.to_owned(),
            file,
            user: None,
            entries: BTreeMap::new(),
            bytes: 0,
            compact_bytes: 0,
        };
        outbox.read()?;
        outbox.rewrite().map_err(io)?;
        Ok(outbox)
    }

    /// Reads every line. A last one without its end was being written when the program ended: what
    /// it was to say was not sent yet.
    fn read(&mut self) -> Result<(), OutboxError> {
        let mut reader = BufReader::new(&self.file);
        let mut line = Vec::new();
        let mut number = 0;
        let mut lines = Vec::new();
        loop {
            line.clear();
            let read = reader.read_until(b'\n', &mut line);
            let read = read.map_err(|reason| OutboxError::Io {
                path: self.path.clone(),
                reason,
            })?;
            if read == 0 || line.last() != Some(&b'\n') {
                break;
            }
            number += 1;
            let parsed = serde_json::from_slice(&line).map_err(|_| OutboxError::Damaged {
                path: self.path.clone(),
                line: number,
            })?;
            match (number, &parsed) {
                (1, Line::Outbox { version }) if *version > VERSION => {
                    return Err(OutboxError::Newer(self.path.clone()));
                }
                (1, Line::Outbox { .. }) => {}
                (1, _) | (_, Line::Outbox { .. }) => {
                    let path = self.path.clone();
                    return Err(OutboxError::Damaged { path, line: number });
                }
                _ => {}
            }
            lines.push(parsed);
        }
        if number == 0 && !line.is_empty() {
            let path = self.path.clone();
            return Err(OutboxError::Damaged { path, line: 1 });
        }
        for line in lines {
            match line {
                Line::Outbox { .. } => {}
                Line::User(user) => self.user = Some(user),
                Line::Put(entry) => {
                    self.entries.insert(entry.id.clone(), entry);
                }
                Line::Remove(id) => {
                    self.entries.remove(&id);
                }
            }
        }
        Ok(())
    }

    /// Whose the sends are, once that is known.
    pub(crate) fn user(&self) -> Option<&UserId> {
        self.user.as_ref()
    }

    /// What an earlier client has left.
    pub(crate) fn entries(&self) -> Vec<OutboxEntry> {
        self.entries.values().cloned().collect()
    }

    pub(crate) fn set_user(&mut self, user: &UserId) -> io::Result<()> {
        self.user = Some(user.clone());
        self.append(&Line::User(user.clone()))
    }

    pub(crate) fn put(&mut self, entry: OutboxEntry) -> io::Result<()> {
        self.entries.insert(entry.id.clone(), entry.clone());
        self.append(&Line::Put(entry))
    }

    pub(crate) fn remove(&mut self, id: &RequestId) -> io::Result<()> {
        self.entries.remove(id);
        self.append(&Line::Remove(id.clone()))
    }

    /// Adds a line, whole or not at all: where the disk is full, half a line is taken back.
    fn append(&mut self, line: &Line) -> io::Result<()> {
        if self.bytes > COMPACT_BYTES && self.bytes > 2 * self.compact_bytes {
            self.rewrite()?;
        }
        let mut text = serde_json::to_vec(line)?;
        text.push(b'\n');
        if let Err(error) = self.file.write_all(&text) {
            let _ = self.file.set_len(self.bytes);
            return Err(error);
        }
        self.bytes += u64::try_from(text.len()).unwrap_or(u64::MAX);
        Ok(())
    }

    /// Writes the file anew with what is left, beside the old one and then in its place.
    fn rewrite(&mut self) -> io::Result<()> {
        let mut text = Vec::new();
        let user = self.user.iter().map(|user| Line::User(user.clone()));
        let puts = self.entries.values().map(|entry| Line::Put(entry.clone()));
        for line in [Line::Outbox { version: VERSION }]
            .into_iter()
            .chain(user)
            .chain(puts)
        {
            serde_json::to_writer(&mut text, &line)?;
            text.push(b'\n');
        }
        let mut beside = self.path.clone().into_os_string();
        beside.push(".new");
        let mut options = OpenOptions::new();
        let options = options.read(true).write(true).create(true).truncate(true);
        let mut file = options.open(&beside)?;
        file.try_lock().map_err(io::Error::other)?;
        file.write_all(&text)?;
        file.sync_all()?;
        std::fs::rename(&beside, &self.path)?;
        file.seek(io::SeekFrom::End(0))?;
        self.file = file;
        self.bytes = u64::try_from(text.len()).unwrap_or(u64::MAX);
        self.compact_bytes = self.bytes;
        Ok(())
    }
}

#[cfg(test)]
mod tests;
