//! State that the handles read without asking the client's task.

use crate::error::StopReason;
use crate::status::Status;
use common::user::User;
use tokio::sync::watch;

/// What the handles read without asking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Shared {
    pub(crate) status: Status,
    pub(crate) user: Option<User>,
    pub(crate) unsent: usize,
}

/// Why a client that does not answer any more has ended.
pub(crate) fn stop_reason(shared: &watch::Receiver<Shared>) -> StopReason {
    match &shared.borrow().status {
        Status::Stopped(reason) => reason.clone(),
        _ => StopReason::ShutDown,
    }
}
