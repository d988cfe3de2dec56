//! The audit log in memory, bounded.

use crate::store::{AuditEntry, AuditStore, StoreError};
use async_trait::async_trait;
use common::time::Timestamp;
use parking_lot::Mutex;
use std::collections::VecDeque;

/// Entries that are kept.
const ENTRIES_MAX: usize = 10_000;

/// See the module.
#[derive(Default)]
pub struct MemoryAudit {
    state: Mutex<(u64, VecDeque<(u64, AuditEntry)>)>,
}

#[async_trait]
impl AuditStore for MemoryAudit {
    async fn note(&self, entries: Vec<AuditEntry>) -> Result<(), StoreError> {
        let (last, kept) = &mut *self.state.lock();
        for entry in entries {
            *last += 1;
            kept.push_back((*last, entry));
        }
        let excess = kept.len().saturating_sub(ENTRIES_MAX);
        kept.drain(..excess);
        Ok(())
    }

    async fn audit(
        &self,
        before: Option<u64>,
        limit: usize,
    ) -> Result<Vec<(u64, AuditEntry)>, StoreError> {
        let (_, kept) = &*self.state.lock();
        let is_older = |number: u64| before.is_none_or(|before| number < before);
        let newest = kept.iter().rev().filter(|(number, _)| is_older(*number));
        Ok(newest.take(limit).cloned().collect())
    }

    async fn forget_audit(&self, before: Timestamp) -> Result<(), StoreError> {
        let (_, kept) = &mut *self.state.lock();
        kept.retain(|(_, entry)| entry.at >= before);
        Ok(())
    }
}
