//! Frames with an `id` that the server has not answered yet, on one connection.

use super::input::Millis;
use crate::ids::RequestId;
use crate::text::RoomName;
use std::collections::VecDeque;

/// What a request was for, and in which room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    Join,
    Send,
    History,
    RoomList,
}

#[derive(Debug, Clone)]
struct Request {
    id: RequestId,
    purpose: Purpose,
    room: RoomName,
    sent: Millis,
}

/// In the order in which they were sent. Bounded without a number of its own: at most one join,
/// one send and one page of history per room, and what the user asks for the list of rooms.
#[derive(Debug, Clone, Default)]
pub(super) struct Requests(VecDeque<Request>);

impl Requests {
    pub(super) fn add(&mut self, id: RequestId, purpose: Purpose, room: RoomName, now: Millis) {
        self.0.push_back(Request {
            id,
            purpose,
            room,
            sent: now,
        });
    }

    /// The server answered this one: what it was for. `None` for an answer nobody waits for.
    pub(super) fn answered(&mut self, id: &RequestId) -> Option<(Purpose, RoomName)> {
        // Answers come nearly in the order of the requests: it is among the first.
        let at = self.0.iter().position(|request| request.id == *id)?;
        let request = self.0.remove(at)?;
        Some((request.purpose, request.room))
    }

    /// When the one that waits longest was sent.
    pub(super) fn oldest(&self) -> Option<Millis> {
        self.0.front().map(|request| request.sent)
    }

    /// The machine slept: the time that passed says nothing about the server.
    pub(super) fn start_over(&mut self, now: Millis) {
        for request in &mut self.0 {
            request.sent = now;
        }
    }
}
