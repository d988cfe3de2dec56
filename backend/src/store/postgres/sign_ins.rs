//! Sign-ins.

use super::accounts::{self, account};
use super::database::{Database, exclusive};
use super::invalidation;
use super::sql::{Columns, count, execute, first, int, query};
use crate::store::columns::parsed;
use crate::store::{
    Account, Invalidation, Previous, SIGN_INS_MAX, SignIn, StoreError, TokenHashes,
};
use common::ids::{SignInId, UserId};
use common::time::Timestamp;
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

/// In the order that [`sign_in`] reads.
const COLUMNS: &str = "sign_in.id, sign_in.user_id, label, sign_in.created_at_ms, seen_at_ms,
    expires_at_ms, family_hash, access_hash, access_until_ms, refresh_hash, previous_hash,
    previous_salt, replaced_at_ms";

/// How many there are.
const WIDTH: usize = 13;

pub(super) async fn begin(database: &Database, new: &SignIn) -> Result<(), StoreError> {
    let mut client = database.client().await?;
    let step = exclusive(&mut client).await?;
    let sql = "DELETE FROM sign_in WHERE expires_at_ms < $1";
    execute(&step, sql, &[&int(new.created_at.0)]).await?;
    let sql = "INSERT INTO sign_in (id, user_id, label, created_at_ms, seen_at_ms, expires_at_ms,
             family_hash, access_hash, access_until_ms, refresh_hash)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    execute(
        &step,
        sql,
        &[
            &new.id.as_str(),
            &new.user.as_str(),
            &new.label,
            &int(new.created_at.0),
            &int(new.seen_at.0),
            &int(new.expires_at.0),
            &new.family.as_slice(),
            &new.tokens.access.as_slice(),
            &int(new.tokens.access_until.0),
            &new.tokens.refresh.as_slice(),
        ],
    )
    .await?;
    let sql = "DELETE FROM sign_in WHERE id IN (SELECT id FROM sign_in WHERE user_id = $1
             ORDER BY id = $2 DESC, seen_at_ms DESC OFFSET $3) RETURNING id";
    let (user, id) = (new.user.as_str(), new.id.as_str());
    let ended = query(&step, sql, &[&user, &id, &count(SIGN_INS_MAX)]).await?;
    for row in &ended {
        let ended = Invalidation::SignInEnded(new.user.clone(), parsed(row.text(0)?)?);
        invalidation::write(&step, &ended, new.created_at).await?;
    }
    Ok(step.commit().await?)
}

/// The sign-in of which this holds, with its account.
pub(super) async fn find(
    database: &Database,
    which: &str,
    value: &(dyn ToSql + Sync),
) -> Result<Option<(SignIn, Account)>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS}, {} FROM sign_in JOIN account ON account.user_id = sign_in.user_id
         WHERE sign_in.{which} = $1",
        accounts::COLUMNS
    );
    let found = first(&database.client().await?, &sql, &[value]).await?;
    found
        .map(|row| Ok((sign_in(&row)?, account(&row, WIDTH)?)))
        .transpose()
}

pub(super) async fn of_user(database: &Database, user: &UserId) -> Result<Vec<SignIn>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM sign_in WHERE user_id = $1 ORDER BY seen_at_ms DESC");
    let rows = query(&database.client().await?, &sql, &[&user.as_str()]).await?;
    rows.iter().map(sign_in).collect()
}

fn sign_in(row: &Row) -> Result<SignIn, StoreError> {
    let replaced: Option<i64> = row.try_get(12)?;
    let previous = match replaced {
        None => None,
        Some(_) => Some(Previous {
            refresh: row.hash(10)?,
            salt: row.hash(11)?,
            replaced_at: row.time(12)?,
        }),
    };
    Ok(SignIn {
        id: parsed(row.text(0)?)?,
        user: parsed(row.text(1)?)?,
        label: row.try_get(2)?,
        created_at: row.time(3)?,
        seen_at: row.time(4)?,
        expires_at: row.time(5)?,
        family: row.hash(6)?,
        tokens: TokenHashes {
            access: row.hash(7)?,
            access_until: row.time(8)?,
            refresh: row.hash(9)?,
        },
        previous,
    })
}

pub(super) async fn rotate(database: &Database, next: &SignIn) -> Result<bool, StoreError> {
    let Some(previous) = &next.previous else {
        return Ok(false);
    };
    let sql = "UPDATE sign_in SET seen_at_ms = $3, expires_at_ms = $4, access_hash = $5,
             access_until_ms = $6, refresh_hash = $7, previous_hash = $2, previous_salt = $8,
             replaced_at_ms = $9
         WHERE id = $1 AND refresh_hash = $2";
    let changed = execute(
        &database.client().await?,
        sql,
        &[
            &next.id.as_str(),
            &previous.refresh.as_slice(),
            &int(next.seen_at.0),
            &int(next.expires_at.0),
            &next.tokens.access.as_slice(),
            &int(next.tokens.access_until.0),
            &next.tokens.refresh.as_slice(),
            &previous.salt.as_slice(),
            &int(previous.replaced_at.0),
        ],
    )
    .await?;
    Ok(changed > 0)
}

pub(super) async fn end(
    database: &Database,
    user: &UserId,
    id: &SignInId,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let mut client = database.client().await?;
    let step = exclusive(&mut client).await?;
    let sql = "DELETE FROM sign_in WHERE id = $1 AND user_id = $2";
    if execute(&step, sql, &[&id.as_str(), &user.as_str()]).await? == 0 {
        return Ok(false);
    }
    let ended = Invalidation::SignInEnded(user.clone(), id.clone());
    invalidation::write(&step, &ended, now).await?;
    step.commit().await?;
    Ok(true)
}
