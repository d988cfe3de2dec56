//! The door of a room: who comes is looked at before anybody can see them, and the room is live as
//! soon as somebody is let in.

use super::registry::{Registry, remove};
use super::{Hub, Membership};
use crate::room::rights::Asker;
use crate::room::{MembershipKey, Recipient, Room};
use crate::store::{RoomHead, StoreError};
use common::ErrorFrame;
use common::room::RoomAction;
use common::text::RoomName;
use std::sync::Arc;

/// Why somebody is not in a room.
#[derive(Debug)]
pub enum EnterError {
    /// They may not.
    Refused(ErrorFrame),
    /// The store cannot be read.
    Store(StoreError),
}

impl From<StoreError> for EnterError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<ErrorFrame> for EnterError {
    fn from(error: ErrorFrame) -> Self {
        Self::Refused(error)
    }
}

/// A connection that wants in, and the number it will know its membership by.
pub struct Entrant<'a> {
    /// Whose it is, and where from.
    pub asker: Asker<'a>,
    /// The shard that serves it.
    pub shard: usize,
    /// The connection.
    pub recipient: Arc<dyn Recipient>,
    /// The number.
    pub key: MembershipKey,
}

/// A room that somebody is about to enter. Where nobody does, it goes again.
struct Doorstep<'a> {
    registry: &'a Registry,
    room: Arc<Room>,
}

impl Drop for Doorstep<'_> {
    fn drop(&mut self) {
        let mut rooms = self.registry.lock(self.room.name());
        if self.room.is_empty() && !self.room.name().is_broadcast() {
            remove(&mut rooms, &self.room);
        }
    }
}

impl Hub {
    /// Lets a connection into a room, which becomes live where it was not.
    ///
    /// # Errors
    /// It may not come in, or the store cannot be read; the connection is not in the room then.
    pub async fn enter(
        self: &Arc<Self>,
        name: &RoomName,
        entrant: Entrant<'_>,
    ) -> Result<(Membership, RoomHead), EnterError> {
        if name.is_hidden() {
            // Before there is a trace of anybody's asking.
            let rights = self.rights(name, entrant.asker).await?;
            rights.check(RoomAction::Enter)?;
        }
        let membership = loop {
            let room = match self.try_enter(name, &entrant)? {
                Ok(membership) => break membership,
                Err(unread) => unread,
            };
            let step = Doorstep {
                registry: &self.registry,
                room,
            };
            self.teach(&step.room).await?;
            // The room may be another one by now: it is looked for anew.
            if let Ok(membership) = self.try_enter(name, &entrant)? {
                break membership;
            }
        };
        let head = membership.room.open().await?;
        Ok((membership, head))
    }

    /// Lets a connection into a room that knows its rules; else returns the room.
    fn try_enter(
        self: &Arc<Self>,
        name: &RoomName,
        entrant: &Entrant<'_>,
    ) -> Result<Result<Membership, Arc<Room>>, ErrorFrame> {
        let Entrant {
            asker,
            shard,
            recipient,
            key,
        } = entrant;
        let user = &asker.visitor.user;
        let mut rooms = self.registry.lock(name);
        let room = match rooms.get(name) {
            Some(room) => Arc::clone(room),
            None => {
                let new = Arc::new(self.new_room(name));
                rooms.insert(name.clone(), Arc::clone(&new));
                new
            }
        };
        if !room.knows_rules() {
            return Ok(Err(room));
        }
        if !name.is_broadcast() {
            self.rights_in(&room, *asker).check(RoomAction::Enter)?;
        }
        let recipient = Arc::clone(recipient);
        let (member, changed) = room.admit(*shard, user.clone(), recipient, *key);
        drop(rooms);
        // From here on the membership undoes itself, also when the store cannot be read or the
        // connection goes away while it is.
        let membership = Membership {
            hub: Arc::clone(self),
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
