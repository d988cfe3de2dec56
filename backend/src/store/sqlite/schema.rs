//! The layout of the file, its versions and migrations, and how it is opened.

use super::names;
use common::ids::Epoch;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, OptionalExtension};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Marks the file as Hubbub's (`PRAGMA application_id`): "Hubb".
const APPLICATION_ID: i32 = 0x4875_6262;

/// Each brings the file from one version to the next (`PRAGMA user_version`). Never edit one that
/// was released: append.
const MIGRATIONS: &[&str] = &[
    include_str!("migrations/1.sql"),
    include_str!("migrations/2.sql"),
    include_str!("migrations/3.sql"),
    include_str!("migrations/4.sql"),
    include_str!("migrations/5.sql"),
    include_str!("migrations/6.sql"),
];

/// Why the file could not be opened. Shown when the server starts.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// SQLite refused it: missing folder, no permission, not a database, locked by another.
    #[error("cannot open the database {path}: {}", without_path(reason, path))]
    Sqlite {
        /// The file.
        path: PathBuf,
        /// SQLite's words.
        reason: rusqlite::Error,
    },
    /// Another program's database.
    #[error("{path} is an SQLite database of another program")]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// Written by a newer Hubbub.
    #[error(
        "{path} was written by a newer version of Hubbub (layout {found}, this one knows {known})"
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: usize,
        /// The newest this build knows.
        known: usize,
    },
    /// The epoch it holds is not one.
    #[error("{path} is damaged: its epoch cannot be read")]
    Damaged {
        /// The file.
        path: PathBuf,
    },
    /// A copy of another store that was not finished.
    #[error(
        "{path} is an unfinished copy: finish it with the same `hubbub store copy`, or remove it"
    )]
    Unfinished {
        /// The file.
        path: PathBuf,
    },
    /// A copy would overwrite something.
    #[error("{path} exists")]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// The system refused: a thread, a rename.
    #[error("the system refused: {0}")]
    System(#[from] std::io::Error),
}

/// Opens, creates or migrates the file. `fresh_epoch` becomes its epoch where it is new, or a copy
/// that was put in another's place.
pub(super) fn open_for_writing(
    path: &Path,
    fresh_epoch: &Epoch,
) -> Result<(Connection, Epoch), OpenError> {
    let (connection, epoch) = open_unfinished(path, fresh_epoch)?;
    let copy_of = read_meta(&connection, COPY_OF).map_err(|reason| OpenError::Sqlite {
        path: path.to_owned(),
        reason,
    })?;
    match copy_of {
        None => Ok((connection, epoch)),
        Some(_) => Err(OpenError::Unfinished {
            path: path.to_owned(),
        }),
    }
}

/// The key in `meta` that a file has while it is an unfinished copy of another store.
pub(super) const COPY_OF: &str = "copy_of";

/// The same, also for a file that is an unfinished copy.
pub(super) fn open_unfinished(
    path: &Path,
    fresh_epoch: &Epoch,
) -> Result<(Connection, Epoch), OpenError> {
    let failed = |reason| OpenError::Sqlite {
        path: path.to_owned(),
        reason,
    };
    let mut connection = Connection::open(path).map_err(failed)?;
    check_owner(&connection, path)?;
    set_up_writer(&connection).map_err(failed)?;
    migrate(&mut connection, fresh_epoch).map_err(failed)?;
    renew_epoch(&mut connection, fresh_epoch).map_err(failed)?;
    let epoch = read_meta(&connection, "epoch").map_err(failed)?;
    let epoch = epoch.and_then(|text| text.parse().ok());
    let epoch = epoch.ok_or_else(|| OpenError::Damaged {
        path: path.to_owned(),
    })?;
    Ok((connection, epoch))
}

pub(super) fn read_meta(connection: &Connection, key: &str) -> rusqlite::Result<Option<String>> {
    connection
        .query_row("SELECT value FROM meta WHERE key = ?1", [key], |row| {
            row.get(0)
        })
        .optional()
}

/// In a copy: its seqs will be given out a second time, to other events, so they need an epoch of
/// their own.
const IS_COPY: &str = "is_copy";

fn renew_epoch(connection: &mut Connection, fresh_epoch: &Epoch) -> rusqlite::Result<()> {
    if read_meta(connection, IS_COPY)?.is_none() {
        return Ok(());
    }
    let step = connection.transaction()?;
    step.execute("DELETE FROM meta WHERE key = ?1", [IS_COPY])?;
    step.execute(
        "UPDATE meta SET value = ?1 WHERE key = 'epoch'",
        [fresh_epoch.as_str()],
    )?;
    step.commit()
}

/// Writes a copy of the database, which may be in use, to a new file.
///
/// # Errors
/// The database cannot be read, or the copy exists or cannot be written.
pub fn copy(path: &Path, to: &Path) -> Result<(), OpenError> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |reason| OpenError::Sqlite { path, reason }
    };
    let source = open_for_reading(path).map_err(failed(path))?;
    check_owner(&source, path)?;
    if to.exists() {
        return Err(OpenError::Exists {
            path: to.to_owned(),
        });
    }
    // Under its own name only once it knows that it is a copy.
    let part = to.with_extension("part");
    let name = part.to_string_lossy();
    source
        .execute("VACUUM INTO ?1", [name.as_ref()])
        .map_err(failed(&part))?;
    let copy = Connection::open(&part).map_err(failed(&part))?;
    copy.execute("INSERT OR REPLACE INTO meta VALUES (?1, 'yes')", [IS_COPY])
        .map_err(failed(&part))?;
    copy.close().map_err(|(_, reason)| failed(&part)(reason))?;
    Ok(std::fs::rename(&part, to)?)
}

fn check_owner(connection: &Connection, path: &Path) -> Result<(), OpenError> {
    let failed = |reason| OpenError::Sqlite {
        path: path.to_owned(),
        reason,
    };
    connection
        .busy_timeout(Duration::from_secs(2))
        .map_err(failed)?;
    let id: i32 = connection
        .query_row("PRAGMA application_id", [], |r| r.get(0))
        .map_err(failed)?;
    let tables: i64 = connection
        .query_row("SELECT count(*) FROM sqlite_schema", [], |r| r.get(0))
        .map_err(failed)?;
    if id != APPLICATION_ID && tables > 0 {
        return Err(OpenError::Foreign {
            path: path.to_owned(),
        });
    }
    let found = version(connection).map_err(failed)?;
    if found > MIGRATIONS.len() {
        return Err(OpenError::Newer {
            path: path.to_owned(),
            found,
            known: MIGRATIONS.len(),
        });
    }
    Ok(())
}

fn version(connection: &Connection) -> rusqlite::Result<usize> {
    connection.query_row("PRAGMA user_version", [], |row| row.get(0))
}

/// WAL, so that readers never wait for the writer; FULL, so that a commit has been synced when it
/// returns: an `ack` rests on it.
fn set_up_writer(connection: &Connection) -> rusqlite::Result<()> {
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", "ON")?;
    // What was deleted is overwritten, not merely unlinked.
    connection.pragma_update(None, "secure_delete", "ON")?;
    // Plans do not depend on what is bound: otherwise statements are planned anew for each message.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    // In KiB: a batch must fit, or it is written out and read back before it is committed.
    connection.pragma_update(None, "cache_size", -4096)?;
    // In pages. A checkpoint happens inside a commit: rarer ones delay fewer of them.
    connection.pragma_update(None, "wal_autocheckpoint", 4000)?;
    connection.set_prepared_statement_cache_capacity(32);
    Ok(())
}

fn migrate(connection: &mut Connection, fresh_epoch: &Epoch) -> rusqlite::Result<()> {
    let from = version(connection)?;
    names::register(connection)?;
    for (at, sql) in MIGRATIONS.iter().enumerate().skip(from) {
        let step = connection.transaction()?;
        step.execute_batch(sql)?;
        if at == 0 {
            step.pragma_update(None, "application_id", APPLICATION_ID)?;
            step.execute(
                "INSERT INTO meta VALUES ('epoch', ?1)",
                [fresh_epoch.as_str()],
            )?;
        }
        step.pragma_update(None, "user_version", at + 1)?;
        step.commit()?;
    }
    Ok(())
}

/// A connection that only reads.
pub(super) fn open_for_reading(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(Duration::from_secs(2))?;
    connection.set_prepared_statement_cache_capacity(32);
    Ok(connection)
}

/// The engine's message, which may repeat the path.
fn without_path(reason: &rusqlite::Error, path: &Path) -> String {
    reason
        .to_string()
        .replace(&format!(": {}", path.display()), "")
}
