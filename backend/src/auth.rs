//! Who somebody is: today guests, who hold a name by a secret, or merely say one.

mod guest;

pub use guest::{AuthError, GUEST_STAY, Guests, SignedIn};
