//! The server as the contract describes it (DESIGN, section 3): a log per room, commits in groups,
//! sends told apart by user and id, cursors, markers. Without sockets: frames in, frames out.

mod answers;
mod join;
mod mishaps;
mod post;

use super::logs::Logs;
use super::mutants::Bug;
use super::store::Store;
use crate::rng::Rng;
use crate::seeds::Tally;
use crate::server::ConnectionNumber;
use crate::time::Time;
use answers::{done, refuse};
use common::command::{MarkRead, ReadHistory};
use common::ids::{Seq, UserId};
use common::reply::{Ack, HistoryPage, Left, Pong, ReadUpTo};
use common::text::RoomName;
use common::time::Timestamp;
use common::user::User;
use common::{ClientFrame, ErrorCode, ServerFrame};
use post::Uncommitted;
use std::collections::BTreeMap;

/// What the server says, and to which connection.
pub(crate) type Out = Vec<(ConnectionNumber, ServerFrame)>;

pub(in crate::model) struct ModelServer {
    pub(crate) bug: Bug,
    rng: Rng,
    /// The disk, and what was on it in its lives before this one.
    stores: Vec<Store>,
    /// An older copy of the disk, and which of its lives that was.
    backup: Option<Store>,
    /// What waits for the next commit. A crash forgets it.
    batch: Vec<Uncommitted>,
    /// Pages that are read when the next commit is on disk, before anybody is told of it; and those
    /// that are read at once, and answered behind what happened meanwhile.
    unread_pages: Vec<(ConnectionNumber, ReadHistory)>,
    late_pages: Out,
    /// Markers that are not on disk yet.
    markers: BTreeMap<(UserId, RoomName), Seq>,
    sessions: BTreeMap<ConnectionNumber, Session>,
    /// It refuses what it need not refuse.
    pub(crate) faulty: bool,
    /// Stored since the last check.
    pub(crate) fresh: Vec<(RoomName, Seq)>,
    pub(crate) tally: Tally,
    pub(crate) logs: Logs,
    /// Nobody gets through to it before this.
    pub(crate) up_at: Time,
    /// A commit is to come.
    pub(crate) commit_due: bool,
}

struct Session {
    user: User,
    rooms: BTreeMap<RoomName, Cursor>,
}

#[derive(Clone, Copy)]
struct Cursor {
    /// The last event sent.
    sent: Seq,
    /// The last marker heard on this connection.
    marked: Seq,
}

impl ModelServer {
    pub(crate) fn new(bug: Bug, seed: u64) -> Self {
        Self {
            bug,
            rng: Rng(seed),
            stores: vec![Store::new()],
            backup: None,
            batch: vec![],
            unread_pages: vec![],
            late_pages: vec![],
            markers: BTreeMap::new(),
            sessions: BTreeMap::new(),
            faulty: true,
            fresh: vec![],
            tally: Tally::new(),
            logs: Logs::default(),
            up_at: 0,
            commit_due: false,
        }
    }

    pub(crate) fn count(&mut self, what: &'static str) {
        *self.tally.entry(what).or_default() += 1;
    }

    /// One chance in so many, as long as things go wrong.
    fn by_chance(&mut self, of: usize) -> bool {
        self.faulty && self.rng.below(of) == 0
    }

    pub(crate) fn store(&self) -> &Store {
        self.stores.last().expect("there is always one")
    }

    fn store_mut(&mut self) -> &mut Store {
        self.stores.last_mut().expect("there is always one")
    }

    /// How many lives the disk has had.
    pub(crate) fn life(&self) -> usize {
        self.stores.len()
    }

    /// The disk in all its lives.
    pub(crate) fn stores(&self) -> &[Store] {
        &self.stores
    }

    pub(crate) fn connections(&self) -> Vec<ConnectionNumber> {
        self.sessions.keys().copied().collect()
    }

    pub(crate) fn has_uncommitted(&self) -> bool {
        !self.batch.is_empty() || !self.unread_pages.is_empty() || !self.late_pages.is_empty()
    }

    pub(crate) fn user_marker(&self, user: &UserId, room: &RoomName) -> Option<Seq> {
        let unsaved = self.markers.get(&(user.clone(), room.clone())).copied();
        self.store().marker(user, room).max(unsaved)
    }

    pub(crate) fn connect(&mut self, number: ConnectionNumber, user: User, out: &mut Out) {
        let feed = RoomName::broadcast();
        let sent = self.store().life.log(&feed).head();
        let marked = Seq::ZERO;
        let session = Session {
            user: user.clone(),
            rooms: BTreeMap::from([(feed, Cursor { sent, marked })]),
        };
        self.sessions.insert(number, session);
        out.push((number, answers::welcome(number, user)));
    }

    pub(crate) fn disconnect(&mut self, number: ConnectionNumber) {
        self.sessions.remove(&number);
    }

    pub(crate) fn handle(&mut self, from: ConnectionNumber, frame: ClientFrame, out: &mut Out) {
        if !self.sessions.contains_key(&from) {
            return;
        }
        match frame {
            ClientFrame::Join(join) => self.join(from, &join, out),
            ClientFrame::Leave(leave) => {
                if let Some(session) = self.sessions.get_mut(&from) {
                    session.rooms.remove(&leave.room);
                }
                out.push((
                    from,
                    ServerFrame::Left(Left {
                        room: leave.room,
                        reason: None,
                    }),
                ));
            }
            ClientFrame::Read(read) => self.mark(from, &read, out),
            ClientFrame::Ping(_) => {
                let timestamp = Timestamp(0);
                out.push((from, ServerFrame::Pong(Pong { timestamp })));
            }
            ClientFrame::History(history) => self.history(from, history, out),
            send => self.post(from, send, out),
        }
    }

    fn mark(&mut self, from: ConnectionNumber, read: &MarkRead, out: &mut Out) {
        let head = self.store().life.log(&read.room).head();
        let Some(session) = self.sessions.get_mut(&from) else {
            return;
        };
        let Some(cursor) = session.rooms.get_mut(&read.room) else {
            return refuse(from, read.id.as_ref(), ErrorCode::NotJoined, out);
        };
        let seq = read.seq.min(head);
        if seq <= cursor.marked {
            return;
        }
        cursor.marked = seq;
        let user = session.user.id.clone();
        self.count("markers");
        let marker = self.markers.entry((user.clone(), read.room.clone()));
        let marker = marker.or_default();
        *marker = (*marker).max(seq);
        if self.bug == Bug::MarkersNotTold {
            return;
        }
        for (number, session) in &self.sessions {
            if *number != from && session.user.id == user {
                let room = read.room.clone();
                out.push((*number, ServerFrame::Read(ReadUpTo { room, seq })));
            }
        }
    }

    /// The real one reads a page while other things go on: what is in it may be older than what was
    /// told since, or newer than what was told before.
    fn history(&mut self, from: ConnectionNumber, asked: ReadHistory, out: &mut Out) {
        self.count("pages of history");
        if self.by_chance(20) {
            return refuse(from, asked.id.as_ref(), ErrorCode::StoreUnavailable, out);
        }
        match self.rng.below(3) {
            0 => out.push((from, self.page(&asked))),
            1 => {
                let page = self.page(&asked);
                self.late_pages.push((from, page));
            }
            _ => self.unread_pages.push((from, asked)),
        }
    }

    fn page(&self, asked: &ReadHistory) -> ServerFrame {
        let (epoch, log) = (
            self.store().life.epoch.clone(),
            self.store().life.log(&asked.room),
        );
        let (found, more) = log.page(asked.before, asked.limit.unwrap_or(10));
        let at = |seq| match self.bug {
            Bug::PagesWithoutChanges => seq,
            _ => log.head(),
        };
        let states = found.into_iter().map(|seq| {
            let state = log.state(seq, at(seq));
            state.expect("a page is of messages").as_ref().clone()
        });
        let page = HistoryPage {
            room: asked.room.clone(),
            epoch,
            head: log.head(),
            messages: states.collect(),
            more,
        };
        let id = asked.id.clone().expect("a page needs an id");
        let page = Some(page);
        ServerFrame::Ack(Box::new(Ack {
            page,
            ..Ack::done(id)
        }))
    }

    /// Sends whatever lies behind a connection's cursors: old and live through the same door.
    fn deliver(&mut self, to: ConnectionNumber, out: &mut Out) {
        let store = self.stores.last().expect("there is always one");
        let Some(session) = self.sessions.get_mut(&to) else {
            return;
        };
        for (room, cursor) in &mut session.rooms {
            let log = store.life.log(room);
            for seq in (cursor.sent.0 + 1..=log.head().0).map(Seq) {
                out.push((to, log.frame(seq)));
            }
            cursor.sent = cursor.sent.max(log.head());
        }
    }

    fn deliver_all(&mut self, out: &mut Out) {
        for number in self.connections() {
            self.deliver(number, out);
        }
    }
}
