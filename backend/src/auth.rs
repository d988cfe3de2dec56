//! Who somebody is, and what they may do.
//!
//! A [`Visitor`] is made once, where a request comes in, and goes with it; [`permission`] is asked
//! wherever something is done.

mod guest;
pub mod permission;
pub mod scope;
mod visitor;

pub use guest::{AuthError, GUEST_STAY, Guests, SignedIn};
pub use visitor::{Kind, Visitor};
