//! Processing frames from the server.

use super::Client;
use super::dispatch::leave;
use super::effect::{Change, Effect, RoomPart};
use super::outbox_action::OutboxAction;
use super::requests::Purpose;
use super::room::Room;
use super::room_event::RoomEvent;
use super::timeline::{FoldOutcome, JoinOutcome, Timeline};
use crate::error::{ErrorCode, ErrorFrame};
use crate::event::MessagePosted;
use crate::frame::ServerFrame;
use crate::ids::{RequestId, Seq, UserId};
use crate::reply::{Ack, Goodbye, Joined, Left, Presence};
use crate::room::{LeftReason, RoomSettings};
use crate::text::RoomName;

impl Client {
    pub(super) fn receive(&mut self, frame: ServerFrame) {
        match frame {
            ServerFrame::Welcome(welcome) => self.welcomed(welcome),
            ServerFrame::Joined(joined) => self.joined(&joined),
            ServerFrame::Left(left) => self.left(&left),
            ServerFrame::Ack(ack) => self.acked(*ack),
            ServerFrame::Error(error) => self.refused(error),
            ServerFrame::Message(message) => {
                self.event(
                    &message.room.clone(),
                    message.seq,
                    RoomEvent::Message(message.into()),
                );
            }
            ServerFrame::Broadcast(broadcast) => {
                let message = MessagePosted::from(broadcast);
                self.event(
                    &message.room.clone(),
                    message.seq,
                    RoomEvent::Message(message.into()),
                );
            }
            ServerFrame::Edited(edited) => {
                self.event(&edited.room.clone(), edited.seq, RoomEvent::Edit(edited));
            }
            ServerFrame::Deleted(deleted) => {
                self.event(
                    &deleted.room.clone(),
                    deleted.seq,
                    RoomEvent::Deletion(deleted),
                );
            }
            ServerFrame::Reacted(reacted) => {
                self.event(
                    &reacted.room.clone(),
                    reacted.seq,
                    RoomEvent::Reaction(reacted),
                );
            }
            ServerFrame::Settings(settings) => self.settings(settings),
            ServerFrame::RoomsChanged(_) if self.config.watch_rooms => self.want_room_list(),
            ServerFrame::RoomsChanged(_) => {
                self.mark(Change::RoomList);
            }
            ServerFrame::Rooms(update) => {
                if self.room_list.update(*update) {
                    self.mark(Change::RoomList);
                }
            }
            ServerFrame::Read(read) => self.read_up_to(&read.room, read.seq),
            ServerFrame::Presence(presence) => self.presence(presence),
            ServerFrame::Expiring(_) => self.refresh(),
            ServerFrame::Pong(_) => {}
            ServerFrame::Goodbye(goodbye) => self.goodbye(&goodbye),
        }
    }

    /// An event of a room. Before the join is answered it belongs to a cursor that is being moved,
    /// and the answer brings it again.
    pub(super) fn event(&mut self, name: &RoomName, seq: Seq, event: RoomEvent) {
        let now = self.now();
        let own = event
            .author()
            .and_then(|(user, id)| self.own_request_id(user, id));
        let Some(room) = self.room_mut(name) else {
            return;
        };
        if room.join_state.is_joining() {
            return;
        }
        match room.timeline.fold(seq, event.clone()) {
            FoldOutcome::Repeat => {}
            FoldOutcome::Gap => {
                room.join_state.repair(now);
                self.leave(name);
                self.mark_changed(name, RoomPart::Status);
            }
            FoldOutcome::New => {
                room.timeline.trim(room.is_loading_older());
                if self.is_open(name) {
                    let room = name.clone();
                    self.effects.push(Effect::Event { room, seq, event });
                }
                if let Some(id) = &own {
                    self.confirm(name, id, seq);
                }
                self.complete(name);
                self.mark_changed(name, RoomPart::Timeline);
            }
        }
    }

    /// The `id` that this client may know its own event by.
    fn own_request_id(&self, user: &UserId, id: Option<&RequestId>) -> Option<RequestId> {
        id.filter(|_| self.me() == Some(user)).cloned()
    }

    /// The event with this id is the user's own and in the timeline: from now on it is shown there.
    fn confirm(&mut self, room: &RoomName, id: &RequestId, seq: Seq) {
        let Some(queue) = self.outbox.queue_mut(room) else {
            return;
        };
        let part = queue.part_of(id);
        match queue.confirmed(id) {
            Some(true) => self.remove_stored(id, Some(seq)),
            Some(false) => {}
            None => return,
        }
        self.mark_changed(room, part);
    }

    /// A send is on the server's disk: it need not be stored here any longer.
    fn remove_stored(&mut self, id: &RequestId, seq: Option<Seq>) {
        self.effects.push(Effect::Stored {
            id: id.clone(),
            seq,
        });
        self.effects.push(Effect::OutboxRemove(id.clone()));
    }

    /// Takes what is stored out of the outbox, as soon as the timeline shows it or nobody looks.
    pub(super) fn complete(&mut self, name: &RoomName) {
        let me = self.me().cloned();
        let room = match name.is_broadcast() {
            true => Some(&self.announcements),
            false => self.rooms.get(name),
        };
        let open = room.filter(|room| room.open).map(|room| &room.timeline);
        let is_visible = |action: &OutboxAction, seq| match (open, seq) {
            (Some(timeline), Some(seq)) => seq <= timeline.last(),
            (Some(timeline), None) => me.as_ref().is_some_and(|me| is_done(timeline, action, me)),
            (None, _) => true,
        };
        if let Some(queue) = self.outbox.queue_mut(name) {
            queue.complete(is_visible);
        }
    }

    fn joined(&mut self, joined: &Joined) {
        let room = self.room_mut(&joined.room);
        if room.is_some_and(Room::reopen) {
            self.leave(&joined.room);
            return;
        }
        let Some(outcome) = self
            .room_mut(&joined.room)
            .and_then(|room| room.joined(joined))
        else {
            return;
        };
        if outcome != JoinOutcome::Continued && self.is_open(&joined.room) {
            let place = (joined.epoch.clone(), joined.after);
            self.report_cursor(&joined.room, Some(place));
        }
        if let Some(queue) = self.outbox.queue_mut(&joined.room) {
            if outcome == JoinOutcome::NewLog {
                // Their places were in a log that is no more: nothing will ever show them.
                queue.complete(|_, _| true);
            }
            queue.stored_by(joined.head);
            while let Some(entry) = queue.refuse_stale_target(&joined.epoch, joined.head) {
                self.effects.push(Effect::OutboxPut(entry));
            }
        }
        self.complete(&joined.room);
        self.mark_all_changed(&joined.room);
    }

    fn settings(&mut self, settings: Box<RoomSettings>) {
        let name = settings.room.clone();
        if let Some(room) = self.room_mut(&name) {
            room.settings = Some(settings);
            self.mark_changed(&name, RoomPart::Settings);
        }
    }

    /// If we count ourselves in, and no reason is given, this answers no `leave` of ours (after one, a join is unanswered
    /// still): somebody has put us out. Whether for good, the answer to another join will tell.
    fn left(&mut self, left: &Left) {
        let now = self.now();
        if let Some(room) = self.room_mut(&left.room) {
            match left.reason {
                None => room.join_state.repair(now),
                Some(reason) => room
                    .join_state
                    .removed(removed(reason).about(left.room.clone())),
            }
            self.mark_all_changed(&left.room);
        }
    }

    fn acked(&mut self, ack: Ack) {
        let Some((purpose, name)) = self.answered(&ack.id) else {
            return;
        };
        match purpose {
            // `joined` and `rooms` say it all.
            Purpose::Join | Purpose::RoomList => {}
            Purpose::Send => self.stored(&name, &ack),
            Purpose::History => self.page(&name, ack),
        }
    }

    fn answered(&mut self, id: &RequestId) -> Option<(Purpose, RoomName)> {
        self.connection.active()?.requests.answered(id)
    }

    fn stored(&mut self, name: &RoomName, ack: &Ack) {
        let Some(queue) = self.outbox.queue_mut(name) else {
            return;
        };
        let part = queue.part_of(&ack.id);
        if queue.stored(&ack.id, ack.seq) {
            self.remove_stored(&ack.id, ack.seq);
            self.complete(name);
            self.mark_changed(name, part);
        }
    }

    fn page(&mut self, name: &RoomName, ack: Ack) {
        let messages = ack.page.iter().flat_map(|page| &page.messages);
        let own: Vec<(RequestId, Seq)> = messages
            .filter_map(|message| {
                let id = self.own_request_id(&message.user, message.id.as_ref())?;
                Some((id, message.seq))
            })
            .collect();
        if let Some(room) = self.room_mut(name) {
            if room.answer_older(&ack.id, ack.page) {
                for (id, seq) in &own {
                    self.confirm(name, id, *seq);
                }
            }
            self.mark_changed(name, RoomPart::Timeline);
        }
    }

    fn refused(&mut self, error: ErrorFrame) {
        let Some(id) = error.id.clone() else {
            return;
        };
        let Some((purpose, name)) = self.answered(&id) else {
            return;
        };
        match purpose {
            Purpose::Join => self.join_refused(&name, error),
            Purpose::Send => self.send_refused(&name, &id, error),
            Purpose::RoomList => self.room_list.refused(&error, self.clock.now()),
            Purpose::History => {
                if let Some(room) = self.room_mut(&name) {
                    room.answer_older(&id, None);
                }
                self.mark_changed(&name, RoomPart::Timeline);
            }
        }
    }

    fn join_refused(&mut self, name: &RoomName, error: ErrorFrame) {
        let now = self.now();
        let Some(room) = self.room_mut(name) else {
            return;
        };
        if error.code == ErrorCode::AlreadyJoined {
            // The two sides disagree. Out and in again, and then they agree.
            room.join_state.refused(
                ErrorFrame {
                    retryable: true,
                    ..error
                },
                now,
            );
            self.leave(name);
        } else {
            room.join_state.refused(error, now);
        }
        // What waited to be sent there may be refused with it.
        self.mark_all_changed(name);
    }

    fn send_refused(&mut self, name: &RoomName, id: &RequestId, error: ErrorFrame) {
        let now = self.now();
        if error.code == ErrorCode::NotJoined {
            // We were put out while it was on its way. In again, then once more.
            if let Some(room) = self.room_mut(name) {
                room.join_state.repair(now);
            }
            self.mark_changed(name, RoomPart::Status);
        }
        let Some(queue) = self.outbox.queue_mut(name) else {
            return;
        };
        let part = queue.part_of(id);
        if error.retryable || error.code == ErrorCode::NotJoined {
            queue.postpone(id, now, error.retry_after_ms);
        } else if let Some(entry) = queue.refused(id, error) {
            self.effects.push(Effect::OutboxPut(entry));
        }
        self.mark_changed(name, part);
    }

    /// The user has read the room up to here, on some device.
    fn read_up_to(&mut self, name: &RoomName, seq: Seq) {
        if let Some(room) = self.room_mut(name)
            && room.marker.heard(seq)
        {
            self.mark_changed(name, RoomPart::ReadMarker);
        }
    }

    fn presence(&mut self, presence: Presence) {
        let name = presence.room.clone();
        if let Some(room) = self.room_mut(&name) {
            room.presence.apply(presence);
            self.mark_changed(&name, RoomPart::Presence);
        }
    }

    /// The list of rooms is to be had anew, if it is kept.
    pub(super) fn want_room_list(&mut self) {
        if self.config.watch_rooms {
            self.room_list.want();
        }
    }

    fn goodbye(&mut self, goodbye: &Goodbye) {
        let close_by = self.now().plus(self.config.goodbye_ms);
        self.connection.goodbye(goodbye, close_by);
    }

    /// The first half of a rejoin. The built-in room cannot be left: there the join alone moves
    /// the cursor.
    pub(super) fn leave(&mut self, name: &RoomName) {
        if !name.is_broadcast() {
            self.effects.push(leave(name));
        }
    }
}

fn removed(reason: LeftReason) -> ErrorFrame {
    match reason {
        LeftReason::Banned => ErrorFrame::new(ErrorCode::Banned, "you were banned from this room"),
        LeftReason::Kicked | LeftReason::Unknown => {
            ErrorFrame::new(ErrorCode::NotJoined, "you were put out of this room")
        }
    }
}

/// Whether a change that was stored at a place unknown changes nothing of what is in view: the
/// event that says so may have come long ago, or may be none.
fn is_done(timeline: &Timeline, action: &OutboxAction, me: &UserId) -> bool {
    let Some((_, target)) = action.target() else {
        return false;
    };
    let message = timeline.message(target);
    message.is_none_or(|message| action.is_done(message, me))
}
