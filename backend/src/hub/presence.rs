//! The presence actor: collects presence changes for a moment before members are told.
//!
//! One task for the node, which also tells the other nodes who has come and gone here. In a quiet room the first change is sent within 40 ms. While more changes
//! follow, they are collected, for longer in larger rooms, because each update is sent to every member:
//! a room that fills at once costs its members a few frames each.

use crate::bus::Bus;
use crate::room::Room;
use crate::supervisor::Supervisor;
use parking_lot::Mutex;
use std::collections::BTreeMap;
use std::sync::{Arc, Weak};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::task::AbortHandle;
use tokio::time::Instant;

/// From a change in a quiet room until it is told.
const WINDOW: Duration = Duration::from_millis(40);

/// From one telling to the next, at the least and at the most.
const GAP: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(10));

/// The same, for each user who is told.
const GAP_PER_USER: Duration = Duration::from_micros(200);

/// Rooms with changes to tell.
pub(super) struct PresenceQueue {
    shared: Arc<Shared>,
    task: AbortHandle,
}

#[derive(Default)]
struct Shared {
    /// Rooms where something has changed after they were quiet.
    woken: Mutex<Vec<(Instant, Weak<Room>)>>,
    changed: Notify,
}

impl PresenceQueue {
    pub(super) fn start(bus: Arc<dyn Bus>, supervisor: &Supervisor) -> Self {
        let shared = Arc::new(Shared::default());
        let task = supervisor.spawn("presence", run(Arc::clone(&shared), bus));
        let task = task.abort_handle();
        Self { shared, task }
    }

    pub(super) fn push(&self, room: &Arc<Room>) {
        if room.presence_is_due() {
            let due = (Instant::now() + WINDOW, Arc::downgrade(room));
            self.shared.woken.lock().push(due);
            self.shared.changed.notify_one();
        }
    }
}

impl Drop for PresenceQueue {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// When which rooms are to be told; the number keeps those apart that are due at once.
type Timetable = BTreeMap<(Instant, u64), Weak<Room>>;

async fn run(shared: Arc<Shared>, bus: Arc<dyn Bus>) {
    let mut timetable = Timetable::new();
    let mut number = 0;
    loop {
        for (at, room) in std::mem::take(&mut *shared.woken.lock()) {
            number += 1;
            timetable.insert((at, number), room);
        }
        let Some(((at, _), _)) = timetable.first_key_value() else {
            shared.changed.notified().await;
            continue;
        };
        // A change that is due sooner may come meanwhile.
        tokio::select! {
            () = tokio::time::sleep_until(*at) => tell(&mut timetable, &*bus, Instant::now()),
            () = shared.changed.notified() => {}
        }
    }
}

/// Tells who is due. A room that had something to tell is looked at again after a while: what
/// changes until then, also while it is told, waits for that.
fn tell(timetable: &mut Timetable, bus: &dyn Bus, now: Instant) {
    while let Some(first) = timetable.first_entry()
        && first.key().0 <= now
    {
        let ((_, number), room) = first.remove_entry();
        let Some(told) = room.upgrade() else {
            continue;
        };
        let is_told = told.flush_presence();
        // Afterwards: what comes after this has the room looked at again.
        if let Some(untold) = told.take_untold_presence() {
            bus.publish_presence(told.name(), &untold);
        }
        if !is_told {
            continue;
        }
        let users = u32::try_from(told.online()).unwrap_or(u32::MAX);
        let gap = GAP_PER_USER.saturating_mul(users).clamp(GAP.0, GAP.1);
        timetable.insert((now + gap, number), room);
    }
}
