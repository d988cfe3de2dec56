//! Invalidations: something stored has ended or changed, in this process or another one. Affected
//! connections are closed, and room rules are loaded again.
//!
//! The store records an invalidation in the same transaction as the change. One task reads them twice a
//! second, and whenever this node has added one, or another one says that it has.

use crate::auth::Accounts;
use crate::bus::NodeMessage;
use crate::cluster::Cluster;
use crate::hub::{Disconnect, Hub};
use crate::store::{Invalidation, StoreError, Task};
use crate::supervisor::Supervisor;
use common::CloseCode;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

/// Time between two looks: what another process ends is closed within a second.
const EVERY: Duration = Duration::from_millis(500);

/// Time between two rounds of forgetting old ones.
const FORGET_EVERY: Duration = Duration::from_secs(3600);

/// Asks that everything written down so far be read.
#[derive(Clone)]
pub struct Invalidations {
    identity: mpsc::Sender<oneshot::Sender<()>>,
}

/// Who may wait for that at once; others wait to be among them.
const ASKING_MAX: usize = 64;

impl Invalidations {
    /// Returns when what was written down before has taken effect on this node; where the store
    /// cannot be read, it takes effect later.
    pub async fn complete(&self) {
        let (done, settled) = oneshot::channel();
        if self.identity.send(done).await.is_ok() {
            // Where the node goes away meanwhile there is nothing to wait for.
            let _ = settled.await;
        }
    }
}

/// Starts the task behind what has been written down so far; it ends with `shutdown`.
///
/// # Errors
/// The store cannot be read.
pub async fn start(
    accounts: Arc<Accounts>,
    hub: Arc<Hub>,
    cluster: Arc<Cluster>,
    shutdown: CancellationToken,
    supervisor: &Supervisor,
) -> Result<Invalidations, StoreError> {
    let seen = accounts.prune_invalidations().await?;
    // What was set before that is read anew.
    hub.rules.reload_node_sanctions().await?;
    let (identity, asked) = mpsc::channel(ASKING_MAX);
    supervisor.spawn("invalidation", async move {
        let watch = watch(&accounts, &hub, &cluster, seen, asked);
        let forget = forget_forever(&accounts, &hub);
        let both = async { tokio::join!(watch, forget) };
        shutdown.run_until_cancelled(both).await;
    });
    Ok(Invalidations { identity })
}

async fn watch(
    accounts: &Accounts,
    hub: &Hub,
    cluster: &Cluster,
    mut seen: u64,
    mut asked: mpsc::Receiver<oneshot::Sender<()>>,
) {
    let mut looks = tokio::time::interval(EVERY);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut waiting = Vec::new();
    loop {
        let is_own = tokio::select! {
            _ = looks.tick() => false,
            () = cluster.invalidated() => false,
            () = accounts.ended() => true,
            Some(done) = asked.recv() => {
                waiting.push(done);
                true
            }
        };
        if is_own {
            hub.tell_nodes(&NodeMessage::Invalidated);
        }
        // All who have asked by now are content with what is read from now on.
        while let Ok(done) = asked.try_recv() {
            waiting.push(done);
        }
        if let Err(error) = read(accounts, hub, &mut seen).await {
            tracing::debug!(%error, "notices cannot be read; they are tried again");
        }
        if let Err(error) = hub.rules.end_sanctions().await {
            tracing::debug!(%error, "what has run out cannot be looked at; it is tried again");
        }
        for done in waiting.drain(..) {
            // The caller may have gone.
            let _ = done.send(());
        }
    }
}

async fn forget_forever(accounts: &Accounts, hub: &Hub) {
    let mut rounds = tokio::time::interval(FORGET_EVERY);
    // The first is at once, and that was done before.
    rounds.tick().await;
    loop {
        rounds.tick().await;
        let forgotten = async {
            let task = Task::InvalidationRetention;
            match hub.leases().is_mine(task, FORGET_EVERY).await? {
                true => accounts.prune_invalidations().await.map(drop),
                false => Ok(()),
            }
        };
        if let Err(error) = forgotten.await {
            tracing::warn!(%error, "old notices could not be forgotten");
        }
    }
}

async fn read(accounts: &Accounts, hub: &Hub, seen: &mut u64) -> Result<(), StoreError> {
    loop {
        let invalidations = accounts.invalidations(*seen).await?;
        let Some((last, _)) = invalidations.last() else {
            return Ok(());
        };
        let last = *last;
        // Once for each, however often it has changed.
        let mut rooms = BTreeSet::new();
        let mut node = false;
        for (_, invalidation) in &invalidations {
            match invalidation {
                Invalidation::RoomChanged(room) => drop(rooms.insert(room)),
                Invalidation::SanctionsChanged => node = true,
                _ => {}
            }
        }
        if node {
            hub.rules.reload_node_sanctions().await?;
        }
        for room in rooms {
            hub.rules.reload_rules(room).await?;
        }
        for (_, invalidation) in invalidations {
            tell(hub, invalidation);
        }
        *seen = last;
    }
}

/// Tells those concerned, where nothing has to be asked for.
fn tell(hub: &Hub, invalidation: Invalidation) {
    let (user, sign_in, code) = match invalidation {
        Invalidation::UserEnded(user) => (user, None, CloseCode::SignInEnded),
        Invalidation::SignInEnded(user, id) => (user, Some(id), CloseCode::SignInEnded),
        Invalidation::RoleChanged(user) => (user, None, CloseCode::RoleChanged),
        Invalidation::Kicked(room, user) => return hub.rules.kick(&room, &user),
        Invalidation::RoomsChanged { room, user, by } => {
            return hub.connections.tell_rooms_changed(room, &user, by);
        }
        Invalidation::NameHeld(_)
        | Invalidation::RoomChanged(_)
        | Invalidation::SanctionsChanged => return,
    };
    hub.connections.end(Disconnect {
        user,
        sign_in,
        code,
    });
}
