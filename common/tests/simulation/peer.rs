//! One client: its core, its shell, and what the person before it has said.

use crate::rng::Rng;
use crate::server::ConnectionNumber;
use crate::time::{Time, shown};
use common::client::{
    Action, Attempt, BackoffConfig, Client, Command, Config, Effect, Input, Millis, OutboxEntry,
};
use common::ids::RequestId;
use common::reply::User;
use common::text::RoomName;
use std::collections::{BTreeMap, BTreeSet};

pub(crate) struct Peer {
    pub(crate) number: usize,
    pub(crate) user: User,
    pub(crate) core: Client,
    /// What the browser keeps through a reload.
    pub(crate) stored: BTreeMap<RequestId, OutboxEntry>,
    /// What left the store: the server must have it.
    pub(crate) confirmed: BTreeSet<RequestId>,
    /// Every message, per room, in the order in which it was said: its id and text.
    pub(crate) said: BTreeMap<RoomName, Vec<(RequestId, String)>>,
    /// The one socket: its number here, and the connection it belongs to.
    pub(crate) socket: Option<(Attempt, ConnectionNumber)>,
    /// The only timer that counts.
    pub(crate) timer: u64,
    /// This clock less the true time.
    pub(crate) clock_off_ms: i64,
    /// Nothing reaches the client before this.
    pub(crate) asleep_until: Time,
    open: BTreeSet<RoomName>,
    count: usize,
}

/// Small bounds, so that they are reached.
fn config() -> Config {
    Config {
        join_last: 10,
        messages_max: 25,
        messages_scrolled_max: 60,
        announcements_last: 3,
        announcements_max: 8,
        backoff: BackoffConfig {
            cap_ms: 4000,
            ..BackoffConfig::default()
        },
        ..Config::default()
    }
}

impl Peer {
    /// Peers 0 and 1 are two tabs of one user.
    pub(crate) fn new(number: usize, seed: u64) -> Self {
        let name = format!("u{}", number.max(1));
        let user = User {
            id: name.parse().unwrap(),
            name: name.parse().unwrap(),
        };
        Self {
            number,
            user,
            core: Client::new(config(), seed),
            stored: BTreeMap::new(),
            confirmed: BTreeSet::new(),
            said: BTreeMap::new(),
            socket: None,
            timer: 0,
            clock_off_ms: 1_000_000,
            asleep_until: 0,
            open: BTreeSet::new(),
            count: 0,
        }
    }

    /// The page is loaded anew: only what was stored is left.
    pub(crate) fn reload(&mut self, seed: u64) {
        let entries = self.stored.values().cloned().collect();
        self.core = Client::restored(config(), seed, entries);
        self.timer += 1;
    }

    pub(crate) fn clock(&self, now: Time) -> Millis {
        shown(now, self.clock_off_ms)
    }

    /// Tells the core, and does what concerns only this client. The rest is for the world.
    pub(crate) fn apply(&mut self, input: Input, now: Time) -> Vec<Effect> {
        let said = match &input {
            Input::Command(Command::Send { room, .. }) => Some(room.clone()),
            Input::Command(Command::Broadcast { .. }) => Some(RoomName::broadcast()),
            _ => None,
        };
        let mut rest = vec![];
        for effect in self.core.apply(input, self.clock(now)) {
            match effect {
                Effect::OutboxPut(entry) => {
                    let Action::Message { content, .. } = &entry.action else {
                        panic!("nobody changes anything here: {entry:?}")
                    };
                    let text = content.as_ref().unwrap().to_string();
                    if said.as_ref() == Some(&entry.room) {
                        let all = self.said.entry(entry.room.clone()).or_default();
                        all.push((entry.id.clone(), text));
                    }
                    assert_eq!(entry.refused, None, "nothing is refused for good here");
                    self.stored.insert(entry.id.clone(), entry);
                }
                Effect::OutboxRemove(id) => {
                    assert!(self.stored.remove(&id).is_some(), "{id} was not stored");
                    self.confirmed.insert(id);
                }
                Effect::NotTaken(command) => panic!("{command:?} was not taken"),
                other => rest.push(other),
            }
        }
        rest
    }

    /// The commands after a (re)load, before the start.
    pub(crate) fn first_commands(&mut self, rng: &mut Rng) -> Vec<Command> {
        if self.open.is_empty() {
            self.open.insert(some_room(rng));
        }
        self.open
            .iter()
            .map(|room| Command::OpenRoom { room: room.clone() })
            .collect()
    }

    /// What the person does next.
    pub(crate) fn next_command(&mut self, rng: &mut Rng) -> Command {
        let room = some_room(rng);
        match rng.below(20) {
            0 => {
                self.open.remove(&room);
                Command::CloseRoom { room }
            }
            1 | 2 => {
                self.open.insert(room.clone());
                Command::OpenRoom { room }
            }
            3 => Command::LoadOlder { room },
            4 => Command::MarkSeen { room },
            5 => self.announce(),
            _ => self.say(room),
        }
    }

    pub(crate) fn say(&mut self, room: RoomName) -> Command {
        Command::Send {
            room,
            content: Some(self.next_words()),
            data: None,
        }
    }

    pub(crate) fn announce(&mut self) -> Command {
        Command::Broadcast {
            content: Some(self.next_words()),
            data: None,
        }
    }

    fn next_words<T: std::str::FromStr>(&mut self) -> T
    where
        T::Err: std::fmt::Debug,
    {
        self.count += 1;
        format!("{}.{}", self.number, self.count).parse().unwrap()
    }
}

pub(crate) const ROOMS: [&str; 3] = ["a", "b", "c"];

fn some_room(rng: &mut Rng) -> RoomName {
    rng.one_of(&ROOMS).parse().unwrap()
}
