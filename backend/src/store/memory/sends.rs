//! The sends of logs in memory, by which a repeated send is recognized.

use super::{Appended, Body, NewEvent, Placed, Refusal};
use crate::sharded_lock::ShardedLock;
use common::ids::{Epoch, RequestId, Seq, UserId};
use parking_lot::MutexGuard;
use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::atomic::{AtomicUsize, Ordering};

/// Sends that are remembered; beyond, the oldest of a shard are forgotten.
const SENDS_MAX: usize = 200_000;

/// Sends that a shard remembers whatever the others do: who floods one does not make another forget.
const LOCK_SHARD_MIN: usize = 1000;

/// What an `id` was used for.
type Kind = (std::mem::Discriminant<Body>, Option<Seq>);

/// See the module.
#[derive(Default)]
pub(super) struct Sends {
    shards: ShardedLock<OfUsers>,
    count: AtomicUsize,
}

/// The sends of some users.
#[derive(Default)]
pub(super) struct OfUsers {
    known: HashMap<(UserId, RequestId), (Placed, Kind)>,
    by_age: VecDeque<(UserId, RequestId)>,
}

fn kind_of(body: &Body) -> Kind {
    (std::mem::discriminant(body), body.target())
}

impl OfUsers {
    /// The answer to an event whose `id` its author has used before.
    pub(super) fn find(&self, event: &NewEvent, id: &RequestId) -> Option<Appended> {
        let send = (event.author.id.clone(), id.clone());
        let (first, kind) = self.known.get(&send)?;
        if first.room != event.room || *kind != kind_of(&event.body) {
            return Some(Appended::Refused(Refusal::IdReused));
        }
        Some(Appended::Placed(Placed {
            repeat: true,
            ..first.clone()
        }))
    }
}

impl Sends {
    /// Those of a user, and of some others.
    pub(super) fn of(&self, user: &UserId) -> MutexGuard<'_, OfUsers> {
        self.shards.of(user).lock()
    }

    /// Remembers one, and forgets an old one where there are too many.
    pub(super) fn remember(
        &self,
        sends: &mut OfUsers,
        event: &NewEvent,
        id: RequestId,
        placed: &Placed,
    ) {
        let first = Placed {
            erased: Vec::new(),
            ..placed.clone()
        };
        let send = (event.author.id.clone(), id);
        let kind = kind_of(&event.body);
        sends.known.insert(send.clone(), (first, kind));
        sends.by_age.push_back(send);
        if self.count.fetch_add(1, Ordering::Relaxed) >= SENDS_MAX
            && sends.by_age.len() > LOCK_SHARD_MIN
            && let Some(oldest) = sends.by_age.pop_front()
        {
            sends.known.remove(&oldest);
            self.count.fetch_sub(1, Ordering::Relaxed);
        }
    }

    /// Forgets what was sent to logs that are no more.
    pub(super) fn forget(&self, gone: &HashSet<Epoch>) {
        for shard in self.shards.iter() {
            let OfUsers { known, by_age } = &mut *shard.lock();
            known.retain(|_, (placed, _)| !gone.contains(&placed.epoch));
            let before = by_age.len();
            by_age.retain(|send| known.contains_key(send));
            self.count
                .fetch_sub(before - by_age.len(), Ordering::Relaxed);
        }
    }
}
