//! Guests and the names they hold.

use super::database::{Database, exclusive};
use super::names;
use super::sql::{Columns, execute, first, int};
use crate::store::columns::parsed;
use crate::store::names::NameKeys;
use crate::store::{Claim, Guest, Hash, StoreError};
use common::ids::UserId;
use common::time::Timestamp;
use common::user::User;
use deadpool_postgres::GenericClient;

pub(super) async fn claim(
    database: &Database,
    guest: &Guest,
    instead_of: Option<Hash>,
    stale_before: Timestamp,
) -> Result<Claim, StoreError> {
    let keys = NameKeys::of(&guest.user.name);
    let mut client = database.client().await?;
    let step = exclusive(&mut client).await?;
    names::release_stale(&step, &keys, stale_before).await?;
    if let Some(old) = instead_of {
        let sql = "DELETE FROM guest WHERE secret_hash = $1";
        execute(&step, sql, &[&old.as_slice()]).await?;
    }
    if names::holder(&step, &keys).await?.is_some() {
        // Nothing of all this: a guest who is refused keeps the name held before.
        return Ok(Claim::Taken);
    }
    let sql = "INSERT INTO guest (secret_hash, user_id, name, name_key, look_key, seen_at_ms)
         VALUES ($1, $2, $3, $4, $5, $6)";
    let User { id, name } = &guest.user;
    execute(
        &step,
        sql,
        &[
            &guest.secret_hash.as_slice(),
            &id.as_str(),
            &name.as_str(),
            &keys.case,
            &keys.look,
            &int(guest.seen_at.0),
        ],
    )
    .await?;
    step.commit().await?;
    Ok(Claim::Granted)
}

/// The guest, and when the guest was last seen.
pub(super) async fn find(
    database: &Database,
    hash: &Hash,
) -> Result<Option<(User, Timestamp)>, StoreError> {
    let sql = "SELECT user_id, name, seen_at_ms FROM guest WHERE secret_hash = $1";
    let found = first(&database.client().await?, sql, &[&hash.as_slice()]).await?;
    found
        .map(|row| Ok((row.user(0)?, row.time(2)?)))
        .transpose()
}

/// Notes visits, by the hash of each guest's secret.
pub(super) async fn touch(
    database: &Database,
    seen: impl Iterator<Item = (&Hash, &Timestamp)>,
) -> Result<(), StoreError> {
    // In order, so that two nodes do not wait for each other.
    let seen: std::collections::BTreeMap<_, _> = seen.collect();
    let hashes: Vec<&[u8]> = seen.keys().map(|hash| hash.as_slice()).collect();
    let times: Vec<i64> = seen.values().map(|at| int(at.0)).collect();
    let sql = "UPDATE guest SET seen_at_ms = greatest(guest.seen_at_ms, seen.at)
         FROM (SELECT * FROM unnest($1::bytea[], $2::bigint[]) AS all_seen (hash, at) ORDER BY hash)
             AS seen
         WHERE guest.secret_hash = seen.hash";
    execute(&database.client().await?, sql, &[&hashes, &times]).await?;
    Ok(())
}

pub(super) async fn by_id(
    client: &impl GenericClient,
    user: &UserId,
) -> Result<Option<User>, StoreError> {
    let sql = "SELECT user_id, name FROM guest WHERE user_id = $1";
    let found = first(client, sql, &[&user.as_str()]).await?;
    found.map(|row| row.user(0)).transpose()
}

/// Takes a guest out. Returns who it was.
pub(super) async fn take(
    client: &impl GenericClient,
    hash: &Hash,
) -> Result<Option<UserId>, StoreError> {
    let sql = "DELETE FROM guest WHERE secret_hash = $1 RETURNING user_id";
    let found = first(client, sql, &[&hash.as_slice()]).await?;
    found.map(|row| parsed(row.text(0)?)).transpose()
}
