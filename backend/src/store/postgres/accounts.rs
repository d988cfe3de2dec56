//! Accounts.

use super::database::{Database, exclusive};
use super::sql::{Columns, count, execute, first, int, query, value};
use super::{guests, invalidation, names};
use crate::store::columns::{Numbered, parsed};
use crate::store::names::NameKeys;
use crate::store::{
    Account, AccountChange, Created, Credentials, Invalidation, NewAccount, StoreError,
};
use common::ids::{SignInId, UserId};
use common::role::Role;
use common::text::UserName;
use common::time::Timestamp;
use deadpool_postgres::{GenericClient, Transaction};
use tokio_postgres::Row;

/// In the order that [`account`] reads.
pub(super) const COLUMNS: &str = "account.user_id, account.name, account.role, account.disabled,
    account.created_at_ms";

pub(super) async fn create(database: &Database, new: &NewAccount) -> Result<Created, StoreError> {
    let keys = NameKeys::of(&new.account.user.name);
    let mut client = database.client().await?;
    let step = exclusive(&mut client).await?;
    let is_first = !is_claimed(&step).await?;
    if is_first && !new.may_claim {
        return Ok(Created::Unclaimed);
    }
    let mut account = new.account.clone();
    if let Some(hash) = &new.guest
        && let Some(user) = guests::take(&step, hash).await?
    {
        account.user.id = user;
    }
    names::release_stale(&step, &keys, new.stale_before).await?;
    if names::holder(&step, &keys).await?.is_some() {
        return Ok(Created::NameTaken);
    }
    if is_first {
        account.role = Role::Admin;
    }
    let sql = "INSERT INTO account (user_id, name, name_key, look_key, password, role, disabled,
             created_at_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    execute(
        &step,
        sql,
        &[
            &account.user.id.as_str(),
            &account.user.name.as_str(),
            &keys.case,
            &keys.look,
            &new.password,
            &i16::from(account.role.number()),
            &account.disabled,
            &int(account.created_at.0),
        ],
    )
    .await?;
    let held = Invalidation::NameHeld(account.user.name.clone());
    invalidation::write(&step, &held, account.created_at).await?;
    step.commit().await?;
    Ok(Created::Made(account))
}

pub(super) async fn is_claimed(client: &impl GenericClient) -> Result<bool, StoreError> {
    value(client, "SELECT EXISTS (SELECT 1 FROM account)", &[]).await
}

pub(super) async fn credentials(
    database: &Database,
    name: &UserName,
) -> Result<Option<Credentials>, StoreError> {
    let sql = format!("SELECT {COLUMNS}, password FROM account WHERE name_key = $1");
    let key = NameKeys::of(name).case;
    let found = first(&database.client().await?, &sql, &[&key]).await?;
    let found = found.map(|row| {
        Ok(Credentials {
            account: account(&row, 0)?,
            password: row.try_get(5)?,
        })
    });
    found.transpose()
}

pub(super) async fn by_id(
    client: &impl GenericClient,
    user: &UserId,
) -> Result<Option<Account>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM account WHERE user_id = $1");
    let found = first(client, &sql, &[&user.as_str()]).await?;
    found.map(|row| account(&row, 0)).transpose()
}

pub(super) async fn list(database: &Database, limit: usize) -> Result<Vec<Account>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM account ORDER BY created_at_ms, user_id LIMIT $1");
    let rows = query(&database.client().await?, &sql, &[&count(limit)]).await?;
    rows.iter().map(|row| account(row, 0)).collect()
}

/// Reads [`COLUMNS`], the first of which is the row's column `at`.
pub(super) fn account(row: &Row, at: usize) -> Result<Account, StoreError> {
    Ok(Account {
        user: row.user(at)?,
        role: Role::of_number(row.number(at + 2)?)?,
        disabled: row.try_get(at + 3)?,
        created_at: row.time(at + 4)?,
    })
}

pub(super) async fn change(
    database: &Database,
    user: &UserId,
    change: &AccountChange,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let mut client = database.client().await?;
    let step = exclusive(&mut client).await?;
    let id = user.as_str();
    let (changed, invalidation) = match change {
        AccountChange::Role(role) => {
            let sql = "UPDATE account SET role = $2 WHERE user_id = $1";
            let changed = execute(&step, sql, &[&id, &i16::from(role.number())]).await?;
            (changed, Some(Invalidation::RoleChanged(user.clone())))
        }
        AccountChange::Disabled(out) => {
            let sql = "UPDATE account SET disabled = $2 WHERE user_id = $1";
            let changed = execute(&step, sql, &[&id, out]).await?;
            if *out {
                end_others(&step, user, None, now).await?;
            }
            (changed, out.then(|| Invalidation::UserEnded(user.clone())))
        }
        AccountChange::Password(hash, kept) => {
            let sql = "UPDATE account SET password = $2 WHERE user_id = $1";
            let changed = execute(&step, sql, &[&id, hash]).await?;
            end_others(&step, user, kept.as_ref(), now).await?;
            (changed, None)
        }
    };
    if changed == 0 {
        return Ok(false);
    }
    if let Some(invalidation) = invalidation {
        invalidation::write(&step, &invalidation, now).await?;
    }
    step.commit().await?;
    Ok(true)
}

async fn end_others(
    step: &Transaction<'_>,
    user: &UserId,
    kept: Option<&SignInId>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let sql = "DELETE FROM sign_in WHERE user_id = $1 AND id IS DISTINCT FROM $2 RETURNING id";
    let ended = query(step, sql, &[&user.as_str(), &kept.map(SignInId::as_str)]).await?;
    for row in &ended {
        let ended = Invalidation::SignInEnded(user.clone(), parsed(row.text(0)?)?);
        invalidation::write(step, &ended, now).await?;
    }
    Ok(())
}
