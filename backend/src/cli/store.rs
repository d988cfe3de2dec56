//! `hubbub store …`: what operators do with a store as a whole.

use crate::app::{self, AppError};
use crate::clock::Environment;
use crate::engine::Place;
use clap::Subcommand;
use std::path::PathBuf;

/// `hubbub store …`.
#[derive(Debug, Subcommand)]
pub enum StoreCommand {
    /// Copy a store to another, empty one: rooms, messages, users, everything. Stop all servers before; the
    /// copy goes on where the original ended, and the original must not be served again. The same command
    /// goes on with a copy that was interrupted.
    Copy {
        /// The original: `sqlite:FOLDER` (a data folder) or `postgres://…`; once for each database.
        #[arg(long, required = true, value_name = "STORE")]
        from: Vec<String>,
        /// The copy, in the same words.
        #[arg(long, required = true, value_name = "STORE")]
        to: Vec<String>,
    },
}

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub enum StoreCommandError {
    /// The words name no store.
    #[error(
        "{0} names no store: write sqlite:FOLDER, or postgres://USER@HOST/DATABASE once for each database"
    )]
    Place(String),
    /// Both are the same.
    #[error("a store cannot be copied to itself")]
    Same,
    /// The copy failed.
    #[error(transparent)]
    App(#[from] AppError),
}

/// Runs a command; returns what there is to say. `tell` hears of progress.
///
/// # Errors
/// See [`StoreCommandError`].
pub async fn run(
    command: &StoreCommand,
    tell: &mut (dyn FnMut(&str) + Send),
) -> Result<String, StoreCommandError> {
    let StoreCommand::Copy { from, to } = command;
    let (from, to) = (place(from)?, place(to)?);
    if from == to {
        return Err(StoreCommandError::Same);
    }
    let copied = app::copy_store(&from, &to, &Environment::system(), tell).await?;
    Ok(format!(
        "copied and compared: {} events in {} rooms, {} other rows",
        copied.events, copied.rooms, copied.rows
    ))
}

fn place(words: &[String]) -> Result<Place, StoreCommandError> {
    let refused = || StoreCommandError::Place(words.join(" "));
    if let [only] = words
        && let Some(folder) = only.strip_prefix("sqlite:")
    {
        let folder = folder.strip_prefix("//").unwrap_or(folder);
        return match folder.is_empty() {
            true => Err(refused()),
            false => Ok(Place::Folder(PathBuf::from(folder))),
        };
    }
    let is_postgres =
        |url: &String| url.starts_with("postgres://") || url.starts_with("postgresql://");
    match words.iter().all(is_postgres) {
        true => Ok(Place::Databases(words.to_vec())),
        false => Err(refused()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stores_are_named_by_a_folder_or_by_the_addresses_of_databases() {
        let read = |words: &[&str]| {
            let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
            place(&words).ok()
        };
        let folder = |path: &str| Some(Place::Folder(path.into()));
        assert_eq!(read(&["sqlite:data"]), folder("data"));
        assert_eq!(
            read(&["sqlite:///var/lib/hubbub"]),
            folder("/var/lib/hubbub")
        );
        let (one, other) = ("postgres://a/b", "postgresql://c/d");
        let databases = Place::Databases(vec![one.to_owned(), other.to_owned()]);
        assert_eq!(read(&[one, other]), Some(databases));
        for bad in [
            &["data"][..],
            &["sqlite:"],
            &["sqlite:a", "sqlite:b"],
            &["sqlite:a", one],
            &["mysql://a/b"],
        ] {
            assert_eq!(read(bad), None, "{bad:?}");
        }
    }
}
