//! What an API key covers. A user's own sign-in covers everything that the user's role allows.

use common::role::Role;

/// One thing that a key may cover.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Scope {
    /// Joining rooms, reading, seeing who is there.
    Read = 1,
    /// Saying something, and changing what it has said.
    Write = 2,
    /// Saying something to everyone.
    Broadcast = 4,
    /// Taking back what others have said.
    Moderate = 8,
    /// Accounts, keys, the audit log.
    Admin = 16,
}

impl Scope {
    /// All there are.
    pub const ALL: [Self; 5] = [
        Self::Read,
        Self::Write,
        Self::Broadcast,
        Self::Moderate,
        Self::Admin,
    ];

    /// The word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Broadcast => "broadcast",
            Self::Moderate => "moderate",
            Self::Admin => "admin",
        }
    }
}

impl std::fmt::Display for Scope {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What one key covers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Scopes(u8);

/// There is no such scope.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no scope; there are: read, write, broadcast, moderate, admin")]
pub struct UnknownScope(String);

impl Scopes {
    /// Whether this is covered.
    #[must_use]
    pub fn cover(self, scope: Scope) -> bool {
        self.0 & scope as u8 != 0
    }

    /// As stored.
    #[must_use]
    pub fn bits(self) -> u8 {
        self.0
    }

    /// As stored; bits that mean nothing cover nothing.
    #[must_use]
    pub fn from_bits(bits: u8) -> Self {
        let known = Scope::ALL.into_iter().fold(0, |all, one| all | one as u8);
        Self(bits & known)
    }

    /// The role in which holders of such a key act: the lowest that can use all its scopes.
    #[must_use]
    pub fn role(self) -> Role {
        if self.cover(Scope::Admin) {
            Role::Admin
        } else if self.cover(Scope::Moderate) {
            Role::Moderator
        } else {
            Role::Member
        }
    }
}

impl std::fmt::Display for Scopes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut between = "";
        for scope in Scope::ALL.into_iter().filter(|scope| self.cover(*scope)) {
            write!(f, "{between}{scope}")?;
            between = ",";
        }
        Ok(())
    }
}

impl std::str::FromStr for Scopes {
    type Err = UnknownScope;

    /// Words with commas between them; at least one.
    fn from_str(text: &str) -> Result<Self, UnknownScope> {
        let mut bits = 0;
        for word in text.split(',').map(str::trim) {
            let found = Scope::ALL.into_iter().find(|scope| scope.as_str() == word);
            bits |= found.ok_or_else(|| UnknownScope(word.to_owned()))? as u8;
        }
        Ok(Self(bits))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_are_read_and_written_as_words() {
        let scopes: Scopes = "write, read".parse().unwrap();
        assert_eq!(scopes.to_string(), "read,write");
        assert!(scopes.cover(Scope::Read) && !scopes.cover(Scope::Broadcast));
        assert_eq!(Scopes::from_bits(scopes.bits()), scopes);
        assert_eq!(Scopes::from_bits(0xff).to_string().split(',').count(), 5);
        for bad in ["", "fly", "read,", "READ"] {
            assert!(bad.parse::<Scopes>().is_err(), "for {bad:?}");
        }
    }

    #[test]
    fn a_key_acts_in_the_least_role_that_can_use_it() {
        for (text, role) in [
            ("read,write,broadcast", Role::Member),
            ("moderate", Role::Moderator),
            ("read,moderate,admin", Role::Admin),
        ] {
            assert_eq!(text.parse::<Scopes>().unwrap().role(), role, "for {text}");
        }
    }
}
