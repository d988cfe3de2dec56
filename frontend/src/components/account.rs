//! Entering as a guest, signing in and up, and the user's own account.

pub mod entry_tabs;
pub mod guest_form;
pub mod needs_account;
pub mod password_form;
pub mod profile;
pub mod sign_in_form;
pub mod sign_in_list;
pub mod sign_out_dialog;
pub mod sign_up_form;
