//! Accounts, keys and the audit log, for admins.

pub mod account_list;
pub mod audit_log;
pub mod key_form;
pub mod key_list;
