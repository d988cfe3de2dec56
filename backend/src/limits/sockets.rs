//! Every open TCP connection counts, whatever protocol it speaks: an incomplete request uses a
//! descriptor as a WebSocket does.

use super::admission::AddressSlot;
use super::{Limit, Limits, Subnet};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

/// TCP connections beyond `connections_max`, of the node and of one address, so that plain HTTP is
/// answered where all WebSockets are taken.
const HTTP_SOCKETS: usize = 128;

/// Time between two log lines about refused connections.
const LINE_EVERY: Duration = Duration::from_secs(60);

/// Counts of open and refused TCP connections.
#[derive(Default)]
pub(super) struct Sockets {
    open: AtomicUsize,
    refused: AtomicU64,
    /// When the next line may be logged, in seconds of the limits' clock.
    line_at: AtomicU64,
}

/// One TCP connection, counted for as long as this lives.
pub struct SocketSlot {
    limits: Arc<Limits>,
    _address: Option<AddressSlot>,
}

impl Drop for SocketSlot {
    fn drop(&mut self) {
        self.limits.sockets.open.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Limits {
    /// Counts a TCP connection. `peer` is where it comes from, or `None` for a trusted proxy, which
    /// carries the connections of many.
    ///
    /// # Errors
    /// The node, or the address, has as many as it may have.
    pub fn open_socket(self: &Arc<Self>, peer: Option<Subnet>) -> Result<SocketSlot, Limit> {
        let max = self.config.connections_max.saturating_add(HTTP_SOCKETS);
        let max = max.min(self.files_max);
        let before = self.sockets.open.fetch_add(1, Ordering::Relaxed);
        let mut slot = SocketSlot {
            limits: Arc::clone(self),
            _address: None,
        };
        if before >= max {
            return Err(self.refuse_socket(Limit::Connections));
        }
        let per_address = usize::try_from(self.config.connections_per_address_max);
        if let Some(peer) = peer
            && let Ok(max @ 1..) = per_address
        {
            let taken = self.socket_addresses.take(peer, max + HTTP_SOCKETS);
            let taken = taken.ok_or_else(|| self.refuse_socket(Limit::ConnectionsPerAddress))?;
            slot._address = Some(taken);
        }
        Ok(slot)
    }

    fn refuse_socket(&self, limit: Limit) -> Limit {
        self.counters.count(limit);
        self.sockets.refused.fetch_add(1, Ordering::Relaxed);
        let now = self.clock.elapsed().as_secs();
        let line_at = self.sockets.line_at.load(Ordering::Relaxed);
        let next = now + LINE_EVERY.as_secs();
        let order = Ordering::Relaxed;
        let is_due = now >= line_at
            && self
                .sockets
                .line_at
                .compare_exchange(line_at, next, order, order)
                .is_ok();
        if is_due {
            let refused = self.sockets.refused.swap(0, Ordering::Relaxed);
            let open = self.sockets.open.load(Ordering::Relaxed);
            tracing::warn!(
                refused,
                open,
                why = limit.words(),
                "TCP connections are refused"
            );
        }
        limit
    }
}
