//! Who did what: written to the log as it happens, and into the store a moment later, many at once.
//!
//! Noting something never waits, so that it can be done anywhere. There is never a secret in it:
//! entries hold names, ids and addresses only.

use crate::clock::Clock;
use crate::store::{AuditEntry, AuditStore, StoreError};
use common::api::AuditAction;
use common::reply::User;
use common::time::Timestamp;
use parking_lot::Mutex;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// Entries that may wait for the store; beyond, they are in the log only.
const PENDING_MAX: usize = 10_000;

/// Time between two rounds of forgetting.
const FORGET_EVERY: Duration = Duration::from_secs(3600);

/// See the module.
pub struct Audit {
    store: Arc<dyn AuditStore>,
    clock: Arc<dyn Clock>,
    pending: Mutex<Vec<AuditEntry>>,
    /// Held while entries are on their way into the store: whoever reads waits for them.
    writing: tokio::sync::Mutex<()>,
    changed: Notify,
}

/// What is noted beside what was done.
#[derive(Debug, Clone, Default)]
pub struct Circumstances {
    /// Who; none where it was the command line, or is not known.
    pub actor: Option<User>,
    /// Whom or what it was done to.
    pub subject: Option<String>,
    /// From where.
    pub origin: Option<String>,
}

impl Audit {
    /// The log in this store. [`Audit::run`] writes to it.
    #[must_use]
    pub fn new(store: Arc<dyn AuditStore>, clock: Arc<dyn Clock>) -> Arc<Self> {
        Arc::new(Self {
            store,
            clock,
            pending: Mutex::default(),
            writing: tokio::sync::Mutex::default(),
            changed: Notify::new(),
        })
    }

    /// Notes something.
    pub fn note(&self, act: AuditAction, circumstances: Circumstances) {
        let Circumstances {
            actor,
            subject,
            origin,
        } = circumstances;
        tracing::info!(
            target: "audit",
            act = act.as_str(),
            actor = actor.as_ref().map(|actor| actor.id.as_str()),
            subject = subject.as_deref(),
            origin = origin.as_deref(),
        );
        let entry = AuditEntry {
            at: self.clock.now(),
            act,
            actor,
            subject,
            origin,
        };
        let mut pending = self.pending.lock();
        if pending.len() < PENDING_MAX {
            pending.push(entry);
            drop(pending);
            self.changed.notify_one();
        }
    }

    /// Entries below this number, the newest first.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn read(
        &self,
        before: Option<u64>,
        limit: usize,
    ) -> Result<Vec<(u64, AuditEntry)>, StoreError> {
        // What was noted before somebody asks is in the answer.
        self.flush().await?;
        self.store.audit(before, limit).await
    }

    /// Writes what is pending. What cannot be written stays.
    ///
    /// # Errors
    /// The store cannot be written to.
    pub async fn flush(&self) -> Result<(), StoreError> {
        let _writing = self.writing.lock().await;
        let batch = std::mem::take(&mut *self.pending.lock());
        if batch.is_empty() {
            return Ok(());
        }
        let written = self.store.note(batch.clone()).await;
        if written.is_err() {
            let mut pending = self.pending.lock();
            let room = PENDING_MAX.saturating_sub(pending.len());
            pending.splice(..0, batch.into_iter().take(room));
        }
        written
    }

    /// Writes what comes, and forgets what is older than `keep` (zero: nothing), until `ended`.
    pub async fn run(&self, keep: Duration, ended: CancellationToken) {
        let mut rounds = tokio::time::interval(FORGET_EVERY);
        loop {
            tokio::select! {
                () = ended.cancelled() => return,
                () = self.changed.notified() => {
                    if let Err(error) = self.flush().await {
                        tracing::error!(%error, "the audit log cannot be written; it is tried again");
                    }
                }
                _ = rounds.tick() => self.forget(keep).await,
            }
        }
    }

    async fn forget(&self, keep: Duration) {
        if keep.is_zero() {
            return;
        }
        let keep_ms = u64::try_from(keep.as_millis()).unwrap_or(u64::MAX);
        let before = Timestamp(self.clock.now().0.saturating_sub(keep_ms));
        if let Err(error) = self.store.forget_audit(before).await {
            tracing::error!(%error, "old entries of the audit log could not be dropped");
        }
    }
}
