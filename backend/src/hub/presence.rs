//! The presence actor: gathers changes of presence for a moment before rooms tell their members.
//!
//! One task for the node. A quiet room's change is told within a blink; a large room's changes are
//! thinned, because each of them goes to everyone.

use crate::room::Room;
use common::limits::PRESENCE_USERS_MAX;
use common::text::RoomName;
use parking_lot::Mutex;
use std::collections::BTreeMap;
use std::sync::{Arc, Weak};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::task::AbortHandle;
use tokio::time::Instant;

/// How long changes gather in a room whose users are listed.
const WINDOW: Duration = Duration::from_millis(40);
/// The same in a room too large for a list.
const LARGE_WINDOW: Duration = Duration::from_secs(1);

/// Rooms with changes to tell.
pub(super) struct PresenceQueue {
    shared: Arc<Shared>,
    task: AbortHandle,
}

#[derive(Default)]
struct Shared {
    /// Each live room at most once, with the time to tell. Ordered, so that a simulation can replay
    /// what follows.
    due: Mutex<BTreeMap<RoomName, (Instant, Weak<Room>)>>,
    changed: Notify,
}

impl PresenceQueue {
    pub(super) fn start() -> Self {
        let shared = Arc::new(Shared::default());
        let task = tokio::spawn(run(Arc::clone(&shared))).abort_handle();
        Self { shared, task }
    }

    pub(super) fn push(&self, room: &Arc<Room>) {
        if !room.presence_is_due() {
            return;
        }
        let large = room.online() > PRESENCE_USERS_MAX;
        let at = Instant::now() + if large { LARGE_WINDOW } else { WINDOW };
        let mut due = self.shared.due.lock();
        // A room that died and came to life again under its name replaces the dead one.
        let new = Arc::downgrade(room);
        if due
            .get(room.name())
            .is_some_and(|(_, known)| known.ptr_eq(&new))
        {
            return;
        }
        due.insert(room.name().clone(), (at, new));
        drop(due);
        self.shared.changed.notify_one();
    }
}

impl Drop for PresenceQueue {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn run(shared: Arc<Shared>) {
    loop {
        let next = shared.due.lock().values().map(|(at, _)| *at).min();
        match next {
            None => shared.changed.notified().await,
            Some(at) => {
                // A change that is due sooner may come meanwhile.
                tokio::select! {
                    () = tokio::time::sleep_until(at) => flush_due(&shared, Instant::now()),
                    () = shared.changed.notified() => {}
                }
            }
        }
    }
}

fn flush_due(shared: &Shared, now: Instant) {
    let mut ready = Vec::new();
    shared.due.lock().retain(|_, (at, room)| {
        let is_ready = *at <= now;
        if is_ready {
            ready.push(Weak::clone(room));
        }
        !is_ready
    });
    for room in ready.iter().filter_map(Weak::upgrade) {
        room.flush_presence();
    }
}
