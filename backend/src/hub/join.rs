//! Joining a room: the request is authorized before any member can see the user, and the room becomes
//! live when the first user is admitted.

use super::live_rooms::{LiveRooms, Membership};
use super::registry::{Registry, remove};
use crate::room::permissions::Requester;
use crate::room::{MembershipKey, Room, Subscriber};
use crate::store::{RoomHead, StoreError};
use common::ErrorFrame;
use common::room::RoomAction;
use common::text::RoomName;
use std::sync::Arc;

/// Why somebody is not in a room.
#[derive(Debug)]
pub enum JoinError {
    /// They may not.
    Refused(ErrorFrame),
    /// The store cannot be read.
    Store(StoreError),
}

impl From<StoreError> for JoinError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<ErrorFrame> for JoinError {
    fn from(error: ErrorFrame) -> Self {
        Self::Refused(error)
    }
}

/// A connection that wants in, and the number it will know its membership by.
pub struct JoinRequest<'a> {
    /// Whose it is, and where from.
    pub requester: Requester<'a>,
    /// The shard that serves it.
    pub shard: usize,
    /// The connection.
    pub recipient: Arc<dyn Subscriber>,
    /// The number.
    pub key: MembershipKey,
}

/// A room that somebody is about to enter. Where nobody does, it goes again.
struct PendingJoin<'a> {
    registry: &'a Registry,
    room: Arc<Room>,
}

impl Drop for PendingJoin<'_> {
    fn drop(&mut self) {
        let mut rooms = self.registry.lock(self.room.name());
        if self.room.is_empty() && !self.room.name().is_broadcast() {
            remove(&mut rooms, &self.room);
        }
    }
}

impl LiveRooms {
    /// Lets a connection into a room, which becomes live where it was not.
    ///
    /// # Errors
    /// It may not come in, or the store cannot be read; the connection is not in the room then.
    pub async fn join(
        self: &Arc<Self>,
        name: &RoomName,
        request: JoinRequest<'_>,
    ) -> Result<(Membership, RoomHead), JoinError> {
        if name.is_hidden() {
            // Before the question leaves any trace.
            let permissions = self.rules.permissions(name, request.requester).await?;
            permissions.check(RoomAction::Enter)?;
        }
        let membership = loop {
            let room = match self.try_join(name, &request)? {
                Ok(membership) => break membership,
                Err(unread) => unread,
            };
            let step = PendingJoin {
                registry: &self.registry,
                room,
            };
            self.rules.ensure_rules(&step.room).await?;
            // The room may be another one by now: it is looked for anew.
            if let Ok(membership) = self.try_join(name, &request)? {
                break membership;
            }
        };
        let head = membership.room.open().await?;
        Ok((membership, head))
    }

    /// Lets a connection into a room that knows its rules; else returns the room.
    fn try_join(
        self: &Arc<Self>,
        name: &RoomName,
        request: &JoinRequest<'_>,
    ) -> Result<Result<Membership, Arc<Room>>, ErrorFrame> {
        let JoinRequest {
            requester,
            shard,
            recipient,
            key,
        } = request;
        let user = &requester.visitor.user;
        let mut rooms = self.registry.lock(name);
        let room = match rooms.get(name) {
            Some(room) => Arc::clone(room),
            None => {
                let new = Arc::new(self.new_room(name));
                rooms.insert(name.clone(), Arc::clone(&new));
                new
            }
        };
        if !room.has_loaded_rules() {
            return Ok(Err(room));
        }
        if !name.is_broadcast() {
            self.rules
                .permissions_in(&room, *requester)
                .check(RoomAction::Enter)?;
        }
        let recipient = Arc::clone(recipient);
        let (member, changed) = room.admit(*shard, user.clone(), recipient, *key);
        drop(rooms);
        // From here on the membership undoes itself, also when the store cannot be read or the
        // connection goes away while it is.
        let membership = Membership {
            rooms: Arc::clone(self),
            room,
            user: user.id.clone(),
            shard: *shard,
            member,
        };
        if changed {
            self.presence.push(&membership.room);
        }
        Ok(Ok(membership))
    }
}
