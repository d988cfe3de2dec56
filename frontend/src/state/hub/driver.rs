//! The shell around the client core: its socket, its timer, its memory, and what the browser tells
//! about the network.

use super::{Connection, Hub};
use crate::api::session::{self, Refreshing};
use crate::platform::page::{self, DocumentListener};
use crate::platform::{clock, storage};
use crate::socket::{Report, Socket};
use crate::state::saved_state;
use common::api::RoomSummary;
use common::client::{Attempt, Change, Client, Command, Config, Effect, Input, Millis, RoomView};
use common::codec;
use common::text::RoomName;
use common::user::User;
use leptos::ev;
use leptos::leptos_dom::helpers::TimeoutHandle;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::time::Duration;

/// A browser's timers hold no more (2^31 - 1 milliseconds).
const TIMER_MS_MAX: u64 = 2_147_483_647;

/// What one input led to, beyond what the driver did by itself.
#[derive(Default)]
pub(super) struct ResultText {
    pub(super) changes: Vec<Change>,
    pub(super) rejected_command: Option<Command>,
}

/// Opens sockets: [`Socket::open`], or what a test has in its place.
pub type Connect = Box<dyn Fn(Attempt, Report) -> Socket>;

/// The client core and what it acts on.
pub(super) struct Driver {
    client: Client,
    connect: Connect,
    me: User,
    socket: Option<(Attempt, Socket)>,
    timer: Option<TimeoutHandle>,
}

impl Driver {
    pub(super) fn new(me: &User, connect: Connect) -> Self {
        let unsent = saved_state::outbox(&me.id);
        let config = Config {
            user: Some(me.id.clone()),
            watch_rooms: true,
            ..Config::default()
        };
        Self {
            client: Client::restored(config, clock::random(), unsent),
            connect,
            me: me.clone(),
            socket: None,
            timer: None,
        }
    }

    pub(super) fn connection(&self) -> Connection {
        Connection {
            status: self.client.status(),
            user: self.client.user().cloned(),
            role: self.client.welcome().map(|welcome| welcome.role),
            limits: self.client.limits(),
        }
    }

    pub(super) fn room(&self, room: &RoomName) -> Option<RoomView<'_>> {
        self.client.room(room)
    }

    pub(super) fn rooms(&self) -> impl Iterator<Item = RoomView<'_>> {
        self.client.rooms()
    }

    pub(super) fn room_list(&self) -> Option<&[RoomSummary]> {
        self.client.room_list()
    }

    pub(super) fn announcements(&self) -> RoomView<'_> {
        self.client.announcements()
    }

    pub(super) fn unsent(&self) -> usize {
        self.client.unsent()
    }

    pub(super) fn remember_rooms(&self) {
        let rooms: Vec<RoomName> = self
            .client
            .rooms()
            .map(|view| view.name().clone())
            .collect();
        saved_state::set_rooms(&rooms);
    }

    /// Feeds the core and carries out its effects, in order.
    pub(super) fn apply(&mut self, input: Input, hub: Hub) -> ResultText {
        let mut outcome = ResultText::default();
        for effect in self.client.apply(input, clock::now()) {
            match effect {
                Effect::Connect { attempt } => {
                    let socket = (self.connect)(attempt, Box::new(move |input| hub.apply(input)));
                    self.socket = Some((attempt, socket));
                }
                Effect::Disconnect { attempt } => {
                    self.socket.take_if(|(open, _)| *open == attempt);
                }
                Effect::Send(frame) => {
                    if let Some((_, socket)) = &self.socket {
                        socket.send(codec::encode_client(&frame));
                    }
                }
                Effect::WakeAt(at) => self.wake_at(at, hub),
                Effect::Changed(change) => outcome.changes.push(change),
                Effect::OutboxPut(entry) => saved_state::put_unsent(&self.me.id, entry),
                Effect::OutboxRemove(id) => saved_state::remove_unsent(&id),
                Effect::Refresh => spawn_local(async move { hub.apply(refresh().await) }),
                // The page reads the views.
                Effect::Event { .. } | Effect::CursorSet { .. } | Effect::Stored { .. } => {}
                Effect::CommandRejected(command) => outcome.rejected_command = Some(command),
            }
        }
        outcome
    }

    fn wake_at(&mut self, at: Millis, hub: Hub) {
        if let Some(timer) = self.timer.take() {
            timer.clear();
        }
        let wait = Duration::from_millis(at.since(clock::now()).min(TIMER_MS_MAX));
        self.timer = set_timeout_with_handle(move || hub.apply(Input::Tick), wait).ok();
    }
}

/// Gets new tokens, into cookies that the page does not see.
async fn refresh() -> Input {
    match session::refresh().await {
        Refreshing::Done(reply) => Input::Refreshed {
            token: None,
            valid_for_ms: reply.expires_in_ms,
        },
        Refreshing::Over => Input::SignInEnded,
        Refreshing::Unreachable => Input::NotRefreshed,
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        if let Some(timer) = self.timer.take() {
            timer.clear();
        }
    }
}

/// Passes on what the browser knows about the network, about the reader's attention, and about what
/// other tabs have settled.
pub(super) fn listen(hub: Hub) {
    let handles = [
        ("online", Input::NetworkBack),
        ("offline", Input::NetworkLost),
        // The page comes back from the browser's memory, or to the front.
        ("pageshow", Input::CheckConnection),
        ("visibilitychange", Input::CheckConnection),
    ]
    .map(|(event, input)| {
        window_event_listener_untyped(event, move |_| {
            if page::is_visible() || input != Input::CheckConnection {
                hub.apply(input.clone());
            }
        })
    });
    // A tab that was frozen in the background goes on, seen or not. Its timers have stood still,
    // and what its socket was told meanwhile may be that it is closed.
    let resumed = DocumentListener::new("resume", move || hub.apply(Input::CheckConnection));
    let resumed = StoredValue::new_local(Some(resumed));
    let removed = window_event_listener(ev::storage, move |event| {
        let id = storage::removed_key(&event).and_then(|key| saved_state::unsent_id(&key));
        if let Some(id) = id {
            hub.apply(Input::RemovedElsewhere { id });
        }
    });
    on_cleanup(move || {
        handles.into_iter().for_each(WindowListenerHandle::remove);
        removed.remove();
        resumed.set_value(None);
    });
}
