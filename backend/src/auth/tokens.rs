//! The tokens of a sign-in: how they are generated, and how a presented refresh token is judged.
//!
//! A refresh token consists of `hbr_`, a half that names its family, and a half that changes. See ADR
//! 5.

use super::secret::{self, ACCESS, REFRESH, Secret, hash};
use crate::clock::{NoRandomness, RandomSource};
use crate::store::{Hash, SignIn};
use common::time::Timestamp;
use common::token::Token;
use sha2::{Digest, Sha256};
use std::time::Duration;

/// Bytes of the half of a refresh token that stays.
const FAMILY_BYTES: usize = 16;

/// Bytes of the whole.
const REFRESH_BYTES: usize = FAMILY_BYTES + 32;

/// A refresh token that was replaced last is taken again for so long: two tabs may refresh at once,
/// and an answer may be lost.
const REPEAT_MAX: Duration = Duration::from_secs(30);

/// A refresh token, taken apart.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Refresh {
    family: [u8; FAMILY_BYTES],
    secret: Secret,
}

/// The secrets of a sign-in, before they are hashes.
pub(super) struct Pair {
    access: Secret,
    refresh: Refresh,
}

/// What a refresh token is worth.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Decision {
    /// It holds: replace it.
    Rotate,
    /// It was replaced a moment ago: give the same answer again, made with this salt.
    Repeat([u8; 32]),
    /// It was replaced before: somebody else has it, too.
    Reused,
    /// It has run out.
    Expired,
}

impl Refresh {
    pub(super) fn read(token: &str) -> Option<Self> {
        let bytes: [u8; REFRESH_BYTES] = secret::read(REFRESH, token)?;
        let (family, secret) = bytes.split_at_checked(FAMILY_BYTES)?;
        Some(Self {
            family: family.try_into().ok()?,
            secret: secret.try_into().ok()?,
        })
    }

    pub(super) fn family_hash(&self) -> Hash {
        hash(&self.family)
    }

    pub(super) fn hash(&self) -> Hash {
        hash(&self.secret)
    }

    /// What it is worth to this sign-in, which is of its family.
    pub(super) fn judge(&self, sign_in: &SignIn, now: Timestamp) -> Decision {
        let own = self.hash();
        if now >= sign_in.expires_at {
            return Decision::Expired;
        }
        if own == sign_in.tokens.refresh {
            return Decision::Rotate;
        }
        match &sign_in.previous {
            Some(before) if before.refresh == own && now < before.replaced_at.plus(REPEAT_MAX) => {
                Decision::Repeat(before.salt)
            }
            _ => Decision::Reused,
        }
    }
}

impl Pair {
    /// Those of a new sign-in.
    pub(super) fn draw(random: &dyn RandomSource) -> Result<Self, NoRandomness> {
        Ok(Self {
            access: secret::draw(random)?,
            refresh: Refresh {
                family: secret::draw(random)?,
                secret: secret::draw(random)?,
            },
        })
    }

    /// Those that follow on a refresh token. The same salt gives the same ones.
    pub(super) fn after(old: &Refresh, salt: &[u8; 32]) -> Self {
        let made = |what: &str| {
            let mut hasher = Sha256::new();
            hasher.update(what);
            hasher.update(salt);
            hasher.update(old.secret);
            hasher.finalize().into()
        };
        Self {
            access: made("hubbub access token"),
            refresh: Refresh {
                family: old.family,
                secret: made("hubbub refresh token"),
            },
        }
    }

    pub(super) fn access_hash(&self) -> Hash {
        hash(&self.access)
    }

    pub(super) fn refresh(&self) -> &Refresh {
        &self.refresh
    }

    /// As the client is given them: the access token and the refresh token.
    pub(super) fn write(&self) -> Result<(Token, Token), NoRandomness> {
        let Refresh { family, secret } = &self.refresh;
        let access = secret::write(ACCESS, &[&self.access])?;
        Ok((access, secret::write(REFRESH, &[family, secret])?))
    }
}

/// The hash by which an access token is known.
pub(super) fn access_hash(token: &str) -> Option<Hash> {
    secret::read::<32>(ACCESS, token).map(|secret| hash(&secret))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Environment;
    use crate::store::{Previous, TokenHashes};

    fn sign_in(pair: &Pair, previous: Option<Previous>) -> SignIn {
        SignIn {
            id: "s".parse().unwrap(),
            user: "u".parse().unwrap(),
            label: String::new(),
            created_at: Timestamp(0),
            seen_at: Timestamp(0),
            expires_at: Timestamp(1_000_000),
            family: pair.refresh().family_hash(),
            tokens: TokenHashes {
                access: pair.access_hash(),
                access_until: Timestamp(1000),
                refresh: pair.refresh().hash(),
            },
            previous,
        }
    }

    #[test]
    fn a_refresh_token_is_worth_what_its_place_in_the_family_says() {
        let random = Environment::system().random;
        let (first, salt) = (Pair::draw(&*random).unwrap(), [7; 32]);
        let second = Pair::after(first.refresh(), &salt);
        let third = Pair::after(second.refresh(), &[8; 32]);
        let previous = Previous {
            refresh: first.refresh().hash(),
            salt,
            replaced_at: Timestamp(5000),
        };
        let now = sign_in(&second, Some(previous));
        for (pair, at, expected) in [
            (&second, 6000, Decision::Rotate),
            (&first, 6000, Decision::Repeat(salt)),
            (&first, 34_999, Decision::Repeat(salt)),
            (&first, 35_000, Decision::Reused),
            (&third, 6000, Decision::Reused),
            (&second, 1_000_000, Decision::Expired),
        ] {
            let (_, token) = pair.write().unwrap();
            let refresh = Refresh::read(token.expose()).unwrap();
            assert!(refresh == *pair.refresh());
            assert_eq!(refresh.family_hash(), now.family);
            assert_eq!(refresh.judge(&now, Timestamp(at)), expected, "at {at}");
        }
        let again = Pair::after(first.refresh(), &salt);
        assert_eq!(again.write().unwrap(), second.write().unwrap());
        let (access, refresh) = first.write().unwrap();
        assert_eq!(access_hash(access.expose()), Some(first.access_hash()));
        assert_eq!(access_hash(refresh.expose()), None);
        assert!(Refresh::read(access.expose()).is_none());
    }
}
