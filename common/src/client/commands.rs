//! Accepting user commands. Nothing is sent here: [`dispatch`](super::dispatch) sends what can be sent.

use super::Client;
use super::effect::{Change, Effect, RoomPart};
use super::input::{Command, JoinFrom};
use super::join_state::RoomStatus;
use super::message_view::MessageView;
use super::outbox_action::OutboxAction;
use super::pending_send::OutboxEntry;
use super::room::Room;
use crate::ids::{Epoch, RequestId, Seq, UserId};
use crate::room::RoomAction;
use crate::text::{Content, Data, Emoji, RoomName};

impl Client {
    pub(super) fn command(&mut self, command: Command) {
        match command {
            Command::OpenRoom { room } => self.open_room(&room),
            Command::OpenRoomFrom { room, from } => self.open_room_from(&room, from),
            Command::CloseRoom { room } => self.close_room(&room),
            Command::Send {
                room,
                content,
                data,
            } => self.send(room, content, data),
            Command::Broadcast { content, data } => {
                self.send(RoomName::broadcast(), content, data);
            }
            Command::Edit {
                room,
                target,
                content,
                data,
            } => self.edit(room, target, content, data),
            Command::Delete { room, target } => self.delete(room, target),
            Command::React {
                room,
                target,
                emoji,
                on,
            } => self.react(room, target, emoji, on),
            Command::ReloadRooms => self.want_room_list(),
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
        let refused = matches!(room.join_state.state(), RoomStatus::Refused(_));
        if refused {
            room.join_state.start_over();
        }
        let new = !std::mem::replace(&mut room.open, true);
        let place = room.timeline.epoch().cloned();
        let place = place.map(|epoch| (epoch, room.timeline.last()));
        if new {
            self.mark(Change::Rooms);
            self.report_cursor(name, place);
        }
        if new || refused {
            self.mark_all_changed(name);
        }
    }

    /// Says to who follows the room where its events begin, if that is known.
    pub(super) fn report_cursor(&mut self, name: &RoomName, place: Option<(Epoch, Seq)>) {
        if let Some((epoch, after)) = place {
            let room = name.clone();
            self.effects.push(Effect::CursorSet { room, epoch, after });
        }
    }

    fn open_room_from(&mut self, name: &RoomName, from: JoinFrom) {
        if !name.is_broadcast() && !self.is_open(name) {
            let room = self
                .rooms
                .entry(name.clone())
                .or_insert_with(|| Room::new(&self.config));
            if room.open_from(from) {
                self.leave(name);
            }
        }
        self.open_room(name);
    }

    fn close_room(&mut self, name: &RoomName) {
        if let Some(room) = self.rooms.get_mut(name)
            && std::mem::take(&mut room.open)
        {
            self.complete(name);
            self.mark(Change::Rooms);
        }
    }

    fn send(&mut self, room: RoomName, content: Option<Content>, data: Option<Data>) {
        if content.is_some() || data.is_some() {
            self.enqueue(room, OutboxAction::Message { content, data });
        }
    }

    fn edit(&mut self, room: RoomName, target: Seq, content: Option<Content>, data: Option<Data>) {
        if (content.is_some() || data.is_some())
            && let Some(epoch) = self.log_of_own(&room, target)
        {
            let action = OutboxAction::Edit {
                epoch,
                target,
                content,
                data,
            };
            self.enqueue(room, action);
        }
    }

    fn delete(&mut self, room: RoomName, target: Seq) {
        let own = self.log_of_own(&room, target);
        if let Some(epoch) = own.or_else(|| self.log_of_others(&room, target)) {
            self.enqueue(room, OutboxAction::Delete { epoch, target });
        }
    }

    /// The log of a message that the user may take back although somebody else has written it.
    fn log_of_others(&self, room: &RoomName, target: Seq) -> Option<Epoch> {
        let may = self.rooms.get(room)?.may(RoomAction::DeleteOthers);
        may.then(|| self.changeable(room, target))
            .flatten()
            .map(|(epoch, _)| epoch)
    }

    /// The later of two reactions wins. One that waits, and that this one only takes back, need not
    /// be sent at all.
    fn react(&mut self, room: RoomName, target: Seq, emoji: Emoji, on: bool) {
        let Some((epoch, _)) = self.changeable(&room, target) else {
            return;
        };
        let action = OutboxAction::React {
            epoch,
            target,
            emoji,
            on,
        };
        if self.is_visible(&room, &action) {
            return;
        }
        let queue = self.outbox.queue_mut(&room);
        if let Some(id) = queue.and_then(|queue| queue.take_reversed(&action)) {
            self.effects.push(Effect::OutboxRemove(id));
            self.mark_changed(&room, RoomPart::Timeline);
        }
        if !self.is_visible(&room, &action) {
            self.enqueue(room, action);
        }
    }

    /// A message in view of an open room that is not deleted, and the log it is in. The built-in
    /// room is not among the open ones, and nobody may change anything there.
    fn changeable(&self, room: &RoomName, target: Seq) -> Option<(Epoch, MessageView<'_>)> {
        let epoch = self.rooms.get(room)?.timeline.epoch()?.clone();
        let shown = self.room(room)?.message_view(target)?;
        (!shown.message.deleted).then_some((epoch, shown))
    }

    /// The log of a message that is the user's own to change.
    fn log_of_own(&self, room: &RoomName, target: Seq) -> Option<Epoch> {
        let (epoch, shown) = self.changeable(room, target)?;
        (Some(&shown.message.user) == self.me()).then_some(epoch)
    }

    fn is_visible(&self, room: &RoomName, action: &OutboxAction) -> bool {
        let shown = action
            .target()
            .and_then(|(_, target)| self.room(room)?.message_view(target));
        let me = self.me();
        shown.is_some_and(|shown| me.is_some_and(|me| action.is_done(&shown.message, me)))
    }

    pub(super) fn me(&self) -> Option<&UserId> {
        self.user().map(|user| &user.id)
    }

    /// Takes a send in, if its queue is not full.
    fn enqueue(&mut self, room: RoomName, action: OutboxAction) {
        if self
            .outbox
            .queue(&room)
            .is_some_and(|queue| queue.sends().len() >= self.config.outbox_max)
        {
            self.effects
                .push(Effect::CommandRejected(command_for(room, action)));
            return;
        }
        let id = RequestId::from_random(self.rng.next());
        let order = self.outbox.next_order();
        let entry = OutboxEntry {
            id,
            room,
            order,
            action,
            refused: None,
        };
        self.outbox.queue_or_new(&entry.room).push(entry.clone());
        self.mark_send_changed(&entry.room, &entry.id);
        self.effects.push(Effect::OutboxPut(entry));
    }

    fn load_older(&mut self, name: &RoomName) {
        if let Some(room) = self.room_mut(name)
            && room.want_older()
        {
            self.mark_changed(name, RoomPart::Timeline);
        }
    }

    fn mark_seen(&mut self, name: &RoomName) {
        if let Some(room) = self.room_mut(name)
            && room.mark_seen()
        {
            self.mark_changed(name, RoomPart::ReadMarker);
        }
    }

    fn retry(&mut self, id: &RequestId) {
        let Some(name) = self.outbox.room_of(id) else {
            return;
        };
        let order = self.outbox.next_order();
        let entry = self
            .outbox
            .queue_mut(&name)
            .and_then(|queue| queue.retry(id, order));
        let Some(entry) = entry else {
            return;
        };
        self.effects.push(Effect::OutboxPut(entry));
        if let Some(room) = self.room_mut(&name)
            && matches!(room.join_state.state(), RoomStatus::Refused(_))
        {
            room.join_state.start_over();
            self.mark_changed(&name, RoomPart::Status);
        }
        self.mark_send_changed(&name, id);
    }

    /// Another tab has removed the entry from storage, so there is nothing to remove; unless this
    /// client has put it there once more, before it heard of that. Left there, it would come back
    /// with the next page as one that still waits.
    pub(super) fn removed_elsewhere(&mut self, id: &RequestId) {
        let Some(name) = self.outbox.room_of(id) else {
            return;
        };
        let Some(queue) = self.outbox.queue_mut(&name) else {
            return;
        };
        if queue.is_stored_again(id) {
            self.effects.push(Effect::OutboxRemove(id.clone()));
        }
        let part = queue.part_of(id);
        if queue.remove_elsewhere(id) {
            self.mark_changed(&name, part);
        }
    }

    fn discard(&mut self, id: &RequestId) {
        let Some(name) = self.outbox.room_of(id) else {
            return;
        };
        let Some(queue) = self.outbox.queue_mut(&name) else {
            return;
        };
        let part = queue.part_of(id);
        if queue.discard(id) {
            self.effects.push(Effect::OutboxRemove(id.clone()));
            self.mark_changed(&name, part);
        }
    }

    /// The part of a room's view has changed that shows this send.
    fn mark_send_changed(&mut self, room: &RoomName, id: &RequestId) {
        if let Some(queue) = self.outbox.queue(room) {
            self.mark_changed(room, queue.part_of(id));
        }
    }
}

/// The command that asked for it.
fn command_for(room: RoomName, action: OutboxAction) -> Command {
    match action {
        OutboxAction::Message { content, data } if room.is_broadcast() => {
            Command::Broadcast { content, data }
        }
        OutboxAction::Message { content, data } => Command::Send {
            room,
            content,
            data,
        },
        OutboxAction::Edit {
            target,
            content,
            data,
            ..
        } => Command::Edit {
            room,
            target,
            content,
            data,
        },
        OutboxAction::Delete { target, .. } => Command::Delete { room, target },
        OutboxAction::React {
            target, emoji, on, ..
        } => Command::React {
            room,
            target,
            emoji,
            on,
        },
    }
}
