//! The audit log.

use super::StoreError;
use async_trait::async_trait;
use common::api::AuditAction;
use common::time::Timestamp;
use common::user::User;

/// Something that somebody did, or was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    /// When.
    pub at: Timestamp,
    /// What.
    pub act: AuditAction,
    /// Who; none where it was the command line, or is not known.
    pub actor: Option<User>,
    /// Whom or what it was done to.
    pub subject: Option<String>,
    /// From where.
    pub origin: Option<String>,
}

/// The audit log.
#[async_trait]
pub trait AuditStore: Send + Sync {
    /// Adds entries, all of them or none.
    async fn note(&self, entries: Vec<AuditEntry>) -> Result<(), StoreError>;

    /// Up to `limit` entries with a number below `before`, the newest first.
    async fn audit(
        &self,
        before: Option<u64>,
        limit: usize,
    ) -> Result<Vec<(u64, AuditEntry)>, StoreError>;

    /// Drops what is older.
    async fn forget_audit(&self, before: Timestamp) -> Result<(), StoreError>;
}
