//! Sign-ins.

use super::accounts::{self, account};
use super::invalidation;
use super::reader::Reader;
use super::writer::{WriterState, begin};
use crate::store::columns::parsed;
use crate::store::{
    Account, Hash, Invalidation, Previous, SIGN_INS_MAX, SignIn, StoreError, TokenHashes,
};
use common::ids::{SignInId, UserId};
use common::time::Timestamp;
use rusqlite::{Row, ToSql, params};

/// In the order that [`sign_in`] reads.
const COLUMNS: &str = "sign_in.id, sign_in.user_id, label, sign_in.created_at_ms, seen_at_ms,
    expires_at_ms, family_hash, access_hash, access_until_ms, refresh_hash, previous_hash,
    previous_salt, replaced_at_ms";

/// How many there are.
const WIDTH: usize = 13;

pub(super) fn begin_one(state: &mut WriterState, new: &SignIn) -> Result<(), StoreError> {
    let step = begin(&mut state.connection)?;
    step.execute(
        "DELETE FROM sign_in WHERE expires_at_ms < ?1",
        [new.created_at.0],
    )?;
    step.execute(
        "INSERT INTO sign_in (id, user_id, label, created_at_ms, seen_at_ms, expires_at_ms,
             family_hash, access_hash, access_until_ms, refresh_hash)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        params![
            new.id.as_str(),
            new.user.as_str(),
            new.label,
            new.created_at.0,
            new.seen_at.0,
            new.expires_at.0,
            new.family,
            new.tokens.access,
            new.tokens.access_until.0,
            new.tokens.refresh
        ],
    )?;
    let sql = "DELETE FROM sign_in WHERE id IN (SELECT id FROM sign_in WHERE user_id = ?1
        ORDER BY id = ?2 DESC, seen_at_ms DESC LIMIT -1 OFFSET ?3) RETURNING id";
    let mut statement = step.prepare_cached(sql)?;
    let mut rows = statement.query(params![new.user.as_str(), new.id.as_str(), SIGN_INS_MAX])?;
    while let Some(row) = rows.next()? {
        let ended = Invalidation::SignInEnded(new.user.clone(), parsed(&row.get::<_, String>(0)?)?);
        invalidation::write(&step, &ended, new.created_at)?;
    }
    drop(rows);
    drop(statement);
    Ok(step.commit()?)
}

/// The sign-in of which this holds, with its account.
pub(super) fn find(
    reader: &Reader,
    which: &str,
    value: &dyn ToSql,
) -> Result<Option<(SignIn, Account)>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS}, {} FROM sign_in JOIN account ON account.user_id = sign_in.user_id
         WHERE sign_in.{which} = ?1",
        accounts::COLUMNS
    );
    let mut statement = reader.connection.prepare_cached(&sql)?;
    let mut rows = statement.query([value])?;
    let Some(row) = rows.next()? else {
        return Ok(None);
    };
    Ok(Some((sign_in(row)?, account(row, WIDTH)?)))
}

pub(super) fn of_user(reader: &Reader, user: &UserId) -> Result<Vec<SignIn>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM sign_in WHERE user_id = ?1 ORDER BY seen_at_ms DESC");
    let mut statement = reader.connection.prepare_cached(&sql)?;
    let mut rows = statement.query([user.as_str()])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(sign_in(row)?);
    }
    Ok(found)
}

fn sign_in(row: &Row<'_>) -> Result<SignIn, StoreError> {
    let (id, user): (String, String) = (row.get(0)?, row.get(1)?);
    let before: (Option<Hash>, Option<[u8; 32]>, Option<u64>) =
        (row.get(10)?, row.get(11)?, row.get(12)?);
    let previous = match before {
        (Some(refresh), Some(salt), Some(at)) => Some(Previous {
            refresh,
            salt,
            replaced_at: Timestamp(at),
        }),
        _ => None,
    };
    Ok(SignIn {
        id: parsed(&id)?,
        user: parsed(&user)?,
        label: row.get(2)?,
        created_at: Timestamp(row.get(3)?),
        seen_at: Timestamp(row.get(4)?),
        expires_at: Timestamp(row.get(5)?),
        family: row.get(6)?,
        tokens: TokenHashes {
            access: row.get(7)?,
            access_until: Timestamp(row.get(8)?),
            refresh: row.get(9)?,
        },
        previous,
    })
}

pub(super) fn rotate(state: &mut WriterState, next: &SignIn) -> Result<bool, StoreError> {
    let Some(previous) = &next.previous else {
        return Ok(false);
    };
    let changed = state.connection.execute(
        "UPDATE sign_in SET seen_at_ms = ?3, expires_at_ms = ?4, access_hash = ?5,
             access_until_ms = ?6, refresh_hash = ?7, previous_hash = ?2, previous_salt = ?8,
             replaced_at_ms = ?9
         WHERE id = ?1 AND refresh_hash = ?2",
        params![
            next.id.as_str(),
            previous.refresh,
            next.seen_at.0,
            next.expires_at.0,
            next.tokens.access,
            next.tokens.access_until.0,
            next.tokens.refresh,
            previous.salt,
            previous.replaced_at.0
        ],
    )?;
    Ok(changed > 0)
}

pub(super) fn end(
    state: &mut WriterState,
    user: &UserId,
    id: &SignInId,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let step = begin(&mut state.connection)?;
    let sql = "DELETE FROM sign_in WHERE id = ?1 AND user_id = ?2";
    if step.execute(sql, params![id.as_str(), user.as_str()])? == 0 {
        return Ok(false);
    }
    invalidation::write(
        &step,
        &Invalidation::SignInEnded(user.clone(), id.clone()),
        now,
    )?;
    step.commit()?;
    Ok(true)
}
