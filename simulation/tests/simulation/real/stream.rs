//! What one connection is sent. A client mends a gap by joining again, so that its view alone would
//! not show one: here it does.

use super::truth::Truth;
use common::command::Join;
use common::ids::{Epoch, RequestId, Seq, UserId};
use common::reply::Joined;
use common::text::RoomName;
use common::{ClientFrame, ServerFrame};
use std::collections::BTreeMap;

#[derive(Default)]
pub(crate) struct Stream {
    /// Joins that are not answered yet.
    joins: Vec<Join>,
    /// The last event that was sent, or the one below the first that is to be; and of which log, if
    /// the server has said so.
    cursors: BTreeMap<RoomName, (Option<Epoch>, Seq)>,
}

impl Stream {
    /// The client asks for something.
    pub(crate) fn asked(&mut self, frame: &ClientFrame) {
        if let ClientFrame::Join(join) = frame {
            self.joins.push(join.clone());
        }
    }

    /// The server says something. Returns what kind of answer it is, where that is of interest.
    pub(crate) fn hear(&mut self, frame: &ServerFrame, truth: &Truth) -> Option<&'static str> {
        match frame {
            ServerFrame::Joined(joined) => return Some(self.joined(joined, truth)),
            ServerFrame::Left(left) => drop(self.cursors.remove(&left.room)),
            ServerFrame::Error(error) => self.joins.retain(|join| join.id != error.id),
            ServerFrame::Message(e) => self.event(&e.room, e.seq, &e.user, e.id.as_ref(), truth),
            ServerFrame::Edited(e) => self.event(&e.room, e.seq, &e.user, e.id.as_ref(), truth),
            ServerFrame::Deleted(e) => self.event(&e.room, e.seq, &e.user, e.id.as_ref(), truth),
            ServerFrame::Reacted(e) => self.event(&e.room, e.seq, &e.user, e.id.as_ref(), truth),
            ServerFrame::Broadcast(e) => {
                let room = RoomName::broadcast();
                self.event(&room, e.seq, &e.user, e.id.as_ref(), truth);
            }
            _ => {}
        }
        None
    }

    /// What follows begins where the client left off, if that can be; and it is said, if not.
    fn joined(&mut self, joined: &Joined, truth: &Truth) -> &'static str {
        let room = &joined.room;
        let at = self.joins.iter().position(|join| join.room == *room);
        let join = self.joins.remove(at.expect("nobody asked to be let in"));
        let log = truth.life_of(&joined.epoch).log(room);
        let (head, after) = (joined.head, joined.after);
        assert!(after <= head && head <= log.head(), "{joined:?}");
        let cursor = (Some(joined.epoch.clone()), after);
        self.cursors.insert(room.clone(), cursor);
        let same = join.epoch.as_ref() == Some(&joined.epoch);
        match join.since {
            Some(since) if joined.complete => {
                assert!(same && after == since, "{joined:?} for {join:?}");
                match since == head {
                    true => "resumes with nothing missed",
                    false => "resumes with a replay",
                }
            }
            Some(since) => {
                let is_whole = same && (log.floor..=head).contains(&since);
                assert!(!is_whole, "{joined:?} for {join:?}");
                "resumes that reload"
            }
            None => {
                let from = head.back(join.last.unwrap_or_default());
                let is_due = after == from || (after > from && after <= log.floor);
                assert!(joined.complete && is_due, "{joined:?} for {join:?}");
                "first joins"
            }
        }
    }

    fn event(
        &mut self,
        room: &RoomName,
        seq: Seq,
        user: &UserId,
        id: Option<&RequestId>,
        truth: &Truth,
    ) {
        // Everybody follows the built-in room without having asked.
        let first = (None, seq.back(1));
        let cursor = match room.is_broadcast() {
            true => self.cursors.entry(room.clone()).or_insert(first),
            false => {
                let cursor = self.cursors.get_mut(room);
                cursor.unwrap_or_else(|| panic!("{seq} of {room}, which was not joined"))
            }
        };
        assert_eq!(seq, cursor.1.next(), "the next event sent of {room}");
        cursor.1 = seq;
        if let Some(epoch) = &cursor.0 {
            let event = truth.life_of(epoch).log(room).event(seq);
            let is_it = event.is_some_and(|e| e.user.id == *user && e.id.as_ref() == id);
            assert!(
                is_it,
                "{id:?} was sent as {seq} of {room} and is not stored"
            );
        }
    }
}
