//! Visits of guests, written down a moment later and many at once: a crowd that returns must not
//! keep the writer from what it says.

use super::guests;
use super::writer::Writer;
use common::time::Timestamp;
use parking_lot::Mutex;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

/// Visits gather this long.
const WINDOW: Duration = Duration::from_secs(1);

/// By the hash of a guest's secret, when the guest was seen.
pub(super) type Seen = HashMap<[u8; 32], Timestamp>;

/// Visits that are not written yet.
#[derive(Clone, Default)]
pub(super) struct Visits(Arc<Mutex<Seen>>);

impl Visits {
    /// Takes those that are not written yet; whoever takes them writes them.
    pub(super) fn take(&self) -> Seen {
        std::mem::take(&mut *self.0.lock())
    }

    /// Notes a visit. The first one that waits sees to it that all are written.
    pub(super) fn note(&self, hash: [u8; 32], at: Timestamp, writer: &Writer) {
        let mut seen = self.0.lock();
        let is_first = seen.is_empty();
        seen.insert(hash, at);
        drop(seen);
        if is_first {
            tokio::spawn(write(self.clone(), writer.clone()));
        }
    }
}

async fn write(visits: Visits, writer: Writer) {
    tokio::time::sleep(WINDOW).await;
    let seen = visits.take();
    if let Err(error) = writer.run(move |state| guests::touch(state, &seen)).await {
        tracing::warn!(%error, "visits could not be written down");
    }
}
