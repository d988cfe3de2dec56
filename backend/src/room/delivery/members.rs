//! A room's members, by shard.

use super::{MembershipKey, Subscriber};
use common::ids::Seq;
use parking_lot::Mutex;
use slab::Slab;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};

/// A member's number in its room's share.
pub type MemberKey = usize;

/// The members on one shard. Each is touched by its worker's thread, save for the flag.
pub(in crate::room) struct Members {
    pub(super) list: Mutex<Slab<Member>>,
    count: AtomicUsize,
    /// The shard has been told that there is something new, and has not begun to look.
    pub(super) marked: AtomicBool,
    /// See [`Members::slowest`].
    pub(super) slowest: AtomicU64,
}

impl Default for Members {
    fn default() -> Self {
        Self {
            list: Mutex::default(),
            count: AtomicUsize::new(0),
            marked: AtomicBool::new(false),
            slowest: AtomicU64::new(u64::MAX),
        }
    }
}

pub(super) struct Member {
    pub(super) recipient: Arc<dyn Subscriber>,
    pub(super) membership: MembershipKey,
}

impl Members {
    pub(in crate::room) fn add(
        &self,
        recipient: Arc<dyn Subscriber>,
        membership: MembershipKey,
    ) -> MemberKey {
        self.count.fetch_add(1, Ordering::Relaxed);
        // Where it will stand shows in the next pass.
        self.slowest.store(0, Ordering::Release);
        self.list.lock().insert(Member {
            recipient,
            membership,
        })
    }

    pub(in crate::room) fn remove(&self, member: MemberKey) {
        let gone = self.list.lock().try_remove(member);
        if gone.is_some() {
            self.count.fetch_sub(1, Ordering::Relaxed);
        }
    }

    /// A place in the log that none of them stood before at the end of the last pass. None has
    /// gone back since.
    pub(in crate::room) fn slowest(&self) -> Seq {
        match self.is_empty() {
            true => Seq(u64::MAX),
            false => Seq(self.slowest.load(Ordering::Acquire)),
        }
    }

    pub(in crate::room) fn recheck_permissions(&self) {
        for (_, member) in &*self.list.lock() {
            member.recipient.recheck_permissions();
        }
    }

    pub(in crate::room) fn count(&self) -> usize {
        self.count.load(Ordering::Relaxed)
    }

    pub(in crate::room) fn is_empty(&self) -> bool {
        self.count() == 0
    }

    /// Whether the shard is to be told: there is somebody, and it was not told before.
    pub(in crate::room) fn mark(&self) -> bool {
        !self.is_empty() && !self.marked.swap(true, Ordering::AcqRel)
    }
}
