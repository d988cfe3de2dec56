//! Who somebody is: today guests, who hold a name by a secret, or merely say one.

mod guest;

use common::reply::User;

pub use guest::{AuthError, GUEST_STAY, Guests, SignedIn};

/// Somebody who has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visitor {
    /// Who.
    pub user: User,
    /// Whether the same user will come again: what such a one has read is worth keeping.
    pub lasting: bool,
    /// Whether nobody in particular: another one with each request.
    pub anonymous: bool,
}
