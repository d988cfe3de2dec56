//! Why a store operation fails, and what the client is told.

use common::{ErrorCode, ErrorFrame};
use std::sync::Arc;

/// Why a request to the store failed. Details go to the log, not to clients.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// The engine failed for now: full disk, locked or lost file, broken connection. Nothing of the
    /// batch is stored, and the same request may succeed later.
    #[error("{0}")]
    Unavailable(Arc<str>),
    /// The engine cannot work until an operator repairs it: a damaged file, a file that is not a
    /// database, one that cannot be written to. Sending the same request again does not help.
    #[error("{0}")]
    Permanent(Arc<str>),
    /// One stored value cannot be read; the rest of the store works.
    #[error("{0}")]
    UnreadableRow(Arc<str>),
    /// The store has been closed.
    #[error("the store is closed")]
    Closed,
}

impl StoreError {
    /// Whether the same request may succeed later.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Unavailable(_) | Self::Closed => true,
            Self::Permanent(_) | Self::UnreadableRow(_) => false,
        }
    }

    /// Whether other requests will fail as well.
    #[must_use]
    pub fn concerns_whole_store(&self) -> bool {
        !matches!(self, Self::UnreadableRow(_))
    }

    /// What a client is told: whether to try again, and nothing of the cause. The cause is logged
    /// by [`health`](super::health).
    #[must_use]
    pub fn to_frame(&self) -> ErrorFrame {
        let code = ErrorCode::StoreUnavailable;
        match self.is_retryable() {
            true => ErrorFrame::new(code, "the server cannot use its database now; try again"),
            false => ErrorFrame {
                retryable: false,
                retry_after_ms: None,
                ..ErrorFrame::new(code, "the server's database is damaged; tell its operator")
            },
        }
    }
}
