//! What a user is on the node, and what in one room.

use serde::{Deserialize, Serialize};

/// What a user is on the node. Each may all that those before it may.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case", from = "Word")]
pub enum Role {
    /// Somebody without an account. Also what an older client takes a newer role for.
    #[default]
    Guest,
    /// An account.
    Member,
    /// Looks after what others say.
    Moderator,
    /// Looks after accounts and the node.
    Admin,
}

impl Role {
    /// Every role, the least first.
    pub const ALL: [Self; 4] = [Self::Guest, Self::Member, Self::Moderator, Self::Admin];

    /// Whether it is the least.
    #[must_use]
    pub fn is_guest(&self) -> bool {
        *self == Self::Guest
    }

    /// The word for it, as on the wire and the command line.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Guest => "guest",
            Self::Member => "member",
            Self::Moderator => "moderator",
            Self::Admin => "admin",
        }
    }
}

impl std::fmt::Display for Role {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A role as a newer server may name it. Only the wire is read so leniently.
#[derive(Deserialize)]
struct Word(String);

impl From<Word> for Role {
    fn from(word: Word) -> Self {
        word.0.parse().unwrap_or_default()
    }
}

/// There is no such role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a role is one of: guest, member, moderator, admin")]
pub struct UnknownRole;

impl std::str::FromStr for Role {
    type Err = UnknownRole;

    fn from_str(text: &str) -> Result<Self, UnknownRole> {
        let found = Self::ALL.into_iter().find(|role| role.as_str() == text);
        found.ok_or(UnknownRole)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_have_one_word_each_and_an_unknown_one_is_a_guest() {
        for role in Role::ALL {
            assert_eq!(role.as_str().parse(), Ok(role));
            let json = serde_json::to_string(&role).unwrap();
            assert_eq!(json, format!("\"{role}\""));
            assert_eq!(serde_json::from_str::<Role>(&json).unwrap(), role);
        }
        let newer: Role = serde_json::from_str("\"emperor\"").unwrap();
        assert_eq!(newer, Role::Guest);
        assert_eq!("emperor".parse::<Role>(), Err(UnknownRole));
    }
}
