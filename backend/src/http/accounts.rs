//! `/api/v1/accounts`, `/api/v1/password` and `/api/v1/sign-ins`: the user's own account.

use super::json::JsonBody;
use super::session::{SessionResponse, answer, check_wish, label, name, note};
use crate::auth::SignUp;
use crate::request::AppState;
use crate::request::address::Address;
use crate::request::cookies::{self, cookie};
use crate::request::error::{HttpError, HttpResult};
use crate::request::identity::Member;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use common::api::{AccountSummary, AuditAction, ChangePassword, SignInList, SignInSummary};
use common::ids::SignInId;
use common::token::Password;
use common::{ErrorCode, ErrorFrame};
use serde::Deserialize;

/// A [`common::api::SignUp`] whose name has not been looked at.
#[derive(Deserialize)]
pub(super) struct UncheckedSignUp {
    name: String,
    password: Password,
    claim: Option<String>,
    #[serde(default)]
    tokens: bool,
    label: Option<String>,
}

/// Makes an account, and signs in to it. A guest becomes the account, and gives the cookie up.
pub(super) async fn sign_up(
    State(app): State<AppState>,
    Address(subnet): Address,
    headers: HeaderMap,
    body: Result<JsonBody<UncheckedSignUp>, HttpError>,
) -> HttpResult<SessionResponse> {
    let JsonBody(body) = body?;
    check_wish(&headers, body.tokens)?;
    app.limits.attempt(subnet, None).await.map_err(HttpError)?;
    let guest = cookie(&headers, cookies::GUEST).map(str::to_owned);
    let was_guest = guest.is_some();
    let wanted = SignUp {
        name: name(&body.name)?,
        password: body.password,
        guest,
        claim: body.claim,
        label: label(body.label, &headers),
    };
    let issued = app.accounts.sign_up(wanted).await?;
    let actor = Some(issued.account.user.clone());
    note(&app, AuditAction::SignedUp, actor.clone(), None, subnet);
    let subject = Some(issued.sign_in.to_string());
    note(&app, AuditAction::SignedIn, actor, subject, subnet);
    let (status, mut set, reply) = answer(&app, issued, StatusCode::CREATED, body.tokens);
    if was_guest {
        app.cookies.drop_guest(&mut set);
    }
    Ok((status, set, reply))
}

/// One's own account.
pub(super) async fn account(
    State(app): State<AppState>,
    Member(visitor): Member,
) -> HttpResult<Json<AccountSummary>> {
    let found = app.accounts.find(&visitor.user.name).await?;
    let own = found.filter(|account| account.user.id == visitor.user.id);
    let Some(account) = own else {
        let why = "this user has no account here";
        return Err(HttpError(ErrorFrame::new(ErrorCode::NotFound, why)));
    };
    Ok(Json(AccountSummary {
        user: account.user,
        role: account.role,
        disabled: account.disabled,
        created_at: account.created_at,
    }))
}

/// Changes one's password; one's other sign-ins end.
pub(super) async fn change_password(
    State(app): State<AppState>,
    Address(subnet): Address,
    Member(visitor): Member,
    body: Result<JsonBody<ChangePassword>, HttpError>,
) -> HttpResult<StatusCode> {
    let JsonBody(ChangePassword { present, new }) = body?;
    let name = Some(&visitor.user.name);
    app.limits.attempt(subnet, name).await.map_err(HttpError)?;
    let kept = visitor
        .sign_in_session()
        .map(|session| session.sign_in.clone());
    app.accounts
        .change_password(&visitor.user, &present, &new, kept)
        .await?;
    note(
        &app,
        AuditAction::PasswordChanged,
        Some(visitor.user),
        None,
        subnet,
    );
    Ok(StatusCode::NO_CONTENT)
}

/// One's own sign-ins.
pub(super) async fn sign_ins(
    State(app): State<AppState>,
    Member(visitor): Member,
) -> HttpResult<Json<SignInList>> {
    let found = app.accounts.sign_ins(&visitor.user.id).await?;
    let own = visitor.sign_in_session().map(|session| &session.sign_in);
    let sign_ins = found
        .into_iter()
        .map(|known| SignInSummary {
            current: Some(&known.id) == own,
            id: known.id,
            label: known.label,
            created_at: known.created_at,
            seen_at: known.seen_at,
        })
        .collect();
    Ok(Json(SignInList { sign_ins }))
}

/// Ends all of one's own sign-ins but the one that asks.
pub(super) async fn end_other_sign_ins(
    State(app): State<AppState>,
    Address(subnet): Address,
    Member(visitor): Member,
) -> HttpResult<StatusCode> {
    let kept = visitor.sign_in_session().map(|session| &session.sign_in);
    let ended = app.accounts.end_others(&visitor.user.id, kept).await?;
    for id in ended {
        let (actor, subject) = (Some(visitor.user.clone()), Some(id.to_string()));
        note(&app, AuditAction::SignedOut, actor, subject, subnet);
    }
    Ok(StatusCode::NO_CONTENT)
}

/// Ends one of one's own sign-ins.
pub(super) async fn end_sign_in(
    State(app): State<AppState>,
    Address(subnet): Address,
    Member(visitor): Member,
    Path(id): Path<String>,
) -> HttpResult<StatusCode> {
    let ended = match id.parse::<SignInId>() {
        Ok(id) => app.accounts.end(&visitor.user.id, &id).await?,
        Err(_) => false,
    };
    if !ended {
        let why = "there is no such sign-in of this user";
        return Err(HttpError(ErrorFrame::new(ErrorCode::NotFound, why)));
    }
    note(
        &app,
        AuditAction::SignedOut,
        Some(visitor.user),
        Some(id),
        subnet,
    );
    Ok(StatusCode::NO_CONTENT)
}
