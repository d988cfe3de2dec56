//! The keys of programs.

use super::invalidation;
use super::names;
use super::reader::Reader;
use super::writer::{WriterState, begin};
use crate::store::columns::parsed;
use crate::store::names::NameKeys;
use crate::store::{Hash, Invalidation, Key, StoreError};
use common::ids::{KeyId, UserId};
use common::time::Timestamp;
use common::user::User;
use rusqlite::{OptionalExtension, Row, params};

const COLUMNS: &str = "id, user_id, name, scopes, created_at_ms";

pub(super) fn add(state: &mut WriterState, key: &Key, hash: &Hash) -> Result<bool, StoreError> {
    let names = NameKeys::of(&key.user.name);
    let step = begin(&mut state.connection)?;
    if names::holder(&step, &names)?.is_some() {
        return Ok(false);
    }
    step.execute(
        "INSERT INTO api_key (id, user_id, name, name_key, look_key, secret_hash, scopes,
             created_at_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        params![
            key.id.as_str(),
            key.user.id.as_str(),
            key.user.name.as_str(),
            names.case,
            names.look,
            hash,
            key.scopes,
            key.created_at.0
        ],
    )?;
    let held = Invalidation::NameHeld(key.user.name.clone());
    invalidation::write(&step, &held, key.created_at)?;
    step.commit()?;
    Ok(true)
}

pub(super) fn find(reader: &Reader, hash: &Hash) -> Result<Option<Key>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM api_key WHERE secret_hash = ?1");
    let mut statement = reader.connection.prepare_cached(&sql)?;
    let mut rows = statement.query([hash])?;
    rows.next()?.map(key).transpose()
}

pub(super) fn by_user(reader: &Reader, user: &UserId) -> Result<Option<Key>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM api_key WHERE user_id = ?1");
    let mut statement = reader.connection.prepare_cached(&sql)?;
    let mut rows = statement.query([user.as_str()])?;
    rows.next()?.map(key).transpose()
}

pub(super) fn list(reader: &Reader) -> Result<Vec<Key>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM api_key ORDER BY created_at_ms, id");
    let mut statement = reader.connection.prepare_cached(&sql)?;
    let mut rows = statement.query([])?;
    let mut keys = Vec::new();
    while let Some(row) = rows.next()? {
        keys.push(key(row)?);
    }
    Ok(keys)
}

fn key(row: &Row<'_>) -> Result<Key, StoreError> {
    let (id, user, name): (String, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
    Ok(Key {
        id: parsed(&id)?,
        user: User {
            id: parsed(&user)?,
            name: parsed(&name)?,
        },
        scopes: row.get(3)?,
        created_at: Timestamp(row.get(4)?),
    })
}

pub(super) fn revoke(
    state: &mut WriterState,
    id: &KeyId,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let step = begin(&mut state.connection)?;
    let sql = "DELETE FROM api_key WHERE id = ?1 RETURNING user_id";
    let user: Option<String> = step
        .query_row(sql, [id.as_str()], |row| row.get(0))
        .optional()?;
    let Some(user) = user else {
        return Ok(false);
    };
    invalidation::write(&step, &Invalidation::UserEnded(parsed(&user)?), now)?;
    step.commit()?;
    Ok(true)
}
