//! The owner of a name, among guests, accounts and keys.

use crate::store::StoreError;
use crate::store::names::NameKeys;
use crate::unicode::look_key;
use rusqlite::functions::FunctionFlags;
use rusqlite::{Connection, OptionalExtension, params};

/// Every name that is held.
const HELD: &str = "SELECT user_id, name_key, look_key FROM guest
    UNION ALL SELECT user_id, name_key, look_key FROM account
    UNION ALL SELECT user_id, name_key, look_key FROM api_key";

/// Lets SQL make both keys, as migrations do.
pub(super) fn register(connection: &Connection) -> rusqlite::Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    connection.create_scalar_function("name_key", 1, flags, |context| {
        Ok(context.get_raw(0).as_str()?.to_lowercase())
    })?;
    connection.create_scalar_function("look_key", 1, flags, |context| {
        Ok(look_key(context.get_raw(0).as_str()?))
    })
}

/// The user who holds this name, or one that is the same.
pub(super) fn holder(
    connection: &Connection,
    keys: &NameKeys,
) -> Result<Option<String>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT user_id FROM guest WHERE name_key = ?1 OR look_key = ?2
         UNION ALL SELECT user_id FROM account WHERE name_key = ?1 OR look_key = ?2
         UNION ALL SELECT user_id FROM api_key WHERE name_key = ?1 OR look_key = ?2 LIMIT 1",
    )?;
    let found = statement.query_row(params![keys.case, keys.look], |row| row.get(0));
    Ok(found.optional()?)
}

/// Frees the name where a guest holds it who has not been seen for long.
pub(super) fn release_stale(
    connection: &Connection,
    keys: &NameKeys,
    stale_before_ms: u64,
) -> rusqlite::Result<()> {
    connection.execute(
        "DELETE FROM guest WHERE (name_key = ?1 OR look_key = ?2) AND seen_at_ms < ?3",
        params![keys.case, keys.look, stale_before_ms],
    )?;
    Ok(())
}

/// The keys of every name that is held.
pub(super) fn all(
    connection: &Connection,
    mut each: impl FnMut(&str, &str),
) -> rusqlite::Result<()> {
    let mut statement = connection.prepare(HELD)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        each(row.get_ref(1)?.as_str()?, row.get_ref(2)?.as_str()?);
    }
    Ok(())
}
