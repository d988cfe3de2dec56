//! A cursor is placed in a log.

use super::answers::{counted, done, refuse};
use super::{Cursor, ModelServer, Out};
use crate::model::mutants::Bug;
use crate::server::ConnectionNumber;
use common::command::Join;
use common::ids::Seq;
use common::reply::Joined;
use common::{ErrorCode, ServerFrame};

/// A replay is no longer than this; a client that missed more reloads.
const REPLAY_MAX: u64 = 60;

/// Where a cursor stands, and whether that is where the client left off.
struct Cut {
    after: Seq,
    complete: bool,
}

impl ModelServer {
    pub(super) fn join(&mut self, from: ConnectionNumber, join: &Join, out: &mut Out) {
        let Some(session) = self.sessions.get(&from) else {
            return;
        };
        if !join.room.is_broadcast() && session.rooms.contains_key(&join.room) {
            return refuse(from, join.id.as_ref(), ErrorCode::AlreadyJoined, out);
        }
        let user = session.user.id.clone();
        if self.by_chance(60) {
            self.count("joins refused for the moment");
            return refuse(from, join.id.as_ref(), ErrorCode::Overloaded, out);
        }
        if !join.room.is_broadcast() && self.by_chance(200) {
            self.count("joins refused for good");
            return refuse(from, join.id.as_ref(), ErrorCode::TooManyRooms, out);
        }
        let Cut { after, complete } = self.place(join);
        let head = self.store().life.log(&join.room).head();
        self.count(match (join.since, complete, join.since < Some(head)) {
            (None, ..) => "first joins",
            (Some(_), true, false) => "resumes with nothing missed",
            (Some(_), true, true) => "resumes with a replay",
            (Some(_), false, _) => "resumes that reload",
        });
        let read = self.user_marker(&user, &join.room);
        let joined = Joined {
            room: join.room.clone(),
            epoch: self.store().life.epoch.clone(),
            head,
            after,
            complete,
            read: read.filter(|_| self.bug != Bug::MarkersNotTold),
        };
        out.push((from, ServerFrame::Joined(joined)));
        done(from, join.id.as_ref(), out);
        out.push((from, ServerFrame::Presence(counted(&join.room))));
        let sent = match self.bug {
            Bug::NoReplay => head,
            _ => after.max(self.store().life.log(&join.room).floor),
        };
        let marked = Seq::ZERO;
        if let Some(session) = self.sessions.get_mut(&from) {
            let cursor = Cursor { sent, marked };
            session.rooms.insert(join.room.clone(), cursor);
        }
        if self.bug == Bug::NoHoldBack && head > after {
            out.push((from, self.store().life.log(&join.room).frame(head)));
        }
        self.deliver(from, out);
    }

    fn place(&mut self, join: &Join) -> Cut {
        // A server may replay a little more than it was asked for.
        let overlap = self.rng.next() % 4;
        let store = self.store();
        let log = store.life.log(&join.room);
        let head = log.head();
        let floor = match self.bug {
            Bug::FloorNotKept => Seq::ZERO,
            _ => log.floor,
        };
        let known = join.epoch.as_ref() == Some(&store.life.epoch);
        let whole = |since: &Seq| {
            known && (floor..=head).contains(since) && head.back(REPLAY_MAX) <= *since
        };
        let last = head.back(join.last.unwrap_or_default()).max(log.floor);
        match (join.since, join.since.filter(whole)) {
            (_, Some(since)) => Cut {
                after: since.back(overlap).max(floor),
                complete: true,
            },
            (since, None) => Cut {
                after: last,
                complete: since.is_none(),
            },
        }
    }
}
