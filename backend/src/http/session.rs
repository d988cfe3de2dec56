//! `/api/v1/session`: a browser's stay as a guest.

use super::AppState;
use super::error::{HttpError, HttpResult};
use super::identity::{COOKIE, secret};
use crate::auth::GUEST_STAY;
use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse};
use common::ErrorCode;
use common::api::SessionReply;
use serde::Deserialize;

/// Whom the browser is taken for.
pub(super) async fn show(
    State(app): State<AppState>,
    headers: HeaderMap,
) -> HttpResult<Json<SessionReply>> {
    let user = match secret(&headers) {
        Some(secret) => app.guests.holder_of(secret).await?,
        None => None,
    };
    Ok(Json(SessionReply { user }))
}

/// A [`common::api::SignIn`] whose name has not been looked at, so that a bad one gets its own
/// code.
#[derive(Deserialize)]
pub(super) struct LooseSignIn {
    name: String,
}

/// Takes a name. Whoever is somebody already gives the old name up for it.
pub(super) async fn sign_in(
    State(app): State<AppState>,
    headers: HeaderMap,
    body: Result<Json<LooseSignIn>, JsonRejection>,
) -> HttpResult<impl IntoResponse> {
    let Json(LooseSignIn { name }) = body?;
    let name = name
        .trim()
        .parse()
        .map_err(|error| HttpError::invalid(ErrorCode::InvalidName, "the name", error))?;
    let signed_in = app.guests.sign_in(name, secret(&headers)).await?;
    let cookie = cookie(&signed_in.secret, GUEST_STAY.as_secs());
    let user = Some(signed_in.user);
    Ok((
        StatusCode::CREATED,
        AppendHeaders([(header::SET_COOKIE, cookie)]),
        Json(SessionReply { user }),
    ))
}

/// Ends the stay; the name is free.
pub(super) async fn sign_out(
    State(app): State<AppState>,
    headers: HeaderMap,
) -> HttpResult<impl IntoResponse> {
    if let Some(secret) = secret(&headers) {
        app.guests.sign_out(secret).await?;
    }
    Ok((
        StatusCode::NO_CONTENT,
        AppendHeaders([(header::SET_COOKIE, cookie("", 0))]),
    ))
}

/// Out of reach of scripts, and not sent along by pages of other sites.
fn cookie(secret: &str, seconds: u64) -> String {
    format!("{COOKIE}={secret}; Path=/; HttpOnly; SameSite=Strict; Max-Age={seconds}")
}
