//! The server as the contract describes it (DESIGN, section 3): a log per room, commits in groups,
//! sends told apart by user and id, and cursors. Without sockets: frames in, frames out.

mod answers;

use crate::rng::Rng;
use answers::{counted, done, epoch, event, refuse};
use common::command::{Join, PostMessage, ReadHistory};
use common::event::MessagePosted;
use common::ids::{RequestId, Seq, UserId};
use common::reply::{Ack, Goodbye, GoodbyeReason, HistoryPage, Joined, Left, Pong, User};
use common::text::RoomName;
use common::time::Timestamp;
use common::{ClientFrame, ErrorCode, ServerFrame};
use std::collections::BTreeMap;

/// A mistake made on purpose, to see that the checks find it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bug {
    /// None: the contract is kept.
    None,
    /// A send that comes again is stored again.
    NoDedup,
    /// The ack is sent before the commit, which a crash may prevent.
    AckBeforeCommit,
    /// A join says that it replays, and begins with what comes next.
    NoReplay,
    /// What happens while a join replays is sent before the replay.
    NoHoldBack,
}

/// Which connection, by a number that is never used again.
pub(crate) type ConnectionNumber = u64;

/// What the server says, and to which connection.
pub(crate) type Out = Vec<(ConnectionNumber, ServerFrame)>;

/// A replay is no longer than this; a client that missed more reloads.
const REPLAY_MAX: u64 = 30;

pub(crate) struct Server {
    bug: Bug,
    rng: Rng,
    /// What is on disk. A room's events by seq, the first of which is 1.
    logs: BTreeMap<RoomName, Vec<MessagePosted>>,
    /// What waits for the next commit. A crash forgets it.
    batch: Vec<Uncommitted>,
    sessions: BTreeMap<ConnectionNumber, Session>,
    /// How often what happened: a simulation in which nothing goes wrong proves nothing.
    pub(crate) tally: Tally,
}

pub(crate) type Tally = BTreeMap<&'static str, u64>;

struct Session {
    user: User,
    /// The last event sent, per room.
    cursors: BTreeMap<RoomName, Seq>,
}

struct Uncommitted {
    from: ConnectionNumber,
    user: User,
    message: PostMessage,
}

impl Server {
    pub(crate) fn new(bug: Bug, seed: u64) -> Self {
        let (logs, sessions) = (BTreeMap::new(), BTreeMap::new());
        Self {
            bug,
            rng: Rng(seed),
            logs,
            batch: vec![],
            sessions,
            tally: Tally::new(),
        }
    }

    fn count(&mut self, what: &'static str) {
        *self.tally.entry(what).or_default() += 1;
    }

    pub(crate) fn log(&self, room: &RoomName) -> &[MessagePosted] {
        self.logs.get(room).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn logs(&self) -> impl Iterator<Item = (&RoomName, &Vec<MessagePosted>)> {
        self.logs.iter()
    }

    pub(crate) fn connections(&self) -> Vec<ConnectionNumber> {
        self.sessions.keys().copied().collect()
    }

    fn head(&self, room: &RoomName) -> Seq {
        Seq(u64::try_from(self.log(room).len()).unwrap())
    }

    pub(crate) fn connect(&mut self, number: ConnectionNumber, user: User, out: &mut Out) {
        let feed = RoomName::broadcast();
        let cursors = BTreeMap::from([(feed.clone(), self.head(&feed))]);
        self.sessions.insert(
            number,
            Session {
                user: user.clone(),
                cursors,
            },
        );
        out.push((number, answers::welcome(number, user)));
    }

    pub(crate) fn disconnect(&mut self, number: ConnectionNumber) {
        self.sessions.remove(&number);
    }

    /// The process is killed: memory is gone, the disk stays.
    pub(crate) fn crash(&mut self) {
        if self.has_uncommitted() {
            self.count("crashes before a commit");
        }
        self.batch.clear();
        self.sessions.clear();
    }

    /// Tells everybody that the node is about to go, and when to come back.
    pub(crate) fn say_goodbye(&mut self, out: &mut Out) {
        for number in self.connections() {
            let reconnect_after_ms = self.rng.next() % 3000;
            let goodbye = Goodbye {
                reason: GoodbyeReason::Shutdown,
                reconnect_after_ms,
            };
            out.push((number, ServerFrame::Goodbye(goodbye)));
        }
    }

    /// Puts a connection out of a room without being asked.
    pub(crate) fn put_out(&mut self, number: ConnectionNumber, out: &mut Out) {
        let Some(session) = self.sessions.get_mut(&number) else {
            return;
        };
        let room = session
            .cursors
            .keys()
            .find(|room| !room.is_broadcast())
            .cloned();
        if let Some(room) = room {
            session.cursors.remove(&room);
            self.count("clients put out of a room");
            out.push((number, ServerFrame::Left(Left { room })));
        }
    }

    /// Moves a cursor over an event that was not sent: a fault that a client must notice.
    pub(crate) fn skip(&mut self, number: ConnectionNumber) {
        let Some(session) = self.sessions.get_mut(&number) else {
            return;
        };
        for (room, cursor) in &mut session.cursors {
            // Only the next one: nobody can notice that the end of a log is missing.
            let log = self.logs.get(room).map_or(0, Vec::len);
            *cursor = cursor.next().min(Seq(u64::try_from(log).unwrap() + 1));
        }
        self.count("events skipped");
    }

    pub(crate) fn handle(&mut self, from: ConnectionNumber, frame: ClientFrame, out: &mut Out) {
        if !self.sessions.contains_key(&from) {
            return;
        }
        match frame {
            ClientFrame::Join(join) => self.join(from, &join, out),
            ClientFrame::Leave(leave) => {
                if let Some(session) = self.sessions.get_mut(&from) {
                    session.cursors.remove(&leave.room);
                }
                out.push((from, ServerFrame::Left(Left { room: leave.room })));
            }
            ClientFrame::Message(message) => self.post(from, message, out),
            ClientFrame::Broadcast(message) => {
                let (id, room) = (message.id, RoomName::broadcast());
                let (content, data) = (message.content, message.data);
                self.post(
                    from,
                    PostMessage {
                        id,
                        room,
                        content,
                        data,
                    },
                    out,
                );
            }
            ClientFrame::Ping(_) => {
                out.push((
                    from,
                    ServerFrame::Pong(Pong {
                        timestamp: Timestamp(0),
                    }),
                ));
            }
            // Markers may be lost, and nobody changes anything here yet.
            ClientFrame::Edit(_)
            | ClientFrame::Delete(_)
            | ClientFrame::React(_)
            | ClientFrame::Read(_) => {}
            ClientFrame::History(history) => self.history(from, &history, out),
        }
    }

    fn join(&mut self, from: ConnectionNumber, join: &Join, out: &mut Out) {
        let Some(session) = self.sessions.get(&from) else {
            return;
        };
        if !join.room.is_broadcast() && session.cursors.contains_key(&join.room) {
            return refuse(from, join.id.as_ref(), ErrorCode::AlreadyJoined, out);
        }
        let head = self.head(&join.room);
        let known = join.epoch == Some(epoch()) && join.since.is_some_and(|since| since <= head);
        let since = join
            .since
            .filter(|since| known && head.back(REPLAY_MAX) <= *since);
        // A server may replay a little more than it was asked for.
        let overlap = since.map(|since| since.back(self.rng.next() % 4));
        let after = overlap.unwrap_or(head.back(join.last.unwrap_or_default()));
        let complete = join.since.is_none() || since.is_some();
        self.count(match (join.since, complete, join.since < Some(head)) {
            (None, ..) => "first joins",
            (Some(_), true, false) => "resumes with nothing missed",
            (Some(_), true, true) => "resumes with a replay",
            (Some(_), false, _) => "resumes that reload",
        });
        let room = join.room.clone();
        out.push((
            from,
            ServerFrame::Joined(Joined {
                room,
                epoch: epoch(),
                head,
                after,
                complete,
                read: None,
            }),
        ));
        done(from, join.id.as_ref(), out);
        out.push((from, ServerFrame::Presence(counted(&join.room))));
        let cursor = if self.bug == Bug::NoReplay {
            head
        } else {
            after
        };
        if let Some(session) = self.sessions.get_mut(&from) {
            session.cursors.insert(join.room.clone(), cursor);
        }
        let live = self
            .log(&join.room)
            .last()
            .filter(|message| message.seq > after);
        if let Some(live) = live.filter(|_| self.bug == Bug::NoHoldBack) {
            out.push((from, event(live)));
        }
        self.deliver(from, out);
    }

    fn post(&mut self, from: ConnectionNumber, message: PostMessage, out: &mut Out) {
        let Some(session) = self.sessions.get(&from) else {
            return;
        };
        if !message.room.is_broadcast() && !session.cursors.contains_key(&message.room) {
            self.count("sends from outside the room");
            return refuse(from, message.id.as_ref(), ErrorCode::NotJoined, out);
        }
        if self.rng.below(30) == 0 {
            self.count("sends refused for the moment");
            return refuse(from, message.id.as_ref(), ErrorCode::Overloaded, out);
        }
        let user = session.user.clone();
        if self.bug == Bug::AckBeforeCommit {
            done(from, message.id.as_ref(), out);
        }
        self.batch.push(Uncommitted {
            from,
            user,
            message,
        });
    }

    pub(crate) fn has_uncommitted(&self) -> bool {
        !self.batch.is_empty()
    }

    /// Writes the batch to disk; then come the acks and the events, in either order.
    pub(crate) fn commit(&mut self, out: &mut Out) {
        let mut acks = vec![];
        for Uncommitted {
            from,
            user,
            message,
        } in std::mem::take(&mut self.batch)
        {
            let (room, id) = (message.room.clone(), message.id.clone());
            let stored = id.as_ref().and_then(|id| self.find(&user.id, id));
            let seq = match stored.filter(|_| self.bug != Bug::NoDedup) {
                Some(seq) => {
                    self.count("sends that came again");
                    seq
                }
                None => {
                    self.count("sends stored");
                    self.append(&user, message)
                }
            };
            acks.push((from, id, room, seq));
        }
        let acks_first = self.rng.below(2) == 0;
        if !acks_first {
            self.deliver_all(out);
        }
        for (from, id, room, seq) in acks {
            self.ack(from, id, room, seq, out);
        }
        self.deliver_all(out);
    }

    fn append(&mut self, user: &User, message: PostMessage) -> Seq {
        let seq = self.head(&message.room).next();
        self.logs
            .entry(message.room.clone())
            .or_default()
            .push(MessagePosted {
                room: message.room,
                seq,
                from: user.name.clone(),
                user: user.id.clone(),
                id: message.id,
                content: message.content,
                data: message.data,
                timestamp: Timestamp(seq.0),
                deleted: false,
                edited_at: None,
                reactions: vec![],
            });
        seq
    }

    fn find(&self, user: &UserId, id: &RequestId) -> Option<Seq> {
        let same = |m: &&MessagePosted| m.user == *user && m.id.as_ref() == Some(id);
        self.logs
            .values()
            .flatten()
            .find(same)
            .map(|message| message.seq)
    }

    fn ack(
        &self,
        to: ConnectionNumber,
        id: Option<RequestId>,
        room: RoomName,
        seq: Seq,
        out: &mut Out,
    ) {
        let is_there = self.sessions.contains_key(&to) && self.bug != Bug::AckBeforeCommit;
        if let Some(id) = id.filter(|_| is_there) {
            let place = (Some(room), Some(seq), Some(epoch()));
            let ack = Ack {
                room: place.0,
                seq: place.1,
                epoch: place.2,
                ..Ack::done(id)
            };
            out.push((to, ServerFrame::Ack(Box::new(ack))));
        }
    }

    fn deliver_all(&mut self, out: &mut Out) {
        for number in self.connections() {
            self.deliver(number, out);
        }
    }

    /// Sends whatever lies behind a connection's cursors: old and live through the same door.
    fn deliver(&mut self, to: ConnectionNumber, out: &mut Out) {
        let Some(session) = self.sessions.get_mut(&to) else {
            return;
        };
        for (room, cursor) in &mut session.cursors {
            let log = self.logs.get(room).map_or(&[][..], Vec::as_slice);
            for message in log.iter().filter(|message| message.seq > *cursor) {
                out.push((to, event(message)));
            }
            *cursor = (*cursor).max(log.last().map_or(Seq::ZERO, |message| message.seq));
        }
    }

    fn history(&mut self, from: ConnectionNumber, asked: &ReadHistory, out: &mut Out) {
        self.count("pages of history");
        let log = self.log(&asked.room);
        let end = asked.before.map_or(log.len(), |before| {
            usize::try_from(before.0.saturating_sub(1))
                .unwrap()
                .min(log.len())
        });
        let start = end.saturating_sub(asked.limit.unwrap_or(10));
        let page = HistoryPage {
            room: asked.room.clone(),
            epoch: epoch(),
            head: self.head(&asked.room),
            messages: log[start..end].to_vec(),
            more: start > 0,
        };
        if let Some(id) = asked.id.clone() {
            let ack = Ack {
                page: Some(page),
                ..Ack::done(id)
            };
            out.push((from, ServerFrame::Ack(Box::new(ack))));
        }
    }
}
