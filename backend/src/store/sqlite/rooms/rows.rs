//! Helpers for rows that several tables share.

use crate::store::columns::parsed;
use crate::store::{Invalidation, StoreError};
use common::ids::UserId;
use common::text::RoomName;
use common::user::User;
use rusqlite::Row;
use std::str::FromStr;

pub(super) fn text<T: FromStr<Err: std::fmt::Display>>(
    column: Option<&str>,
) -> Result<Option<T>, StoreError> {
    column.map(parsed).transpose()
}

/// The user in two columns that follow on each other.
pub(super) fn user(row: &Row<'_>, at: usize) -> Result<User, StoreError> {
    let (id, name): (String, String) = (row.get(at)?, row.get(at + 1)?);
    Ok(User {
        id: parsed(&id)?,
        name: parsed(&name)?,
    })
}

/// Says that a user's rooms have changed.
pub(super) fn concerning(room: &RoomName, user: &UserId, by: &UserId) -> Invalidation {
    Invalidation::RoomsChanged {
        room: room.clone(),
        user: user.clone(),
        by: by.clone(),
    }
}
