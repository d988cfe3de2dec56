//! After every input: whatever is due and possible is done.

use super::Client;
use super::effect::Effect;
use super::input::Millis;
use super::lane::Lane;
use super::link::Phase;
use super::requests::{Purpose, Requests};
use super::rng::Rng;
use super::room::Room;
use super::view::RoomState;
use crate::command::MarkRead;
use crate::frame::ClientFrame;
use crate::ids::{RequestId, Seq};
use crate::text::RoomName;
use std::collections::btree_map::Entry;

/// The way out on a welcomed connection.
struct Wire<'a> {
    now: Millis,
    /// Events that one join may ask for.
    last_max: u64,
    marker_every_ms: u64,
    requests: &'a mut Requests,
    rng: &'a mut Rng,
    effects: &'a mut Vec<Effect>,
}

impl Wire<'_> {
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
    pub(super) fn pump(&mut self) {
        self.outbox.drop_empty_lanes();
        self.want_rooms_of_unsent();
        let now = self.now();
        let last_max = u64::try_from(self.limits().page_messages_max).unwrap_or(u64::MAX);
        let marker_every_ms = self.config.marker_every_ms;
        let Self {
            link,
            rng,
            effects,
            outbox,
            rooms,
            announcements,
            broadcast,
            ..
        } = self;
        let Some(connection) = link.connection() else {
            rooms.retain(|name, room| room.open || outbox.lane(name).is_some_and(Lane::is_busy));
            return;
        };
        let mut wire = Wire {
            now,
            last_max,
            marker_every_ms,
            requests: &mut connection.requests,
            rng,
            effects,
        };
        drive(
            announcements,
            broadcast,
            outbox.lane_mut(broadcast),
            &mut wire,
        );
        rooms.retain(|name, room| {
            drive(room, name, outbox.lane_mut(name), &mut wire);
            let wanted = room.open || outbox.lane(name).is_some_and(Lane::is_busy);
            if !wanted && room.membership.is_live() {
                // There is no later for what waits to be told.
                tell_marker(room, name, &mut wire);
                wire.effects.push(leave(name));
            }
            // An unanswered join is waited for: its `joined` must not be taken for a later one's.
            wanted || room.membership.is_asked()
        });
    }

    /// A message may wait for a room that is not open: closed since, or unsent since before a
    /// reload. The room is joined for its sake, and shown to nobody.
    fn want_rooms_of_unsent(&mut self) {
        for (name, lane) in self.outbox.lanes() {
            if !name.is_broadcast()
                && lane.is_busy()
                && let Entry::Vacant(vacant) = self.rooms.entry(name.clone())
            {
                vacant.insert(Room::new(&self.config));
            }
        }
    }

    /// When something next needs doing.
    pub(super) fn deadline(&mut self) -> Option<Millis> {
        if matches!(self.link.phase, Phase::Stopped { .. }) {
            return None;
        }
        let link = self.link.deadline(&self.config);
        let own = [link, self.proof.deadline()].into_iter().flatten().min();
        if self.link.connection().is_none() {
            return own;
        }
        let announcements = (&self.broadcast, &self.announcements);
        let rooms = self
            .rooms
            .iter()
            .chain([announcements])
            .flat_map(|(name, room)| {
                let lane = self.outbox.lane(name).filter(|_| room.membership.is_live());
                let membership = room.membership.due().or(lane.and_then(Lane::due));
                [membership, room.marker_due()]
            })
            .flatten();
        rooms.chain(own).min()
    }
}

/// Does what is due in one room.
fn drive(room: &mut Room, name: &RoomName, lane: Option<&mut Lane>, wire: &mut Wire<'_>) {
    if wire.is_due(room.membership.due()) {
        let id = wire.fresh_id();
        let join = room.join(id.clone(), name.clone(), wire.last_max);
        room.membership.asked();
        wire.ask(Purpose::Join, name, id, ClientFrame::Join(join));
    }
    if room.membership.is_live() && room.wants_older() {
        let id = wire.fresh_id();
        let history = room.ask_older(id.clone(), name.clone());
        wire.ask(Purpose::History, name, id, ClientFrame::History(history));
    }
    if wire.is_due(room.marker_due()) {
        tell_marker(room, name, wire);
    }
    let Some(lane) = lane else {
        return;
    };
    match room.membership.state() {
        RoomState::Joining => {}
        RoomState::Live => {
            if let Some(epoch) = room.timeline.epoch() {
                while let Some(entry) = lane.refuse_stranger(epoch, Seq(u64::MAX)) {
                    wire.effects.push(Effect::OutboxPut(entry));
                }
            }
            launch(lane, name, wire);
        }
        // Who may not read announcements may be allowed to make them.
        RoomState::Refused(_) if name.is_broadcast() => launch(lane, name, wire),
        RoomState::Refused(error) => {
            while let Some(entry) = lane.refuse_next(error) {
                wire.effects.push(Effect::OutboxPut(entry));
            }
        }
    }
}

/// Tells the server how far the user has read, if it does not know.
fn tell_marker(room: &mut Room, name: &RoomName, wire: &mut Wire<'_>) {
    if room.marker_due().is_some() {
        let read = MarkRead {
            id: None,
            room: name.clone(),
            seq: room.marker.tell(wire.now.plus(wire.marker_every_ms)),
        };
        wire.effects.push(Effect::Send(ClientFrame::Read(read)));
    }
}

fn launch(lane: &mut Lane, name: &RoomName, wire: &mut Wire<'_>) {
    if wire.is_due(lane.due())
        && let Some((id, frame)) = lane.launch()
    {
        wire.ask(Purpose::Send, name, id, frame);
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
