//! What the members of a room are told about who is there: each one's view of it, kept as the
//! client core keeps it, and what the telling took.

use anyhow::{Context, Result, bail};
use common::ServerFrame;
use common::client::OnlineUsers;
use common::codec::decode_server;
use common::limits::PRESENCE_USERS_MAX;
use std::collections::BTreeSet;
use tokio::time::Instant;

/// How a frame of presence begins: the server writes `type` first.
const BEGINNING: &[u8] = br#"{"type":"presence","#;

/// See the module.
pub(super) struct PresenceBook {
    /// By seat.
    seats: Vec<Seat>,
    /// When the newest member joined.
    joined_at: Option<Instant>,
}

#[derive(Default)]
struct Seat {
    view: OnlineUsers,
    frames: u64,
    bytes: u64,
    told_at: Option<Instant>,
}

/// What all who are in the room were told since it was last asked, and what they know.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct PresenceReceived {
    pub(crate) frames: u64,
    /// Of these frames on the wire, their headers included.
    pub(crate) bytes: u64,
    /// Frames of the member that was sent most.
    pub(crate) frames_most: u64,
    /// When somebody was last told anything, and when the newest member joined.
    pub(crate) told_at: Option<Instant>,
    pub(crate) joined_at: Option<Instant>,
    /// Members who do not know how many are there, or, where they are few, who.
    pub(crate) wrong: u64,
}

impl PresenceBook {
    pub(super) fn new(members: usize) -> Self {
        Self {
            seats: (0..members).map(|_| Seat::default()).collect(),
            joined_at: None,
        }
    }

    pub(super) fn joined(&mut self, now: Instant) {
        self.joined_at = Some(now);
    }

    /// The member on this seat was sent a text. Others than those about presence are passed over.
    ///
    /// # Errors
    /// It begins like one about presence, and is none.
    pub(super) fn see(&mut self, seat: usize, text: &[u8], now: Instant) -> Result<()> {
        if !text.starts_with(BEGINNING) {
            return Ok(());
        }
        let ServerFrame::Presence(news) = decode_server(std::str::from_utf8(text)?)? else {
            bail!("not `presence`: {}", String::from_utf8_lossy(text));
        };
        let seat = self.seats.get_mut(seat).context("no such seat")?;
        seat.view.apply(news);
        seat.frames += 1;
        seat.bytes += u64::try_from(text.len() + header_bytes(text.len()))?;
        seat.told_at = Some(now);
        Ok(())
    }

    /// Whether the first so many seats all know that so many are there.
    pub(super) fn all_know(&self, seats: usize, count: usize) -> bool {
        let mut seats = self.seats.iter().take(seats);
        seats.all(|seat| seat.view.count() == count)
    }

    /// What the first so many seats were told, and whether they know that these are there; counts
    /// anew from now on.
    pub(super) fn take(&mut self, seats: usize, names: &BTreeSet<String>) -> PresenceReceived {
        let mut heard = PresenceReceived {
            joined_at: self.joined_at,
            ..PresenceReceived::default()
        };
        for seat in self.seats.iter_mut().take(seats) {
            let (frames, bytes) = (&mut seat.frames, &mut seat.bytes);
            let (frames, bytes) = (std::mem::take(frames), std::mem::take(bytes));
            heard.frames += frames;
            heard.bytes += bytes;
            heard.frames_most = heard.frames_most.max(frames);
            heard.told_at = heard.told_at.max(seat.told_at);
            heard.wrong += u64::from(!knows(&seat.view, names));
        }
        heard
    }
}

/// Whether somebody knows that these are there: how many, and who, where they are few enough.
fn knows(view: &OnlineUsers, names: &BTreeSet<String>) -> bool {
    if names.len() > PRESENCE_USERS_MAX {
        return view.count() == names.len();
    }
    let Some(users) = view.users() else {
        return false;
    };
    let known: BTreeSet<&str> = users.iter().map(|user| user.name.as_str()).collect();
    let count = view.count();
    count == users.len() && known.iter().copied().eq(names.iter().map(String::as_str))
}

/// Of a frame that a server sends (RFC 6455, section 5.2): without a mask.
fn header_bytes(payload: usize) -> usize {
    match payload {
        ..126 => 2,
        126..65_536 => 4,
        _ => 10,
    }
}

#[cfg(test)]
mod tests;
