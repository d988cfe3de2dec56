//! What a node exchanges with the others beside events: that invalidations were stored, what users and
//! addresses use of their limits, and how many users are in which rooms. And what it does when it is cut
//! off from them.

mod isolation;

use crate::bus::{Bus, NodeMessage, Received};
use crate::hub::Hub;
use crate::limits::Limits;
use crate::store::health::StoreHealth;
use crate::supervisor::Supervisor;
use isolation::Isolation;
use std::sync::{Arc, Weak};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::MissedTickBehavior;

/// Time between two tellings of what was used.
const USE_EVERY: Duration = Duration::from_millis(500);

/// Tellings of what was used between two of what changes less often: two seconds.
const COUNTS_EVERY: u64 = 4;

/// Tellings of what was used after which others are told how many users are in rooms, also if that has
/// not changed: a minute.
const ONLINE_EVERY: u64 = 120;

/// Rooms of which others are told how many users are in them.
const ONLINE_MAX: usize = 1000;

/// See the module.
pub struct Cluster {
    hub: Weak<Hub>,
    limits: Arc<Limits>,
    invalidated: Notify,
    isolation: Isolation,
}

impl Cluster {
    /// Begins to listen to the bus, and to tell.
    pub fn start(
        hub: &Arc<Hub>,
        limits: &Arc<Limits>,
        bus: &Arc<dyn Bus>,
        store: &Arc<StoreHealth>,
        supervisor: &Supervisor,
    ) -> Arc<Self> {
        let cluster = Arc::new(Self {
            hub: Arc::downgrade(hub),
            limits: Arc::clone(limits),
            invalidated: Notify::new(),
            isolation: Isolation::default(),
        });
        if bus.is_local() {
            return cluster;
        }
        limits.share_use();
        let receiver = Arc::downgrade(&cluster);
        bus.start(Box::new(move |received| {
            if let Some(cluster) = receiver.upgrade() {
                cluster.receive(received);
            }
        }));
        let telling = tell_forever(Arc::downgrade(&cluster), Arc::clone(bus));
        supervisor.spawn("telling other nodes what is used", telling);
        let parts = (Arc::clone(bus), Arc::clone(store));
        let watching = isolation::watch(Arc::downgrade(&cluster), parts);
        supervisor.spawn("the watch over the connection to other nodes", watching);
        cluster
    }

    /// Waits until another node says that invalidations were stored.
    pub async fn invalidated(&self) {
        self.invalidated.notified().await;
    }

    /// Whether neither the store nor the bus can be reached: clients are better off on another node.
    #[must_use]
    pub fn is_cut_off(&self) -> bool {
        self.isolation.is_cut_off()
    }

    fn receive(&self, received: Received) {
        match received {
            Received::Node(_, NodeMessage::Invalidated) => self.invalidated.notify_one(),
            Received::Node(_, NodeMessage::Usage(all)) => {
                all.into_iter().for_each(|usage| self.limits.deduct(usage));
            }
            Received::Node(node, NodeMessage::Connections(all)) => {
                self.limits.set_connections_elsewhere(node, all);
            }
            received => {
                if let Received::NodeGone(node) = received {
                    self.limits.set_connections_elsewhere(node, Vec::new());
                }
                if let Some(hub) = self.hub.upgrade() {
                    hub.receive(received);
                }
            }
        }
    }
}

async fn tell_forever(cluster: Weak<Cluster>, bus: Arc<dyn Bus>) {
    let mut rounds = tokio::time::interval(USE_EVERY);
    rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut has_told_connections = false;
    let mut told_online = Vec::new();
    for round in 0_u64.. {
        rounds.tick().await;
        let Some(cluster) = cluster.upgrade() else {
            return;
        };
        let Some(hub) = cluster.hub.upgrade() else {
            return;
        };
        let used = cluster.limits.take_used();
        if !used.is_empty() {
            bus.publish_to_nodes(&NodeMessage::Usage(used));
        }
        if round.is_multiple_of(COUNTS_EVERY) {
            let online = hub.rooms.busiest(ONLINE_MAX);
            if online != told_online || round.is_multiple_of(ONLINE_EVERY) {
                bus.publish_to_nodes(&NodeMessage::Online(online.clone()));
                told_online = online;
            }
            let users = |wanted: &dyn Fn(usize) -> bool| hub.connections.users_with(wanted);
            let many = cluster.limits.many_connections(users);
            // Nobody is worth telling once.
            if !many.is_empty() || has_told_connections {
                has_told_connections = !many.is_empty();
                bus.publish_to_nodes(&NodeMessage::Connections(many));
            }
        }
    }
}
