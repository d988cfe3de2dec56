//! Runs after every input: sends everything that is due and possible.

use super::Client;
use super::connection_state::Phase;
use super::effect::Effect;
use super::input::Millis;
use super::join_state::RoomStatus;
use super::requests::{Purpose, Requests};
use super::rng::Rng;
use super::room::Room;
use super::send_queue::SendQueue;
use crate::command::{MarkRead, WatchRooms};
use crate::frame::ClientFrame;
use crate::ids::{RequestId, Seq};
use crate::text::RoomName;
use std::collections::btree_map::Entry;

/// The way out on a welcomed connection.
struct Outgoing<'a> {
    now: Millis,
    /// Events that one join may ask for.
    last_max: u64,
    marker_every_ms: u64,
    requests: &'a mut Requests,
    rng: &'a mut Rng,
    effects: &'a mut Vec<Effect>,
}

impl Outgoing<'_> {
    fn is_due(&self, at: Option<Millis>) -> bool {
        at.is_some_and(|at| at <= self.now)
    }

    fn fresh_id(&mut self) -> RequestId {
        RequestId::from_random(self.rng.next())
    }

    /// Sends a frame that the server must answer.
    fn ask(&mut self, purpose: Purpose, room: &RoomName, id: RequestId, frame: ClientFrame) {
        self.requests.add(id, purpose, room.clone(), self.now);
        self.effects.push(Effect::Send(frame));
    }
}

impl Client {
    /// Joins the rooms that are wanted, leaves those that are not, sends what may be sent.
    pub(super) fn dispatch(&mut self) {
        self.outbox.drop_empty_queues();
        self.open_rooms_with_unsent();
        let now = self.now();
        let last_max = u64::try_from(self.limits().page_messages_max).unwrap_or(u64::MAX);
        let marker_every_ms = self.config.marker_every_ms;
        let Self {
            connection: connection_state,
            rng,
            effects,
            outbox,
            rooms,
            announcements,
            broadcast,
            room_list,
            ..
        } = self;
        let Some(connection) = connection_state.active() else {
            rooms.retain(|name, room| {
                room.open || outbox.queue(name).is_some_and(SendQueue::is_busy)
            });
            return;
        };
        let mut outgoing = Outgoing {
            now,
            last_max,
            marker_every_ms,
            requests: &mut connection.requests,
            rng,
            effects,
        };
        if outgoing.is_due(room_list.due()) {
            let id = outgoing.fresh_id();
            let watch = WatchRooms {
                id: Some(id.clone()),
            };
            room_list.asked();
            let frame = ClientFrame::WatchRooms(watch);
            outgoing.ask(Purpose::RoomList, broadcast, id, frame);
        }
        dispatch_room(
            announcements,
            broadcast,
            outbox.queue_mut(broadcast),
            &mut outgoing,
        );
        rooms.retain(|name, room| {
            dispatch_room(room, name, outbox.queue_mut(name), &mut outgoing);
            let wanted = room.open || outbox.queue(name).is_some_and(SendQueue::is_busy);
            if !wanted && room.join_state.is_live() {
                // There is no later for what waits to be told.
                send_marker(room, name, &mut outgoing);
                outgoing.effects.push(leave(name));
            }
            // An unanswered join is waited for: its `joined` must not be taken for a later one's.
            wanted || room.join_state.is_asked()
        });
    }

    /// A message may wait for a room that is not open: closed since, or unsent since before a
    /// reload. The room is joined for its sake, and shown to nobody.
    fn open_rooms_with_unsent(&mut self) {
        for (name, queue) in self.outbox.queues() {
            if !name.is_broadcast()
                && queue.is_busy()
                && let Entry::Vacant(vacant) = self.rooms.entry(name.clone())
            {
                vacant.insert(Room::new(&self.config));
            }
        }
    }

    /// When something next needs doing.
    pub(super) fn deadline(&mut self) -> Option<Millis> {
        if matches!(self.connection.phase, Phase::Stopped { .. }) {
            return None;
        }
        let link = self.connection.deadline(&self.config);
        let own = [link, self.credential.deadline()]
            .into_iter()
            .flatten()
            .min();
        if self.connection.active().is_none() {
            return own;
        }
        let announcements = (&self.broadcast, &self.announcements);
        let rooms = self
            .rooms
            .iter()
            .chain([announcements])
            .flat_map(|(name, room)| {
                let queue = self
                    .outbox
                    .queue(name)
                    .filter(|_| room.join_state.is_live());
                let join_state = room.join_state.due().or(queue.and_then(SendQueue::due));
                [join_state, room.marker_due()]
            })
            .flatten();
        rooms.chain(own).chain(self.room_list.due()).min()
    }
}

/// Does what is due in one room.
fn dispatch_room(
    room: &mut Room,
    name: &RoomName,
    queue: Option<&mut SendQueue>,
    outgoing: &mut Outgoing<'_>,
) {
    if outgoing.is_due(room.join_state.due()) {
        let id = outgoing.fresh_id();
        let join = room.join(id.clone(), name.clone(), outgoing.last_max);
        room.join_state.asked();
        outgoing.ask(Purpose::Join, name, id, ClientFrame::Join(join));
    }
    if room.join_state.is_live() && room.wants_older() {
        let id = outgoing.fresh_id();
        let history = room.ask_older(id.clone(), name.clone());
        outgoing.ask(Purpose::History, name, id, ClientFrame::History(history));
    }
    if outgoing.is_due(room.marker_due()) {
        send_marker(room, name, outgoing);
    }
    let Some(queue) = queue else {
        return;
    };
    match room.join_state.state() {
        RoomStatus::Joining => {}
        RoomStatus::Live => {
            if let Some(epoch) = room.timeline.epoch() {
                while let Some(entry) = queue.refuse_stale_target(epoch, Seq(u64::MAX)) {
                    outgoing.effects.push(Effect::OutboxPut(entry));
                }
            }
            send_next(queue, name, outgoing);
        }
        // Who may not read announcements may be allowed to make them.
        RoomStatus::Refused(_) if name.is_broadcast() => send_next(queue, name, outgoing),
        RoomStatus::Refused(error) => {
            while let Some(entry) = queue.refuse_next(error) {
                outgoing.effects.push(Effect::OutboxPut(entry));
            }
        }
    }
}

/// Tells the server how far the user has read, if it does not know.
fn send_marker(room: &mut Room, name: &RoomName, outgoing: &mut Outgoing<'_>) {
    if room.marker_due().is_some() {
        let read = MarkRead {
            id: None,
            room: name.clone(),
            seq: room
                .marker
                .tell(outgoing.now.plus(outgoing.marker_every_ms)),
        };
        outgoing.effects.push(Effect::Send(ClientFrame::Read(read)));
    }
}

fn send_next(queue: &mut SendQueue, name: &RoomName, outgoing: &mut Outgoing<'_>) {
    if outgoing.is_due(queue.due())
        && let Some((id, frame)) = queue.send_next()
    {
        outgoing.ask(Purpose::Send, name, id, frame);
    }
}

/// Leaves a room on this connection. `left`, which answers, is of no interest.
pub(super) fn leave(name: &RoomName) -> Effect {
    let leave = crate::command::Leave {
        id: None,
        room: name.clone(),
    };
    Effect::Send(ClientFrame::Leave(leave))
}
