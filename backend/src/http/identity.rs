//! Whom a request is from: the holder of the session cookie, or the name in `?name=`, or nobody in
//! particular.

use super::AppState;
use super::error::HttpError;
use crate::auth::{Kind, Visitor};
use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use common::ErrorCode;
use serde::Deserialize;

/// The cookie's name.
pub const COOKIE: &str = "hubbub_session";

/// Whoever makes the request; everybody is somebody, if only a guest with a made-up name.
pub struct Identity(pub Visitor);

#[derive(Deserialize)]
struct Named {
    name: Option<String>,
}

impl FromRequestParts<AppState> for Identity {
    type Rejection = HttpError;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, HttpError> {
        if let Some(secret) = secret(&parts.headers)
            && let Some(user) = app.guests.holder_of(secret).await?
        {
            return Ok(Self(Visitor::guest(user, Kind::Guest)));
        }
        let Query(named) = Query::<Named>::try_from_uri(&parts.uri)
            .map_err(|error| HttpError::invalid(ErrorCode::InvalidField, "the query", error))?;
        let Some(name) = named.name else {
            let user = app.guests.anonymous()?;
            return Ok(Self(Visitor::guest(user, Kind::Anonymous)));
        };
        let name = name
            .parse()
            .map_err(|error| HttpError::invalid(ErrorCode::InvalidName, "`name`", error))?;
        let user = app.guests.unproven(name).await?;
        Ok(Self(Visitor::guest(user, Kind::Named)))
    }
}

/// The secret in the session cookie.
pub(super) fn secret(headers: &HeaderMap) -> Option<&str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|cookies| cookies.to_str().ok())
        .flat_map(|cookies| cookies.split(';'))
        .filter_map(|cookie| cookie.trim().split_once('='))
        .find_map(|(name, value)| (name == COOKIE).then_some(value))
}
