//! What a [`Client`](crate::Client) makes of what the core says. Owns everything that the client's
//! task knows: who follows which room, who waits for which send, and the outbox on disk.

use crate::clock::Clock;
use crate::error::{FollowError, SendError, StopReason};
use crate::event::{Position, Start};
use crate::follower::{Follower, Joined};
use crate::options::{FreshToken, Options, RefreshError};
use crate::order::{FollowReply, Order, Reply, WeakOrders};
use crate::outbox::OutboxFile;
use crate::sends::Sends;
use crate::shared::Shared;
use crate::shell::{Handler, Next};
use crate::status::Status;
use crate::target::{Identity, Target};
use common::client::{
    Change, Client as Core, Command, Effect, Input, OutboxEntry, RoomPart, RoomStatus,
    Status as CoreStatus,
};
use common::error::ErrorFrame;
use common::ids::Seq;
use common::text::RoomName;
use std::collections::BTreeMap;
use std::io;
use std::time::Duration;
use tokio::sync::watch;

/// See the module.
pub(crate) struct ClientHandler {
    options: Options,
    identity: Identity,
    clock: Clock,
    orders: WeakOrders,
    /// Sends taken since the handles were last told how many are unsent.
    taken: usize,
    shared: watch::Sender<Shared>,
    outbox: Option<OutboxFile>,
    followers: BTreeMap<RoomName, Follower>,
    sends: Sends,
    refusal: Option<ErrorFrame>,
    is_finishing: bool,
    stop: Option<StopReason>,
}

impl ClientHandler {
    pub(crate) fn new(
        options: Options,
        clock: Clock,
        orders: WeakOrders,
        shared: watch::Sender<Shared>,
        outbox: Option<OutboxFile>,
    ) -> Self {
        let sends = Sends::new(options.on_refused.clone());
        Self {
            identity: options.identity.clone(),
            options,
            clock,
            orders,
            taken: 0,
            shared,
            outbox,
            followers: BTreeMap::new(),
            sends,
            refusal: None,
            is_finishing: false,
            stop: None,
        }
    }

    fn follow(
        &mut self,
        room: RoomName,
        start: Start,
        joined: Option<Joined>,
        reply: FollowReply,
        core: &Core,
    ) -> Option<Input> {
        if self.followers.contains_key(&room) {
            let _ = reply.send(Err(FollowError::Followed));
            return None;
        }
        let position = match room.is_broadcast() {
            true => core.announcements().log_position().map(Position::from),
            false => start.position().cloned(),
        };
        let (mut follower, events, paused) =
            Follower::new(room.clone(), self.options.events_max, position, joined);
        if reply.send(Ok((events, paused))).is_err() {
            return None;
        }
        if room.is_broadcast() {
            // Every client is in this room, and joins it by itself.
            follower.answered(Ok(()));
            self.followers.insert(room, follower);
            return None;
        }
        self.followers.insert(room.clone(), follower);
        let from = start.into();
        Some(Input::Command(Command::OpenRoomFrom { room, from }))
    }

    fn unfollow(&mut self, room: RoomName) -> Option<Input> {
        self.followers.remove(&room)?;
        (!room.is_broadcast()).then_some(Input::Command(Command::CloseRoom { room }))
    }

    /// What is to be said to the core for a send, or why it is not.
    fn send(&mut self, command: Command, reply: Reply, core: &Core) -> Option<Input> {
        if let Some((room, target)) = target(&command)
            && !is_there(core, room, target)
        {
            let _ = reply.send(Err(SendError::NoSuchMessage));
            return None;
        }
        let is_reaction = matches!(command, Command::React { .. });
        self.sends.begin(reply, is_reaction);
        Some(Input::Command(command))
    }

    fn put(&mut self, entry: OutboxEntry) -> Option<Input> {
        let id = entry.id.clone();
        if entry.refused.is_some() {
            self.sends.refused(&entry);
            return Some(Input::Command(Command::Discard { id }));
        }
        self.sends.taken(id);
        self.write(|outbox| outbox.put(entry));
        None
    }

    /// Writes to the outbox on disk, where there is one. A client whose outbox cannot be written
    /// ends: it would break its word.
    fn write(&mut self, write: impl FnOnce(&mut OutboxFile) -> io::Result<()>) {
        if let Some(outbox) = &mut self.outbox
            && let Err(error) = write(outbox)
        {
            self.stop
                .get_or_insert(StopReason::Outbox(error.to_string()));
        }
    }

    fn refresh(&self) -> Option<Input> {
        let Some(refresh) = &self.options.refresh else {
            return Some(Input::SignInEnded);
        };
        let (fresh, orders) = (refresh(), self.orders.clone());
        tokio::spawn(async move {
            let fresh = fresh.await;
            orders.give(Order::Refreshed(fresh));
        });
        None
    }

    fn refreshed(&mut self, fresh: Result<FreshToken, RefreshError>) -> Input {
        match fresh {
            Ok(FreshToken { token, valid_for }) => {
                self.identity = Identity::Token(token.clone());
                let ms = |time: Duration| u64::try_from(time.as_millis()).ok();
                Input::Refreshed {
                    token: Some(token),
                    valid_for_ms: valid_for.and_then(ms),
                }
            }
            Err(RefreshError::TryLater) => Input::NotRefreshed,
            Err(RefreshError::Ended) => Input::SignInEnded,
        }
    }

    fn changed(&mut self, change: &Change, core: &Core) -> Option<Input> {
        match change {
            Change::Connection => {
                self.learn_user(core);
                None
            }
            Change::Announcements => self.room_changed(&RoomName::broadcast(), None, core),
            Change::Room { room, part } => self.room_changed(room, Some(*part), core),
            Change::Rooms | Change::RoomList => None,
        }
    }

    fn learn_user(&mut self, core: &Core) {
        if core.status() == CoreStatus::Live {
            self.refusal = None;
        }
        let Some(user) = core.user() else { return };
        if self
            .outbox
            .as_ref()
            .is_some_and(|outbox| outbox.user().is_none())
        {
            self.write(|outbox| outbox.set_user(&user.id));
        }
    }

    fn room_changed(
        &mut self,
        room: &RoomName,
        part: Option<RoomPart>,
        core: &Core,
    ) -> Option<Input> {
        let follower = self.followers.get_mut(room)?;
        let view = match room.is_broadcast() {
            true => core.announcements(),
            false => core.room(room)?,
        };
        let command = match part {
            Some(RoomPart::Presence) => follower.presence(view.presence()),
            Some(RoomPart::Settings) => follower.settings(view.settings()),
            None | Some(RoomPart::Status) => match view.state() {
                RoomStatus::Joining => None,
                RoomStatus::Live => follower.answered(Ok(())),
                RoomStatus::Refused(error) => follower.answered(Err(error.clone())),
            },
            Some(_) => None,
        };
        self.pause(room, command)
    }

    /// What a follower asks of the core: to leave its room, if its queue is full. A reader that has
    /// emptied the queue in this very moment has not seen that it was left.
    fn pause(&mut self, room: &RoomName, command: Option<Command>) -> Option<Input> {
        let close = Input::Command(command?);
        let drained = self
            .followers
            .get(room)
            .is_some_and(Follower::is_drained_unseen);
        if drained {
            self.orders.give(Order::Resume(room.clone()));
        }
        Some(close)
    }

    fn publish(&mut self, core: &Core) {
        let status = match &self.stop {
            Some(reason) => Some(Status::Stopped(reason.clone())),
            None => Status::of(core.status(), self.clock),
        };
        self.shared.send_if_modified(|shared| {
            let new = Shared {
                status: status.unwrap_or_else(|| shared.status.clone()),
                user: core.user().cloned(),
                unsent: core.unsent(),
            };
            let is_waiting = matches!(
                (&shared.status, &new.status),
                (Status::Retrying { .. }, Status::Retrying { .. })
            );
            let is_new = *shared != new && !(is_waiting && shared.unsent == new.unsent);
            if is_new {
                *shared = new;
            }
            is_new
        });
        // Only now: what is unsent is counted in one place or the other at any time.
        self.orders.taken(std::mem::take(&mut self.taken));
    }
}

impl Handler for ClientHandler {
    type Order = Order;

    fn target(&self) -> Target {
        Target {
            address: self.options.address.clone(),
            identity: self.identity.clone(),
            source: None,
        }
    }

    fn input(&mut self, order: Order, core: &Core) -> Option<Input> {
        match order {
            Order::Send { command, reply } => {
                self.taken += 1;
                self.send(command, reply, core)
            }
            Order::Command(command) => Some(Input::Command(command)),
            Order::Follow {
                room,
                start,
                joined,
                reply,
            } => self.follow(room, start, joined, reply, core),
            Order::Unfollow(room) => self.unfollow(room),
            Order::Resume(room) => {
                let follower = self.followers.get_mut(&room)?;
                follower.resume().map(Input::Command)
            }
            Order::View { room, read } => {
                read(core.room(&room));
                None
            }
            Order::Refreshed(fresh) => Some(self.refreshed(fresh)),
            Order::Finish => {
                self.is_finishing = true;
                None
            }
            Order::Stop => {
                self.stop.get_or_insert(StopReason::ShutDown);
                None
            }
        }
    }

    fn effect(&mut self, effect: Effect, core: &Core) -> Option<Input> {
        match effect {
            Effect::Event { room, seq, event } => {
                let command = self.followers.get_mut(&room)?.event(seq, event);
                self.pause(&room, command)
            }
            Effect::CursorSet { room, epoch, after } => {
                let command = self.followers.get_mut(&room)?.cursor(epoch, after);
                self.pause(&room, command)
            }
            Effect::Stored { id, seq } => {
                self.sends.stored(&id, seq);
                None
            }
            Effect::OutboxPut(entry) => self.put(entry),
            Effect::OutboxRemove(id) => {
                self.write(|outbox| outbox.remove(&id));
                None
            }
            Effect::CommandRejected(_) => {
                self.sends.rejected();
                None
            }
            Effect::Changed(change) => self.changed(&change, core),
            Effect::Refresh => self.refresh(),
            Effect::Connect { .. }
            | Effect::Disconnect { .. }
            | Effect::Send(_)
            | Effect::WakeAt(_) => None,
        }
    }

    fn refused(&mut self, refusal: ErrorFrame) {
        tracing::debug!(code = ?refusal.code, message = refusal.message, "the connection was refused");
        self.refusal = Some(refusal);
    }

    fn applied(&mut self, core: &Core) -> Next {
        self.sends.told();
        if let CoreStatus::Stopped { code } = core.status() {
            let reason = StopReason::of(code, self.refusal.as_ref());
            self.stop.get_or_insert(reason);
        }
        if self.is_finishing && core.unsent() == 0 {
            self.stop.get_or_insert(StopReason::ShutDown);
        }
        if let Some(reason) = self.stop.clone() {
            self.followers.clear();
            self.sends.end(&reason);
        }
        self.publish(core);
        match self.stop {
            Some(_) => Next::End,
            None => Next::Continue,
        }
    }
}

/// The message that a command changes.
fn target(command: &Command) -> Option<(&RoomName, Seq)> {
    match command {
        Command::Edit { room, target, .. }
        | Command::Delete { room, target }
        | Command::React { room, target, .. } => Some((room, *target)),
        _ => None,
    }
}

fn is_there(core: &Core, room: &RoomName, target: Seq) -> bool {
    let view = core.room(room).and_then(|view| view.message_view(target));
    view.is_some_and(|shown| !shown.message.deleted)
}
