//! The keys that verify foreign tokens: a shared secret, or a JSON Web Key Set (RFC 7517).

use crate::auth::KeysError;
use jsonwebtoken::jwk::{Jwk, JwkSet};
use jsonwebtoken::{Algorithm, DecodingKey};
use std::path::Path;

/// See the module.
#[derive(Default)]
pub(super) struct Keys(Vec<Known>);

struct Known {
    id: Option<String>,
    key: DecodingKey,
}

impl Keys {
    pub(super) fn shared(secret: &str) -> Self {
        let key = DecodingKey::from_secret(secret.as_bytes());
        Self(vec![Known { id: None, key }])
    }

    pub(super) fn read(path: &Path, algorithm: Algorithm) -> Result<Self, KeysError> {
        let text = std::fs::read_to_string(path).map_err(|source| KeysError::Unreadable {
            path: path.to_owned(),
            source,
        })?;
        Self::parse(&text, algorithm, &path.display().to_string())
    }

    /// The keys of a set that are for this algorithm.
    pub(super) fn parse(text: &str, algorithm: Algorithm, place: &str) -> Result<Self, KeysError> {
        let invalid = |why: &dyn std::fmt::Display| KeysError::Invalid {
            place: place.to_owned(),
            why: why.to_string(),
        };
        let set: JwkSet = serde_json::from_str(text).map_err(|error| invalid(&error))?;
        let mut keys = Vec::new();
        for jwk in set.keys.iter().filter(|jwk| is_for(jwk, algorithm)) {
            let key = DecodingKey::from_jwk(jwk).map_err(|error| invalid(&error))?;
            if key.family().algorithms().contains(&algorithm) {
                let id = jwk.common.key_id.clone();
                keys.push(Known { id, key });
            }
        }
        match keys.is_empty() {
            true => Err(KeysError::NoKey {
                place: place.to_owned(),
            }),
            false => Ok(Self(keys)),
        }
    }

    /// The key with this id; without one, the only one there is.
    pub(super) fn find(&self, id: Option<&str>) -> Option<&DecodingKey> {
        let found = match (id, self.0.as_slice()) {
            (None, [only]) => Some(only),
            (None, _) => None,
            (Some(_), [only]) if only.id.is_none() => Some(only),
            (Some(id), keys) => keys.iter().find(|key| key.id.as_deref() == Some(id)),
        };
        found.map(|found| &found.key)
    }
}

/// Whether a key may be for the algorithm: it says so, or does not say.
fn is_for(jwk: &Jwk, algorithm: Algorithm) -> bool {
    let named = jwk.common.key_algorithm;
    named.is_none_or(|named| named.to_string() == format!("{algorithm:?}"))
}
