//! The keys of programs.

use super::database::{Database, exclusive};
use super::sql::{Columns, execute, first, int, query};
use super::{invalidation, names};
use crate::store::columns::parsed;
use crate::store::names::NameKeys;
use crate::store::{Hash, Invalidation, Key, StoreError};
use common::ids::{KeyId, UserId};
use common::time::Timestamp;
use deadpool_postgres::GenericClient;
use tokio_postgres::Row;

const COLUMNS: &str = "id, user_id, name, scopes, created_at_ms";

pub(super) async fn add(database: &Database, key: &Key, hash: &Hash) -> Result<bool, StoreError> {
    let names = NameKeys::of(&key.user.name);
    let mut client = database.client().await?;
    let step = exclusive(&mut client).await?;
    if names::holder(&step, &names).await?.is_some() {
        return Ok(false);
    }
    let sql = "INSERT INTO api_key (id, user_id, name, name_key, look_key, secret_hash, scopes,
             created_at_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    execute(
        &step,
        sql,
        &[
            &key.id.as_str(),
            &key.user.id.as_str(),
            &key.user.name.as_str(),
            &names.case,
            &names.look,
            &hash.as_slice(),
            &i16::from(key.scopes),
            &int(key.created_at.0),
        ],
    )
    .await?;
    let held = Invalidation::NameHeld(key.user.name.clone());
    invalidation::write(&step, &held, key.created_at).await?;
    step.commit().await?;
    Ok(true)
}

pub(super) async fn find(database: &Database, hash: &Hash) -> Result<Option<Key>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM api_key WHERE secret_hash = $1");
    let found = first(&database.client().await?, &sql, &[&hash.as_slice()]).await?;
    found.as_ref().map(key).transpose()
}

pub(super) async fn by_user(
    client: &impl GenericClient,
    user: &UserId,
) -> Result<Option<Key>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM api_key WHERE user_id = $1");
    let found = first(client, &sql, &[&user.as_str()]).await?;
    found.as_ref().map(key).transpose()
}

pub(super) async fn list(database: &Database) -> Result<Vec<Key>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM api_key ORDER BY created_at_ms, id");
    let rows = query(&database.client().await?, &sql, &[]).await?;
    rows.iter().map(key).collect()
}

fn key(row: &Row) -> Result<Key, StoreError> {
    Ok(Key {
        id: parsed(row.text(0)?)?,
        user: row.user(1)?,
        scopes: row.number(3)?,
        created_at: row.time(4)?,
    })
}

pub(super) async fn revoke(
    database: &Database,
    id: &KeyId,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let mut client = database.client().await?;
    let step = exclusive(&mut client).await?;
    let sql = "DELETE FROM api_key WHERE id = $1 RETURNING user_id";
    let Some(row) = first(&step, sql, &[&id.as_str()]).await? else {
        return Ok(false);
    };
    let ended = Invalidation::UserEnded(parsed(row.text(0)?)?);
    invalidation::write(&step, &ended, now).await?;
    step.commit().await?;
    Ok(true)
}
