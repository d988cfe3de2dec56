//! The pages, one file each.

pub mod account;
pub mod admin;
pub mod home;
pub mod hub;
pub mod invite;
pub mod room;
pub mod welcome;
