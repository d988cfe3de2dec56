//! The configuration of the client core: every limit and timeout.

use crate::ids::UserId;

/// How a [`Client`](super::Client) behaves. The defaults suit a person in a browser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// Whose client this is. A server that takes the connection for somebody else's is not spoken
    /// to: what this user has written must not go out under another name.
    pub user: Option<UserId>,
    /// Whether to keep the list of rooms: [`Client::room_list`](super::Client::room_list).
    pub watch_rooms: bool,
    /// Messages to begin with when a room is opened. At most
    /// [`PAGE_MESSAGES_MAX`](crate::limits::PAGE_MESSAGES_MAX).
    pub join_last: u64,
    /// Announcements to begin with on the first connection.
    pub announcements_last: u64,
    /// Announcements held; the oldest go first.
    pub announcements_max: usize,
    /// Messages held per room. Live messages push the oldest out of the view, from where
    /// `LoadOlder` brings them back.
    pub messages_max: usize,
    /// Messages held in a room whose reader keeps loading older ones. There the view ends: it says
    /// that there is nothing older to load.
    pub messages_scrolled_max: usize,
    /// Messages and changes held per room that are not in its timeline yet, the refused ones
    /// included. A further one is not taken.
    pub outbox_max: usize,
    /// Milliseconds between two read markers of a room. The first goes at once, and the last
    /// always goes.
    pub marker_every_ms: u64,
    /// Milliseconds from `Connect` until the socket must be open.
    pub open_ms: u64,
    /// Milliseconds from the open socket until `welcome` must be here.
    pub welcome_ms: u64,
    /// Milliseconds in which the server must answer a frame that has an `id`.
    pub answer_ms: u64,
    /// Milliseconds in which something must be heard after the ping of a silent heartbeat.
    pub probe_ms: u64,
    /// The same after a hint that the connection may be dead: there a person is waiting.
    pub hint_probe_ms: u64,
    /// Milliseconds in which the server must close the connection after `goodbye`.
    pub goodbye_ms: u64,
    /// An input this many milliseconds later than the wake-up that was asked for means that the
    /// machine slept.
    pub sleep_ms: u64,
    /// Milliseconds before its end at which a proof of who the user is is replaced by the next one;
    /// at most a quarter of the time that it holds.
    pub refresh_early_ms: u64,
    /// How long to wait between connections.
    pub backoff: BackoffConfig,
}

/// Exponential backoff with full jitter: a random time between `floor_ms` and
/// `min(cap_ms, base_ms * 2^failures)`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackoffConfig {
    /// The least to wait, in milliseconds: even the luckiest draw leaves a server in trouble room
    /// to breathe.
    pub floor_ms: u64,
    /// The most to wait after the first failure, in milliseconds.
    pub base_ms: u64,
    /// The most to wait ever, in milliseconds.
    pub cap_ms: u64,
    /// Earlier failures are forgotten once a connection has been live for this many
    /// milliseconds.
    pub steady_ms: u64,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            user: None,
            watch_rooms: false,
            join_last: 50,
            announcements_last: 5,
            announcements_max: 20,
            messages_max: 2000,
            messages_scrolled_max: 10_000,
            outbox_max: 1000,
            marker_every_ms: 1000,
            open_ms: 15_000,
            welcome_ms: 10_000,
            answer_ms: 30_000,
            probe_ms: 10_000,
            hint_probe_ms: 4_000,
            goodbye_ms: 5_000,
            sleep_ms: 5_000,
            refresh_early_ms: 60_000,
            backoff: BackoffConfig::default(),
        }
    }
}

impl Default for BackoffConfig {
    fn default() -> Self {
        Self {
            floor_ms: 100,
            base_ms: 500,
            cap_ms: 30_000,
            steady_ms: 10_000,
        }
    }
}
