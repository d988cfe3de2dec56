//! Identifiers. The caller passes the randomness in; nothing here draws its own.

use crate::base32::base32;
use crate::limits::{ID_BYTES_MAX, USER_ID_BYTES_MAX};
use crate::newtype::checked_text;
use serde::{Deserialize, Serialize};

/// Why an identifier was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// Nothing at all.
    #[error("it is empty")]
    Empty,
    /// More than [`ID_BYTES_MAX`] bytes (for a user's, [`USER_ID_BYTES_MAX`]).
    #[error("it is too long")]
    TooLong,
    /// Something other than visible ASCII (in a user's, a control character).
    #[error("it has a character that is not allowed")]
    Forbidden,
}

fn check_id(text: &str) -> Result<(), IdError> {
    match text {
        "" => Err(IdError::Empty),
        _ if text.len() > ID_BYTES_MAX => Err(IdError::TooLong),
        _ if !text.bytes().all(|b| b.is_ascii_graphic()) => Err(IdError::Forbidden),
        _ => Ok(()),
    }
}

checked_text! {
    /// The `id` that a client chose for a frame. It comes back in the one `ack` or `error` that
    /// answers the frame; a `message` sent again with the same one is not stored twice.
    RequestId, IdError, check_id
}

fn check_user_id(text: &str) -> Result<(), IdError> {
    match text {
        "" => Err(IdError::Empty),
        _ if text.len() > USER_ID_BYTES_MAX => Err(IdError::TooLong),
        _ if text.chars().any(char::is_control) => Err(IdError::Forbidden),
        _ => Ok(()),
    }
}

checked_text! {
    /// Who: stays the same when a user's name changes. Opaque to clients.
    UserId, IdError, check_user_id
}

checked_text! {
    /// One WebSocket connection, unique on its node.
    ConnectionId, IdError, check_id
}

checked_text! {
    /// One life of a room's log. A seq means something only together with its epoch: when the log
    /// begins anew, or an older copy of it is restored, the epoch changes.
    Epoch, IdError, check_id
}

checked_text! {
    /// A user's stay on one device: what is ended by signing out.
    SignInId, IdError, check_id
}

checked_text! {
    /// The key of a program; says which one, and opens nothing.
    KeyId, IdError, check_id
}

checked_text! {
    /// An invitation into a room; says which one, and opens nothing.
    InvitationId, IdError, check_id
}

checked_text! {
    /// A ban or a mute.
    SanctionId, IdError, check_id
}

macro_rules! from_random {
    ($($name:ident),*) => {$(
        impl $name {
            /// A new identifier of 13 characters from 64 random bits.
            #[must_use]
            pub fn from_random(random: u64) -> Self {
                Self(base32(random).collect::<String>().into())
            }
        }
    )*};
}
from_random!(
    RequestId,
    UserId,
    ConnectionId,
    Epoch,
    SignInId,
    KeyId,
    InvitationId,
    SanctionId
);

impl UserId {
    /// The identity of a guest who only named a name and proved nothing: all who use the name
    /// share it, which is what lets a program without a sign-in retry its sends safely.
    #[must_use]
    pub fn from_unverified_name(name: &crate::text::UserName) -> Self {
        Self(format!("~{name}").into())
    }
}

/// The place of an event in its room's log. The first event of an epoch is 1; 0 is the place
/// before it. Below 2^53, so that a JavaScript number holds it.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Seq(pub u64);

impl Seq {
    /// The place before the first event.
    pub const ZERO: Self = Self(0);

    /// The place after this one.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }

    /// The place `count` before this one, not below [`Seq::ZERO`].
    #[must_use]
    pub fn back(self, count: u64) -> Self {
        Self(self.0.saturating_sub(count))
    }
}

impl std::fmt::Display for Seq {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn random_bits_give_ids_that_are_distinct_and_valid() {
        let ids: Vec<_> = [0, 1, u64::MAX, 31, 32]
            .into_iter()
            .map(RequestId::from_random)
            .collect();
        for id in &ids {
            assert_eq!(id.as_str().len(), 13);
            assert_eq!(id.as_str().parse::<RequestId>().as_ref(), Ok(id));
        }
        assert_eq!(
            ids.iter().collect::<std::collections::HashSet<_>>().len(),
            ids.len()
        );
    }

    #[test]
    fn ids_are_short_visible_ascii() {
        for (text, expected) in [
            ("a", None),
            ("~!{}\"", None),
            ("", Some(IdError::Empty)),
            ("a b", Some(IdError::Forbidden)),
            ("é", Some(IdError::Forbidden)),
            ("\n", Some(IdError::Forbidden)),
        ] {
            assert_eq!(text.parse::<RequestId>().err(), expected, "for {text:?}");
        }
        assert_eq!(
            "x".repeat(65).parse::<RequestId>().err(),
            Some(IdError::TooLong)
        );
    }

    #[test]
    fn the_longest_unproven_name_still_makes_a_valid_id() {
        let name = "\u{1f600}".repeat(crate::limits::NAME_CHARS_MAX);
        let id = UserId::from_unverified_name(&name.parse().unwrap());
        assert_eq!(id.as_str().parse::<UserId>(), Ok(id));
    }
}
