//! The client core: what decides, without a socket, a clock or randomness of its own.
//!
//! A [`Client`] is a synchronous state machine. Its shell (a browser's socket, the native client,
//! a simulation) reports what happened with [`Client::apply`] and carries out the effects:
//!
//! ```
//! use common::client::{Client, Config, Effect, Input, Millis};
//!
//! let mut client = Client::new(Config::default(), 42);
//! for effect in client.apply(Input::Start, Millis(0)) {
//!     match effect {
//!         Effect::Connect { attempt } => { /* open a socket, remember `attempt` */ }
//!         Effect::Send(frame) => { /* socket.send(common::codec::encode_client(&frame)) */ }
//!         Effect::WakeAt(at) => { /* replace the one timer; `Input::Tick` when it fires */ }
//!         Effect::Changed(part) => { /* read the views again, draw */ }
//!         _ => {}
//!     }
//! }
//! ```
//!
//! What it promises: a view of a room is a contiguous copy of a part of the room's log, in order
//! and without repeats; a send is shown at once, is repeated with the same `id` until the server
//! has stored or refused it, and overtakes none before it; there is never more than one connection.
//! A send is a message, or a change of one: an edit, a deletion, a reaction.
//!
//! The files, in the order in which a send meets them: `commands` takes its `action` into a `queue`
//! of the `outbox`; `dispatch` sends what is due on the `link` that `connection` keeps up, with a `proof`
//! of who the user is that the server takes; `receive` folds what comes back into the `timeline` of
//! its `room`; a `view` shows both, a change as a part of what is `shown` of its message.

mod backoff;
mod clock;
mod commands;
mod config;
mod connection;
mod connection_state;
mod credential;
mod dispatch;
mod effect;
mod input;
mod insertion_sort;
mod join_state;
mod liveness;
mod message_view;
mod online_users;
mod outbox;
mod outbox_action;
mod pending_send;
mod read_marker;
mod receive;
mod requests;
mod rng;
mod room;
mod room_event;
mod room_list;
mod send_queue;
mod timeline;
mod view;

pub use config::{BackoffConfig, Config};
pub use effect::{Change, Effect, RoomPart, Status};
pub use input::{Attempt, Command, Input, JoinFrom, Millis};
pub use join_state::RoomStatus;
pub use message_view::MessageView;
pub use online_users::OnlineUsers;
pub use outbox_action::OutboxAction;
pub use pending_send::{OutboxEntry, PendingSend, SendState};
pub use room_event::RoomEvent;
pub use view::RoomView;

use crate::api::RoomSummary;
use crate::limits::Limits;
use crate::reply::Welcome;
use crate::text::RoomName;
use crate::user::User;
use backoff::Backoff;
use clock::Clock;
use connection_state::{ConnectionState, Phase};
use credential::CredentialState;
use outbox::Outbox;
use rng::Rng;
use room::Room;
use room_list::RoomListState;
use std::collections::BTreeMap;

/// The client core; see the [module](self).
#[derive(Debug, Clone)]
pub struct Client {
    config: Config,
    rng: Rng,
    clock: Clock,
    connection: ConnectionState,
    credential: CredentialState,
    welcome: Option<Box<Welcome>>,
    /// The open ones, and those that are still needed to send what is unsent.
    rooms: BTreeMap<RoomName, Room>,
    announcements: Room,
    /// [`RoomName::broadcast`], the name of `announcements`.
    broadcast: RoomName,
    outbox: Outbox,
    room_list: RoomListState,
    /// What this `apply` has to say so far.
    effects: Vec<Effect>,
    changes: Vec<Change>,
    /// The status that the shell knows of.
    reported_status: Status,
}

impl Client {
    /// A client that has not started. `seed` feeds the identifiers of its messages and the jitter
    /// of its reconnects: 64 bits from the system's randomness, new for each client. Two clients
    /// of one user with the same seed would lose messages.
    #[must_use]
    pub fn new(config: Config, seed: u64) -> Self {
        Self::restored(config, seed, Vec::new())
    }

    /// A client that has not started, with what an earlier one of the same user left unsent.
    #[must_use]
    pub fn restored(config: Config, seed: u64, entries: Vec<OutboxEntry>) -> Self {
        Self {
            rng: Rng::new(seed),
            clock: Clock::default(),
            connection: ConnectionState::new(Backoff::new(config.backoff.clone())),
            credential: CredentialState::new(Backoff::new(config.backoff.clone())),
            welcome: None,
            rooms: BTreeMap::new(),
            announcements: Room::announcements(&config),
            broadcast: RoomName::broadcast(),
            outbox: Outbox::restored(entries),
            room_list: RoomListState::default(),
            effects: Vec::new(),
            changes: Vec::new(),
            reported_status: Status::Stopped { code: None },
            config,
        }
    }

    /// Handles an input and returns what to do, in order. `now` is the shell's clock.
    pub fn apply(&mut self, input: Input, now: Millis) -> Vec<Effect> {
        self.clock.advance(now);
        let clock_jumped = self.clock.clock_jumped(self.config.sleep_ms);
        self.take(input);
        if clock_jumped {
            self.resumed_after_sleep();
        }
        self.maintain_credential();
        self.maintain_connection();
        self.dispatch();
        self.finish()
    }

    fn take(&mut self, input: Input) {
        match input {
            Input::Start => self.start(),
            Input::Stop => self.stop(),
            Input::Opened { attempt } => self.opened(attempt),
            Input::Received { attempt, frame } => {
                if self.heard(attempt) {
                    self.receive(frame);
                }
            }
            Input::Unreadable { attempt, event } => {
                if self.heard(attempt)
                    && let Some((room, seq)) = event
                {
                    self.event(&room, seq, RoomEvent::Unknown);
                }
            }
            Input::Closed { attempt, code } => self.closed(attempt, code),
            Input::Tick => self.clock.ticked(),
            Input::CheckConnection => self.check_connection(),
            Input::NetworkLost => self.network_lost(),
            Input::NetworkBack => self.network_back(),
            Input::Command(command) => self.command(command),
            Input::RemovedElsewhere { id } => self.removed_elsewhere(&id),
            Input::Refreshed {
                token,
                valid_for_ms,
            } => self.refreshed(token, valid_for_ms),
            Input::NotRefreshed => self.not_refreshed(),
            Input::SignInEnded => self.sign_in_ended(),
        }
    }

    fn finish(&mut self) -> Vec<Effect> {
        let status = self.status();
        if status == Status::Live {
            self.note_live(self.clock.now());
        }
        if std::mem::replace(&mut self.reported_status, status) != status {
            self.mark(Change::Connection);
        }
        if let Some(deadline) = self.deadline()
            && self.clock.ask(deadline)
        {
            self.effects
                .push(Effect::WakeAt(self.clock.to_shell(deadline)));
        }
        let changes = std::mem::take(&mut self.changes);
        self.effects
            .extend(changes.into_iter().map(Effect::Changed));
        std::mem::take(&mut self.effects)
    }

    fn now(&self) -> Millis {
        self.clock.now()
    }

    fn room_mut(&mut self, name: &RoomName) -> Option<&mut Room> {
        if name.is_broadcast() {
            return Some(&mut self.announcements);
        }
        self.rooms.get_mut(name)
    }

    /// Each part is named once.
    fn mark(&mut self, change: Change) {
        if !self.changes.contains(&change) {
            self.changes.push(change);
        }
    }

    /// This part of a room's view has changed.
    fn mark_changed(&mut self, name: &RoomName, part: RoomPart) {
        if name.is_broadcast() {
            self.mark(Change::Announcements);
        } else if self.is_open(name) {
            let room = name.clone();
            self.mark(Change::Room { room, part });
        }
    }

    /// Every part of a room's view may have changed.
    fn mark_all_changed(&mut self, name: &RoomName) {
        for part in RoomPart::ALL {
            self.mark_changed(name, part);
        }
    }

    /// Every part of every room may have changed. There may be many: they are not looked for one by
    /// one among what has changed already.
    fn mark_all_rooms_changed(&mut self) {
        let is_of_room = |change: &Change| matches!(change, Change::Room { .. });
        self.changes.retain(|change| !is_of_room(change));
        for (name, _) in self.rooms.iter().filter(|(_, room)| room.open) {
            for part in RoomPart::ALL {
                let room = name.clone();
                self.changes.push(Change::Room { room, part });
            }
        }
    }

    fn is_open(&self, name: &RoomName) -> bool {
        name.is_broadcast() || self.rooms.get(name).is_some_and(|room| room.open)
    }

    /// What the badge shows.
    #[must_use]
    pub fn status(&self) -> Status {
        match &self.connection.phase {
            Phase::Stopped { code } => Status::Stopped { code: *code },
            _ if self.connection.network_lost => Status::Offline,
            Phase::Waiting { until } => Status::Retrying {
                at: self.clock.to_shell(*until),
            },
            Phase::AwaitingCredential => match self.credential.retry_at() {
                Some(at) => Status::Retrying {
                    at: self.clock.to_shell(at),
                },
                None => Status::Connecting,
            },
            Phase::Opening { .. } | Phase::Greeting { .. } => Status::Connecting,
            Phase::Welcomed(_) if self.is_joining() => Status::Connecting,
            Phase::Welcomed(_) => Status::Live,
        }
    }

    fn is_joining(&self) -> bool {
        let open = self.rooms.values().filter(|room| room.open);
        open.chain([&self.announcements])
            .any(|room| room.join_state.is_joining())
    }

    /// Whom the server takes this client for; `None` before the first connection.
    #[must_use]
    pub fn user(&self) -> Option<&User> {
        self.welcome.as_ref().map(|welcome| &welcome.user)
    }

    /// The bounds the server keeps; the usual ones before the first connection.
    #[must_use]
    pub fn limits(&self) -> Limits {
        self.welcome
            .as_ref()
            .map_or_else(Limits::default, |welcome| welcome.limits)
    }

    /// The last `welcome`: the connection, the server's version and more.
    #[must_use]
    pub fn welcome(&self) -> Option<&Welcome> {
        self.welcome.as_deref()
    }

    /// An open room.
    #[must_use]
    pub fn room(&self, name: &RoomName) -> Option<RoomView<'_>> {
        let (name, room) = self.rooms.get_key_value(name)?;
        room.open.then(|| self.view(name, room))
    }

    /// The open rooms, by name.
    pub fn rooms(&self) -> impl Iterator<Item = RoomView<'_>> {
        let open = self.rooms.iter().filter(|(_, room)| room.open);
        open.map(|(name, room)| self.view(name, room))
    }

    /// The rooms that the user may see, the most recently written to first; `None` before the server
    /// has told them for the first time, and where
    /// [`Config::watch_rooms`](Config::watch_rooms) is not set.
    #[must_use]
    pub fn room_list(&self) -> Option<&[RoomSummary]> {
        self.room_list.rooms()
    }

    /// The announcements: the built-in room `$broadcast`, which every client follows. Its messages
    /// are the broadcasts, its pending sends the user's own.
    #[must_use]
    pub fn announcements(&self) -> RoomView<'_> {
        self.view(&self.broadcast, &self.announcements)
    }

    fn view<'a>(&'a self, name: &'a RoomName, room: &'a Room) -> RoomView<'a> {
        RoomView {
            name,
            room,
            queue: self.outbox.queue(name),
            me: self.me(),
        }
    }

    /// Messages and changes that are not on the server's disk yet, and not refused: what a person
    /// would lose who closed the page now, if nobody stores them.
    #[must_use]
    pub fn unsent(&self) -> usize {
        self.outbox
            .queues()
            .map(|(_, queue)| queue.unsent().count())
            .sum()
    }
}
