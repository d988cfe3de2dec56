//! What was set of rooms, in memory.

mod book;

use super::people::{MemoryPeople, State};
use crate::store::{
    Accepted, Hash, INVITATIONS_MAX, Invalidation, Invitation, Invited, MEMBERS_MAX, Member,
    MemberChange, MemberOutcome, OwnRoom, RoomChange, RoomRecord, RoomStore, SANCTIONS_MAX,
    Sanction, StoreError, StoredRules,
};
use async_trait::async_trait;
use book::{Room, newest_first};
use common::ids::{InvitationId, SanctionId, UserId};
use common::room::{RoomKind, RoomRole, SanctionKind};
use common::text::RoomName;
use common::time::Timestamp;
use common::user::User;
use std::cmp::Reverse;

pub(super) use book::Rooms;

impl State {
    fn tell(&mut self, room: &RoomName, user: &UserId, by: &UserId, at: Timestamp) {
        let invalidation = Invalidation::RoomsChanged {
            room: room.clone(),
            user: user.clone(),
            by: by.clone(),
        };
        self.invalidation(invalidation, at);
    }

    fn changed(&mut self, room: &RoomName, at: Timestamp) {
        self.invalidation(Invalidation::RoomChanged(room.clone()), at);
    }
}

#[async_trait]
impl RoomStore for MemoryPeople {
    async fn rules(
        &self,
        room: &RoomName,
        now: Timestamp,
    ) -> Result<Option<StoredRules>, StoreError> {
        let state = self.state.lock();
        Ok(state.rooms.rooms.get(room).map(|room| {
            let mut members = room.members.clone();
            let order = |m: &Member| (Reverse(m.standing), m.user.name.clone(), m.user.id.clone());
            members.sort_by_key(order);
            StoredRules {
                record: room.record.clone(),
                members,
                sanctions: newest_first(&room.sanctions, now),
            }
        }))
    }

    async fn standing(&self, room: &RoomName, user: &UserId) -> Result<RoomRole, StoreError> {
        let state = self.state.lock();
        let room = state.rooms.rooms.get(room);
        Ok(room.map_or(RoomRole::Outsider, |room| room.standing(user)))
    }

    async fn rooms_of(&self, user: &UserId, limit: usize) -> Result<Vec<OwnRoom>, StoreError> {
        let state = self.state.lock();
        let rooms = state.rooms.rooms.values();
        let mut own: Vec<_> = rooms
            .filter(|room| room.record.door != RoomKind::Public)
            .filter_map(|room| {
                let own = room.members.iter().find(|m| m.user.id == *user)?;
                let other = room.members.iter().find(|m| m.user.id != *user);
                let is_direct = room.record.door == RoomKind::Direct;
                let with = other.filter(|_| is_direct).map(|m| m.user.clone());
                let record = room.record.clone();
                Some((Reverse(own.since), OwnRoom { record, with }))
            })
            .collect();
        own.sort_by_key(|(since, _)| *since);
        Ok(own.into_iter().map(|(_, room)| room).take(limit).collect())
    }

    async fn recorded(&self, limit: usize) -> Result<Vec<RoomRecord>, StoreError> {
        let state = self.state.lock();
        let records = state.rooms.rooms.values().map(|room| &room.record);
        let mut found: Vec<_> = records
            .filter(|record| record.door == RoomKind::Public)
            .cloned()
            .collect();
        found.sort_by_key(|record| Reverse(record.created_at));
        found.truncate(limit);
        Ok(found)
    }

    async fn make(&self, record: RoomRecord, owner: User) -> Result<bool, StoreError> {
        let mut state = self.state.lock();
        let (name, at) = (record.room.clone(), record.created_at);
        if state.rooms.rooms.contains_key(&name) {
            return Ok(false);
        }
        let mut room = Room::new(record);
        room.put(&owner, RoomRole::Owner, at);
        state.rooms.rooms.insert(name.clone(), room);
        state.changed(&name, at);
        state.tell(&name, &owner.id, &owner.id, at);
        Ok(true)
    }

    async fn open_direct(
        &self,
        fresh: RoomName,
        one: User,
        other: User,
        now: Timestamp,
    ) -> Result<RoomName, StoreError> {
        let mut state = self.state.lock();
        let mut known = state.rooms.rooms.values();
        let is_theirs = |room: &&Room| {
            room.record.door == RoomKind::Direct && room.has(&one.id) && room.has(&other.id)
        };
        if let Some(found) = known.find(is_theirs) {
            return Ok(found.record.room.clone());
        }
        let mut room = Room::new(RoomRecord::new(fresh.clone(), RoomKind::Direct, now));
        room.put(&one, RoomRole::Member, now);
        room.put(&other, RoomRole::Member, now);
        state.rooms.rooms.insert(fresh.clone(), room);
        state.changed(&fresh, now);
        for user in [&one, &other] {
            state.tell(&fresh, &user.id, &one.id, now);
        }
        Ok(fresh)
    }

    async fn change_room(
        &self,
        room: &RoomName,
        change: RoomChange,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut state = self.state.lock();
        let Some(found) = state.rooms.ensure(room, now) else {
            return Ok(false);
        };
        change.apply(&mut found.record);
        state.changed(room, now);
        Ok(true)
    }

    async fn change_member(&self, change: MemberChange) -> Result<MemberOutcome, StoreError> {
        let mut state = self.state.lock();
        let (name, one) = (&change.room, &change.user.id);
        let is_public = !name.is_hidden();
        let known = state.rooms.rooms.get(name);
        let was = known.map_or(RoomRole::Outsider, |room| room.standing(one));
        if was != change.was {
            return Ok(MemberOutcome::Stale);
        }
        let standing = match change.standing {
            RoomRole::Member if is_public => RoomRole::Outsider,
            standing => standing,
        };
        if was != standing {
            let Some(room) = state.rooms.ensure(name, change.at) else {
                return Ok(MemberOutcome::NoSuchRoom);
            };
            if let Some(refused) = room.refuse(&change, standing) {
                return Ok(refused);
            }
            match standing {
                RoomRole::Outsider => room.members.retain(|m| m.user.id != *one),
                standing => room.put(&change.user, standing, change.at),
            }
            state.changed(name, change.at);
            if !is_public && (was == RoomRole::Outsider || standing == RoomRole::Outsider) {
                state.tell(name, one, &change.by, change.at);
            }
        }
        if change.kicked && is_public {
            state.invalidation(Invalidation::Kicked(name.clone(), one.clone()), change.at);
        }
        Ok(MemberOutcome::Done)
    }

    async fn sanction(
        &self,
        room: Option<&RoomName>,
        sanction: Sanction,
    ) -> Result<bool, StoreError> {
        let mut state = self.state.lock();
        let (user, now) = (sanction.user.id.clone(), sanction.at);
        let (kind, by) = (sanction.kind, sanction.by.id.clone());
        let list = match room {
            None => &mut state.rooms.node,
            Some(room) => match state.rooms.ensure(room, now) {
                None => return Ok(false),
                Some(room) => &mut room.sanctions,
            },
        };
        list.retain(|known| known.user.id != user || known.kind != kind);
        list.retain(|known| known.until.is_none_or(|until| now < until));
        if list.len() >= SANCTIONS_MAX {
            return Ok(false);
        }
        list.push(sanction);
        let Some(name) = room else {
            state.invalidation(Invalidation::SanctionsChanged, now);
            return Ok(true);
        };
        if kind == SanctionKind::Ban
            && let Some(room) = state.rooms.rooms.get_mut(name)
            && room.has(&user)
        {
            room.members.retain(|member| member.user.id != user);
            if name.is_hidden() {
                state.tell(name, &user, &by, now);
            }
        }
        state.changed(name, now);
        Ok(true)
    }

    async fn lift(
        &self,
        room: Option<&RoomName>,
        id: &SanctionId,
        now: Timestamp,
    ) -> Result<Option<Sanction>, StoreError> {
        let mut state = self.state.lock();
        let list = match room {
            None => Some(&mut state.rooms.node),
            Some(room) => state.rooms.rooms.get_mut(room).map(|r| &mut r.sanctions),
        };
        let Some(list) = list else {
            return Ok(None);
        };
        let holds = |known: &Sanction| known.until.is_none_or(|until| now < until);
        let Some(at) = list
            .iter()
            .position(|known| known.id == *id && holds(known))
        else {
            return Ok(None);
        };
        let lifted = list.remove(at);
        match room {
            None => state.invalidation(Invalidation::SanctionsChanged, now),
            Some(room) => state.changed(room, now),
        }
        Ok(Some(lifted))
    }

    async fn node_sanctions(&self, now: Timestamp) -> Result<Vec<Sanction>, StoreError> {
        Ok(newest_first(&self.state.lock().rooms.node, now))
    }

    async fn invite(&self, invitation: Invitation, code: Hash) -> Result<bool, StoreError> {
        let mut state = self.state.lock();
        let room = state.rooms.rooms.get(&invitation.room);
        if room.is_none_or(|room| room.record.door != RoomKind::Private) {
            return Ok(false);
        }
        let now = invitation.created_at;
        let known = &mut state.rooms.invitations;
        known.retain(|(known, _)| known.room != invitation.room || known.holds(now));
        let own = known.iter().filter(|(k, _)| k.room == invitation.room);
        if own.count() >= INVITATIONS_MAX {
            return Ok(false);
        }
        known.push((invitation, code));
        Ok(true)
    }

    async fn invitations(
        &self,
        room: &RoomName,
        now: Timestamp,
    ) -> Result<Vec<Invitation>, StoreError> {
        let state = self.state.lock();
        let known = state.rooms.invitations.iter().map(|(known, _)| known);
        let mut found: Vec<_> = known
            .filter(|known| known.room == *room && known.holds(now))
            .cloned()
            .collect();
        found.sort_by(|a, b| (Reverse(a.created_at), &a.id).cmp(&(Reverse(b.created_at), &b.id)));
        Ok(found)
    }

    async fn take_back(&self, room: &RoomName, id: &InvitationId) -> Result<bool, StoreError> {
        let mut state = self.state.lock();
        let known = &mut state.rooms.invitations;
        let before = known.len();
        known.retain(|(known, _)| known.room != *room || known.id != *id);
        Ok(known.len() < before)
    }

    async fn look(&self, code: Hash, now: Timestamp) -> Result<Option<Invited>, StoreError> {
        Ok(self.state.lock().rooms.look(code, now))
    }

    async fn accept(&self, code: Hash, user: User, now: Timestamp) -> Result<Accepted, StoreError> {
        let mut state = self.state.lock();
        let Some(found) = state.rooms.look(code, now) else {
            return Ok(Accepted::Refused);
        };
        let name = found.record.room;
        let Some(room) = state.rooms.rooms.get_mut(&name) else {
            return Ok(Accepted::Refused);
        };
        if room.has(&user.id) {
            return Ok(Accepted::Already(name));
        }
        if room.is_banned(&user.id, now) {
            return Ok(Accepted::Banned);
        }
        if room.members.len() >= MEMBERS_MAX {
            return Ok(Accepted::Full);
        }
        room.put(&user, RoomRole::Member, now);
        for (invitation, hash) in &mut state.rooms.invitations {
            if *hash == code {
                invitation.used += 1;
                invitation.uses_left = invitation.uses_left.map(|left| left.saturating_sub(1));
            }
        }
        state.changed(&name, now);
        state.tell(&name, &user.id, &user.id, now);
        Ok(Accepted::Joined(name))
    }
}
