//! Coming in: which ways there are, which is meant at first, and beside which field a refusal
//! belongs.

use super::session::SessionEnd;
use crate::api::ApiError;
use common::ErrorCode;
use common::api::SignInOptions;

/// A way in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryMethod {
    /// As a guest.
    Guest,
    /// To an account that there is.
    SignIn,
    /// By making an account.
    SignUp,
}

impl EntryMethod {
    /// The ways that a node offers, in the order in which they are shown.
    #[must_use]
    pub fn offered(ways: SignInOptions) -> Vec<Self> {
        let offers = [
            (Self::Guest, ways.guests),
            // Where there is no account, there is none to sign in to.
            (Self::SignIn, ways.claimed),
            (Self::SignUp, ways.sign_up),
        ];
        offers
            .into_iter()
            .filter_map(|(way, is_offered)| is_offered.then_some(way))
            .collect()
    }

    /// The one that is meant, until the reader chooses.
    #[must_use]
    pub fn first(ways: SignInOptions, session_end: Option<SessionEnd>) -> Self {
        let offered = Self::offered(ways);
        let meant = session_end.map(|session_end| match session_end {
            SessionEnd::Ended | SessionEnd::Changing => Self::SignIn,
            SessionEnd::Released => Self::Guest,
        });
        meant
            .filter(|way| offered.contains(way))
            .or_else(|| offered.first().copied())
            .unwrap_or(Self::SignIn)
    }

    /// Its name in the page.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Guest => "guest",
            Self::SignIn => "sign-in",
            Self::SignUp => "sign-up",
        }
    }

    /// Its name for people.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Guest => "As a guest",
            Self::SignIn => "Sign in",
            Self::SignUp => "Sign up",
        }
    }

    /// The field in which one begins.
    #[must_use]
    pub fn first_field(self) -> &'static str {
        match self {
            Self::Guest => "name",
            Self::SignIn => "sign-in-name",
            Self::SignUp => "sign-up-name",
        }
    }
}

/// A field of a form in which one comes in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// The name.
    Name,
    /// The password; also what concerns no field.
    Password,
    /// The claim code.
    Claim,
}

impl Field {
    /// Beside which field a refusal is told.
    #[must_use]
    pub fn of(error: &ApiError) -> Self {
        match error.code() {
            Some(ErrorCode::NameTaken | ErrorCode::InvalidName) => Self::Name,
            Some(ErrorCode::ClaimRequired) => Self::Claim,
            _ => Self::Password,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;

    fn ways(guests: bool, sign_up: bool, claimed: bool) -> SignInOptions {
        SignInOptions {
            guests,
            sign_up,
            claimed,
            claim_code: false,
        }
    }

    #[wasm_bindgen_test]
    fn only_what_the_node_offers_is_shown() {
        for (ways, expected) in [
            (
                ways(true, true, true),
                &[EntryMethod::Guest, EntryMethod::SignIn, EntryMethod::SignUp][..],
            ),
            (
                ways(true, true, false),
                &[EntryMethod::Guest, EntryMethod::SignUp],
            ),
            (ways(false, true, false), &[EntryMethod::SignUp]),
            (ways(false, false, true), &[EntryMethod::SignIn]),
        ] {
            assert_eq!(EntryMethod::offered(ways), expected, "for {ways:?}");
        }
    }

    #[wasm_bindgen_test]
    fn who_was_signed_in_signs_in_again_and_who_was_not_comes_as_the_node_likes() {
        let ended = Some(SessionEnd::Ended);
        for (ways, session_end, expected) in [
            (ways(true, true, true), None, EntryMethod::Guest),
            (ways(true, true, true), ended, EntryMethod::SignIn),
            (ways(false, true, true), None, EntryMethod::SignIn),
            (ways(false, true, false), None, EntryMethod::SignUp),
            (ways(true, true, false), ended, EntryMethod::Guest),
            (
                ways(true, true, true),
                Some(SessionEnd::Released),
                EntryMethod::Guest,
            ),
        ] {
            assert_eq!(
                EntryMethod::first(ways, session_end),
                expected,
                "for {ways:?}"
            );
        }
    }
}
