//! Whom a request is from: the holder of a token or a key, of the cookie of an account or a guest,
//! or the name in `?name=`, or nobody in particular.

use super::AppState;
use super::address::Address;
use super::cookies::{self, cookie};
use super::error::HttpError;
use crate::auth::permission::NodeAction;
use crate::auth::{AuthError, Kind, Visitor};
use crate::limits::Subnet;
use crate::room::rights::Asker;
use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use common::text::UserName;
use common::{ErrorCode, ErrorFrame};
use serde::Deserialize;

/// Whoever makes the request and is not banned; everybody is somebody, if only a guest with a
/// made-up name.
pub struct Identity(pub Visitor);

/// The same, and from where.
pub struct Asking {
    /// Who.
    pub visitor: Visitor,
    /// From where.
    pub subnet: Subnet,
}

impl Asking {
    /// As rooms see one.
    #[must_use]
    pub fn asker(&self) -> Asker<'_> {
        Asker {
            visitor: &self.visitor,
            address: self.subnet.number(),
        }
    }

    /// Whether they may do it on the node.
    ///
    /// # Errors
    /// They may not.
    pub fn permit_on_node(&self, app: &AppState, action: NodeAction) -> Result<(), HttpError> {
        match self.visitor.may_on_node(action, app.accounts.policy()) {
            true => Ok(()),
            false => {
                let why = match self.visitor.is_lasting() || !action.is_lasting() {
                    true => "this user may not do that",
                    false => "whoever proves nothing would not be known again: take a name first",
                };
                Err(HttpError(ErrorFrame::new(ErrorCode::Forbidden, why)))
            }
        }
    }
}

/// Somebody with an account, who has signed in.
pub struct Member(pub Visitor);

#[derive(Deserialize)]
struct Named {
    name: Option<String>,
}

impl FromRequestParts<AppState> for Identity {
    type Rejection = HttpError;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, HttpError> {
        let asking = Asking::from_request_parts(parts, app).await?;
        Ok(Self(asking.visitor))
    }
}

impl FromRequestParts<AppState> for Asking {
    type Rejection = HttpError;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, HttpError> {
        let visitor = visitor(parts, app).await?;
        let Address(subnet) = Address::from_request_parts(parts, app).await?;
        let asking = Self { visitor, subnet };
        app.hub.admit(asking.asker()).map_err(HttpError)?;
        Ok(asking)
    }
}

async fn visitor(parts: &Parts, app: &AppState) -> Result<Visitor, HttpError> {
    if let Some(visitor) = proven(&parts.headers, app).await? {
        return Ok(visitor);
    }
    if !app.accounts.config().guests {
        let why = "this node is not open to guests; sign in";
        return Err(HttpError(ErrorFrame::new(ErrorCode::Unauthenticated, why)));
    }
    if let Some(secret) = cookie(&parts.headers, cookies::GUEST)
        && let Some(user) = app.guests.holder_of(secret).await?
    {
        return Ok(Visitor::guest(user, Kind::Guest));
    }
    let Query(named) = Query::<Named>::try_from_uri(&parts.uri)
        .map_err(|error| HttpError::invalid(ErrorCode::InvalidField, "the query", error))?;
    let visitor = match named.name {
        None => Visitor::guest(app.guests.anonymous()?, Kind::Anonymous),
        Some(name) => {
            let name: UserName = name
                .parse()
                .map_err(|error| HttpError::invalid(ErrorCode::InvalidName, "`name`", error))?;
            Visitor::guest(app.guests.unproven(name).await?, Kind::Named)
        }
    };
    Ok(visitor)
}

impl FromRequestParts<AppState> for Member {
    type Rejection = HttpError;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, HttpError> {
        match proven(&parts.headers, app).await? {
            Some(visitor) if visitor.stay().is_some() => Ok(Self(visitor)),
            _ => {
                let why = "this is for people with an account; sign in";
                Err(HttpError(ErrorFrame::new(ErrorCode::Unauthenticated, why)))
            }
        }
    }
}

/// Whoever proves who they are by more than a guest has; none where nothing of that kind is shown.
///
/// # Errors
/// What is shown proves nothing, or nothing any more: such a one is not let in as somebody else.
pub(super) async fn proven(
    headers: &HeaderMap,
    app: &AppState,
) -> Result<Option<Visitor>, AuthError> {
    // Before the store is asked: what ends from now on is found when the visitor arrives.
    let as_of = app.hub.endings();
    if let Some(token) = bearer(headers)? {
        return app.accounts.by_bearer(token, as_of).await.map(Some);
    }
    match cookie(headers, cookies::ACCESS) {
        Some(token) => app.accounts.by_access(token, as_of).await.map(Some),
        None => Ok(None),
    }
}

/// The token in `Authorization: Bearer` (RFC 6750, section 2.1).
pub(super) fn bearer(headers: &HeaderMap) -> Result<Option<&str>, AuthError> {
    let Some(value) = headers.get(header::AUTHORIZATION) else {
        return Ok(None);
    };
    let value = value.to_str().map_err(|_| AuthError::Unauthenticated)?;
    let (scheme, token) = value.split_once(' ').ok_or(AuthError::Unauthenticated)?;
    match scheme.eq_ignore_ascii_case("bearer") {
        true => Ok(Some(token.trim())),
        false => Err(AuthError::Unauthenticated),
    }
}
