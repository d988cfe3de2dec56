//! Secrets of programs. None of them appears in debug output.

use crate::limits::TOKEN_BYTES_MAX;
use serde::{Deserialize, Serialize};

/// Why a text is no token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a token is 1 to 4096 visible ASCII characters")]
pub struct BadToken;

/// An access token, a refresh token or a key: 1 to [`TOKEN_BYTES_MAX`] visible ASCII characters.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Token(String);

impl Token {
    /// The secret itself.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Token {
    type Error = BadToken;

    fn try_from(text: String) -> Result<Self, BadToken> {
        let fits = (1..=TOKEN_BYTES_MAX).contains(&text.len());
        if fits && text.bytes().all(|byte| byte.is_ascii_graphic()) {
            Ok(Self(text))
        } else {
            Err(BadToken)
        }
    }
}

impl std::str::FromStr for Token {
    type Err = BadToken;

    fn from_str(text: &str) -> Result<Self, BadToken> {
        text.to_owned().try_into()
    }
}

impl From<Token> for String {
    fn from(token: Token) -> Self {
        token.0
    }
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token(…)")
    }
}

/// A password on its way in: any text of 1 to [`PASSWORD_BYTES_MAX`] bytes; whether it is long
/// enough is looked at where one is chosen.
///
/// [`PASSWORD_BYTES_MAX`]: crate::limits::PASSWORD_BYTES_MAX
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Password(String);

impl Password {
    /// The secret itself.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl From<String> for Password {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl std::fmt::Debug for Password {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Password(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_short_visible_ascii_and_is_not_shown() {
        let token: Token = "hba_0123".parse().unwrap();
        assert_eq!(token.expose(), "hba_0123");
        assert!(!format!("{token:?}").contains("0123"));
        assert!(!format!("{:?}", Password::from("0123".to_owned())).contains("0123"));
        for bad in ["", "a b", "\u{e9}", "\n", &"x".repeat(4097)] {
            assert_eq!(bad.parse::<Token>(), Err(BadToken), "for {bad:?}");
        }
    }
}
