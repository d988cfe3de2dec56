//! One client: its core, its shell, and what is known of its views.

use crate::checks::Seen;
use crate::rng::Rng;
use crate::server::ConnectionNumber;
use crate::time::{Time, shown};
use common::client::{Attempt, BackoffConfig, Client, Command, Config, Millis, OutboxEntry};
use common::ids::RequestId;
use common::text::RoomName;
use common::user::User;
use std::collections::{BTreeMap, BTreeSet};

pub(crate) struct Peer {
    pub(crate) number: usize,
    /// Whose storage it uses.
    pub(crate) browser: usize,
    pub(crate) user: User,
    pub(crate) core: Client,
    /// What this core has put into the storage, or has found there, and has not been rid of.
    pub(crate) holds: BTreeMap<RequestId, OutboxEntry>,
    pub(crate) seen: BTreeMap<RoomName, Seen>,
    /// The one socket: its number here, and the connection it belongs to.
    pub(crate) socket: Option<(Attempt, ConnectionNumber)>,
    /// The life of the server's disk that it was last welcomed in.
    pub(crate) life: usize,
    /// The only timer that counts.
    pub(crate) timer: u64,
    /// How often the page was loaded.
    pub(crate) page: u64,
    /// This clock less the true time.
    pub(crate) clock_off_ms: i64,
    /// Nothing reaches the client before this.
    pub(crate) asleep_until: Time,
    pub(crate) open: BTreeSet<RoomName>,
    count: usize,
}

/// Messages held per room, and announcements.
pub(crate) const MESSAGES_MAX: usize = 25;
pub(crate) const ANNOUNCEMENTS_MAX: usize = 8;

/// Small bounds, so that they are reached.
fn config() -> Config {
    Config {
        join_last: 10,
        messages_max: MESSAGES_MAX,
        messages_scrolled_max: 60,
        announcements_last: 3,
        announcements_max: ANNOUNCEMENTS_MAX,
        outbox_max: 30,
        backoff: BackoffConfig {
            cap_ms: 4000,
            ..BackoffConfig::default()
        },
        ..Config::default()
    }
}

impl Peer {
    /// Peers 0 and 1 are two tabs of one browser, and 3 is another device of the same user's.
    pub(crate) fn new(number: usize, seed: u64) -> Self {
        let name = match number {
            0 | 1 | 3 => "u1".to_owned(),
            other => format!("u{other}"),
        };
        let user = User {
            id: name.parse().unwrap(),
            name: name.parse().unwrap(),
        };
        Self {
            number,
            browser: if number == 1 { 0 } else { number },
            user,
            core: Client::new(config(), seed),
            holds: BTreeMap::new(),
            seen: BTreeMap::new(),
            socket: None,
            life: 0,
            timer: 0,
            page: 0,
            clock_off_ms: 1_000_000,
            asleep_until: 0,
            open: BTreeSet::new(),
            count: 0,
        }
    }

    /// The page is loaded anew: only what was stored is left.
    pub(crate) fn reload(&mut self, seed: u64, stored: &BTreeMap<RequestId, OutboxEntry>) {
        let entries = stored.values().cloned().collect();
        self.core = Client::restored(config(), seed, entries);
        self.holds = stored.clone();
        self.seen.clear();
        self.timer += 1;
        self.page += 1;
    }

    pub(crate) fn clock(&self, now: Time) -> Millis {
        shown(now, self.clock_off_ms)
    }

    /// The commands after a (re)load, before the start.
    pub(crate) fn first_commands(&mut self, rng: &mut Rng) -> Vec<Command> {
        if self.open.is_empty() {
            self.open.insert(crate::person::some_room(rng));
        }
        let rooms = self.open.iter().cloned();
        rooms.map(|room| Command::OpenRoom { room }).collect()
    }

    pub(crate) fn next_words<T: std::str::FromStr>(&mut self) -> T
    where
        T::Err: std::fmt::Debug,
    {
        self.count += 1;
        format!("{}.{}", self.number, self.count).parse().unwrap()
    }
}
