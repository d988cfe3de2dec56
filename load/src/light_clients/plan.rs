//! Who is in which room, and who writes how fast.

use anyhow::{Context, Result};
use common::text::{Content, RoomName};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

/// Connections from one address, beyond which they come from sixteen: of the ports of one, the
/// system gives out some 28,000.
const ONE_SOURCE_MAX: usize = 20_000;

/// See the module.
#[derive(Debug, Clone)]
pub(crate) struct LightClientPlan {
    /// Where they connect: the members of each room take turns.
    pub(crate) servers: Vec<SocketAddr>,
    /// Prefix of the names of rooms and users, unique in the run.
    pub(crate) label: String,
    /// The rooms are kept in memory.
    pub(crate) live: bool,
    pub(crate) rooms: usize,
    /// Of each room.
    pub(crate) members: usize,
    /// In all rooms together, dealt out evenly. They read, too.
    pub(crate) writers: usize,
    /// Connections that are opened side by side.
    pub(crate) at_once: usize,
    /// Of text in each message.
    pub(crate) bytes: usize,
    pub(crate) pace: SendRate,
    /// Those who stop reading for a while; the last members of each room, who do not write.
    pub(crate) stalls: Vec<Stall>,
    /// Members keep a book of who they are told is there.
    pub(crate) watches_presence: bool,
}

/// When a writer writes its next message.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum SendRate {
    /// As soon as fewer than so many of its own are on their way. One has arrived when the last
    /// member of the room has it; members who stall are not waited for.
    Delivered(usize),
    /// As soon as fewer than so many of its own wait for their `ack`.
    Acked(usize),
    /// By the clock: so many in a second, of all writers together.
    Rate(f64),
}

/// When a member stops reading, counted from when the writing begins, and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stall {
    pub(crate) after: Duration,
    pub(crate) length: Duration,
}

impl SendRate {
    /// By the clock: messages that are due after this time, less those that have arrived. It counts
    /// those, too, that a late generator has not written.
    pub(super) fn behind(self, time: Duration, arrived: u64) -> u64 {
        match self {
            Self::Rate(rate) => whole(rate * time.as_secs_f64()).saturating_sub(arrived),
            Self::Delivered(_) | Self::Acked(_) => 0,
        }
    }
}

/// What is whole of a number that is not negative.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a cast of a float saturates, and no count is negative"
)]
fn whole(value: f64) -> u64 {
    value as u64
}

impl LightClientPlan {
    /// Clients in this many rooms and members, in which each room has one writer and one message at
    /// a time is on its way.
    pub(crate) fn new(
        server: SocketAddr,
        label: impl Into<String>,
        rooms: usize,
        members: usize,
    ) -> Self {
        Self {
            servers: vec![server],
            label: label.into(),
            live: false,
            rooms,
            members,
            writers: rooms,
            at_once: 200,
            bytes: 128,
            pace: SendRate::Delivered(1),
            stalls: Vec::new(),
            watches_presence: false,
        }
    }

    /// Connections in all.
    pub(crate) fn people(&self) -> usize {
        self.rooms * self.members
    }

    /// Where the member in this seat connects.
    pub(super) fn server(&self, seat: usize) -> Result<SocketAddr> {
        let turn = seat % self.servers.len().max(1);
        let server = self.servers.get(turn).copied();
        server.context("there is no server to connect to")
    }

    pub(super) fn room(&self, number: usize) -> Result<RoomName> {
        let live = if self.live { "live:" } else { "" };
        let name = format!("{live}{}-{number}", self.label);
        name.parse().context("naming a room")
    }

    /// The name of somebody, counted through all rooms.
    pub(super) fn name(&self, number: usize) -> String {
        format!("{}-{number}", self.label)
    }

    /// The room of somebody, and the seat in it. Writers have the first seats.
    pub(super) fn environment(&self, number: usize) -> (usize, usize) {
        let rooms = self.rooms.max(1);
        (number % rooms, number / rooms)
    }

    /// Writers in a room.
    pub(super) fn writers_in(&self, room: usize) -> usize {
        let more = usize::from(room < self.writers % self.rooms.max(1));
        self.writers / self.rooms.max(1) + more
    }

    /// The stall of the member in this seat.
    pub(super) fn stall(&self, seat: usize) -> Option<Stall> {
        let from_behind = self.members.checked_sub(seat + 1)?;
        self.stalls.get(from_behind).copied()
    }

    pub(super) fn source(&self, number: usize) -> Option<IpAddr> {
        (self.people() > ONE_SOURCE_MAX).then(|| {
            let last = u8::try_from(number % 16).unwrap_or(0);
            IpAddr::V4(Ipv4Addr::new(127, 0, 1, last + 1))
        })
    }

    /// Between two messages of one writer, where all of them write so many in a second.
    pub(super) fn interval(&self, rate: f64) -> Duration {
        let writers = u32::try_from(self.writers).unwrap_or(u32::MAX);
        Duration::from_secs_f64(f64::from(writers) / rate)
    }

    /// What a writer says, by which it is known again.
    pub(super) fn words(&self, seat: usize, number: u32) -> Result<Content> {
        let mut words = format!("{seat}:{number}:");
        let rest = self.bytes.saturating_sub(words.len());
        words.extend(std::iter::repeat_n('x', rest));
        words.parse().context("making words")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(rooms: usize, members: usize, writers: usize) -> LightClientPlan {
        let server = SocketAddr::from((Ipv4Addr::LOCALHOST, 1));
        LightClientPlan {
            writers,
            ..LightClientPlan::new(server, "test", rooms, members)
        }
    }

    #[test]
    fn writers_have_the_first_seats_of_their_rooms() {
        for (rooms, members, writers) in [(1, 10, 1), (3, 4, 7), (100, 10, 1000), (5, 2, 3)] {
            let plan = plan(rooms, members, writers);
            let mut counted = vec![0; rooms];
            for number in 0..writers {
                let (room, seat) = plan.environment(number);
                assert!(seat < plan.writers_in(room), "{plan:?}: {number}");
                counted[room] += 1;
            }
            let expected: Vec<_> = (0..rooms).map(|room| plan.writers_in(room)).collect();
            assert_eq!(counted, expected);
        }
    }

    #[test]
    fn those_who_stall_have_the_last_seats() {
        let stall = |seconds| Stall {
            after: Duration::ZERO,
            length: Duration::from_secs(seconds),
        };
        let mut plan = plan(1, 4, 1);
        plan.stalls = vec![stall(1), stall(2)];
        let stalls: Vec<_> = (0..5).map(|seat| plan.stall(seat)).collect();
        assert_eq!(stalls, [None, None, Some(stall(2)), Some(stall(1)), None]);
    }

    #[test]
    fn words_are_as_long_as_asked_and_a_rate_is_shared_out() {
        let plan = plan(10, 2, 20);
        assert_eq!(plan.words(3, 17).unwrap().as_str().len(), 128);
        assert_eq!(plan.interval(40.0), Duration::from_millis(500));
    }

    #[test]
    fn what_is_due_by_the_clock_and_has_not_arrived_is_behind() {
        let behind = |arrived| SendRate::Rate(100.0).behind(Duration::from_millis(1500), arrived);
        assert_eq!([behind(0), behind(149), behind(151)], [150, 1, 0]);
        assert_eq!(SendRate::Acked(1).behind(Duration::from_secs(9), 0), 0);
    }
}
