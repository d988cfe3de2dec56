//! Copying a store to another one.

use super::AppError;
use super::folder::take_folder;
use crate::clock::Environment;
use crate::engine::{Place, has_database, open_transfer};
use crate::store::transfer::{Copied, Progress, copy};
use common::ids::Epoch;
use std::fs::File;

/// Copies everything from one store to another, empty one; or goes on with such a copy. No server may use
/// either: a data folder is locked, and of databases the caller must know.
///
/// # Errors
/// A store cannot be used, is used by a server, or the copy is not the same in the end.
pub async fn copy_store(
    from: &Place,
    to: &Place,
    environment: &Environment,
    tell: Progress<'_>,
) -> Result<Copied, AppError> {
    if let Place::Folder(folder) = from
        && !has_database(folder)
    {
        return Err(AppError::NoDatabase(folder.clone()));
    }
    let _locks = [lock(from)?, lock(to)?];
    let original = open_transfer(from, environment).await?;
    let target = open_transfer(to, environment).await?;
    let fresh_epoch = Epoch::from_random(environment.random.bits()?);
    Ok(copy(&*original, &*target, fresh_epoch, tell).await?)
}

fn lock(place: &Place) -> Result<Option<File>, AppError> {
    match place {
        Place::Folder(folder) => take_folder(folder).map(Some),
        Place::Databases(_) => Ok(None),
    }
}
