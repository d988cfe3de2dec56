//! For admins: `/api/v1/accounts`, `/api/v1/keys`, `/api/v1/audit`.

use super::{ApiError, act, get, json, read, send};
use common::api::paths::{self, fill};
use common::api::{
    AccountList, AccountSummary, AuditPage, ChangeAccount, CreateKey, CreatedKey, KeyList,
    KeySummary,
};
use common::ids::{KeyId, UserId};
use common::role::Role;
use common::text::UserName;

/// Entries of the audit log that are read at once.
const ENTRIES: usize = 50;

/// The accounts, the oldest first.
///
/// # Errors
/// See [`ApiError`].
pub async fn accounts() -> Result<Vec<AccountSummary>, ApiError> {
    get::<AccountList>(paths::ACCOUNTS)
        .await
        .map(|list| list.accounts)
}

/// Gives an account another role.
///
/// # Errors
/// See [`ApiError`].
pub async fn set_role(user: &UserId, role: Role) -> Result<(), ApiError> {
    change(
        user,
        &ChangeAccount {
            role: Some(role.to_string()),
            disabled: None,
        },
    )
    .await
}

/// Keeps an account out, or lets it in again.
///
/// # Errors
/// See [`ApiError`].
pub async fn set_disabled(user: &UserId, disabled: bool) -> Result<(), ApiError> {
    change(
        user,
        &ChangeAccount {
            role: None,
            disabled: Some(disabled),
        },
    )
    .await
}

async fn change(user: &UserId, change: &ChangeAccount) -> Result<(), ApiError> {
    let body = json(change)?;
    act(
        "PATCH",
        &fill(paths::ONE_ACCOUNT, &[user.as_str()]),
        Some(&body),
    )
    .await
}

/// The keys, the oldest first.
///
/// # Errors
/// See [`ApiError`].
pub async fn keys() -> Result<Vec<KeySummary>, ApiError> {
    get::<KeyList>(paths::KEYS).await.map(|list| list.keys)
}

/// Makes a key, which is shown this once.
///
/// # Errors
/// See [`ApiError`]; the name may be taken.
pub async fn make_key(name: UserName, scopes: String) -> Result<CreatedKey, ApiError> {
    let body = json(&CreateKey { name, scopes })?;
    read(&send("POST", paths::KEYS, Some(&body)).await?)
}

/// Revokes a key.
///
/// # Errors
/// See [`ApiError`].
pub async fn revoke_key(id: &KeyId) -> Result<(), ApiError> {
    act("DELETE", &fill(paths::ONE_KEY, &[id.as_str()]), None).await
}

/// A page of the audit log, the newest first: the newest of all, or those before a number.
///
/// # Errors
/// See [`ApiError`].
pub async fn audit(before: Option<u64>) -> Result<AuditPage, ApiError> {
    let before = before.map_or_else(String::new, |id| format!("&before={id}"));
    get(&format!("{}?limit={ENTRIES}{before}", paths::AUDIT)).await
}
