//! The data folder, and the lock that keeps a second server out of it.

use super::AppError;
use std::fs::{File, TryLockError};
use std::path::Path;

/// Held by the one server that may use the data folder.
const LOCK: &str = "hubbub.lock";

pub(super) fn make_folder(folder: &Path) -> Result<(), AppError> {
    std::fs::create_dir_all(folder).map_err(|reason| AppError::DataDir {
        path: folder.to_owned(),
        reason,
    })
}

/// Makes the data folder where it is missing, and takes it for this server.
pub(super) fn take_folder(folder: &Path) -> Result<File, AppError> {
    make_folder(folder)?;
    let failed = |reason| AppError::DataDir {
        path: folder.to_owned(),
        reason,
    };
    let lock = File::create(folder.join(LOCK)).map_err(failed)?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => Err(AppError::InUse(folder.to_owned())),
        Err(TryLockError::Error(error)) => Err(failed(error)),
    }
}
