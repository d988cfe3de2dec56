//! Helpers for rows that several tables share.

use crate::store::StoreError;
use crate::store::columns::parsed;
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
