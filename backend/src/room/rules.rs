//! A room's settings and sanctions as one immutable value, and where a live room keeps it.

use super::sanctions::Sanctions;
use crate::store::{RoomRecord, RoomStore, StoreError, StoredRules};
use common::ids::UserId;
use common::room::{RoomKind, RoomRole};
use common::text::RoomName;
use common::time::Timestamp;
use common::user::User;
use parking_lot::Mutex;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// See the module.
#[derive(Debug, PartialEq, Eq)]
pub struct Rules {
    /// What was set.
    pub record: RoomRecord,
    standings: HashMap<UserId, RoomRole>,
    /// Both of a direct conversation; nobody elsewhere.
    pair: Vec<User>,
    /// Who is banned or muted.
    pub sanctions: Sanctions,
}

impl Rules {
    /// What the store says.
    #[must_use]
    pub fn new(stored: StoredRules) -> Self {
        let standings = stored.members.iter();
        let standings = standings.map(|member| (member.user.id.clone(), member.standing));
        let is_direct = stored.record.door == RoomKind::Direct;
        Self {
            standings: standings.collect(),
            sanctions: Sanctions::of(&stored.sanctions),
            pair: match is_direct {
                true => stored.members.into_iter().map(|m| m.user).collect(),
                false => Vec::new(),
            },
            record: stored.record,
        }
    }

    /// What somebody is in the room.
    #[must_use]
    pub fn standing(&self, user: &UserId) -> RoomRole {
        self.standings.get(user).copied().unwrap_or_default()
    }

    /// In a direct conversation, the other one.
    #[must_use]
    pub fn with(&self, user: &UserId) -> Option<&User> {
        self.pair.iter().find(|other| other.id != *user)
    }
}

/// Whom a change of rules concerns.
#[derive(Debug, PartialEq, Eq)]
pub enum AffectedUsers {
    /// Everybody in the room.
    All,
    /// These users.
    Users(HashSet<UserId>),
}

/// Whom it concerns that these rules have become those.
#[must_use]
pub fn concerned(before: Option<&Rules>, after: Option<&Rules>) -> AffectedUsers {
    let (Some(before), Some(after)) = (before, after) else {
        return match before.is_some() || after.is_some() {
            true => AffectedUsers::All,
            false => AffectedUsers::Users(HashSet::new()),
        };
    };
    let is_same =
        before.record == after.record && before.sanctions.same_addresses(&after.sanctions);
    if !is_same {
        return AffectedUsers::All;
    }
    let all = before.standings.keys().chain(after.standings.keys());
    let moved = all.filter(|user| before.standing(user) != after.standing(user));
    let judged = before.sanctions.differing(&after.sanctions);
    AffectedUsers::Users(moved.chain(judged).cloned().collect())
}

/// The rules of a live room. Most rooms have none, which a flag tells without a lock.
#[derive(Default)]
pub(super) struct RulesCell {
    /// Whether there are any.
    some: AtomicBool,
    known: AtomicBool,
    value: Mutex<Option<Arc<Rules>>>,
    /// Held while the store is asked: what is asked for later is put down later.
    identity: tokio::sync::Mutex<()>,
}

impl RulesCell {
    pub(super) fn get(&self) -> Option<Arc<Rules>> {
        match self.some.load(Ordering::Acquire) {
            true => self.value.lock().clone(),
            false => None,
        }
    }

    pub(super) fn is_known(&self) -> bool {
        self.known.load(Ordering::Acquire)
    }

    /// Notes that there are none and never will be.
    pub(super) fn disable(&self) {
        self.known.store(true, Ordering::Release);
    }

    /// Asks the store, unless it was asked before.
    pub(super) async fn learn(
        &self,
        room: &RoomName,
        store: &dyn RoomStore,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let _asking = self.identity.lock().await;
        if !self.is_known() {
            let found = store.rules(room, now).await?;
            self.put(found.map(|found| Arc::new(Rules::new(found))));
        }
        Ok(())
    }

    /// Asks the store anew. Returns whom what has changed concerns.
    pub(super) async fn renew(
        &self,
        room: &RoomName,
        store: &dyn RoomStore,
        now: Timestamp,
    ) -> Result<AffectedUsers, StoreError> {
        let _asking = self.identity.lock().await;
        let found = store.rules(room, now).await?;
        let after = found.map(|found| Arc::new(Rules::new(found)));
        let before = self.put(after.clone());
        Ok(concerned(before.as_deref(), after.as_deref()))
    }

    fn put(&self, rules: Option<Arc<Rules>>) -> Option<Arc<Rules>> {
        let mut value = self.value.lock();
        self.some.store(rules.is_some(), Ordering::Release);
        let before = std::mem::replace(&mut *value, rules);
        drop(value);
        self.known.store(true, Ordering::Release);
        before
    }
}
