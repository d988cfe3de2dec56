//! What the user wants, taken in. Nothing here sends: what can be sent, [`pump`](super::pump) sends.

use super::Client;
use super::effect::{Change, Effect};
use super::input::Command;
use super::outbox::OutboxEntry;
use super::room::Room;
use super::view::RoomState;
use crate::ids::RequestId;
use crate::text::{Content, Data, RoomName};

impl Client {
    pub(super) fn command(&mut self, command: Command) {
        match command {
            Command::OpenRoom { room } => self.open_room(&room),
            Command::CloseRoom { room } => self.close_room(&room),
            Command::Send {
                room,
                content,
                data,
            } => self.send(room, content, data),
            Command::Broadcast { content, data } => {
                self.send(RoomName::broadcast(), content, data);
            }
            Command::LoadOlder { room } => self.load_older(&room),
            Command::MarkSeen { room } => self.mark_seen(&room),
            Command::Retry { id } => self.retry(&id),
            Command::Discard { id } => self.discard(&id),
        }
    }

    fn open_room(&mut self, name: &RoomName) {
        if name.is_broadcast() {
            return;
        }
        let config = &self.config;
        let room = self
            .rooms
            .entry(name.clone())
            .or_insert_with(|| Room::new(config));
        let refused = matches!(room.membership.state(), RoomState::Refused(_));
        if refused {
            room.membership.start_over();
        }
        let new = !std::mem::replace(&mut room.open, true);
        if new {
            self.changes.insert(Change::Rooms);
        }
        if new || refused {
            self.touch(name);
        }
    }

    fn close_room(&mut self, name: &RoomName) {
        if let Some(room) = self.rooms.get_mut(name)
            && std::mem::take(&mut room.open)
        {
            self.settle(name);
            self.changes.insert(Change::Rooms);
        }
    }

    fn send(&mut self, room: RoomName, content: Option<Content>, data: Option<Data>) {
        if content.is_none() && data.is_none() {
            return;
        }
        if self
            .outbox
            .lane(&room)
            .is_some_and(|lane| lane.sends().len() >= self.config.outbox_max)
        {
            let command = match room.is_broadcast() {
                true => Command::Broadcast { content, data },
                false => Command::Send {
                    room,
                    content,
                    data,
                },
            };
            self.effects.push(Effect::NotTaken(command));
            return;
        }
        let id = RequestId::from_random(self.rng.next());
        let order = self.outbox.next_order();
        let entry = OutboxEntry {
            id,
            room,
            order,
            content,
            data,
            refused: None,
        };
        self.outbox.lane_or_new(&entry.room).push(entry.clone());
        self.touch(&entry.room);
        self.effects.push(Effect::OutboxPut(entry));
    }

    fn load_older(&mut self, name: &RoomName) {
        if let Some(room) = self.room_mut(name)
            && room.want_older()
        {
            self.touch(name);
        }
    }

    fn mark_seen(&mut self, name: &RoomName) {
        if let Some(room) = self.room_mut(name)
            && room.mark_seen()
        {
            self.touch(name);
        }
    }

    fn retry(&mut self, id: &RequestId) {
        let Some(name) = self.outbox.room_of(id) else {
            return;
        };
        let order = self.outbox.next_order();
        let entry = self
            .outbox
            .lane_mut(&name)
            .and_then(|lane| lane.retry(id, order));
        let Some(entry) = entry else {
            return;
        };
        self.effects.push(Effect::OutboxPut(entry));
        if let Some(room) = self.room_mut(&name)
            && matches!(room.membership.state(), RoomState::Refused(_))
        {
            room.membership.start_over();
        }
        self.touch(&name);
    }

    fn discard(&mut self, id: &RequestId) {
        let Some(name) = self.outbox.room_of(id) else {
            return;
        };
        if self
            .outbox
            .lane_mut(&name)
            .is_some_and(|lane| lane.discard(id))
        {
            self.effects.push(Effect::OutboxRemove(id.clone()));
            self.touch(&name);
        }
    }
}
