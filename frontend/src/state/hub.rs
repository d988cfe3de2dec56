//! The connection as the page sees it: owner of the client core, and the one place that carries
//! out its effects. Components read what it tells and send it commands.

mod driver;

pub use self::driver::Connect;

use self::driver::Driver;
use super::session::Me;
use crate::platform::clock;
use common::ErrorCode;
use common::api::RoomSummary;
use common::client::{Change, Command, Input, RoomPart, RoomStatus, RoomView, Status};
use common::limits::Limits;
use common::role::Role;
use common::text::RoomName;
use common::user::User;
use leptos::prelude::*;
use std::collections::HashMap;

/// The state of the connection.
#[derive(Debug, Clone, PartialEq)]
pub struct Connection {
    /// What the badge shows.
    pub status: Status,
    /// Whom the server takes the page for, once it has said so.
    pub user: Option<User>,
    /// What the server says that user is on the node.
    pub role: Option<Role>,
    /// The bounds it keeps.
    pub limits: Limits,
}

/// A room the reader is in, as the sidebar shows it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RoomLine {
    /// Which.
    pub room: RoomName,
    /// Messages of others that were not seen.
    pub unread: usize,
    /// Whether the server refuses to let the reader in.
    pub is_refused: bool,
    /// Whether that is because there is no such room, as far as the reader may know.
    pub is_unknown: bool,
}

/// Handle to the connection.
#[derive(Clone, Copy)]
pub struct Hub {
    driver: StoredValue<Driver, LocalStorage>,
    connection: RwSignal<Connection>,
    lines: RwSignal<Vec<RoomLine>>,
    rejected_command: RwSignal<Option<Command>>,
    announced: Trigger,
    list_changed: Trigger,
    rooms_changed: StoredValue<HashMap<(RoomName, RoomPart), ArcTrigger>>,
    me: StoredValue<Me>,
}

impl Hub {
    /// Connects for this user, with what the user left unsent, and stays connected until the
    /// present owner is disposed of.
    #[must_use]
    pub fn start(me: Me, connect: Connect) -> Self {
        let driver = Driver::new(&me.user, connect);
        let holds_until = me.holds_until;
        let connection = driver.connection();
        let hub = Self {
            driver: StoredValue::new_local(driver),
            connection: RwSignal::new(connection),
            lines: RwSignal::new(Vec::new()),
            rejected_command: RwSignal::new(None),
            announced: Trigger::new(),
            list_changed: Trigger::new(),
            rooms_changed: StoredValue::new(HashMap::new()),
            me: StoredValue::new(me),
        };
        driver::listen(hub);
        if let Some(until) = holds_until {
            let valid_for_ms = Some(until.since(clock::now()));
            hub.apply(Input::Refreshed {
                token: None,
                valid_for_ms,
            });
        }
        hub.apply(Input::Start);
        on_cleanup(move || hub.apply(Input::Stop));
        hub
    }

    /// Who the reader is.
    #[must_use]
    pub fn me(self) -> User {
        self.me.with_value(|me| me.user.clone())
    }

    /// Who the reader is, and by what right.
    #[must_use]
    pub fn stay(self) -> Me {
        self.me.get_value()
    }

    /// What the reader is on the node, tracked.
    #[must_use]
    pub fn role(self) -> Role {
        let role = self.connection.with(|connection| connection.role);
        role.unwrap_or_else(|| self.me.with_value(|me| me.role))
    }

    /// The connection, tracked.
    #[must_use]
    pub fn connection(self) -> Connection {
        self.connection.get()
    }

    /// What the badge shows, tracked.
    #[must_use]
    pub fn status(self) -> Status {
        self.connection.with(|connection| connection.status)
    }

    /// Whether everything sent now arrives now, tracked.
    #[must_use]
    pub fn is_live(self) -> bool {
        self.status() == Status::Live
    }

    /// The bounds the server keeps, tracked.
    #[must_use]
    pub fn limits(self) -> Limits {
        self.connection.with(|connection| connection.limits)
    }

    /// The rooms the reader is in, tracked.
    #[must_use]
    pub fn lines(self) -> Vec<RoomLine> {
        self.lines.get()
    }

    /// Messages of others, in all rooms, that were not seen; tracked.
    #[must_use]
    pub fn unread(self) -> usize {
        self.lines
            .with(|lines| lines.iter().map(|line| line.unread).sum())
    }

    /// The last command that was not carried out because too much is unsent, tracked.
    #[must_use]
    pub fn rejected_command(self) -> Option<Command> {
        self.rejected_command.get()
    }

    /// Messages that would be lost with the browser's memory.
    #[must_use]
    pub fn unsent(self) -> usize {
        self.driver
            .try_with_value(Driver::unsent)
            .unwrap_or_default()
    }

    /// The rooms on the server that the reader may see, tracked; nothing before it has told them.
    #[must_use]
    pub fn room_list(self) -> Option<Vec<RoomSummary>> {
        self.list_changed.track();
        self.driver
            .try_with_value(|driver| driver.room_list().map(<[RoomSummary]>::to_vec))
            .flatten()
    }

    /// Reads these parts of a room, tracked; nothing while it is not open.
    pub fn with_room<T>(
        self,
        room: &RoomName,
        parts: &[RoomPart],
        read: impl FnOnce(RoomView<'_>) -> T,
    ) -> Option<T> {
        for part in parts {
            self.changed(room, *part).track();
        }
        self.driver
            .try_with_value(|driver| driver.room(room).map(read))
            .flatten()
    }

    /// Reads the announcements, tracked.
    pub fn with_announcements<T>(self, read: impl FnOnce(RoomView<'_>) -> T) -> Option<T> {
        self.announced.track();
        self.driver
            .try_with_value(|driver| read(driver.announcements()))
    }

    /// Sends a command.
    pub fn send(self, command: Command) {
        self.apply(Input::Command(command));
    }

    /// Connects now instead of later.
    pub fn retry_now(self) {
        let is_stopped = matches!(
            self.connection.get_untracked().status,
            Status::Stopped { .. }
        );
        self.apply(if is_stopped {
            Input::Start
        } else {
            Input::CheckConnection
        });
    }

    /// Tells the core what happened, does what it answers, and tells the views.
    fn apply(self, input: Input) {
        let changes = self
            .driver
            .try_update_value(|driver| driver.apply(input, self));
        let Some(outcome) = changes else {
            return; // The page of this user is gone.
        };
        if let Some(command) = outcome.rejected_command {
            self.rejected_command.set(Some(command));
        }
        for change in outcome.changes {
            self.show(&change);
        }
    }

    fn show(self, change: &Change) {
        match change {
            Change::Connection => {
                if let Some(connection) = self.driver.try_with_value(Driver::connection) {
                    set_if_new(self.connection, connection);
                }
            }
            Change::Rooms => {
                self.driver.with_value(Driver::remember_rooms);
                self.show_lines();
            }
            Change::Room { room, part } => {
                self.changed(room, *part).notify();
                if matches!(
                    part,
                    RoomPart::Status | RoomPart::Timeline | RoomPart::ReadMarker
                ) {
                    self.show_lines();
                }
            }
            Change::Announcements => self.announced.notify(),
            Change::RoomList => self.list_changed.notify(),
        }
    }

    fn show_lines(self) {
        let lines = self
            .driver
            .with_value(|driver| driver.rooms().map(line).collect());
        set_if_new(self.lines, lines);
    }

    /// Rings when this part of a room's view changes.
    fn changed(self, room: &RoomName, part: RoomPart) -> ArcTrigger {
        let key = (room.clone(), part);
        let known = self.rooms_changed.with_value(|all| all.get(&key).cloned());
        known.unwrap_or_else(|| {
            let trigger = ArcTrigger::new();
            self.rooms_changed.update_value(|all| {
                all.insert(key, trigger.clone());
            });
            trigger
        })
    }
}

fn line(view: RoomView<'_>) -> RoomLine {
    RoomLine {
        room: view.name().clone(),
        unread: view.unread(),
        is_refused: matches!(view.state(), RoomStatus::Refused(_)),
        is_unknown: matches!(
            view.state(),
            RoomStatus::Refused(error) if error.code == ErrorCode::NoSuchRoom
        ),
    }
}

fn set_if_new<T: PartialEq + Send + Sync + 'static>(signal: RwSignal<T>, value: T) {
    if signal.with_untracked(|old| *old != value) {
        signal.set(value);
    }
}
