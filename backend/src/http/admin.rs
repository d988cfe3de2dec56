//! `/api/v1/accounts` and `/api/v1/keys`, for admins.

use super::json::JsonBody;
use super::session::{name, note};
use crate::auth::Visitor;
use crate::auth::permission::NodeAction;
use crate::auth::scope::Scopes;
use crate::request::AppState;
use crate::request::address::Address;
use crate::request::error::{HttpError, HttpResult};
use crate::request::identity::Identity;
use crate::store::AccountChange;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use common::api::{
    AccountList, AccountSummary, AuditAction, ChangeAccount, CreatedKey, KeyList, KeySummary,
};
use common::ids::{KeyId, UserId};
use common::role::Role;
use common::{ErrorCode, ErrorFrame};
use serde::Deserialize;

/// Accounts in the list.
const ACCOUNTS_MAX: usize = 10_000;

fn authorize(app: &AppState, visitor: &Visitor, action: NodeAction) -> HttpResult<()> {
    match visitor.may_on_node(action, app.accounts.policy()) {
        true => Ok(()),
        false => Err(refuse(ErrorCode::Forbidden, "only an admin may do that")),
    }
}

fn refuse(code: ErrorCode, why: &str) -> HttpError {
    HttpError(ErrorFrame::new(code, why))
}

/// The accounts, the oldest first.
pub(super) async fn accounts(
    State(app): State<AppState>,
    Identity(visitor): Identity,
) -> HttpResult<Json<AccountList>> {
    authorize(&app, &visitor, NodeAction::ManageAccounts)?;
    let found = app.accounts.list(ACCOUNTS_MAX).await?;
    let accounts = found
        .into_iter()
        .map(|account| AccountSummary {
            user: account.user,
            role: account.role,
            disabled: account.disabled,
            created_at: account.created_at,
        })
        .collect();
    Ok(Json(AccountList { accounts }))
}

/// Gives an account another role, keeps it out, or lets it in again.
pub(super) async fn change_account(
    State(app): State<AppState>,
    Address(subnet): Address,
    Identity(visitor): Identity,
    Path(id): Path<String>,
    body: Result<JsonBody<ChangeAccount>, HttpError>,
) -> HttpResult<StatusCode> {
    authorize(&app, &visitor, NodeAction::ManageAccounts)?;
    let JsonBody(ChangeAccount { role, disabled }) = body?;
    let missing = || refuse(ErrorCode::NotFound, "there is no such account");
    let user: UserId = id.parse().map_err(|_| missing())?;
    if user == visitor.user.id {
        // Or a node could lose its last admin by a slip; the command line can do it.
        let why = "an admin's own account is changed by another admin";
        return Err(refuse(ErrorCode::Forbidden, why));
    }
    let role = match role.as_deref().map(str::parse::<Role>) {
        None => None,
        Some(Ok(role)) if role > Role::Guest => Some(role),
        Some(_) => {
            let why = "an account is member, moderator or admin";
            return Err(refuse(ErrorCode::InvalidField, why));
        }
    };
    let changes = [
        role.map(AccountChange::Role),
        disabled.map(AccountChange::Disabled),
    ];
    for change in changes.into_iter().flatten() {
        let act = match change {
            AccountChange::Disabled(true) => AuditAction::AccountDisabled,
            AccountChange::Disabled(false) => AuditAction::AccountEnabled,
            _ => AuditAction::RoleChanged,
        };
        if !app.accounts.change(&user, change).await? {
            return Err(missing());
        }
        let subject = Some(user.to_string());
        note(&app, act, Some(visitor.user.clone()), subject, subnet);
    }
    Ok(StatusCode::NO_CONTENT)
}

/// The keys, the oldest first.
pub(super) async fn keys(
    State(app): State<AppState>,
    Identity(visitor): Identity,
) -> HttpResult<Json<KeyList>> {
    authorize(&app, &visitor, NodeAction::ManageKeys)?;
    let found = app.accounts.keys().await?;
    let keys = found
        .into_iter()
        .map(|key| KeySummary {
            id: key.id,
            user: key.user,
            scopes: Scopes::from_bits(key.scopes).to_string(),
            created_at: key.created_at,
        })
        .collect();
    Ok(Json(KeyList { keys }))
}

/// A [`common::api::CreateKey`] whose name has not been looked at.
#[derive(Deserialize)]
pub(super) struct UncheckedKey {
    name: String,
    scopes: String,
}

/// Makes a key, which is shown this once.
pub(super) async fn make_key(
    State(app): State<AppState>,
    Address(subnet): Address,
    Identity(visitor): Identity,
    body: Result<JsonBody<UncheckedKey>, HttpError>,
) -> HttpResult<(StatusCode, Json<CreatedKey>)> {
    authorize(&app, &visitor, NodeAction::ManageKeys)?;
    let JsonBody(body) = body?;
    let scopes: Scopes = body
        .scopes
        .parse()
        .map_err(|why| HttpError::invalid(ErrorCode::InvalidField, "`scopes`", why))?;
    let made = app.accounts.create_key(name(&body.name)?, scopes).await?;
    let subject = Some(made.key.id.to_string());
    let actor = Some(visitor.user);
    note(&app, AuditAction::KeyCreated, actor, subject, subnet);
    let made = CreatedKey {
        id: made.key.id,
        user: made.key.user,
        key: made.secret,
    };
    Ok((StatusCode::CREATED, Json(made)))
}

/// Revokes a key.
pub(super) async fn revoke_key(
    State(app): State<AppState>,
    Address(subnet): Address,
    Identity(visitor): Identity,
    Path(id): Path<String>,
) -> HttpResult<StatusCode> {
    authorize(&app, &visitor, NodeAction::ManageKeys)?;
    let revoked = match id.parse::<KeyId>() {
        Ok(id) => app.accounts.revoke_key(&id).await?,
        Err(_) => false,
    };
    if !revoked {
        return Err(refuse(ErrorCode::NotFound, "there is no such key"));
    }
    note(
        &app,
        AuditAction::KeyRevoked,
        Some(visitor.user),
        Some(id),
        subnet,
    );
    Ok(StatusCode::NO_CONTENT)
}
