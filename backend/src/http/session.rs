//! `/api/v1/session`: a browser's sign-in, as a guest or with an account.

use super::json::JsonBody;
use crate::audit::AuditContext;
use crate::auth::{AuthError, Issued, Visitor};
use crate::limits::Subnet;
use crate::request::AppState;
use crate::request::address::Address;
use crate::request::cookies::{self, cookie};
use crate::request::error::{HttpError, HttpResult};
use crate::request::identity::{bearer, proven};
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::IntoResponse;
use common::api::{AuditAction, Refresh, SessionReply, SignInOptions, Tokens};
use common::role::Role;
use common::text::UserName;
use common::token::Password;
use common::user::User;
use common::{ErrorCode, ErrorFrame};
use serde::Deserialize;

/// An answer that may set cookies.
pub(super) type SessionResponse = (StatusCode, HeaderMap, Json<SessionReply>);

/// Whom the browser is taken for. One whose access token has run out is told so, and refreshes it.
/// So is one whose token is not known, as long as it has another to refresh: it may have been
/// replaced a moment ago by another tab, or by an answer that never came, and what is dropped here
/// would be the cookies that came of it.
pub(super) async fn show(
    State(app): State<AppState>,
    headers: HeaderMap,
) -> HttpResult<impl IntoResponse> {
    let mut set = HeaderMap::new();
    let mut reply = match proven(&headers, &app).await {
        Ok(Some(visitor)) => of_visitor(&app, visitor),
        Ok(None) => of_guest(&app, &headers).await?,
        Err(AuthError::Unauthenticated) if cookie(&headers, cookies::REFRESH).is_some() => {
            return Err(AuthError::Expired.into());
        }
        Err(AuthError::Unauthenticated) if cookie(&headers, cookies::ACCESS).is_some() => {
            // The sign-in has ended, and its cookies with it.
            app.cookies.drop_account(&mut set);
            of_guest(&app, &headers).await?
        }
        Err(error) => return Err(error.into()),
    };
    reply.ways = Some(ways_in(&app));
    Ok((set, Json(reply)))
}

fn ways_in(app: &AppState) -> SignInOptions {
    let (config, claimed) = (app.accounts.config(), app.accounts.is_claimed());
    SignInOptions {
        guests: config.guests,
        // Where people may make themselves none, somebody must still make the first.
        sign_up: config.sign_up || !claimed,
        claimed,
        claim_code: app.accounts.claim_code().is_some(),
    }
}

async fn of_guest(app: &AppState, headers: &HeaderMap) -> HttpResult<SessionReply> {
    let user = match cookie(headers, cookies::GUEST) {
        Some(secret) => app.guests.holder_of(secret).await?,
        None => None,
    };
    Ok(guest(user))
}

fn guest(user: Option<User>) -> SessionReply {
    SessionReply {
        user,
        role: Role::Guest,
        ..SessionReply::default()
    }
}

fn of_visitor(app: &AppState, visitor: Visitor) -> SessionReply {
    let now = app.hub.now();
    let session = visitor.sign_in_session();
    SessionReply {
        sign_in: session.map(|session| session.sign_in.clone()),
        expires_in_ms: session.map(|session| session.until.0.saturating_sub(now.0)),
        role: visitor.role,
        user: Some(visitor.user),
        tokens: None,
        ways: None,
    }
}

/// A [`common::api::SignIn`] or [`common::api::AccountSignIn`] whose name has not been looked at, so
/// that a bad one gets its own code.
#[derive(Deserialize)]
pub(super) struct UncheckedSignIn {
    name: String,
    password: Option<Password>,
    #[serde(default)]
    tokens: bool,
    label: Option<String>,
}

/// With a password, signs in to an account. Without, takes a guest's name. Whoever is a guest
/// already gives that up for this.
pub(super) async fn sign_in(
    State(app): State<AppState>,
    Address(subnet): Address,
    headers: HeaderMap,
    body: Result<JsonBody<UncheckedSignIn>, HttpError>,
) -> HttpResult<SessionResponse> {
    let JsonBody(body) = body?;
    let name = name(&body.name)?;
    if let Some(password) = &body.password {
        check_wish(&headers, body.tokens)?;
        app.limits
            .attempt(subnet, Some(&name))
            .await
            .map_err(HttpError)?;
        let label = label(body.label, &headers);
        let tried = app.accounts.sign_in(&name, password, label).await;
        let refused = matches!(tried, Err(AuthError::Refused));
        if refused {
            // Only a name that there is: what is no name may be a password in the wrong field.
            let known = app.accounts.find(&name).await?;
            let subject = known.map(|account| account.user.id.to_string());
            note(&app, AuditAction::SignInRefused, None, subject, subnet);
        }
        let issued = tried?;
        let actor = Some(issued.account.user.clone());
        let subject = Some(issued.sign_in.to_string());
        note(&app, AuditAction::SignedIn, actor, subject, subnet);
        let (status, mut set, reply) = answer(&app, issued, StatusCode::CREATED, body.tokens);
        // Nobody is two: who signs in gives the guest's name up.
        if let Some(secret) = cookie(&headers, cookies::GUEST) {
            app.guests.sign_out(secret).await?;
            app.cookies.drop_guest(&mut set);
        }
        return Ok((status, set, reply));
    }
    if !app.accounts.config().guests {
        return Err(AuthError::NotOffered("a stay as a guest").into());
    }
    app.limits.attempt(subnet, None).await.map_err(HttpError)?;
    let known = cookie(&headers, cookies::GUEST);
    let signed_in = app.guests.sign_in(name, known).await?;
    let mut set = HeaderMap::new();
    app.cookies.keep_guest(&mut set, &signed_in.secret);
    let reply = guest(Some(signed_in.user));
    Ok((StatusCode::CREATED, set, Json(reply)))
}

/// Gets the next tokens for a refresh token: the cookie's, or the one in a program's body.
pub(super) async fn refresh(
    State(app): State<AppState>,
    headers: HeaderMap,
    body: Result<JsonBody<Refresh>, HttpError>,
) -> Result<SessionResponse, (HeaderMap, HttpError)> {
    let plain = |error: HttpError| (HeaderMap::new(), error);
    let JsonBody(body) = body.map_err(plain)?;
    if let Some(token) = body.refresh {
        check_wish(&headers, true).map_err(plain)?;
        let issued = app.accounts.refresh(token.expose()).await;
        let issued = issued.map_err(|error| plain(error.into()))?;
        return Ok(answer(&app, issued, StatusCode::OK, true));
    }
    let token = cookie(&headers, cookies::REFRESH).unwrap_or_default();
    match app.accounts.refresh(token).await {
        Ok(issued) => Ok(answer(&app, issued, StatusCode::OK, false)),
        Err(error) => {
            let mut set = HeaderMap::new();
            if matches!(error, AuthError::Unauthenticated) {
                app.cookies.drop_account(&mut set);
            }
            Err((set, error.into()))
        }
    }
}

/// Ends the stay. A guest's name is free; an account's sign-in ends on every tab.
pub(super) async fn sign_out(
    State(app): State<AppState>,
    Address(subnet): Address,
    headers: HeaderMap,
) -> HttpResult<impl IntoResponse> {
    let mut set = HeaderMap::new();
    let access = bearer(&headers).ok().flatten();
    let access = access.or(cookie(&headers, cookies::ACCESS));
    let refresh = cookie(&headers, cookies::REFRESH);
    if access.is_some() || refresh.is_some() {
        if let Some((user, sign_in)) = app.accounts.sign_out(refresh, access).await? {
            let subject = Some(sign_in.to_string());
            note(&app, AuditAction::SignedOut, Some(user), subject, subnet);
        }
        app.cookies.drop_account(&mut set);
    } else if let Some(secret) = cookie(&headers, cookies::GUEST) {
        app.guests.sign_out(secret).await?;
        app.cookies.drop_guest(&mut set);
    }
    Ok((StatusCode::NO_CONTENT, set))
}

/// Notes something that came from somewhere.
pub(super) fn note(
    app: &AppState,
    act: AuditAction,
    actor: Option<User>,
    subject: Option<String>,
    subnet: Subnet,
) {
    let origin = Some(subnet.to_string());
    let audit_context = AuditContext {
        actor,
        subject,
        origin,
    };
    app.audit.note(act, audit_context);
}

/// The answer to a user who has just signed in.
pub(super) fn answer(
    app: &AppState,
    issued: Issued,
    status: StatusCode,
    tokens: bool,
) -> SessionResponse {
    let mut set = HeaderMap::new();
    if !tokens {
        app.cookies.keep_account(&mut set, &issued);
    }
    let life_ms = issued.access_life.as_millis();
    let reply = SessionReply {
        user: Some(issued.account.user),
        role: issued.account.role,
        sign_in: Some(issued.sign_in),
        expires_in_ms: Some(u64::try_from(life_ms).unwrap_or(u64::MAX)),
        tokens: tokens.then_some(Tokens {
            access: issued.access,
            refresh: issued.refresh,
        }),
        ways: None,
    };
    (status, set, Json(reply))
}

/// A browser's tokens are in cookies, and nowhere that a script could read them.
pub(super) fn check_wish(headers: &HeaderMap, tokens: bool) -> HttpResult<()> {
    let is_browser = headers.contains_key(header::ORIGIN) || headers.contains_key("sec-fetch-site");
    if tokens && is_browser {
        let why = "a browser is given no tokens to read; they are in cookies";
        return Err(HttpError(ErrorFrame::new(ErrorCode::Forbidden, why)));
    }
    Ok(())
}

/// A name from a body, so that a bad one gets its own code.
pub(super) fn name(text: &str) -> HttpResult<UserName> {
    text.trim()
        .parse()
        .map_err(|error| HttpError::invalid(ErrorCode::InvalidName, "the name", error))
}

/// What a device is called: by itself, or by its browser.
pub(super) fn label(given: Option<String>, headers: &HeaderMap) -> String {
    let browser = || headers.get(header::USER_AGENT)?.to_str().ok();
    given
        .or_else(|| browser().map(str::to_owned))
        .unwrap_or_default()
}
