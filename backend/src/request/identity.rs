//! The identity behind a request: the owner of a token or a key, of the cookie of an account or a
//! guest, the name in `?name=`, or an anonymous visitor.

use super::AppState;
use super::address::Address;
use super::cookies::{self, cookie};
use super::error::HttpError;
use super::read_limit;
use crate::auth::permission::NodeAction;
use crate::auth::{AuthError, Kind, Visitor};
use crate::limits::{Limit, Payer, Subnet};
use crate::room::permissions::Requester;
use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Uri, header};
use common::text::UserName;
use common::{ErrorCode, ErrorFrame};
use serde::Deserialize;

/// Whoever makes the request and is not banned; everybody is somebody, if only a guest with a
/// made-up name.
pub struct Identity(pub Visitor);

/// The same, and from where.
pub struct RequestIdentity {
    /// Who.
    pub visitor: Visitor,
    /// From where.
    pub subnet: Subnet,
}

impl RequestIdentity {
    /// The user who makes a request with these headers for this address, from there.
    ///
    /// # Errors
    /// What is shown proves nothing, or nothing any more; the name is refused; guests are not let
    /// in; the user, or the address, is banned.
    pub async fn of(
        app: &AppState,
        headers: &HeaderMap,
        uri: &Uri,
        subnet: Subnet,
    ) -> Result<Self, HttpError> {
        let visitor = visitor(app, headers, uri).await?;
        let identity = Self { visitor, subnet };
        app.hub
            .rules
            .admit(identity.requester())
            .map_err(HttpError)?;
        Ok(identity)
    }

    /// Who is charged for the request.
    #[must_use]
    pub fn payer(&self) -> Payer {
        self.visitor.payer(self.subnet.number())
    }

    /// Takes a token of a limit.
    ///
    /// # Errors
    /// There is none.
    pub fn charge(&self, app: &AppState, limit: Limit) -> Result<(), HttpError> {
        let taken = app.limits.buckets(&self.payer()).take(limit);
        taken.map_err(HttpError)
    }

    /// As rooms see one.
    #[must_use]
    pub fn requester(&self) -> Requester<'_> {
        Requester {
            visitor: &self.visitor,
            address: self.subnet.number(),
        }
    }

    /// Whether they may do it on the node.
    ///
    /// # Errors
    /// They may not.
    pub fn authorize_on_node(&self, app: &AppState, action: NodeAction) -> Result<(), HttpError> {
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
        let identity = RequestIdentity::from_request_parts(parts, app).await?;
        Ok(Self(identity.visitor))
    }
}

impl FromRequestParts<AppState> for RequestIdentity {
    type Rejection = HttpError;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, HttpError> {
        let Address(subnet) = Address::from_request_parts(parts, app).await?;
        let identity = Self::of(app, &parts.headers, &parts.uri, subnet).await?;
        read_limit::admit(app, &parts.extensions, &identity.payer())?;
        Ok(identity)
    }
}

/// The user who makes a request with these headers for this address.
async fn visitor(app: &AppState, headers: &HeaderMap, uri: &Uri) -> Result<Visitor, HttpError> {
    if let Some(visitor) = proven(headers, app).await? {
        return Ok(visitor);
    }
    if !app.accounts.config().guests {
        let why = "this node is not open to guests; sign in";
        return Err(HttpError(ErrorFrame::new(ErrorCode::Unauthenticated, why)));
    }
    if let Some(secret) = cookie(headers, cookies::GUEST)
        && let Some(user) = app.guests.holder_of(secret).await?
    {
        return Ok(Visitor::guest(user, Kind::Guest));
    }
    let Query(named) = Query::<Named>::try_from_uri(uri)
        .map_err(|error| HttpError::invalid(ErrorCode::InvalidField, "the query", error))?;
    let Some(name) = named.name else {
        return Ok(Visitor::guest(app.guests.anonymous()?, Kind::Anonymous));
    };
    let name: UserName = name
        .parse()
        .map_err(|error| HttpError::invalid(ErrorCode::InvalidName, "`name`", error))?;
    let user = app.guests.unproven(name).await?;
    Ok(Visitor::guest(user, Kind::Named))
}

impl FromRequestParts<AppState> for Member {
    type Rejection = HttpError;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, HttpError> {
        match proven(&parts.headers, app).await? {
            Some(visitor) if visitor.sign_in_session().is_some() => Ok(Self(visitor)),
            _ => {
                let why = "this is for people with an account; sign in";
                Err(HttpError(ErrorFrame::new(ErrorCode::Unauthenticated, why)))
            }
        }
    }
}

/// The user who proves an identity by more than a guest's cookie; none where no such proof is shown.
///
/// # Errors
/// What is shown proves nothing, or nothing any more: such a one is not let in as somebody else.
pub async fn proven(headers: &HeaderMap, app: &AppState) -> Result<Option<Visitor>, AuthError> {
    // Before the store is asked: what ends from now on is found when the visitor arrives.
    let as_of = app.hub.connections.disconnects();
    if let Some(token) = bearer(headers)? {
        return app.accounts.by_bearer(token, as_of).await.map(Some);
    }
    match cookie(headers, cookies::ACCESS) {
        Some(token) => app.accounts.by_access(token, as_of).await.map(Some),
        None => Ok(None),
    }
}

/// The token in `Authorization: Bearer` (RFC 6750, section 2.1).
pub fn bearer(headers: &HeaderMap) -> Result<Option<&str>, AuthError> {
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
