//! Authentication and authorization.
//!
//! A [`Visitor`] is created once, where a request enters the server, and travels with it;
//! [`permission`] is asked before anything is done.

mod accounts;
mod error;
mod foreign;
mod guest;
pub mod invitation;
mod password;
pub mod permission;
pub mod scope;
mod secret;
mod tokens;
mod visitor;

pub use accounts::{Accounts, Issued, NewKey, SignUp};
pub use error::{AuthError, KeysError};
pub use foreign::ForeignTokens;
pub use guest::{GUEST_STAY, Guests, SignedIn};
pub use visitor::{KeySession, Kind, SignInSession, Visitor};
