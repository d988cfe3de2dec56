//! The native client: the same core as in the browser, over tokio. One task, one small socket
//! buffer and no thread for each, so that ten thousand of them fit on one core.

mod profile;
mod socket;

#[cfg(test)]
pub(crate) use profile::Shown;
pub(crate) use profile::{Line, Profile, Sitting, words};
pub(crate) use socket::Target;

use crate::clock::Clock;
use common::client::{Change, Client, Command, Config, Effect, Input, Millis, Status};
use common::codec;
use common::text::RoomName;
use socket::Socket;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep_until};

/// A user's storage, shared between the run and the client that has it open.
pub(crate) type SharedProfile = Arc<Mutex<Profile>>;

/// Opens a profile, also after a panic elsewhere: what is in it is what there was.
pub(crate) fn open(profile: &Mutex<Profile>) -> MutexGuard<'_, Profile> {
    profile.lock().unwrap_or_else(PoisonError::into_inner)
}

/// How a client is made.
#[derive(Debug, Clone)]
pub(crate) struct Options {
    pub(crate) target: Target,
    pub(crate) config: Config,
    pub(crate) clock: Clock,
    /// New for each life of a client.
    pub(crate) seed: u64,
    pub(crate) rooms: Vec<RoomName>,
    /// Nothing has been written in these rooms yet.
    pub(crate) from_start: bool,
}

/// A running client. Dropping it ends it like a closed tab: at once, and without a word.
pub(crate) struct NativeClient {
    orders: UnboundedSender<Order>,
    state: Arc<State>,
    task: JoinHandle<()>,
}

enum Order {
    /// Write the next numbered message in this room.
    Write(RoomName),
    /// Let go of the connection for good.
    Stop,
}

/// What is asked so often that it must cost nothing.
#[derive(Default)]
struct State {
    live: AtomicBool,
    unsent: AtomicUsize,
}

impl NativeClient {
    /// Starts a client for this user, with what an earlier one left unsent.
    pub(crate) fn start(profile: &SharedProfile, options: Options) -> Self {
        let (orders, inbox) = unbounded_channel();
        let state = Arc::<State>::default();
        let driver = Driver::new(profile.clone(), state.clone(), options);
        Self {
            orders,
            state,
            task: tokio::spawn(driver.run(inbox)),
        }
    }

    pub(crate) fn write(&self, room: RoomName) {
        let _ = self.orders.send(Order::Write(room));
    }

    /// Disconnects and stays away.
    pub(crate) fn stop(&self) {
        let _ = self.orders.send(Order::Stop);
    }

    /// Connected, and in every room.
    pub(crate) fn is_live(&self) -> bool {
        self.state.live.load(Ordering::Relaxed)
    }

    /// Messages that are not on the server's disk, as far as this client knows.
    pub(crate) fn unsent(&self) -> usize {
        self.state.unsent.load(Ordering::Relaxed)
    }
}

impl Drop for NativeClient {
    fn drop(&mut self) {
        self.task.abort();
    }
}

struct Driver {
    client: Client,
    target: Target,
    clock: Clock,
    profile: SharedProfile,
    state: Arc<State>,
    socket: Socket,
    wake: Option<Millis>,
}

impl Driver {
    fn new(profile: SharedProfile, state: Arc<State>, options: Options) -> Self {
        let entries = {
            let mut profile = open(&profile);
            profile.sittings.push(Sitting {
                from_start: options.from_start,
                ..Sitting::default()
            });
            profile.entries()
        };
        let mut driver = Self {
            client: Client::restored(options.config, options.seed, entries),
            target: options.target,
            clock: options.clock,
            profile,
            state,
            socket: Socket::Nothing,
            wake: None,
        };
        for room in options.rooms {
            driver.apply(Input::Command(Command::OpenRoom { room }));
        }
        driver
    }

    async fn run(mut self, mut inbox: UnboundedReceiver<Order>) {
        let mut timer = pin!(sleep_until(self.clock.at(self.clock.now())));
        // What the timer is set to.
        let mut armed = None;
        self.apply(Input::Start);
        loop {
            if let Some(at) = self.wake
                && armed.replace(at) != Some(at)
            {
                timer.as_mut().reset(self.clock.at(at));
            }
            let input = tokio::select! {
                order = inbox.recv() => match order {
                    Some(order) => self.input_of(order),
                    None => return,
                },
                input = self.socket.next() => Some(input),
                () = timer.as_mut(), if self.wake.is_some() => {
                    (self.wake, armed) = (None, None);
                    Some(Input::Tick)
                }
            };
            if let Some(input) = input {
                self.apply(input);
            }
        }
    }

    fn input_of(&self, order: Order) -> Option<Input> {
        match order {
            Order::Stop => Some(Input::Stop),
            Order::Write(room) => {
                let profile = open(&self.profile);
                let content = words(profile.writer, profile.next_number())?;
                Some(Input::Command(Command::Send {
                    room,
                    content: Some(content),
                    data: None,
                }))
            }
        }
    }

    /// Feeds the core and carries out its effects, in order.
    fn apply(&mut self, input: Input) {
        let mut is_over = false;
        for effect in self.client.apply(input, self.clock.now()) {
            match effect {
                Effect::Connect { attempt } => {
                    self.socket = Socket::connect(self.target.clone(), attempt);
                }
                Effect::Disconnect { attempt } => self.socket.disconnect(attempt),
                Effect::Send(frame) => self.socket.send(codec::encode_client(&frame)),
                Effect::WakeAt(at) => self.wake = Some(at),
                Effect::Changed(change) => self.show(&change),
                Effect::OutboxPut(entry) => open(&self.profile).put(entry),
                Effect::OutboxRemove(id) => open(&self.profile).remove(&id),
                Effect::Event { .. } | Effect::CursorSet { .. } | Effect::Stored { .. } => {}
                Effect::CommandRejected(_) => open(&self.profile).refused += 1,
                // These clients say a name and prove nothing: there is nothing to refresh.
                Effect::Refresh => is_over = true,
            }
        }
        if is_over {
            self.apply(Input::SignInEnded);
        }
        self.state
            .unsent
            .store(self.client.unsent(), Ordering::Relaxed);
    }

    fn show(&mut self, change: &Change) {
        let mut profile = open(&self.profile);
        let Some(sitting) = profile.sitting() else {
            return;
        };
        match change {
            Change::Connection => {
                let live = self.client.status() == Status::Live;
                sitting.live(live, Instant::now());
                self.state.live.store(live, Ordering::Relaxed);
            }
            Change::Room { room, .. } => sitting.look(&self.client, room),
            Change::Rooms | Change::RoomList | Change::Announcements => {}
        }
    }
}
