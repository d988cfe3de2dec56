//! Guests and the names they hold.

use super::names;
use super::reader::Reader;
use super::writer::{Writer, WriterState, begin};
use crate::store::columns::parsed;
use crate::store::names::NameKeys;
use crate::store::visits::{Seen, VisitStore};
use crate::store::{Claim, Guest, StoreError};
use async_trait::async_trait;
use common::ids::UserId;
use common::text::UserName;
use common::time::Timestamp;
use common::user::User;
use rusqlite::{OptionalExtension, params};
use std::sync::Arc;

pub(super) fn claim(
    state: &mut WriterState,
    guest: &Guest,
    instead_of: Option<[u8; 32]>,
    stale_before: Timestamp,
) -> Result<Claim, StoreError> {
    let keys = NameKeys::of(&guest.user.name);
    let transaction = begin(&mut state.connection)?;
    names::release_stale(&transaction, &keys, stale_before.0)?;
    if let Some(old) = instead_of {
        transaction.execute("DELETE FROM guest WHERE secret_hash = ?1", [old])?;
    }
    if names::holder(&transaction, &keys)?.is_some() {
        // Nothing of all this: who is refused keeps what was held.
        return Ok(Claim::Taken);
    }
    transaction.execute(
        "INSERT INTO guest (secret_hash, user_id, name, name_key, look_key, seen_at_ms)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        params![
            guest.secret_hash,
            guest.user.id.as_str(),
            guest.user.name.as_str(),
            keys.case,
            keys.look,
            guest.seen_at.0
        ],
    )?;
    transaction.commit()?;
    Ok(Claim::Granted)
}

pub(super) fn find(
    reader: &Reader,
    hash: &[u8; 32],
) -> Result<Option<(User, Timestamp)>, StoreError> {
    let found = reader
        .connection
        .prepare_cached("SELECT user_id, name, seen_at_ms FROM guest WHERE secret_hash = ?1")?
        .query_row([hash], |row| {
            Ok((
                row.get::<_, String>(0)?,
                row.get::<_, String>(1)?,
                Timestamp(row.get(2)?),
            ))
        })
        .optional()?;
    let Some((id, name, seen_at)) = found else {
        return Ok(None);
    };
    let user = User {
        id: parsed(&id)?,
        name: parsed(&name)?,
    };
    Ok(Some((user, seen_at)))
}

pub(super) fn touch(state: &mut WriterState, seen: &Seen) -> Result<(), StoreError> {
    let step = begin(&mut state.connection)?;
    for (hash, at) in seen {
        step.prepare_cached(
            "UPDATE guest SET seen_at_ms = max(seen_at_ms, ?2) WHERE secret_hash = ?1",
        )?
        .execute(params![hash, at.0])?;
    }
    step.commit()?;
    Ok(())
}

#[async_trait]
impl VisitStore for Writer {
    async fn touch(&self, seen: Arc<Seen>) -> Result<(), StoreError> {
        self.run(move |state| touch(state, &seen)).await
    }
}

pub(super) fn holder(reader: &Reader, name: &UserName) -> Result<Option<UserId>, StoreError> {
    let found = names::holder(&reader.connection, &NameKeys::of(name))?;
    found.as_deref().map(parsed).transpose()
}

pub(super) fn by_id(reader: &Reader, user: &UserId) -> Result<Option<User>, StoreError> {
    let name: Option<String> = reader
        .connection
        .prepare_cached("SELECT name FROM guest WHERE user_id = ?1")?
        .query_row([user.as_str()], |row| row.get(0))
        .optional()?;
    let Some(name) = name else {
        return Ok(None);
    };
    Ok(Some(User {
        id: user.clone(),
        name: parsed(&name)?,
    }))
}

pub(super) fn forget(state: &mut WriterState, hash: &[u8; 32]) -> Result<(), StoreError> {
    state
        .connection
        .execute("DELETE FROM guest WHERE secret_hash = ?1", [hash])?;
    Ok(())
}
