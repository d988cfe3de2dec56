//! When two names count as the same: users must not be mistaken for others whose names are spelled
//! differently and look alike.

use crate::unicode::look_key;
use common::text::{RoomName, UserName};

/// What a name is compared by. Two names are the same when either of their keys agree.
///
/// Both are needed. The skeleton (UTS 39, section 4) takes `I` for `l`, so it is made before the
/// case is dropped, or `PaypaI` would pass for another name than `Paypal`; but after it alone `ILL`
/// and `ill` would be two names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NameKeys {
    /// The name in lower case.
    pub(crate) case: String,
    /// What it looks like, in lower case.
    pub(crate) look: String,
}

impl NameKeys {
    /// The keys of a user's name.
    pub(crate) fn of(name: &UserName) -> Self {
        Self::of_text(name.as_str())
    }

    /// The keys of a room's name.
    pub(crate) fn of_room(name: &RoomName) -> Self {
        Self::of_text(name.as_str())
    }

    fn of_text(name: &str) -> Self {
        Self {
            case: name.to_lowercase(),
            look: look_key(name),
        }
    }

    /// Whether names with these keys are the same.
    pub(crate) fn collide(&self, other: &Self) -> bool {
        self.case == other.case || self.look == other.look
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_look_alike_are_the_same() {
        for (one, other, same) in [
            ("Ada", "ada", true),
            ("Ada", "Bob", false),
            ("paypal", "p\u{430}yp\u{430}l", true),
            ("Paypal", "PaypaI", true),
            ("ILL", "ill", true),
            ("All", "Ali", false),
            ("admin", "\u{ff41}dmin", true),
            ("Ren\u{e9}", "Rene\u{301}", true),
            ("Ren\u{e9}", "Rene", false),
            ("scope", "\u{455}\u{441}\u{43e}\u{440}\u{435}", true),
            ("r\u{200d}oot", "root", true),
            ("STRASSE", "stra\u{df}e", false),
        ] {
            let keys = |name: &str| NameKeys::of(&name.parse().unwrap());
            assert_eq!(keys(one).collide(&keys(other)), same, "{one} and {other}");
        }
    }
}
