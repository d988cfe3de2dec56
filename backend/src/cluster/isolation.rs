//! A node that reaches neither the store nor the bus: it sends its clients away, so that they find one
//! that does, and takes no new ones until either is back.

use super::Cluster;
use crate::bus::Bus;
use crate::store::health::StoreHealth;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;
use tokio::time::MissedTickBehavior;

/// Time between two looks.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// Looks at which both are gone, before clients are sent away: five seconds. Sending everybody away costs
/// more than waiting for a server that is being restarted.
const LOOKS: u32 = 10;

/// See the module.
#[derive(Default)]
pub(super) struct Isolation(AtomicBool);

impl Isolation {
    pub(super) fn is_cut_off(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

/// Looks until the node ends.
pub(super) async fn watch(cluster: Weak<Cluster>, parts: (Arc<dyn Bus>, Arc<StoreHealth>)) {
    let (bus, store) = parts;
    let mut looks = tokio::time::interval(LOOK_EVERY);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut gone = 0;
    loop {
        looks.tick().await;
        let Some(cluster) = cluster.upgrade() else {
            return;
        };
        gone = match store.fault().is_some() && !bus.is_connected() {
            true => gone + 1,
            false => 0,
        };
        cluster.look(gone >= LOOKS);
    }
}

impl Cluster {
    fn look(&self, is_cut_off: bool) {
        let was_cut_off = self.isolation.0.swap(is_cut_off, Ordering::AcqRel);
        match (was_cut_off, is_cut_off) {
            (false, true) => {
                tracing::warn!(
                    "neither PostgreSQL nor Redis can be reached: clients are sent to other nodes"
                );
                if let Some(hub) = self.hub.upgrade() {
                    hub.send_clients_away();
                }
            }
            (true, false) => tracing::info!("other nodes can be reached: clients are let in again"),
            _ => {}
        }
    }
}
