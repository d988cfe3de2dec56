//! The audit log: who did what. Entries are logged immediately and stored in batches a moment later.
//!
//! Recording an entry never blocks, so it can be done anywhere. Entries contain names, ids and
//! addresses, never secrets.

use crate::clock::Clock;
use crate::store::{AuditEntry, AuditStore, Leases, StoreError, Task};
use crate::write_behind::WriteBehind;
use common::api::AuditAction;
use common::text::RoomName;
use common::time::Timestamp;
use common::user::User;
use parking_lot::Mutex;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Entries that may wait for the store; beyond, they are in the log only.
const PENDING_MAX: usize = 10_000;

/// Entries gather this long before they are written.
const WINDOW: Duration = Duration::from_millis(100);

/// Time between two rounds of forgetting.
const FORGET_EVERY: Duration = Duration::from_secs(3600);

/// See the module.
pub struct Audit {
    store: Arc<dyn AuditStore>,
    clock: Arc<dyn Clock>,
    pending: Mutex<Vec<AuditEntry>>,
    /// Held while entries are on their way into the store: readers wait for them.
    writing: tokio::sync::Mutex<()>,
    writer: WriteBehind,
}

/// What is noted beside what was done.
#[derive(Debug, Clone, Default)]
pub struct AuditContext {
    /// Who; none where it was the command line, or is not known.
    pub actor: Option<User>,
    /// Whom or what it was done to.
    pub subject: Option<String>,
    /// From where.
    pub origin: Option<String>,
}

/// What the log says of private rooms: neither which one, nor whom something was done to there. Even
/// an id of the room would tell an admin who is in it with whom.
const PRIVATE_ROOM: &str = "a private room";

/// The subject of something that was done in a room, to `what` where that is somebody or something
/// in it.
#[must_use]
pub fn subject_in_room(room: &RoomName, what: Option<&str>) -> String {
    match what {
        _ if room.is_hidden() => PRIVATE_ROOM.to_owned(),
        Some(what) => format!("{what} in {room}"),
        None => room.to_string(),
    }
}

/// The subject as admins may read it: earlier versions wrote the names of private rooms, at its end.
fn without_private_rooms(subject: String) -> String {
    let last_word = subject.rsplit(' ').next().unwrap_or_default();
    let room = last_word.parse::<RoomName>();
    match room.is_ok_and(|room| room.is_hidden()) {
        true => PRIVATE_ROOM.to_owned(),
        false => subject,
    }
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
            writer: WriteBehind::default(),
        })
    }

    /// Notes something.
    pub fn note(&self, act: AuditAction, audit_context: AuditContext) {
        let AuditContext {
            actor,
            subject,
            origin,
        } = audit_context;
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
            self.writer.wake();
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
        let mut entries = self.store.audit(before, limit).await?;
        for (_, entry) in &mut entries {
            entry.subject = entry.subject.take().map(without_private_rooms);
        }
        Ok(entries)
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

    /// Writes what comes, and forgets what is older than `keep` (zero: nothing), until `ended`; of
    /// several nodes, one forgets.
    pub async fn run(&self, keep: Duration, leases: Leases, ended: CancellationToken) {
        tokio::select! {
            () = ended.cancelled() => {}
            () = self.writer.run(WINDOW, || self.flush()) => {}
            () = self.forget_forever(keep, &leases) => {}
        }
    }

    async fn forget_forever(&self, keep: Duration, leases: &Leases) {
        let mut rounds = tokio::time::interval(FORGET_EVERY);
        loop {
            rounds.tick().await;
            if let Err(error) = self.forget(keep, leases).await {
                tracing::debug!(%error, "old entries of the audit log could not be dropped");
            }
        }
    }

    async fn forget(&self, keep: Duration, leases: &Leases) -> Result<(), StoreError> {
        if keep.is_zero() || !leases.is_mine(Task::AuditRetention, FORGET_EVERY).await? {
            return Ok(());
        }
        let keep_ms = u64::try_from(keep.as_millis()).unwrap_or(u64::MAX);
        let before = Timestamp(self.clock.now().0.saturating_sub(keep_ms));
        self.store.forget_audit(before).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_private_room_is_not_named_nor_anybody_in_it() {
        let (hidden, public) = (RoomName::hidden(7), "general".parse().unwrap());
        assert_eq!(subject_in_room(&hidden, Some("u1")), PRIVATE_ROOM);
        assert_eq!(subject_in_room(&hidden, None), PRIVATE_ROOM);
        assert_eq!(subject_in_room(&public, Some("u1")), "u1 in general");
    }

    #[test]
    fn entries_of_earlier_versions_are_read_without_private_rooms() {
        let hidden = RoomName::hidden(7);
        for old in [hidden.to_string(), format!("u1 is owner in {hidden}")] {
            assert_eq!(without_private_rooms(old), PRIVATE_ROOM);
        }
        for kept in ["general", "u1 in general", "u1", ""] {
            assert_eq!(without_private_rooms(kept.to_owned()), kept);
        }
    }
}
