//! The room that the path of a request names.

use crate::request::error::HttpError;
use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use common::ids::{InvitationId, SanctionId, UserId};
use common::text::{RoomName, TextError};
use common::{ErrorCode, ErrorFrame};
use std::collections::HashMap;

async fn part<S: Send + Sync>(
    parts: &mut Parts,
    state: &S,
    name: &str,
) -> Result<String, HttpError> {
    type Named = HashMap<String, String>;
    let found = Path::<Named>::from_request_parts(parts, state).await;
    let Path(mut named) = found.map_err(|rejection| {
        let why = rejection.body_text();
        HttpError::invalid(ErrorCode::InvalidField, "the address", why)
    })?;
    Ok(named.remove(name).unwrap_or_default())
}

/// The room that the address names.
pub(in crate::http) struct RoomPath(pub(in crate::http) RoomName);

impl<S: Send + Sync> FromRequestParts<S> for RoomPath {
    type Rejection = HttpError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, HttpError> {
        let refuse = |why: &dyn std::fmt::Display| {
            HttpError::invalid(ErrorCode::InvalidRoom, "the room's name", why)
        };
        let text = part(parts, state, "room").await;
        let text = text.map_err(|error| refuse(&error.0.message))?;
        text.parse()
            .map(Self)
            .map_err(|error: TextError| refuse(&error))
    }
}

macro_rules! named {
    ($($(#[$doc:meta])* $name:ident($kind:ty), $part:literal, $code:ident, $why:literal;)*) => {$(
        $(#[$doc])*
        pub(in crate::http) struct $name(pub(in crate::http) $kind);

        impl<S: Send + Sync> FromRequestParts<S> for $name {
            type Rejection = HttpError;

            async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, HttpError> {
                let text = part(parts, state, $part).await?;
                // What cannot be one is none that there is.
                let missing = |_| HttpError(ErrorFrame::new(ErrorCode::$code, $why));
                text.parse().map(Self).map_err(missing)
            }
        }
    )*};
}

named! {
    /// The user that the address names.
    UserPath(UserId), "user", NoSuchUser, "there is nobody like that here";
    /// The ban or mute that the address names.
    SanctionPath(SanctionId), "id", NoSuchSanction, "there is no such ban or mute";
    /// The invitation that the address names.
    InvitationPath(InvitationId), "id", NoSuchInvitation, "there is no such invitation";
}
