//! Accounts.

use super::invalidation;
use super::names;
use super::reader::Reader;
use super::writer::{WriterState, begin};
use crate::store::columns::{Numbered, parsed};
use crate::store::names::NameKeys;
use crate::store::{
    Account, AccountChange, Created, Credentials, Hash, Invalidation, NewAccount, StoreError,
};
use common::ids::{SignInId, UserId};
use common::role::Role;
use common::text::UserName;
use common::time::Timestamp;
use common::user::User;
use rusqlite::{Connection, OptionalExtension, Row, params};

/// In the order that [`account`] reads.
pub(super) const COLUMNS: &str = "account.user_id, account.name, account.role, account.disabled,
    account.created_at_ms";

pub(super) fn create(state: &mut WriterState, new: &NewAccount) -> Result<Created, StoreError> {
    let keys = NameKeys::of(&new.account.user.name);
    let step = begin(&mut state.connection)?;
    let is_first = !is_claimed(&step)?;
    if is_first && !new.may_claim {
        return Ok(Created::Unclaimed);
    }
    let mut account = new.account.clone();
    if let Some(guest) = new
        .guest
        .as_ref()
        .and_then(|hash| take_guest(&step, hash).transpose())
    {
        account.user.id = guest?;
    }
    names::release_stale(&step, &keys, new.stale_before.0)?;
    if names::holder(&step, &keys)?.is_some() {
        return Ok(Created::NameTaken);
    }
    if is_first {
        account.role = Role::Admin;
    }
    step.execute(
        "INSERT INTO account (user_id, name, name_key, look_key, password, role, disabled,
             created_at_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        params![
            account.user.id.as_str(),
            account.user.name.as_str(),
            keys.case,
            keys.look,
            new.password,
            account.role.number(),
            account.disabled,
            account.created_at.0
        ],
    )?;
    let held = Invalidation::NameHeld(account.user.name.clone());
    invalidation::write(&step, &held, account.created_at)?;
    step.commit()?;
    Ok(Created::Made(account))
}

/// Takes a guest out; the account is the same user.
fn take_guest(connection: &Connection, hash: &Hash) -> Result<Option<UserId>, StoreError> {
    let found: Option<String> = connection
        .query_row(
            "DELETE FROM guest WHERE secret_hash = ?1 RETURNING user_id",
            [hash],
            |row| row.get(0),
        )
        .optional()?;
    found.as_deref().map(parsed).transpose()
}

pub(super) fn is_claimed(connection: &Connection) -> Result<bool, StoreError> {
    let sql = "SELECT EXISTS (SELECT 1 FROM account)";
    Ok(connection.query_row(sql, [], |row| row.get(0))?)
}

pub(super) fn credentials(
    reader: &Reader,
    name: &UserName,
) -> Result<Option<Credentials>, StoreError> {
    let sql = format!("SELECT {COLUMNS}, password FROM account WHERE name_key = ?1");
    let mut statement = reader.connection.prepare_cached(&sql)?;
    let mut rows = statement.query([NameKeys::of(name).case])?;
    let Some(row) = rows.next()? else {
        return Ok(None);
    };
    Ok(Some(Credentials {
        account: account(row, 0)?,
        password: row.get(5)?,
    }))
}

pub(super) fn by_id(reader: &Reader, user: &UserId) -> Result<Option<Account>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM account WHERE user_id = ?1");
    let mut statement = reader.connection.prepare_cached(&sql)?;
    let mut rows = statement.query([user.as_str()])?;
    rows.next()?.map(|row| account(row, 0)).transpose()
}

pub(super) fn list(reader: &Reader, limit: usize) -> Result<Vec<Account>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM account ORDER BY created_at_ms, user_id LIMIT ?1");
    let mut statement = reader.connection.prepare_cached(&sql)?;
    let mut rows = statement.query([i64::try_from(limit).unwrap_or(i64::MAX)])?;
    let mut accounts = Vec::new();
    while let Some(row) = rows.next()? {
        accounts.push(account(row, 0)?);
    }
    Ok(accounts)
}

/// Reads [`COLUMNS`], the first of which is the row's column `at`.
pub(super) fn account(row: &Row<'_>, at: usize) -> Result<Account, StoreError> {
    let (id, name): (String, String) = (row.get(at)?, row.get(at + 1)?);
    Ok(Account {
        user: User {
            id: parsed(&id)?,
            name: parsed(&name)?,
        },
        role: Role::of_number(row.get(at + 2)?)?,
        disabled: row.get(at + 3)?,
        created_at: Timestamp(row.get(at + 4)?),
    })
}

pub(super) fn change(
    state: &mut WriterState,
    user: &UserId,
    change: &AccountChange,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let step = begin(&mut state.connection)?;
    let id = user.as_str();
    let (changed, invalidation) = match change {
        AccountChange::Role(role) => {
            let sql = "UPDATE account SET role = ?2 WHERE user_id = ?1";
            let changed = step.execute(sql, params![id, role.number()])?;
            (changed, Some(Invalidation::RoleChanged(user.clone())))
        }
        AccountChange::Disabled(out) => {
            let sql = "UPDATE account SET disabled = ?2 WHERE user_id = ?1";
            let changed = step.execute(sql, params![id, out])?;
            if *out {
                end_others(&step, user, None, now)?;
            }
            (changed, out.then(|| Invalidation::UserEnded(user.clone())))
        }
        AccountChange::Password(hash, kept) => {
            let sql = "UPDATE account SET password = ?2 WHERE user_id = ?1";
            let changed = step.execute(sql, params![id, hash])?;
            end_others(&step, user, kept.as_ref(), now)?;
            (changed, None)
        }
    };
    if changed == 0 {
        return Ok(false);
    }
    if let Some(invalidation) = invalidation {
        invalidation::write(&step, &invalidation, now)?;
    }
    step.commit()?;
    Ok(true)
}

fn end_others(
    connection: &Connection,
    user: &UserId,
    kept: Option<&SignInId>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let mut statement = connection
        .prepare_cached("DELETE FROM sign_in WHERE user_id = ?1 AND id IS NOT ?2 RETURNING id")?;
    let mut rows = statement.query(params![user.as_str(), kept.map(SignInId::as_str)])?;
    let mut ended = Vec::new();
    while let Some(row) = rows.next()? {
        ended.push(parsed(&row.get::<_, String>(0)?)?);
    }
    for id in ended {
        invalidation::write(
            connection,
            &Invalidation::SignInEnded(user.clone(), id),
            now,
        )?;
    }
    Ok(())
}
