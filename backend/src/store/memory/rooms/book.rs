//! The rooms themselves: what is decided under the lock.

use crate::store::{
    Hash, Invitation, Invited, MEMBERS_MAX, Member, MemberChange, MemberOutcome, RoomRecord,
    Sanction,
};
use common::ids::UserId;
use common::room::{RoomKind, RoomRole, SanctionKind};
use common::text::RoomName;
use common::time::Timestamp;
use common::user::User;
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// See the module.
#[derive(Default)]
pub(in crate::store::memory) struct Rooms {
    pub(super) rooms: BTreeMap<RoomName, Room>,
    pub(super) node: Vec<Sanction>,
    pub(super) invitations: Vec<(Invitation, Hash)>,
}

pub(super) struct Room {
    pub(super) record: RoomRecord,
    pub(super) members: Vec<Member>,
    pub(super) sanctions: Vec<Sanction>,
}

impl Room {
    pub(super) fn new(record: RoomRecord) -> Self {
        Self {
            record,
            members: Vec::new(),
            sanctions: Vec::new(),
        }
    }

    pub(super) fn standing(&self, user: &UserId) -> RoomRole {
        let mut members = self.members.iter();
        let found = members.find(|member| member.user.id == *user);
        found.map_or(RoomRole::Outsider, |member| member.standing)
    }

    pub(super) fn has(&self, user: &UserId) -> bool {
        self.standing(user) != RoomRole::Outsider
    }

    pub(super) fn is_banned(&self, user: &UserId, now: Timestamp) -> bool {
        holding(&self.sanctions, now)
            .any(|known| known.kind == SanctionKind::Ban && known.user.id == *user)
    }

    pub(super) fn put(&mut self, user: &User, standing: RoomRole, since: Timestamp) {
        let known = self.members.iter_mut().find(|m| m.user.id == user.id);
        match known {
            Some(known) => {
                known.standing = standing;
                known.user = user.clone();
            }
            None => self.members.push(Member {
                user: user.clone(),
                standing,
                since,
            }),
        }
    }

    /// The refusal of a change that the room does not allow.
    pub(super) fn refuse(
        &self,
        change: &MemberChange,
        standing: RoomRole,
    ) -> Option<MemberOutcome> {
        if change.was == RoomRole::Outsider {
            if self.is_banned(&change.user.id, change.at) {
                return Some(MemberOutcome::Banned);
            }
            if self.members.len() >= MEMBERS_MAX {
                return Some(MemberOutcome::Full);
            }
        }
        let is_owner = |member: &&Member| member.standing == RoomRole::Owner;
        let owners = self.members.iter().filter(is_owner).count();
        let steps_down = change.was == RoomRole::Owner && standing < RoomRole::Owner;
        let is_last = owners == 1 && self.members.len() > 1;
        let bereft = self.record.door == RoomKind::Private && steps_down && is_last;
        bereft.then_some(MemberOutcome::LastOwner)
    }
}

fn holding(sanctions: &[Sanction], now: Timestamp) -> impl Iterator<Item = &Sanction> {
    let holds = move |known: &&Sanction| known.until.is_none_or(|until| now < until);
    sanctions.iter().filter(holds)
}

pub(super) fn newest_first(sanctions: &[Sanction], now: Timestamp) -> Vec<Sanction> {
    let mut found: Vec<_> = holding(sanctions, now).cloned().collect();
    found.sort_by(|a, b| (Reverse(a.at), &a.id).cmp(&(Reverse(b.at), &b.id)));
    found
}

impl Rooms {
    /// The room; a public one that nothing was set of comes to be.
    pub(super) fn ensure(&mut self, room: &RoomName, now: Timestamp) -> Option<&mut Room> {
        if !self.rooms.contains_key(room) && (room.is_hidden() || room.is_broadcast()) {
            return None;
        }
        let fresh = || Room::new(RoomRecord::new(room.clone(), RoomKind::Public, now));
        Some(self.rooms.entry(room.clone()).or_insert_with(fresh))
    }

    pub(super) fn look(&self, code: Hash, now: Timestamp) -> Option<Invited> {
        let mut known = self.invitations.iter();
        let (invitation, _) = known.find(|(known, hash)| *hash == code && known.holds(now))?;
        let room = self.rooms.get(&invitation.room)?;
        (!room.record.archived).then(|| Invited {
            invitation: invitation.clone(),
            record: room.record.clone(),
            members: room.members.len(),
        })
    }
}
