//! Ten thousand clients on one core: each is the client library's shell, with a storage that
//! outlives it and a book about what it showed.

mod profile;

#[cfg(test)]
pub(crate) use profile::Shown;
pub(crate) use profile::{Line, Profile, Sitting, words};

use common::client::{Change, Client, Command, Config, Effect, Input, RoomPart, Status};
use common::text::RoomName;
use hubbub_client::shell::{Handler, Next, Shell};
use hubbub_client::{Clock, Target};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio::task::JoinHandle;
use tokio::time::Instant;

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
        let entries = {
            let mut profile = open(profile);
            profile.sittings.push(Sitting {
                from_start: options.from_start,
                ..Sitting::default()
            });
            profile.entries()
        };
        let mut core = Client::restored(options.config, options.seed, entries);
        for room in options.rooms {
            // Nothing to carry out before the core is started.
            core.apply(
                Input::Command(Command::OpenRoom { room }),
                options.clock.now(),
            );
        }
        let observer = Observer {
            target: options.target,
            profile: profile.clone(),
            state: state.clone(),
        };
        let shell = Shell::new(core, options.clock, observer);
        Self {
            orders,
            state,
            task: tokio::spawn(shell.run(inbox)),
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

/// Writes down what the core says.
struct Observer {
    target: Target,
    profile: SharedProfile,
    state: Arc<State>,
}

impl Observer {
    fn show(&mut self, change: &Change, core: &Client) {
        let mut profile = open(&self.profile);
        let Some(sitting) = profile.sitting() else {
            return;
        };
        match change {
            Change::Connection => {
                let live = core.status() == Status::Live;
                sitting.live(live, Instant::now());
                self.state.live.store(live, Ordering::Relaxed);
            }
            Change::Room {
                room,
                part: RoomPart::Timeline,
            } => sitting.look(core, room),
            _ => {}
        }
    }
}

impl Handler for Observer {
    type Order = Order;

    fn target(&self) -> Target {
        self.target.clone()
    }

    fn input(&mut self, order: Order, _core: &Client) -> Option<Input> {
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

    fn effect(&mut self, effect: Effect, core: &Client) -> Option<Input> {
        match effect {
            Effect::Changed(change) => self.show(&change, core),
            Effect::OutboxPut(entry) => open(&self.profile).put(entry),
            Effect::OutboxRemove(id) => open(&self.profile).remove(&id),
            Effect::CommandRejected(_) => open(&self.profile).refused += 1,
            // These clients say a name and prove nothing: there is nothing to refresh.
            Effect::Refresh => return Some(Input::SignInEnded),
            _ => {}
        }
        None
    }

    fn applied(&mut self, core: &Client) -> Next {
        self.state.unsent.store(core.unsent(), Ordering::Relaxed);
        Next::Continue
    }
}
